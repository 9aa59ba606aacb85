"""
Any read operation of PM, by its name or by its address: found in the endpoint table, asked page by page, secrets masked.

What writes is refused before anything is sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import anyio

from pmbulk.door.reading import reader
from pmbulk.door.running import Target
from pmbulk.endpoints import ENDPOINTS, Endpoint
from pmbulk.entities.names import fold, nearest_sentence
from pmbulk.errors import UsageError
from pmbulk.pm.paging import DEFAULTS, PAGE_PARAMETERS
from pmbulk.secret import masked

__all__ = ["Read", "get_all", "read_of"]


@dataclass(frozen=True, slots=True)
class Read:
    """One read operation with all its parameters."""

    endpoint: Endpoint
    path: Mapping[str, str]
    query: Mapping[str, str]


def read_of(address: str, parameters: Sequence[str] = ()) -> Read:
    """
    The read that *address* means: an operation's name (``listUsers``) or a path, with a query or with *parameters* such as ``userId=anna.berg``.

    Raises:
        UsageError: If there is no such operation, if it writes, or if parameters are missing or unknown.
    """
    found, path, query = _by_name(address) or _by_path(address)
    if not found.reads:
        kind = "is about the session" if found.of_session else f"writes ({found.method})"
        raise UsageError(f"{found.name} {kind}; `pmbulk get` only reads")
    given = dict(query)
    for parameter in parameters:
        name, equals, value = parameter.partition("=")
        if not equals:
            raise UsageError(f"'{parameter}' is neither an operation nor a parameter; type parameters like name=value")
        given[name] = value
    return _complete(found, path, given)


def get_all(reads: Sequence[Read], target: Target) -> list[Any]:
    """
    PM's answers to *reads* with every secret masked; of a list all pages.

    Raises:
        RowError: If PM refuses, or does not have what is asked for.
        UnreachableError: If PM does not answer.
        LoginError: If PM refuses the credentials.
    """
    return anyio.run(partial(_answers, reads, target))


async def _answers(reads: Sequence[Read], target: Target) -> list[Any]:
    async with reader(target) as client:
        answers: list[Any] = []
        for one in reads:
            if one.endpoint.paging is not None:
                answers.append(masked(await client.items(one.endpoint.name, path=one.path, query=one.query)))
            else:
                answers.append(masked((await client.call(one.endpoint.name, path=one.path, query=one.query)).content))
        return answers


def _by_name(address: str) -> tuple[Endpoint, dict[str, str], dict[str, str]] | None:
    found = next((known for name, known in ENDPOINTS.items() if fold(name) == fold(address)), None)
    return None if found is None else (found, {}, {})


def _by_path(address: str) -> tuple[Endpoint, dict[str, str], dict[str, str]]:
    """
    The operation at a path.

    Raises:
        UsageError: If there is none; names the nearest.
    """
    try:
        # Nobody means a place in a page, but users' ids may have a # (QUIRKS 51).
        parts = urlsplit(address.replace("#", "%23"))
    except ValueError as error:
        raise UsageError(f"'{address}' is no address: {error}") from error
    segments = parts.path.strip("/").split("/")
    # A fixed segment counts before a placeholder (QUIRKS 58), and a read before a write at the same path.
    known = sorted(ENDPOINTS.values(), key=lambda one: (len(one.path_parameters), one.method != "GET"))
    for endpoint in known:
        path = _match(endpoint, segments)
        if path is not None:
            return endpoint, path, dict(parse_qsl(parts.query, keep_blank_values=True))
    reads = [one for one in ENDPOINTS.values() if one.reads]
    candidates = [one.path for one in reads] if "/" in address else [one.name for one in reads]
    raise UsageError(f"'{address}' is no operation of PM.{nearest_sentence(parts.path, candidates)}")


def _match(endpoint: Endpoint, segments: Sequence[str]) -> dict[str, str] | None:
    """The values of *endpoint*'s placeholders in a path; ``None`` if it is another path."""
    wanted = endpoint.path.strip("/").split("/")
    if len(wanted) != len(segments):
        return None
    values: dict[str, str] = {}
    for want, segment in zip(wanted, segments, strict=True):
        if want.startswith("{"):
            # A placeholder typed as it is printed stands for a parameter that comes by name.
            if segment != want:
                values[want[1:-1]] = unquote(segment)
        elif fold(want) != fold(segment):
            return None
    return values


def _complete(endpoint: Endpoint, path: Mapping[str, str], given: Mapping[str, str]) -> Read:
    """
    The read with every parameter in its place.

    Raises:
        UsageError: If one is missing or unknown.
    """
    # All pages are read, so which one is asked for is nobody's choice.
    paging = {fold(name) for name in PAGE_PARAMETERS} if endpoint.paging is not None else set()
    spellings = {fold(name): name for name in (*endpoint.path_parameters, *endpoint.query) if fold(name) not in paging}
    values = dict(path)
    for name, value in given.items():
        if fold(name) in paging:
            continue
        if fold(name) not in spellings:
            takes = f" It takes {', '.join(spellings.values())}." if spellings else " It takes none."
            raise UsageError(f"{endpoint.name} has no parameter '{name}'.{takes}")
        values[spellings[fold(name)]] = value
    values = {**DEFAULTS.get(endpoint.name, {}), **values}
    missing = [name for name in spellings.values() if name not in values]
    if missing:
        raise UsageError(f"{endpoint.name} also needs {' '.join(f'{name}=…' for name in missing)}")
    return Read(
        endpoint,
        {name: values[name] for name in endpoint.path_parameters},
        {name: values[name] for name in endpoint.query if name in values},
    )

"""
From a request line to its endpoint: a tree of path segments made from the endpoint table.

Fixed segments come before placeholders (QUIRKS 58), and each segment is decoded by itself, so that an id may hold a slash (QUIRKS 51).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

from pmbulk.endpoints import ENDPOINTS, Endpoint
from pmbulk.simulator.answers import RefusedError

__all__ = ["Routes"]

_PLACEHOLDER: Final = ""


@dataclass(slots=True)
class _Node:
    below: dict[str, _Node] = field(default_factory=dict)
    endpoints: dict[str, Endpoint] = field(default_factory=dict)


class Routes:
    """The paths of *endpoints*."""

    def __init__(self, endpoints: Iterable[Endpoint] = ENDPOINTS.values()) -> None:
        self._root = _Node()
        for each in endpoints:
            node = self._root
            for segment in each.path.split("/")[1:]:
                node = node.below.setdefault(_PLACEHOLDER if segment.startswith("{") else segment, _Node())
            node.endpoints[each.method] = each

    def find(self, method: str, raw_path: str) -> tuple[Endpoint, dict[str, str]]:
        """
        The endpoint at *raw_path*, which is still percent-encoded, and its path parameters.

        Raises:
            RefusedError: 404 if no endpoint has such a path, 405 if none has it with this method.
        """
        segments = raw_path.split("/")[1:]
        found = _walk(self._root, segments, method, ())
        if found is not None:
            endpoint, values = found
            return endpoint, dict(zip(endpoint.path_parameters, (unquote(value) for value in values), strict=True))
        allow = [other for other in ("GET", "POST", "PUT", "DELETE") if _walk(self._root, segments, other, ())]
        if allow:
            raise RefusedError(405, f"Request method {method} is not supported here", allow=allow)
        raise RefusedError(404, "No such path", code="NO_SUCH_PATH")


def _walk(node: _Node, segments: list[str], method: str, values: tuple[str, ...]) -> tuple[Endpoint, tuple[str, ...]] | None:
    if not segments:
        return (node.endpoints[method], values) if method in node.endpoints else None
    segment, rest = segments[0], segments[1:]
    if segment in node.below and segment != _PLACEHOLDER:
        found = _walk(node.below[segment], rest, method, values)
        if found is not None:
            return found
    if _PLACEHOLDER in node.below and segment:
        return _walk(node.below[_PLACEHOLDER], rest, method, (*values, segment))
    return None

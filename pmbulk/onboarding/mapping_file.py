"""
The mapping file as it stands: its form, and where in it something is wrong.

Knows the keys and what may stand behind them; what the expressions mean is not its business.
"""

from __future__ import annotations

import re
import tomllib
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from pmbulk.errors import UsageError

__all__ = ["MappingFile", "NumberRule", "Place", "RecordRule", "SecretRule", "UserIdRule", "parse_mapping", "wrong"]

_Words = Annotated[str, Field(min_length=1)]
_Name = Annotated[str, Field(pattern=r"^[A-Za-z_]\w*$")]


def _in_order(written: str) -> str:
    low, _, high = (part.strip() for part in written.partition("-"))
    if high and (len(low) != len(high) or low > high):
        raise ValueError(f"'{written}' is no range: both numbers have as many digits, and the lower one comes first")
    return written


_Range = Annotated[str, Field(pattern=r"^\s*\d{2,20}\s*(-\s*\d{2,20}\s*)?$"), AfterValidator(_in_order)]
#: One range may stand without the brackets of a list.
_Ranges = Annotated[tuple[_Range, ...], BeforeValidator(lambda given: (given,) if isinstance(given, str) else given)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Source(_Part):
    """Where the people stand in HR's file: the *sheet*, the row of the headers (from 1; ``None``: found), which rows count, what to fill down."""

    sheet: str | None = None
    header_row: Annotated[int, Field(ge=1)] | None = None
    filter: str | None = None
    fill_down: tuple[_Name, ...] = ()
    language: str = ""


class Person(_Part):
    """Who a row is: an expression for the *key*, the users' column that PM *keeps* it in, and the condition for being *active*."""

    key: _Words
    keep_in: _Words | None = None
    active: str | None = None


class UserIdRule(_Part):
    """User ids: the first choice to *take*, what to do in a *collision*, and ids that are nobody's."""

    take: _Words
    collision: Literal["number", "fail"] = "number"
    reserved: tuple[str, ...] = ()
    max_length: Annotated[int, Field(ge=4, le=255)] = 30


class NumberRule(_Part):
    """Extension numbers: in which *subsystem*, from which of the *ranges* (named by what *by* says), without the *reserved* ones."""

    subsystem: _Words
    by: str = ""
    ranges: dict[str, _Ranges]
    reserved: _Ranges = ()
    when: str | None = None


class SecretRule(_Part):
    """What is generated: a *password* with all kinds of characters, or a *code* of digits; *length* in characters."""

    kind: Literal["password", "code"]
    length: Annotated[int, Field(ge=4, le=64)]


class RecordRule(_Part):
    """One row per person: its *sheet* and *action*, whom it is *for*, the condition, and the *fields* as expressions by header."""

    sheet: _Words
    action: str = ""
    for_: Annotated[Literal["joiner", "leaver"], Field(alias="for")] = "joiner"
    when: str | None = None
    fields: dict[str, str | int | bool]


class MappingFile(_Part):
    """A mapping file as it stands; what mappings of one *name* have given out is remembered together."""

    version: Literal[1]
    name: _Words = "default"
    source: Source = Source()
    columns: Annotated[dict[_Name, _Words], Field(min_length=1)]
    values: dict[str, dict[str, str]] = {}
    person: Person
    let: dict[_Name, str] = {}
    user_id: UserIdRule | None = None
    numbers: dict[_Name, NumberRule] = {}
    secrets: dict[_Name, SecretRule] = {}
    record: Annotated[tuple[RecordRule, ...], Field(min_length=1)]


def parse_mapping(text: str, *, name: str) -> MappingFile:
    """
    The mapping in the *text* of a file called *name*.

    Raises:
        UsageError: With everything about its form that is wrong, each with line and key.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f'{name}: {error}. Texts stand in quotes, one `key = "text"` to a line.') from error
    try:
        return MappingFile.model_validate(_tuples(content))
    except ValidationError as error:
        faults = [(_path(fault["loc"]), _words(fault)) for fault in error.errors(include_url=False)]
    raise wrong(faults, text, name)


def _tuples(content: Any) -> Any:
    """TOML's arrays as tuples, since frozen models hold those."""
    if isinstance(content, dict):
        return {key: _tuples(value) for key, value in content.items()}
    return tuple(map(_tuples, content)) if isinstance(content, list) else content


#: A place in the file: keys, and positions (from 0) in lists.
Place = tuple[str | int, ...]


def _path(loc: tuple[str | int, ...]) -> Place:
    # Where a key is wrong, pydantic adds a word of its own.
    return tuple(part for part in loc if part != "[key]")


def _words(fault: Any) -> str:
    kind, context = fault["type"], fault.get("ctx", {})
    if kind == "missing":
        return "is needed; add it"
    if kind == "extra_forbidden":
        return "is no key that a mapping has here; remove it or correct its spelling"
    if kind == "literal_error":
        return f"{fault['input']!r} is not allowed; use {context.get('expected')}"
    if kind == "string_pattern_mismatch":
        return f"'{fault['input']}' does not have the right form" + (
            '; write a range as "1000-1999"' if "d{2,20}" in context.get("pattern", "") else "; names have letters, digits and _"
        )
    words = str(fault["msg"]).removeprefix("Value error, ")
    return f"{words[:1].lower()}{words[1:]}"


def wrong(faults: list[tuple[Place, str]], text: str, name: str) -> UsageError:
    """The error that names each of *faults*, by its place in the *text* of the file called *name*."""
    lines = []
    for path, words in dict.fromkeys(faults):
        line = _line_of(text, path)
        place = f"{name}, line {line}" if line else name
        lines.append(f"{place}, {_dotted(path)}: {words}")
    return UsageError("\n".join(lines))


def _dotted(path: Place) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in path)


_TABLE: Final = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(#.*)?")
_KEY: Final = re.compile(r"""\s*("[^"]*"|'[^']*'|[\w\-]+)\s*(\.|=)""")


def _line_of(text: str, path: Place) -> int:
    """The line (from 1) that says what stands at *path*, or the nearest above it; 0 where none does."""
    wanted = [str(part) for part in path]
    best, best_line = 0, 0
    table: list[str] = []
    counts: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        heading, key = _TABLE.fullmatch(line), _KEY.match(line)
        if heading is not None:
            table = [part.strip().strip("\"'") for part in heading[2].split(".")]
            if heading[1] == "[[":
                counts[heading[2]] = counts.get(heading[2], -1) + 1
            if table[0] in counts:
                table.insert(1, str(counts[table[0]]))
            here = table
        elif key is not None:
            here = [*table, key[1].strip("\"'")]
        else:
            continue
        if len(here) > best and wanted[: len(here)] == here:
            best, best_line = len(here), number
    return best_line

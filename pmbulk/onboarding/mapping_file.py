"""
The mapping file as it stands: its form, and where in it something is wrong.

Knows the keys and what may stand behind them; what the expressions mean is not its business.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from pmbulk.entities.names import nearest_sentence
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
        raise UsageError(f"{name}: {error}. {_remedy(str(error))}") from error
    try:
        return MappingFile.model_validate(_tuples(content))
    except ValidationError as error:
        faults = [(_path(fault["loc"]), _words(fault["type"], fault)) for fault in error.errors(include_url=False)]
    raise wrong(faults, text, name)


def _remedy(error: str) -> str:
    """What to write instead of what TOML cannot read."""
    if error.startswith("Cannot overwrite"):
        return "A key stands once in its table."
    if error.startswith("Cannot declare"):
        return "A table stands once; records are written in two brackets, [[record]]."
    return "Texts stand in quotes, one `key = \"text\"` to a line, and quotes inside them are the other ones, '…'."


def _tuples(content: Any) -> Any:
    """TOML's arrays as tuples, since frozen models hold those."""
    if isinstance(content, dict):
        return {key: _tuples(value) for key, value in content.items()}
    return tuple(map(_tuples, content)) if isinstance(content, list) else content


#: A place in the file: keys, and positions (from 0) in lists.
Place = tuple[str | int, ...]


def _path(loc: tuple[str | int, ...]) -> Place:
    if loc[0] == "record":
        # What pydantic has tried with a field is nobody's key.
        loc = loc[:4]
    # Where a key is wrong, pydantic adds a word of its own.
    return tuple(part for part in loc if part != "[key]")


#: What each table holds.
_TABLES: Final[Mapping[str | int, type[_Part]]] = {
    "source": Source,
    "person": Person,
    "user_id": UserIdRule,
    "numbers": NumberRule,
    "secrets": SecretRule,
    "record": RecordRule,
}
_WORDS: Final = {
    "missing": "is needed; add it",
    "string_type": "is a text; write it in quotes",
    "string_too_short": "is blank; fill it",
    "int_type": "is a whole number; write it without quotes",
    "tuple_type": 'is a list; write it in brackets, like ["a", "b"]',
    "dict_type": "is a table; write its lines below it, in brackets",
    "model_type": "is a table; write its lines below it, in brackets",
}


def _words(kind: str, fault: Any) -> str:
    place, context = fault["loc"], fault.get("ctx", {})
    if kind == "extra_forbidden":
        table = _TABLES.get(place[0], MappingFile) if len(place) > 1 else MappingFile
        near = nearest_sentence(str(place[-1]), (field.alias or name for name, field in table.model_fields.items()))
        return "is no key that a mapping has here; remove it or correct its spelling" + (f".{near}" if near else "")
    if kind == "literal_error":
        return f"{fault['input']!r} is not allowed; use {context.get('expected')}"
    if kind == "string_pattern_mismatch":
        return f"'{fault['input']}' does not have the right form" + (
            '; write a range as "1000-1999"' if "d{2,20}" in context.get("pattern", "") else "; names have letters, digits and _"
        )
    if len(place) == 5 and place[2] == "fields":
        inner = next(iter(fault["input"]), "") if isinstance(fault["input"], dict) else ""
        dotted = f'is a header with dots; write all of it in quotes, "{place[3]}.{inner}" = …'
        return dotted if inner else "is a text in quotes, a whole number, true or false"
    if kind == "tuple_type" and place[0] == "numbers":
        return 'is a text or a list of texts; write it in quotes, like "1000-1999" or ["1000", "2000-2999"]'
    words = str(fault["msg"]).removeprefix("Value error, ")
    return _WORDS.get(kind, f"{words[:1].lower()}{words[1:]}")


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
_PART: Final = re.compile(r"""\"[^"]*\"|'[^']*'|[\w\-]+""")
_KEY: Final = re.compile(rf"\s*((?:{_PART.pattern})(?:\s*\.\s*(?:{_PART.pattern}))*)\s*=")


def _parts(key: str) -> list[str]:
    """The parts of a dotted key."""
    return [part.strip("\"'") for part in _PART.findall(key)]


def _line_of(text: str, path: Place) -> int:
    """The line (from 1) that says what stands at *path*, or the nearest above it; 0 where none does."""
    wanted = [str(part) for part in path]
    best, best_line = 0, 0
    table: list[str] = []
    counts: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        heading, key = _TABLE.fullmatch(line), _KEY.match(line)
        if heading is not None:
            table = _parts(heading[2])
            if heading[1] == "[[":
                counts[heading[2]] = counts.get(heading[2], -1) + 1
            if table[0] in counts:
                table.insert(1, str(counts[table[0]]))
            here = table
        elif key is not None:
            here = [*table, *_parts(key[1])]
        else:
            continue
        depth = min(len(here), len(wanted))
        if depth > best and wanted[:depth] == here[:depth]:
            best, best_line = depth, number
    return best_line

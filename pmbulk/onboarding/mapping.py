"""
The mapping file: what HR's columns mean, and which rows each person becomes.

Owns the file's form and every message about it, with line and key. The expressions in it are compiled here; evaluating them is not its business.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from pmbulk.entities.binding import bind
from pmbulk.entities.model import ACTION, Entity, Operation
from pmbulk.entities.names import fold, nearest_sentence
from pmbulk.entities.registry import entity_for
from pmbulk.errors import UsageError, WorkbookError
from pmbulk.onboarding.expressions import Expression, Language
from pmbulk.onboarding.filters import LANGUAGES

__all__ = ["MappingFile", "NumberRule", "RecordRule", "Rules", "SecretRule", "UserIdRule", "read_mapping"]

#: The one version of the form that there is.
VERSION: Final = 1

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


@dataclass(frozen=True, slots=True)
class RecordRules:
    """A `RecordRule`, compiled: *fields* by their field paths, in the order of the file."""

    entity: Entity
    operation: Operation
    leaver: bool
    when: Expression | None
    fields: tuple[tuple[str, Expression], ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """
    A mapping, compiled and without contradictions.

    *lets* are the names that expressions define; *by* and *subsystem* of each rule for numbers come first and second in *numbers*.
    """

    mapping: MappingFile
    key: Expression
    filter: Expression | None
    active: Expression | None
    lets: Mapping[str, Expression]
    user_id: Expression | None
    numbers: Mapping[str, tuple[Expression, Expression, Expression | None]]
    records: tuple[RecordRules, ...]


def read_mapping(path: Path) -> Rules:
    """
    The rules of the mapping file at *path*.

    Raises:
        UsageError: With everything that is wrong with it, each with line and key.
    """
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError as error:
        raise UsageError(f"{path} does not exist; `pmbulk onboard HR_FILE --suggest -o {path.name}` writes a first mapping") from error
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path.name} cannot be read as UTF-8 text ({error})") from error
    return rules_of(text, name=path.name)


def rules_of(text: str, *, name: str) -> Rules:
    """The rules in the *text* of a mapping file called *name*; errors are those of `read_mapping`."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f'{name}: {error}. Texts stand in quotes, one `key = "text"` to a line.') from error
    try:
        mapping = MappingFile.model_validate(_tuples(content))
    except ValidationError as error:
        faults = [(_path(fault["loc"]), _words(fault)) for fault in error.errors(include_url=False)]
        raise _wrong(faults, text, name) from None
    compiler = _Compiler(mapping)
    rules = compiler.rules()
    if rules is None or compiler.faults:
        raise _wrong(compiler.faults, text, name)
    return rules


def _tuples(content: Any) -> Any:
    """TOML's arrays as tuples, since frozen models hold those."""
    if isinstance(content, dict):
        return {key: _tuples(value) for key, value in content.items()}
    return tuple(map(_tuples, content)) if isinstance(content, list) else content


_Path = tuple[str | int, ...]


def _path(loc: tuple[str | int, ...]) -> _Path:
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


def _wrong(faults: list[tuple[_Path, str]], text: str, name: str) -> UsageError:
    lines = []
    for path, words in dict.fromkeys(faults):
        line = _line_of(text, path)
        place = f"{name}, line {line}" if line else name
        lines.append(f"{place}, {_dotted(path)}: {words}")
    return UsageError("\n".join(lines))


def _dotted(path: _Path) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in path)


_TABLE: Final = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(#.*)?")
_KEY: Final = re.compile(r"""\s*("[^"]*"|'[^']*'|[\w\-]+)\s*(\.|=)""")


def _line_of(text: str, path: _Path) -> int:
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


class _Compiler:
    """Compiles a mapping's expressions and collects what is wrong."""

    def __init__(self, mapping: MappingFile) -> None:
        self.mapping = mapping
        self.faults: list[tuple[_Path, str]] = []
        self._language = Language(language=mapping.source.language, values=mapping.values)
        self._own = set(mapping.columns)
        given = {*mapping.let, *mapping.numbers, *mapping.secrets, *(("user_id",) if mapping.user_id else ())}
        self._all = self._own | given

    def rules(self) -> Rules | None:
        """The compiled rules; ``None`` where one of those that all others need is wrong."""
        mapping = self.mapping
        if mapping.source.language and mapping.source.language not in LANGUAGES:
            self._fault(("source", "language"), f"'{mapping.source.language}' is not known; use one of {', '.join(LANGUAGES)}")
        self._doubled()
        for alias in mapping.source.fill_down:
            if alias not in self._own:
                self._fault(("source", "fill_down"), f"'{alias}' is none of [columns].{nearest_sentence(alias, self._own)}")
        key = self._text(("person", "key"), mapping.person.key, self._own)
        lets = dict(self._lets())
        user_id = self._text(("user_id", "take"), mapping.user_id.take, self._before()) if mapping.user_id else None
        numbers = dict(self._numbers())
        records = tuple(self._records())
        self._circles(lets)
        if key is None:
            return None
        return Rules(
            mapping,
            key,
            self._condition(("source", "filter"), mapping.source.filter, self._own),
            self._condition(("person", "active"), mapping.person.active, self._own),
            lets,
            user_id,
            numbers,
            records,
        )

    def _before(self) -> set[str]:
        """The names that are known before anything is allocated."""
        return self._own | set(self.mapping.let)

    def _doubled(self) -> None:
        seen: dict[str, str] = {}
        for place in ("columns", "let", "numbers", "secrets"):
            for name in getattr(self.mapping, place):
                if name in seen or name == "user_id":
                    self._fault((place, name), f"is defined in [{seen.get(name, 'user_id')}] already; choose another name")
                seen[name] = place

    def _lets(self) -> Iterator[tuple[str, Expression]]:
        for name, source in self.mapping.let.items():
            expression = self._text(("let", name), source, self._all)
            if expression is not None:
                yield name, expression

    def _numbers(self) -> Iterator[tuple[str, tuple[Expression, Expression, Expression | None]]]:
        for name, rule in self.mapping.numbers.items():
            by = self._text(("numbers", name, "by"), rule.by, self._before())
            subsystem = self._text(("numbers", name, "subsystem"), rule.subsystem, self._before())
            when = self._condition(("numbers", name, "when"), rule.when, self._before())
            if not rule.by and set(rule.ranges) != {"*"}:
                self._fault(
                    ("numbers", name, "ranges"), 'has several names, but `by` does not say which to use; add it, or name the one range "*"'
                )
            if by is not None and subsystem is not None:
                yield name, (by, subsystem, when)

    def _records(self) -> Iterator[RecordRules]:
        for index, record in enumerate(self.mapping.record):
            place: _Path = ("record", index)
            try:
                entity = entity_for(record.sheet)
            except WorkbookError as error:
                self._fault((*place, "sheet"), str(error))
                continue
            operation = self._operation(place, record, entity)
            fields = []
            for header, source in record.fields.items():
                path = self._header((*place, "fields", header), header, entity)
                text = {True: "TRUE", False: "FALSE"}.get(source, "") if isinstance(source, bool) else str(source)
                expression = self._text((*place, "fields", header), text, self._all)
                if expression is not None:
                    fields.append((path, expression))
            when = self._condition((*place, "when"), record.when, self._all)
            yield RecordRules(entity, operation, record.for_ == "leaver", when, tuple(fields))

    def _operation(self, place: _Path, record: RecordRule, entity: Entity) -> Operation:
        if not record.action:
            return Operation.DELETE if record.for_ == "leaver" and Operation.DELETE in entity.by_operation else entity.default
        for operation in entity.by_operation:
            if fold(operation.value) == fold(record.action):
                return operation
        allowed = ", ".join(operation.value for operation in entity.by_operation)
        self._fault((*place, "action"), f"'{record.action}' is no action of {entity.sheet}; use one of {allowed}")
        return entity.default

    def _header(self, place: _Path, header: str, entity: Entity) -> str:
        """The field path that *header* means."""
        if fold(header) == ACTION.name:
            self._fault(place, "is no field here; write `action` above `[record.fields]`")
            return header
        try:
            paths = bind(entity, (header,), sheet=entity.sheet).paths
        except WorkbookError as error:
            self._fault(place, str(error).splitlines()[0].partition(": ")[2])
            return header
        return paths[0] if paths else header

    def _circles(self, lets: Mapping[str, Expression]) -> None:
        """Names that need themselves."""
        for name in lets:
            seen, open_ = set[str](), list(lets[name].names)
            while open_:
                needed = open_.pop()
                if needed == name:
                    self._fault(("let", name), "needs itself; break the circle")
                    break
                if needed not in seen:
                    seen.add(needed)
                    open_ += self._needed_by(needed, lets)

    def _needed_by(self, name: str, lets: Mapping[str, Expression]) -> list[str]:
        if name in lets:
            return list(lets[name].names)
        rules = self.mapping
        sources = [rules.user_id.take] if name == "user_id" and rules.user_id else []
        if name in rules.numbers:
            sources = [rules.numbers[name].by, rules.numbers[name].subsystem]
        return [used for used in self._all if any(re.search(rf"\b{re.escape(used)}\b", source) for source in sources)]

    def _text(self, place: _Path, source: str, known: set[str]) -> Expression | None:
        return self._compiled(place, source, known, self._language.text)

    def _condition(self, place: _Path, source: str | None, known: set[str]) -> Expression | None:
        return self._compiled(place, source, known, self._language.condition) if source else None

    def _compiled(self, place: _Path, source: str, known: set[str], make: Callable[[str], Expression]) -> Expression | None:
        try:
            expression = make(source)
        except ValueError as error:
            words = str(error)
            if "No filter named" in words:
                words += f".{nearest_sentence(words.rpartition('named ')[2].strip(chr(39)), self._language.filters)}"
            self._fault(place, words)
            return None
        for name in sorted(expression.names - known):
            later = (
                " is not known yet where this is worked out"
                if name in self._all
                else f" is defined nowhere.{nearest_sentence(name, known)}"
            )
            self._fault(place, f"'{name}'{later}")
        return expression

    def _fault(self, place: _Path, words: str) -> None:
        self.faults.append((place, words))

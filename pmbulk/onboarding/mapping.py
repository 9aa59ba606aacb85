"""
What a mapping means: its expressions compiled, its sheets and fields found, its contradictions told.

Evaluating the expressions is not its business.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pmbulk.entities.binding import bind
from pmbulk.entities.model import ACTION, Entity, Operation
from pmbulk.entities.names import fold, nearest_sentence
from pmbulk.entities.registry import entity_for
from pmbulk.entities.users import USERS
from pmbulk.errors import UsageError, WorkbookError
from pmbulk.onboarding.expressions import Expression, Language
from pmbulk.onboarding.filters import LANGUAGES
from pmbulk.onboarding.mapping_file import MappingFile, Place, RecordRule, parse_mapping, wrong

__all__ = ["RecordRules", "Rules", "read_mapping", "rules_of"]


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

    *keep_in* is the users' column that PM keeps the key in (``None``: none). *lets* are the names that expressions define; *by* and *subsystem* of each rule
    for numbers come first and second in *numbers*.
    """

    mapping: MappingFile
    key: Expression
    keep_in: str | None
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
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror or error})") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is no text in UTF-8; save it in that encoding ({error})") from error
    return rules_of(text, name=path.name)


def rules_of(text: str, *, name: str) -> Rules:
    """The rules in the *text* of a mapping file called *name*; errors are those of `read_mapping`."""
    compiler = _Compiler(parse_mapping(text, name=name))
    rules = compiler.rules()
    if rules is None or compiler.faults:
        raise wrong(compiler.faults, text, name)
    return rules


class _Compiler:
    """Compiles a mapping's expressions and collects what is wrong."""

    def __init__(self, mapping: MappingFile) -> None:
        self.mapping = mapping
        self.faults: list[tuple[Place, str]] = []
        self._language = Language(language=mapping.source.language, values=mapping.values)
        self._own = set(mapping.columns)
        self._given = {*mapping.numbers, *mapping.secrets, *(("user_id",) if mapping.user_id else ())}
        self._all = self._own | self._given | set(mapping.let)
        self._lets_compiled: dict[str, Expression] = {}

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
        lets = self._lets_compiled = dict(self._lets())
        user_id = self._text(("user_id", "take"), mapping.user_id.take, self._before()) if mapping.user_id else None
        numbers = dict(self._numbers())
        records = tuple(self._records())
        keep_in = self._keep_in(records)
        self._circles(lets)
        if key is None:
            return None
        return Rules(
            mapping,
            key,
            keep_in,
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
            place: Place = ("record", index)
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
                    self._exposed((*place, "fields", header), path, entity, expression)
            when = self._condition((*place, "when"), record.when, self._all)
            yield RecordRules(entity, operation, record.for_ == "leaver", when, tuple(fields))

    def _operation(self, place: Place, record: RecordRule, entity: Entity) -> Operation:
        if not record.action:
            return Operation.DELETE if record.for_ == "leaver" and Operation.DELETE in entity.by_operation else entity.default
        for operation in entity.by_operation:
            if fold(operation.value) == fold(record.action):
                return operation
        allowed = ", ".join(operation.value for operation in entity.by_operation)
        self._fault((*place, "action"), f"'{record.action}' is no action of {entity.sheet}; use one of {allowed}")
        return entity.default

    def _header(self, place: Place, header: str, entity: Entity) -> str:
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

    def _keep_in(self, records: Iterable[RecordRules]) -> str | None:
        """The column of `keep_in`, which PM must show and new users must get."""
        place: Place = ("person", "keep_in")
        if self.mapping.person.keep_in is None:
            return None
        column = self._header(place, self.mapping.person.keep_in, USERS)
        known = next((one for one in USERS.columns if one.name == column), None)
        made = [dict(record.fields) for record in records if record.entity is USERS and record.operation is Operation.CREATE]
        if known is not None and not known.spec.readable:
            self._fault(place, f"PM never shows {column}; keep the key in another field, such as udf1")
        elif known is not None and made and all(column not in fields for fields in made):
            key = self.mapping.person.key
            self._fault(place, f'no record of users fills {column}, so nobody could be found by it; add `{column} = "{key}"` there')
        return column

    def _exposed(self, place: Place, header: str, entity: Entity, expression: Expression) -> None:
        """A secret in a field that everybody may see."""
        secret = sorted(self._through(expression) & self.mapping.secrets.keys())
        with suppress(WorkbookError):
            if secret and not bind(entity, (header,), sheet=entity.sheet).secret_columns:
                self._fault(place, f"shows the secret '{secret[0]}' to everybody; put it into a field for passwords or codes")

    def _through(self, expression: Expression) -> set[str]:
        """The names that an expression needs, also by way of [let]."""
        needed, open_ = set[str](), list(expression.names)
        while open_:
            name = open_.pop()
            if name not in needed:
                needed.add(name)
                open_ += self._lets_compiled[name].names if name in self._lets_compiled else ()
        return needed

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

    def _text(self, place: Place, source: str, known: set[str]) -> Expression | None:
        return self._compiled(place, source, known, self._language.text)

    def _condition(self, place: Place, source: str | None, known: set[str]) -> Expression | None:
        return self._compiled(place, source, known, self._language.condition) if source else None

    def _compiled(self, place: Place, source: str, known: set[str], make: Callable[[str], Expression]) -> Expression | None:
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
        if expression.names <= known and place[0] in {"user_id", "numbers"}:
            for name in sorted(self._through(expression) & self._given):
                self._fault(place, f"needs '{name}' by way of [let], and that is not known yet where this is worked out")
        return expression

    def _fault(self, place: Place, words: str) -> None:
        self.faults.append((place, words))

"""
What an entity declares, and the record that its rows become.

Template, headers, validation, order, requests and reconcile all derive from an `Entity`; a declaration that cannot work fails at import with `TypeError`.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Final

from pmbulk.endpoints import ENDPOINTS, Lane
from pmbulk.entities.fields import Column, Fields, columns_of, field_
from pmbulk.entities.names import fold
from pmbulk.errors import Finding

if TYPE_CHECKING:
    from pmbulk.entities.session import Session
    from pmbulk.entities.steps import Change, Plan

__all__ = ["ACTION", "Action", "Body", "Entity", "Flat", "Found", "Identity", "Operation", "Record", "id_keys", "key_of"]

#: A JSON object in the shape in which PM takes it.
Body = dict[str, Any]
#: A sheet's row as its headers (field paths) and values.
Flat = dict[str, Any]


class Operation(StrEnum):
    """One row's intent."""

    #: Make the object.
    CREATE = "create"
    #: Change the filled fields of the object and leave the others.
    UPDATE = "update"
    #: Remove the object.
    DELETE = "delete"
    #: Take what only the telephony server has into PM.
    IMPORT = "import"
    #: Let a locked user log in again.
    UNLOCK = "unlock"
    #: Give the extension these authorization codes.
    RESET = "reset"
    #: Put keys on places of a telephone that are free.
    ADD = "add"
    #: Take keys off a telephone.
    REMOVE = "remove"
    #: Make the extension elsewhere with all that belongs to it, and take it away where it was.
    MOVE = "move"


class _ActionField(Fields):
    action: str | None = field_("action", help="What to do with this row.")


#: The first column of every sheet.
ACTION: Final[Column] = columns_of(_ActionField)[0]


@dataclass(frozen=True, slots=True)
class Record:
    """
    A validated row.

    *address* holds the columns that say which object is meant (path and query parameters, references by name), *body* those that PM gets as the
    request's body; *cleared* are the field paths of the cells with ``<clear>``.
    """

    operation: Operation
    address: Any
    body: Any
    cleared: frozenset[str] = frozenset()

    def filled(self) -> Body:
        """The body's filled cells in PM's shape; secrets stay masked values until the request is built."""
        filled: Body = self.body.model_dump(by_alias=True, exclude_unset=True)
        return filled


@dataclass(frozen=True, slots=True)
class Identity:
    """Which object a record is about, for order and lanes; all keys come from `key_of`."""

    #: The object's name in messages.
    label: str
    #: ``None`` where the file does not tell: only an id is given.
    key: str | None = None
    #: Keys that must exist first if a row of the same workbook makes them.
    needs: tuple[str, ...] = ()
    #: The place in a tree, parents first.
    depth: int = 0
    #: The subsystems whose writes must not overlap (none: PM's own).
    lanes: tuple[str, ...] = ()
    #: Other keys of the object.
    aliases: tuple[str, ...] = ()
    #: The key of what is written together with the object (``None``: nothing else).
    whole: str | None = None
    #: The key by which rows that tell less may need the object (``None``: none).
    serves: str | None = None
    #: The key that another object may have once the row has succeeded (``None``: none; a delete frees its own).
    frees: str | None = None
    #: What references call the object (``""``: none can).
    name: str = ""


@lru_cache(1024)
def key_of(kind: str, *parts: object) -> str:
    """The key under which rows of a workbook know an object, without regard to case; many rows share most of theirs, and its memory."""
    return sys.intern("|".join((kind, *(fold(str(part)) for part in parts))))


def id_keys(kind: str, *parts: object) -> tuple[str, ...]:
    """The key of an object that goes by PM's id, the last of *parts*; none where that is blank."""
    return () if parts[-1] is None else (key_of(kind, *parts[:-1], f"#{parts[-1]}"),)


@dataclass(frozen=True, slots=True)
class Found:
    """
    An object as PM has it: its *id* there (``""``: none), its *body* in the shape in which it would be written, and PM's own *answer*.

    *unlike* is what tells it from the object that the row means, and is no field of the body.
    """

    id: str
    # Both may hold codes in clear, which must reach no traceback.
    body: Body = field(repr=False)
    answer: Mapping[str, Any] = field(default_factory=dict, repr=False)
    unlike: tuple[Change, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Action:
    """One operation that an entity offers: the endpoint it writes with, and how a record is prepared for it."""

    operation: Operation
    endpoint: str
    prepare: Callable[[Entity, Record, Session], Awaitable[Plan]]
    help: str = ""


def _whole(_operation: Operation, body: Body, _differing: Body) -> Body:
    return body


async def _resolve_nothing(_record: Record, body: Body, _session: Session) -> Body:
    return body


def _nothing_hidden(_whole: Body) -> tuple[str, ...]:
    return ()


def _no_findings(_record: Record) -> tuple[Finding, ...]:
    return ()


@dataclass(frozen=True)
class Entity:
    """A kind of thing that sheets can hold rows of; `locations` is the shortest to read, `departments` has references and names for ids."""

    #: The sheet's name.
    sheet: str
    #: The word for one of them, in messages.
    title: str
    help: str
    #: The columns that say which object is meant: path and query parameters, references by name.
    address: type[Fields]
    #: The columns that PM gets as the body, in PM's own nesting.
    body: type[Fields]
    #: What a row may ask for, the default first.
    actions: tuple[Action, ...]
    #: Which object a record means.
    identify: Callable[[Record], Identity]
    #: Looks the object up in PM; gives ``None`` where it is not there.
    find: Callable[[Record, Session], Awaitable[Found | None]] | None = None
    #: Turns names into PM's ids in the filled cells of a body.
    resolve: Callable[[Record, Body, Session], Awaitable[Body]] = _resolve_nothing
    #: What a write needs in its path and query (``None``: PM's id of the object that was found).
    parameters: Callable[[Record, Found | None, Session], Awaitable[Mapping[str, Any]]] | None = None
    #: Leaves out of a whole body what the operation does not take; it is also given the filled members that differ from PM's.
    shape: Callable[[Operation, Body, Body], Body] = _whole
    #: Finds what single cells cannot show, offline.
    judge: Callable[[Record], tuple[Finding, ...]] = _no_findings
    #: The sheets whose rows come earlier.
    after: tuple[str, ...] = ()
    #: The fields of the body that an object goes by where the row gives no id.
    key: tuple[str, ...] = ()
    #: Names the fields of a whole body that PM does not show, so that an update cannot send them back.
    hidden: Callable[[Body], tuple[str, ...]] = _nothing_hidden
    #: Whether a failed create may have left what was found unfinished, so that an update mends it (``None``: PM makes one at once).
    partial: Callable[[Found], bool] | None = None
    #: Lists what PM has, as rows that would change nothing (``None``: PM cannot list it).
    export: Callable[[Session], AsyncIterator[Flat]] | None = None
    #: Whether an export must name it to have it.
    by_name_only: bool = False
    #: Tells PM's ids of all objects by their keys (``None``: PM has no list).
    ids: Callable[[Session], Awaitable[Mapping[str, str]]] | None = None
    #: What to know before its rows are sent, said once for all of them.
    caution: str = ""

    def __post_init__(self) -> None:
        for action in self.actions:
            known = ENDPOINTS.get(action.endpoint)
            if known is None:
                raise TypeError(f"{self.sheet}: no operation of PM is called {action.endpoint}")
            if not known.repeatable and self.find is None:
                raise TypeError(f"{self.sheet}: {action.endpoint} is not repeatable and needs find")
        if len({action.operation for action in self.actions}) != len(self.actions):
            raise TypeError(f"{self.sheet}: an action is declared twice")
        if not self.actions:
            raise TypeError(f"{self.sheet}: no action is declared")
        for model in (self.address, self.body):
            names = [column.name for column in columns_of(model)]
            if len(set(names)) != len(names):
                raise TypeError(f"{self.sheet}: {model.__name__} declares a column twice")

    def label_of(self, record: Record) -> str:
        """Which object a row is about, for people: ``user anna.berg``."""
        return f"{self.title} {self.identify(record).label}"

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """All columns: `ACTION`, what a create needs, then the others of the address, then those of the body; a name that both have stands once."""
        address = columns_of(self.address)
        names = {column.name for column in address}
        others = (*address, *(column for column in columns_of(self.body) if column.name not in names))
        return (ACTION, *sorted(others, key=lambda column: not column.spec.required or column.is_part))

    @cached_property
    def columns_by_path(self) -> Mapping[tuple[str, ...], Column]:
        """The columns by their paths, list positions written as ``N``."""
        return {column.path: column for column in self.columns}

    @cached_property
    def body_paths(self) -> frozenset[tuple[str, ...]]:
        """The paths of the columns that PM gets as the body."""
        return frozenset(column.path for column in columns_of(self.body))

    @cached_property
    def repeated(self) -> frozenset[str]:
        """The fields of the body that only repeat which object is meant: PM's id of it, which a new one does not have (QUIRKS 93)."""
        return frozenset(column.name for column in columns_of(self.address) if column.path in self.body_paths)

    @cached_property
    def by_operation(self) -> Mapping[Operation, Action]:
        """The actions by what they do."""
        return {action.operation: action for action in self.actions}

    @property
    def default(self) -> Operation:
        """What a row with a blank action asks for."""
        return self.actions[0].operation

    @property
    def telephony(self) -> bool:
        """Whether rows are written in a telephony subsystem's lane."""
        return any(ENDPOINTS[action.endpoint].lane is Lane.TELEPHONY for action in self.actions)

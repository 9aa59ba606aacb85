"""
How the usual operations are prepared from an entity's declaration: create, read-merge-write update, delete.

Everything up to the write happens here, by reading; the write itself is a `Step` that the runner sends and, where an answer was lost, reconciles.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pmbulk.endpoints import endpoint
from pmbulk.entities.compare import declared, differences, gaps, is_part, leaves, merged, nested, pattern, sentence
from pmbulk.entities.fields import POSITION, Kind
from pmbulk.entities.model import Action, Body, Entity, Found, Operation, Record
from pmbulk.entities.names import fold
from pmbulk.entities.session import IfExists, Session
from pmbulk.entities.steps import Change, Plan, Reply, Standing, Step, Verdict
from pmbulk.errors import AmbiguousError, Finding, InvalidRowError, RejectedError, RowError

__all__ = ["change", "create", "creating", "deleting", "looked_up", "update", "updating", "write"]


def creating(endpoint_name: str) -> Action:
    """The create action that writes with *endpoint_name*."""
    return Action(Operation.CREATE, endpoint_name, create, help="Make a new one. Needs every column that is marked as required.")


def updating(endpoint_name: str) -> Action:
    """The update action that writes with *endpoint_name*."""
    return Action(Operation.UPDATE, endpoint_name, update, help="Change the filled cells and leave everything else as it is.")


def deleting(endpoint_name: str) -> Action:
    """The delete action that writes with *endpoint_name*."""
    return Action(Operation.DELETE, endpoint_name, delete, help="Remove it. Needs only the columns that say which one.")


async def create(entity: Entity, record: Record, session: Session) -> Plan:
    """Prepare a create; with `IfExists.SKIP`, `IfExists.UPDATE` or a session that looks first PM is asked whether the object is there."""
    if session.if_exists is not IfExists.FAIL or session.look_first:
        found = await _find(entity, record, session)
        if found is not None and session.if_exists is IfExists.UPDATE:
            if found.unlike:
                message = f"{entity.label_of(record)} is there, but {sentence(found.unlike)}; move the row to the sheet of that type"
                raise InvalidRowError((Finding("", message),))
            return await change(entity, record, session, found)
        if found is not None and session.if_exists is IfExists.FAIL:
            raise RejectedError(_exists(entity, record), code="EXISTS")
        if found is not None:
            return Plan(Verdict.NOTHING, message=f"{entity.label_of(record)} exists already; left as it is", id=found.id)
    given = {name: value for name, value in record.filled().items() if name not in entity.repeated}
    filled = await entity.resolve(record, _emptied(entity, record, given), session)
    request = await _request(Operation.CREATE, entity, record, session)
    creation = _Creation(entity, record, session, request, filled, entity.shape(Operation.CREATE, filled, filled))
    return Plan(Verdict.CREATE, (Step(request.endpoint, endpoint(request.endpoint).repeatable, creation.send, creation.reconcile),))


@dataclass(frozen=True, slots=True)
class _Creation:
    """One create: its request, and what became of it. *filled* is what the row asks for, *body* what of it a create can carry."""

    entity: Entity
    record: Record
    session: Session
    request: _Request
    filled: Body
    body: Body

    async def send(self) -> Reply:
        try:
            return await self.request.sent(self.body)
        except RejectedError as refusal:
            raise await self._explained(refusal) from refusal

    async def reconcile(self) -> Standing:
        found = await _found_now(self.entity, self.record, self.session)
        if found is None:
            return Standing(done=False)
        different = self._different(found)
        if not different:
            return Standing(done=True, id=found.id)
        completion = await self._completion(found) if self._is_part(found) else None
        return Standing(done=None, difference=sentence(different), id=found.id, completion=completion)

    def _wanted(self, found: Found) -> Body:
        # Compared before it got the shape of a request, as an update is; what a create cannot carry is no difference.
        return _respelt(self.entity, self.record, found, {name: value for name, value in self.filled.items() if name in self.body})

    def _different(self, found: Found) -> tuple[Change, ...]:
        columns = self.entity.columns_by_path
        return (*found.unlike, *differences(found.body, self._wanted(found), columns, assume_unreadable=True))

    def _is_part(self, found: Found) -> bool:
        """Whether *found* may be what this create has left unfinished: nothing in it is anybody else's."""
        partial = self.entity.partial
        return partial is not None and partial(found) and is_part(found.body, self._wanted(found), self.entity.columns_by_path)

    async def _completion(self, found: Found) -> Step:
        """The update that makes the part that was *found* whole."""
        (step,) = (await _changing(self.entity, self.record, self.session, found)).steps
        what = f"{self.entity.label_of(self.record)} is in PM only in part"

        async def send() -> Reply:
            try:
                return await step.send()
            except RejectedError as refusal:
                advice = "correct the row and run it again with --if-exists update"
                message = f"{what}, and PM refuses the rest; {advice}. {refusal.message}"
                raise RejectedError(message, code=refusal.code, http=refusal.http) from refusal

        async def reconcile() -> Standing:
            standing = await self.reconcile()
            if standing.done or not standing.difference:
                return standing
            return Standing(done=False, difference=f"{what}: {standing.difference}; run the row again with --if-exists update", id=found.id)

        return Step(step.name, step.repeatable, send, reconcile)

    async def _explained(self, refusal: RejectedError) -> RowError:
        """
        PM's refusal in clearer words where the object is there, which PM gives no status of its own (QUIRKS 15).

        Where PM makes an object by several commands, the refused one may have left a part of it (DOMAIN 1). It is this create's own, and completed,
        where the row has looked before and nothing was there.
        """
        if not self._worth_a_look(refusal):
            return refusal
        try:
            found = await _found_now(self.entity, self.record, self.session)
        except RowError:
            # The look was for better words only; what counts is the refusal.
            return refusal
        if found is None:
            return refusal
        message = _exists(self.entity, self.record)
        if self._is_part(found) and (missing := sentence(self._different(found))):
            if self.session.if_exists is not IfExists.FAIL:
                return AmbiguousError(refusal.message, code=refusal.code, http=refusal.http)
            message += f" It may be a part that the refused request has left: {missing}."
        code = "EXISTS" if refusal.code in {"", f"HTTP_{refusal.http}"} else refusal.code
        return RejectedError(f"{message} {refusal.message}", code=code, http=refusal.http)

    def _worth_a_look(self, refusal: RejectedError) -> bool:
        if self.entity.partial is not None:
            # Not even the first command was done of what was not sent, or without the right to do it.
            return refusal.http not in {None, 401, 403}
        return refusal.http in self.session.client.assumptions.duplicate_statuses


async def update(entity: Entity, record: Record, session: Session) -> Plan:
    """Prepare an update: read the object, put the filled cells in, send the whole (QUIRKS 20); nothing is sent where nothing differs."""
    return await change(entity, record, session, await looked_up(entity, record, session))


async def looked_up(entity: Entity, record: Record, session: Session) -> Found:
    """
    The object that *record* means.

    Raises:
        RejectedError: If PM does not have it.
    """
    found = await _find(entity, record, session)
    if found is None:
        raise _missing(entity, record, session)
    return found


async def delete(entity: Entity, record: Record, session: Session) -> Plan:
    """
    Prepare a delete; an object that is not there fails the row, since a slip of the keyboard looks the same.

    It fails when the step is sent, not here: after a crash the object may be gone because this row's own request took it away.
    """
    found = await _find(entity, record, session)
    if found is None and session.look_first:
        raise _missing(entity, record, session)
    request = await _request(Operation.DELETE, entity, record, session, found) if found is not None else None

    async def send() -> Reply:
        if request is None:
            raise _missing(entity, record, session)
        return await request.sent()

    async def reconcile() -> Standing:
        return Standing(done=await _found_now(entity, record, session) is None, id=object_id)

    object_id = found.id if found is not None else ""
    known = endpoint(entity.by_operation[Operation.DELETE].endpoint)
    return Plan(Verdict.DELETE, (Step(known.name, known.repeatable, send, reconcile),), id=object_id)


def write(
    action: Action,
    session: Session,
    *,
    path: dict[str, Any],
    query: dict[str, Any],
    reconcile: Callable[[], Awaitable[Standing]],
    object_id: str = "",
) -> Plan:
    """A plan of one request without a body, for operations that are none of the three."""

    async def send() -> Reply:
        answer = await session.client.call(action.endpoint, path=path, query=query)
        return Reply(answer.status, object_id)

    return Plan(Verdict.CHANGE, (Step(action.endpoint, endpoint(action.endpoint).repeatable, send, reconcile),), id=object_id)


async def change(entity: Entity, record: Record, session: Session, found: Found) -> Plan:
    """Prepare what makes the object as *found* into what the row asks for; a create that finds its object there updates it."""
    plan = await _changing(entity, record, session, found)
    if plan.changes:
        return plan
    message = f"{entity.label_of(record)} already is as this row asks for; nothing was sent. {plan.message}"
    return Plan(Verdict.NOTHING, message=message.removesuffix(". "), id=found.id)


async def _changing(entity: Entity, record: Record, session: Session, found: Found) -> Plan:
    """The request that makes the object as *found* into what the row asks for, even if it is so already."""
    operation = Operation.UPDATE if record.operation is Operation.CREATE else record.operation
    wanted = await entity.resolve(record, _emptied(entity, record, record.filled()), session)
    _without_gaps(found.body, wanted)
    wanted = _respelt(entity, record, found, wanted)
    whole = merged(found.body, wanted)
    changes = differences(found.body, wanted, entity.columns_by_path, assume_unreadable=False)
    _without_hidden_secrets(entity, whole, changes)
    different = {_member(change) for change in changes}
    body = entity.shape(operation, whole, {name: value for name, value in wanted.items() if name in different})
    # What an update cannot carry is no difference either.
    wanted = {name: value for name, value in wanted.items() if name in body}
    carried = tuple(change for change in changes if _member(change) in body)
    visible = bool(differences(found.body, wanted, entity.columns_by_path, assume_unreadable=True))
    request = await _request(operation, entity, record, session, found)

    async def send() -> Reply:
        return await request.sent(body)

    async def reconcile() -> Standing:
        now = await _found_now(entity, record, session)
        if now is None:
            return Standing(done=None, difference=f"{entity.label_of(record)} is no longer in PM")
        # Where PM shows nothing of what is to change, reading cannot tell that it was done.
        return Standing(done=visible and not differences(now.body, wanted, entity.columns_by_path, assume_unreadable=True), id=found.id)

    step = Step(request.endpoint, endpoint(request.endpoint).repeatable, send, reconcile)
    notes = (_of_new_ones_only(record, changes, body), _not_shown(entity, whole) if carried else "")
    return Plan(Verdict.CHANGE, (step,), carried, " ".join(filter(None, notes)), id=found.id)


def _member(change: Change) -> str:
    """The member of the body that has the field."""
    return change.path.partition(".")[0]


def _of_new_ones_only(record: Record, changes: tuple[Change, ...], body: Body) -> str:
    """Which cells of a create that became an update are left out of it, in words; ``""``: none."""
    if record.operation is not Operation.CREATE:
        return ""
    names = dict.fromkeys(name for change in changes if (name := _member(change)) not in body)
    return f"Left as PM has it, because an update cannot change it: {', '.join(names)}." if names else ""


def _not_shown(entity: Entity, whole: Body) -> str:
    """Which fields go out of sight in an update, in words; ``""``: none."""
    names = entity.hidden(whole)
    if not names:
        return ""
    return f"PM does not show {', '.join(names)}, so it was not sent back; make sure that PM still has it, or fill it in the row."


def _respelt(entity: Entity, record: Record, found: Found, wanted: Body) -> Body:
    """*wanted* with PM's own spelling of the name that the row goes by: names have no case, so a row about ``oslo`` does not rename Oslo."""
    by_id = any(isinstance(value, int) for value in record.address.model_dump(exclude_none=True).values())
    kept = {name for name in entity.key if not by_id and fold(str(wanted.get(name, ""))) == fold(str(found.body.get(name, "")))}
    return {name: found.body[name] if name in kept and name in found.body else value for name, value in wanted.items()}


def _without_gaps(current: Body, wanted: Body) -> None:
    """
    Refuse list positions that would leave an empty object before them.

    Raises:
        InvalidRowError: If there are any.
    """
    findings = tuple(
        Finding(".".join(path), f"is blank, and PM has no position {path[-1]} here; fill the positions without leaving one out")
        for path in gaps(current, wanted)
    )
    if findings:
        raise InvalidRowError(findings)


def _without_hidden_secrets(entity: Entity, whole: Body, changes: tuple[Change, ...]) -> None:
    """
    Refuse changes beside a secret that PM keeps as a hash: the two are written together, and only the row can give the secret.

    Raises:
        InvalidRowError: If there are any.
    """
    held = {path for path, _value in leaves(whole)}
    findings = []
    for column in entity.columns:
        if column.kind is not Kind.SECRET or POSITION not in column.path or column.spec.fades:
            continue
        beside = (change.path.split(".")[:-1] for change in changes if pattern(change.path.split(".")[:-1]) == column.path[:-1])
        hidden = dict.fromkeys((*parts, column.path[-1]) for parts in beside)
        findings += [
            Finding(".".join(path), "is blank, and PM does not show what it has; type it again to change what belongs to it")
            for path in hidden
            if path not in held
        ]
    if findings:
        raise InvalidRowError(tuple(findings))


@dataclass(frozen=True, slots=True)
class _Request:
    """Where an operation's write goes; *id* is that of the object it is about (``""``: PM has none yet)."""

    endpoint: str
    entity: Entity
    session: Session
    path: Mapping[str, Any]
    query: Mapping[str, Any]
    id: str

    async def sent(self, body: Body | None = None) -> Reply:
        answer = await self.session.client.call(self.endpoint, path=self.path, query=self.query, body=body)
        self.session.directory.changed(self.entity.sheet)
        return Reply(answer.status, self.id)


async def _request(operation: Operation, entity: Entity, record: Record, session: Session, found: Found | None = None) -> _Request:
    """The request that writes *record*; names that it cannot be addressed by are found out here, before anything counts as sent."""
    known = endpoint(entity.by_operation[operation].endpoint)
    object_id = found.id if found is not None else ""
    given = await entity.parameters(record, found, session) if entity.parameters else dict.fromkeys(known.path_parameters, object_id)
    path = {name: given[name] for name in known.path_parameters}
    query = {name: given[name] for name in known.query}
    return _Request(known.name, entity, session, path, query, object_id)


def _exists(entity: Entity, record: Record) -> str:
    return f"{entity.label_of(record)} exists already; set action to update, or run with --if-exists skip or --if-exists update."


def _missing(entity: Entity, record: Record, session: Session) -> RejectedError:
    near = session.directory.nearest(entity.sheet, entity.identify(record).name)
    words = f"PM has no {entity.label_of(record)}, or this administrator cannot see it"
    return RejectedError(f"{words}.{near}" if near else f"{words}; check the name", code="NOT_FOUND", http=404)


async def _found_now(entity: Entity, record: Record, session: Session) -> Found | None:
    """Look again, past what the directory remembers from before the write."""
    session.directory.changed(entity.sheet)
    return await _find(entity, record, session)


async def _find(entity: Entity, record: Record, session: Session) -> Found | None:
    if entity.find is None:
        raise TypeError(f"{entity.sheet} declares no find")
    found = await entity.find(record, session)
    return None if found is None else replace(found, body=declared(found.body, entity.columns_by_path))


def _emptied(entity: Entity, record: Record, body: Body) -> Body:
    """*body* with the fields of `<clear>` cells set to what empty means for their kind."""
    for path in record.cleared:
        parts = path.split(".")
        column = entity.columns_by_path.get(pattern(parts))
        if column is None or column.path not in entity.body_paths:
            continue
        empty: Any = [] if column.several else {Kind.INTEGER: 0, Kind.BOOLEAN: False}.get(column.kind, "")
        body = merged(body, nested(parts, empty))
    return body

"""
The requests of a move and what takes each of them back: make, relink, take away, put back, compare.

Everything is planned from the snapshot, so that the same steps come out after a crash, whatever PM has by then.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final

from pmbulk.endpoints import endpoint
from pmbulk.entities.carrying import Loss, carried, completed, not_given, sendable
from pmbulk.entities.compare import declared, differences, is_part, sentence
from pmbulk.entities.extension_details import ANY_TYPE, GROUPS, Place, details_of
from pmbulk.entities.extension_fields import ExtensionAddress
from pmbulk.entities.extension_sheets import SHEETS
from pmbulk.entities.model import Body, Entity, Found, Operation, Record
from pmbulk.entities.move_belongings import put_back, put_back_all, shortfall
from pmbulk.entities.move_holders import relink
from pmbulk.entities.move_snapshot import Snapshot
from pmbulk.entities.session import IfExists, Session
from pmbulk.entities.steps import Change, Reply, Standing, Step
from pmbulk.errors import RejectedError, RowError, full_stop

__all__ = ["steps_of", "typed"]

_DELETE: Final = "deleteExtension"
_READ: Final = "getExtensionDetails"


def typed(snapshot: Snapshot, place: Place) -> tuple[Body, tuple[Loss, ...]]:
    """The body that makes the extension of *snapshot* in *place*, as far as PM shows what it needs, and what is left out."""
    body, losses = carried(snapshot.record, snapshot.kind)
    return {**body, **snapshot.groups, "extensionNumber": place.number}, losses


def steps_of(session: Session, snapshot: Snapshot, body: Body, *, given: Body) -> tuple[Step, ...]:
    """The steps that make the extension of *snapshot* into one at its target with *body*; *given* is what the row says of it."""
    move = _Move(session, snapshot, _Made(session, snapshot, snapshot.target, body), given)
    source, target = snapshot.source, snapshot.target
    steps = (
        move.making(),
        *(relink(session, holder, source, target) for holder in snapshot.holders),
        move.taking_away(),
        *(put_back(session, belonging, target) for belonging in snapshot.going),
    )
    return (*map(_seen_through, steps), move.comparing())


def _seen_through(step: Step) -> Step:
    """*step*, and its undo, whose refusal counts only if reading shows no effect: behind one call are several commands (DOMAIN 1). It says at which step."""

    async def send() -> Reply:
        try:
            return await step.send()
        except RejectedError as refusal:
            with suppress(RowError):
                if (await step.reconcile()).done:
                    return Reply(
                        refusal.http or 200, note=f"PM refused {step.name} ({refusal.message}), but reading shows that it is done."
                    )
            raise RejectedError(f"At the step {step.name}: {refusal.message}", code=refusal.code, http=refusal.http) from refusal

    return replace(step, send=send, undo=None if step.undo is None else _seen_through(step.undo))


@dataclass(frozen=True, slots=True)
class _Made:
    """An extension that a move makes in *place* with *body*: the one at the target, or that at the source again."""

    session: Session
    snapshot: Snapshot
    place: Place
    body: Body = field(repr=False)

    @property
    def entity(self) -> Entity:
        return SHEETS[self.snapshot.kind]

    @property
    def create(self) -> str:
        """The name of the request that makes it."""
        return self.entity.by_operation[Operation.CREATE].endpoint

    @property
    def update(self) -> str:
        """The name of the request that completes it."""
        return self.entity.by_operation[Operation.UPDATE].endpoint

    async def make(self) -> Reply:
        """Send the create; where PM refuses it, nothing of it is left."""
        query = {"subsystemName": self.place.subsystem_name}
        try:
            return Reply((await self.session.client.call(self.create, query=query, body=self.body)).status)
        except RejectedError as refusal:
            raise await self._undone(refusal) from refusal

    async def complete(self) -> Reply:
        """Send the whole once more, to what an ambiguous create has left."""
        query = {"subsystemName": self.place.subsystem_name}
        return Reply((await self.session.client.call(self.update, query=query, body=self.body)).status)

    async def differences(self, *, groups: bool) -> tuple[Change, ...] | None:
        """What of it is not as wanted; ``None`` where it is not there at all."""
        record, found = await self._found(groups=groups)
        if found is None:
            return None
        columns = self.entity.columns_by_path
        return (*found.unlike, *differences(declared(found.body, columns), record.filled(), columns, assume_unreadable=True))

    async def _found(self, *, groups: bool) -> tuple[Record, Found | None]:
        """What is wanted, and what PM has; without *groups* nothing is asked by number."""
        if self.entity.find is None:
            raise TypeError(f"{self.entity.sheet} declares no find")
        wanted = {name: value for name, value in self.body.items() if groups or name not in GROUPS}
        address = ExtensionAddress.model_validate({"subsystemName": self.place.subsystem_name})
        record = Record(Operation.MOVE, address, self.entity.body.model_validate(wanted))
        # Whatever the job does about what is there: a look for an update would ask for the groups.
        return record, await self.entity.find(record, self.session.finding(IfExists.FAIL))

    async def standing(self) -> Standing:
        """What became of an ambiguous create; a part of it is its own, because the number was free."""
        different = await self.differences(groups=False)
        if different is None:
            return Standing(done=False)
        if not different:
            return Standing(done=True)
        completion = Step(self.update, endpoint(self.update).repeatable, self.complete, self._completed, undo=self.removal())
        return Standing(done=None, difference=self._unlike(different), completion=completion)

    async def _completed(self) -> Standing:
        different = await self.differences(groups=False)
        return Standing(done=different == (), difference=self._unlike(different or ()))

    def _unlike(self, different: Sequence[Change]) -> str:
        return f"{self.place} is not as it should be: {sentence(tuple(different)) or 'it is not there'}"

    def removal(self) -> Step:
        """The step that takes it away, and lets the source have what it may have lost meanwhile."""

        async def send() -> Reply:
            reply = await self.remove()
            await put_back_all(self.session, self.snapshot.belongings, self.snapshot.source)
            return reply

        async def reconcile() -> Standing:
            if await self.differences(groups=False) is not None:
                return Standing(done=False, difference=f"{self.place} is still there")
            lacking = await shortfall(self.session, self.snapshot.belongings, self.snapshot.source)
            return Standing(done=not lacking, difference=f"{self.snapshot.source} lacks: {'; '.join(lacking)}" if lacking else "")

        return Step(_DELETE, endpoint(_DELETE).repeatable, send, reconcile)

    async def remove(self) -> Reply:
        """Send the delete, if it is there."""
        record = await details_of(self.session, self.place.subsystem_name, self.place.number, ANY_TYPE)
        if record is None:
            return Reply(404)
        query = {"extensionNumber": self.place.number, "extensionType": record.get("extensionType") or self.snapshot.shown_type}
        answer = await self.session.client.call(_DELETE, path={"subsystemName": self.place.subsystem_name}, query=query)
        return Reply(answer.status)

    async def _undone(self, refusal: RejectedError) -> RowError:
        """*refusal*, after what the refused request may have made was taken away (DOMAIN 1); never what has something of its own."""
        if refusal.http in {None, 401, 403}:
            return refusal
        try:
            left = await self._is_own_part()
            if left:
                await self.remove()
        except RowError as error:
            message = f"{full_stop(refusal.message)} Part of {self.place} may be left, and could not be taken away ({error.message}); delete it in PM."
            return RejectedError(message, code=refusal.code, http=refusal.http)
        message = (
            f"{full_stop(refusal.message)} What the refused request had left of {self.place} was taken away." if left else refusal.message
        )
        return RejectedError(message, code=refusal.code, http=refusal.http)

    async def _is_own_part(self) -> bool:
        record, found = await self._found(groups=False)
        columns = self.entity.columns_by_path
        return found is not None and is_part(declared(found.body, columns), record.filled(), columns)


@dataclass(frozen=True, slots=True)
class _Move:
    """The steps that are about the extension itself."""

    session: Session
    snapshot: Snapshot
    made: _Made
    given: Body = field(repr=False)

    def making(self) -> Step:
        name = self.made.create
        return Step(name, endpoint(name).repeatable, self.made.make, self.made.standing, undo=self.made.removal())

    def taking_away(self) -> Step:
        source = self.snapshot.source

        async def send() -> Reply:
            query = {"extensionNumber": source.number, "extensionType": self.snapshot.shown_type}
            return Reply((await self.session.client.call(_DELETE, path={"subsystemName": source.subsystem_name}, query=query)).status)

        async def reconcile() -> Standing:
            held = await details_of(self.session, source.subsystem_name, source.number, (self.snapshot.shown_type,))
            return Standing(done=held is None)

        return Step(_DELETE, endpoint(_DELETE).repeatable, send, reconcile, undo=self._making_again())

    def _making_again(self) -> Step:
        """The step that makes the source again; what hangs on it follows when the target is gone, because its calls name no subsystem."""
        body, losses = typed(self.snapshot, self.snapshot.source)
        again = _Made(self.session, self.snapshot, self.snapshot.source, sendable(completed(body, losses, self.given), {}))
        without = "; ".join((*(loss.what for loss in not_given(losses, self.given)), *self.snapshot.missing))
        note = f"It was made again in {self.snapshot.source.subsystem_name}, without: {without}." if without else ""

        async def send() -> Reply:
            if await again.differences(groups=False) == ():
                return Reply(200)
            return replace(await again.make(), note=note)

        async def reconcile() -> Standing:
            return replace(await again.standing(), note=note)

        return Step(again.create, endpoint(again.create).repeatable, send, reconcile)

    def comparing(self) -> Step:
        """The step that reads back; what it finds stays as it is."""

        async def send() -> Reply:
            done = f"{self.snapshot.target} was made and {self.snapshot.source} is gone"
            try:
                lacking = await self._lacking()
            except RejectedError as refusal:
                message = f"{done}, but PM does not let it be compared: {refusal.message}"
                raise RejectedError(message, code=refusal.code, http=refusal.http) from refusal
            if lacking:
                message = f"{done}, but not all is as it was: {'; '.join(lacking)}. Correct it in PM."
                raise RejectedError(message, code="DIFFERENT")
            return Reply(200)

        async def reconcile() -> Standing:
            lacking = await self._lacking()
            return Standing(done=not lacking, difference="; ".join(lacking))

        return Step(_READ, endpoint(_READ).repeatable, send, reconcile, last_word=True)

    async def _lacking(self) -> list[str]:
        """What is not as it should be now, in words."""
        different = await self.made.differences(groups=not self.snapshot.others)
        words = ["it is not there"] if different is None else [sentence((change,)) for change in different]
        words += await shortfall(self.session, self.snapshot.going, self.snapshot.target)
        for holder in self.snapshot.holders:
            standing = await relink(self.session, holder, self.snapshot.source, self.snapshot.target).reconcile()
            if not standing.done:
                words.append(f"user '{holder.get('userId')}' does not have it")
        return words

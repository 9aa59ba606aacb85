"""
Who has an extension: found by one pass through PM's users per job, and read again before anybody is changed.

A user names an extension in the links and in the MiCollab and CloudLink accounts; all of them follow it when it moves (QUIRKS 92).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pmbulk.endpoints import endpoint
from pmbulk.entities.compare import declared
from pmbulk.entities.exporting import read_each
from pmbulk.entities.extension_details import Place
from pmbulk.entities.model import Body, Operation
from pmbulk.entities.names import fold
from pmbulk.entities.session import Session
from pmbulk.entities.steps import Reply, Standing, Step
from pmbulk.entities.users import USERS, write_shape
from pmbulk.errors import RejectedError

__all__ = ["holders_of", "obstacles", "relink"]

_ENDPOINT: Final = "updateUser"
#: What the job's pass through the users is known by.
_REGISTER: Final = "users by number"
#: And what asking every user is known by, where the list does not tell.
_ASKED: Final = "users by number, asked one by one"
#: Parts of a user that name an extension beside the links.
_ACCOUNTS: Final = ("micollab", "cloudlink")
_NUMBERS: Final = ("extension", "secondaryExtension")


async def holders_of(session: Session, place: Place, *, free: bool) -> list[Mapping[str, Any]]:
    """
    PM's answers about the users that name the extension in *place*; *free* is whether PM says that nobody has it.

    Raises:
        RejectedError: If PM does not tell this administrator who has what.
    """
    register: dict[str, set[int]] = await session.directory.once(_REGISTER, lambda: _register(session))
    if register:
        return await _those(session, register.get(place.number, ()), place)
    # This PM's list does not show extensions, or nobody has any; its search may look at numbers (QUIRKS 31, 130).
    found = await session.client.items("listUsers", query={"search": place.number})
    holders = await _those(session, {int(one["userRecId"]) for one in found if one.get("userRecId")}, place)
    if holders or free:
        return holders
    register |= await session.directory.once(_ASKED, lambda: _asked(session))
    return await _those(session, register.get(place.number, ()), place)


async def _those(session: Session, ids: Iterable[int], place: Place) -> list[Mapping[str, Any]]:
    """PM's answers about the users with these record *ids*, of those that name the extension in *place*."""
    answers = [await session.read("getUserByRecId", path={"userRecId": number}) for number in sorted(ids)]
    return [answer for answer in answers if answer and _names(_user(answer), place)]


async def _register(session: Session) -> dict[str, set[int]]:
    """The record ids of all users by the numbers that they name, as far as PM's list shows them."""
    register: dict[str, set[int]] = {}
    async for page in session.client.pages("listUsers"):
        _note(register, page)
    return register


async def _asked(session: Session) -> dict[str, set[int]]:
    """
    The same from every user's own record.

    Raises:
        RejectedError: If one cannot be read: it may be the one whose extension moves.
    """
    register: dict[str, set[int]] = {}
    ids = ([int(one["userRecId"]) for one in page if one.get("userRecId")] async for page in session.client.pages("listUsers"))
    before = len(session.unread)
    async for answer in read_each(
        session, lambda number: session.read("getUserByRecId", path={"userRecId": number}), ids, called=lambda number: f"user {number}"
    ):
        _note(register, [answer] if answer else [])
    if len(session.unread) > before:
        raise RejectedError(f"PM does not tell who has which extension: {session.unread[before]}", code="REFERENCE")
    return register


def _note(register: dict[str, set[int]], answers: Iterable[Mapping[str, Any]]) -> None:
    for answer in answers:
        for number in _numbers(_user(answer)) if answer.get("userRecId") else ():
            register.setdefault(number, set()).add(int(answer["userRecId"]))


def _user(answer: Mapping[str, Any]) -> Body:
    """A user as PM returns it, in the shape in which PM's document takes it."""
    user: Body = declared(write_shape(answer), USERS.columns_by_path)
    return user


def _numbers(user: Body) -> Iterator[str]:
    yield from (str(link["extensionNumber"]) for link in user.get("extensions") or () if link.get("extensionNumber"))
    for account in _accounts(user):
        yield from (str(account[name]) for name in _NUMBERS if account.get(name))


def _accounts(user: Body) -> Iterable[Body]:
    return [user[name] for name in _ACCOUNTS if user.get(name)]


def _is_link_to(link: Body, place: Place) -> bool:
    """Whether a link means the extension in *place*; either of the two names of its subsystem may be missing."""
    if str(link.get("extensionNumber")) != place.number:
        return False
    name, number = link.get("subsystemName"), link.get("subsystemId")
    return fold(str(name)) == fold(place.subsystem_name) if name else number == place.subsystem_id


def _is_on(account: Body, place: Place) -> bool:
    return fold(str(account.get("mxoneSubsystem") or "")) == fold(place.subsystem_name)


def _names(user: Body, place: Place) -> bool:
    """Whether anything of *user* means the extension in *place*."""
    if any(_is_link_to(link, place) for link in user.get("extensions") or ()):
        return True
    return any(_is_on(account, place) and place.number in (account.get(name) for name in _NUMBERS) for account in _accounts(user))


def obstacles(user: Mapping[str, Any], source: Place, target: Place) -> Iterator[str]:
    """What of a *user* cannot follow the extension, in words: an account has one telephony subsystem for both of its extensions."""
    account = _user(user).get("micollab") or {}
    if fold(source.subsystem_name) == fold(target.subsystem_name) or not _is_on(account, source):
        return
    first, second = (account.get(name) for name in _NUMBERS)
    if second and source.number in (first, second):
        yield f"the secondary extension {second} of the MiCollab account of user '{user.get('userId')}', which is beside {first} in {source.subsystem_name}"


def _moved(user: Body, source: Place, target: Place) -> Body:
    """*user* with *target* wherever *source* is named."""
    links = [_linked(link, target) if _is_link_to(link, source) else link for link in user.get("extensions") or ()]
    accounts = {name: _account(user[name], source, target) for name in _ACCOUNTS if user.get(name)}
    return {**user, **({"extensions": links} if links else {}), **accounts}


def _linked(link: Body, target: Place) -> Body:
    known = {name: value for name, value in link.items() if name != "subsystemId"}
    number = {} if target.subsystem_id is None else {"subsystemId": target.subsystem_id}
    return {**known, "extensionNumber": target.number, "subsystemName": target.subsystem_name, **number}


def _account(account: Body, source: Place, target: Place) -> Body:
    if not _is_on(account, source) or source.number not in (account.get(name) for name in _NUMBERS):
        return account
    numbers = {name: target.number for name in _NUMBERS if account.get(name) == source.number}
    if fold(source.subsystem_name) == fold(target.subsystem_name):
        return {**account, **numbers}
    kept = {name: value for name, value in account.items() if name != "secondaryExtension"}
    if "extension" not in numbers:
        return kept
    return {**kept, **numbers, "mxoneSubsystem": target.subsystem_name}


def _back(user: Body, before: Body, source: Place, target: Place) -> Body:
    """*user* with *source* wherever *target* is named, and the accounts as they were *before*."""
    followed = _moved(before, source, target)
    accounts = {name: before[name] for name in _ACCOUNTS if before.get(name) and user.get(name) == followed.get(name)}
    return {**_moved(user, target, source), **accounts}


@dataclass(frozen=True, slots=True)
class _Relink:
    """One user's way from *source* to *target*; *before* is the user as it was where the way leads back."""

    session: Session
    rec_id: int
    user_id: str
    source: Place
    target: Place
    before: Body | None = None

    async def send(self) -> Reply:
        # The whole user is written, so what another row has just changed has to be read first.
        async with self.session.directory.lock(f"user {self.rec_id}"):
            now = await self._now()
            if now is None:
                return Reply(404, note=f"User '{self.user_id}' is no longer in PM.")
            wanted = self._wanted(now)
            body = USERS.shape(Operation.UPDATE, wanted, {})
            answer = await self.session.client.call(_ENDPOINT, path={"userRecId": self.rec_id}, body=body)
        register = self.session.directory.known(_REGISTER)
        if register:
            register.setdefault(self.target.number, set()).add(self.rec_id)
        return Reply(answer.status)

    async def reconcile(self) -> Standing:
        now = await self._now()
        return Standing(done=now is None or (_names(now, self.target) and self._wanted(now) == now))

    def _wanted(self, now: Body) -> Body:
        if self.before is not None:
            return _back(now, self.before, self.target, self.source)
        return _moved(now, self.source, self.target)

    async def _now(self) -> Body | None:
        answer = await self.session.read("getUserByRecId", path={"userRecId": self.rec_id})
        return _user(answer) if answer else None


def relink(session: Session, user: Mapping[str, Any], source: Place, target: Place) -> Step:
    """
    The step that lets *user*, as PM answered it, have the extension in *target* instead of that in *source*; its undo lets everything be as it was.

    Raises:
        RejectedError: If PM gave the user no record id.
    """
    if not user.get("userRecId"):
        raise RejectedError(f"PM does not tell the record id of user '{user.get('userId')}', who has the extension", code="REFERENCE")
    rec_id, user_id = int(user["userRecId"]), str(user.get("userId", ""))
    forth = _Relink(session, rec_id, user_id, source, target)
    back = _Relink(session, rec_id, user_id, target, source, _user(user))
    repeatable = endpoint(_ENDPOINT).repeatable
    return Step(_ENDPOINT, repeatable, forth.send, forth.reconcile, undo=Step(_ENDPOINT, repeatable, back.send, back.reconcile))

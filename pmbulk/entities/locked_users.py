"""Locked users: those who typed a wrong password too often; a row lets one of them log in again (PM API 12)."""

from __future__ import annotations

from collections.abc import AsyncIterator

from pmbulk.entities.fields import Fields, field_
from pmbulk.entities.model import Action, Entity, Flat, Identity, Operation, Record, key_of
from pmbulk.entities.names import fold
from pmbulk.entities.operations import write
from pmbulk.entities.session import Session
from pmbulk.entities.steps import Plan, Standing

__all__ = ["LOCKED_USERS"]


class LockedUserAddress(Fields):
    """What says which user a row means."""

    user_id: str | None = field_("userId", label="User id", required=True, example="anna.berg", help="The login name.", source="FIELDS 3")


class Nothing(Fields):
    """No body: everything is in the query (QUIRKS 98)."""


async def _unlock(entity: Entity, record: Record, session: Session) -> Plan:
    user_id = record.address.user_id

    async def reconcile() -> Standing:
        locked = await session.client.items("listLockedUsers")
        return Standing(done=all(fold(str(one.get("userId", ""))) != fold(user_id) for one in locked))

    return write(entity.by_operation[Operation.UNLOCK], session, path={}, query={"userId": user_id}, reconcile=reconcile)


async def _export(session: Session) -> AsyncIterator[Flat]:
    async for page in session.client.pages("listLockedUsers"):
        for one in page:
            if one.get("userId"):
                yield {"userId": str(one["userId"])}


LOCKED_USERS = Entity(
    sheet="locked_users",
    title="locked user",
    help="Users who typed a wrong password too often and may log in again.",
    address=LockedUserAddress,
    body=Nothing,
    actions=(Action(Operation.UNLOCK, "unlockUser", _unlock, help="Let the user log in again."),),
    identify=lambda record: Identity(f"'{record.address.user_id}'", key_of("users", record.address.user_id)),
    after=("users",),
    export=_export,
    # Run as they are, the rows unlock everybody.
    by_name_only=True,
)

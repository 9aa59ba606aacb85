"""
Everything about the simulated PM that a caller may choose, above all what the documents leave open.

Defaults are the document's word where it has one. What is open and should make no difference to a client is no switch: it is marked "inferred"
or "not documented" where it is decided. Pure: no I/O.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from pmbulk.simulator.faults import Fault

__all__ = ["HeaderScheme", "SimulatorSettings", "WorldName"]


class HeaderScheme(StrEnum):
    """How the token must stand in its header (DOMAIN 1: no document says)."""

    #: ``Bearer <token>``
    BEARER = "bearer"
    #: The bare token.
    RAW = "raw"
    #: Either.
    ANY = "any"


class WorldName(StrEnum):
    """What PM holds at the start."""

    #: Two telephony subsystems, others of every service for users, locations, a department tree, users and extensions of every kind.
    DEMO = "demo"
    #: The telephony subsystems, the administrator, and what every PM has of its own.
    BARE = "bare"


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorSettings:
    """The simulated PM's address, account, pace, reading of the open questions, and bad day."""

    host: str = "127.0.0.1"
    #: 0 takes a free port.
    port: int = 0

    username: str = "admin"
    password: str = field(default="Admin-1234567!", repr=False)
    header_name: str = "Authorization"
    header_scheme: HeaderScheme = HeaderScheme.BEARER
    token_lifetime_s: float = 2700.0
    refresh_lifetime_s: float = 7200.0
    #: Wrong passwords until the account is locked; ``None``: never.
    login_attempts: int | None = 5
    #: What the three session calls refuse with; 400 is the only failure that they document (QUIRKS 14).
    refused_login_status: int = 400

    #: Time every request takes, plus up to ``jitter_s`` more.
    latency_s: float = 0.0
    jitter_s: float = 0.0
    #: Requests PM works on at once, others wait their turn; ``None``: all.
    capacity: int | None = None
    #: Writes one telephony subsystem bears at once, others are told ``busy_words``; ``None``: any number (DOMAIN 4).
    telephony_writes: int | None = None
    busy_status: int = 500
    busy_words: str = "COMMAND BUSY"

    world: WorldName = WorldName.DEMO
    #: Users made up beside those of the world, for lists of many pages.
    generated_users: int = 0

    #: First page of each list (QUIRKS 23, 24). A lower number asks for the first page too, as the example URLs do.
    options_first_page: int = 1
    profiles_first_page: int = 1
    users_first_page: int = 1
    locked_users_first_page: int = 1
    privileges_first_page: int = 1
    locations_first_page: int = 0
    departments_first_page: int = 0
    #: How the list of locations calls its page: the table and the example URL differ (QUIRKS 22).
    locations_page_parameter: str = "pageNo"
    #: Whether page, size and sorting take their defaults where they are not sent; else that is refused (QUIRKS 34).
    paging_defaults: bool = False
    #: A larger page is cut to this size.
    max_page_size: int = 1000
    #: Whether ``count`` is the total or the number on the page (QUIRKS 32).
    count_is_total: bool = True
    #: Whether members that are 0 or "" are left out of answers (QUIRKS 19), and those that are false.
    omit_empty: bool = True
    omit_false: bool = False
    #: Whether an update changes only what it names, or replaces the whole object (QUIRKS 20).
    updates_merge: bool = False
    #: Answers that are printed as one object where several are to be expected (QUIRKS 62, 63, 64).
    number_series_as_list: bool = True
    user_extensions_as_list: bool = True
    phone_lists_as_list: bool = True
    #: Whether cordless telephones have logged on, after which their keys and identities read back empty (DOMAIN 5).
    dect_handsets_registered: bool = False
    #: Whether an IP extension behind a SIP route is shown as ``REMOTE``, a type that no call creates (QUIRKS 49, inferred).
    remote_shown: bool = False
    #: What a name, number or id that is taken is refused with; the document has no status for it (QUIRKS 15).
    duplicate_status: int = 400
    #: What a call about something that PM does not have is refused with (QUIRKS 15).
    absent_status: int = 404
    #: Whether a department at the root is written with the parent 0, or without one (FIELDS 5).
    root_parent_sent: bool = True
    #: Whether other calls than the session's explain a refusal (QUIRKS 14).
    error_bodies: bool = True
    #: Whether an administrator sees only the users that he made (DOMAIN 2).
    scoped_visibility: bool = False
    #: Whether a number in place of a subsystem's name is taken for its id (QUIRKS 46).
    subsystem_id_as_name: bool = False
    #: Whether fields are demanded that the document no longer marks as mandatory but a sensible PM needs (FIELDS "rec").
    demand_recommended: bool = True

    faults: tuple[Fault, ...] = ()
    #: Seeds the faults' chances and the jitter.
    seed: int = 0
    #: Seconds since the epoch.
    clock: Callable[[], float] = time.time
    #: How many requests the log keeps, the newest.
    kept_requests: int = 100_000

"""All entities, in the order in which their rows run; the only place that knows every one of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pmbulk.entities.authorization_codes import AUTHORIZATION_CODES
from pmbulk.entities.call_choices import CALL_CHOICES
from pmbulk.entities.cordless_extensions import CORDLESS_EXTENSIONS
from pmbulk.entities.departments import DEPARTMENTS
from pmbulk.entities.extension_moves import EXTENSION_MOVES
from pmbulk.entities.extensions import EXTENSIONS
from pmbulk.entities.ip_extensions import IP_EXTENSIONS
from pmbulk.entities.locations import LOCATIONS
from pmbulk.entities.locked_users import LOCKED_USERS
from pmbulk.entities.mobile_extensions import MOBILE_EXTENSIONS
from pmbulk.entities.model import Entity
from pmbulk.entities.multi_terminal_extensions import MULTI_TERMINAL_EXTENSIONS
from pmbulk.entities.names import in_quotes, nearest_sentence, plain
from pmbulk.entities.personal_number_lists import PERSONAL_NUMBER_LISTS
from pmbulk.entities.personal_numbers import PERSONAL_NUMBERS
from pmbulk.entities.phone_keys import PHONE_KEYS
from pmbulk.entities.security_profiles import SECURITY_PROFILES
from pmbulk.entities.subsystems import SUBSYSTEMS
from pmbulk.entities.system_options import SYSTEM_OPTIONS
from pmbulk.entities.terminal_selections import TERMINAL_SELECTIONS
from pmbulk.entities.udf_definitions import UDF_DEFINITIONS
from pmbulk.entities.users import USERS
from pmbulk.entities.virtual_extensions import VIRTUAL_EXTENSIONS
from pmbulk.errors import WorkbookError

__all__ = ["ENTITIES", "entity_for", "is_ignored", "rank_of", "unknown_sheets"]

#: Sheets that pmbulk itself writes beside the entities'.
_IGNORED_SHEETS: Final = frozenset({"guide", "summary"})


def _ordered(entities: tuple[Entity, ...]) -> dict[str, Entity]:
    """
    *entities* by sheet, each after those that it names.

    Raises:
        TypeError: If a sheet is declared twice, or comes after one that nobody declares or that comes after itself.
    """
    by_sheet = {entity.sheet: entity for entity in entities}
    if len(by_sheet) != len(entities):
        raise TypeError("two entities have the same sheet")
    placed: dict[str, Entity] = {}
    while len(placed) < len(by_sheet):
        # One at a time: what does not have to wait keeps its place in the declaration.
        ready = next((entity for entity in entities if entity.sheet not in placed and all(name in placed for name in entity.after)), None)
        if ready is None:
            raise TypeError(f"no order among {', '.join(sorted(set(by_sheet) - set(placed)))}")
        placed[ready.sheet] = ready
    return placed


#: Every entity by its sheet's name, in the order in which creates run.
ENTITIES: Final = _ordered(
    (
        LOCATIONS,
        DEPARTMENTS,
        SUBSYSTEMS,
        SECURITY_PROFILES,
        UDF_DEFINITIONS,
        SYSTEM_OPTIONS,
        IP_EXTENSIONS,
        VIRTUAL_EXTENSIONS,
        MULTI_TERMINAL_EXTENSIONS,
        MOBILE_EXTENSIONS,
        CORDLESS_EXTENSIONS,
        EXTENSIONS,
        AUTHORIZATION_CODES,
        TERMINAL_SELECTIONS,
        PERSONAL_NUMBER_LISTS,
        CALL_CHOICES,
        PERSONAL_NUMBERS,
        PHONE_KEYS,
        EXTENSION_MOVES,
        USERS,
        LOCKED_USERS,
    )
)

_BY_SPELLING: Final = {plain(sheet): entity for sheet, entity in ENTITIES.items()}
_RANKS: Final = {sheet: rank for rank, sheet in enumerate(ENTITIES)}


def is_ignored(sheet: str) -> bool:
    """Whether a sheet is not read at all: pmbulk's own ones, and those of the person who keeps the workbook (``_``)."""
    return sheet.startswith("_") or plain(sheet) in _IGNORED_SHEETS


def entity_for(sheet: str) -> Entity:
    """
    The entity whose rows a *sheet* of this name holds, whatever its case, blanks, ``-`` and ``_``.

    Raises:
        WorkbookError: If there is none; names the nearest.
    """
    found = _BY_SPELLING.get(plain(sheet))
    if found is None:
        raise WorkbookError(unknown_sheets([sheet]))
    return found


def unknown_sheets(names: Iterable[str]) -> str:
    """What is said of sheets with *names* that no entity has: the nearest of each, and once all that there are."""
    lines = [f"{in_quotes(name)} is none of the sheets that pmbulk knows.{nearest_sentence(name, ENTITIES)}" for name in names]
    return "\n".join(lines) + f" They are {', '.join(ENTITIES)}."


def rank_of(entity: Entity) -> int:
    """The place of *entity* in the order of creates, from 0."""
    return _RANKS[entity.sheet]

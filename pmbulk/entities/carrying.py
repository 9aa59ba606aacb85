"""
What of an extension goes along when it is made again elsewhere, and what cannot: pure.

Nothing that PM shows is lost unseen: the record is held against the one that PM would show of the new extension, and what that one lacks is either got by
itself or told (DOMAIN 5). Groups, keys, lists and users are no part of the record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pmbulk.entities.compare import leaves, merged, nested
from pmbulk.entities.extension_fields import CLEARTEXT
from pmbulk.entities.extension_print_outs import ROUTE_TYPES, blocks, first, inner, is_set, listed
from pmbulk.entities.extension_record import ExtensionKind, extension_body, is_automatic, is_remote, route_of
from pmbulk.entities.extension_sheets import SHEETS
from pmbulk.entities.fields import POSITION
from pmbulk.entities.model import Body
from pmbulk.entities.print_out_fates import fate_of
from pmbulk.entities.record_of_body import record_of
from pmbulk.secret import is_secret

__all__ = ["Loss", "carried", "completed", "not_given", "sendable"]

#: What PM writes where nothing is set.
_NOTHING: Final = frozenset(
    {"", "-", "0", "default", "disabled", "false", "inactive", "n", "no", "none", "not set", "null", "off", "unlocked"}
)
#: What a new terminal cannot do without, by the part of the body that it stands in (``""``: the body itself).
_NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "dectExtension": ("authenticationKey", "internationalPortableEquipmentIdentity"),
    "mobileExtension": ("defaultRemoteNumber",),
    "automaticSIPRegistration": ("terminalIdentity", "universalResourceIdentifier"),
    "sipRemoteExtension": ("terminalIdentity", "sipRouteNumber"),
}
_NEEDED_ALONE: Final[Mapping[ExtensionKind, tuple[str, ...]]] = {
    ExtensionKind.CORDLESS: _NEEDED["dectExtension"],
    ExtensionKind.MOBILE: _NEEDED["mobileExtension"],
}
#: Where a handset's key stands.
_KEY: Final[Mapping[ExtensionKind, str]] = {
    ExtensionKind.CORDLESS: "authenticationKey",
    ExtensionKind.MULTI_TERMINAL: "dectExtension.authenticationKey",
}
_LONGEST_VALUE: Final = 60


@dataclass(frozen=True, slots=True)
class Loss:
    """
    Something that a new extension would not have, or not for certain.

    *what* are plain words for the results, *of_value* says whether it would be missed, *column* is the header that gives it to the new extension
    (``""``: none can). What is *needed* has to be given, because PM makes no such extension without it.
    """

    what: str
    of_value: bool
    column: str = ""
    needed: bool = False


@dataclass(frozen=True, slots=True)
class _Left:
    """A *value* at *path* of the record that the new extension would not show; *position* is that of its block among its like, from 1."""

    path: tuple[str, ...]
    value: Any
    position: int = 1


def carried(record: Mapping[str, Any], kind: ExtensionKind) -> tuple[Body, tuple[Loss, ...]]:
    """
    The body that makes the extension of this *kind* again, from its detail *record*, and what that cannot carry.

    A code that PM does not show keeps its position without the code, so that a row can give it; `sendable` leaves out what nobody gives.
    """
    body = extension_body(record, kind)
    losses = (
        *_told(_left(record, record_of(body, kind)), kind),
        *_codes(body),
        *_registration(record, kind),
        *_further_terminals(record, kind, body),
        *_missing(body, kind),
    )
    return body, tuple(dict.fromkeys(losses))


def sendable(body: Mapping[str, Any], typed: Mapping[str, Any]) -> Body:
    """
    *body*, in which the members that a row gives (*typed*) have their place already, as a create takes it.

    It has no codes and no terminals that nobody knows whole, one home only, the typed one first, and a public number with its type or not at all.
    """
    made = {name: value for name, value in body.items() if name not in _NEEDED}
    for part in (name for name in _NEEDED if name in body):
        whole = [terminal for terminal in listed(body[part]) if not _lacks(part, terminal)]
        if whole:
            made[part] = whole if isinstance(body[part], list) else whole[0]
    codes = [{"hashType": CLEARTEXT} | code for code in made.pop("authorizationCodes", ()) if code.get("authorizationCode")]
    if codes:
        made["authorizationCodes"] = codes
    for mine, other in (("serverNumber", "domainName"), ("domainName", "serverNumber")):
        if typed.get(mine) and not typed.get(other):
            made.pop(other, None)
    public = made.pop("publicCLINumber", None) or {}
    if public.get("publicCLINumber"):
        # PM leaves out what is 0, which is the unknown type (QUIRKS 19).
        made["publicCLINumber"] = {"typeOfCLInumber": "0"} | public
    return made


def not_given(losses: Iterable[Loss], typed: Mapping[str, Any]) -> list[Loss]:
    """*losses* without those that a row gives anew (*typed*)."""
    headers = [".".join(path) for path, _value in leaves(dict(typed))]
    return [loss for loss in losses if not any(_is_in(header, loss) for header in headers)]


def completed(body: Body, losses: Iterable[Loss], typed: Mapping[str, Any]) -> Body:
    """*body* with what a row gives (*typed*) in place of *losses*, and nothing else of it: the old extension as far as anybody knows it."""
    missing = list(losses)
    for path, value in leaves(dict(typed)):
        if any(_is_in(".".join(path), loss) for loss in missing):
            body = merged(body, nested(path, value))
    return body


def _is_in(header: str, loss: Loss) -> bool:
    """Whether a filled *header* is the column of *loss*, or a part of it."""
    return bool(loss.column) and f"{header}.".startswith(f"{loss.column}.")


def _left(record: Mapping[str, Any], again: Mapping[str, Any]) -> Iterator[_Left]:
    """Everything in *record* that holds something and is not in the record *again* of the new extension."""
    raw, printed_again = record.get("extensionVO"), again["extensionVO"]
    for name, value in record.items():
        if name.startswith("ippServer") and not is_set(record.get("manualServerUrl")):
            continue
        if name != "extensionVO" and str(again.get(name, "")) != str(value):
            yield from (_Left((name, *_without_positions(path)), leaf) for path, leaf in leaves(value) if _holds(leaf))
    yield from (_Left(("extensionVO",), value) for value in listed(raw)[1:] if _holds(value))
    if raw is not None and not first(raw) and _holds(listed(raw)[:1]):
        yield _Left(("extensionVO",), raw)
    for name, value in first(raw).items():
        if name == "nutr":
            yield from _left_of_numbers(value, printed_again)
        else:
            yield from _left_of_blocks(name, value, list(printed_again.get(name, ())))


def _left_of_blocks(name: str, value: Any, rest: list[Body]) -> Iterator[_Left]:
    for position, block in enumerate(listed(value), start=1):
        held = [(_without_positions(path), leaf) for path, leaf in leaves(block) if _holds(leaf)]
        twin = rest.pop(_nearest(held, rest)) if rest and isinstance(block, Mapping) else {}
        # Told by `_further_terminals`.
        if name == "ipex" and not twin and isinstance(block, Mapping):
            continue
        shown = dict(leaves(twin))
        left = ((path, leaf) for path, leaf in held if not _same(path, leaf, shown.get(path)) and not _usual(path, leaf, block))
        yield from (_Left((name, *path), leaf, position) for path, leaf in left)


def _usual(path: tuple[str, ...], leaf: Any, block: Any) -> bool:
    """Whether nobody chose *leaf*: one terminal is the least, a mobile number is in force unless another one is, and only a mobile alone says how to reach it."""
    return (
        (path == ("maxter",) and str(leaf) == "1")
        or (path == ("actMobNum",) and leaf == block.get("defMobNum"))
        or (path == ("mobType",) and str(leaf).upper() in ROUTE_TYPES)
    )


def _nearest(held: Iterable[tuple[tuple[str, ...], Any]], rest: list[Body]) -> int:
    """Which of *rest* has the most of what is *held*."""
    likeness = [sum(_same(path, leaf, shown.get(path)) for path, leaf in held) for shown in map(dict, map(leaves, rest))]
    return likeness.index(max(likeness))


def _left_of_numbers(value: Any, again: Mapping[str, Any]) -> Iterator[_Left]:
    """A translation goes along with the number that was received; how PM spreads the numbers over print-outs does not matter."""
    known = {number for block in again.get("nutr", ()) for number in block["remNum"]}
    for block in listed(value):
        if not isinstance(block, Mapping):
            yield from (_Left(("nutr",), block) for _ in range(_holds(block)))
            continue
        numbers = [str(number) for number in listed(block.get("remNum")) if _holds(number)]
        yield from (_Left(("nutr", "remNum"), number) for number in numbers if number not in known)
        if not numbers or not known.issuperset(numbers):
            others = {name: inner_value for name, inner_value in block.items() if name != "remNum"}
            yield from (_Left(("nutr", *_without_positions(path)), leaf) for path, leaf in leaves(others) if _holds(leaf))


def _without_positions(path: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part for part in path if not part.isdigit())


def _holds(value: Any) -> bool:
    """Whether *value* says something: PM writes words of its own where nothing is set."""
    if isinstance(value, Mapping):
        return any(map(_holds, value.values()))
    if isinstance(value, list):
        return any(map(_holds, value))
    return value is not None and str(value).strip().casefold() not in _NOTHING


def _same(path: tuple[str, ...], old: Any, new: Any) -> bool:
    """Whether a member is printed alike; flags and numbers have several spellings, and an address of a route may say more than the route."""
    if new is None:
        return False
    texts = [str(value).strip().casefold() for value in (old, new)]
    if texts[0] == texts[1]:
        return True
    if path[-1:] == ("uri",):
        return route_of(str(old)) == route_of(str(new)) != {}
    if all(text.isdecimal() and len(text) < 16 for text in texts):
        return int(texts[0]) == int(texts[1])
    return texts[1] == "true" and is_set(old)


def _told(left: Iterable[_Left], kind: ExtensionKind) -> Iterator[Loss]:
    """What is *left* in words, one loss for all members that have the same words and column."""
    said: dict[Loss, list[str]] = {}
    for one in left:
        fate, rest = fate_of(one.path)
        if fate.words:
            loss = Loss(fate.words, fate.of_value, _column(fate.column, one.position, kind))
            said.setdefault(loss, []).append(_value(one, rest))
    for loss, values in said.items():
        detail = ", ".join(filter(None, values))
        yield Loss(f"{loss.what} ({detail})" if detail else loss.what, loss.of_value, loss.column)


def _value(one: _Left, rest: tuple[str, ...]) -> str:
    value = "" if is_secret(one.path[-1]) else ", ".join(str(inner_value) for inner_value in listed(one.value))
    text = f"{'.'.join(rest)} {value}".strip()
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


def _column(readable: str, position: int, kind: ExtensionKind) -> str:
    """The header under which the sheets of this *kind* have *readable*, which may stand in a part; ``""`` if they have not."""
    parts = tuple(readable.split("."))
    for column in SHEETS[kind].columns:
        if readable and column.path[-len(parts) :] == parts:
            return ".".join(str(position) if part == POSITION else part for part in column.path)
    return ""


def _codes(body: Body) -> Iterator[Loss]:
    """Codes of which PM shows no text, but something else; the default alone says nothing."""
    for position, code in enumerate(body.get("authorizationCodes", ()), start=1):
        hashed = code.get("hashType", CLEARTEXT) != CLEARTEXT
        others = {name: value for name, value in code.items() if name != "hashType"}
        if "authorizationCode" in code or not (hashed or _holds(others)):
            continue
        header = f"authorizationCodes.{position}.authorizationCode"
        yield (
            Loss("authorization code, which PM keeps as a hash", of_value=True, column=header) if hashed else _unseen(header, needed=False)
        )


def _registration(record: Mapping[str, Any], kind: ExtensionKind) -> Iterator[Loss]:
    """A handset's registration is between it and the old system."""
    cordless = first(inner(first(record.get("extensionVO")), "cxakp"))
    if is_set(cordless.get("accessRights")) or _holds(cordless.get("autpar")):
        yield Loss("the registration of the DECT handset, which has to register again", of_value=True, column=_KEY.get(kind, ""))


def _further_terminals(record: Mapping[str, Any], kind: ExtensionKind, shown: Body) -> Iterator[Loss]:
    """A terminal with an address of its own for which the body has no place."""
    phones = blocks(first(record.get("extensionVO")).get("ipex"))
    # A telephone that logs on is printed once for every log-on, and has its place in these kinds.
    logs_on = kind in {ExtensionKind.IP, ExtensionKind.MULTI_TERMINAL}
    fixed = [phone for phone in phones if not logs_on or is_remote(phone) or is_automatic(phone)]
    if len(fixed) > len(listed(shown.get("sipRemoteExtension"))) + ("automaticSIPRegistration" in shown):
        yield Loss("a further IP terminal", of_value=True)


def _missing(body: Body, kind: ExtensionKind) -> Iterator[Loss]:
    """What the new extension, or one of several terminals, cannot be made without and PM does not show."""
    home = () if body.get("domainName") else ("serverNumber",)
    for name in (*home, *_NEEDED_ALONE.get(kind, ())):
        if not body.get(name):
            yield _unseen(name, needed=True)
    if "commonServiceProfile" not in body:
        yield _unseen("commonServiceProfile", needed=True)
    public = body.get("publicCLINumber") or {}
    if _holds(public) and not public.get("publicCLINumber"):
        yield Loss("publicCLINumber, whose number PM does not show", of_value=False, column="publicCLINumber.publicCLINumber")
    for part in _NEEDED:
        for position, terminal in enumerate(listed(body.get(part)), start=1):
            above = f"{part}.{position}" if isinstance(body[part], list) else part
            alone = kind is not ExtensionKind.MULTI_TERMINAL
            for name in _lacks(part, terminal):
                yield _unseen(f"{above}.{name}", needed=alone, so="" if alone else f"; without it there is no {above} there")


def _unseen(header: str, *, needed: bool, so: str = "") -> Loss:
    return Loss(f"{header}, which PM does not show{so}", of_value=True, column=header, needed=needed)


def _lacks(part: str, terminal: Mapping[str, Any]) -> list[str]:
    """What the *terminal* of a *part* has not, but needs; a destination is as good as a route."""
    reached = {"sipRouteNumber"} if terminal.get("destinationNumber") else set()
    return [name for name in _NEEDED[part] if not terminal.get(name) and name not in reached]

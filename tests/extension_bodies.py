"""Bodies of extensions of every kind with everything that PM shows of them, made from the tables of the translation."""

from __future__ import annotations

from hypothesis import strategies as st

from pmbulk.entities.extension_print_outs import (
    AUCO,
    AUTOMATIC,
    DECT,
    GEDI,
    IPEX,
    MAC,
    MOBILE,
    NIIN,
    REMOTE,
    ROUTE_TYPES,
    ROUTED,
    SECURED,
    SERVICES,
    TERMINALS,
    ExtensionKind,
    is_set,
)

__all__ = ["bodies"]

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
NUMBERS = st.from_regex(r"[0-9]{2,12}", fullmatch=True)
COUNTS = st.integers(0, 10**9 - 1)
#: An address that names no SIP route is the terminal's own.
ADDRESSES = st.from_regex(r"sip:[a-z0-9]{1,5}@[a-z0-9]{1,5}", fullmatch=True)
HASHED = st.sampled_from(["MD5A1", "SHA256", "SHA256_MD5A1"])


def values(readable, convert):
    """What the member *readable* may hold, by what reads it from a print-out."""
    if convert is is_set:
        return st.booleans()
    if readable == "extensionRouteType":
        return st.sampled_from(ROUTE_TYPES)
    if readable == "universalResourceIdentifier":
        return ADDRESSES
    return TEXTS if convert("x") == "x" else COUNTS


def part(translation, *needed):
    """An object with any of the members of *translation*, and the *needed* ones in any case."""
    members = {readable: values(readable, convert) for _short, readable, convert in translation}

    def nested(flat):
        body = {}
        for readable, value in flat.items():
            *above, last = readable.split(".")
            place = body
            for name in above:
                place = place.setdefault(name, {})
            place[last] = value
        return body

    optional = {name: member for name, member in members.items() if name not in needed}
    return st.fixed_dictionaries({name: members[name] for name in needed}, optional=optional).map(nested)


ROUTES = st.one_of(
    st.fixed_dictionaries({"trunkType": st.just("Route"), "sipRouteNumber": COUNTS}, optional={"sipBackupRoutenumber": COUNTS}),
    st.fixed_dictionaries({"trunkType": st.just("Destination"), "destinationNumber": NUMBERS}),
    st.just({}),
)
REMOTES = st.builds(lambda remote, route: remote | route, part(REMOTE, "defaultRemoteNumber"), ROUTES)
CODES = st.one_of(
    st.builds(lambda code, auth: code | {"hashType": "CLEARTEXT", "authorizationCode": auth}, part(AUCO), TEXTS),
    # A code that is kept as a hash is shown without the code.
    st.builds(lambda code, kept: code | {"hashType": kept}, part(AUCO), HASHED),
)
HOMES = st.one_of(
    st.fixed_dictionaries({"serverNumber": COUNTS}),
    st.fixed_dictionaries({"domainName": TEXTS}),
    st.fixed_dictionaries({"serverNumber": COUNTS}),
)


def received(parts, numbers):
    """*parts* with the numbers received from them: of all of them or of none, else PM does not tell whose they are."""
    return [one | ({"receivedANumber": number} if numbers else {}) for one, number in zip(parts, numbers or parts, strict=False)]


@st.composite
def several(draw):
    """The terminals of a multi-terminal extension."""
    body = {}
    remotes, mobile = draw(st.lists(REMOTES, max_size=3)), draw(st.none() | part(MOBILE, "defaultRemoteNumber"))
    behind = ([] if mobile is None else [mobile]) + remotes
    behind = received(behind, draw(st.just([]) | st.lists(NUMBERS, min_size=len(behind), max_size=len(behind))))
    if mobile is not None:
        body["mobileExtension"] = behind[0]
    if remotes:
        body["sipRemoteExtension"] = behind[-len(remotes) :]
    for name, one in (("dectExtension", DECT), ("ipExtension", SERVICES + MAC + TERMINALS), ("automaticSIPRegistration", AUTOMATIC)):
        terminal = draw(st.none() | part(one))
        body |= {} if terminal is None else {name: terminal}
    return body | draw(part(SECURED))


@st.composite
def one_ip(draw):
    """The terminal of an IP extension."""
    body = draw(part(IPEX))
    terminal = draw(st.sampled_from(["", "automaticSIPRegistration", "sipRemoteExtension"]))
    if terminal == "sipRemoteExtension":
        body[terminal] = draw(REMOTES | part(REMOTE)) | draw(st.fixed_dictionaries({}, optional={"receivedANumber": NUMBERS}))
    elif terminal:
        body[terminal] = draw(part(AUTOMATIC))
    return body


TERMINALS_OF = {
    ExtensionKind.VIRTUAL: st.just({}),
    ExtensionKind.MULTI_TERMINAL: several(),
    ExtensionKind.MOBILE: st.builds(
        lambda mobile, number: mobile | number, part(ROUTED), st.fixed_dictionaries({}, optional={"receivedANumber": NUMBERS})
    ),
    ExtensionKind.IP: one_ip(),
    ExtensionKind.CORDLESS: part(DECT),
}


@st.composite
def bodies(draw, kind):
    """The body of an extension of this *kind*, as far as PM shows it."""
    body = {"extensionNumber": draw(NUMBERS), "commonServiceProfile": 0} | draw(part(GEDI[kind])) | draw(part(NIIN))
    body |= draw(st.fixed_dictionaries({}, optional={"description": TEXTS}))
    home = draw(HOMES)
    body |= home if kind is not ExtensionKind.CORDLESS or "serverNumber" in home else {}
    codes = draw(st.lists(CODES, max_size=3))
    return body | ({"authorizationCodes": codes} if codes else {}) | draw(TERMINALS_OF[kind])

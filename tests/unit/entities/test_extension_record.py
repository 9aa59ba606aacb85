from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmbulk.entities.extension_record import ExtensionKind, extension_body

BLOCKS = ["gedi", "niin", "ipex", "auco", "nutr", "reexvos", "cxakp"]
MEMBERS = [
    *("dir", "csp", "cspnumber", "cust", "custnumber", "lang", "langID", "lim", "limnumber", "domainName", "freeOnSecondLine", "bsec"),
    *("name1", "restr", "defMobNum", "termid", "uri", "csport", "auth", "hashtype", "category", "remNum", "macaddr", "cilcode"),
    *("mobType", "maxter", "autkey", "ipei", "sdur"),
]
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5) | st.sampled_from(["²", "٣", "9" * 5000])
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(MEMBERS), inner, max_size=4), max_leaves=8
)
records = st.fixed_dictionaries(
    {},
    optional={
        "extensionNumber": values,
        "description": values,
        "extensionType": values,
        "extensionVO": values | st.dictionaries(st.sampled_from(BLOCKS), values, max_size=5),
    },
)

RECORD = {
    "extensionId": 7,
    "extensionNumber": "1001",
    "extensionType": "IP",
    "description": "desk",
    "extensionVO": {
        "gedi": [
            {
                "dir": "1001",
                "lim": {"limnumber": "2"},
                "csp": {"cspnumber": "11"},
                "cust": {"custnumber": "3"},
                "lang": {"langID": "sv"},
                "bsec": "true",
                "freeOnSecondLine": "2",
                "clirestriction": "false",
                "publicCliNumber": "0850001001",
            }
        ],
        "niin": [{"name1": "Anna", "name2": "Berg", "namDb": "true", "restr": "false"}],
        "ipex": [{"macaddr": "08000F123456", "iptype": "IPManualLogin", "password": "no"}],
        "auco": [
            {"auth": "e3b0", "hashtype": "MD5A1", "cilcode": "1001"},
            {"auth": "4711", "hashtype": "CLEARTEXT", "category": {"csp": {"cspnumber": "5"}}, "restrict": "true"},
        ],
    },
}


def ip_body(record):
    return extension_body(record, ExtensionKind.IP)


@given(record=records, kind=st.sampled_from(ExtensionKind))
def test_no_record_is_too_odd(record, kind):
    """
    Whatever PM leaves out or writes in another type, the translation gives a body that JSON can hold.
    """
    assert json.dumps(extension_body(record, kind))


def test_a_record_in_readable_names():
    """
    Short names become the typed call's, texts its numbers and flags; a hashed code keeps its place without the code.
    """
    assert {
        "extensionNumber": "1001",
        "description": "desk",
        "serverNumber": 2,
        "commonServiceProfile": 11,
        "customer": "3",
        "phoneLanguage": "sv",
        "bossSecretary": True,
        "freeOnSecondLine": 2,
        "publicCLINumber": {"publicCLINumber": "0850001001", "publicCLINumberPresentationRestriction": False},
        "nameIdentity": {"firstName": "Anna", "lastName": "Berg", "includeinDialbyNameDatabase": True, "restrictPresentation": False},
        "macAddress": "08000F123456",
        "ipExtensionType": "IPManualLogin",
        "authorizationCodes": [
            {"hashType": "MD5A1", "callLoggingCode": "1001"},
            {
                "authorizationCode": "4711",
                "hashType": "CLEARTEXT",
                "commonServiceProfile": "5",
                "restrictUsageToThisExtensionOnly": True,
            },
        ],
    } == ip_body(RECORD)


def test_profile_0_is_left_out_by_pm_but_not_by_us():
    """
    Every number has a profile, so a missing one is profile 0 (QUIRKS 19).
    """
    assert 0 == ip_body({"extensionVO": {"gedi": [{"dir": "1001"}]}})["commonServiceProfile"]


def test_a_domain_stands_in_for_a_server():
    """
    A number lives on a server or in a domain; only one of the two is sent.
    """
    both = {"dir": "1001", "lim": {"limnumber": "2"}, "domainName": "DEFAULT"}
    assert "domainName" not in ip_body({"extensionVO": {"gedi": [both]}})
    assert "DEFAULT" == ip_body({"extensionVO": {"gedi": [both | {"lim": {}}]}})["domainName"]


def test_terminals_by_kind():
    """
    A default remote number, or the type REMOTE, makes the terminal a SIP remote extension; else it registers by itself.
    """
    terminal = {"termid": "sip:1001@pbx", "slineacc": "true"}
    remote = {"terminalIdentity": "sip:1001@pbx", "singleLineAccess": True}
    for record, part in (
        ({"extensionVO": {"ipex": [terminal]}}, {"automaticSIPRegistration": remote}),
        ({"extensionType": "REMOTE", "extensionVO": {"ipex": [terminal]}}, {"sipRemoteExtension": remote}),
        (
            {"extensionVO": {"ipex": [terminal | {"defMobNum": "00701"}], "nutr": [{"remNum": ["0701"]}]}},
            {"sipRemoteExtension": remote | {"defaultRemoteNumber": "00701", "receivedANumber": "0701"}},
        ),
    ):
        assert {"extensionNumber": "", **part} == ip_body(record)


def test_a_print_out_may_stand_alone():
    """
    PM gives a print-out as an object or as a list of one.
    """
    assert ip_body({"extensionVO": {"niin": [{"name1": "Anna"}]}}) == ip_body({"extensionVO": {"niin": {"name1": "Anna"}}})


def several(raw):
    body = extension_body({"extensionNumber": "1001", "extensionVO": raw}, ExtensionKind.MULTI_TERMINAL)
    return {name: value for name, value in body.items() if name not in {"extensionNumber", "commonServiceProfile"}}


MANUAL = {"dir": "1001", "macaddr": "08000F123456", "maxter": "2", "autreg": "false"}
AUTOMATIC = {"termid": "sip:1001@pbx", "uri": "sip:1001@10.0.0.1", "autreg": "true"}
REMOTE = {"termid": "sip:1001@far", "defMobNum": "00702", "uri": "rou:12&13"}
DESTINED = {"termid": "sip:1001@far", "uri": "dest:44@0701"}


@pytest.mark.parametrize(
    ("raw", "body"),
    [
        pytest.param({"gedi": [{"freeOnSecondLine": "0", "bsec": "true"}]}, {"bossSecretary": True}, id="none"),
        pytest.param(
            {"gedi": [{"freeOnSecondLine": "2", "enhancedServices": "true"}], "ipex": [MANUAL]},
            {"ipExtension": {"allowThirdPartyClient": True, "freeOnSecondLine": 2, "macAddress": "08000F123456", "maximumTerminals": 2}},
            id="telephone",
        ),
        pytest.param(
            {"ipex": [MANUAL | {"secexc": "true"}, AUTOMATIC]},
            {
                "allowSecurityException": True,
                "ipExtension": {"macAddress": "08000F123456", "maximumTerminals": 2},
                "automaticSIPRegistration": {"terminalIdentity": "sip:1001@pbx", "universalResourceIdentifier": "sip:1001@10.0.0.1"},
            },
            id="two telephones",
        ),
        pytest.param(
            {"reexvos": [{"defMobNum": "00701", "mobType": "ISDN"}], "nutr": [{"remNum": ["0701"]}]},
            {"mobileExtension": {"defaultRemoteNumber": "00701", "receivedANumber": "0701"}},
            id="mobile",
        ),
        pytest.param(
            {"ipex": [REMOTE], "reexvos": [{"defMobNum": "00701"}, {"defMobNum": "00702"}], "nutr": [{"remNum": ["0701", "0702"]}]},
            {
                "mobileExtension": {"defaultRemoteNumber": "00701", "receivedANumber": "0701"},
                "sipRemoteExtension": [
                    {
                        "terminalIdentity": "sip:1001@far",
                        "defaultRemoteNumber": "00702",
                        "receivedANumber": "0702",
                        "trunkType": "Route",
                        "sipRouteNumber": 12,
                        "sipBackupRoutenumber": 13,
                    }
                ],
            },
            id="mobile beside a SIP route",
        ),
        pytest.param(
            {"ipex": [REMOTE, DESTINED], "nutr": [{"remNum": ["0702"]}]},
            {
                "sipRemoteExtension": [
                    {
                        "terminalIdentity": "sip:1001@far",
                        "defaultRemoteNumber": "00702",
                        "trunkType": "Route",
                        "sipRouteNumber": 12,
                        "sipBackupRoutenumber": 13,
                    },
                    {"terminalIdentity": "sip:1001@far", "trunkType": "Destination", "destinationNumber": "44"},
                ]
            },
            id="nobody knows whose number was received",
        ),
        pytest.param(
            {"cxakp": [{"autkey": "1234", "ipei": "0000707404102", "sdur": "false"}]},
            {
                "dectExtension": {
                    "authenticationKey": "1234",
                    "internationalPortableEquipmentIdentity": "0000707404102",
                    "sendDuration": False,
                }
            },
            id="handset",
        ),
        pytest.param({"cxakp": [{"dir": "1001", "sdur": "true"}]}, {"dectExtension": {"sendDuration": True}}, id="registered handset"),
    ],
)
def test_the_terminals_of_a_multi_terminal_extension(raw, body):
    """
    Each terminal is told by what its print-out has; a remote one, which is printed twice, is not a mobile as well.
    """
    assert body == several(raw)


@pytest.mark.parametrize(("printed", "route"), [("ISDN", "ISDN"), ("sip", "SIP"), ("3", None), ("", None)])
def test_a_mobile_s_route_is_taken_where_it_is_understood(printed, route):
    """
    The PBX may print the route type in words of its own; only the typed call's words are carried.
    """
    raw = {"reexvos": [{"defMobNum": "00701", "mobType": printed}]}
    body = extension_body({"extensionVO": raw}, ExtensionKind.MOBILE)
    assert ("00701", route) == (body["defaultRemoteNumber"], body.get("extensionRouteType"))


@pytest.mark.parametrize(
    ("printed", "fixed"),
    [({}, True), ({"autreg": ""}, True), ({"autreg": "true"}, True), ({"autreg": "no"}, False), ({"autreg": "false"}, False)],
    ids=["not told", "empty", "yes", "no", "false"],
)
@pytest.mark.parametrize("kind", [ExtensionKind.IP, ExtensionKind.MULTI_TERMINAL], ids=str)
def test_a_telephone_that_logs_on_keeps_doing_so(kind, printed, fixed):
    """
    A terminal whose identity PM shows has a fixed address only if the PBX does not say otherwise (DOMAIN 5, autreg).
    """
    body = extension_body({"extensionVO": {"ipex": [{"termid": "sip:1001@pbx"} | printed]}}, kind)
    assert fixed == ("automaticSIPRegistration" in body)


def test_kinds_take_only_what_they_have():
    """
    What a print-out has for all kinds goes only to those whose call takes it (QUIRKS 81, 82).
    """
    gedi = {"dir": "1", "domainName": "DEFAULT", "bsec": "true", "lang": {"langID": "sv"}, "secexc": "true", "enhancedServices": "true"}
    raw = {"extensionNumber": "10", "extensionVO": {"gedi": [gedi]}}
    always = {"extensionNumber": "10", "commonServiceProfile": 0}
    homed = always | {"domainName": "DEFAULT", "bossSecretary": True}
    assert {
        ExtensionKind.VIRTUAL: homed,
        ExtensionKind.MULTI_TERMINAL: homed | {"phoneLanguage": "sv", "allowSecurityException": True},
        ExtensionKind.MOBILE: homed | {"phoneLanguage": "sv"},
        ExtensionKind.IP: homed | {"phoneLanguage": "sv", "allowSecurityException": True, "allowThirdPartyClient": True},
        ExtensionKind.CORDLESS: always | {"phoneLanguage": "sv", "allowThirdPartyClient": True},
    } == {kind: extension_body(raw, kind) for kind in ExtensionKind}


@pytest.mark.parametrize(
    ("by_domain", "place"), [(False, {"serverNumber": 2}), (True, {"domainName": "DEFAULT"})], ids=["a server", "a domain"]
)
def test_a_number_of_a_domain_has_a_lim_as_well(by_domain, place):
    """
    The PBX puts a number of a domain on a LIM of its choice and may print both; a row that gives the domain means the domain.
    """
    raw = {"extensionNumber": "10", "extensionVO": {"gedi": [{"domainName": "DEFAULT", "lim": {"limnumber": "2"}}]}}
    body = extension_body(raw, ExtensionKind.VIRTUAL, by_domain=by_domain)
    assert {"extensionNumber": "10", "commonServiceProfile": 0, **place} == body

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from pmbulk.entities.extension_record import ip_extension_body

BLOCKS = ["gedi", "niin", "ipex", "auco", "nutr"]
MEMBERS = [
    *("dir", "csp", "cspnumber", "cust", "custnumber", "lang", "langID", "lim", "limnumber", "domainName", "freeOnSecondLine", "bsec"),
    *("name1", "restr", "defMobNum", "termid", "uri", "csport", "auth", "hashtype", "category", "remNum", "macaddr", "cilcode"),
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


@given(record=records)
def test_no_record_is_too_odd(record):
    """
    Whatever PM leaves out or writes in another type, the translation gives a body that JSON can hold.
    """
    assert json.dumps(ip_extension_body(record))


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
    } == ip_extension_body(RECORD)


def test_profile_0_is_left_out_by_pm_but_not_by_us():
    """
    Every number has a profile, so a missing one is profile 0 (QUIRKS 19).
    """
    assert 0 == ip_extension_body({"extensionVO": {"gedi": [{"dir": "1001"}]}})["commonServiceProfile"]


def test_a_domain_stands_in_for_a_server():
    """
    A number lives on a server or in a domain; only one of the two is sent.
    """
    both = {"dir": "1001", "lim": {"limnumber": "2"}, "domainName": "DEFAULT"}
    assert "domainName" not in ip_extension_body({"extensionVO": {"gedi": [both]}})
    assert "DEFAULT" == ip_extension_body({"extensionVO": {"gedi": [both | {"lim": {}}]}})["domainName"]


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
        assert {"extensionNumber": "", **part} == ip_extension_body(record)


def test_a_print_out_may_stand_alone():
    """
    PM gives a print-out as an object or as a list of one.
    """
    assert ip_extension_body({"extensionVO": {"niin": [{"name1": "Anna"}]}}) == ip_extension_body(
        {"extensionVO": {"niin": {"name1": "Anna"}}}
    )

"""Extensions of the simulated PM that are not IP ones, the update by raw record, and the import."""

from __future__ import annotations

import pytest

from pmbulk.simulator import Fault, FaultKind, SimulatorSettings, running
from tests.support import logged_in, refused

EXTENSIONS = "/pm-extension-ms/pm-extension/v1"
MX1 = {"subsystemName": "MX1"}
IPEI = "0000707404102"
KINDS = {"virtual": "VIRTUAL", "multi-terminal": "MULTI_TERMINAL", "mobile": "MOBILE", "ip": "IP", "cordless": "DECT"}


@pytest.fixture(scope="module")
def api():
    with running() as pm, logged_in(pm) as client:
        yield client


def extension(number, **members):
    return {"extensionNumber": number, "serverNumber": 1, "commonServiceProfile": 1, **members}


def cordless(number, **members):
    return extension(number, **({"authenticationKey": "1234", "internationalPortableEquipmentIdentity": IPEI} | members))


def mobile(number, **members):
    return extension(number, **({"defaultRemoteNumber": "000701234567"} | members))


MINIMAL = {"virtual": extension, "multi-terminal": extension, "mobile": mobile, "ip": extension, "cordless": cordless}


def create(api, kind, body):
    return api.post(f"{EXTENSIONS}/{kind}", params=MX1, json=body)


def update(api, kind, body):
    return api.put(f"{EXTENSIONS}/{kind}", params=MX1, json=body)


def details(api, number, kind="ALL", subsystem="MX1"):
    return api.get(f"{EXTENSIONS}/details", params={"extensionNumber": number, "extensionType": kind, "subsystemName": subsystem})


def print_outs(api, number):
    return details(api, number).json()["extensionVO"]


def change_raw(api, number, **members):
    return api.put(f"{EXTENSIONS}/update", params={"extensionNumber": number}, json=MX1 | members)


@pytest.mark.parametrize(("position", "kind"), list(enumerate(KINDS)), ids=list(KINDS))
def test_every_kind_is_created_changed_and_deleted(api, position, kind):
    """
    Each kind is echoed by its two calls, and deleted under its type's name.
    """
    number = f"210{position}"
    body = MINIMAL[kind](number)
    shown = "VIRTUAL" if kind == "multi-terminal" else KINDS[kind]
    created, changed = create(api, kind, body), update(api, kind, body | {"description": "new"})
    record = details(api, number).json()
    deleted = api.delete(f"{EXTENSIONS}/MX1", params={"extensionNumber": number, "extensionType": shown})
    assert (body, body | {"description": "new"}, shown, "new", 204) == (
        created.json(),
        changed.json(),
        record["extensionType"],
        record["description"],
        deleted.status_code,
    )


def test_a_mobile_is_read_as_a_remote_extension(api):
    """
    The remote number stands in one print-out, the number that it calls with in another (DOMAIN 5).
    """
    create(api, "mobile", mobile("2200", receivedANumber="46701234567"))
    found = print_outs(api, "2200")
    assert (
        [{"dir": "2200", "defMobNum": "000701234567", "mobType": "ISDN"}],
        [{"dir": "2200", "remNum": ["46701234567"]}],
        False,
    ) == (found["reexvos"], found["nutr"], "ipex" in found)


def test_a_cordless_is_read_with_its_key(api):
    """
    Before the telephone logs on, key and identity can be read.
    """
    create(api, "cordless", cordless("2201", sendDuration=True))
    expected = {"dir": "2201", "accessRights": "false", "autkey": "1234", "ipei": IPEI, "sdur": "true"}
    assert [expected] == print_outs(api, "2201")["cxakp"]


def test_a_registered_telephone_keeps_what_cannot_be_read():
    """
    After it has logged on key and identity are gone from the record, and an update without them changes neither (DOMAIN 5).
    """
    with running(SimulatorSettings(dect_handsets_registered=True)) as pm, logged_in(pm) as api:
        create(api, "cordless", cordless("2202"))
        shown = print_outs(api, "2202")["cxakp"]
        changed = update(api, "cordless", extension("2202", description="new")).status_code
        both = create(
            api,
            "multi-terminal",
            extension("2203", dectExtension={"authenticationKey": "12", "internationalPortableEquipmentIdentity": IPEI}),
        )
        changed_both = update(api, "multi-terminal", extension("2203", dectExtension={"sendDuration": True}))
        kept = {number: pm.world.extensions[1, number].body for number in ("2202", "2203")}
    assert ([{"dir": "2202", "accessRights": "true"}], 200, 200, 200) == (shown, changed, both.status_code, changed_both.status_code)
    assert (IPEI, "12") == (kept["2202"]["internationalPortableEquipmentIdentity"], kept["2203"]["dectExtension"]["authenticationKey"])


def test_a_multi_terminal_is_read_terminal_by_terminal(api):
    """
    Every terminal has its own print-out.
    """
    remote = {"terminalIdentity": "sip:r@pbx.example", "trunkType": "Route", "sipRouteNumber": 1, "defaultRemoteNumber": "000111"}
    automatic = {"terminalIdentity": "sip:a@pbx.example", "universalResourceIdentifier": "sip:a@192.0.2.1"}
    body = extension(
        "2204",
        dectExtension={"authenticationKey": "12", "internationalPortableEquipmentIdentity": IPEI},
        mobileExtension={"defaultRemoteNumber": "000222", "receivedANumber": "46222"},
        ipExtension={"maximumTerminals": 3, "macAddress": "00085D000001", "freeOnSecondLine": 2},
        automaticSIPRegistration=automatic,
        sipRemoteExtension=[remote],
    )
    create(api, "multi-terminal", body).raise_for_status()
    found = print_outs(api, "2204")
    assert (["00085D000001", None, None], ["3", None, None], [None, "sip:a@pbx.example", "sip:r@pbx.example"]) == tuple(
        [phone.get(member) for phone in found["ipex"]] for member in ("macaddr", "maxter", "termid")
    )
    assert (["000222", "000111"], ["46222"], IPEI, "2") == (
        [each["defMobNum"] for each in found["reexvos"]],
        found["nutr"][0]["remNum"],
        found["cxakp"][0]["ipei"],
        found["gedi"][0]["freeOnSecondLine"],
    )


def test_a_multi_terminal_without_terminals_is_virtual(api):
    """
    It shows up as virtual until an update gives it a terminal (FIELDS 1b).
    """
    create(api, "multi-terminal", extension("2205"))
    before = details(api, "2205").json()["extensionType"]
    update(api, "multi-terminal", extension("2205", ipExtension={"maximumTerminals": 1}))
    assert ("VIRTUAL", "MULTI_TERMINAL") == (before, details(api, "2205").json()["extensionType"])


def test_terminals_can_only_grow(api):
    """
    The number of terminals may be raised, not lowered (FIELDS 1b).
    """
    create(api, "multi-terminal", extension("2206", ipExtension={"maximumTerminals": 2}))
    answers = [update(api, "multi-terminal", extension("2206", ipExtension={"maximumTerminals": each})) for each in (3, 3, 2)]
    assert ([200, 200], (400, "ipExtension.maximumTerminals can only grow, it is 3")) == (
        [each.status_code for each in answers[:2]],
        refused(answers[2]),
    )


@pytest.mark.parametrize(
    ("kind", "body", "message"),
    [
        ("mobile", extension("2300"), "defaultRemoteNumber is mandatory"),
        ("mobile", mobile("2300", defaultRemoteNumber="1"), "defaultRemoteNumber must be 2 to 25 digits"),
        ("cordless", extension("2300"), "authenticationKey is mandatory"),
        ("cordless", cordless("2300", authenticationKey="123456789"), "authenticationKey must be 1 to 8 digits"),
        ("cordless", cordless("2300", serverNumber=0), "serverNumber is mandatory"),
        ("cordless", cordless("2300", domainName="a.example"), "Unrecognized field domainName"),
        (
            "cordless",
            cordless("2300", internationalPortableEquipmentIdentity="000070740410"),
            "internationalPortableEquipmentIdentity must be 12 digits and a check character",
        ),
        (
            "cordless",
            cordless("2300", internationalPortableEquipmentIdentity="0000707404103"),
            "internationalPortableEquipmentIdentity must be an identity with the right check character",
        ),
        ("virtual", extension("2300", phoneLanguage="sv"), "Unrecognized field phoneLanguage"),
        ("virtual", extension("1101"), "Extension 1101 already exists in MX1"),
        ("virtual", extension("1190"), "Extension 1190 already exists in MX1"),
        ("multi-terminal", extension("2300", macAddress="00085D000001"), "Unrecognized field macAddress"),
        (
            "multi-terminal",
            extension("2300", ipExtension={"maximumTerminals": 9}),
            "ipExtension.maximumTerminals must be a number from 1 to 8",
        ),
        ("multi-terminal", extension("2300", sipRemoteExtension={}), "sipRemoteExtension must be an array"),
        (
            "multi-terminal",
            extension("2300", dectExtension={"authenticationKey": "1"}),
            "dectExtension.internationalPortableEquipmentIdentity is mandatory",
        ),
        (
            "multi-terminal",
            extension("2300", mobileExtension={"receivedANumber": "1"}),
            "mobileExtension.defaultRemoteNumber is mandatory",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_refused_kinds(api, kind, body, message):
    """
    Each kind has its own members and rules; a number is taken even if only the telephony system knows it.
    """
    assert (400, message) == refused(create(api, kind, body))


@pytest.mark.parametrize(("digits", "last"), [("000070740410", "2"), ("000000000000", "0"), ("000000000005", "5"), ("000000000100", "*")])
def test_the_check_character_of_an_identity(api, digits, last):
    """
    It is the sum of the digits, each times its position, modulo 11, and ``*`` for 10 (DOMAIN 4).
    """
    number = f"24{digits[-2:]}"
    expected = [200 if character == last else 400 for character in "0123456789*"]
    found = []
    for character in "0123456789*":
        found.append(create(api, "cordless", cordless(number, internationalPortableEquipmentIdentity=digits + character)).status_code)
        api.delete(f"{EXTENSIONS}/MX1", params={"extensionNumber": number, "extensionType": "DECT"})
    assert expected == found


@pytest.mark.parametrize(("kind", "body"), [("cordless", cordless("2500")), ("mobile", mobile("2501"))], ids=["cordless", "mobile"])
def test_other_kinds_may_be_half_made_too(kind, body):
    """
    The first command makes the number, and the terminal is missing (DOMAIN 1, partial success).
    """
    with running(SimulatorSettings(faults=(Fault(kind=FaultKind.HALF_MADE, status=500),))) as pm, logged_in(pm) as api:
        answer = create(api, kind, body | {"nameIdentity": {"firstName": "Ann"}})
        record = details(api, body["extensionNumber"]).json()
    assert (500, KINDS[kind], []) == (answer.status_code, record["extensionType"], record["extensionVO"]["niin"])


# The raw record


def test_a_raw_record_that_is_sent_back_changes_nothing(api):
    """
    Reading and writing the whole record leaves every kind as it is.
    """
    for number in ("1101", "1102", "1103", "1104", "1105"):
        before = details(api, number).json()
        after = api.put(f"{EXTENSIONS}/update", params={"extensionNumber": number}, json=before).json()
        assert before == after


@pytest.mark.parametrize(
    ("kind", "body", "raw", "expected"),
    [
        (
            "virtual",
            extension("2600"),
            {"gedi": [{"csp": {"cspnumber": "7"}, "bsec": "true"}], "niin": [{"name2": "Desk"}]},
            {"commonServiceProfile": 7, "bossSecretary": True, "nameIdentity": {"lastName": "Desk"}},
        ),
        ("mobile", mobile("2601"), {"reexvos": [{"defMobNum": "000999"}]}, {"defaultRemoteNumber": "000999"}),
        ("cordless", cordless("2602"), {"cxakp": [{"autkey": "99"}]}, {"authenticationKey": "99"}),
        ("ip", extension("2603"), {"ipex": [{"macaddr": "00085D000009"}]}, {"macAddress": "00085D000009"}),
        (
            "multi-terminal",
            extension("2604", ipExtension={"maximumTerminals": 1}, mobileExtension={"defaultRemoteNumber": "000111"}),
            {"ipex": [{"maxter": "4"}], "reexvos": [{"defMobNum": "000999"}]},
            {"ipExtension": {"maximumTerminals": 4}, "mobileExtension": {"defaultRemoteNumber": "000999"}},
        ),
    ],
    ids=["virtual", "mobile", "cordless", "ip", "multi-terminal"],
)
def test_a_raw_record_changes_what_it_mentions(api, kind, body, raw, expected):
    """
    The short names mean the members of the typed calls; everything else stays (DOMAIN 5).
    """
    create(api, kind, body)
    changed = change_raw(api, body["extensionNumber"], extensionVO=raw)
    # An update that says what is there already is how the typed members are read.
    now = update(api, kind, body | expected)
    assert (200, 200, details(api, body["extensionNumber"]).json()) == (changed.status_code, now.status_code, changed.json())


@pytest.mark.parametrize(
    ("number", "members", "expected"),
    [
        ("1104", {"subsystemName": "MX9"}, (400, "There is no subsystem MX9")),
        ("1104", {"subsystemId": 2}, (400, "Subsystem 2 is not called MX1")),
        ("4998", {}, (404, "There is no ALL extension 4998 in MX1")),
        ("1104", {"extensionNumber": "1105"}, (400, "extensionNumber in the body is not the one in the query")),
        ("1104", {"extensionId": 1}, (400, "extensionId in the body is not the extension's")),
        (
            "1104",
            {"extensionVO": {"gedi": [{"lim": {"limnumber": "2"}}]}},
            (400, "serverNumber of extension 1104 cannot be changed"),
        ),
        ("1104", {"extensionVO": {"gedi": [{"csp": {"cspnumber": "501"}}]}}, (400, "commonServiceProfile must be a number from 0 to 500")),
        ("1104", {"extensionVO": {"gedi": {}}}, (400, "extensionVO.gedi must be an array")),
    ],
    ids=["no subsystem", "two subsystems", "no extension", "other number", "other id", "server", "bounds", "type"],
)
def test_refused_raw_records(api, number, members, expected):
    """
    The record names its subsystem in the body, is of the extension in the query, and keeps to the same rules.
    """
    assert expected == refused(change_raw(api, number, **members))


# Import


def test_a_number_that_pm_does_not_know_is_imported():
    """
    Until then it is not found; the import answers its record, and a second one the same.
    """
    query = {"extensionNumber": "1190", "subsystemId": 1}
    with running() as pm, logged_in(pm) as api:
        before = details(api, "1190").status_code
        first, second = (api.put(f"{EXTENSIONS}/import", params=query).json() for _ in range(2))
        after = details(api, "1190", "IP").json()
    assert (404, "Loading", first, first) == (before, first["extensionVO"]["niin"][0]["name1"], second, after)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"extensionNumber": "4998", "subsystemId": 1}, (404, "There is no ALL extension 4998 in MX1")),
        ({"extensionNumber": "1191", "subsystemId": 9}, (404, "There is no subsystem 9")),
        ({"extensionNumber": "1191", "subsystemId": "MX1"}, (400, "subsystemId must be an integer")),
    ],
    ids=["number", "subsystem", "name"],
)
def test_refused_imports(api, query, expected):
    """
    The telephony system must have the number, and is named by its id.
    """
    assert expected == refused(api.put(f"{EXTENSIONS}/import", params=query))

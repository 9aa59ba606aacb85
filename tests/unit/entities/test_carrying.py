from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmbulk.entities.carrying import Loss, carried, completed, not_given, sendable
from pmbulk.entities.compare import merged
from pmbulk.entities.extension_record import ExtensionKind
from pmbulk.entities.record_of_body import record_of
from pmbulk.secret import Secret
from tests.extension_bodies import bodies

GEDI = {"dir": "1001", "lim": {"limnumber": "1"}, "csp": {"cspnumber": "0"}}
#: Blocks that PM prints and no call writes, with a value that somebody set.
UNWRITTEN = {
    "cdidp": ([{"dir": "1001", "divBusy": "true", "divdestbsy": "1002"}], "individual diversion (divBusy true, divdestbsy 1002)", True),
    "spexp": ({"dir": "1001", "alarmExtn": "yes"}, "special purpose (alarmExtn yes)", True),
    "emergencyLocation": ({"dir": "1001", "locationid": "7"}, "emergency location (locationid 7)", True),
    "ksddp": ({"dir": "1001", "callAltExt": "3"}, "digital telephone (callAltExt 3)", True),
    "ksadp": ([{"dir": "1001", "displayNumber": "1003"}], "digital telephone (displayNumber 1003)", True),
    "ksanp": ({"dir": "1001", "adn": "1004"}, "digital telephone (adn 1004)", True),
    "exddp": ({"dir": "1001", "times": "5"}, "analogue telephone (times 5)", True),
    "exadp": ([{"dir": "1001", "displayNumber": "1003"}], "analogue telephone (displayNumber 1003)", True),
    "kscap": ([{"dir": "1001", "trm": "2"}], "category, which the service profile sets today (trm 2)", False),
    "excap": ([{"dir": "1001", "caw": {"cawReq": "1"}}], "category, which the service profile sets today (caw.cawReq 1)", False),
    "pelcvo": ({"dir": "1001", "frt": "60"}, "state of the personal number lists (frt 60)", False),
    "susi": ({"dir": "1001", "lineStatus": "free", "activeDiversions": {"activeDiversion": ["1002"]}}, None, True),
    "nutr": ([{"dir": "1001", "prefix": "9", "convertedNum": "900"}], "number translation (prefix 9, convertedNum 900)", True),
    "newer": ({"member": "set"}, "what pmbulk does not know (newer.member set)", True),
}

oddities = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["dir", "lim", "csp", "remNum", "hashtype", "auth", "uri", "1"]) | st.text(max_size=3), inner, max_size=4
        )
    ),
    max_leaves=8,
)
BLOCKS = ["gedi", "niin", "ipex", "auco", "nutr", "reexvos", "cxakp", *UNWRITTEN]
records = st.dictionaries(st.sampled_from(["extensionNumber", "extensionType", "description", "lcrentries"]), oddities, max_size=3)
vos = oddities | st.dictionaries(st.sampled_from(BLOCKS), oddities, max_size=6)


def record(extension_type="IP", **print_outs):
    return {"extensionNumber": "1001", "extensionType": extension_type, "extensionVO": {"gedi": [GEDI], **print_outs}}


@given(shown=records, raw=vos, kind=st.sampled_from(ExtensionKind))
def test_no_record_is_too_odd(shown, raw, kind):
    """
    Whatever PM writes where, there is a body that JSON can hold, and what is lost in words.
    """
    body, losses = carried(shown | {"extensionVO": raw}, kind)
    assert json.dumps(body)
    assert all(loss.what for loss in losses)


@pytest.mark.parametrize("kind", ExtensionKind, ids=str)
def test_what_a_typed_call_writes_is_no_loss(kind):
    """
    Of an extension with any members that the calls write, only codes and parts of terminals that PM does not show are lost.
    """

    @given(body=bodies(kind))
    def holds(body):
        shown = record_of(body, kind)
        made, losses = carried(shown, kind)
        assert body == made
        unseen = ("which PM does not show", "whose number PM does not show", "which PM keeps as a hash")
        assert [] == [loss for loss in losses if not loss.what.partition(";")[0].endswith(unseen)]

    holds()


@pytest.mark.parametrize(("block", "of_value"), [(name, filled[2]) for name, filled in UNWRITTEN.items()], ids=list(UNWRITTEN))
@pytest.mark.parametrize("kind", [ExtensionKind.IP, ExtensionKind.VIRTUAL], ids=str)
def test_every_filled_block_without_a_write_is_told(kind, block, of_value):
    """
    A print-out that no call writes is lost, with what it says; only what somebody set is of value.
    """
    value, words, _ = UNWRITTEN[block]
    _, losses = carried(record(**{block: value}), kind)
    assert [Loss(words or "active diversion (activeDiversion 1002)", of_value)] == list(losses)


@pytest.mark.parametrize("block", UNWRITTEN)
def test_an_empty_block_is_no_loss(block):
    """
    PM prints blocks in which nothing is set; they are nothing to lose.
    """
    value = {"dir": "1001", "divBusy": "false", "alarmExtn": "no", "times": "0", "remNum": []}
    assert () == carried(record(**{block: value}), ExtensionKind.IP)[1]


@pytest.mark.parametrize(
    ("member", "words"),
    [
        pytest.param({"micollabExtension": "1001"}, "use by MiCollab (1001)", id="MiCollab"),
        pytest.param({"lcrentries": ["12", "13"]}, "entries of least cost routing (12, 13)", id="least cost routing"),
        pytest.param(
            {"manualServerUrl": True, "ippServerUrl": "https://pbx"}, "the telephone's own server (https://pbx)", id="phone server"
        ),
        pytest.param({"manualServerUrl": False, "ippServerUrl": "https://pbx"}, None, id="the subsystem's phone server"),
        pytest.param(
            {"extensionId": 7, "freeExtension": True, "lastRemoved": "2024-01-01", "phoneDTO": {"isActive": "1"}}, None, id="PM's own"
        ),
        pytest.param({"favourite": "yes"}, "what pmbulk does not know (favourite yes)", id="unknown"),
    ],
)
def test_pm_s_own_members_beside_the_print_outs(member, words):
    """
    What PM keeps beside the print-outs is got by itself or told as lost.
    """
    assert (() if words is None else (Loss(words, of_value=True),)) == carried(record() | member, ExtensionKind.IP)[1]


def test_a_hashed_code_is_lost_unless_typed():
    """
    A code that PM keeps as a hash is told with its column and sent only if a row gives it, with the old one's other members.
    """
    codes = [{"auth": "e3b0", "hashtype": "MD5A1", "cilcode": "77"}, {"auth": "4711", "hashtype": "CLEARTEXT"}]
    body, losses = carried(record(auco=codes), ExtensionKind.IP)
    header = "authorizationCodes.1.authorizationCode"
    assert [Loss("authorization code, which PM keeps as a hash", of_value=True, column=header)] == list(losses)
    clear = {"authorizationCode": "4711", "hashType": "CLEARTEXT"}
    assert [clear] == sendable(body, {})["authorizationCodes"]
    typed = {"authorizationCodes": [{"authorizationCode": Secret("1234")}]}
    given = {"authorizationCode": Secret("1234"), "hashType": "MD5A1", "callLoggingCode": "77"}
    assert [given, clear] == sendable(merged(body, typed), typed)["authorizationCodes"]


@pytest.mark.parametrize(
    ("auco", "what"),
    [
        ({"hashtype": "MD5A1"}, "authorization code, which PM keeps as a hash"),
        ({"hashtype": "CLEARTEXT", "cilcode": "77"}, "authorizationCodes.1.authorizationCode, which PM does not show"),
        ({"cust": "0", "hashtype": "CLEARTEXT"}, None),
        ({}, None),
    ],
    ids=["hashed", "hidden", "none", "empty"],
)
def test_a_code_that_pm_leaves_out_is_lost_too(auco, what):
    """
    PM may show nothing at all in place of a code; a print-out that says nothing of one is none.
    """
    losses = carried(record(auco=[{"dir": "1001"} | auco]), ExtensionKind.IP)[1]
    header = "authorizationCodes.1.authorizationCode"
    assert ([Loss(what, of_value=True, column=header)] if what else []) == list(losses)


@pytest.mark.parametrize(("kind", "above"), [(ExtensionKind.CORDLESS, ""), (ExtensionKind.MULTI_TERMINAL, "dectExtension.")], ids=str)
def test_a_registered_handset_has_to_register_again(kind, above):
    """
    The PBX forgets key and identity once the handset has registered (DOMAIN 5): all of it is lost unless the row gives it.
    """
    body, losses = carried(record(cxakp=[{"dir": "1001", "sdur": "true", "accessRights": "true"}]), kind)
    alone = kind is ExtensionKind.CORDLESS
    key, identity = f"{above}authenticationKey", f"{above}internationalPortableEquipmentIdentity"
    so = "" if alone else "; without it there is no dectExtension there"
    assert [
        Loss("the registration of the DECT handset, which has to register again", of_value=True, column=key),
        Loss(f"{key}, which PM does not show{so}", of_value=True, column=key, needed=alone),
        Loss(f"{identity}, which PM does not show{so}", of_value=True, column=identity, needed=alone),
    ] == list(losses)
    # Beside other terminals it is left out, so that those go along.
    assert "dectExtension" not in sendable(body, {})


def test_the_old_one_is_made_again_with_what_the_row_knew():
    """
    What PM does not show of the extension is the same at its old place; what the row wants different at the new one is not.
    """
    codes = [{"auth": "4711", "hashtype": "CLEARTEXT"}, {"auth": "e3b0", "hashtype": "MD5A1"}]
    body, losses = carried(record(auco=codes), ExtensionKind.IP)
    typed = {"serverNumber": 2, "authorizationCodes": [{"authorizationCode": "99"}, {"authorizationCode": "1234"}]}
    again = sendable(completed(body, losses, typed), {})
    assert (1, ["4711", "1234"]) == (again["serverNumber"], [code["authorizationCode"] for code in again["authorizationCodes"]])
    assert [] == not_given(losses, typed)


def test_a_handset_that_waits_for_registration_goes_along():
    """
    As long as PM shows key and identity, nothing of the handset is lost.
    """
    handset = {"dir": "1001", "autkey": "1234", "ipei": "0000707404102", "accessRights": "false"}
    body, losses = carried(record(cxakp=[handset]), ExtensionKind.CORDLESS)
    assert ("1234", ()) == (body["authenticationKey"], losses)


@pytest.mark.parametrize(
    ("ipex", "words"),
    [
        pytest.param(
            [{"dir": "1001", "autreg": "false", "uri": "sip:1001@10.0.0.1", "ipaddress": "10.0.0.1"}] * 2, [], id="logged on twice"
        ),
        pytest.param([{"dir": "1001", "autreg": "false", "maxter": "3"}], ["maximumTerminals (3)"], id="several log-ons"),
        pytest.param([{"dir": "1001", "autreg": "false", "password": "hush"}], ["the IP telephone's own password"], id="password"),
        pytest.param(
            [{"dir": "1001", "defMobNum": "00701", "termid": "sip:a@b", "uri": uri} for uri in ("rou:1&2;x", "rou:3")],
            ["a further IP terminal"],
            id="two remote ones",
        ),
        pytest.param(
            [{"dir": "1001", "defMobNum": "00701", "termid": "sip:a@b"}],
            ["sipRemoteExtension.sipRouteNumber, which PM does not show"],
            id="route unseen",
        ),
    ],
)
def test_the_telephone_of_an_ip_extension(ipex, words):
    """
    What a telephone gets when it logs on is no loss; what no member of the body can hold is one.
    """
    assert words == [loss.what for loss in carried(record(ipex=ipex), ExtensionKind.IP)[1]]


@pytest.mark.parametrize("kind", [ExtensionKind.VIRTUAL, ExtensionKind.MOBILE, ExtensionKind.CORDLESS], ids=str)
def test_a_terminal_of_another_kind_is_lost(kind):
    """
    A kind that has no IP telephone cannot take one along.
    """
    losses = carried(record(ipex=[{"dir": "1001", "macaddr": "08000F123456"}]), kind)[1]
    assert "a further IP terminal" in [loss.what for loss in losses]


def test_the_row_says_where_the_new_one_lives():
    """
    A typed domain takes the place of the old server, so that the body names one home.
    """
    body, typed = carried(record(), ExtensionKind.IP)[0], {"domainName": "DEFAULT"}
    made = sendable(body | typed, typed)
    assert (None, "DEFAULT") == (made.get("serverNumber"), made["domainName"])


def test_a_public_number_of_unknown_type_says_so():
    """
    PM leaves out the type 0, without which it takes no public number (QUIRKS 19, FIELDS 1b).
    """
    gedi = GEDI | {"publicCliNumber": "0850001001"}
    body, _ = carried({"extensionNumber": "1001", "extensionVO": {"gedi": [gedi]}}, ExtensionKind.IP)
    assert {"publicCLINumber": "0850001001", "typeOfCLInumber": "0"} == sendable(body, {})["publicCLINumber"]
    assert "publicCLINumber" not in sendable({"publicCLINumber": {"activateCLInumber": "no"}}, {})


def test_how_a_mobile_beside_others_is_reached_is_pm_s_own_business():
    """
    Only a mobile alone is made with a way to reach it; what PM prints of one among other terminals is nothing to lose, unless it is no known way.
    """
    for printed, words in (("ISDN", []), ("SIP", []), ("pigeon", ["extensionRouteType (pigeon)"])):
        losses = carried(record(reexvos=[{"dir": "1001", "defMobNum": "00701", "mobType": printed}]), ExtensionKind.MULTI_TERMINAL)[1]
        assert words == [loss.what for loss in losses]

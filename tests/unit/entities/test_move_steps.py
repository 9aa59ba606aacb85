"""The steps of a move whose extension is in two places for a while: what they ask meanwhile, and what making it again leaves out."""

from __future__ import annotations

import pytest

from pmbulk.entities.extension_details import Place
from pmbulk.entities.move_snapshot import Snapshot
from pmbulk.entities.move_steps import steps_of, typed
from pmbulk.entities.session import IfExists
from pmbulk.errors import RejectedError

MX1, MX2 = Place("MX1", 1, "1101"), Place("MX2", 2, "1101")
PART = {"dir": "1101", "csp": {"cspnumber": "1"}, "lim": {"limnumber": "2"}}
RECORD = {"extensionId": 7, "extensionType": "VIRTUAL", "extensionVO": {"gedi": [{**PART, "hacode": "46"}]}}
GROUPS = {"callPickupGroup": "3", "huntGroup": {"huntGroupNumber": "9"}}
SNAPSHOT = Snapshot(MX1, MX2, RECORD, GROUPS, missing=("its place in the hunt groups 8",))


@pytest.fixture
def steps(fake, session_of):
    """
    Makes the steps that move a virtual extension with groups.
    """
    fake.answers["listSubsystems"] = [{"subsystemId": place.subsystem_id, "subsystemName": place.subsystem_name} for place in (MX1, MX2)]

    def made(if_exists=IfExists.FAIL):
        body, _losses = typed(SNAPSHOT, MX2)
        return steps_of(session_of(if_exists), SNAPSHOT, body, given={})

    return made


@pytest.mark.parametrize("if_exists", list(IfExists))
async def test_nothing_is_asked_by_number_while_two_have_it(steps, fake, refusal, if_exists):
    """
    Neither the look for what a refused create has left nor the one for what became of it asks for the groups, whatever the run does about what exists.
    """
    fake.answers["getExtensionDetails"] = {**RECORD, "extensionVO": {"gedi": [PART]}}
    fake.answers["createVirtualExtension"] = refusal(400)
    making, *_others = steps(if_exists)
    with pytest.raises(RejectedError, match="What the refused request had left of extension 1101 in MX2 was taken away"):
        await making.send()
    await making.reconcile()
    assert ["createVirtualExtension", "deleteExtension"] == [call.name for call in fake.writes]
    assert 0 == fake.count("getGroupSetup")


async def test_an_extension_made_again_says_what_it_lacks(steps, fake):
    """
    So it does where the answer was lost and reading shows that it was made.
    """
    _making, taking_away, _comparing = steps()
    note = "It was made again in MX1, without: its place in the hunt groups 8."
    assert note == (await taking_away.undo.send()).note
    fake.answers["getExtensionDetails"] = RECORD
    standing = await taking_away.undo.reconcile()
    assert (True, note) == (standing.done, standing.note)

"""What a step leaves half done is completed by the row that sent it, whatever happens meanwhile."""

from __future__ import annotations

import itertools

import pytest

from pmbulk.entities.steps import Plan, Reply, Standing, Step, Verdict
from pmbulk.errors import TERMINAL, AmbiguousError, Outcome, RejectedError, TransientError


class KilledError(Exception):
    """Stands for the process's death."""


class HalfPm:
    """A PM whose create makes a part and then fails; *refusals* are raised in turn by the completion."""

    label = "extension 1001"

    def __init__(self):
        self.parts, self.sends = [], []
        self.refusals = []
        self.kill = lambda _point: None

    def operation(self, _ordinal):
        """The one row."""
        return self

    async def probe(self):
        """Answer whenever asked."""

    async def prepare(self):
        """The create, whatever is there."""
        return Plan(Verdict.CREATE, (Step("create", repeatable=False, send=self.create, reconcile=self.look),))

    async def create(self):
        """Make the first of two parts."""
        self.kill("before create")
        self.sends.append("create")
        self.parts.append("number")
        self.kill("after create")
        raise AmbiguousError("PM did not answer in time", code="TIMEOUT")

    async def look(self):
        """Tell what is there."""
        self.kill("look")
        if len(self.parts) == 2:
            return Standing(done=True, id="7")
        completion = Step("update", repeatable=True, send=self.update, reconcile=self.left)
        return (
            Standing(done=None, difference="name is empty, not 'Ann'", id="7", completion=completion)
            if self.parts
            else Standing(done=False)
        )

    async def left(self):
        """Tell whether the completion is done."""
        return Standing(done=len(self.parts) == 2, difference="it is there only in part")

    async def update(self):
        """Make the other part."""
        self.kill("before update")
        self.sends.append("update")
        if self.refusals:
            raise self.refusals.pop(0)
        self.parts[1:] = ["name"]
        self.kill("after update")
        return Reply(200, "7")


@pytest.fixture
def half_pm():
    """
    A PM that has nothing yet.
    """
    return HalfPm()


async def test_a_part_is_completed_in_the_same_row(journal, run, half_pm, settlements):
    """
    The completion is announced and counted like any request, under its own name, and the row has succeeded.
    """
    await run(journal, service=half_pm)
    settled = settlements(journal)[0]
    assert (Outcome.SUCCEEDED, 2, "7") == (settled.outcome, settled.attempts, settled.object_id)
    assert ["create", "update"] == half_pm.sends


async def test_a_part_that_pm_is_still_working_on_is_left_to_it(memory_journal, run, half_pm, settlements):
    """
    A reply may be lost while PM goes from one command to the next: what is whole at the second look needs no completion.
    """
    look = half_pm.look

    async def later():
        standing = await look()
        half_pm.parts[1:] = ["name"]
        return standing

    half_pm.look = later
    await run(memory_journal, service=half_pm)
    assert (Outcome.SUCCEEDED, ["create"]) == (settlements(memory_journal)[0].outcome, half_pm.sends)


@pytest.mark.parametrize(
    ("refusals", "told", "tries"),
    [
        ([RejectedError("PM refuses the rest", http=400)], (Outcome.FAILED, "PM refuses the rest", 400), 1),
        ([TransientError("PM failed", http=500)] * 6, (Outcome.FAILED, "it is there only in part", 500), 6),
    ],
    ids=["refused", "never answered"],
)
async def test_a_completion_that_fails_fails_the_row(memory_journal, run, half_pm, settlements, refusals, told, tries):
    """
    The row ends with what is known of the completion; the create is not sent again.
    """
    half_pm.refusals = list(refusals)
    await run(memory_journal, service=half_pm)
    settled = settlements(memory_journal)[0]
    assert told == (settled.outcome, settled.message, settled.http)
    assert ["create"] + ["update"] * tries == half_pm.sends


async def test_a_refusal_after_a_lost_reply_may_hide_a_part(memory_journal, run, half_pm, settlements):
    """
    A create that is sent again and refused is looked into, and what its first attempt left is completed.
    """
    looks = iter([Standing(done=False), Standing(done=False)])
    look, refuse = half_pm.look, iter([RejectedError("exists already", http=400)])

    async def late():
        return next(looks, None) or await look()

    create = half_pm.create

    async def created():
        if half_pm.parts and (refusal := next(refuse, None)):
            half_pm.sends.append("create")
            raise refusal
        return await create()

    half_pm.look, half_pm.create = late, created
    await run(memory_journal, service=half_pm)
    assert (Outcome.SUCCEEDED, ["create", "create", "update"]) == (settlements(memory_journal)[0].outcome, half_pm.sends)


async def test_kill_at_any_point_leaves_no_part(memory_journal, run):
    """
    Wherever the process dies, a resume completes the object, and makes it once.
    """
    for number in itertools.count(1):
        journal, service, points = type(memory_journal)(), HalfPm(), itertools.count(1)

        def kill(point, points=points, number=number):
            if next(points) == number:
                raise KilledError(point)

        journal.kill = service.kill = kill
        try:
            await run(journal, service=service)
            killed = False
        except* KilledError:
            killed = True
            journal.crash()
        journal.kill = service.kill = lambda _point: None
        finished = {row.facts.ordinal: row.outcome in TERMINAL for row in journal.rows() if row.settlement is not None}
        await run(journal, service=service, finished=finished, open_attempts=journal.open_attempts())
        assert (["succeeded"], ["number", "name"]) == ([row.outcome.value for row in journal.rows()], service.parts), number
        if not killed:
            assert number > 10
            return

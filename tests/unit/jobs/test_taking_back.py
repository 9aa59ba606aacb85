"""A row of several steps either does all of them or takes back what it did, whatever happens meanwhile."""

from __future__ import annotations

import itertools

import pytest

from pmbulk.entities.steps import Plan, Reply, Standing, Step, Verdict
from pmbulk.errors import AmbiguousError, Outcome, RejectedError

NAMES = ("make", "link", "remove", "check")


class KilledError(Exception):
    """Stands for the process's death."""


class MovingPm:
    """
    A PM in which a row makes something new, links it, removes the old and looks.

    *faults* are raised in turn by the step of that name; of the step *part_of* a part is found where it had no effect.
    """

    label = "extension 1001"

    def __init__(self):
        self.there = {"old"}
        self.sends = []
        self.faults = {}
        self.part_of = ""
        self.kill = lambda _point: None

    def operation(self, _ordinal):
        """The one row."""
        return self

    async def probe(self):
        """Answer whenever asked."""

    async def prepare(self):
        """The four steps; the last one takes nothing back."""
        make = self.step("make", adds="new", undo=self.step("unmake", removes="new"))
        link = self.step("link", adds="link", undo=self.step("unlink", removes="link"))
        remove = self.step("remove", removes="old", undo=self.step("restore", adds="old"))
        check = self.step("check", last_word=True)
        return Plan(Verdict.CHANGE, (make, link, remove, check), kept="what was", rescue="What was there is in the file.")

    def step(self, name, *, adds="", removes="", undo=None, last_word=False):
        """One step, which may fail before or after it had its effect."""

        async def send():
            self.kill(f"before {name}")
            self.sends.append(name)
            fault, effect = self.faults[name].pop(0) if self.faults.get(name) else (None, True)
            if effect:
                self.there = (self.there | {adds} - {""}) - {removes}
            self.kill(f"after {name}")
            if fault is not None:
                raise fault
            return Reply(200, note="seen" if last_word else "")

        async def reconcile():
            done = (not adds or adds in self.there) and removes not in self.there
            part = not done and name == self.part_of
            note = "seen" if last_word else ""
            return Standing(done=done, completion=self.step("link (rest)", adds=adds, removes=removes) if part else None, note=note)

        return Step(name, repeatable=False, send=send, reconcile=reconcile, undo=undo, last_word=last_word)


@pytest.fixture
def moving_pm():
    """
    A PM that has the old thing only.
    """
    return MovingPm()


def refusal():
    """
    A clear no.
    """
    return RejectedError("PM refuses", code="NO", http=400), False


async def test_all_steps_are_done_in_turn(journal, run, moving_pm, settlements):
    """
    A row whose steps all succeed has succeeded, and says what they note.
    """
    await run(journal, service=moving_pm)
    settled = settlements(journal)[0]
    assert (Outcome.SUCCEEDED, "seen", 4) == (settled.outcome, settled.message, settled.attempts)
    assert {"new", "link"} == moving_pm.there


async def test_what_a_lost_reply_would_have_noted_is_said_too(journal, run, moving_pm, settlements):
    """
    Reading that shows a step to be done says what is to be known of it.
    """
    moving_pm.faults["check"] = [(AmbiguousError("lost"), True)]
    await run(journal, service=moving_pm)
    assert (Outcome.SUCCEEDED, "seen") == (settlements(journal)[0].outcome, settlements(journal)[0].message)


@pytest.mark.parametrize(
    ("name", "sends"),
    [
        ("make", ["make"]),
        ("link", ["make", "link", "unmake"]),
        ("remove", ["make", "link", "remove", "unlink", "unmake"]),
    ],
)
async def test_what_was_done_is_taken_back_the_last_first(journal, run, moving_pm, settlements, name, sends):
    """
    Where a step is refused the steps before it are undone, and the row fails with PM's words.
    """
    moving_pm.faults[name] = [refusal()]
    await run(journal, service=moving_pm)
    settled = settlements(journal)[0]
    assert (Outcome.FAILED, "NO", 400) == (settled.outcome, settled.code, settled.http)
    back = "" if name == "make" else ". What had been done for this row was taken back."
    assert f"PM refuses{back}" == settled.message
    assert (sends, {"old"}) == (moving_pm.sends, moving_pm.there)


async def test_the_last_word_takes_nothing_back(journal, run, moving_pm, settlements):
    """
    A step that only looks fails the row, and what was done stays.
    """
    moving_pm.faults["check"] = [refusal()]
    await run(journal, service=moving_pm)
    assert (Outcome.FAILED, "PM refuses") == (settlements(journal)[0].outcome, settlements(journal)[0].message)
    assert {"new", "link"} == moving_pm.there


async def test_what_cannot_be_taken_back_is_unknown_and_says_where_to_look(journal, run, moving_pm, settlements):
    """
    Where PM refuses an undo too, the row is unknown, with both refusals and the place where the old state is kept.
    """
    moving_pm.faults = {"remove": [refusal()], "unlink": [refusal()]}
    await run(journal, service=moving_pm)
    settled = settlements(journal)[0]
    assert Outcome.UNKNOWN == settled.outcome
    assert (
        "PM refuses. What had been done for this row could not be taken back: PM refuses. Look at extension 1001 in PM. What was there is in the file."
    ) == settled.message


@pytest.mark.parametrize("effect", [True, False], ids=["done", "not done"])
@pytest.mark.parametrize("name", ["unlink", "unmake"])
async def test_an_undo_whose_reply_is_lost_is_read_back(journal, run, moving_pm, settlements, name, effect):
    """
    Undoing goes by what is there, like every step.
    """
    moving_pm.faults = {"remove": [refusal()], name: [(AmbiguousError("PM did not answer in time", code="TIMEOUT"), effect)]}
    await run(journal, service=moving_pm)
    assert (Outcome.FAILED, {"old"}) == (settlements(journal)[0].outcome, moving_pm.there)
    assert (1 if effect else 2) == moving_pm.sends.count(name)


POINTS = [f"{when} {name}" for name in (*NAMES, "unmake", "unlink") for when in ("before", "after")]


@pytest.mark.parametrize("refused", [None, "remove"])
@pytest.mark.parametrize("point", POINTS)
async def test_a_killed_row_is_resumed_to_one_of_its_two_ends(memory_journal, run, moving_pm, settlements, point, refused):
    """
    Killed anywhere and resumed, the row is all done or not done at all, and what it keeps is in the journal before its first request.
    """
    if refused:
        moving_pm.faults[refused] = [refusal(), refusal()]

    def kill(here):
        if here == point:
            moving_pm.kill = lambda _point: None
            raise KilledError

    moving_pm.kill = kill
    try:
        await run(memory_journal, service=moving_pm)
    except KilledError:
        memory_journal.crash()
        assert "what was" == memory_journal.kept(0)
        await run(memory_journal, service=moving_pm, open_attempts=memory_journal.open_attempts())
    settled = settlements(memory_journal)[0]
    ends = {Outcome.SUCCEEDED: {"new", "link"}, Outcome.FAILED: {"old"}}
    assert ends[settled.outcome] == moving_pm.there
    assert (Outcome.FAILED if refused else Outcome.SUCCEEDED) == settled.outcome


async def test_killed_again_and_again_it_comes_to_an_end(memory_journal, run, moving_pm, settlements):
    """
    A process that dies at every single point in turn still brings the row to its end.
    """
    moving_pm.faults["remove"] = [refusal() for _ in range(9)]
    points = itertools.cycle(POINTS)
    for point in itertools.islice(points, len(POINTS)):

        def kill(here, point=point):
            if here == point:
                raise KilledError

        moving_pm.kill = kill
        try:
            await run(memory_journal, service=moving_pm, open_attempts=memory_journal.open_attempts())
        except KilledError:
            memory_journal.crash()
            continue
        break
    moving_pm.kill = lambda _point: None
    if not memory_journal.settled():
        await run(memory_journal, service=moving_pm, open_attempts=memory_journal.open_attempts())
    assert (Outcome.FAILED, {"old"}) == (settlements(memory_journal)[0].outcome, moving_pm.there)


async def test_what_completes_an_undo_is_announced_as_an_undo(memory_journal, run, moving_pm, settlements):
    """
    Killed while it completes an undo of which PM did a part, a row is taken back by its resume, not carried on.
    """
    moving_pm.faults = {"remove": [refusal()], "unlink": [(AmbiguousError("PM did not answer in time", code="TIMEOUT"), False)]}
    moving_pm.part_of = "unlink"

    def kill(here):
        if here == "before link (rest)":
            moving_pm.kill = lambda _point: None
            raise KilledError

    moving_pm.kill = kill
    with pytest.raises(KilledError):
        await run(memory_journal, service=moving_pm)
    memory_journal.crash()
    opened = memory_journal.open_attempts()
    assert {"make", "link", "remove", "undo: unlink", "undo: link (rest)"} == {attempt.step for attempt in opened}
    await run(memory_journal, service=moving_pm, open_attempts=opened)
    assert (Outcome.FAILED, {"old"}) == (settlements(memory_journal)[0].outcome, moving_pm.there)

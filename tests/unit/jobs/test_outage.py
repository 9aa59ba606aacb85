from __future__ import annotations

import anyio
import pytest

from pmbulk.errors import AmbiguousError, LoginError, Outcome, RejectedError, TransientError
from pmbulk.jobs.outage import Outage, OutagePolicy
from pmbulk.jobs.room import Room
from pmbulk.jobs.runner import Stop
from pmbulk.jobs.stats import RunStats

POLICY = OutagePolicy(misses_max=3, wait_initial_s=1.0, wait_max_s=4.0, deadline_s=12.0)


@pytest.fixture
def outage():
    """
    Three misses make a suspicion, and PM has twelve seconds.
    """
    return Outage(POLICY)


def miss(outage, times, *, now=0.0, at_once=False):
    for _ in range(times):
        outage.missed("PM cannot be reached", now=now, at_once=at_once)


def test_misses_in_a_row_raise_the_suspicion(outage):
    """
    Two of three are bad luck, and the third one is an outage.
    """
    miss(outage, 2)
    before = outage.suspected
    miss(outage, 1, now=7.0)
    assert (False, True, 7.0) == (before, outage.suspected, outage.suspected_at)


def test_an_answer_in_between_begins_the_count_anew(outage):
    """
    As long as PM answers now and then it is there.
    """
    miss(outage, 2)
    outage.answered()
    miss(outage, 2)
    assert not outage.suspected


def test_one_miss_can_be_enough(outage):
    """
    Who has no attempt left raises the suspicion alone.
    """
    miss(outage, 1, at_once=True)
    assert outage.suspected


def test_waits_grow_up_to_the_cap_and_the_deadline(outage):
    """
    The waits double, and the last one ends with the deadline, reckoned from the suspicion.
    """
    miss(outage, 3, now=100.0)
    now, waits = 100.0, []
    while (wait_s := outage.next_wait_s(now)) is not None:
        waits.append(wait_s)
        now += wait_s
        outage.still_silent("PM cannot be reached")
    assert ([1.0, 2.0, 4.0, 4.0, 1.0], 112.0, 1) == (waits, now, outage.confirmed)


def test_a_later_outage_is_another_one(outage):
    """
    After an outage count, waits and deadline begin anew; a false alarm confirms nothing.
    """
    miss(outage, 3)
    outage.still_silent("PM cannot be reached")
    outage.over()
    miss(outage, 2, now=50.0)
    calm = (outage.suspected, outage.next_wait_s(50.0))
    miss(outage, 1, now=50.0)
    assert ((False, None), 1.0, 1) == (calm, outage.next_wait_s(50.0), outage.confirmed)


def breaks_after(pm, sends, *, probes):
    """PM goes away with the request after *sends* others, and is back when it was asked *probes* times in vain."""

    def at(point):
        if point == "before send" and len(pm.sends) == sends:
            pm.down = True

    pm.kill = at
    ask = pm.probe

    async def probe():
        pm.down = pm.down and len(pm.probes) < probes
        await ask()

    pm.probe = probe


async def test_rows_outlive_an_outage(memory_journal, run, pm, clock, outcomes):
    """
    Everybody waits while PM is asked with growing waits, and then all rows succeed, though each had been sent in vain.
    """
    breaks_after(pm, 3, probes=6)
    stats = RunStats()
    end = await run(memory_journal, 40, concurrency=4, failures_max=0, stats=stats)
    assert (["succeeded"] * 40, None) == (outcomes(memory_journal), end.stopped_by)
    assert [True] * 6 + [False] == pm.probes
    assert [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0] == [wait_s for wait_s in clock.slept if wait_s >= 1.0]
    assert (False, None, 0) == (stats.outage, stats.paused_until, stats.aside)


async def test_figures_decide_nothing(memory_journal, run, pm, outcomes):
    """
    Figures that show the outage in which an earlier run ended do not keep this one from asking PM.
    """
    breaks_after(pm, 0, probes=1)
    await run(memory_journal, 8, stats=RunStats(outage=True))
    assert (["succeeded"] * 8, [True, False]) == (outcomes(memory_journal), pm.probes)


async def test_nothing_but_probes_is_sent_during_an_outage(memory_journal, run, pm, clock):
    """
    Between the suspicion and PM's answer no row is sent.
    """
    moments = []
    breaks_after(pm, 3, probes=6)
    broken = pm.kill
    pm.kill = lambda point: (broken(point), moments.append(clock.now) if point == "before send" else None)
    await run(memory_journal, 40, concurrency=4)
    began = [moment for moment in moments if moment < 123.0]
    assert max(began) < 5.0
    assert len(began) <= 3 + 4 + 5


async def test_an_outage_beyond_the_deadline_stops_the_run(memory_journal, run, pm, clock, outcomes):
    """
    No row fails for it, and the message says since when and why.
    """
    pm.down = pm.reads_first = True
    end = await run(memory_journal, 40, concurrency=4)
    assert ["not_run"] * 40 == outcomes(memory_journal)
    assert "PM has not answered for 15 minutes (PM cannot be reached); resume the job when it is there again" == str(end.stopped_by)
    assert 40 == end.left
    assert 900.0 <= clock.now < 920.0


def probed(pm, *silent):
    """PM's probes are told, one after the other, whether to get no answer."""
    told = list(silent)

    async def probe():
        if told.pop(0):
            raise pm.gone()

    pm.probe = probe
    return told


async def test_an_outage_uses_up_no_attempts(memory_journal, run, pm, settlements):
    """
    A row that failed before and during an outage has all its attempts afterwards; before silence ends it, PM is asked.
    """
    overloads = [TransientError("overload", http=408) for _ in range(5)]
    pm.faults[0] = [*overloads, pm.gone(), *overloads]
    told = probed(pm, True, False)
    await run(memory_journal)
    assert (Outcome.SUCCEEDED, 12, []) == (settlements(memory_journal)[0].outcome, settlements(memory_journal)[0].attempts, told)


async def test_a_row_that_alone_gets_no_answer_fails(memory_journal, run, pm, settlements):
    """
    While PM answers its probes, silence is the row's own failure, and the attempts have their end.
    """
    pm.faults[0] = [pm.gone() for _ in range(20)]
    await run(memory_journal)
    settled = settlements(memory_journal)[0]
    assert (Outcome.FAILED, "PM cannot be reached (after 7 attempts)", "UNREACHABLE") == (settled.outcome, settled.message, settled.code)
    assert [False, False] == pm.probes


async def test_a_row_that_takes_pm_down_has_an_end(memory_journal, run, pm, outcomes):
    """
    A row is not excused for ever: it may be the cause of every outage.
    """
    probed(pm, *[True, False] * 20)
    pm.faults[0] = [pm.gone() for _ in range(200)]
    await run(memory_journal)
    assert (["failed"], True) == (outcomes(memory_journal), len(pm.sends) < 100)


async def test_a_lost_reply_is_looked_into_after_the_outage(memory_journal, run, pm, outcomes):
    """
    What PM did right before it went away is found out, not done again.
    """

    def at(point):
        if point == "after send" and len(pm.sends) == 1:
            pm.down = True
            raise AmbiguousError("The connection was lost", unanswered=True)

    breaks_after(pm, 0, probes=3)
    pm.kill = at
    await run(memory_journal, 8, concurrency=2)
    assert (["succeeded"] * 8, {1}) == (outcomes(memory_journal), set(pm.made.values()))


async def test_pms_own_wait_and_an_outage_may_overlap(memory_journal, run, pm, clock, outcomes):
    """
    Nothing is sent before both are over.
    """
    moments = []
    pm.faults = {0: [TransientError("slow down", http=429, retry_after_s=100.0)], **{row: [pm.gone()] for row in range(1, 6)}}
    pm.kill = lambda point: moments.append(clock.now) if point == "before send" else None
    await run(memory_journal, 12, concurrency=6)
    assert ["succeeded"] * 12 == outcomes(memory_journal)
    assert [] == [moment for moment in moments if 0.0 < moment < 100.0]
    assert [False] == pm.probes


async def test_a_login_refused_after_the_outage_stops_the_run(memory_journal, run, pm):
    """
    PM is there again and does not want us: that is no outage.
    """
    pm.down = True

    async def probe():
        raise LoginError("PM refuses the login")

    pm.probe = probe
    end = await run(memory_journal, 8)
    assert "PM refuses the login" == str(end.stopped_by)


@pytest.mark.parametrize(
    "fault", [TransientError("slow down", http=429, retry_after_s=100.0), TransientError("gone", unanswered=True)], ids=["wait", "outage"]
)
async def test_a_stop_turns_away_who_waits_for_the_end_of_a_pause(memory_journal, run, pm, clock, outcomes, fault):
    """
    A request that was announced when the pause began is not sent after the stop, and the run ends at once.
    """
    stop, room, stats = Stop(), Room(1, steady=True), RunStats()
    pm.room = room
    pm.faults = {row: [fault] for row in range(8)}
    with anyio.fail_after(5):
        async with anyio.create_task_group() as both:
            both.start_soon(lambda: run(memory_journal, 30, concurrency=6, room=room, stop=stop, stats=stats))
            while stats.paused_until is None:
                await anyio.lowlevel.checkpoint()
            sent = len(pm.sends)
            stop.request_stop()
    assert sent == len(pm.sends)
    assert {"unknown", "not_run"} == set(outcomes(memory_journal))
    assert clock.now < 5.0


async def test_failing_at_everything_is_an_outage_too(memory_journal, run, pm, outcomes):
    """
    A PM that has lost what it needs fails at each request: no row is to blame, and hardly any is tried until PM works again.
    """
    told = probed(pm, True, True, False)
    pm.faults = {row: [TransientError("PM failed", http=500) for _ in range(20)] for row in range(40)}
    pm.kill = lambda point: pm.faults.clear() if point == "before send" and not told else None
    await run(memory_journal, 40, concurrency=4)
    assert (["succeeded"] * 40, True) == (outcomes(memory_journal), len(pm.sends) < 50)


async def test_a_refusal_is_an_answer(memory_journal, run, pm):
    """
    A PM that says no is there.
    """
    pm.faults = {row: [RejectedError("no", http=400)] if row % 2 else [pm.gone()] for row in range(20)}
    await run(memory_journal, 20, concurrency=1)
    assert [] == pm.probes

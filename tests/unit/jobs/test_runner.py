from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta

import anyio
import pytest

from pmbulk.entities.steps import Standing
from pmbulk.errors import (
    AmbiguousError,
    Finding,
    InvalidRowError,
    LoginError,
    Outcome,
    RejectedError,
    StoppedError,
    TransientError,
)
from pmbulk.jobs.journal import OpenAttempt, findings_to_text
from pmbulk.jobs.order import RowNode
from pmbulk.jobs.runner import Stop
from pmbulk.jobs.stats import RunStats

REFUSED = "PM refuses userId"


def refused():
    return RejectedError(REFUSED, code="USER_EXISTS", http=409)


async def test_every_row_is_announced_sent_and_settled(journal, run, pm, outcomes, settlements, job_facts):
    """
    A plain row ends succeeded with one attempt, PM's status and the object's id, in any journal.
    """
    end = await run(journal, 5)
    assert ["succeeded"] * 5 == outcomes(journal)
    settled = settlements(journal)[3]
    assert (201, 1, "id3", "", "", job_facts.id) == (
        settled.http,
        settled.attempts,
        settled.object_id,
        settled.message,
        settled.code,
        settled.job,
    )
    assert (0, None) == (end.left, end.stopped_by)
    assert [1] * 5 == [row.sent for row in journal.rows()]


async def test_request_leaves_only_after_its_announcement(memory_journal, run, pm):
    """
    Whenever PM is asked to do something, the journal already says so.
    """
    announced = []

    def at(point):
        if point == "before send":
            announced.append(len(memory_journal.attempts))

    pm.kill = at
    await run(memory_journal, 3, concurrency=1)
    assert [1, 2, 3] == announced


async def test_nothing_to_do_is_skipped(memory_journal, run, pm, settlements):
    """
    A row whose object already is so ends skipped with what was found, and nothing is sent.
    """
    pm.nothing = {0}
    await run(memory_journal)
    settled = settlements(memory_journal)[0]
    assert (Outcome.SKIPPED, "already so", 0, []) == (settled.outcome, settled.message, settled.attempts, pm.sends)


async def test_refusal_is_the_rows_end(memory_journal, run, pm, settlements):
    """
    What PM refuses is sent once, and the message, code and status are PM's.
    """
    pm.faults[0] = [refused()]
    await run(memory_journal)
    settled = settlements(memory_journal)[0]
    told = (settled.outcome, settled.message, settled.code, settled.http, settled.attempts)
    assert (Outcome.FAILED, REFUSED, "USER_EXISTS", 409, 1) == told


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(InvalidRowError((Finding("userId", "is taken"),)), "invalid"), (refused(), "failed")],
    ids=["invalid", "rejected"],
)
async def test_error_of_preparation_decides_the_outcome(memory_journal, run, pm, outcomes, error, outcome):
    """
    A row that cannot be prepared ends with the error's own outcome, and nothing is sent.
    """
    pm.prepare_faults[0] = [error]
    await run(memory_journal)
    assert ([outcome], []) == (outcomes(memory_journal), pm.sends)


async def test_findings_of_an_invalid_row_are_kept(memory_journal, run, pm, settlements):
    """
    The results can point at the cells that PM's state makes wrong.
    """
    findings = (Finding("userId", "is taken"), Finding("", "twice"))
    pm.prepare_faults[0] = [InvalidRowError(findings)]
    await run(memory_journal)
    assert findings_to_text(findings) == settlements(memory_journal)[0].findings


async def test_transient_failures_are_tried_again_with_growing_waits(memory_journal, run, pm, clock, settlements):
    """
    A row gets through at its third attempt after two waits below their ceilings; it is prepared once.
    """
    pm.faults[0] = [TransientError("busy"), TransientError("busy")]
    await run(memory_journal)
    assert (Outcome.SUCCEEDED, 3) == (settlements(memory_journal)[0].outcome, settlements(memory_journal)[0].attempts)
    assert [True, True] == [wait <= ceiling for wait, ceiling in zip(clock.slept, (0.5, 1.0), strict=True)]
    assert [0] == pm.prepared


async def test_attempts_have_an_end(memory_journal, run, pm, settlements):
    """
    A row that stays transient fails after the policy's attempts and says how many they were.
    """
    pm.faults[0] = [TransientError("PM is busy", code="BUSY") for _ in range(9)]
    await run(memory_journal)
    settled = settlements(memory_journal)[0]
    assert (Outcome.FAILED, "PM is busy (after 6 attempts)", "BUSY", 6) == (
        settled.outcome,
        settled.message,
        settled.code,
        settled.attempts,
    )


async def test_waiting_row_leaves_worker_and_lane_to_others(memory_journal, run, pm):
    """
    While a row waits for its next attempt, the next row of its lane is sent by the only worker.
    """
    pm.faults[0] = [TransientError("busy")]
    await run(memory_journal, 2, lanes=["x", "x"], concurrency=1)
    assert [0, 1, 0] == [ordinal for ordinal, _ in pm.sends]


async def test_preparation_is_tried_again(memory_journal, run, pm, outcomes):
    """
    A read that fails transiently is repeated, and counts as no attempt.
    """
    pm.prepare_faults[0] = [TransientError("busy")]
    await run(memory_journal)
    assert (["succeeded"], [0, 0], 1) == (outcomes(memory_journal), pm.prepared, len(pm.sends))


async def test_wait_that_pm_asks_for_is_everyones(memory_journal, run, pm, clock):
    """
    After a Retry-After nothing is sent before its time has passed, by nobody.
    """
    moments = []
    pm.kill = lambda point: moments.append(clock.now) if point == "before send" else None
    pm.faults[0] = [TransientError("slow down", retry_after_s=20.0)]
    stats = RunStats()
    await run(memory_journal, 20, concurrency=2, stats=stats)
    assert 21 == len(moments)
    assert {0.0, 20.0} == set(moments)
    assert moments.count(0.0) <= 3
    assert (None, 1, 0, 0) == (stats.paused_until, stats.retries, stats.aside, stats.in_flight)


@pytest.mark.parametrize(
    "error",
    [
        TransientError("slow down", retry_after_s=10.0),
        TransientError("slow down", http=429),
        TransientError("busy", http=500, busy=True),
    ],
    ids=["with a wait", "without one", "busy"],
)
async def test_being_turned_away_uses_up_no_attempts(memory_journal, run, pm, outcomes, error):
    """
    Under a tight rate limit, or behind an exclusive command, a row is sent as often as it takes before the deadline.
    """
    pm.faults[0] = [error] * 8
    await run(memory_journal, lanes=["x"])
    assert (["succeeded"], 9) == (outcomes(memory_journal), len(pm.sends))


async def test_busy_lane_is_left_alone_while_others_go_on(memory_journal, run, pm):
    """
    What comes next in a busy lane would be told the same: it waits until the row that was told has got through, and other lanes do not.
    """
    pm.faults[0] = [TransientError("busy", http=500, busy=True)] * 3
    await run(memory_journal, 5, lanes=["x", "x", "y", "y", "y"])
    sent = [ordinal for ordinal, _ in pm.sends]
    assert ([0, 0, 0, 0, 1], [2, 3, 4]) == ([row for row in sent if row < 2], [row for row in sent if row > 1])
    assert sent.index(4) < sent.index(1)


async def test_busy_lane_ends_a_row_and_not_the_run(memory_journal, run, pm, outcomes):
    """
    A row that finds its lane busy however long it waits has failed; the others go on.
    """
    pm.faults[0] = [TransientError("busy", http=500, busy=True)] * 99
    await run(memory_journal, 3, lanes=["x", "x", "y"])
    assert ["failed", "succeeded", "succeeded"] == outcomes(memory_journal)


async def test_too_many_requests_are_everyones_pause(memory_journal, run, pm, clock):
    """
    After a 429 without a wait nobody sends before a drawn time has passed.
    """
    moments = []
    pm.kill = lambda point: moments.append(clock.now) if point == "before send" else None
    pm.faults[0] = [TransientError("slow down", http=429)]
    await run(memory_journal, 20, concurrency=2)
    assert {0.0, clock.slept[0]} == set(moments)
    assert moments.count(0.0) <= 3


async def test_wait_beyond_the_deadline_stops_the_run(memory_journal, run, pm, outcomes):
    """
    A PM that asks for more than the deadline ends the run; rows without outcome are left for resume.
    """
    pm.faults[0] = [TransientError("maintenance", retry_after_s=3600.0)]
    end = await run(memory_journal, 3, concurrency=1)
    assert (["unknown", "not_run", "not_run"], 3) == (outcomes(memory_journal), end.left)
    assert "PM keeps asking to wait (maintenance), longer than the 300 s a run waits; resume the job later" == str(end.stopped_by)


async def test_wait_that_pm_asks_for_after_slow_failures_does_not_stop_the_run(memory_journal, run, pm, clock, outcomes):
    """
    Only waits that PM asks for count towards their deadline, not the time that attempts took before it first asked.
    """
    pm.kill = lambda point: setattr(clock, "now", clock.now + 120.0) if point == "before send" else None
    pm.faults[0] = [TransientError("overload", http=500) for _ in range(3)] + [TransientError("slow down", http=429, retry_after_s=5.0)]
    end = await run(memory_journal)
    assert (["succeeded"], None) == (outcomes(memory_journal), end.stopped_by)


async def test_operation_that_cannot_be_made_stops_the_run_but_not_what_is_in_flight(memory_journal, run, pm, outcomes):
    """
    What an operation needs may be unreadable: that is told like any other error that ends a run, after the rows in flight were settled.
    """

    class Unreadable:
        @staticmethod
        def operation(ordinal):
            if ordinal == 1:
                raise StoppedError("the journal cannot be used")
            return pm.operation(ordinal)

    end = await run(memory_journal, 4, concurrency=2, service=Unreadable)
    assert (["succeeded", "not_run", "not_run", "not_run"], "the journal cannot be used", 3) == (
        outcomes(memory_journal),
        str(end.stopped_by),
        end.left,
    )


async def test_last_lost_reply_is_looked_for_twice(memory_journal, run, pm, outcomes):
    """
    PM may still be at work on a request whose reply was lost, also where it is the last attempt: a row has not failed at the first look.
    """
    pm.faults[0] = [pm.lost(effect=False) for _ in range(6)]
    pm.standings[0] = [Standing(done=False)] * 11 + [Standing(done=True)]
    await run(memory_journal)
    assert (["succeeded"], 6) == (outcomes(memory_journal), len(pm.sends))


async def test_lost_reply_with_effect_is_found_out(memory_journal, run, pm, settlements):
    """
    A create whose reply is lost but which is there afterwards has succeeded, and is not sent again.
    """
    pm.faults[0] = [pm.lost(effect=True)]
    await run(memory_journal)
    assert (Outcome.SUCCEEDED, "id0") == (settlements(memory_journal)[0].outcome, settlements(memory_journal)[0].object_id)
    assert ({(0, "create"): 1}, 1) == (pm.made, len(pm.reads))


async def test_lost_request_is_sent_again_after_a_second_look(memory_journal, run, pm, settlements):
    """
    A create that left no trace is looked for once more right before it is sent again.
    """
    pm.faults[0] = [pm.lost(effect=False)]
    await run(memory_journal)
    assert (Outcome.SUCCEEDED, 2, 2) == (settlements(memory_journal)[0].outcome, settlements(memory_journal)[0].attempts, len(pm.reads))


async def test_request_that_arrives_late_is_not_repeated(memory_journal, run, pm, outcomes):
    """
    What is not there at first but is there at the second look was done after all.
    """
    pm.faults[0] = [pm.lost(effect=False)]
    pm.standings[0] = [Standing(done=False), Standing(done=True)]
    await run(memory_journal)
    assert (["succeeded"], 1) == (outcomes(memory_journal), len(pm.sends))


@pytest.mark.parametrize("opened", [[], [OpenAttempt(0, "create", 1)]], ids=["lost", "crashed"])
async def test_effect_that_comes_seconds_later_is_waited_for(memory_journal, run, pm, clock, outcomes, opened):
    """
    PM may be at work for seconds on a request whose reply was lost, or whose sender died: it is not sent again before that time has passed.
    """

    def arrive(point):
        if point == "reconcile" and clock.now >= 4.0:
            pm.made[0, "create"] = 1

    pm.faults[0], pm.kill = [pm.lost(effect=False)], arrive
    await run(memory_journal, open_attempts=opened)
    assert (["succeeded"], 0 if opened else 1) == (outcomes(memory_journal), len(pm.sends))


async def test_plain_refusal_is_not_waited_for(memory_journal, run, pm, clock, outcomes):
    """
    PM is done with what it has refused, although it may have left a part of it: reading it back counts at once.
    """
    pm.faults[0] = [AmbiguousError("no such profile", http=400)]
    pm.standings[0] = [Standing(done=None, difference="only a part is there")]
    await run(memory_journal)
    assert (["failed"], []) == (outcomes(memory_journal), clock.slept)


async def test_something_different_there_fails(memory_journal, run, pm, settlements):
    """
    An object that is there but not as sent fails the row with the difference.
    """
    pm.faults[0] = [pm.lost(effect=False)]
    pm.standings[0] = [Standing(done=None, difference="userId is anna's already")] * 2
    await run(memory_journal)
    settled = settlements(memory_journal)[0]
    assert (Outcome.FAILED, "userId is anna's already", 1) == (settled.outcome, settled.message, settled.attempts)


async def test_what_cannot_be_read_is_unknown(memory_journal, run, pm, settlements):
    """
    If reading back fails for good, the outcome is unknown and the message says what to look at; nothing is sent again.
    """
    pm.faults[0] = [pm.lost(effect=True)]
    pm.read_faults[0] = [TransientError("no answer")] * 6
    await run(memory_journal)
    settled = settlements(memory_journal)[0]
    assert (Outcome.UNKNOWN, 1, 6) == (settled.outcome, settled.attempts, len(pm.reads))
    assert (
        "It is not known whether PM has done this: the reply to create was lost, and reading it back failed (no answer). "
        "Look at user anna in PM, then run the row again if it is not as the row asks."
    ) == settled.message


async def test_what_pm_turned_away_has_failed_though_it_cannot_be_read(memory_journal, run, pm, settlements):
    """
    Where PM has said of every attempt that it did nothing, a last look is for certainty only, and without it nothing is unknown.
    """
    pm.faults[0] = [TransientError("PM did not take it", http=408) for _ in range(6)]
    pm.read_faults[0] = [TransientError("PM did not take it", http=408) for _ in range(6)]
    await run(memory_journal)
    settled = settlements(memory_journal)[0]
    assert (Outcome.FAILED, "PM did not take it (after 6 attempts)", 408) == (settled.outcome, settled.message, settled.http)


@pytest.mark.parametrize(("there", "outcome"), [(True, "succeeded"), (False, "failed")])
async def test_refusal_after_a_lost_reply_is_looked_into(memory_journal, run, pm, outcomes, there, outcome):
    """
    "Exists already" on the second attempt may be the first one's doing.
    """
    pm.faults[0] = [pm.lost(effect=False), refused()]
    pm.standings[0] = [Standing(done=False), Standing(done=False), Standing(done=there)]
    await run(memory_journal)
    assert ([outcome], 2) == (outcomes(memory_journal), len(pm.sends))


async def test_repeatable_request_is_repeated_without_reading(memory_journal, run, pm, outcomes):
    """
    What may be sent twice is sent twice; only a last lost reply is looked into.
    """
    pm.repeatable = True
    pm.faults = {0: [pm.lost(effect=False)], 1: [pm.lost(effect=False) for _ in range(5)] + [pm.lost(effect=True)]}
    await run(memory_journal, 2)
    assert (["succeeded", "succeeded"], [(1, "create")]) == (outcomes(memory_journal), pm.reads)


async def test_steps_go_in_order_and_a_retry_goes_on_where_it_was(memory_journal, run, pm, settlements):
    """
    A later step's retry does not repeat the steps before it, and every request counts.
    """
    pm.steps = ("create", "link", "link")
    pm.faults[0] = [(None, True), TransientError("busy")]
    await run(memory_journal)
    assert ["create", "link", "link", "link"] == [name for _, name in pm.sends]
    assert ["create", "link", "link", "link (2)"] == [attempt[1] for attempt in memory_journal.attempts]
    assert (Outcome.SUCCEEDED, 4) == (settlements(memory_journal)[0].outcome, settlements(memory_journal)[0].attempts)


NEEDY = [RowNode(0, 0, key="a", provides="a"), RowNode(1, 1, needs=("a",)), RowNode(2, 1)]


async def test_row_that_needs_a_failed_one_is_blocked_and_says_by_which(memory_journal, run, pm, settlements):
    """
    Nothing is sent for a blocked row; its message names the row to correct.
    """
    pm.faults[0] = [refused()]
    await run(memory_journal, nodes=NEEDY, attempts_before={1: 4})
    settled = settlements(memory_journal)[1]
    message = "Nothing was sent: users!row 2 did not succeed. Correct that row, then run this one again."
    assert (Outcome.BLOCKED, message, "BLOCKED", 4) == (settled.outcome, settled.message, settled.code, settled.attempts)
    assert [0, 2] == sorted(ordinal for ordinal, _ in pm.sends)


async def test_finished_rows_are_left_alone(memory_journal, run, pm, outcomes):
    """
    Rows of an earlier run are not sent again, and those that needed a failed one are blocked at once.
    """
    await run(memory_journal, nodes=NEEDY, finished={0: False})
    assert (["not_run", "blocked", "succeeded"], [(2, "create")]) == (outcomes(memory_journal), pm.sends)


@pytest.mark.parametrize(
    ("limits", "limit"), [({"failures_max": 1}, "1"), ({"failures_max_percent": 10.0}, "10 %")], ids=["number", "share"]
)
async def test_failure_budget_stops_the_run(memory_journal, run, pm, outcomes, limits, limit):
    """
    One failure more than allowed ends the run; what was not begun is left.
    """
    pm.faults = {0: [refused()], 1: [refused()]}
    end = await run(memory_journal, 10, concurrency=1, **limits)
    assert ["failed", "failed"] + ["not_run"] * 8 == outcomes(memory_journal)
    assert (f"2 rows failed, more than the {limit} allowed; correct the cause, then resume the job", 8) == (str(end.stopped_by), end.left)


async def test_failure_budget_is_each_runs_own(memory_journal, run, pm):
    """
    Figures that are shown on from an earlier run use up nothing of this one's budget.
    """
    pm.faults = {0: [refused()]}
    end = await run(memory_journal, 3, failures_max=1, stats=RunStats(outcomes=Counter({Outcome.FAILED: 5})))
    assert (0, None) == (end.left, end.stopped_by)


async def test_refused_login_stops_the_run_but_not_what_is_in_flight(memory_journal, run, pm, outcomes):
    """
    Rows with other workers are finished and settled; the error is told, not raised.
    """
    pm.faults[0] = [LoginError("PM refuses the password")]
    end = await run(memory_journal, 4, concurrency=2)
    assert (["unknown", "succeeded", "not_run", "not_run"], "PM refuses the password") == (outcomes(memory_journal), str(end.stopped_by))


async def test_requested_stop_finishes_what_is_in_flight(memory_journal, run, pm, outcomes):
    """
    After a request to stop nothing new begins, and rows in flight are settled.
    """
    stop = Stop()
    pm.kill = lambda point: stop.request_stop() if point == "after send" else None
    end = await run(memory_journal, 5, concurrency=2, stop=stop)
    assert (["succeeded", "succeeded", "not_run", "not_run", "not_run"], 3, None) == (outcomes(memory_journal), end.left, end.stopped_by)


async def test_stop_does_not_wait_out_a_pause(memory_journal, run, pm, clock):
    """
    A run that is asked to stop during PM's wait ends at once.
    """
    stop = Stop()
    pm.faults[0] = [TransientError("slow down", retry_after_s=100.0)]
    with anyio.fail_after(5):
        async with anyio.create_task_group() as both:
            both.start_soon(lambda: run(memory_journal, 2, concurrency=1, stop=stop))
            while not clock.slept:
                await anyio.lowlevel.checkpoint()
            stop.request_stop()
    assert 0.0 == clock.now


async def test_cancellation_is_raised_and_what_was_settled_is_kept(memory_journal, run, pm, outcomes):
    """
    A cancelled run leaves rows in flight open and everything settled before durable.
    """
    with anyio.CancelScope() as scope:
        pm.kill = lambda point: scope.cancel() if point == "after send" and len(pm.sends) == 2 else None
        await run(memory_journal, 3, concurrency=1)
    assert scope.cancelled_caught
    assert ["succeeded", "succeeded", "not_run"] == outcomes(memory_journal)


async def test_mistake_in_the_program_is_raised_as_it_is(memory_journal, run, pm, outcomes):
    """
    What is no error of ours ends the run with itself, after the journal was flushed.
    """
    pm.faults[1] = [AssertionError("a bug")]
    with pytest.raises(AssertionError, match="a bug"):
        await run(memory_journal, 3, concurrency=1)
    assert ["succeeded", "unknown", "not_run"] == outcomes(memory_journal)


async def test_journal_that_cannot_be_written_stops_before_sending(memory_journal, run, pm):
    """
    If an attempt cannot be announced, it is not made.
    """

    def full(point):
        if point == "before sent":
            raise StoppedError("the disk is full")

    memory_journal.kill = full
    end = await run(memory_journal, 3, concurrency=1)
    assert ([], "the disk is full", 3) == (pm.sends, str(end.stopped_by), end.left)


@pytest.mark.parametrize("there", [True, False], ids=["done", "not done"])
async def test_open_attempt_is_reconciled_before_anything_is_sent(memory_journal, run, pm, settlements, there):
    """
    A resumed row reads first, sends only what is not there, and counts on.
    """
    if there:
        pm.made[0, "create"] = 1
    await run(memory_journal, open_attempts=[OpenAttempt(0, "create", 2)], attempts_before={0: 3})
    assert (Outcome.SUCCEEDED, 5 + (not there)) == (settlements(memory_journal)[0].outcome, settlements(memory_journal)[0].attempts)
    assert ([(0, "create")] * (1 + (not there)), {(0, "create"): 1}) == (pm.reads, pm.made)


async def test_resumed_row_that_is_done_has_succeeded(memory_journal, run, pm, outcomes):
    """
    Nothing left to do after an open attempt means that this attempt did it.
    """
    pm.nothing = {0}
    await run(memory_journal, open_attempts=[OpenAttempt(0, "create", 1)])
    assert ["succeeded"] == outcomes(memory_journal)


async def test_resumed_row_that_cannot_be_prepared_is_unknown(memory_journal, run, pm, settlements):
    """
    A refusal while preparing says nothing about what the open attempt did.
    """
    pm.prepare_faults[0] = [refused()]
    await run(memory_journal, open_attempts=[OpenAttempt(0, "create", 1)])
    settled = settlements(memory_journal)[0]
    assert (Outcome.UNKNOWN, 1) == (settled.outcome, settled.attempts)
    assert f"an earlier run sent create for this row, and reading it back failed ({REFUSED})" in settled.message


async def test_lane_and_ceiling_limit_what_is_in_flight(memory_journal, run, pm):
    """
    Never more rows than workers are in flight, and of one lane only as many as it holds.
    """
    await run(memory_journal, 20, lanes=["x"] * 20, concurrency=8, per_lane=2)
    assert 2 == pm.most_in_flight


async def test_rows_of_two_lanes_keep_to_both(memory_journal, run, pm, outcomes):
    """
    Moves between the same two subsystems, in either direction, go one at a time, also where some are put aside; rows of different lanes meet.
    """
    lanes = ["xy", "yx", "x", "y"] * 3
    pm.faults |= {row: [TransientError("busy", busy=True)] for row in range(0, 12, 3)}
    end = await run(memory_journal, 12, lanes=lanes, concurrency=8)
    assert (["succeeded"] * 12, 0) == (outcomes(memory_journal), end.left)
    assert [] == [rows for rows in pm.met if set(lanes[rows[0]]) & set(lanes[rows[1]])]
    assert pm.met


async def test_figures_add_up(memory_journal, run, pm):
    """
    Whoever watches a run sees every row once, blocked ones too.
    """
    stats = RunStats()
    pm.faults[0] = [refused()]
    await run(memory_journal, nodes=NEEDY, stats=stats)
    assert ({Outcome.FAILED: 1, Outcome.BLOCKED: 1, Outcome.SUCCEEDED: 1}, 3) == (stats.outcomes, stats.rows)


async def test_times_come_from_the_clock(memory_journal, run, pm, settlements, start):
    """
    A row's seconds and its end are told by the run's own clock.
    """
    pm.faults[0] = [TransientError("slow down", retry_after_s=20.0)]
    await run(memory_journal)
    assert (20.0, start + timedelta(seconds=20)) == (settlements(memory_journal)[0].seconds, settlements(memory_journal)[0].finished_at)


async def test_request_to_stop_wakes_the_loop(memory_journal, run, pm, clock, monkeypatch):
    """
    A request out of a signal's handler or another thread takes effect although nothing else happens.
    """
    stop, asleep = Stop(), anyio.Event()

    async def sleep_for_good(_seconds):
        asleep.set()
        await anyio.sleep_forever()

    monkeypatch.setattr(clock, "sleep", sleep_for_good)
    pm.faults[0] = [TransientError("slow down", retry_after_s=100.0)]
    with anyio.fail_after(5):
        async with anyio.create_task_group() as both:
            both.start_soon(lambda: run(memory_journal, 2, concurrency=1, stop=stop))
            await asleep.wait()
            await anyio.wait_all_tasks_blocked()
            threading.Timer(0.01, stop.request_stop).start()


async def test_request_in_the_moment_of_listening_is_heard():
    """
    A signal may come between any two lines: whoever begins to listen while the request is made hears of it.
    """
    heard = []

    class Interrupted(list):
        def append(self, closer):
            stop.request_stop()
            super().append(closer)

    stop = Stop()
    stop._closers = Interrupted()
    stop.on_request(lambda: heard.append(True))
    assert [True] == heard


async def test_run_stops_at_its_time(memory_journal, run, pm, clock, start, outcomes):
    """
    When the time has come nothing new begins, what waits for its next attempt is left, and the run says why it ended.
    """
    pm.faults[0] = [TransientError("slow down", retry_after_s=100.0)]
    end = await run(memory_journal, 3, concurrency=1, stop_at=start + timedelta(seconds=70))
    assert (70.0, 3, ["unknown", "not_run", "not_run"]) == (clock.now, end.left, outcomes(memory_journal))
    assert f"it is {start + timedelta(seconds=70):%H:%M}, when the run was to stop" in str(end.stopped_by)


@pytest.mark.parametrize("steps", [("create",), ("create", "link")], ids=["one step", "two steps"])
@pytest.mark.parametrize("made", [0, 1, 2], ids=["nothing there", "first step done", "all done"])
async def test_row_in_doubt_is_looked_at_before_each_step(memory_journal, run, pm, outcomes, steps, made):
    """
    Where an earlier job left a row unknown, each step is read first and sent only if it has not been done.
    """
    pm.steps = steps
    for name in steps[:made]:
        pm.made[0, name] = 1
    await run(memory_journal, in_doubt={0})
    assert ["succeeded"] == outcomes(memory_journal)
    assert {(0, name): 1 for name in steps} == pm.made
    assert [(0, name) for name in steps] == pm.reads


async def test_row_in_doubt_that_cannot_be_read_stays_unknown(memory_journal, run, pm, outcomes):
    """
    Nothing is sent for a row in doubt that cannot be read.
    """
    pm.read_faults[0] = [refused()]
    await run(memory_journal, in_doubt={0})
    assert (["unknown"], []) == (outcomes(memory_journal), pm.sends)

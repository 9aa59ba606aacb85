"""
One row on its way: prepare, send, reconcile, until it has its outcome or must wait.

Knows no lanes and no other rows. Nothing leaves before the journal holds that it is about to be sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Final, Protocol

from pmbulk.entities.steps import Plan, Reply, Standing, Step, Verdict
from pmbulk.errors import AmbiguousError, InvalidRowError, Outcome, RowError, StoppedError, TransientError, full_stop
from pmbulk.jobs.clock import Clock
from pmbulk.jobs.journal import Journal, Settlement, findings_to_text
from pmbulk.jobs.outage import Outage
from pmbulk.jobs.retry import Decision, Failures, RetryPolicy, Verb, decide

__all__ = ["Operation", "RowRun", "Surroundings", "Wait"]

#: What leaves a row unsettled, to be taken up again where it was.
_GOES_ON: Final = frozenset({Verb.RETRY, Verb.AWAIT})
#: What stands before a step's name in the journal where it takes another one back.
_UNDO: Final = "undo: "


class Operation(Protocol):
    """One row's intent, as an entity carries it out."""

    @property
    def label(self) -> str:
        """Which object it is about, for people (``user 'anna'``)."""
        ...

    async def prepare(self) -> Plan:
        """
        Read what is there and plan what to send; called again if it raises what is transient.

        Of a row with an open attempt the plan is made as if that attempt had never been: an object that is already there is no error then, because it
        may be the row's own. Steps bear the same names as in the run before.
        """
        ...


@dataclass(frozen=True, slots=True)
class Wait:
    """
    The row goes on in *seconds* (0: as soon as it is its turn again).

    *everyone* is true where PM asked for the wait, *busy* where PM named contention in the row's lane.
    """

    seconds: float
    everyone: bool = False
    busy: bool = False


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all rows of a run share; *paused* tells whether nothing may be sent for now."""

    journal: Journal
    policy: RetryPolicy
    clock: Clock
    random: Random
    outage: Outage
    paused: Callable[[], bool]


class RowRun:
    """
    The row *ordinal* from its first read to its settlement; `advance` takes it as far as it goes without waiting.

    *attempts* are the requests that were sent for it before this run, *opened* its open attempts (step to number of the last one). With
    *in_doubt* any of its steps may have been sent by an earlier job, so each is looked at before it is sent.
    """

    def __init__(
        self,
        ordinal: int,
        operation: Operation,
        around: Surroundings,
        *,
        attempts: int,
        opened: Mapping[str, int],
        in_doubt: bool = False,
    ) -> None:
        self.ordinal = ordinal
        self._operation = operation
        self._around = around
        self._attempts = attempts + sum(opened.values())
        self._tries = dict(opened)
        self._in_doubt = in_doubt
        self._resumed = bool(opened) or in_doubt
        self._began = around.clock.monotonic()
        self._outages = around.outage.confirmed
        self._excused = 0
        self._plan: Plan | None = None
        self._labels: tuple[str, ...] = ()
        self._index = 0
        self._reply: Reply | None = None
        self._id = ""
        self._notes: list[str] = []
        self._turned: Settlement | None = None  # why what was done is being taken back
        self._forget()

    def _forget(self) -> None:
        """Start the next step with a clean slate."""
        self._doubtful = self._in_doubt  # whether an attempt may have had its effect
        self._late_until = 0.0  # before that, what reading does not show may still come
        self._ambiguous: RowError | None = None  # the last error that left the step in doubt
        self._final: RowError | None = None  # what the row ends with if reading shows that the step had no effect
        self._be_patient()

    def _be_patient(self) -> None:
        """Give the step all its attempts, anew where an outage has used some of them up."""
        self._failures, self._read_failures = Failures(), Failures()
        self._silence_doubted = False  # whether PM was asked before its silence is the row's end

    async def advance(self) -> Settlement | Wait:
        """
        Carry the row on until it is settled or has to wait.

        Raises:
            StoppedError: If the journal cannot be written, or PM asks for a wait beyond the deadline; the row stays unsettled.
            PmbulkError: Whatever else ends the run.
        """
        self._excuse()
        while True:
            if self._plan is None:
                come_to = await self._prepare()
            elif self._index == len(self._plan.steps):
                return self._at_the_end(self._plan)
            elif self._around.paused():
                return Wait(0.0)
            elif self._doubtful:
                come_to = await self._reconcile(self._plan.steps[self._index])
            else:
                come_to = await self._send(self._plan.steps[self._index])
            if come_to is not None:
                return come_to

    def _at_the_end(self, plan: Plan) -> Settlement:
        if self._turned is None:
            return self._settlement(Outcome.SUCCEEDED, " ".join(filter(None, (plan.message, *self._notes))))
        why = self._turned
        message = " ".join((full_stop(why.message), "What had been done for this row was taken back.", *self._notes))
        return replace(self._settlement(why.outcome, message), code=why.code, http=why.http)

    def _excuse(self) -> None:
        """Forgive failures if there was an outage; not for ever, because the row itself may be what takes PM down."""
        around = self._around
        if self._outages != around.outage.confirmed and self._excused < around.policy.attempts_max:
            self._outages = around.outage.confirmed
            self._excused += 1
            self._be_patient()

    async def _prepare(self) -> Settlement | Wait | None:
        try:
            plan = await self._operation.prepare()
        except RowError as error:
            return self._unprepared(error)
        self._forget()
        self._id = plan.id
        if plan.verdict is Verdict.NOTHING:
            return self._settlement(Outcome.SUCCEEDED if self._resumed else Outcome.SKIPPED, plan.message)
        self._follow(plan)
        if plan.kept:
            self._around.journal.keep(self.ordinal, plan.kept)
        if self._resumed:
            self._index = self._last_sent()
            if any(label.startswith(_UNDO) for label in self._tries):
                self._turn_back(plan, self._settlement(Outcome.FAILED, "An earlier run could not do all of it."))
                self._index = self._last_sent()
            self._doubtful = True
            if self._tries:
                self._late_until = self._began + self._around.policy.late_s
        return None

    def _follow(self, plan: Plan) -> None:
        """Go by *plan* from here on, under names that the journal tells apart from those of what is taken back."""
        self._plan = plan
        self._labels = _labels(plan.steps, prefix="" if self._turned is None else _UNDO)

    def _last_sent(self) -> int:
        """The last of the steps that an earlier run sent; the first where it sent none."""
        return max((index for index, label in enumerate(self._labels) if label in self._tries), default=0)

    def _failed(self, settlement: Settlement) -> Settlement | None:
        """The row's end, unless steps before the one that failed have to be taken back first."""
        plan = self._plan
        if plan is None or plan.steps[self._index].last_word:
            return settlement
        if self._turned is not None:
            message = (
                f"{full_stop(self._turned.message)} What had been done for this row could not be taken back: {full_stop(settlement.message)} "
                f"Look at {self._operation.label} in PM. {plan.rescue}"
            )
            return replace(settlement, outcome=Outcome.UNKNOWN, message=message.rstrip())
        if all(step.undo is None for step in plan.steps[: self._index]):
            return settlement
        self._turn_back(plan, settlement)
        return None

    def _turn_back(self, plan: Plan, why: Settlement) -> None:
        """Take back what was done, the last first."""
        done = reversed(plan.steps[: self._index])
        self._turned = why
        self._notes = []
        self._follow(replace(plan, steps=tuple(step.undo for step in done if step.undo is not None)))
        self._index = 0
        self._in_doubt = False
        self._forget()

    def _unprepared(self, error: RowError) -> Settlement | Wait:
        """What a failed `prepare` comes to; it sent nothing, but an earlier run may have."""
        decision = self._decide(error, self._failures, repeatable=True)
        if decision.verb in _GOES_ON:
            return _wait(decision, error)
        if self._resumed:
            return self._unknown(f"an earlier run sent {', '.join(self._tries) or 'something'} for this row", error)
        outcome = Outcome.FAILED if isinstance(error, AmbiguousError) else error.outcome
        return self._settlement(outcome, error.message, error=error)

    async def _send(self, step: Step) -> Settlement | Wait | None:
        around = self._around
        label = self._labels[self._index]
        attempt = self._tries.get(label, 0) + 1
        await around.journal.sent(self.ordinal, label, attempt=attempt, sent_at=around.clock.utc_now())
        self._tries[label] = attempt
        self._attempts += 1
        try:
            reply = await step.send()
        except RowError as error:
            return self._refused(step, error)
        around.outage.answered()
        self._reply = reply
        self._notes += filter(None, (reply.note,))
        self._step_done(reply.id)
        return None

    def _step_done(self, object_id: str) -> None:
        self._id = object_id or self._id
        self._index += 1
        self._forget()

    def _refused(self, step: Step, error: RowError) -> Settlement | Wait | None:
        """What follows where PM did not say yes to *step*."""
        if isinstance(error, AmbiguousError):
            self._ambiguous = error
            self._late_until = self._late_after(error)
        decision = self._decide(error, self._failures, repeatable=step.repeatable)
        if decision.verb in _GOES_ON:
            self._doubtful = self._ambiguous is not None and not step.repeatable
            return _wait(decision, error)
        first_and_clear = self._ambiguous is None and self._tries[self._labels[self._index]] == 1
        if decision.verb is Verb.SETTLE and first_and_clear:
            return self._failed(self._settlement(error.outcome, self._tried(error.message), error=error))
        # An earlier attempt may be why PM now says no, and may have done what the row asks for.
        out_of_tries = self._failures.count >= self._around.policy.attempts_max
        self._final = error if decision.verb is Verb.SETTLE or out_of_tries else None
        self._doubtful = True
        return _wait(decision, error) if decision.wait_s else None

    def _late_after(self, error: AmbiguousError) -> float:
        """Until when PM may be at work on a request that ended so; a refusal is PM's last word."""
        refused = error.http is not None and 400 <= error.http < 500
        return 0.0 if refused else self._around.clock.monotonic() + self._around.policy.late_s

    async def _reconcile(self, step: Step) -> Settlement | Wait | None:
        """Find out what the doubtful attempts of *step* did, and go by that."""
        try:
            standing = await step.reconcile()
        except RowError as error:
            return self._unread(step, error)
        self._around.outage.answered()
        self._read_failures = Failures()
        if standing.done:
            self._go_on(standing)
        elif not step.repeatable and (left := self._late_until - self._around.clock.monotonic()) > 0:
            return Wait(left)
        elif standing.completion is not None:
            self._go_on(standing)
        elif self._final is not None:
            message = standing.difference or self._tried(self._final.message)
            return self._failed(self._settlement(Outcome.FAILED, message, error=self._final))
        elif standing.done is None and not step.repeatable:
            return self._failed(self._settlement(Outcome.FAILED, standing.difference, error=self._ambiguous, code="DIFFERENT"))
        else:
            self._doubtful = False
        return None

    def _go_on(self, standing: Standing) -> None:
        """Leave a step that is done; where it left only a part, the completion takes its place, and after a crash reconciling it leads there again."""
        self._notes += filter(None, (standing.note,))
        if self._plan is None or standing.completion is None:
            self._step_done(standing.id)
            return
        steps = list(self._plan.steps)
        steps[self._index] = standing.completion
        self._follow(replace(self._plan, steps=tuple(steps)))
        self._forget()

    def _unread(self, step: Step, error: RowError) -> Settlement | Wait | None:
        """What follows where reading back failed."""
        decision = self._decide(error, self._read_failures, repeatable=True)
        if decision.verb in _GOES_ON:
            return _wait(decision, error)
        doubtful = self._ambiguous is not None or self._resumed or step.repeatable
        if self._final is not None and not doubtful:  # PM said of every attempt that it did nothing: the look was for certainty only
            return self._failed(self._settlement(Outcome.FAILED, self._tried(self._final.message), error=self._final))
        return self._unknown(f"the reply to {step.name} was lost", error)

    def _decide(self, error: RowError, failures: Failures, *, repeatable: bool) -> Decision:
        around = self._around
        now = around.clock.monotonic()
        failures.add(error, now=now)
        if self._is_missed(error, last=failures.count >= around.policy.attempts_max):
            return Decision(Verb.AWAIT)
        decision = decide(around.policy, failures, repeatable=repeatable, error=error, now=now, random=around.random)
        if decision.verb is Verb.STOP:
            raise StoppedError(
                f"PM keeps asking to wait ({error.message}), longer than the {around.policy.retry_deadline_s:g} s a run waits; resume the job later"
            ) from error
        return decision

    def _is_missed(self, error: RowError, *, last: bool) -> bool:
        """
        Tell the run whether PM answered; true where the row has to wait until PM does.

        Silence on the *last* attempt is doubted once: before it ends the row, PM is asked whether it is there at all. A PM that fails at one request after
        the other may have lost something that it needs for all of them, and is asked as well.
        """
        outage = self._around.outage
        if error.unanswered:
            outage.missed(error.message, now=self._around.clock.monotonic(), at_once=last and not self._silence_doubted)
            self._silence_doubted = self._silence_doubted or last
            return outage.suspected
        if error.failing:
            outage.missed(error.message, now=self._around.clock.monotonic())
            return outage.suspected
        if error.http is not None:
            outage.answered()
        return False

    def _tried(self, message: str) -> str:
        """The *message*, with the number of attempts where there were several."""
        tries = self._tries[self._labels[self._index]]
        return f"{message} (after {tries} attempts)" if tries > 1 else message

    def _unknown(self, what: str, error: RowError) -> Settlement:
        message = (
            f"It is not known whether PM has done this: {what}, and reading it back failed ({error.message}). "
            f"Look at {self._operation.label} in PM, then run the row again if it is not as the row asks."
        )
        if self._plan is not None and self._plan.rescue:
            message += f" {self._plan.rescue}"
        return self._settlement(Outcome.UNKNOWN, message, error=error)

    def _settlement(self, outcome: Outcome, message: str = "", *, error: RowError | None = None, code: str = "") -> Settlement:
        clock = self._around.clock
        return Settlement(
            outcome,
            clock.utc_now(),
            message=message,
            code=code or (error.code if error else ""),
            http=error.http if error else self._reply.http if self._reply else None,
            attempts=self._attempts,
            seconds=clock.monotonic() - self._began,
            object_id=self._id,
            findings=findings_to_text(error.findings) if isinstance(error, InvalidRowError) else "",
        )


def _wait(decision: Decision, error: RowError) -> Wait:
    return Wait(decision.wait_s, everyone=decision.everyone, busy=isinstance(error, TransientError) and error.busy)


def _labels(steps: tuple[Step, ...], *, prefix: str) -> tuple[str, ...]:
    """The steps' names for the journal, each behind *prefix*, numbered where a name comes again."""
    labels: list[str] = []
    seen: dict[str, int] = {}
    for step in steps:
        seen[step.name] = seen.get(step.name, 0) + 1
        labels.append(f"{prefix}{step.name}" if seen[step.name] == 1 else f"{prefix}{step.name} ({seen[step.name]})")
    return tuple(labels)

from __future__ import annotations

from datetime import timedelta

import pytest

from pmbulk.errors import Finding, Outcome, Severity
from pmbulk.jobs.journal import (
    JobState,
    JournalledRow,
    OpenAttempt,
    RowFacts,
    Settlement,
    findings_from_text,
    findings_to_text,
)


@pytest.fixture
def ended(start):
    """Makes settlements that all ended at the same moment."""
    return lambda outcome=Outcome.SUCCEEDED, **values: Settlement(outcome, start, **values)


async def test_new_job_tells_what_it_was_made_of(journal, job_facts, job_sheets):
    """
    Facts and sheets come back as they were given, and the job runs.
    """
    assert (job_facts, job_sheets) == (journal.facts(), journal.sheets())


async def test_finished_job_says_so(journal, start):
    """
    State, end and the place of the results are recorded.
    """
    await journal.finish(JobState.FINISHED, finished_at=start + timedelta(minutes=1), results_path="users.results.xlsx")
    facts = journal.facts()
    assert (JobState.FINISHED, start + timedelta(minutes=1), "users.results.xlsx") == (facts.state, facts.finished_at, facts.results_path)


async def test_rows_come_back_in_order_with_all_they_held(journal, ended):
    """
    Rows are told sheet by sheet as they were added, settled ones with their settlement.
    """
    invalid = ended(Outcome.INVALID, message="userId: is empty", findings="[]", job="20260101-000000-aaaa")
    plain = RowFacts(0, 0, 2, b"\x00\xff", '["å"]', findings="[1]", label="17", attempts_before=3)
    journal.add_rows([plain, RowFacts(1, 1, 5, b"", "[]", settlement=invalid)])
    rows = [JournalledRow(plain, None), JournalledRow(RowFacts(1, 1, 5, b"", "[]"), invalid)]
    assert rows == list(journal.rows())
    assert rows[1:] == list(journal.rows(1))


async def test_settlement_comes_back_whole(journal, add_rows, ended, job_facts):
    """
    Every field of an outcome is kept, with the name of this job where no other is given.
    """
    add_rows(journal, 1)
    values = {"message": "no", "code": "USER_EXISTS", "http": 409, "attempts": 2, "seconds": 0.25, "object_id": "17", "findings": "[]"}
    journal.settle(0, ended(Outcome.FAILED, **values))
    await journal.flush()
    assert [ended(Outcome.FAILED, **values, job=job_facts.id)] == [row.settlement for row in journal.rows()]


async def test_announced_attempt_is_open_until_its_row_is_settled(journal, add_rows, ended, start):
    """
    Per step the last attempt is open, in the order the steps began; settled rows have none.
    """
    add_rows(journal, 2)
    for ordinal, step, attempt in [(0, "z-first", 1), (1, "z-first", 1), (0, "z-first", 2), (0, "a-second", 1)]:
        await journal.sent(ordinal, step, attempt=attempt, sent_at=start + timedelta(seconds=attempt))
    journal.settle(1, ended())
    await journal.flush()
    expected = (OpenAttempt(0, "z-first", 2), OpenAttempt(0, "a-second", 1))
    assert expected == journal.open_attempts()


async def test_row_that_was_sent_but_not_settled_is_unknown(journal, add_rows, start, ended):
    """
    Counts tell unsettled rows apart by whether anything was announced for them.
    """
    add_rows(journal, 4)
    await journal.sent(0, "create", attempt=1, sent_at=start)
    journal.settle(1, ended(Outcome.UNKNOWN))
    journal.settle(2, ended())
    await journal.flush()
    assert {0: {Outcome.UNKNOWN: 2, Outcome.SUCCEEDED: 1, Outcome.NOT_RUN: 1}} == journal.counts()
    assert {1: Outcome.UNKNOWN, 2: Outcome.SUCCEEDED} == journal.settled()
    assert [0, 1, 3] == [row.facts.ordinal for row in journal.rows(done=False)]
    assert ["unknown", "unknown", "succeeded", "not_run"] == [row.outcome.value for row in journal.rows()]


async def test_id_that_is_learnt_later_belongs_to_the_settled_row(journal, add_rows, ended):
    """
    An object's id that PM tells only when it is asked is kept beside the settlement.
    """
    add_rows(journal, 2)
    journal.settle(0, ended(object_id="17"))
    journal.settle(1, ended())
    await journal.flush()
    assert frozenset({0}) == journal.identified()
    journal.identify({1: "18"})
    assert ["17", "18"] == [row.settlement.object_id for row in journal.rows()]
    assert frozenset({0, 1}) == journal.identified()


async def test_row_is_settled_once(journal, add_rows, ended):
    """
    A second outcome is refused, and the first one stays.
    """
    add_rows(journal, 1)
    journal.settle(0, ended(message="first"))
    await journal.flush()
    journal.settle(0, ended(Outcome.FAILED, message="second"))
    with pytest.raises(ValueError, match="refuses"):
        await journal.flush()
    assert ["first"] == [row.settlement.message for row in journal.rows()]


async def test_nothing_is_announced_for_a_settled_row(journal, add_rows, ended, start):
    """
    A row that has its outcome is never sent again.
    """
    add_rows(journal, 1)
    journal.settle(0, ended())
    with pytest.raises(ValueError, match="refuses"):
        await journal.sent(0, "create", attempt=1, sent_at=start)


async def test_attempt_is_announced_once(journal, add_rows, start):
    """
    Attempts of a step have numbers of their own.
    """
    add_rows(journal, 1)
    await journal.sent(0, "create", attempt=1, sent_at=start)
    with pytest.raises(ValueError, match="refuses"):
        await journal.sent(0, "create", attempt=1, sent_at=start)


async def test_refused_change_ends_the_journal(journal, ended):
    """
    After a refusal nothing more is taken, so that what follows a mistake is not recorded as truth.
    """
    journal.settle(99, ended())
    with pytest.raises(ValueError, match="refuses"):
        await journal.flush()
    with pytest.raises(ValueError, match="refuses"):
        journal.settle(99, ended())


def test_not_run_is_no_settlement(start):
    """
    A row that did not run stays unsettled, so that resume takes it up.
    """
    with pytest.raises(ValueError, match="a row that did not run is not settled"):
        Settlement(Outcome.NOT_RUN, start)


@pytest.mark.parametrize("findings", [(), (Finding("a", "wrong"), Finding("", "“é”", Severity.WARNING))], ids=["none", "two"])
def test_findings_survive_their_text(findings):
    """
    Findings come back from the text that a journal keeps; none are kept as the empty text.
    """
    assert findings == findings_from_text(findings_to_text(findings))
    assert bool(findings) == bool(findings_to_text(findings))


async def test_what_is_kept_for_a_row_is_there_once_something_was_sent(journal, add_rows, start):
    """
    What a row keeps stands in the place of what it kept before, is durable with the next announcement, and rows that keep nothing have nothing.
    """
    add_rows(journal, 2)
    journal.keep(0, "first")
    journal.keep(0, "second")
    await journal.sent(0, "create", attempt=1, sent_at=start)
    assert ("second", "") == (journal.kept(0), journal.kept(1))

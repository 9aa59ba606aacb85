from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from structlog.testing import capture_logs

from pmbulk.errors import Outcome, UsageError
from pmbulk.jobs.directory import job_path, list_jobs, new_job_id
from pmbulk.jobs.sqlite_journal import SqliteJournal


def test_job_ids_sort_by_time(start):
    """
    A job's name begins with the moment it started.
    """
    ids = [new_job_id(start + timedelta(seconds=n), random=Random(9 - n)) for n in range(5)]
    assert sorted(ids) == ids
    assert ids[0].startswith("20261123-205632-")


def test_path_follows_from_the_name(tmp_path, start):
    """
    Every new name has its place below the state directory.
    """
    job_id = new_job_id(start)
    assert tmp_path / "jobs" / f"{job_id}.db" == job_path(tmp_path, job_id)


@pytest.mark.parametrize("job_id", ["", "../../etc/passwd", "20261123-205632-k3f9.db", "users.xlsx"])
def test_what_is_no_job_name_is_refused(tmp_path, job_id):
    """
    No path can be smuggled in as a job's name.
    """
    with pytest.raises(UsageError, match="is not a job's name, which looks like 20261123-205632-k3f9"):
        job_path(tmp_path, job_id)


def test_jobs_are_listed_newest_first(tmp_path, job_facts, job_sheets, add_rows):
    """
    Each job comes with its counts and whether somebody runs it; unreadable files are left out with a warning.
    """
    older, newer = (replace(job_facts, id=job_id) for job_id in ("20250101-000000-aaaa", "20260101-000000-aaaa"))
    SqliteJournal.create(job_path(tmp_path, older.id), older, job_sheets).close()
    job_path(tmp_path, "20270101-000000-aaaa").write_bytes(b"rubbish" * 100)
    with SqliteJournal.create(job_path(tmp_path, newer.id), newer, job_sheets) as journal, capture_logs() as logs:
        add_rows(journal, 2)
        jobs = list(list_jobs(tmp_path))
    assert [(newer, {Outcome.NOT_RUN: 2}, True), (older, {}, False)] == [(job.facts, job.counts, job.busy) for job in jobs]
    assert ["job.unreadable"] == [line["event"] for line in logs]


def test_no_state_directory_means_no_jobs(tmp_path):
    """
    Before the first job the list is empty.
    """
    assert [] == list(list_jobs(tmp_path / "nothing"))

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from pmbulk.cli.chaos import Figures, rehearse
from pmbulk.simulator import Fault, FaultKind

SEEDS = range(1, 21)


def together(rehearsals):
    """
    The figures of several rehearsals, run side by side because they mostly wait.
    """
    with ThreadPoolExecutor(max_workers=5) as pool:
        return sum(pool.map(lambda one: one(), rehearsals), start=Figures("all"))


@pytest.mark.slow
def test_each_kind_of_fault_alone(tmp_path):
    """
    Whatever strikes every tenth request, each row has one outcome that is true, and nothing is done twice.
    """
    figures = together([partial(rehearse, kind, seed=1, rows=66, folder=tmp_path / kind) for kind in FaultKind])
    assert () == figures.contradictions
    assert (66 * len(FaultKind), 0) == (figures.rows, figures.unknown)


@pytest.mark.slow
def test_all_faults_mixed(tmp_path):
    """
    So it is where all kinds of faults strike, on many days.
    """
    figures = together([partial(rehearse, None, seed=seed, rows=66, folder=tmp_path / str(seed)) for seed in SEEDS])
    assert () == figures.contradictions
    assert 66 * len(SEEDS) == figures.rows


@pytest.mark.slow
def test_a_thousand_rows_on_a_bad_day(tmp_path):
    """
    So it is with a thousand rows of mixed entities.
    """
    figures = rehearse(None, seed=0, rows=1000, folder=tmp_path)
    assert () == figures.contradictions
    assert 1000 == figures.rows


@pytest.mark.slow
def test_a_calm_day(tmp_path):
    """
    Without faults every row ends as it should; those that must not succeed fail, and PM does nothing for them.
    """
    figures = rehearse(None, seed=0, rows=200, folder=tmp_path, probability=0.0)
    assert ((), 0, 0, 0) == (figures.contradictions, figures.unknown, figures.given_up, figures.half_made)


@pytest.mark.slow
def test_rows_that_cannot_be_decided_are_unknown(tmp_path):
    """
    A row whose answer is lost, and whose object PM then does not show, is unknown, and no other row is.
    """
    lost = Fault(kind=FaultKind.RESET_AFTER, match="createUser", nth=1)
    unread = Fault(kind=FaultKind.RESET_BEFORE, match="getUserByUserId")
    figures = rehearse(None, seed=0, rows=24, folder=tmp_path, probability=0.0, before=(lost, unread))
    assert ((), 1) == (figures.contradictions, figures.unknown)

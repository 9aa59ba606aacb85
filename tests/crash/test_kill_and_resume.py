from __future__ import annotations

import pytest

from tests.crash.killing import killed_and_resumed

ROWS, KILLS = 450, 50


@pytest.mark.slow
def test_a_job_survives_fifty_kills(tmp_path):
    """
    One job whose process is killed fifty times at random moments, and resumed each time, loses no row, does nothing twice, and tells no untruth.
    """
    figures = killed_and_resumed(tmp_path, seed=1, rows=ROWS, kills=KILLS)
    assert () == figures.contradictions
    assert (ROWS, KILLS + 1, 0, 0) == (figures.rows, figures.starts, figures.unknown, figures.given_up)

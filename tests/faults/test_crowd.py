from __future__ import annotations

import pytest

from tests.faults.crowd import Crowd, moved


@pytest.mark.slow
@pytest.mark.parametrize("kills", [0, 4], ids=["at once", "killed and resumed"])
def test_a_crowd_of_all_kinds_moves_with_all_that_belongs_to_it(tmp_path, kills):
    """
    Whatever the moments at which the process is killed, all extensions are as they were, in the other subsystem, and so are their users' links.
    """
    came_to = moved(Crowd(42), tmp_path, kills=kills, seed=kills)
    assert ({"succeeded": 42}, ()) == (came_to.outcomes, came_to.wrong)

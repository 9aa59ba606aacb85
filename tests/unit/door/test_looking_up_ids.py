from __future__ import annotations

import pytest

from pmbulk.door.naming import _asked
from pmbulk.errors import RejectedError, TransientError


def failing(*errors):
    """A read that meets *errors*, one each time, before it finds "42"."""
    waiting = list(errors)

    async def read():
        if waiting:
            raise waiting.pop(0)
        return "42"

    return read


async def test_an_id_survives_hiccups():
    """
    A gateway that stumbles while the ids are read costs nobody's id.
    """
    assert "42" == await _asked(failing(*(TransientError("gone", http=502) for _ in range(3))))


@pytest.mark.parametrize(
    "error",
    [TransientError("wait", http=503, retry_after_s=30.0), RejectedError("no", http=403)],
    ids=["PM asks for a wait", "PM says no"],
)
async def test_an_id_is_not_worth_more(error):
    """
    What will not help at once is not tried again: the row has succeeded without its id.
    """
    with pytest.raises(type(error)):
        await _asked(failing(error))

from __future__ import annotations

from contextlib import AsyncExitStack

import anyio
import pytest

from pmbulk.errors import AmbiguousError, RejectedError, TransientError
from pmbulk.jobs.room import Room


class Clock:
    """Seconds that pass when told."""

    def __init__(self):
        self.now_s = 0.0

    def __call__(self):
        """The moment."""
        return self.now_s


async def entered(room, count, stack, *, in_lane=False):
    """How many of *count* requests get a place at once; those stay until *stack* closes."""
    for number in range(count):
        with anyio.move_on_after(0) as scope:
            await stack.enter_async_context(room.place("create", in_lane=in_lane))
        if scope.cancelled_caught:
            return number
    return count


async def round_trip(room, clock, *, seconds=0.1, error=None):
    """As many requests as there are places, answered together after *seconds*, or ended by *error*."""

    async def request():
        async with room.place("create"):
            await out.wait()
            if error is not None:
                raise error

    async def swallowed():
        try:
            await request()
        except type(error or ValueError()):
            pass

    out = anyio.Event()
    async with anyio.create_task_group() as requests:
        for _ in range(room.places):
            requests.start_soon(swallowed)
        await anyio.wait_all_tasks_blocked()
        clock.now_s += seconds
        out.set()


async def test_no_more_are_out_than_places():
    """
    A steady room has as many places as it was given, and each is free again once its request is over.
    """
    room = Room(3, steady=True)
    for _ in range(2):
        async with AsyncExitStack() as stack:
            assert 3 == await entered(room, 5, stack)


async def test_room_begins_small_and_grows_with_what_pm_bears():
    """
    The places double while latency stays, and whoever listens hears of it.
    """
    clock, heard = Clock(), []
    room = Room(100, clock=clock)
    room.on_change = lambda: heard.append(room.places)
    for _ in range(3):
        await round_trip(room, clock)
    assert (32, [4, 8, 16, 32]) == (room.places, heard)


async def test_spare_workers_are_an_eighth_of_the_places():
    """
    Rows that announce their next request outnumber the places, but a single place has a single worker.
    """
    assert [1, 36, 112] == [Room(places, steady=True).workers for places in (1, 32, 100)]
    assert (4, 112) == (Room(100).workers, Room(100).workers_max)


async def test_writes_in_lanes_pass_the_limit_but_not_the_ceiling():
    """
    A telephony write takes a place above the limit that was found out, up to the ceiling.
    """
    room = Room(6)
    async with AsyncExitStack() as stack:
        assert 4 == await entered(room, 9, stack)
        assert 2 == await entered(room, 9, stack, in_lane=True)


async def test_writes_in_lanes_go_first():
    """
    A place that is freed under the ceiling goes to a telephony write, however long others wait.
    """
    room, went = Room(1, steady=True), []

    async def request(*, in_lane):
        async with room.place("create", in_lane=in_lane):
            went.append(in_lane)

    async with anyio.create_task_group() as requests, room.place("create"):
        requests.start_soon(lambda: request(in_lane=False))
        await anyio.wait_all_tasks_blocked()
        requests.start_soon(lambda: request(in_lane=True))
        await anyio.wait_all_tasks_blocked()
    assert [True, False] == went


async def test_nobody_enters_during_a_pause():
    """
    While PM has asked for silence free places stay empty; afterwards those who waited enter in their turn.
    """
    room = Room(2, steady=True)
    room.pause()
    async with AsyncExitStack() as stack:
        assert 0 == await entered(room, 1, stack)
        room.go_on()
        assert 2 == await entered(room, 3, stack)


async def test_place_of_one_who_gives_up_goes_to_the_next():
    """
    Waiting that is cancelled, even in the moment in which the place was handed over, keeps no place.
    """
    room = Room(1, steady=True)

    async def request():
        async with room.place("create"):
            await anyio.sleep_forever()

    async with anyio.create_task_group() as requests:
        async with room.place("create"):
            requests.start_soon(request)
            await anyio.wait_all_tasks_blocked()
        requests.cancel_scope.cancel()
    async with AsyncExitStack() as stack:
        assert 1 == await entered(room, 2, stack)


@pytest.mark.parametrize(
    ("error", "places"),
    [
        pytest.param(TransientError("slow down", http=429), 5, id="429"),
        pytest.param(TransientError("unavailable", http=503, retry_after_s=5.0), 5, id="503"),
        pytest.param(TransientError("busy", http=500, busy=True), 5, id="command busy"),
        pytest.param(AmbiguousError("no answer", code="TIMEOUT"), 5, id="timeout"),
        pytest.param(AmbiguousError("failed", http=500), 8, id="500"),
        pytest.param(TransientError("unreachable", code="UNREACHABLE"), 8, id="unreachable"),
        pytest.param(RejectedError("no", http=400), 16, id="refused for what it asks"),
    ],
)
async def test_errors_say_whether_pm_has_too_much_to_do(error, places):
    """
    Overload lowers the limit, once for all that were out; a refusal is an answer like any other, and other errors say nothing about load.
    """
    clock = Clock()
    room = Room(100, clock=clock)
    await round_trip(room, clock)
    await round_trip(room, clock, error=error)
    assert places == room.places


async def test_busy_telephony_system_concerns_its_lane_only():
    """
    ``COMMAND BUSY`` to a write in a lane leaves the limit of all others alone.
    """
    room = Room(100)
    with pytest.raises(TransientError):
        async with room.place("create", in_lane=True):
            raise TransientError("busy", http=500, busy=True)
    assert 4 == room.places

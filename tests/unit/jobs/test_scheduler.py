from __future__ import annotations

from random import Random

import anyio
import pytest
from anyio.lowlevel import checkpoint
from hypothesis import given
from hypothesis import strategies as st

from pmbulk.jobs.order import RowNode, put_in_order
from pmbulk.jobs.scheduler import Scheduler


def scheduler_of(*nodes, lanes=None, per_lane=1, finished=None):
    """A scheduler of *nodes*; their *lanes* are a letter each."""
    return Scheduler(
        put_in_order(nodes), lanes_of=lambda ordinal: (lanes[ordinal] or "") if lanes else "", per_lane=per_lane, finished=finished
    )


def plain(count):
    return [RowNode(n, 0) for n in range(count)]


async def taken(scheduler):
    """What can be taken at once."""
    rows = []
    with anyio.move_on_after(0):
        while (row := await scheduler.take()) is not None:
            rows.append(row)
    return rows


MAKER = RowNode(0, 0, key="a", provides="a")


async def test_rows_are_given_out_in_order_until_all_are_settled():
    """
    Without lanes and needs every row can be taken at once, and `None` follows when all are settled.
    """
    scheduler = scheduler_of(*plain(3))
    assert [0, 1, 2] == await taken(scheduler)
    for row in range(3):
        assert [] == scheduler.settled(row, ok=True)
    assert (None, 0) == (await scheduler.take(), scheduler.left)


async def test_lane_gives_out_no_more_than_it_holds():
    """
    A lane's rows come one at a time while other lanes and rows without a lane pass by.
    """
    scheduler = scheduler_of(*plain(5), lanes=["x", "x", "y", None, "x"])
    assert [0, 2, 3] == await taken(scheduler)
    scheduler.settled(0, ok=True)
    assert [1] == await taken(scheduler)
    scheduler.settled(1, ok=False)
    assert [4] == await taken(scheduler)


async def test_released_row_frees_its_lane_and_comes_back_in_its_place():
    """
    A row that is put aside lets the next of its lane pass, and goes before later rows when it is back.
    """
    scheduler = scheduler_of(*plain(3), lanes=["x"] * 3)
    assert [0] == await taken(scheduler)
    scheduler.release(0)
    assert [1] == await taken(scheduler)
    scheduler.put_back(0)
    assert [] == await taken(scheduler)
    scheduler.settled(1, ok=True)
    assert [0] == await taken(scheduler)


async def test_contention_narrows_the_lane():
    """
    A lane that PM calls busy has half the room from then on.
    """
    scheduler = scheduler_of(*plain(6), lanes=["x"] * 6, per_lane=2)
    assert [0, 1] == await taken(scheduler)
    scheduler.narrow(0)
    scheduler.settled(0, ok=True)
    assert [] == await taken(scheduler)
    scheduler.settled(1, ok=True)
    assert [2] == await taken(scheduler)


async def test_contention_of_several_rows_narrows_the_lane_once():
    """
    Rows that were in the lane together and all met contention say the same.
    """
    scheduler = scheduler_of(*plain(12), lanes=["x"] * 12, per_lane=8)
    busy = await taken(scheduler)
    for row in busy:
        scheduler.narrow(row)
        scheduler.release(row)
    for row in busy:
        scheduler.put_back(row)
    assert (8, [0, 1, 2, 3]) == (len(busy), await taken(scheduler))


async def test_narrowed_lane_widens_again():
    """
    After enough rows without contention the lane has room for one more, up to what it had.
    """
    scheduler = scheduler_of(*plain(100), lanes=["x"] * 100, per_lane=2)
    rows = await taken(scheduler)
    scheduler.narrow(rows[0])
    together = []
    for _ in range(40):
        together.append(len(rows))
        for row in rows:
            scheduler.widen(row)
            scheduler.settled(row, ok=True)
        rows = await taken(scheduler)
    assert ([2, *[1] * 6], 2, 2) == (together[:7], max(together), together[-1])


async def test_rows_without_a_lane_share_what_pm_bears():
    """
    They get as much room as the run gives them, which may grow, and lanes of their own do not wait for it.
    """
    scheduler = scheduler_of(*plain(6), lanes=[None, None, None, "x", "y", None])
    scheduler.share(1)
    assert [0, 3, 4] == await taken(scheduler)
    scheduler.share(3)
    assert [1, 2] == await taken(scheduler)
    scheduler.settled(0, ok=True)
    assert [5] == await taken(scheduler)


async def test_needed_row_lets_its_followers_go():
    """
    A row that needs another is given out once that has succeeded.
    """
    scheduler = scheduler_of(MAKER, RowNode(1, 1, needs=("a",)))
    assert [0] == await taken(scheduler)
    scheduler.settled(0, ok=True)
    assert [1] == await taken(scheduler)


async def test_failure_blocks_transitively_and_names_its_cause():
    """
    Whatever needs a failed row, directly or through others, is blocked by that row; the rest goes on.
    """
    chain = [RowNode(1, 1, key="b", provides="b", needs=("a",)), RowNode(2, 2, needs=("b",)), RowNode(3, 3)]
    scheduler = scheduler_of(MAKER, *chain)
    assert [0, 3] == await taken(scheduler)
    assert [(1, 0), (2, 0)] == scheduler.settled(0, ok=False)
    scheduler.settled(3, ok=True)
    assert None is await scheduler.take()


async def test_same_object_goes_on_after_a_failed_update():
    """
    An update that failed does not keep the next update of the object from its turn.
    """
    scheduler = scheduler_of(RowNode(0, 0, key="a"), RowNode(1, 0, key="a"))
    assert [0] == await taken(scheduler)
    assert [] == scheduler.settled(0, ok=False)
    assert [1] == await taken(scheduler)


async def test_blocked_row_holds_its_place_among_rows_on_its_object():
    """
    A blocked row in the middle does not let the row behind it overtake the one before it.
    """
    nodes = [MAKER, RowNode(1, 1, key="z"), RowNode(2, 1, key="z", needs=("a",)), RowNode(3, 1, key="z")]
    scheduler = scheduler_of(*nodes)
    assert [0, 1] == await taken(scheduler)
    assert [] == scheduler.settled(0, ok=False)
    assert [] == await taken(scheduler)
    assert [(2, 0)] == scheduler.settled(1, ok=True)
    assert [3] == await taken(scheduler)


async def test_barrier_falls_when_everything_before_is_settled():
    """
    No delete is given out while a row of an earlier phase is unsettled.
    """
    scheduler = scheduler_of(RowNode(0, 1), RowNode(1, 1, deletes=True), RowNode(2, 2, deletes=True))
    for row in (0, 2, 1):
        assert [row] == await taken(scheduler)
        scheduler.settled(row, ok=True)


async def test_finished_rows_are_not_given_out():
    """
    Rows of an earlier run are passed over, and block what needs them if they had failed.
    """
    nodes = [MAKER, RowNode(1, 0, key="b", provides="b"), RowNode(2, 1, needs=("a",)), RowNode(3, 1, needs=("b",))]
    scheduler = scheduler_of(*nodes, finished={0: True, 1: False})
    assert ((3, 1),) == scheduler.blocked_at_start
    assert [2] == await taken(scheduler)


@pytest.mark.parametrize("ok", [True, False], ids=["succeeded", "failed"])
async def test_rows_that_the_order_leaves_out_get_no_turn(ok):
    """
    What waits for a row of a pilot, but is none of it, is neither given out nor blocked.
    """
    order = put_in_order([RowNode(0, 0, key="a", provides="a", whole="w"), RowNode(1, 1, needs=("a",)), RowNode(2, 1, whole="w")])
    scheduler = Scheduler(order.first(1, beside={}), lanes_of=lambda _ordinal: ())
    assert [0] == await taken(scheduler)
    assert ([], 0, None) == (scheduler.settled(0, ok=ok), scheduler.left, await scheduler.take())


async def test_pause_gives_nothing_out_until_it_ends():
    """
    During a pause workers wait; afterwards they go on by themselves.
    """
    scheduler = scheduler_of(*plain(2))
    scheduler.pause()
    rows = []

    async def work():
        rows.append(await scheduler.take())

    async with anyio.create_task_group() as workers:
        workers.start_soon(work)
        workers.start_soon(work)
        await anyio.wait_all_tasks_blocked()
        assert [] == rows
        scheduler.go_on()
    assert [0, 1] == sorted(rows)


@pytest.mark.parametrize("ending", [Scheduler.close, lambda scheduler: scheduler.settled(0, ok=True)], ids=["closed", "all settled"])
async def test_waiting_workers_are_sent_home(ending):
    """
    Workers that wait for a turn end when none will come.
    """
    scheduler = scheduler_of(*plain(1))
    assert 0 == await scheduler.take()
    rows = []

    async def work():
        rows.append(await scheduler.take())

    async with anyio.create_task_group() as workers:
        workers.start_soon(work)
        await anyio.wait_all_tasks_blocked()
        ending(scheduler)
    assert [None] == rows


async def test_turn_of_a_cancelled_worker_goes_to_another():
    """
    A worker that is cancelled at the moment it is woken takes no turn away from the others.
    """
    scheduler = scheduler_of(*plain(1))
    assert 0 == await scheduler.take()
    scheduler.release(0)
    rows = []

    async def work(scope):
        with scope:
            rows.append(await scheduler.take())

    first, second = anyio.CancelScope(), anyio.CancelScope()
    async with anyio.create_task_group() as workers:
        workers.start_soon(work, first)
        await anyio.wait_all_tasks_blocked()
        workers.start_soon(work, second)
        await anyio.wait_all_tasks_blocked()
        scheduler.put_back(0)
        first.cancel()
        for _ in range(5):
            await checkpoint()
        second.cancel()
    assert [0] == rows


NODES = st.builds(
    lambda rank, deletes, key, makes, needs: (rank, deletes, key, key if makes and not deletes else None, tuple(needs)),
    st.integers(0, 2),
    st.booleans(),
    st.none() | st.sampled_from("abcd"),
    st.booleans(),
    st.lists(st.sampled_from("abcd"), max_size=2, unique=True),
)


@given(st.lists(NODES, max_size=20), st.randoms(use_true_random=False))
def test_every_row_of_any_workbook_gets_its_end(drawn, random):
    """
    Whatever rows need and however they end, none is left waiting, none is given out twice, and none before what it waits for.
    """
    order = put_in_order(
        RowNode(n, rank, deletes, key=key, provides=provides, needs=needs) for n, (rank, deletes, key, provides, needs) in enumerate(drawn)
    )
    lanes = [random.choice(["x", "y", None]) for _ in drawn]
    finished = {ordinal: False for cycle in order.cycles for ordinal in cycle}
    scheduler = Scheduler(order, lanes_of=lambda ordinal: lanes[ordinal] or "", per_lane=2, finished=finished)
    ended = set(finished) | {row for row, _ in scheduler.blocked_at_start}
    flying = []
    while scheduler.left:
        while (row := scheduler._next()) is not None:
            assert row not in ended
            assert ended >= {*order.hard.of(row), *order.soft.of(row)}
            flying.append(row)
        assert flying, "rows are left, but none can be taken"
        row = flying.pop(random.randrange(len(flying)))
        if random.random() < 0.2:
            scheduler.release(row)
            scheduler.put_back(row)
            continue
        ended |= {row, *(blocked for blocked, _ in scheduler.settled(row, ok=random.random() < 0.7))}
    assert set(order.rows) == ended


async def test_a_row_of_two_lanes_needs_room_in_both():
    """
    It is taken when both have room, holds neither before, and those behind it do not pass.
    """
    scheduler = scheduler_of(*plain(4), lanes=["x", "xy", "y", "z"])
    assert [0, 3] == await taken(scheduler)
    scheduler.settled(0, ok=True)
    assert [1] == await taken(scheduler)
    scheduler.settled(1, ok=True)
    assert [2] == await taken(scheduler)


async def test_contention_of_a_row_of_two_lanes_narrows_both():
    """
    PM does not say which subsystem it was.
    """
    scheduler = scheduler_of(*plain(6), lanes=["xy", "x", "y", "x", "y", "x"], per_lane=2)
    assert [0, 1, 2] == await taken(scheduler)
    scheduler.narrow(0)
    scheduler.settled(0, ok=True)
    assert [] == await taken(scheduler)


@given(st.lists(st.sampled_from(["", "x", "y", "xy", "yz", "xyz", "zx"]), min_size=1, max_size=14), st.integers(1, 2), st.integers(0, 999))
async def test_rows_of_several_lanes_all_get_their_turn(lanes, per_lane, seed):
    """
    Whatever ends or is put aside when: no lane ever holds more than its room, no row waits for ever, and one lane's rows are begun in order.
    """
    random = Random(seed)
    scheduler = scheduler_of(*plain(len(lanes)), lanes=lanes, per_lane=per_lane)
    inside, begun, aside = [], [], set()
    for _turn in range(200):
        for ordinal in await taken(scheduler):
            assert all(sum(lane in lanes[other] for other in inside) < per_lane for lane in lanes[ordinal])
            inside.append(ordinal)
            begun += [ordinal] if ordinal not in begun else []
        if not inside:
            break
        ordinal = inside.pop(random.randrange(len(inside)))
        if ordinal not in aside and random.random() < 0.5:
            aside.add(ordinal)
            scheduler.release(ordinal)
            scheduler.put_back(ordinal)
        else:
            scheduler.settled(ordinal, ok=True)
    assert 0 == scheduler.left
    for lane in "xyz":
        rows = [ordinal for ordinal in begun if lane in lanes[ordinal]]
        assert sorted(rows) == rows

from __future__ import annotations

import itertools
import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmbulk.jobs.order import RowNode, put_in_order


def order_of(*nodes):
    return list(put_in_order(nodes).rows)


def test_lower_ranks_come_first_then_the_workbook():
    """
    Without any need, rows go by rank, and within a rank as in the workbook.
    """
    assert [1, 3, 0, 2] == order_of(RowNode(0, 5), RowNode(1, 1), RowNode(2, 5), RowNode(3, 1))


def test_parents_come_before_children():
    """
    Within a rank the depth in the tree decides before the workbook does.
    """
    assert [1, 2, 0] == order_of(RowNode(0, 1, depth=2), RowNode(1, 1, depth=0), RowNode(2, 1, depth=1))


def test_deletes_come_last_in_reverse():
    """
    Deletes follow all others: higher ranks first, then deeper rows.
    """
    deletes = (RowNode(0, 1, deletes=True), RowNode(1, 2, deletes=True), RowNode(2, 1, deletes=True, depth=1))
    assert [3, 1, 2, 0] == order_of(*deletes, RowNode(3, 9))


def test_each_rank_of_deletes_has_its_barrier():
    """
    Creates and updates share the first phase, and every rank of deletes has its own behind it.
    """
    nodes = [RowNode(0, 1), RowNode(1, 9), RowNode(2, 1, deletes=True), RowNode(3, 9, deletes=True), RowNode(4, 9, deletes=True)]
    assert [0, 0, 2, 1, 1] == list(put_in_order(nodes).phases)


def test_what_a_row_takes_along_is_left_alone_until_then():
    """
    Rows of ranks behind a row that frees a key wait for all such rows, unless one of those needs them; deletes come behind.
    """
    moves = [RowNode(n, 3, key=f"x:{n}", frees=f"y:{n}", needs=("u:b",) if n else ()) for n in range(2)]
    others = [RowNode(2, 2), RowNode(3, 4), RowNode(4, 4, key="u:b", provides="u:b"), RowNode(5, 4, deletes=True)]
    assert [0, 0, 0, 1, 0, 2] == list(put_in_order([*moves, *others]).phases)
    assert [0, 0, 0, 1] == list(put_in_order([RowNode(one.ordinal - 2, one.rank, deletes=one.deletes) for one in others]).phases)


def test_need_waits_for_the_row_that_provides_it():
    """
    A row that needs an object waits for the row that makes it, wherever in the workbook that stands.
    """
    order = put_in_order([RowNode(0, 1, needs=("d:EMEA", "d:there already")), RowNode(1, 2, key="d:EMEA", provides="d:EMEA")])
    assert ([1, 0], [1]) == (list(order.rows), list(order.hard.of(0)))


def test_first_of_two_providers_counts():
    """
    Where two rows make the same object, those that need it wait for the first.
    """
    twins = [RowNode(n, 1, key="u:anna", provides="u:anna") for n in range(2)]
    order = put_in_order([*twins, RowNode(2, 2, needs=("u:anna",))])
    assert ([0], [], [0]) == (list(order.hard.of(2)), list(order.hard.of(1)), list(order.soft.of(1)))


def test_same_object_keeps_the_workbooks_order():
    """
    Rows on one object follow each other; those behind the row that makes it also need that to succeed.
    """
    order = put_in_order(
        [RowNode(0, 1, key="u:a", provides="u:a"), RowNode(1, 1, key="u:a"), RowNode(2, 1, key="U:b"), RowNode(3, 1, key="u:a")]
    )
    assert [[], [0], [], [0]] == [list(order.hard.of(n)) for n in range(4)]
    assert [[], [], [], [1]] == [list(order.soft.of(n)) for n in range(4)]


def test_parent_is_deleted_after_its_children():
    """
    The delete of a parent waits for the deletes below it, and for their success.
    """
    parent, child = RowNode(0, 1, deletes=True, key="d:A"), RowNode(1, 1, deletes=True, key="d:A/B", needs=("d:A",))
    order = put_in_order([parent, child])
    assert ([1, 0], [1], []) == (list(order.rows), list(order.hard.of(0)), list(order.hard.of(1)))


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        pytest.param([RowNode(0, 9, key="u:a"), RowNode(1, 8, key="u:a", provides="u:a")], [1, 0], id="unlock and create"),
        pytest.param([RowNode(0, 2, key="e:1", provides="e:1"), RowNode(1, 5, deletes=True, key="e:1")], [1, 0], id="create and delete"),
        pytest.param([RowNode(0, 5, deletes=True, key="e:1"), RowNode(1, 2, key="e:1", provides="e:1")], [0, 1], id="delete and create"),
        pytest.param([RowNode(0, 2, deletes=True, key="e:1"), RowNode(1, 5, key="e:1")], [1, 0], id="delete and update"),
        pytest.param([RowNode(0, 5, key="e:1"), RowNode(1, 2, key="e:1")], [1, 0], id="two updates"),
    ],
)
def test_sheets_may_stand_in_any_order(nodes, expected):
    """
    Rows of several sheets on one object go by rank, not by the file; a sheet that only deletes it comes before one that makes it, else last.
    """
    order = put_in_order(nodes)
    assert (expected, [expected[0]]) == (list(order.rows), [*order.hard.of(expected[1]), *order.soft.of(expected[1])])


def test_an_object_has_several_keys():
    """
    A row that names its object by another key is about the same object, and its object may be needed by either.
    """
    made = RowNode(0, 1, key="l:Oslo", provides="l:Oslo", aliases=("l:#5",))
    order = put_in_order([made, RowNode(1, 1, aliases=("l:#5",)), RowNode(2, 2, needs=("l:#5",))])
    assert ([0], [0]) == (list(order.hard.of(1)), list(order.hard.of(2)))


def test_a_need_made_anew_waits_for_the_last_time():
    """
    What is made, removed and made again is there for others only after the second time.
    """
    rows = [RowNode(n, 1, deletes=n == 1, key="d:A", provides=None if n == 1 else "d:A") for n in range(3)]
    assert [2] == list(put_in_order([*rows, RowNode(3, 1, depth=1, needs=("d:A",))]).hard.of(3))


def test_a_new_name_is_waited_for():
    """
    A row that needs a name which another row may be giving only now waits for that row to be settled; deletes and the object's own rows do not count.
    """
    renames, goes = RowNode(0, 1, key="l:Oslo", aliases=("l:#5",)), RowNode(1, 1, deletes=True, key="l:Oslo")
    order = put_in_order([renames, goes, RowNode(2, 2, needs=("l:Oslo",)), RowNode(3, 2, aliases=("l:#5",), needs=("l:Oslo",))])
    assert [[], []] == [list(order.hard.of(n)) for n in (2, 3)]
    assert [0] == list(order.soft.of(2))


def test_parts_of_one_whole_take_turns():
    """
    Rows that write parts of one whole wait for each other in the order of their turns, whatever it is; they need no one's success.
    """
    order = put_in_order([RowNode(0, 3, whole="n:1"), RowNode(1, 2, deletes=True, whole="n:1"), RowNode(2, 1, whole="n:1")])
    assert ([2, 0, 1], [[2], [0], []]) == (list(order.rows), [list(order.soft.of(n)) for n in range(3)])
    assert [] == list(order.hard.pairs())


def test_a_row_that_tells_less_waits_too():
    """
    A row that needs an extension without telling its subsystem waits for the row that makes the number.
    """
    made = RowNode(0, 1, key="e:mx1:1001", provides="e:mx1:1001", serves="n:1001")
    assert [0] == list(put_in_order([made, RowNode(1, 2, needs=("n:1001",))]).hard.of(1))


def test_delete_before_a_create_of_the_same_object_moves_up():
    """
    Replacing an object by delete and create keeps its order, and nothing waits behind a barrier that cannot fall.
    """
    order = put_in_order([RowNode(0, 1, deletes=True, key="u:a"), RowNode(1, 1, key="u:a", provides="u:a")])
    assert ([0, 1], [0, 0]) == (list(order.rows), list(order.phases))


def test_cycles_are_named_and_the_rest_stays_in_order():
    """
    Rows that wait for each other are reported group by group; the order still holds every row.
    """
    pairs = [(0, "a", "b"), (1, "b", "a"), (2, "x", "x"), (3, "c", "a")]
    order = put_in_order([RowNode(n, 1, key=key, provides=key, needs=(need,)) for n, key, need in pairs] + [RowNode(4, 1)])
    assert ((0, 1), (2,)) == order.cycles
    assert {0, 1, 2, 3, 4} == set(order.rows)


def test_ordinals_must_ascend():
    """
    Rows that come out of order are a programmer's mistake.
    """
    with pytest.raises(ValueError, match="ordinal 1 does not follow 1"):
        put_in_order([RowNode(1, 1), RowNode(1, 1)])


def test_ordinals_may_have_gaps():
    """
    A part of a workbook is ordered without the rest.
    """
    assert [9, 4] == order_of(RowNode(4, 2), RowNode(9, 1))


KEYS = st.sampled_from("abcdefgh")


@st.composite
def workbooks(draw):
    """Rows with random ranks, keys, needs and deletes."""
    nodes = []
    for ordinal in range(draw(st.integers(0, 25))):
        key = draw(st.none() | KEYS)
        deletes = draw(st.booleans())
        provides = key if key and not deletes and draw(st.booleans()) else None
        needs, aliases = (tuple(draw(st.lists(KEYS, max_size=most, unique=True))) for most in (2, 1))
        place = {"depth": draw(st.integers(0, 2)), "whole": draw(st.none() | st.sampled_from("xyz"))}
        nodes.append(RowNode(ordinal, draw(st.integers(0, 3)), deletes, key=key, provides=provides, needs=needs, aliases=aliases, **place))
    return nodes


@given(workbooks())
def test_order_respects_every_edge(nodes):
    """
    Every row stands once, behind all it waits for and behind no higher barrier; only rows of a cycle may break that.
    """
    order = put_in_order(nodes)
    place = {ordinal: n for n, ordinal in enumerate(order.rows)}
    circular = {ordinal for cycle in order.cycles for ordinal in cycle}
    assert sorted(order.rows) == [node.ordinal for node in nodes]
    for edges in (order.hard, order.soft):
        for after, before in edges.pairs():
            if after not in circular:
                assert place[before] < place[after]
                assert order.phases[before] <= order.phases[after]


@given(workbooks())
def test_same_object_order_and_reversed_deletes_hold_for_any_workbook(nodes):
    """
    Rows of one sheet on one object keep their order, and of two phases of deletes the one of the higher rank comes first.
    """
    order = put_in_order(nodes)
    if order.cycles:
        return
    place = {ordinal: n for n, ordinal in enumerate(order.rows)}
    for key, rank in itertools.product("abcdefgh", range(4)):
        on_key = [place[node.ordinal] for node in nodes if key in node.keys and node.rank == rank]
        assert sorted(on_key) == on_key
    free = [node for node in nodes if node.deletes and not (node.keys or node.needs or node.whole)]
    for one in free:
        for other in free:
            if one.rank > other.rank:
                assert order.phases[one.ordinal] < order.phases[other.ordinal]


@given(workbooks())
def test_rows_of_one_whole_never_overlap(nodes):
    """
    Of any two rows that write parts of one whole, the later waits for the earlier, directly or through others between them.
    """
    order = put_in_order(nodes)
    for whole in "xyz":
        parts = [ordinal for ordinal in order.rows if any(node.ordinal == ordinal and node.whole == whole for node in nodes)]
        assert all(before in order.soft.of(after) for before, after in itertools.pairwise(parts))


@given(workbooks())
def test_order_is_deterministic(nodes):
    """
    The same workbook always gives the same order.
    """
    one, other = put_in_order(nodes), put_in_order(iter(nodes))
    assert (one.rows, one.phases, one.cycles) == (other.rows, other.phases, other.cycles)


def test_many_rows_are_ordered_in_little_memory():
    """
    Each of many rows with keys and needs costs less than 600 bytes on top of the row, and 0.1 ms on the slowest machine.
    """
    count = 25_000
    nodes = [RowNode(n, n % 5, key=f"k{n}", provides=f"k{n}", needs=(f"k{n // 10 * 5}",) if n % 5 else ()) for n in range(count)]
    began = time.process_time()
    put_in_order(nodes)
    assert time.process_time() - began < count * 0.0001
    tracemalloc.start()
    try:
        put_in_order(nodes)
        assert tracemalloc.get_traced_memory()[1] < count * 600
    finally:
        tracemalloc.stop()


def move(ordinal, source, target, rank=9):
    return RowNode(ordinal, rank, key=target, provides=target, frees=source)


def test_a_number_is_taken_over_once_it_is_free():
    """
    Of a chain A to B, B to C, C to D the last goes first, and each needs the one before it to succeed.
    """
    order = put_in_order([move(0, "A", "B"), move(1, "B", "C"), move(2, "C", "D")])
    assert [2, 1, 0] == list(order.rows)
    assert [[1], [2], []] == [list(order.hard.of(n)) for n in range(3)]


def test_numbers_that_are_swapped_are_a_circle():
    """
    A to B while B goes to A can never run, and neither can longer rings; rows beside them can.
    """
    assert ((0, 1),) == put_in_order([move(0, "A", "B"), move(1, "B", "A"), move(2, "X", "Y")]).cycles
    assert ((0, 1, 2),) == put_in_order([move(0, "A", "B"), move(1, "B", "C"), move(2, "C", "A")]).cycles


def test_what_is_made_where_something_leaves_waits_for_it():
    """
    A create at a number that is moved away waits for the move, although its sheet comes first; so does an update of what is created.
    """
    create, update = RowNode(0, 1, key="A", provides="A"), RowNode(1, 1, key="A")
    order = put_in_order([create, update, move(2, "A", "B")])
    assert ([2, 0, 1], [2], [0]) == (list(order.rows), list(order.hard.of(0)), list(order.hard.of(1)))


def test_an_object_is_changed_before_it_leaves():
    """
    Where nothing comes to a number, rows about what is there go before the move.
    """
    order = put_in_order([move(0, "A", "B", rank=1), RowNode(1, 9, key="A")])
    assert ([1, 0], [1]) == (list(order.rows), list(order.soft.of(0)))


def test_an_object_is_changed_after_it_has_come():
    """
    Rows about the target wait for the move that brings it, whatever their sheets.
    """
    order = put_in_order([RowNode(0, 1, key="B"), RowNode(1, 1, needs=("B",)), move(2, "A", "B")])
    assert ([2, 0, 1], [2], [2]) == (list(order.rows), list(order.hard.of(0)), list(order.hard.of(1)))


def test_a_delete_makes_room_for_a_move():
    """
    A sheet that only deletes what is at the target has its turn before the move.
    """
    assert [1, 0] == order_of(move(0, "A", "B"), RowNode(1, 5, deletes=True, key="B"))


@given(st.permutations(range(9)), st.permutations(range(9)))
def test_moves_find_every_number_free(sources, targets):
    """
    However the numbers go round, each row that runs finds its target free, and exactly the rings are refused.
    """
    moves = {n: (a, b) for n, (a, b) in enumerate(zip(sources, targets, strict=True)) if a != b and n < 6}
    order = put_in_order([move(n, f"#{a}", f"#{b}") for n, (a, b) in moves.items()])
    circular = {ordinal for cycle in order.cycles for ordinal in cycle}
    held = {a for a, _b in moves.values()}
    for ordinal in order.rows:
        a, b = moves[ordinal]
        if ordinal not in circular and b not in {moves[n][0] for n in circular}:
            assert b not in held
            held -= {a}
    following = dict(moves.values())
    for ordinal, (a, b) in moves.items():
        at = b
        for _step in moves:
            at = following.get(at, at) if at != a else at
        assert (ordinal in circular) == (at == a)


def test_the_first_rows_wait_for_none_of_the_others():
    """
    A pilot is the head of the order, with the rows that are done already beside it.
    """
    order = put_in_order([RowNode(n, 9 - n) for n in range(6)])
    assert [5, 4, 3, 0] == list(order.first(2, beside={0, 5}).rows)

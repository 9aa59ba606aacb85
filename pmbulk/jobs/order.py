"""
In which order the rows of a workbook are carried out, and which row waits for which.

Pure: sees ranks and opaque keys, no entities. Compact: rows are ints and edges flat arrays, because a workbook may have 100,000 rows.
"""

from __future__ import annotations

import heapq
from array import array
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

__all__ = ["Edges", "Order", "RowNode", "put_in_order"]


@dataclass(frozen=True, slots=True)
class RowNode:
    """
    What the order needs to know of one row.

    *ordinal* counts the rows through all sheets. *rank* is the entity's place (lower first), *depth* the place in its tree (0: a root). *key* names
    the object the row is about (`None`: the file does not tell), *aliases* are other keys of the same object. *provides* is the key that exists once
    the row has succeeded (`None`: none), *serves* is one under which rows that tell less may need it. *needs* are keys that must exist; of a row that
    *deletes*, the keys of its parents. *frees* is a key that the row takes from an object and leaves to others (`None`: none). *whole* is
    what the row writes a part of (`None`: nothing else): rows with the same one never overlap.
    """

    ordinal: int
    rank: int
    deletes: bool = False
    depth: int = 0
    key: str | None = None
    provides: str | None = None
    needs: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    whole: str | None = None
    serves: str | None = None
    frees: str | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """All keys of the object, one that it loses included."""
        own = self.aliases if self.key is None else (self.key, *self.aliases)
        return own if self.frees is None else (*own, self.frees)

    def makes(self, key: str) -> bool:
        """Whether *key*, one of its keys, exists once the row has succeeded."""
        return self.provides is not None and self.frees != key


class Edges:
    """A fixed set of arrows between ordinals, readable from one end."""

    __slots__ = ("_starts", "_targets")

    def __init__(self, size: int, sources: Sequence[int], targets: Sequence[int]) -> None:
        starts = array("i", bytes(4 * (size + 1)))
        for source in sources:
            starts[source + 1] += 1
        for index in range(size):
            starts[index + 1] += starts[index]
        free = array("i", starts)
        sorted_targets = array("i", bytes(4 * len(targets)))
        for source, target in zip(sources, targets, strict=True):
            sorted_targets[free[source]] = target
            free[source] += 1
        self._starts = starts
        self._targets = sorted_targets

    def of(self, ordinal: int) -> Sequence[int]:
        """The ordinals that the arrows of *ordinal* point to."""
        return self._targets[self._starts[ordinal] : self._starts[ordinal + 1]]

    def pairs(self) -> Iterator[tuple[int, int]]:
        """All arrows as (source, target)."""
        for source in range(len(self._starts) - 1):
            for target in self.of(source):
                yield source, target

    def reversed(self) -> Edges:
        """The same arrows, readable from the other end."""
        sources, targets = array("i"), array("i")
        for source, target in self.pairs():
            sources.append(source)
            targets.append(target)
        return Edges(len(self._starts) - 1, targets, sources)


@dataclass(frozen=True, slots=True)
class Order:
    """
    The rows in the order of their turns, with what each waits for.

    *rows* holds every ordinal once. *hard* points from a row to those that must have succeeded (or been skipped) before it, *soft* to those that must only
    be settled. *phases* tells by ordinal behind which barrier a row stands: none starts before all rows of lower phases are settled. *cycles* are groups
    of rows that wait for each other and can never run; the caller refuses them.
    """

    rows: Sequence[int]
    phases: Sequence[int]
    hard: Edges
    soft: Edges
    cycles: tuple[tuple[int, ...], ...]

    def first(self, count: int, *, beside: Container[int]) -> Order:
        """The order of the first *count* rows and of those *beside*, which wait for none of the others."""
        left = count
        rows = array("i")
        for ordinal in self.rows:
            apart = ordinal in beside
            if apart or left:
                rows.append(ordinal)
                left -= not apart
        return replace(self, rows=rows)


def put_in_order(nodes: Iterable[RowNode]) -> Order:
    """
    The order of *nodes*, which come with ascending ordinals (gaps are allowed).

    Creates and updates come first: by rank, parents before children, then as in the workbook. Deletes follow behind a barrier per rank, in reverse. Rows
    of one sheet about the same object keep their order, so a delete that is followed by a create of the same object moves up with it. A row that frees a
    key comes before those that make another object under it, which need it to succeed. What else it changes is known only when it runs, so the ranks
    behind it have a barrier too.

    Raises:
        ValueError: If the ordinals do not ascend.

    Source: design.md 3.4, points 1 and 5.
    """
    sketch = _Sketch()
    for node in nodes:
        sketch.add(node)
    sketch.tie()
    hard, before = sketch.hard.edges(sketch.size), (sketch.hard | sketch.soft).edges(sketch.size)
    rows, cycles = _sorted(sketch.ordinals, sketch.places(), before)
    _lower(sketch.phases, rows, before, circular={ordinal for cycle in cycles for ordinal in cycle})
    rows = array("i", sorted(rows, key=sketch.phases.__getitem__))
    sketch.separate(rows)
    return Order(rows, sketch.phases, hard, sketch.soft.edges(sketch.size), cycles)


class _Arrows:
    """Edges while they are being found."""

    def __init__(self) -> None:
        self._befores, self._afters = array("i"), array("i")

    def add(self, before: int, after: int) -> None:
        """Let the row *after* wait for the row *before*."""
        self._befores.append(before)
        self._afters.append(after)

    def __or__(self, other: _Arrows) -> _Arrows:
        both = _Arrows()
        both._befores, both._afters = self._befores + other._befores, self._afters + other._afters
        return both

    def edges(self, size: int) -> Edges:
        """From each row to those before it."""
        return Edges(size, self._afters, self._befores)


class _Sketch:
    """The rows as flat arrays while the edges among them are being found."""

    def __init__(self) -> None:
        self.ordinals = array("i")
        self.phases = array("i")
        self.hard, self.soft = _Arrows(), _Arrows()
        self.size = 0
        self._preferences: list[tuple[int, int, int, int]] = []
        #: The rows about an object by its key; nearly all objects have one.
        self._on: dict[str, RowNode | list[RowNode]] = {}
        self._makers: dict[str, int] = {}
        self._needy: list[RowNode] = []
        self._whole: dict[int, str] = {}
        #: The last rank with rows that free a key (``None``: there are none).
        self._freeing: int | None = None

    def add(self, node: RowNode) -> None:
        """Note *node*."""
        ordinal = node.ordinal
        if ordinal < self.size:
            raise ValueError(f"ordinal {ordinal} does not follow {self.size - 1}")
        self.phases.extend([0] * (ordinal + 1 - self.size))
        self.size = ordinal + 1
        self.ordinals.append(ordinal)
        rank, depth = (-node.rank, -node.depth) if node.deletes else (node.rank, node.depth)
        self._preferences.append((node.deletes, rank, depth, ordinal))
        for key in node.keys:
            there = self._on.setdefault(key, node)
            if isinstance(there, list):
                there.append(node)
            elif there is not node:
                self._on[key] = [there, node]
        if node.whole is not None:
            self._whole[ordinal] = node.whole
        if node.frees is not None:
            self._freeing = max(self._freeing or 0, node.rank)
        if node.serves is not None and node.provides is not None:
            self._makers.setdefault(node.serves, ordinal)
        if node.needs:
            self._needy.append(node)

    def tie(self) -> None:
        """Find what each row waits for: others about the same object, what it needs, and deletes below it."""
        for key, there in self._on.items():
            if isinstance(there, list):
                there.sort(key=_turns(there, key))
                self._follow(key, there)
            elif there.makes(key):
                self._makers[key] = there.ordinal
        for node in self._needy:
            for key in node.needs:
                if node.deletes:
                    self._clear(node, key)
                elif (maker := self._makers.get(key)) is not None:
                    self.hard.add(maker, node.ordinal)
                elif (changer := self._changer(key, node)) is not None:
                    self.soft.add(changer, node.ordinal)

    def _follow(self, key: str, group: Sequence[RowNode]) -> None:
        """Tie the rows on *key* in their order; those after the row that makes the object need it to succeed, and that one the row that frees the key."""
        maker: int | None = None
        freed: int | None = None
        for before, node in zip((None, *group), group, strict=False):
            needed = freed if node.makes(key) else maker
            if needed is not None:
                self.hard.add(needed, node.ordinal)
            if before is not None and before.ordinal != needed:
                self.soft.add(before.ordinal, node.ordinal)
            if node.frees == key:
                freed, maker = node.ordinal, None
            elif node.deletes:
                maker = None
            elif node.makes(key) and maker is None:
                maker = self._makers[key] = node.ordinal

    def _clear(self, node: RowNode, parent: str) -> None:
        """Let the delete of *parent* wait for *node*, which deletes something below it."""
        deleter = next((row.ordinal for row in self._rows_on(parent) if row.deletes), None)
        if deleter is not None:
            self.hard.add(node.ordinal, deleter)

    def _changer(self, key: str, node: RowNode) -> int | None:
        """The last row that may give an object the name by which *node* needs it, or something else that *node* counts on."""
        earlier = (row for row in self._rows_on(key) if not row.deletes and (row.rank, row.depth) < (node.rank, node.depth))
        return max((row.ordinal for row in earlier if not {*row.keys} & {*node.keys}), default=None)

    def _rows_on(self, key: str) -> Sequence[RowNode]:
        there = self._on.get(key, ())
        return (there,) if isinstance(there, RowNode) else there

    def places(self) -> array[int]:
        """By ordinal, its place where only rank, depth and the workbook count; fills in the phases on the way."""
        places = array("i", bytes(4 * self.size))
        phase, rank_before = 0, None
        self._preferences.sort()
        for place, (deletes, rank, _, ordinal) in enumerate(self._preferences):
            # Every rank of deletes has a barrier of its own, and all ranks behind rows that free a key have one.
            begins = rank != rank_before if deletes else phase == 0 and self._freeing is not None and rank > self._freeing
            if begins:
                phase, rank_before = phase + 1, rank
            self.phases[ordinal] = phase
            places[ordinal] = place
        return places

    def separate(self, rows: Sequence[int]) -> None:
        """Let rows that write parts of one whole wait for each other in the order of *rows*: each reads what the one before has written."""
        last: dict[str, int] = {}
        for ordinal in rows:
            whole = self._whole.get(ordinal)
            if whole is not None:
                if whole in last:
                    self.soft.add(last[whole], ordinal)
                last[whole] = ordinal


def _turns(group: Sequence[RowNode], key: str) -> Callable[[RowNode], tuple[int, int, int]]:
    """
    The order of rows about the object under *key*: that of the sheet; among sheets, which may stand anywhere in the file, that of the ranks.

    A sheet that only deletes the object has its turn before one that makes it, and otherwise after all others. So has a row that frees the key, and one
    that brings an object there from elsewhere comes next: the others are about what it brings.
    """
    clearing = {node.rank for node in group} - {node.rank for node in group if not node.deletes}
    turn = -2 if any(node.makes(key) for node in group) else 1

    def turn_of(node: RowNode) -> int:
        if node.rank in clearing or node.frees == key:
            return turn
        return -1 if node.frees is not None else 0

    return lambda node: (turn_of(node), node.rank, node.ordinal)


def _sorted(ordinals: Sequence[int], places: Sequence[int], before: Edges) -> tuple[array[int], tuple[tuple[int, ...], ...]]:
    """The rows so that each stands behind those it waits for, otherwise by place; and the cycles that had to be cut to get there."""
    after = before.reversed()
    waits = array("i", (len(before.of(ordinal)) for ordinal in range(len(places))))
    at_place = array("i", bytes(4 * len(ordinals)))
    for ordinal in ordinals:
        at_place[places[ordinal]] = ordinal
    ready = [place for place, ordinal in enumerate(at_place) if not waits[ordinal]]
    rows = array("i")
    placed = bytearray(len(places))
    cycles: list[tuple[int, ...]] = []
    suspects = 0  # every place below holds a placed row
    while True:
        while ready:
            ordinal = at_place[heapq.heappop(ready)]
            rows.append(ordinal)
            placed[ordinal] = True
            for follower in after.of(ordinal):
                waits[follower] -= 1
                if not waits[follower] and not placed[follower]:
                    heapq.heappush(ready, places[follower])
        while suspects < len(at_place) and placed[at_place[suspects]]:
            suspects += 1
        if suspects == len(at_place):
            return rows, tuple(cycles)
        cycle = _cycle_from(at_place[suspects], before, placed)
        cycles.append(cycle)
        for ordinal in cycle:
            placed[ordinal] = True  # by force: what the rest of the cycle releases must not be placed again
            heapq.heappush(ready, places[ordinal])


def _cycle_from(ordinal: int, before: Edges, placed: bytearray) -> tuple[int, ...]:
    """A cycle that *ordinal* waits for: go from row to unplaced row before it until one comes again."""
    path: dict[int, None] = {}
    while ordinal not in path:
        path[ordinal] = None
        ordinal = next(row for row in before.of(ordinal) if not placed[row])
    trail = list(path)
    return tuple(sorted(trail[trail.index(ordinal) :]))


def _lower(phases: array[int], rows: Sequence[int], before: Edges, *, circular: set[int]) -> None:
    """Lower each phase to that of the rows waiting for it, so that no barrier stands between the two; *circular* rows never run and count for nothing."""
    for ordinal in reversed(rows):
        if ordinal not in circular:
            for earlier in before.of(ordinal):
                phases[earlier] = min(phases[earlier], phases[ordinal])

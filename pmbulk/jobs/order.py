"""
In which order the rows of a workbook are carried out, and which row waits for which.

Pure: sees ranks and opaque keys, no entities. Compact: rows are ints and edges flat arrays, because a workbook may have 100,000 rows.
"""

from __future__ import annotations

import heapq
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

__all__ = ["Edges", "Order", "RowNode", "put_in_order"]


@dataclass(frozen=True, slots=True)
class RowNode:
    """
    What the order needs to know of one row.

    *ordinal* counts the rows through all sheets. *rank* is the entity's place (lower first), *depth* the place in its tree (0: a root). *key* names
    the object the row is about (`None`: nothing else can mean it), *provides* the key that exists once the row has succeeded (`None`: none), *needs*
    the keys that must exist; of a row that *deletes*, the keys of its parents.
    """

    ordinal: int
    rank: int
    deletes: bool = False
    depth: int = 0
    key: str | None = None
    provides: str | None = None
    needs: tuple[str, ...] = ()


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

    def __len__(self) -> int:
        return len(self._targets)

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


def put_in_order(nodes: Iterable[RowNode]) -> Order:
    """
    The order of *nodes*, which come with ascending ordinals (gaps are allowed).

    Creates and updates come first: by rank, parents before children, then as in the workbook. Deletes follow behind a barrier per rank, in reverse. Rows
    about the same object keep their order, so a delete that is followed by a create of the same object moves up with it.

    Raises:
        ValueError: If the ordinals do not ascend.

    Source: design.md 3.4, points 1 and 5.
    """
    sketch = _Sketch()
    for node in nodes:
        sketch.add(node)
    sketch.tie()
    hard = Edges(sketch.size, sketch.hard_afters, sketch.hard_befores)
    soft = Edges(sketch.size, sketch.soft_afters, sketch.soft_befores)
    before = Edges(sketch.size, sketch.hard_afters + sketch.soft_afters, sketch.hard_befores + sketch.soft_befores)
    places = sketch.places()
    rows, cycles = _sorted(sketch.ordinals, places, before)
    _lower(sketch.phases, rows, before, circular={ordinal for cycle in cycles for ordinal in cycle})
    return Order(rows, sketch.phases, hard, soft, cycles)


class _Sketch:
    """The rows as flat arrays while the edges among them are being found."""

    def __init__(self) -> None:
        self.ordinals = array("i")
        self.phases = array("i")
        self.hard_befores, self.hard_afters = array("i"), array("i")
        self.soft_befores, self.soft_afters = array("i"), array("i")
        self.size = 0
        self._preferences: list[tuple[int, int, int, int]] = []
        self._providers: dict[str, int] = {}
        self._deleters: dict[str, int] = {}
        self._last_on: dict[str, int] = {}
        self._maker_of: dict[str, int] = {}
        self._wanting: list[tuple[int, tuple[str, ...]]] = []
        self._clearing: list[tuple[int, tuple[str, ...]]] = []

    def add(self, node: RowNode) -> None:
        """Note *node*, and tie it to earlier rows about the same object."""
        ordinal = node.ordinal
        if ordinal < self.size:
            raise ValueError(f"ordinal {ordinal} does not follow {self.size - 1}")
        self.phases.extend([0] * (ordinal + 1 - self.size))
        self.size = ordinal + 1
        self.ordinals.append(ordinal)
        rank, depth = (-node.rank, -node.depth) if node.deletes else (node.rank, node.depth)
        self._preferences.append((node.deletes, rank, depth, ordinal))
        if node.key is not None:
            self._follow(node, node.key)
            if node.deletes:
                self._deleters.setdefault(node.key, ordinal)
        if node.provides is not None:
            self._providers.setdefault(node.provides, ordinal)
            self._maker_of[node.provides] = ordinal
        if node.needs:
            (self._clearing if node.deletes else self._wanting).append((ordinal, node.needs))

    def _follow(self, node: RowNode, key: str) -> None:
        """Keep the workbook's order among rows on *key*; those after the row that makes the object need it to succeed."""
        maker = None if node.provides == key else self._maker_of.get(key)
        if maker is not None:
            self._hard(maker, node.ordinal)
        last = self._last_on.get(key)
        if last is not None and last != maker:
            self._soft(last, node.ordinal)
        self._last_on[key] = node.ordinal

    def tie(self) -> None:
        """Find the edges that may point forwards in the workbook: needs, and deletes of parents."""
        for ordinal, needs in self._wanting:
            for key in needs:
                provider = self._providers.get(key)
                if provider is not None:
                    self._hard(provider, ordinal)
        for ordinal, parents in self._clearing:
            for key in parents:
                deleter = self._deleters.get(key)
                if deleter is not None:
                    self._hard(ordinal, deleter)

    def places(self) -> array[int]:
        """By ordinal, its place where only rank, depth and the workbook count; fills in the phases on the way."""
        places = array("i", bytes(4 * self.size))
        phase, rank_before = 0, None
        self._preferences.sort()
        for place, (deletes, rank, _, ordinal) in enumerate(self._preferences):
            if deletes and rank != rank_before:
                phase, rank_before = phase + 1, rank
            self.phases[ordinal] = phase
            places[ordinal] = place
        return places

    def _hard(self, before: int, after: int) -> None:
        self.hard_befores.append(before)
        self.hard_afters.append(after)

    def _soft(self, before: int, after: int) -> None:
        self.soft_befores.append(before)
        self.soft_afters.append(after)


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

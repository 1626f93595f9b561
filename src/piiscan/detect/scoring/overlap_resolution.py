"""Overlapping candidates: one wins, the others become its alternatives.

Settling always sees the whole catalogue, so that asking for fewer entities only hides findings.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from piiscan.arrays import Bool, Int64
from piiscan.jit import allocating, inner, kernel

#: In place of a winner: the candidate was refused.
REFUSED: Final = -1


@kernel
def _settle(
    start: Int64, end: Int64, priority: Int64, refused: Bool, winner: Int64
) -> None:  # pragma: no cover - compiled
    """Greedy within each cluster of touching spans: best priority first."""
    count = len(start)
    first: Any = np.int64(0)  # a literal 0 would compile _contest twice
    while first < count:
        if refused[first]:
            winner[first] = REFUSED
            first += 1
            continue
        last = first + 1
        reach = end[first]
        rivals = False
        while last < count and start[last] < reach:
            if not refused[last]:
                reach = max(reach, end[last])
                rivals = True
            last += 1
        if rivals:
            _contest(start, end, priority, refused, winner, first, last)
        else:
            winner[first:last] = REFUSED
            winner[first] = first
        first = last


@inner
def _sort(priority: Int64, order: Int64) -> None:  # pragma: no cover - compiled
    """Shell sort, best priority and then earliest first; numba's own sorts compile for 2 s."""
    gap = len(order)
    while gap > 1:
        gap = max(1, gap * 5 // 11)
        for place in range(gap, len(order)):
            this = order[place]
            at = place
            while at >= gap:
                other = order[at - gap]
                if priority[other] > priority[this] or (
                    priority[other] == priority[this] and other < this
                ):
                    break
                order[at] = other
                at -= gap
            order[at] = this


@allocating
def _contest(
    start: Int64,
    end: Int64,
    priority: Int64,
    refused: Bool,
    winner: Int64,
    first: int,
    last: int,
) -> None:  # pragma: no cover - compiled
    """Best priority first takes its place; who finds it taken names the best of those there.

    ``taken`` marks each place with the rank of its winner, so that a hostile run of a million
    overlapping candidates costs their lengths, not their square.
    """
    order = np.empty(last - first, np.int64)  # arange and full compile for 0.2 s
    for rank in range(last - first):
        order[rank] = rank
    _sort(priority[first:last], order)
    base = start[first]
    reach = base
    for this in range(first, last):
        reach = max(reach, end[this])
    taken = np.empty(reach - base, np.int64)
    taken[:] = -1
    for rank in range(last - first):
        this = first + order[rank]
        if refused[this]:
            winner[this] = REFUSED
            continue
        best = np.int64(-1)
        for place in range(start[this] - base, end[this] - base):
            if taken[place] >= 0 and (best < 0 or taken[place] < best):
                best = taken[place]
        if best >= 0:
            winner[this] = first + order[best]
            continue
        winner[this] = this
        taken[start[this] - base : end[this] - base] = rank


def settle(start: Int64, end: Int64, priority: Int64, refused: Bool) -> Int64:
    """For each span (ordered by start) the index of the span that wins its place.

    ``priority``: higher wins; equal priorities go to the earlier one.  A winner names itself; a
    refused candidate gets REFUSED.
    """
    winner = np.empty(len(start), np.int64)
    _settle(start, end, priority, refused, winner)
    return winner

"""Overlapping candidates: one wins, the others become its alternatives.

Settling always sees the whole catalogue, so that asking for fewer entities only hides findings.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from piiscan.compiled import kernel

Int64 = npt.NDArray[np.int64]


@kernel
def _settle(
    start: Int64, end: Int64, priority: Int64, winner: Int64
) -> None:  # pragma: no cover - compiled
    """Greedy within each cluster of touching spans: best priority first."""
    count = len(start)
    first = 0
    while first < count:
        last = first + 1
        reach = end[first]
        while last < count and start[last] < reach:
            reach = max(reach, end[last])
            last += 1
        if last == first + 1:
            winner[first] = first
        else:
            order = np.argsort(-priority[first:last], kind="mergesort")
            for number in range(last - first):
                this = first + order[number]
                winner[this] = this
                for earlier in range(number):
                    other = first + order[earlier]
                    if winner[other] != other:
                        continue
                    if start[this] < end[other] and start[other] < end[this]:
                        winner[this] = other
                        break
        first = last


def settle(start: Int64, end: Int64, priority: Int64) -> Int64:
    """For each span (ordered by start) the index of the span that wins its place.

    ``priority``: higher wins; equal priorities go to the earlier one.  A winner names itself.
    """
    winner = np.empty(len(start), np.int64)
    _settle(start, end, priority, winner)
    return winner

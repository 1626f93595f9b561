"""Overlapping candidates: one wins, the others become its alternatives.

Settling always sees the whole catalogue, so that asking for fewer entities only hides findings.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from piiscan.compiled import kernel

Int64 = npt.NDArray[np.int64]

#: In place of a winner: the candidate was refused.
REFUSED: Final = -1


@kernel
def _settle(
    start: Int64, end: Int64, priority: Int64, refused: npt.NDArray[np.bool_], winner: Int64
) -> None:  # pragma: no cover - compiled
    """Greedy within each cluster of touching spans: best priority first."""
    count = len(start)
    first = 0
    while first < count:
        if refused[first]:
            winner[first] = -1
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
            winner[first:last] = -1
            winner[first] = first
        first = last


@kernel
def _contest(
    start: Int64,
    end: Int64,
    priority: Int64,
    refused: npt.NDArray[np.bool_],
    winner: Int64,
    first: int,
    last: int,
) -> None:  # pragma: no cover - compiled
    order = np.argsort(-priority[first:last], kind="mergesort")
    for number in range(last - first):
        this = first + order[number]
        if refused[this]:
            winner[this] = -1
            continue
        winner[this] = this
        for earlier in range(number):
            other = first + order[earlier]
            if winner[other] == other and start[this] < end[other] and start[other] < end[this]:
                winner[this] = other
                break


def settle(start: Int64, end: Int64, priority: Int64, refused: npt.NDArray[np.bool_]) -> Int64:
    """For each span (ordered by start) the index of the span that wins its place.

    ``priority``: higher wins; equal priorities go to the earlier one.  A winner names itself; a
    refused candidate gets REFUSED.
    """
    winner = np.empty(len(start), np.int64)
    _settle(start, end, priority, refused, winner)
    return winner

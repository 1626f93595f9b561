"""Overlap resolution: one span wins each place, and the superseded ones become its alternatives.

``430104190506150016`` as identity number and as bank card -> the span with the higher priority.
All recognizers of the catalogue always take part, so selecting fewer entities only hides findings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from piiscan.arrays import Bool, Int64
from piiscan.detect.context.annotate import Annotated
from piiscan.detect.matching.matcher import Candidates
from piiscan.detect.matching.offsets import Offsets
from piiscan.detect.scoring.candidate_score import CandidateScores, Scored
from piiscan.detect.validation.canonical_values import Validated
from piiscan.jit import allocating, inner, kernel

#: Value of ``winner`` for refused candidates.
REFUSED: Final = -1


@kernel
def _resolve_all(
    start: Int64, end: Int64, priority: Int64, refused: Bool, winner: Int64
) -> None:  # pragma: no cover - compiled
    """Write to ``winner`` the winning span of each span, overlap cluster by cluster."""
    count = len(start)
    first: Any = np.int64(0)  # a literal 0 would compile _resolve_cluster twice
    while first < count:
        if refused[first]:
            winner[first] = REFUSED
            first += 1
            continue
        last = first + 1
        cluster_end = end[first]
        overlapping = False
        while last < count and start[last] < cluster_end:
            if not refused[last]:
                cluster_end = max(cluster_end, end[last])
                overlapping = True
            last += 1
        if overlapping:
            _resolve_cluster(start, end, priority, refused, winner, first, last)
        else:
            winner[first:last] = REFUSED
            winner[first] = first
        first = last


@inner
def _sort_by_priority(priority: Int64, order: Int64) -> None:  # pragma: no cover - compiled
    """Sort the indices ``order`` in place by priority, highest first; ties by index.

    A Shell sort, because numba's own sorts compile slowly.
    """
    gap = len(order)
    while gap > 1:
        gap = max(1, gap * 5 // 11)
        for place in range(gap, len(order)):
            current = order[place]
            at = place
            while at >= gap:
                other = order[at - gap]
                if priority[other] > priority[current] or (
                    priority[other] == priority[current] and other < current
                ):
                    break
                order[at] = other
                at -= gap
            order[at] = current


@allocating
def _resolve_cluster(
    start: Int64,
    end: Int64,
    priority: Int64,
    refused: Bool,
    winner: Int64,
    first: int,
    last: int,
) -> None:  # pragma: no cover - compiled
    """Write to ``winner`` the winners of the overlapping spans ``first`` to ``last - 1``.

    A span wins if all its code points are free.  Otherwise its winner is the highest-priority span
    among those that occupy them.  ``occupied`` has the rank of the winner of each code point.  The
    cost of many overlapping candidates is the sum of their lengths, not the square of their number.
    """
    order = np.empty(last - first, np.int64)  # arange and full compile slowly
    for rank in range(last - first):
        order[rank] = rank
    _sort_by_priority(priority[first:last], order)
    base = start[first]
    cluster_end = base
    for current in range(first, last):
        cluster_end = max(cluster_end, end[current])
    occupied = np.empty(cluster_end - base, np.int64)
    occupied[:] = -1
    for rank in range(last - first):
        current = first + order[rank]
        if refused[current]:
            winner[current] = REFUSED
            continue
        best = np.int64(-1)
        for place in range(start[current] - base, end[current] - base):
            if occupied[place] >= 0 and (best < 0 or occupied[place] < best):
                best = occupied[place]
        if best >= 0:
            winner[current] = first + order[best]
            continue
        winner[current] = current
        occupied[start[current] - base : end[current] - base] = rank


def resolve_overlaps(start: Int64, end: Int64, priority: Int64, refused: Bool) -> Int64:
    """Return for each span the index of the overlapping span that wins; spans are ordered by start.

    The higher ``priority`` wins; of equal ones, the earlier span.  A winner has its own index, a
    refused candidate REFUSED.
    """
    winner = np.empty(len(start), np.int64)
    if len(start):
        _resolve_all(start, end, priority, refused, winner)
    return winner


@dataclass(frozen=True, slots=True)
class Resolved:
    """Scored candidates after overlap resolution.

    ``winner[i]`` is the index of the candidate that wins the place of candidate i: i itself if it
    wins, REFUSED if it is refused.  ``tagged``: True for spans of the name tagger, whose scores are
    its confidence.
    """

    scored: Scored
    winner: Int64
    tagged: bool = False

    def __len__(self) -> int:
        return len(self.winner)

    @property
    def annotated(self) -> Annotated:
        """Return the candidates with their offsets, context words and roles."""
        return self.scored.annotated

    @property
    def validated(self) -> Validated:
        """Return the candidates with their values and judgements."""
        return self.scored.annotated.validated

    @property
    def candidates(self) -> Candidates:
        """Return the candidates."""
        return self.scored.annotated.validated.candidates

    @property
    def offsets(self) -> Offsets:
        """Return the offsets of the candidates in their texts."""
        return self.scored.annotated.offsets

    @property
    def scores(self) -> CandidateScores:
        """Return the scores of the candidates."""
        return self.scored.scores


def resolve(scored: Scored) -> Resolved:
    """Return the candidates with the winner of each place."""
    candidates, scores = scored.annotated.validated.candidates, scored.scores
    return Resolved(
        scored,
        resolve_overlaps(candidates.start, candidates.end, scores.priority, scores.refused),
    )

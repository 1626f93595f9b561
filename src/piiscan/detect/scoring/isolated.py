"""Isolated candidates: no other candidate overlaps them, and no word or sign near them counts.

Most findings of a table are isolated.  Their check alone decides their score, so they skip the
search for context words, surroundings, roles and overlaps.  The split changes only the speed,
never the result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from piiscan.arrays import Bool, Float64, Int8, Int16, Int64, UInt8
from piiscan.detect.catalog.column import Column, ColumnTraits
from piiscan.detect.catalog.recognizer import Recognizer
from piiscan.detect.checks import Judgement, Verdict
from piiscan.detect.context.context_kernels import MAX_ROLE_DISTANCE, WINDOW, WINDOW_AFTER
from piiscan.detect.context.separators import SEPARATOR_STARTS
from piiscan.detect.matching.matcher import Candidates
from piiscan.detect.scoring.candidate_score import ScoringTables, score_isolated
from piiscan.detect.validation.canonical_values import Validated
from piiscan.jit import kernel

_REFUTED = int(Verdict.REFUTED)


class NeutralNeighbours(NamedTuple):
    """Masks for the split: recognizers that can be isolated, and bytes that cannot change a score.

    ``eligible[recognizer]``; ``before[byte]`` and ``after[byte]`` for the folded byte next to a
    candidate.
    """

    eligible: Bool
    before: Bool
    after: Bool

    @classmethod
    def of(
        cls, recognizers: Sequence[Recognizer], neutral: Bool, excluded: Bool
    ) -> NeutralNeighbours:
        """Build the masks from the rules of surroundings, credential lists and the name tagger.

        ``neutral``: bytes whose surroundings contradict no candidate.
        ``excluded[recognizer]``: True for recognizers whose scores the tagger may raise.
        """
        eligible = [not (r.anchored or r.behind or r.implies or r.never) for r in recognizers]
        after = neutral & ~SEPARATOR_STARTS
        return cls(np.array(eligible, np.bool_) & ~excluded, neutral, after)


@dataclass(frozen=True, slots=True)
class IsolatedSpans:
    """Isolated candidates of a chunk, in order of start.

    ``rows`` are their indices in ``validated``, which has all candidates of the chunk.  The value
    of each is its folded text, unchanged.  ``tables`` and ``column`` give them their scores.
    """

    rows: Int64
    size: int  # characters in all spans together
    validated: Validated
    tables: ScoringTables
    column: ColumnTraits

    def __len__(self) -> int:
        return len(self.rows)

    def scores(self) -> Float64:
        """Return the score of each span, 0 if it is refused."""
        score, validated = np.empty(len(self.rows)), self.validated
        _score_isolated_rows(
            self.rows,
            validated.candidates.recognizer,
            validated.judgement,
            self.tables,
            self.column,
            score,
        )
        return score


@kernel
def _score_isolated_rows(
    rows: Int64,
    recognizer: Int16,
    judgement: Judgement,
    tables: ScoringTables,
    column: ColumnTraits,
    score: Float64,
) -> None:  # pragma: no cover - compiled
    """Write the score of each of ``rows``, 0 if the candidate is refused."""
    for number in range(len(rows)):
        row = rows[number]
        value, _, is_refused = score_isolated(judgement, row, recognizer[row], tables, column)
        score[number] = 0.0 if is_refused else value


class _Unjudged(NamedTuple):
    """Arrays of candidates that the split reads."""

    candidates: Candidates
    verdict: Int8
    unchanged: Bool


@kernel
def _split_isolated(
    folded: UInt8,
    spans: _Unjudged,
    labelled: Bool,
    word_ends: Int64,
    neighbours: NeutralNeighbours,
    isolated: Int64,
    rest: Int64,
) -> tuple[int, int, int]:  # pragma: no cover - compiled
    """Write indices of isolated candidates to ``isolated``, of other possible findings to ``rest``.

    Candidates are ordered by start.  A refuted candidate without a label and without a word before
    it goes into neither.  Return (isolated count, other count, characters in all isolated ones).

    Args:
        labelled: ``bool[recognizer]``, True if the column's label names it
        word_ends: ordered code points at which a word may end
        isolated, rest: outputs
    """
    recognizer, start, end, _ = spans.candidates
    verdict, unchanged = spans.verdict, spans.unchanged
    eligible, neutral_before, neutral_after = neighbours
    isolated_count = other_count = size = 0
    # indices of the first word ends inside the window, and inside the distance of roles
    window_end = role_end = 0
    covered = np.int64(0)
    pending = False  # True while a later span may overlap the last of ``isolated``
    for row in range(len(start)):
        first, last, which = start[row], end[row], np.uint64(recognizer[row])
        while window_end < len(word_ends) and word_ends[window_end] < first - WINDOW:
            window_end += 1
        unsupported = not labelled[which] and (
            window_end == len(word_ends) or word_ends[window_end] >= first
        )
        if verdict[row] == _REFUTED and unsupported:
            continue  # no label, no word: it cannot be a finding
        if first < covered:
            if pending:
                isolated_count -= 1
                size -= end[isolated[isolated_count]] - start[isolated[isolated_count]]
                rest[other_count] = isolated[isolated_count]
                other_count += 1
            pending = False
        else:
            while role_end < len(word_ends) and word_ends[role_end] < first - MAX_ROLE_DISTANCE:
                role_end += 1
            pending = (
                eligible[which]
                and unchanged[row]
                and neutral_before[folded[first - 1]]
                and neutral_after[folded[last]]
                and (role_end == len(word_ends) or word_ends[role_end] >= last + WINDOW_AFTER)
            )
        covered = max(covered, last)
        if pending:
            isolated[isolated_count] = row
            size += last - first
            isolated_count += 1
        else:
            rest[other_count] = row
            other_count += 1
    return isolated_count, other_count, size


def split_isolated(
    validated: Validated, column: Column, tables: ScoringTables, neighbours: NeutralNeighbours
) -> tuple[IsolatedSpans, Validated]:
    """Split candidates into isolated ones and the others that can still be findings.

    ``neighbours``: recognizers and bytes that allow isolation.
    """
    chunk, count = validated.chunk, len(validated)
    rows, rest = np.empty((2, count), np.int64)
    if not count:
        return IsolatedSpans(rows, 0, validated, tables, column.traits), validated
    spans = _Unjudged(validated.candidates, validated.judgement.verdict, validated.values.unchanged)
    found, others, size = _split_isolated(
        chunk.folded, spans, column.labelled, chunk.word_ends, neighbours, rows, rest
    )
    isolated = IsolatedSpans(rows[:found], size, validated, tables, column.traits)
    return isolated, validated.take(rest[:others])

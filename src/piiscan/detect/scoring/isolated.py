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

from piiscan.arrays import Bool, Float64, Int16, Int64
from piiscan.detect.catalog.column import ColumnTraits
from piiscan.detect.catalog.recognizer import Recognizer
from piiscan.detect.context.separators import SEPARATOR_STARTS
from piiscan.detect.scoring import score_kernels
from piiscan.detect.scoring.candidate_score import ScoringTables
from piiscan.detect.validation.canonical_values import Validated


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
        cls, recognizers: Sequence[Recognizer], neutral: Bool, excluded: Bool, joined: Bool
    ) -> NeutralNeighbours:
        """Build the masks from the rules of surroundings, credential lists and the name tagger.

        ``neutral``: bytes whose surroundings contradict no candidate.
        ``excluded[recognizer]``: True for recognizers whose scores the tagger may raise.
        ``joined``: bytes that may be between a role word and a candidate.
        """
        eligible = [not (r.anchored or r.behind or r.implies or r.never) for r in recognizers]
        before, after = neutral & ~joined, neutral & ~SEPARATOR_STARTS
        after[ord("(")] = False  # a role word may stand in the bracket
        return cls(np.array(eligible, np.bool_) & ~excluded, before, after)


@dataclass(frozen=True, slots=True)
class IsolatedSpans:
    """Isolated candidates of a chunk, in order of start.

    ``rows`` are their indices in ``validated``, which has all candidates of the chunk.  The value
    of each is its folded text, unchanged.  ``tables`` and ``column`` give them their scores.
    ``role``: role number of each, -1 for none; None if none has one.
    """

    rows: Int64
    size: int  # characters in all spans together
    validated: Validated
    tables: ScoringTables
    column: ColumnTraits
    role: Int16 | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def scores(self) -> Float64:
        """Return the score of each span, 0 if it is refused."""
        score, validated = np.empty(len(self.rows)), self.validated
        score_kernels.score_isolated_rows(
            self.rows,
            validated.candidates.recognizer,
            validated.judgement,
            self.tables,
            self.column,
            score,
        )
        return score

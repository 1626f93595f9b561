"""Overlap resolution: one span wins each place, and the superseded ones become its alternatives.

``430104190506150016`` as identity number and as bank card -> the span with the higher priority.
All recognizers of the catalogue always take part, so selecting fewer entities only hides findings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from piiscan.arrays import Int64
from piiscan.detect.context.annotate import Annotated
from piiscan.detect.matching.matcher import Candidates
from piiscan.detect.matching.offsets import Offsets
from piiscan.detect.scoring.candidate_score import CandidateScores, Scored
from piiscan.detect.validation.canonical_values import Validated

#: Winner of a refused candidate.
REFUSED: Final = -1


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

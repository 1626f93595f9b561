"""Score of a candidate: base score, score with a context word or column label, and refusal reason.

| base level | base score | with a context word | under its column label |
|---|--:|--:|--:|
| high | 0.85 | 0.85 | 0.9 |
| medium | 0.6 | 0.85 | 0.9 |
| low | 0.3 | 0.6 | 0.9 |

A failed check scores 0.5 under its own label (column label or word directly before) and is refused
elsewhere.  Contradicting surroundings cap a score at 0.3 or refuse the candidate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from piiscan.arrays import Bool, Float64, Int8, Int16, Int64, UInt8
from piiscan.detect.catalog.recognizer import Recognizer
from piiscan.detect.checks import Strength
from piiscan.detect.context.annotate import Annotated
from piiscan.detect.matching.alphabet import KIND_BREAK, KIND_OTHER

_LEVELS: Final = {"L": Strength.LOW, "M": Strength.MEDIUM, "H": Strength.HIGH}


class ScoringTables(NamedTuple):
    """Scoring rules of a catalogue; the first three arrays have one entry a recognizer.

    Attributes:
        base_level: level of the recognizer, a Strength
        anchored: 1 if the recognizer needs a context word or its column label
        outranks: rank among recognizers, higher wins
        outside: ``bool[256]``, True for folded bytes that are no letter, digit or Hanzi
    """

    base_level: Int8
    anchored: UInt8
    outranks: Int64
    outside: Bool

    @classmethod
    def of(cls, recognizers: Sequence[Recognizer], kind: UInt8) -> ScoringTables:
        """Return the rules of ``recognizers``.  ``kind``: kind of each folded byte."""
        return cls(
            base_level=np.array([_LEVELS[r.bare] for r in recognizers], np.int8),
            anchored=np.array([r.anchored for r in recognizers], np.uint8),
            outranks=np.array([r.outranks for r in recognizers], np.int64),
            outside=(kind == KIND_OTHER) | (kind == KIND_BREAK),
        )


class CandidateScores(NamedTuple):
    """Scores of all candidates of a chunk; every array has one entry a candidate.

    ``priority`` decides overlaps, and the higher number wins; its parts are PRIORITY_PARTS.
    """

    score: Float64
    reason: Int16
    refused: Bool
    priority: Int64


@dataclass(frozen=True, slots=True)
class Scored:
    """Annotated candidates with their scores."""

    annotated: Annotated
    scores: CandidateScores

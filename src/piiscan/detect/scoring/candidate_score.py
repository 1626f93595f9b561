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
from typing import Any, Final, NamedTuple

import numpy as np

from piiscan.arrays import Bool, Float64, Int8, Int16, Int64, UInt8
from piiscan.bundles import empty_rows
from piiscan.detect.catalog.column import Column, ColumnTraits
from piiscan.detect.catalog.recognizer import Recognizer
from piiscan.detect.checks import REASON, Judgement, Strength
from piiscan.detect.context.annotate import Annotated
from piiscan.detect.context.context_kernels import (
    AMOUNT_SIGN,
    AMOUNT_UNIT,
    CLEAR,
    DECIMAL,
    FAR_LABEL,
    GLUED,
    INSIDE_TOKEN,
    KEYED,
    LABEL,
    NEAR,
    NEAREST,
)
from piiscan.detect.context.context_words import Context
from piiscan.detect.matching.alphabet import KIND_BREAK, KIND_OTHER
from piiscan.detect.matching.matcher import Candidates
from piiscan.detect.scoring.priority import PLACE_VALUES
from piiscan.jit import inlined, kernel

#: Cap of contradicted candidates, and base score of the low level.
LOW: Final = 0.3
#: Score of a failed check under its own label; also the lowest score of a sure finding.
REFUTED_LABELLED: Final = 0.5
#: Score under the column label of the recognizer.
LABELLED: Final = 0.9
#: Levels of a candidate: the recognizer's ``bare``, or the level that its check sets.
LOW_LEVEL: Final = int(Strength.LOW)
MEDIUM_LEVEL: Final = int(Strength.MEDIUM)
HIGH_LEVEL: Final = int(Strength.HIGH)
_LEVELS: Final = {"L": LOW_LEVEL, "M": MEDIUM_LEVEL, "H": HIGH_LEVEL}
#: Scores by level, and the nearness from which a context word raises the score.
_SCORES_BY_LEVEL: Final = {
    LOW_LEVEL: (LOW, 0.6, NEAREST),
    MEDIUM_LEVEL: (0.6, 0.85, NEAR),
    HIGH_LEVEL: (0.85, 0.85, NEAR),
}
_SCORE_COLUMNS: Final = ((0.0, 0.0, NEAREST), *_SCORES_BY_LEVEL.values())  # no level has number 0
BASE_SCORE: Final = np.array([bare for bare, _, _ in _SCORE_COLUMNS])
SCORE_WITH_WORD: Final = np.array([with_word for _, with_word, _ in _SCORE_COLUMNS])
WORD_NEEDED: Final = np.array([needed for _, _, needed in _SCORE_COLUMNS], np.uint8)
_IDENTITY_RANK: Final = 50  # rank of identity numbers: region, date and check character together
_REFUTED: Final = 0
_PLAUSIBLE: Final = 1
_VERIFIED: Final = 2

_NO_CONTEXT: Final = REASON["NO_CONTEXT"]
_NOT_LABELLED: Final = REASON["NOT_LABELLED"]
_AGAINST: Final = REASON["CONTEXT_AGAINST"]
_CHANCE: Final = REASON["CHANCE"]
_PLACEHOLDER: Final = REASON["PLACEHOLDER"]
#: Arguments for a candidate without surroundings and words, in the types of a kernel.
_CLEAR: Final[Any] = np.uint8(CLEAR)
_NOT_AGAINST: Final[Any] = np.bool_(False)
#: Reason code of each surroundings code.
_SURROUNDINGS_REASON: Final = np.zeros(6, np.int16)
_SURROUNDINGS_REASON[GLUED] = REASON["GLUED"]
_SURROUNDINGS_REASON[DECIMAL] = REASON["DECIMAL"]
_SURROUNDINGS_REASON[[AMOUNT_UNIT, AMOUNT_SIGN]] = REASON["AMOUNT"]
_SURROUNDINGS_REASON[INSIDE_TOKEN] = REASON["INSIDE_TOKEN"]


class ScoringTables(NamedTuple):
    """Scoring rules of a catalogue; the first three arrays have one entry a recognizer.

    Attributes:
        base_level: level of the recognizer, LOW_LEVEL to HIGH_LEVEL
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


@inlined
def score_candidate(
    verdict: int,
    check_reason: int,
    level: int,
    which: Any,
    column: ColumnTraits,
    surroundings: int,
    nearness: int,
    against: bool,
) -> tuple[float, int, bool]:  # pragma: no cover - compiled
    """Return (score, reason code, refused) of one candidate.

    Takes plain numbers, so that a kernel can call it once a row.

    Args:
        verdict: verdict of its check
        check_reason: reason code of its check, 0 for none
        level: LOW_LEVEL to HIGH_LEVEL, an index in BASE_SCORE
        which: number of its recognizer
        surroundings: code of :mod:`~piiscan.detect.context.surroundings`
        nearness: nearness of its context word
        against: True if a contradicting word is near
    """
    direct = nearness in (LABEL, FAR_LABEL, KEYED)
    refuted = verdict == _REFUTED
    reason = check_reason
    own_label = column.labelled[which]
    supported = nearness >= WORD_NEEDED[level]
    score = SCORE_WITH_WORD[level] if supported else BASE_SCORE[level]
    capped = surroundings in (GLUED, DECIMAL, AMOUNT_UNIT)
    contradicted = against and not direct
    other_label = column.other_label[which] and verdict == _PLAUSIBLE and not direct
    by_chance = column.by_chance[which] and verdict == _VERIFIED and not direct
    if (capped or contradicted or other_label or by_chance) and score > LOW:
        score = LOW
    if reason == 0 and not capped:
        if contradicted:
            reason = _AGAINST
        elif other_label:
            reason = _NOT_LABELLED
        elif by_chance:
            reason = _CHANCE
    if own_label:
        score = LABELLED
    if refuted:
        score = REFUTED_LABELLED
    elif surroundings != CLEAR and not (own_label and capped):
        reason = int(_SURROUNDINGS_REASON[surroundings])
    refused = surroundings in (AMOUNT_SIGN, INSIDE_TOKEN) or check_reason == _PLACEHOLDER
    refused = refused or (refuted and not own_label and not direct)
    return score, reason, refused


@inlined
def score_isolated(
    judgement: Judgement, row: Any, which: Any, tables: ScoringTables, column: ColumnTraits
) -> tuple[float, int, bool]:  # pragma: no cover - compiled
    """Return (score, reason code, refused) of candidate ``row`` without context or neighbours.

    The level that its check sets counts; if it sets none, that of the recognizer ``which``.
    """
    level = judgement.strength[row]
    if level == 0:
        level = tables.base_level[which]
    return score_candidate(
        judgement.verdict[row], judgement.reason[row], level, which, column,
        _CLEAR, _CLEAR, _NOT_AGAINST,
    )  # fmt: skip


class _Evidence(NamedTuple):
    """Arrays by which candidates are scored."""

    judgement: Judgement
    context: Context
    surroundings: UInt8


@kernel
def _score_all(
    folded: UInt8,
    candidates: Candidates,
    evidence: _Evidence,
    tables: ScoringTables,
    column: ColumnTraits,
    out: CandidateScores,
) -> None:  # pragma: no cover - compiled
    """Score all candidates.

    An anchored candidate without a word directly before it is refused with NO_CONTEXT.  It counts
    without a word if its column is labelled and no letter, digit or Hanzi touches it in the cell.
    """
    recognizer, start, end, _ = candidates
    verdict, reason, strength = evidence.judgement
    outside, outranks = tables.outside, tables.outranks
    for row in range(len(recognizer)):
        which = recognizer[row]
        labelled = column.labelled[which]
        nearness = evidence.context.nearness[row]
        value, reason_code, is_refused = score_candidate(
            verdict[row], reason[row],
            strength[row] if strength[row] != 0 else tables.base_level[which], which, column,
            evidence.surroundings[row], nearness, evidence.context.against[row] >= 0,
        )  # fmt: skip
        keyed = nearness == KEYED
        if tables.anchored[which] and nearness != LABEL and not keyed:
            set_off = outside[folded[start[row] - 1]] and outside[folded[end[row]]]
            if not (labelled and set_off):
                is_refused = True
                reason_code = _NO_CONTEXT
        out.refused[row] = is_refused
        out.score[row] = 0.0 if is_refused else value
        out.reason[row] = reason_code
        length = min(end[row] - start[row], 4095)
        verified = verdict[row] == _VERIFIED
        label = np.int64(0)
        if labelled:
            label = np.int64(1 if verdict[row] == _REFUTED else 3)
        elif verified and value >= REFUTED_LABELLED and outranks[which] >= _IDENTITY_RANK:
            label = np.int64(2)
        elif keyed and verdict[row] != _REFUTED:
            label = np.int64(1)
        priority = label * PLACE_VALUES[0]
        priority += (value >= REFUTED_LABELLED) * PLACE_VALUES[1]
        priority += (verdict[row] != _REFUTED) * PLACE_VALUES[2]
        priority += verified * PLACE_VALUES[3]
        priority += (length if verified else 0) * PLACE_VALUES[4]
        rank = outranks[which] + column.rank_shift[which]
        priority += min(max(rank + 512, 0), 1023) * PLACE_VALUES[5]
        out.priority[row] = priority + length


def score_candidates(annotated: Annotated, column: Column, tables: ScoringTables) -> Scored:
    """Return the candidates with their scores and priorities in this column."""
    validated = annotated.validated
    scores = empty_rows(CandidateScores, len(annotated))
    if len(annotated):
        evidence = _Evidence(validated.judgement, annotated.context, annotated.surroundings)
        _score_all(
            validated.chunk.folded,
            validated.candidates,
            evidence,
            tables,
            column.traits,
            scores,
        )
    return Scored(annotated, scores)

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

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from piiscan.arrays import Bool, Float64, Int8, Int16, Int32, Int64, UInt8
from piiscan.detect.checks import REASON, Judgement
from piiscan.detect.context.context_words import FAR_LABEL, LABEL, NEAREST, Context
from piiscan.detect.context.surroundings import (
    AMOUNT_SIGN,
    AMOUNT_UNIT,
    CLEAR,
    DECIMAL,
    GLUED,
    INSIDE_TOKEN,
)
from piiscan.detect.matching.matcher import Candidates
from piiscan.jit import inlined, kernel

#: Cap of contradicted candidates, and base score of the low level.
LOW: Final = 0.3
#: Score of a failed check under its own label; also the lowest score of a sure finding.
REFUTED_LABELLED: Final = 0.5
#: Score under the column label of the recognizer.
LABELLED: Final = 0.9
#: Scores by base level (the recognizer's ``bare``, or the level of its check).
BASE_SCORE: Final = np.array([0.0, LOW, 0.6, 0.85])
SCORE_WITH_WORD: Final = np.array([0.0, 0.6, 0.85, 0.85])
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


@dataclass(frozen=True, slots=True)
class ScoringRules:
    """Scoring rules of each recognizer in one column; every array has one entry a recognizer.

    Attributes:
        base_level: index in BASE_SCORE, 1 (low) to 3 (high)
        anchored: 1 if the recognizer needs a context word or its column label
        outranks: rank among recognizers, higher wins
        own_label: True if the column's label names the recognizer
        by_chance: True if the column passes the recognizer's check only by chance
    """

    base_level: Int8
    anchored: UInt8
    outranks: Int64
    own_label: Bool
    by_chance: Bool


@dataclass(frozen=True, slots=True)
class CandidateScores:
    """Scores of all candidates of a chunk; every array has one entry a candidate.

    ``priority`` decides overlaps, and the higher number wins.  It packs, from the weightiest part
    down: column label, score of 0.5 or more, not refuted, verified, length if verified, rank,
    length.  A value that fails its check under its own column loses only to an identity number.
    The checks of other kinds often pass by chance.
    """

    score: Float64
    reason: Int16
    refused: Bool
    priority: Int64


@inlined
def score_candidate(
    verdict: int,
    check_reason: int,
    base_level: int,
    own_label: bool,
    by_chance: bool,
    other_label: bool,
    surroundings: int,
    nearness: int,
    against: bool,
) -> tuple[float, int, bool]:  # pragma: no cover - compiled
    """Return (score, reason code, refused) of one candidate.

    Takes plain numbers, so that a kernel can call it once a row.

    Args:
        verdict: verdict of its check
        check_reason: reason code of its check, 0 for none
        base_level: index in BASE_SCORE, 1 (low) to 3 (high)
        own_label: True if the column's label names its recognizer
        by_chance: True if the column passes its check only by chance
        other_label: True if the column's label names a thing that no recognizer finds
        surroundings: code of :mod:`~piiscan.detect.context.surroundings`
        nearness: nearness of its context word
        against: True if a contradicting word is near
    """
    direct = nearness in (LABEL, FAR_LABEL)
    refuted = verdict == _REFUTED
    reason = check_reason
    supported = nearness >= NEAREST if base_level <= 1 else nearness > 0
    score = SCORE_WITH_WORD[base_level] if supported else BASE_SCORE[base_level]
    capped = surroundings in (GLUED, DECIMAL, AMOUNT_UNIT)
    contradicted = against and not direct
    other_label = other_label and verdict == _PLAUSIBLE and not direct
    by_chance = by_chance and verdict == _VERIFIED and not direct
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
    verdict: int,
    check_reason: int,
    strength: int,
    base_level: int,
    own_label: bool,
    by_chance: bool,
    other_label: bool,
) -> tuple[float, int, bool]:  # pragma: no cover - compiled
    """Return (score, reason code, refused) of a candidate without context or neighbours.

    ``strength`` is the level set by its check; if it is 0, ``base_level`` counts.
    """
    if strength == 0:
        strength = base_level
    return score_candidate(
        verdict,
        check_reason,
        strength,
        own_label,
        by_chance,
        other_label,
        _CLEAR,
        _CLEAR,
        _NOT_AGAINST,
    )


@kernel
def _score_all(
    recognizer: Int16,
    start: Int64,
    end: Int64,
    verdict: Int8,
    check_reason: Int16,
    strength: Int8,
    surroundings: UInt8,
    nearness: UInt8,
    against: Int32,
    set_off: Bool,
    base_level: Int8,
    anchored: UInt8,
    outranks: Int64,
    own_label: Bool,
    by_chance: Bool,
    other_label: bool,
    score: Float64,
    reason: Int16,
    refused: Bool,
    priority: Int64,
) -> None:  # pragma: no cover - compiled
    """Score all candidates.  Write ``score``, ``reason``, ``refused`` and ``priority``.

    An anchored candidate without a word directly before it is refused with NO_CONTEXT.  It counts
    without a word if its column is labelled and it is set off in the cell.
    """
    for row in range(len(recognizer)):
        which = recognizer[row]
        labelled = own_label[which]
        value, reason_code, is_refused = score_candidate(
            verdict[row], check_reason[row],
            strength[row] if strength[row] != 0 else base_level[which], labelled, by_chance[which],
            other_label, surroundings[row], nearness[row], against[row] >= 0,
        )  # fmt: skip
        if anchored[which] and nearness[row] != LABEL and not (labelled and set_off[row]):
            is_refused = True
            reason_code = _NO_CONTEXT
        refused[row] = is_refused
        score[row] = 0.0 if is_refused else value
        reason[row] = reason_code
        length = min(end[row] - start[row], 4095)
        verified = verdict[row] == _VERIFIED
        rank = np.int64(0)
        if labelled:
            rank = np.int64(1 if verdict[row] == _REFUTED else 3)
        elif verified and value >= REFUTED_LABELLED and outranks[which] >= _IDENTITY_RANK:
            rank = np.int64(2)
        rank = rank * 2 + (value >= REFUTED_LABELLED)
        rank = rank * 2 + (verdict[row] != _REFUTED)
        rank = rank * 2 + verified
        rank = rank * 4096 + (length if verified else 0)
        rank = rank * 1024 + min(max(outranks[which] + 512, 0), 1023)
        priority[row] = rank * 4096 + length


def score_candidates(
    candidates: Candidates,
    judgement: Judgement,
    surroundings: UInt8,
    context: Context,
    rules: ScoringRules,
    *,
    set_off: Bool,
    other_label: bool,
) -> CandidateScores:
    """Return the scores and priorities of all candidates.

    Args:
        judgement: verdict, reason and level set by the checks
        surroundings: surroundings code of each candidate
        context: context words of each candidate
        rules: scoring rules of the recognizers in this column
        set_off: True for candidates that no letter, digit or Hanzi touches
        other_label: True if the column's label names a thing that no recognizer finds (an amount)
    """
    count = len(candidates.start)
    scores = CandidateScores(
        np.empty(count, np.float64),
        np.empty(count, np.int16),
        np.empty(count, np.bool_),
        np.empty(count, np.int64),
    )
    _score_all(
        candidates.recognizer, candidates.start, candidates.end, judgement.verdict,
        judgement.reason, judgement.strength, surroundings, context.nearness, context.against,
        set_off, rules.base_level, rules.anchored, rules.outranks, rules.own_label, rules.by_chance,
        other_label, scores.score, scores.reason, scores.refused, scores.priority,
    )  # fmt: skip
    return scores


#: Parts of a priority from the weightiest down, with the number of values of each.
_PRIORITY_PARTS: Final = (
    ("reported", 2),
    ("unrefuted", 2),
    ("verified", 2),
    ("verified_length", 4096),
    ("outranks", 1024),
    ("length", 4096),
)


def deciding_part(winner: int, loser: int) -> str:
    """Return the name of the first part in which two priorities differ.

    ``label`` is the column label (or, for identity numbers, all their checks together).  The other
    parts are those of :class:`CandidateScores`.  ``earlier``: all parts are equal.

    >>> deciding_part(1 << 34, 0), deciding_part(7, 3), deciding_part(7, 7)
    ('verified', 'length', 'earlier')
    """
    decided_by = "earlier"
    for name, size in reversed(_PRIORITY_PARTS):
        winner, one = divmod(winner, size)
        loser, other = divmod(loser, size)
        if one != other:
            decided_by = name
    return "label" if winner != loser else decided_by

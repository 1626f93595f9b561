"""Scores: what a candidate is worth bare, with a word, under a label, and why it is refused.

Bare H 0.85, M 0.6, L 0.3; a context word raises to at least 0.6 (L) or 0.85 (M); a column label to
0.9.  A failed check is reported at 0.5 under its own label (a column's or one directly in front)
and refused elsewhere.  What stands around a candidate can hold it at 0.3 or refuse it.
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
from piiscan.jit import kernel, woven

LOW: Final = 0.3
REFUTED_LABELLED: Final = 0.5
LABELLED: Final = 0.9
#: By strength (recognizer's ``bare`` or what its check says): bare, and with a word that speaks.
BARE: Final = np.array([0.0, LOW, 0.6, 0.85])
WITH_WORD: Final = np.array([0.0, 0.6, 0.85, 0.85])
_SURE: Final = 50  # the rank of identity numbers: region, date and check character together
_REFUTED: Final = 0
_PLAUSIBLE: Final = 1
_VERIFIED: Final = 2

_NO_CONTEXT: Final = REASON["NO_CONTEXT"]
_NOT_LABELLED: Final = REASON["NOT_LABELLED"]
_AGAINST: Final = REASON["CONTEXT_AGAINST"]
_CHANCE: Final = REASON["CHANCE"]
_PLACEHOLDER: Final = REASON["PLACEHOLDER"]
#: Nothing around and no word, of the types that a kernel has for them.
_CLEAR: Final[Any] = np.uint8(CLEAR)
_NO: Final[Any] = np.bool_(False)
#: The reason for each code of surroundings.
_AROUND: Final = np.zeros(6, np.int16)
_AROUND[GLUED] = REASON["GLUED"]
_AROUND[DECIMAL] = REASON["DECIMAL"]
_AROUND[[AMOUNT_UNIT, AMOUNT_SIGN]] = REASON["AMOUNT"]
_AROUND[INSIDE_TOKEN] = REASON["INSIDE_TOKEN"]


@dataclass(frozen=True, slots=True)
class Traits:
    """What weighing must know of each recognizer.

    Bare worth, need of a word, rank, own label, and whether its check is passed by chance here.
    """

    strength: Int8
    anchored: UInt8
    outranks: Int64
    own_label: Bool
    by_chance: Bool


@dataclass(frozen=True, slots=True)
class Weights:
    """Per candidate: score, the final reason, whether it is refused, and its priority.

    ``priority`` is one number, higher wins: label, reported at all, not refuted, verified and
    long, rank, length.  This is domain.md's tie-break (label > checksum and structure > prefix
    > …) with the longer verified span first.  A value that fails its check under its own column
    gives way only to an identity number: the lucky checks of others are one in ten or one in 341.
    """

    score: Float64
    reason: Int16
    refused: Bool
    priority: Int64


@woven
def worth(
    verdict: int,
    checked: int,
    strength: int,
    own: bool,
    lucky: bool,
    elsewhere: bool,
    around: int,
    level: int,
    against: bool,
) -> tuple[float, int, bool]:  # pragma: no cover - compiled
    """What one candidate is worth, why not more, and whether it is refused.

    ``lucky``: its check is passed by chance here; ``elsewhere``: the column's label names
    something that no recognizer finds.  Numbers only, so that a loop can call it for each.
    """
    direct = level in (LABEL, FAR_LABEL)
    refuted = verdict == _REFUTED
    why = checked
    spoken_for = level >= NEAREST if strength <= 1 else level > 0
    value = WITH_WORD[strength] if spoken_for else BARE[strength]
    held = around in (GLUED, DECIMAL, AMOUNT_UNIT)
    contradicted = against and not direct
    elsewhere = elsewhere and verdict == _PLAUSIBLE and not direct
    lucky = lucky and verdict == _VERIFIED and not direct
    if (held or contradicted or elsewhere or lucky) and value > LOW:
        value = LOW
    if why == 0 and not held:
        if contradicted:
            why = _AGAINST
        elif elsewhere:
            why = _NOT_LABELLED
        elif lucky:
            why = _CHANCE
    if own:
        value = LABELLED
    if refuted:
        value = REFUTED_LABELLED
    elif around != CLEAR and not (own and held):
        why = int(_AROUND[around])
    out = around in (AMOUNT_SIGN, INSIDE_TOKEN) or checked == _PLACEHOLDER
    out = out or (refuted and not own and not direct)
    return value, why, out


@woven
def worth_alone(
    verdict: int,
    checked: int,
    strength: int,
    bare: int,
    own: bool,
    lucky: bool,
    elsewhere: bool,
) -> tuple[float, int, bool]:  # pragma: no cover - compiled
    """What a candidate is worth that has nothing beside it; ``bare`` where its check is silent."""
    if strength == 0:
        strength = bare
    return worth(verdict, checked, strength, own, lucky, elsewhere, _CLEAR, _CLEAR, _NO)


@kernel
def _weigh(
    recognizer: Int16,
    start: Int64,
    end: Int64,
    verdict: Int8,
    checked: Int16,
    strength: Int8,
    seen: UInt8,
    nearness: UInt8,
    against: Int32,
    alone: Bool,
    bare: Int8,
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
    for row in range(len(recognizer)):
        which = recognizer[row]
        own = own_label[which]
        value, why, out = worth(
            verdict[row], checked[row], strength[row] if strength[row] != 0 else bare[which],
            own, by_chance[which], other_label, seen[row], nearness[row], against[row] >= 0,
        )  # fmt: skip
        if anchored[which] and nearness[row] != LABEL and not (own and alone[row]):
            out = True
            why = _NO_CONTEXT
        refused[row] = out
        score[row] = 0.0 if out else value
        reason[row] = why
        length = min(end[row] - start[row], 4095)
        verified = verdict[row] == _VERIFIED
        rank = np.int64(0)
        if own:
            rank = np.int64(1 if verdict[row] == _REFUTED else 3)
        elif verified and value >= REFUTED_LABELLED and outranks[which] >= _SURE:
            rank = np.int64(2)
        rank = rank * 2 + (value >= REFUTED_LABELLED)
        rank = rank * 2 + (verdict[row] != _REFUTED)
        rank = rank * 2 + verified
        rank = rank * 4096 + (length if verified else 0)
        rank = rank * 1024 + min(max(outranks[which] + 512, 0), 1023)
        priority[row] = rank * 4096 + length


def weigh(
    candidates: Candidates,
    judged: Judgement,
    seen: UInt8,
    words: Context,
    traits: Traits,
    *,
    alone: Bool,
    other_label: bool,
) -> Weights:
    """The weights of all candidates.

    ``seen`` is what stands around each, ``alone`` whether it fills its cell (or is set off in it),
    ``other_label`` whether the column's label names something no recognizer finds (an amount).
    """
    count = len(candidates.start)
    weights = Weights(
        np.empty(count, np.float64),
        np.empty(count, np.int16),
        np.empty(count, np.bool_),
        np.empty(count, np.int64),
    )
    _weigh(
        candidates.recognizer, candidates.start, candidates.end, judged.verdict, judged.reason,
        judged.strength, seen, words.nearness, words.against, alone, traits.strength,
        traits.anchored, traits.outranks, traits.own_label, traits.by_chance, other_label,
        weights.score, weights.reason, weights.refused, weights.priority,
    )  # fmt: skip
    return weights


#: The parts of a priority from the weightiest down, with how many values each has.
_PARTS: Final = (
    ("reported", 2),
    ("unrefuted", 2),
    ("verified", 2),
    ("verified_length", 4096),
    ("outranks", 1024),
    ("length", 4096),
)


def deciding(winner: int, loser: int) -> str:
    """The first part of their priorities that tells winner and loser apart.

    ``label`` is its column's name (or, for identity numbers, all their checks together); the
    parts behind it as :class:`Weights` has them; ``earlier`` where all are equal.

    >>> deciding(1 << 34, 0), deciding(7, 3), deciding(7, 7)
    ('verified', 'length', 'earlier')
    """
    found = "earlier"
    for name, size in reversed(_PARTS):
        winner, one = divmod(winner, size)
        loser, other = divmod(loser, size)
        if one != other:
            found = name
    return "label" if winner != loser else found

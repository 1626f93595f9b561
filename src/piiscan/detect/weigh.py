"""Scores: what a candidate is worth bare, with a word, under a label, and why it is refused.

Bare H 0.85, M 0.6, L 0.3; a context word raises to at least 0.6 (L) or 0.85 (M); a column label to
0.9.  A failed check is reported at 0.5 under its own label (a column's or one directly in front)
and refused elsewhere.  What stands around a candidate can hold it at 0.3 or refuse it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from piiscan.detect import context as near
from piiscan.detect import surroundings as around
from piiscan.detect.checks import REASON, Judgement, Strength, Verdict
from piiscan.detect.context import Context

Bool = npt.NDArray[np.bool_]
Int64 = npt.NDArray[np.int64]
Float = npt.NDArray[np.float64]

LOW: Final = 0.3
REFUTED_LABELLED: Final = 0.5
LABELLED: Final = 0.9
_BARE = np.array([0.0, LOW, 0.6, 0.85])
_WITH_WORD = np.array([0.0, 0.6, 0.85, 0.85])
_AROUND: Final = {
    around.GLUED: "GLUED",
    around.DECIMAL: "DECIMAL",
    around.AMOUNT_UNIT: "AMOUNT",
    around.AMOUNT_SIGN: "AMOUNT",
    around.INSIDE_TOKEN: "INSIDE_TOKEN",
}


@dataclass(frozen=True, slots=True)
class Weights:
    """Per candidate: score, the final reason, whether it is refused, whether its label names it."""

    score: Float
    reason: npt.NDArray[np.int16]
    refused: Bool
    labelled: Bool


def weigh(
    strength: npt.NDArray[np.int8],
    judged: Judgement,
    seen: npt.NDArray[np.uint8],
    words: Context,
    *,
    own_label: Bool,
    other_label: bool,
    anchored: Bool,
    alone: Bool,
) -> Weights:
    """The weights of ``k`` candidates.

    ``strength`` is each recognizer's bare worth, ``own_label`` whether the column's label names
    it, ``other_label`` whether the label names something no recognizer here finds (an amount, a
    time), ``anchored`` whether it needs a word in front, ``alone`` whether it fills its cell.
    """
    worth = np.where(judged.strength != Strength.KEEP, judged.strength, strength)
    refuted = judged.verdict == Verdict.REFUTED
    level = words.nearness
    direct = (level == near.LABEL) | (level == near.FAR_LABEL)
    enough = np.where(worth <= Strength.LOW, level >= near.NEAREST, level > near.NONE)
    score = np.where(enough, _WITH_WORD[worth], _BARE[worth])
    reason = judged.reason.copy()

    anchor_missing = anchored & (level != near.LABEL) & ~(own_label & alone)
    held = np.isin(seen, (around.GLUED, around.DECIMAL, around.AMOUNT_UNIT))
    against = (words.against >= 0) & ~direct
    elsewhere = other_label & (judged.verdict == Verdict.PLAUSIBLE) & ~direct
    for where, why in ((against, "CONTEXT_AGAINST"), (elsewhere, "NOT_LABELLED")):
        reason[where & ~held & (reason == 0)] = REASON[why]
    score[(held | against | elsewhere) & (score > LOW)] = LOW

    score[own_label] = LABELLED
    score[refuted] = REFUTED_LABELLED
    for code, name in _AROUND.items():
        reason[(seen == code) & ~(own_label & held) & ~refuted] = REASON[name]
    reason[anchor_missing] = REASON["NO_CONTEXT"]
    refused = np.isin(seen, (around.AMOUNT_SIGN, around.INSIDE_TOKEN)) | anchor_missing
    refused |= refuted & ~own_label & ~direct
    refused |= judged.reason == REASON["PLACEHOLDER"]
    score[refused] = 0.0
    return Weights(score, reason, refused, own_label & ~refuted)


def priority(
    weights: Weights,
    verdict: npt.NDArray[np.int8],
    length: Int64,
    outranks: Int64,
) -> Int64:
    """One number a candidate, higher wins: label, reported at all, verified and long, rank, length.

    This is domain.md's tie-break (label > checksum and structure > prefix > …) with the longer
    verified span first.
    """
    verified = verdict == Verdict.VERIFIED
    reported = (weights.score >= 0.5) & (verdict != Verdict.REFUTED)
    span = np.minimum(length, 4095)
    rank = np.clip(outranks + 512, 0, 1023)
    number = weights.labelled.astype(np.int64)
    number = number * 2 + reported
    number = number * 2 + (verdict != Verdict.REFUTED)
    number = number * 2 + verified
    number = number * 4096 + np.where(verified, span, 0)
    number = number * 1024 + rank
    result: Int64 = number * 4096 + span
    return result

"""Arithmetic of identifiers: one module each, over matrices of canonical values.

A check module has ``check(chars, length, *, as_of) -> Judgement`` and may have
``canonical(chars, length)``; see recognizers/README.md for the contract.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np

from piiscan.arrays import Bool, Int8, Int16, Int64, UInt8
from piiscan.jit import kernel


class Verdict(IntEnum):
    """What a check says: passed, nothing to check, failed."""

    REFUTED = 0
    PLAUSIBLE = 1
    VERIFIED = 2


#: In place of a verdict, of one value alone: only the whole check can tell.
UNSAID: Final = -1


class Strength(IntEnum):
    """How much a bare value is worth; KEEP leaves it to the recognizer's ``bare``."""

    KEEP = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3


#: Reason codes, by number; their Chinese and English names stand in vocabulary.yaml.
REASONS: Final = (
    "",
    "CHECK_FAIL",
    "DATE_IMPOSSIBLE",
    "DATE_FUTURE",
    "DATE_BEFORE_1900",
    "REGION_UNKNOWN",
    "PROVINCE_UNKNOWN",
    "PREFIX_UNALLOTTED",
    "AREA_CODE_UNKNOWN",
    "LENGTH_WRONG",
    "BIN_UNKNOWN",
    "BIN_LENGTH",
    "LUHN_FAIL",
    "COUNTRY_UNKNOWN",
    "TLD_UNKNOWN",
    "EMAIL_SYNTAX",
    "SYSTEM_MAILBOX",
    "TEST_LIKE",
    "FILLER",
    "LOOKS_LIKE_DATE",
    "EPOCH_TIME",
    "EAN_BARCODE",
    "MASKED",
    "DAMAGED_SCI",
    "DAMAGED_15SIG",
    "VIRTUAL_NUMBER",
    "ORG_ONLY",
    "SYSTEM_ACCOUNT",
    # set by the engine from what stands around a candidate
    "GLUED",
    "INSIDE_TOKEN",
    "DECIMAL",
    "AMOUNT",
    "CONTEXT_AGAINST",
    "NO_CONTEXT",
    "LOST",
    "NOT_LABELLED",
    # later additions; the order above stays, so that numbers keep their meaning
    "BIRTH_RECENT",
    "PLACEHOLDER",
    "PLAIN_WORD",
    "CHECK_UNUSED",
    "SHAPE_UNUSUAL",
    "PRIVATE_ADDRESS",
    "OUT_OF_RANGE",
    "CHANCE",
    "MIXED_CELL",
)
REASON: Final = {name: number for number, name in enumerate(REASONS)}


@dataclass(frozen=True, slots=True)
class Judgement:
    """The outcome of a check, an entry a row; ``strength`` overrides what a bare value is worth."""

    verdict: Int8
    reason: Int16
    strength: Int8

    @classmethod
    def of(cls, rows: int, verdict: Verdict = Verdict.PLAUSIBLE) -> Judgement:
        """``rows`` equal judgements without a reason.

        >>> Judgement.of(2).verdict.tolist()
        [1, 1]
        """
        return cls(
            np.full(rows, verdict, np.int8), np.zeros(rows, np.int16), np.zeros(rows, np.int8)
        )

    @classmethod
    def empty(cls, rows: int) -> Judgement:
        """Room for ``rows`` judgements."""
        return cls(np.empty(rows, np.int8), np.empty(rows, np.int16), np.empty(rows, np.int8))

    def put(self, rows: Int64, those: Judgement) -> None:
        """Make ``those`` the judgements of ``rows``."""
        _put(
            rows,
            *(those.verdict, those.reason, those.strength),
            *(self.verdict, self.reason, self.strength),
        )

    def take(self, rows: Int64) -> Judgement:
        """Those of ``rows``."""
        return Judgement(self.verdict[rows], self.reason[rows], self.strength[rows])

    def mark(
        self,
        where: Bool,
        reason: str,
        *,
        verdict: Verdict | None = None,
        strength: Strength | None = None,
    ) -> None:
        """Note ``reason`` (and a new verdict or strength) where no reason stands yet."""
        if not where.any():
            return
        fresh = where & (self.reason == 0)
        self.reason[fresh] = REASON[reason]
        if verdict is not None:
            self.verdict[fresh] = verdict
        if strength is not None:
            self.strength[fresh] = strength


@kernel
def _put(
    rows: Int64,
    verdict: Int8,
    reason: Int16,
    strength: Int8,
    out_verdict: Int8,
    out_reason: Int16,
    out_strength: Int8,
) -> None:  # pragma: no cover - compiled
    for at in range(len(rows)):
        row = rows[at]
        out_verdict[row] = verdict[at]
        out_reason[row] = reason[at]
        out_strength[row] = strength[at]


def are_spelt(chars: UInt8, known: frozenset[bytes]) -> Bool:
    """Which values, uint8[k, w], are one of the ``known`` words (small letters) in either case.

    >>> are_spelt(np.array([[65, 98, 0]], np.uint8), frozenset({b"ab"})).tolist()
    [True]
    """
    spelt = np.ascontiguousarray(chars).view(f"S{chars.shape[1]}")[:, 0].tolist()
    return np.array([each.lower() in known for each in spelt], np.bool_)


def digits(chars: UInt8) -> UInt8:
    """Digit values of ASCII digits; anything else gives a number above 9.

    >>> digits(np.frombuffer(b"07", np.uint8)).tolist()
    [0, 7]
    """
    return chars - np.uint8(48)

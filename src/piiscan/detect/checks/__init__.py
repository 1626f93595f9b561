"""Checks of identifiers: one module each, over matrices of canonical values.

A check module has ``check(chars, length, *, as_of) -> Judgement`` and can have
``canonical(chars, length)``; recognizers/README.md has the contract.
``110105194912310021 (wrong check digit) -> REFUTED, CHECK_FAIL``
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final, NamedTuple

import numpy as np

from piiscan.arrays import Bool, Int8, Int16, UInt8


class Verdict(IntEnum):
    """Result of a check: failed, nothing to check, passed."""

    REFUTED = 0
    PLAUSIBLE = 1
    VERIFIED = 2


class Strength(IntEnum):
    """Base level of a value without context; KEEP leaves it to the recognizer's ``bare``."""

    KEEP = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3


#: Reason codes, by number; vocabulary.yaml has their Chinese and English names.
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
    # set by the engine from the surroundings of a candidate
    "GLUED",
    "INSIDE_TOKEN",
    "DECIMAL",
    "AMOUNT",
    "CONTEXT_AGAINST",
    "NO_CONTEXT",
    "LOST",
    "NOT_LABELLED",
    # later additions; the order above must not change, so that numbers keep their meaning
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


class Judgement(NamedTuple):
    """Result of a check, one entry a row; ``strength`` overrides the recognizer's base level."""

    verdict: Int8
    reason: Int16
    strength: Int8

    @classmethod
    def of(cls, rows: int, verdict: Verdict = Verdict.PLAUSIBLE) -> Judgement:
        """Return ``rows`` judgements with the same ``verdict`` and no reason.

        >>> Judgement.of(2).verdict.tolist()
        [1, 1]
        """
        return cls(
            np.full(rows, verdict, np.int8), np.zeros(rows, np.int16), np.zeros(rows, np.int8)
        )

    def mark(
        self,
        where: Bool,
        reason: str,
        *,
        verdict: Verdict | None = None,
        strength: Strength | None = None,
    ) -> None:
        """Set reason code ``reason`` where the mask ``where`` is True and no reason is set yet.

        ``verdict`` and ``strength``, if given, are set for the same rows.
        """
        if not where.any():
            return
        unmarked = where & (self.reason == 0)
        self.reason[unmarked] = REASON[reason]
        if verdict is not None:
            self.verdict[unmarked] = verdict
        if strength is not None:
            self.strength[unmarked] = strength


def are_words(chars: UInt8, words: frozenset[bytes]) -> Bool:
    """Return ``bool[k]``: True for values (rows of ``chars``) in ``words``, upper or lower case.

    ``chars``: uint8[k, w]; ``words`` are in small letters.

    >>> are_words(np.array([[65, 98, 0]], np.uint8), frozenset({b"ab"})).tolist()
    [True]
    """
    spelt = np.ascontiguousarray(chars).view(f"S{chars.shape[1]}")[:, 0].tolist()
    return np.array([each.lower() in words for each in spelt], np.bool_)


def digits(chars: UInt8) -> UInt8:
    """Convert ASCII codes to digit values (``"7" -> 7``); a non-digit becomes a number above 9.

    >>> digits(np.frombuffer(b"07", np.uint8)).tolist()
    [0, 7]
    """
    return chars - np.uint8(48)

"""Card numbers that a spreadsheet has rounded: ``6.217E+18``, or nineteen digits ending in 0000."""

from __future__ import annotations

from piiscan.arrays import Int32, UInt8
from piiscan.detect.checks import Judgement, judge_rows
from piiscan.detect.checks.check_kernels import DAMAGED_BANK_CARD_CHECK


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge rounded bank cards: plausible (DAMAGED_…); refuted by unlisted issuer or valid Luhn.

    >>> import numpy as np
    >>> value = np.frombuffer(b"6217000000000230000", np.uint8)[None]
    >>> check(value, np.array([19], np.int32), as_of=20261231).verdict.tolist()
    [1]
    """
    return judge_rows(DAMAGED_BANK_CARD_CHECK, chars, length, as_of)

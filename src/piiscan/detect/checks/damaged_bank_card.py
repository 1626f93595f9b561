"""Card numbers that a spreadsheet has rounded: ``6.217E+18``, or nineteen digits ending in 0000."""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Int32, UInt8
from piiscan.data import bins
from piiscan.detect.arithmetic.digits import digit_columns, luhn
from piiscan.detect.checks import Judgement, Verdict
from piiscan.detect.checks.bank_card import first_ten
from piiscan.detect.checks.damaged_id import is_scientific

_LENGTH: Final = 19


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge rounded bank cards: plausible (DAMAGED_…); refuted by unlisted issuer or valid Luhn.

    >>> value = np.frombuffer(b"6217000000000230000", np.uint8)[None]
    >>> check(value, np.array([19], np.int32), as_of=20261231).verdict.tolist()
    [1]
    """
    del as_of
    judged = Judgement.of(len(chars))
    judged.mark(is_scientific(chars), "DAMAGED_SCI")
    digits = digit_columns(chars, _LENGTH)
    listed = (bins().lengths(first_ten(digits[:10])) >> np.uint32(_LENGTH)) & np.uint32(1)
    zeros = (digits[15:] == 0).all(axis=0) & (length == _LENGTH)
    rounded = zeros & (listed == 1) & ~luhn(chars, length, _LENGTH)
    judged.mark(~rounded, "BIN_UNKNOWN", verdict=Verdict.REFUTED)
    judged.mark(rounded, "DAMAGED_15SIG")
    return judged

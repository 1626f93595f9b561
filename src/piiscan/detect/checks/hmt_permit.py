"""Residence permits of Hong Kong, Macau and Taiwan (2018): as an ID, with code 81/82/830000."""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.detect.checks import Int32, Judgement, UInt8, Verdict
from piiscan.detect.checks.numerals import digit_columns, number
from piiscan.detect.checks.resident_id import note_birth, refuse

_CODES: Final = (810_000, 820_000, 830_000)


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Verified where the code is one of the three and date and check character are right.

    >>> value = np.frombuffer(b"810000190506150016", np.uint8)[None]
    >>> check(value, np.array([18], np.int32), as_of=20261231).verdict.tolist()
    [2]
    """
    digits = digit_columns(chars, 18)
    judged = Judgement.of(len(chars), Verdict.VERIFIED)
    refuse(judged, digits, length, ~np.isin(number(digits[:6]), _CODES))
    note_birth(judged, digits, as_of=as_of)
    return judged

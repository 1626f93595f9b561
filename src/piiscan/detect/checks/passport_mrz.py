"""Passport MRZ, second line, of Chinese passports (ICAO Doc 9303 part 4, TD3).

Number, CHN, birth, sex, expiry and optional data, with five check digits: weights 7 3 1, letters
count 10 to 35 and ``<`` 0, modulo 10.  The value is the number; a line that fails stays whole.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Bool, Int32, UInt8
from piiscan.detect.arithmetic.check_steps import Step
from piiscan.detect.checks import Judgement, Verdict

_LENGTH: Final = 44
_NUMBER: Final = 9
_VALUES: Final = np.full(256, 0, np.int32)
_VALUES[48:58] = np.arange(10)
_VALUES[65:91] = np.arange(10, 36)
#: Fields [start, end) with a check digit after each: number, birth, expiry, optional data.
_FIELDS: Final = ((0, 9), (13, 19), (21, 27), (28, 42))
_COMPOSITE: Final = np.r_[0:10, 13:20, 21:43]  # positions covered by the last check digit


def canonical(chars: UInt8, length: Int32) -> tuple[UInt8, Int32]:
    """Return the passport number of each MRZ line; the line itself if a check digit is wrong.

    >>> line = b"E000000019CHN8001014M3001019<<<<<<<<<<<<<<04"
    >>> rows, sizes = canonical(np.frombuffer(line, np.uint8)[None], np.array([44], np.int32))
    >>> rows[0, : sizes[0]].tobytes()
    b'E00000001'
    """
    right = (length == _LENGTH) & (_all_checks_pass(chars) if chars.shape[1] >= _LENGTH else False)
    padded = right & (chars[:, min(_NUMBER, chars.shape[1]) - 1] == ord("<"))
    size = np.where(right, _NUMBER - padded, length).astype(np.int32)
    return np.where(np.arange(chars.shape[1]) < size[:, None], chars, 0).astype(np.uint8), size


def _all_checks_pass(chars: UInt8) -> Bool:
    """Return a mask of the MRZ lines in which all five check digits are right."""
    values = _VALUES[chars[:, :_LENGTH]]
    right = _check_digit(values[:, _COMPOSITE]) == values[:, 43]
    for first, last in _FIELDS:
        right &= _check_digit(values[:, first:last]) == values[:, last]
    result: Bool = right
    return result


def _check_digit(values: Int32) -> Int32:
    """Compute the MRZ check digit of each row of character values: int32[k]."""
    weights = np.resize(np.array([7, 3, 1], np.int32), values.shape[1])
    total: Int32 = values @ weights % np.int32(10)
    return total


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge MRZ values: verified if :func:`canonical` made a passport number, else refuted.

    >>> value = np.frombuffer(b"E00000001", np.uint8)[None]
    >>> check(value, np.array([9], np.int32), as_of=20261231).verdict.tolist()
    [2]
    """
    del as_of
    judged = Judgement.of(len(chars), Verdict.VERIFIED)
    judged.mark(length > _NUMBER, "CHECK_FAIL", verdict=Verdict.REFUTED)
    return judged


def steps(value: str, *, as_of: int) -> list[Step]:
    """Return the check step of an MRZ line: all five check digits are right.

    Only then the value is the number alone.

    >>> [step.passed for step in steps("E00000001", as_of=20261231)]
    [True]
    """
    del as_of
    return [Step("mrz", len(value) <= _NUMBER)]

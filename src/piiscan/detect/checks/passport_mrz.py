"""Second line of the machine-readable zone of a Chinese passport (ICAO Doc 9303 part 4, TD3).

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
#: First and last places that a check digit behind them covers: number, birth, expiry, the rest.
_FIELDS: Final = ((0, 9), (13, 19), (21, 27), (28, 42))
_ALL: Final = np.r_[0:10, 13:20, 21:43]  # what the last digit covers


def canonical(chars: UInt8, length: Int32) -> tuple[UInt8, Int32]:
    """The passport number where every check digit is right, else the line as it stands.

    >>> line = b"E000000019CHN8001014M3001019<<<<<<<<<<<<<<04"
    >>> rows, sizes = canonical(np.frombuffer(line, np.uint8)[None], np.array([44], np.int32))
    >>> rows[0, : sizes[0]].tobytes()
    b'E00000001'
    """
    right = (length == _LENGTH) & (_right(chars) if chars.shape[1] >= _LENGTH else False)
    padded = right & (chars[:, min(_NUMBER, chars.shape[1]) - 1] == ord("<"))
    size = np.where(right, _NUMBER - padded, length).astype(np.int32)
    return np.where(np.arange(chars.shape[1]) < size[:, None], chars, 0).astype(np.uint8), size


def _right(chars: UInt8) -> Bool:
    values = _VALUES[chars[:, :_LENGTH]]
    right = _sum(values[:, _ALL]) == values[:, 43]
    for first, last in _FIELDS:
        right &= _sum(values[:, first:last]) == values[:, last]
    result: Bool = right
    return result


def _sum(values: Int32) -> Int32:
    weights = np.resize(np.array([7, 3, 1], np.int32), values.shape[1])
    total: Int32 = values @ weights % np.int32(10)
    return total


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Verified where :func:`canonical` left a passport number, refuted elsewhere.

    >>> value = np.frombuffer(b"E00000001", np.uint8)[None]
    >>> check(value, np.array([9], np.int32), as_of=20261231).verdict.tolist()
    [2]
    """
    del as_of
    judged = Judgement.of(len(chars), Verdict.VERIFIED)
    judged.mark(length > _NUMBER, "CHECK_FAIL", verdict=Verdict.REFUTED)
    return judged


def steps(value: str, *, as_of: int) -> list[Step]:
    """Whether the five check digits of the line agreed; only then the value is the number alone.

    >>> [step.passed for step in steps("E00000001", as_of=20261231)]
    [True]
    """
    del as_of
    return [Step("mrz", len(value) <= _NUMBER)]

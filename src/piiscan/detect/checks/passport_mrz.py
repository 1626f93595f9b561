"""Passport MRZ, second line, of Chinese passports (ICAO Doc 9303 part 4, TD3).

Number, CHN, birth, sex, expiry and optional data, with five check digits: weights 7 3 1, letters
count 10 to 35 and ``<`` 0, modulo 10.  The value is the number; a line that fails stays whole.
"""

from __future__ import annotations

from typing import Final

from piiscan.arrays import Int32, UInt8
from piiscan.detect.arithmetic.check_steps import Step
from piiscan.detect.checks import Judgement, canonical_rows, judge_rows
from piiscan.detect.checks.check_kernels import PASSPORT_MRZ_CHECK

_NUMBER: Final = 9


def canonical(chars: UInt8, length: Int32) -> tuple[UInt8, Int32]:
    """Return the passport number of each MRZ line; the line itself if a check digit is wrong.

    >>> import numpy as np
    >>> line = b"E000000019CHN8001014M3001019<<<<<<<<<<<<<<04"
    >>> rows, sizes = canonical(np.frombuffer(line, np.uint8)[None], np.array([44], np.int32))
    >>> rows[0, : sizes[0]].tobytes()
    b'E00000001'
    """
    return canonical_rows(PASSPORT_MRZ_CHECK, chars, length)


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge MRZ values: verified if :func:`canonical` made a passport number, else refuted.

    >>> import numpy as np
    >>> value = np.frombuffer(b"E00000001", np.uint8)[None]
    >>> check(value, np.array([9], np.int32), as_of=20261231).verdict.tolist()
    [2]
    """
    return judge_rows(PASSPORT_MRZ_CHECK, chars, length, as_of)


def steps(value: str, *, as_of: int) -> list[Step]:
    """Return the check step of an MRZ line: all five check digits are right.

    Only then the value is the number alone.

    >>> [step.passed for step in steps("E00000001", as_of=20261231)]
    [True]
    """
    del as_of
    return [Step("mrz", len(value) <= _NUMBER)]

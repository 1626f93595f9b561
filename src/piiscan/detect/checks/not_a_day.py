"""Eight digits after a label (台胞证) that must not be a date: a date is likelier than a number."""

from __future__ import annotations

from piiscan.arrays import Int32, UInt8
from piiscan.detect.checks import Judgement, judge_rows
from piiscan.detect.checks.check_kernels import NOT_A_DAY_CHECK


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge labelled numbers (台胞证): plausible; refuted (PLACEHOLDER) if a day of 1900 to 2099.

    >>> import numpy as np
    >>> value = np.frombuffer(b"2023071200000123", np.uint8).reshape(2, 8)
    >>> check(value, np.full(2, 8, np.int32), as_of=20261231).verdict.tolist()
    [0, 1]
    """
    return judge_rows(NOT_A_DAY_CHECK, chars, length, as_of)

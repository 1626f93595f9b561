"""Waybill numbers of no known form: plausible, with a remark (SHAPE_UNUSUAL)."""

from __future__ import annotations

from piiscan.arrays import Int32, UInt8
from piiscan.detect.checks import Judgement, judge_rows
from piiscan.detect.checks.check_kernels import UNKNOWN_WAYBILL_CHECK


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge waybill numbers of no known form: plausible, with the reason SHAPE_UNUSUAL.

    >>> import numpy as np
    >>> value = np.frombuffer(b"XK20230506001", np.uint8)[None]
    >>> check(value, np.array([13], np.int32), as_of=20261231).verdict.tolist()
    [1]
    """
    return judge_rows(UNKNOWN_WAYBILL_CHECK, chars, length, as_of)

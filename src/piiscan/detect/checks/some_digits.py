"""Codes after a label (验证码, 订单号): a value without digits is a word, not a code."""

from __future__ import annotations

from piiscan.arrays import Int32, UInt8
from piiscan.detect.checks import Judgement, judge_rows
from piiscan.detect.checks.check_kernels import SOME_DIGITS_CHECK


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge codes (验证码, 订单号): plausible with at least two digits, else refuted (PLACEHOLDER).

    >>> import numpy as np
    >>> value = np.frombuffer(b"login88888", np.uint8).reshape(2, 5)
    >>> check(value, np.full(2, 5, np.int32), as_of=20261231).verdict.tolist()
    [0, 1]
    """
    return judge_rows(SOME_DIGITS_CHECK, chars, length, as_of)

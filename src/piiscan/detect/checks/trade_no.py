"""Transaction numbers that contain their day: Pinduoduo orders, WeChat Pay, Alipay.

They are recognised so that no part of them is reported as another kind.
"""

from __future__ import annotations

from piiscan.arrays import Int32, UInt8
from piiscan.detect.checks import Judgement, judge_rows
from piiscan.detect.checks.check_kernels import TRADE_NO_CHECK


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge transaction numbers: plausible with a day of this century, else refuted.

    The form yymmdd-… is MEDIUM.

    >>> import numpy as np
    >>> value = np.frombuffer(b"230712-000000000000001", np.uint8)[None]
    >>> check(value, np.array([22], np.int32), as_of=20261231).strength.tolist()
    [2]
    """
    return judge_rows(TRADE_NO_CHECK, chars, length, as_of)

"""QQ numbers: no check digit; the first few are accounts of the operator itself."""

from __future__ import annotations

from piiscan.arrays import Int32, UInt8
from piiscan.detect.checks import Judgement, judge_rows
from piiscan.detect.checks.check_kernels import QQ_NUMBER_CHECK


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge QQ numbers: plausible; LOW with the reason SYSTEM_ACCOUNT for 10000 and 10001.

    >>> import numpy as np
    >>> value = np.frombuffer(b"1000090000", np.uint8).reshape(2, 5)
    >>> check(value, np.full(2, 5, np.int32), as_of=20261231).strength.tolist()
    [1, 0]
    """
    return judge_rows(QQ_NUMBER_CHECK, chars, length, as_of)

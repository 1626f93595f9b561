"""QQ numbers: no check digit; the first few are accounts of the operator itself."""

from __future__ import annotations

from typing import Final

from piiscan.arrays import Int32, UInt8
from piiscan.detect.arithmetic.digits import digit_columns, is_among, number
from piiscan.detect.checks import Judgement, Strength

_SYSTEM: Final = (10000, 10001)


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge QQ numbers: plausible; LOW with the reason SYSTEM_ACCOUNT for 10000 and 10001.

    >>> import numpy as np
    >>> value = np.frombuffer(b"1000090000", np.uint8).reshape(2, 5)
    >>> check(value, np.full(2, 5, np.int32), as_of=20261231).strength.tolist()
    [1, 0]
    """
    del as_of
    judged = Judgement.of(len(chars))
    five = is_among(number(digit_columns(chars, 5)), _SYSTEM) & (length == 5)
    judged.mark(five, "SYSTEM_ACCOUNT", strength=Strength.LOW)
    return judged

"""QQ numbers: no check digit; the first few are accounts of the operator itself."""

from __future__ import annotations

from typing import Final

from piiscan.arrays import Int32, UInt8
from piiscan.detect.arithmetic.digits import number_at
from piiscan.detect.checks import REASON, Judgement, Strength
from piiscan.jit import kernel

_SYSTEM: Final = (10000, 10001)
_SYSTEM_ACCOUNT: Final = REASON["SYSTEM_ACCOUNT"]
_LOW: Final = int(Strength.LOW)


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge QQ numbers: plausible; LOW with the reason SYSTEM_ACCOUNT for 10000 and 10001.

    >>> import numpy as np
    >>> value = np.frombuffer(b"1000090000", np.uint8).reshape(2, 5)
    >>> check(value, np.full(2, 5, np.int32), as_of=20261231).strength.tolist()
    [1, 0]
    """
    del as_of
    judged = Judgement.of(len(chars))
    _mark_system(chars, length, judged)
    return judged


@kernel
def _mark_system(
    chars: UInt8, length: Int32, judged: Judgement
) -> None:  # pragma: no cover - compiled
    """Mark the accounts of the operator among the rows of ``chars``."""
    for row in range(len(chars)):
        number = number_at(chars, row, 0, 5)
        if length[row] == 5 and (number == _SYSTEM[0] or number == _SYSTEM[1]):
            judged.reason[row], judged.strength[row] = _SYSTEM_ACCOUNT, _LOW

"""Macau identity cards: seven digits and a check digit in brackets, whose rule is not public."""

from __future__ import annotations

from piiscan.arrays import Int32, UInt8
from piiscan.detect.checks import canonical_rows
from piiscan.detect.checks.check_kernels import MO_ID_CHECK


def canonical(chars: UInt8, length: Int32) -> tuple[UInt8, Int32]:
    """Bracket the last digit of Macau card numbers: ``12345678 -> 1234567(8)``.

    >>> import numpy as np
    >>> rows, sizes = canonical(np.frombuffer(b"12345678", np.uint8)[None], np.array([8], np.int32))
    >>> rows[0, : sizes[0]].tobytes()
    b'1234567(8)'
    """
    return canonical_rows(MO_ID_CHECK, chars, length)

"""Macau identity cards: seven digits and a check digit in brackets, whose rule is not public."""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Int32, UInt8

_BODY: Final = 7


def canonical(chars: UInt8, length: Int32) -> tuple[UInt8, Int32]:
    """Bracket the last digit of Macau card numbers: ``12345678 -> 1234567(8)``.

    >>> rows, sizes = canonical(np.frombuffer(b"12345678", np.uint8)[None], np.array([8]))
    >>> rows[0, : sizes[0]].tobytes()
    b'1234567(8)'
    """
    out = np.zeros((len(chars), _BODY + 3), np.uint8)
    out[:, :_BODY] = chars[:, :_BODY]
    out[:, _BODY] = ord("(")
    out[:, _BODY + 1] = chars[:, _BODY]
    out[:, _BODY + 2] = ord(")")
    return out, (length + 2).astype(np.int32)

"""MAC addresses (IEEE 802): twelve hexadecimal digits that identify one device.

Null, broadcast and group addresses identify none.  Pairs of digits can also be a day and a time.
"""

from __future__ import annotations

from piiscan.arrays import Int32, UInt8
from piiscan.detect.checks import Judgement, canonical_rows, judge_rows
from piiscan.detect.checks.check_kernels import MAC_CHECK


def canonical(chars: UInt8, length: Int32) -> tuple[UInt8, Int32]:
    """Format MAC addresses as twelve hexadecimal digits with a colon after each pair.

    >>> import numpy as np
    >>> value = np.frombuffer(b"0A1B2C3D4E5F", np.uint8)[None]
    >>> canonical(value, np.array([12], np.int32))[0].tobytes().rstrip(bytes(1))
    b'0A:1B:2C:3D:4E:5F'
    """
    return canonical_rows(MAC_CHECK, chars, length)


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge MACs: plausible; refuted for null and broadcast; LOW for group addresses and times.

    >>> import numpy as np
    >>> value = np.frombuffer(b"02:00:00:00:00:01", np.uint8)[None]
    >>> check(value, np.array([17], np.int32), as_of=20261231).verdict.tolist()
    [1]
    """
    return judge_rows(MAC_CHECK, chars, length, as_of)

"""Coordinate pairs: four or more decimals each, inside the box around the mainland.

Longitudes (73.4 to 135.1) and latitudes (3.8 to 53.6) of China never overlap, so the numbers show
their order.  They do not show their datum (WGS-84, GCJ-02, BD-09).
pair := number [separator] number, e.g. ``28.2282;112.9388 -> 112.9388,28.2282``
"""

from __future__ import annotations

from piiscan.arrays import Int32, UInt8
from piiscan.detect.checks import Judgement, canonical_rows, judge_rows
from piiscan.detect.checks.check_kernels import GPS_CHECK


def canonical(chars: UInt8, length: Int32) -> tuple[UInt8, Int32]:
    """Return coordinate pairs as ``longitude,latitude`` with all decimals, from either order.

    >>> import numpy as np
    >>> value = np.frombuffer(b"28.2282;112.9388", np.uint8)[None]
    >>> canonical(value, np.array([16], np.int32))[0].tobytes().rstrip(bytes(1))
    b'112.9388,28.2282'
    """
    return canonical_rows(GPS_CHECK, chars, length)


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge coordinate pairs ``longitude,latitude``: plausible in the mainland, else OUT_OF_RANGE.

    >>> import numpy as np
    >>> value = np.frombuffer(b"112.9388,28.2282", np.uint8)[None]
    >>> check(value, np.array([16], np.int32), as_of=20261231).verdict.tolist()
    [1]
    """
    return judge_rows(GPS_CHECK, chars, length, as_of)

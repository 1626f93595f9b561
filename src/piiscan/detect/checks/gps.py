"""Coordinate pairs: four or more decimals each, inside the box around the mainland.

Longitudes (73.4 to 135.1) and latitudes (3.8 to 53.6) of China never overlap, so the numbers show
their order.  They do not show their datum (WGS-84, GCJ-02, BD-09).
pair := number [separator] number, e.g. ``28.2282;112.9388 -> 112.9388,28.2282``
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Bool, Int32, Int64, UInt8
from piiscan.detect.checks import Judgement, Verdict
from piiscan.detect.checks.check_kernels import read_coordinates, write_coordinates

_LONGITUDE: Final = (734_000, 1_351_000)
_LATITUDE: Final = (38_000, 536_000)


def _numbers(chars: UInt8, length: Int32) -> Int64:
    """Return start, end, value of the two numbers of each coordinate pair: int64[k, 2, 3].

    The value is -1 if the number is absent.
    """
    found = np.zeros((len(chars), 2, 3), np.int64)
    found[:, :, 2] = -1
    read_coordinates(np.ascontiguousarray(chars), length, found)
    return found


def canonical(chars: UInt8, length: Int32) -> tuple[UInt8, Int32]:
    """Return coordinate pairs as ``longitude,latitude`` with all decimals, from either order.

    >>> value = np.frombuffer(b"28.2282;112.9388", np.uint8)[None]
    >>> canonical(value, np.array([16], np.int32))[0].tobytes().rstrip(bytes(1))
    b'112.9388,28.2282'
    """
    made = np.zeros((len(chars), chars.shape[1] + 1), np.uint8)
    size = np.zeros(len(chars), np.int32)
    write_coordinates(np.ascontiguousarray(chars), _numbers(chars, length), made, size)
    return made, size


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge coordinate pairs ``longitude,latitude``: plausible in the mainland, else OUT_OF_RANGE.

    >>> value = np.frombuffer(b"112.9388,28.2282", np.uint8)[None]
    >>> check(value, np.array([16], np.int32), as_of=20261231).verdict.tolist()
    [1]
    """
    del as_of
    found = _numbers(chars, length)
    inside: Bool = _is_within(found[:, 0, 2], _LONGITUDE) & _is_within(found[:, 1, 2], _LATITUDE)
    judged = Judgement.of(len(chars))
    judged.mark(~inside, "OUT_OF_RANGE", verdict=Verdict.REFUTED)
    return judged


def _is_within(number: Int64, box: tuple[int, int]) -> Bool:
    """Return a mask of the coordinates between both ends of ``box``, inclusive."""
    result: Bool = (number >= box[0]) & (number <= box[1])
    return result

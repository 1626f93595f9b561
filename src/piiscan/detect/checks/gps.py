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
from piiscan.jit import inner, kernel

_DECIMALS: Final = 4
_LONGITUDE: Final = (734_000, 1_351_000)
_LATITUDE: Final = (38_000, 536_000)


@inner
def _begins_second(
    chars: UInt8, start: int, place: int, decimals: int, length: int
) -> bool:  # pragma: no cover - compiled
    """Return True if a coordinate pair without separator has its second number at ``place``.

    The value has lost its blank.  After a longitude (73 or more) come two digits and a point, after
    a latitude three digits, or two.
    """
    if decimals < _DECIMALS:
        return False
    three = place + 3 < length and chars[place + 3] == 46
    two = place + 2 < length and chars[place + 2] == 46
    latitude_first = chars[start + 2] == 46 and chars[start] < 55
    if latitude_first and three:
        return bool(chars[place] == 49)
    return bool(two and not (latitude_first and chars[place] < 55))


@kernel
def _read_numbers(chars: UInt8, length: Int32, found: Int64) -> None:  # pragma: no cover - compiled
    """Write start, end and value of the first two numbers of each coordinate pair to ``found``.

    The value is in ten thousandths, -1 if there are fewer than four decimals.
    """
    for row in range(len(chars)):
        count = 0
        place = 0
        while place < length[row] and count < 2:
            if not 48 <= chars[row, place] <= 57:
                place += 1
                continue
            start = place
            number = 0
            decimals = -1
            while place < length[row] and (
                48 <= chars[row, place] <= 57 or (chars[row, place] == 46 and decimals < 0)
            ):
                if chars[row, place] == 46:
                    decimals = 0
                elif _begins_second(chars[row], start, place, decimals, length[row]):
                    break
                elif decimals < _DECIMALS and number < 1_000_000_000:
                    number = number * 10 + chars[row, place] - 48
                    decimals += decimals >= 0
                place += 1
            found[row, count, 0] = start
            found[row, count, 1] = place
            found[row, count, 2] = number if decimals == _DECIMALS else -1
            count += 1


@kernel
def _write_pair(
    chars: UInt8, found: Int64, made: UInt8, size: Int32
) -> None:  # pragma: no cover - compiled
    """Write each pair as ``longitude,latitude`` to ``made`` and its length to ``size``."""
    for row in range(len(chars)):
        at = 0
        first = 0 if found[row, 0, 2] >= found[row, 1, 2] else 1
        for number in (first, 1 - first):
            if at:
                made[row, at] = 44
                at += 1
            for place in range(found[row, number, 0], found[row, number, 1]):
                made[row, at] = chars[row, place]
                at += 1
        size[row] = at


def _numbers(chars: UInt8, length: Int32) -> Int64:
    """Return start, end, value of the two numbers of each coordinate pair: int64[k, 2, 3].

    The value is -1 if the number is absent.
    """
    found = np.zeros((len(chars), 2, 3), np.int64)
    found[:, :, 2] = -1
    _read_numbers(np.ascontiguousarray(chars), length, found)
    return found


def canonical(chars: UInt8, length: Int32) -> tuple[UInt8, Int32]:
    """Return coordinate pairs as ``longitude,latitude`` with all decimals, from either order.

    >>> value = np.frombuffer(b"28.2282;112.9388", np.uint8)[None]
    >>> canonical(value, np.array([16], np.int32))[0].tobytes().rstrip(bytes(1))
    b'112.9388,28.2282'
    """
    made = np.zeros((len(chars), chars.shape[1] + 1), np.uint8)
    size = np.zeros(len(chars), np.int32)
    _write_pair(np.ascontiguousarray(chars), _numbers(chars, length), made, size)
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

"""MAC addresses (IEEE 802): twelve hexadecimal digits that identify one device.

Null, broadcast and group addresses identify none.  Pairs of digits can also be a day and a time.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Bool, Int32, UInt8
from piiscan.detect.arithmetic.digits import all_digits, compact, digit_columns, real_date
from piiscan.detect.checks import Judgement, Strength, Verdict

_DIGITS: Final = 12
_GROUP: Final = 1  # lowest bit of the first octet


def canonical(chars: UInt8, length: Int32) -> tuple[UInt8, Int32]:
    """Format MAC addresses as twelve hexadecimal digits with a colon after each pair.

    >>> value = np.frombuffer(b"0A1B2C3D4E5F", np.uint8)[None]
    >>> canonical(value, np.array([12], np.int32))[0].tobytes()
    b'0A:1B:2C:3D:4E:5F'
    """
    del length
    bare, count = compact(chars, chars > 0, _DIGITS)
    made = np.full((len(chars), _DIGITS + 5), ord(":"), np.uint8)
    for pair in range(6):
        made[:, 3 * pair : 3 * pair + 2] = bare[:, 2 * pair : 2 * pair + 2]
    return made, (count + 5).astype(np.int32)


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge MACs: plausible; refuted for null and broadcast; LOW for group addresses and times.

    >>> value = np.frombuffer(b"02:00:00:00:00:01", np.uint8)[None]
    >>> check(value, np.array([17], np.int32), as_of=20261231).verdict.tolist()
    [1]
    """
    del as_of, length
    digits = digit_columns(chars, _DIGITS + 5)
    bare = np.delete(digits, slice(2, None, 3), axis=0)
    judged = Judgement.of(len(chars))
    same = (bare == bare[0]).all(axis=0)
    judged.mark(same, "PLACEHOLDER", verdict=Verdict.REFUTED)
    second = np.where(bare[1] > 9, bare[1] - 7, bare[1])
    judged.mark(second & _GROUP == 1, "PREFIX_UNALLOTTED", strength=Strength.LOW)
    judged.mark(_is_time(bare), "LOOKS_LIKE_DATE", strength=Strength.LOW)
    return judged


def _is_time(bare: UInt8) -> Bool:
    """Return a mask of MAC addresses that read as year, month, day, hour, minute, second.

    Years are 10 to 39 of this century.
    """
    year, month, day, hour, minute, second = (10 * bare[::2] + bare[1::2]).astype(np.uint8)
    real = all_digits(bare) & (year >= 10) & (year < 40) & (hour < 24) & (minute < 60)
    result: Bool = real & (second < 60) & real_date(year + np.int32(2000), month, day)
    return result

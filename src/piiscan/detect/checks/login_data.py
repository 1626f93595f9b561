"""Login data of traded WeChat accounts: 62 data, A16 data, and similar keys.

62 data is a property list of an iOS client in hexadecimal (62706C697374 spells bplist).  A16 data
is the device number of an Android client: an A and 15 hexadecimal digits.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Int32, UInt8
from piiscan.detect.checks import Judgement, Strength, Verdict

_LIST: Final = np.frombuffer(b"62706C69737430", np.uint8)
_ANDROID: Final = 16
_MIN_KEY_LENGTH: Final = 32


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge login data: verified for a property list, plausible for a mixed key, else refuted.

    A mixed key has letters and digits.

    >>> value = np.frombuffer(b"A0123456789abcde", np.uint8)[None]
    >>> check(value, np.array([16], np.int32), as_of=20261231).verdict.tolist()
    [1]
    """
    del as_of
    upper = chars - np.uint8(32) * ((chars >= 97) & (chars <= 122))
    width = min(len(_LIST), chars.shape[1])
    plist = (upper[:, :width] == _LIST[:width]).all(axis=1) & (length >= len(_LIST))
    digit = (chars >= 48) & (chars <= 57)
    letter = (upper >= 65) & (upper <= 90)
    mixed = digit.any(axis=1) & letter.any(axis=1)
    android = (length == _ANDROID) & mixed
    key = (length >= _MIN_KEY_LENGTH) & mixed & (digit.sum(axis=1) >= 4)
    judged = Judgement.of(len(chars))
    judged.verdict[plist] = Verdict.VERIFIED
    judged.strength[plist] = Strength.HIGH
    judged.mark(~(plist | android | key), "PLACEHOLDER", verdict=Verdict.REFUTED)
    return judged

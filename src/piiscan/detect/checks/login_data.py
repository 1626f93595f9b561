"""Login data of traded WeChat accounts: 62 data, A16 data, and similar keys.

62 data is a property list of an iOS client in hexadecimal (62706C697374 spells bplist).  A16 data
is the device number of an Android client: an A and 15 hexadecimal digits.
"""

from __future__ import annotations

from piiscan.arrays import Int32, UInt8
from piiscan.detect.checks import Judgement, judge_rows
from piiscan.detect.checks.check_kernels import LOGIN_DATA_CHECK


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge login data: verified for a property list, plausible for a mixed key, else refuted.

    A mixed key has letters and digits.

    >>> import numpy as np
    >>> value = np.frombuffer(b"A0123456789abcde", np.uint8)[None]
    >>> check(value, np.array([16], np.int32), as_of=20261231).verdict.tolist()
    [1]
    """
    return judge_rows(LOGIN_DATA_CHECK, chars, length, as_of)

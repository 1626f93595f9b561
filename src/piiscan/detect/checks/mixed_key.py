"""Random keys (openid, unionid): 28 characters with digits, small and capital letters.

A random key of 27 base64url characters lacks one of the three kinds one time in a hundred.  Names
in programs and addresses nearly always lack one.
"""

from __future__ import annotations

from piiscan.arrays import Int32, UInt8
from piiscan.detect.checks import Judgement, judge_rows
from piiscan.detect.checks.check_kernels import MIXED_KEY_CHECK


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge random keys: plausible; LOW (PLAIN_WORD) without a digit, small letter or capital.

    >>> import numpy as np
    >>> value = np.frombuffer(b"o0AbCdEfGhIjKlMnOpQrStUvWxY4", np.uint8)[None]
    >>> check(value, np.array([28], np.int32), as_of=20261231).strength.tolist()
    [0]
    """
    return judge_rows(MIXED_KEY_CHECK, chars, length, as_of)

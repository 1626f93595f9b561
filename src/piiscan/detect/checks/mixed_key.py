"""Random keys (openid, unionid): 28 characters with digits, small and capital letters.

A random key of 27 base64url characters lacks one of the three kinds one time in a hundred.  Names
in programs and addresses nearly always lack one.
"""

from __future__ import annotations

import numpy as np

from piiscan.arrays import Bool, Int32, UInt8
from piiscan.detect.checks import Judgement, Strength


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge random keys: plausible; LOW (PLAIN_WORD) without a digit, small letter or capital.

    >>> value = np.frombuffer(b"o0AbCdEfGhIjKlMnOpQrStUvWxY4", np.uint8)[None]
    >>> check(value, np.array([28], np.int32), as_of=20261231).strength.tolist()
    [0]
    """
    del as_of, length
    digit = ((chars >= 48) & (chars <= 57)).any(axis=1)
    upper = ((chars >= 65) & (chars <= 90)).any(axis=1)
    lower = ((chars[:, 1:] >= 97) & (chars[:, 1:] <= 122)).any(axis=1)
    judged = Judgement.of(len(chars))
    lacking: Bool = np.logical_not(np.stack([digit, upper, lower]).all(axis=0))
    judged.mark(lacking, "PLAIN_WORD", strength=Strength.LOW)
    return judged

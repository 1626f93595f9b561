"""WeChat aliases behind words that sound like 微信: names of satellites are refuted."""

from __future__ import annotations

import numpy as np

from piiscan.arrays import Int32, UInt8
from piiscan.detect.checks import Judgement, Verdict

_SHORTEST, _LONGEST = 6, 20


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge aliases: plausible; refuted without small letters or digits, or of a wrong length.

    Refuted too: a capital, then letters, a hyphen or none, and up to four digits (``Beidou-3``).

    >>> value = np.frombuffer(b"demo_01Beidou3", np.uint8).reshape(2, 7)
    >>> check(value, np.full(2, 7, np.int32), as_of=20261231).verdict.tolist()
    [1, 0]
    """
    del as_of
    judged = Judgement.of(len(chars))
    small = ((chars >= 97) & (chars <= 122)).any(axis=1)
    digit = (chars >= 48) & (chars <= 57)
    unusual = ~small | (length < _SHORTEST) | (length > _LONGEST)
    capital = (chars[:, 0] >= 65) & (chars[:, 0] <= 90)
    last_letter = chars.shape[1] - 1 - np.argmax((~digit & (chars != 0))[:, ::-1], axis=1)
    tail = length - 1 - last_letter
    name = capital & (digit.sum(axis=1) == tail) & (tail <= 4) & ~(chars == ord("_")).any(axis=1)
    judged.mark(name | unusual, "PLACEHOLDER", verdict=Verdict.REFUTED)
    return judged

"""WeChat aliases behind words that sound like 微信: names of satellites are refuted."""

from __future__ import annotations

from piiscan.arrays import Int32, UInt8
from piiscan.detect.checks import Judgement, judge_rows
from piiscan.detect.checks.check_kernels import ALIAS_ALIKE_CHECK


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge aliases: plausible; refuted without small letters or digits, or of a wrong length.

    Refuted too: a capital, then letters, a hyphen or none, and up to four digits (``Beidou-3``).

    >>> import numpy as np
    >>> value = np.frombuffer(b"demo_01Beidou3", np.uint8).reshape(2, 7)
    >>> check(value, np.full(2, 7, np.int32), as_of=20261231).verdict.tolist()
    [1, 0]
    """
    return judge_rows(ALIAS_ALIKE_CHECK, chars, length, as_of)

"""Passwords behind a word of prose or behind an account in a list: letters and digits together.

Behind 密码 without a colon, and behind a dash of a list, most words and numbers are no passwords;
a value of one kind of character only is therefore none here (``password`` takes those that stand
behind an explicit colon or in a column).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Bool, Int32, UInt8
from piiscan.detect.checks import Judgement, Verdict

_LEAST: Final = 6
#: No field that people type a password into takes more.
MOST: Final = 64


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Plausible with a letter and a digit in six characters or more; else refused as a PLACEHOLDER.

    >>> value = np.frombuffer(b"abc12345required", np.uint8).reshape(2, 8)
    >>> check(value, np.full(2, 8, np.int32), as_of=20261231).verdict.tolist()
    [1, 0]
    """
    del as_of
    digit = ((chars >= 48) & (chars <= 57)).any(axis=1)
    lower = chars | np.uint8(32)
    letter = ((lower >= 97) & (lower <= 122)).any(axis=1)
    good = digit & letter & (length >= _LEAST) & (length <= MOST)
    judged = Judgement.of(len(chars))
    judged.mark(~good | is_path(chars) | is_masked(chars), "PLACEHOLDER", verdict=Verdict.REFUTED)
    return judged


def is_masked(chars: UInt8) -> Bool:
    """Which values are masks: three stars or more."""
    result: Bool = (chars == ord("*")).sum(axis=1) >= 3
    return result


def is_path(chars: UInt8) -> Bool:
    """Which values are paths of files or addresses: they hold a slash of either kind."""
    result: Bool = ((chars == ord("/")) | (chars == ord("\\"))).any(axis=1)
    return result

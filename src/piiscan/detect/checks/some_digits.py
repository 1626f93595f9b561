"""Codes after a label (验证码, 订单号): a value without digits is a word, not a code."""

from __future__ import annotations

from typing import Final

from piiscan.arrays import Int32, UInt8
from piiscan.detect.checks import REASON, Judgement, Verdict
from piiscan.jit import kernel

_MIN_DIGITS: Final = 2
_PLACEHOLDER: Final = REASON["PLACEHOLDER"]
_REFUTED: Final = int(Verdict.REFUTED)


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge codes (验证码, 订单号): plausible with at least two digits, else refuted (PLACEHOLDER).

    >>> import numpy as np
    >>> value = np.frombuffer(b"login88888", np.uint8).reshape(2, 5)
    >>> check(value, np.full(2, 5, np.int32), as_of=20261231).verdict.tolist()
    [0, 1]
    """
    del as_of, length
    judged = Judgement.of(len(chars))
    _refute_words(chars, judged)
    return judged


@kernel
def _refute_words(chars: UInt8, judged: Judgement) -> None:  # pragma: no cover - compiled
    """Refute the values (rows of ``chars``) with fewer than two digits."""
    for row in range(len(chars)):
        digits = 0
        for place in range(chars.shape[1]):
            digits += 48 <= chars[row, place] <= 57
        if digits < _MIN_DIGITS:
            judged.verdict[row], judged.reason[row] = _REFUTED, _PLACEHOLDER

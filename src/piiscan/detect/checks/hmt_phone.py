"""Telephone numbers of Hong Kong, Macau and Taiwan, in international form.

``0912-345-678 -> +886912345678``, ``00852-9123 4567 -> +85291234567``
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Int32, UInt8
from piiscan.detect.arithmetic.digits import digit_columns, is_among, number, pad_columns
from piiscan.detect.checks import Judgement, Verdict

_PLUS: Final = ord("+")
_ZERO: Final = ord("0")
#: Digits after the country code: a Taiwan mobile number without its trunk 0.
_WIDTH: Final = 12
_HONG_KONG: Final = 852
_MACAU: Final = 853
_TAIWAN: Final = 886


def canonical(chars: UInt8, length: Int32) -> tuple[UInt8, Int32]:
    """Write numbers as ``+CCNNNNNNNN``; ``09…`` is a mobile number of Taiwan.

    >>> text = np.frombuffer(b"0912345678", np.uint8)[None]
    >>> canonical(text, np.array([10], np.int32))[0].tobytes().rstrip(bytes(1))
    b'+886912345678'
    """
    digits = pad_columns(chars, 6)
    national = (digits[:, 0] == _ZERO) & (digits[:, 1] == ord("9"))
    first = np.where((digits[:, 0] == _ZERO) & (digits[:, 1] == _ZERO), 2, 0)
    rows = np.arange(len(chars))
    code = digits[rows[:, None], np.minimum(first[:, None] + np.arange(3), digits.shape[1] - 1)]
    code[national] = np.frombuffer(b"886", np.uint8)
    start = np.where(national, 1, first + 3)
    trunk = digits[rows, np.minimum(start, digits.shape[1] - 1)] == _ZERO
    start += ~national & trunk
    places = start[:, None] + np.arange(_WIDTH)
    value = np.zeros((len(chars), 4 + _WIDTH), np.uint8)
    value[:, 0], value[:, 1:4] = _PLUS, code
    value[:, 4:] = digits[rows[:, None], np.minimum(places, digits.shape[1] - 1)] * (
        places < length[:, None]
    )
    return value, (4 + np.clip(length - start, 0, _WIDTH)).astype(np.int32)


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge numbers of Hong Kong, Macau and Taiwan: refuted outside the allotted ranges.

    >>> value = np.frombuffer(b"+85291234567+85211234567", np.uint8).reshape(2, 12)
    >>> check(value, np.full(2, 12, np.int32), as_of=20261231).verdict.tolist()
    [1, 0]
    """
    del as_of
    digits = digit_columns(chars, 6)[1:]
    code, first, second = number(digits[:3]), digits[3], digits[4]
    eight = length == 12
    hong_kong = (code == _HONG_KONG) & eight & (first >= 2) & (first <= 9)
    macau = (code == _MACAU) & eight & (is_among(first, (6, 8)) | ((first == 2) & (second == 8)))
    taiwan = (code == _TAIWAN) & (length == 13) & (first == 9)
    judged = Judgement.of(len(chars))
    known = hong_kong | macau | taiwan
    judged.mark(~known, "PREFIX_UNALLOTTED", verdict=Verdict.REFUTED)
    return judged

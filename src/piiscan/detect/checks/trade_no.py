"""Transaction numbers that contain their day: Pinduoduo orders, WeChat Pay, Alipay.

They are recognised so that no part of them is reported as another kind.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Bool, Int32, UInt8
from piiscan.detect.arithmetic.digits import digit_columns, number, real_date
from piiscan.detect.checks import Judgement, Strength, Verdict

_HYPHEN: Final = ord("-")
_PAYMENT: Final = 28
_WECHAT_DAY: Final = 10  # 4200, six digits of the merchant, the day, ten more digits


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge transaction numbers: plausible with a day of this century, else refuted.

    The form yymmdd-… is MEDIUM.

    >>> value = np.frombuffer(b"230712-000000000000001", np.uint8)[None]
    >>> check(value, np.array([22], np.int32), as_of=20261231).strength.tolist()
    [2]
    """
    del as_of
    digits = digit_columns(chars, _PAYMENT)
    short = digits[6] == np.uint8(_HYPHEN - 48 & 255)
    wechat = number(digits[:4]) == 4200
    wechat &= length == _PAYMENT
    real = np.where(short, _is_day(digits, 0, short=True), _is_day(digits, 0))
    real = np.where(wechat, _is_day(digits, _WECHAT_DAY), real)
    judged = Judgement.of(len(chars))
    judged.mark(~real, "DATE_IMPOSSIBLE", verdict=Verdict.REFUTED)
    judged.strength[real & short] = Strength.MEDIUM
    return judged


def _is_day(digits: UInt8, at: int, *, short: bool = False) -> Bool:
    """Return a mask of the transaction numbers with a day of 2000 to 2099 at column ``at``.

    ``short``: the day is YYMMDD.
    """
    year = number(digits[at : at + 2]) + 2000 if short else number(digits[at : at + 4])
    at += 2 if short else 4
    month, day = (10 * digits[k] + digits[k + 1] for k in (at, at + 2))
    good: Bool = (digits[at : at + 4] <= 9).all(axis=0) & (year >= 2000) & (year < 2100)
    return good & real_date(year, month.astype(np.uint8), day.astype(np.uint8))

"""Waybill numbers of couriers: no public check digit; times, days and barcodes are refuted.

Thirteen digits can be milliseconds since 1970 or a retail barcode, eight a day, ten seconds.  Old
forms without the carrier's letters are LOW.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Bool, Int32, Int64, UInt8
from piiscan.detect.arithmetic.check_steps import Step, is_day
from piiscan.detect.arithmetic.digits import digit_columns, is_among, number, real_date
from piiscan.detect.checks import Judgement, Strength, Verdict

#: First seven digits of times since 1970, from 2011-03 on: postal items begin with 10 to 12.
_EPOCH: Final = (1_300_000, 2_100_000)
_CHINA_BARCODES: Final = (690, 699)  # GS1 prefixes of China
#: Lengths of old forms: JT and twelve digits, YTO's letter and nine, YTO's eighteen digits.
_OLD: Final = (10, 14)
_OLD_PLAIN: Final = 18


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge waybills: plausible; refuted if digits are a time, day or barcode; LOW in old forms.

    >>> value = np.frombuffer(b"1689145200002", np.uint8)[None]
    >>> check(value, np.array([13], np.int32), as_of=20261231).verdict.tolist()
    [0]
    """
    del as_of
    judged = Judgement.of(len(chars))
    digits = digit_columns(chars, 13)
    plain = digits[0] <= 9
    first_seven = number(digits[:7], np.int64)
    judged.mark(plain & _is_time(first_seven, length), "EPOCH_TIME", verdict=Verdict.REFUTED)
    thirteen = plain & (length == 13)
    judged.mark(thirteen & _is_barcode(digits), "EAN_BARCODE", verdict=Verdict.REFUTED)
    eight = plain & (length == 8) & _is_day(digits)
    judged.mark(eight, "LOOKS_LIKE_DATE", verdict=Verdict.REFUTED)
    old = np.where(plain, (length <= 12) | (length == _OLD_PLAIN), is_among(length, _OLD))
    judged.strength[old & (judged.reason == 0)] = Strength.LOW
    return judged


def _is_time(first_seven: Int64, length: Int32) -> Bool:
    """Return a mask of waybills that are times of 2011 to 2036 in seconds or milliseconds."""
    within = (first_seven >= _EPOCH[0]) & (first_seven < _EPOCH[1])
    result: Bool = within & ((length == 13) | (length == 10))
    return result


def _is_barcode(digits: UInt8) -> Bool:
    """Return a mask of the EAN-13 barcodes of China: prefix 690 to 699, right check digit."""
    prefix = number(digits[:3])
    total = digits[0:12:2].sum(axis=0, dtype=np.uint16)
    total += 3 * digits[1:12:2].sum(axis=0, dtype=np.uint16)
    right = (10 - total % 10) % 10 == digits[12]
    result: Bool = (prefix >= _CHINA_BARCODES[0]) & (prefix <= _CHINA_BARCODES[1]) & right
    return result


def _is_day(digits: UInt8) -> Bool:
    """Return a mask of eight-digit waybill numbers that are a day of 1900 to 2099."""
    year = number(digits[:4])
    century = (year >= 1900) & (year < 2100)
    return century & real_date(year, digits[4] * 10 + digits[5], digits[6] * 10 + digits[7])


def steps(value: str, *, as_of: int) -> list[Step]:
    """Return the check steps of a waybill number: it is no time, barcode or day.

    >>> [step.name for step in steps("1689145200002", as_of=20261231)]
    ['epoch']
    """
    del as_of
    if value.isascii() and value.isdigit():
        if len(value) in (10, 13) and _EPOCH[0] <= int(value[:7]) < _EPOCH[1]:
            return [Step("epoch", False)]
        digits = np.array([[int(digit)] for digit in value[:13]], np.uint8)
        if len(value) == 13 and _is_barcode(digits)[0]:
            return [Step("barcode", False, {"code": value[:3]})]
        if len(value) == 8 and "1900" <= value[:4] <= "2099" and is_day(value):
            return [Step("not_a_number_but_a_day", False)]
    return [Step("carrier_form", True, {"count": len(value)}), Step("no_check_digit", None)]

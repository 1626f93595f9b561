"""Waybill numbers of couriers: no public check digit; times, days and barcodes are refuted.

Thirteen digits can be milliseconds since 1970 or a retail barcode, eight a day, ten seconds.  Old
forms without the carrier's letters are LOW.
"""

from __future__ import annotations

from typing import Final

from piiscan.arrays import Int32, UInt8
from piiscan.detect.arithmetic.check_steps import Step, is_day
from piiscan.detect.arithmetic.digits import digit_at, is_day_at, number_at
from piiscan.detect.checks import REASON, Judgement, Strength, Verdict
from piiscan.jit import inner, kernel

#: First seven digits of times since 1970, from 2011-03 on: postal items begin with 10 to 12.
_EPOCH: Final = (1_300_000, 2_100_000)
_CHINA_BARCODES: Final = (690, 699)  # GS1 prefixes of China
#: Lengths of old forms: JT and twelve digits, YTO's letter and nine, YTO's eighteen digits.
_OLD: Final = (10, 14)
_OLD_PLAIN: Final = 18
_EPOCH_TIME: Final = REASON["EPOCH_TIME"]
_EAN_BARCODE: Final = REASON["EAN_BARCODE"]
_LOOKS_LIKE_DATE: Final = REASON["LOOKS_LIKE_DATE"]
_REFUTED: Final = int(Verdict.REFUTED)
_LOW: Final = int(Strength.LOW)


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge waybills: plausible; refuted if digits are a time, day or barcode; LOW in old forms.

    >>> import numpy as np
    >>> value = np.frombuffer(b"1689145200002", np.uint8)[None]
    >>> check(value, np.array([13], np.int32), as_of=20261231).verdict.tolist()
    [0]
    """
    del as_of
    judged = Judgement.of(len(chars))
    _judge(chars, length, judged)
    return judged


@kernel
def _judge(chars: UInt8, length: Int32, judged: Judgement) -> None:  # pragma: no cover - compiled
    """Write the judgement of each waybill (a row of ``chars``) to ``judged``."""
    for row in range(len(chars)):
        size, plain, reason = length[row], digit_at(chars, row, 0) <= 9, 0
        if plain and (size == 13 or size == 10):
            first_seven = number_at(chars, row, 0, 7)
            if first_seven >= _EPOCH[0] and first_seven < _EPOCH[1]:
                reason = _EPOCH_TIME
        if reason == 0 and plain and size == 13 and _is_barcode(chars, row):
            reason = _EAN_BARCODE
        if reason == 0 and plain and size == 8 and is_day_at(chars, row, 0):
            reason = _LOOKS_LIKE_DATE
        old = size <= 12 or size == _OLD_PLAIN if plain else size == _OLD[0] or size == _OLD[1]
        if reason != 0:
            judged.reason[row] = reason
            judged.verdict[row] = _REFUTED
        elif old:
            judged.strength[row] = _LOW


@inner
def _is_barcode(chars: UInt8, row: int) -> bool:  # pragma: no cover - compiled
    """Return True for an EAN-13 barcode of China: prefix 690 to 699, right check digit."""
    total = 0
    for place in range(12):
        total += digit_at(chars, row, place) * (1 + place % 2 * 2)
    right = (10 - total % 10) % 10 == digit_at(chars, row, 12)
    return right and _CHINA_BARCODES[0] <= number_at(chars, row, 0, 3) <= _CHINA_BARCODES[1]


def steps(value: str, *, as_of: int) -> list[Step]:
    """Return the check steps of a waybill number: it is no time, barcode or day.

    >>> [step.name for step in steps("1689145200002", as_of=20261231)]
    ['epoch']
    """
    del as_of
    if value.isascii() and value.isdigit():
        if len(value) in (10, 13) and _EPOCH[0] <= int(value[:7]) < _EPOCH[1]:
            return [Step("epoch", False)]
        digits = [int(digit) for digit in value]
        total = sum(digits[0:12:2]) + 3 * sum(digits[1:12:2])
        china = _CHINA_BARCODES[0] <= int(value[:3]) <= _CHINA_BARCODES[1]
        if len(value) == 13 and china and (total + digits[12]) % 10 == 0:
            return [Step("barcode", False, {"code": value[:3]})]
        if len(value) == 8 and "1900" <= value[:4] <= "2099" and is_day(value):
            return [Step("not_a_number_but_a_day", False)]
    return [Step("carrier_form", True, {"count": len(value)}), Step("no_check_digit", None)]

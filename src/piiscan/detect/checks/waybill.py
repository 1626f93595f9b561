"""Waybill numbers of couriers: no public check digit; times, days and barcodes are refuted.

Thirteen digits can be milliseconds since 1970 or a retail barcode, eight a day, ten seconds.  Old
forms without the carrier's letters are LOW.
"""

from __future__ import annotations

from piiscan.arrays import Int32, UInt8
from piiscan.detect.arithmetic.check_steps import Step, is_day
from piiscan.detect.checks import Judgement, judge_rows
from piiscan.detect.checks.check_kernels import (
    CHINA_BARCODES_FROM,
    CHINA_BARCODES_TO,
    EPOCH_FROM,
    EPOCH_TO,
    WAYBILL_CHECK,
)


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge waybills: plausible; refuted if digits are a time, day or barcode; LOW in old forms.

    >>> import numpy as np
    >>> value = np.frombuffer(b"1689145200002", np.uint8)[None]
    >>> check(value, np.array([13], np.int32), as_of=20261231).verdict.tolist()
    [0]
    """
    return judge_rows(WAYBILL_CHECK, chars, length, as_of)


def steps(value: str, *, as_of: int) -> list[Step]:
    """Return the check steps of a waybill number: it is no time, barcode or day.

    >>> [step.name for step in steps("1689145200002", as_of=20261231)]
    ['epoch']
    """
    del as_of
    if value.isascii() and value.isdigit():
        if len(value) in (10, 13) and EPOCH_FROM <= int(value[:7]) < EPOCH_TO:
            return [Step("epoch", False)]
        digits = [int(digit) for digit in value]
        total = sum(digits[0:12:2]) + 3 * sum(digits[1:12:2])
        china = CHINA_BARCODES_FROM <= int(value[:3]) <= CHINA_BARCODES_TO
        if len(value) == 13 and china and (total + digits[12]) % 10 == 0:
            return [Step("barcode", False, {"code": value[:3]})]
        if len(value) == 8 and "1900" <= value[:4] <= "2099" and is_day(value):
            return [Step("not_a_number_but_a_day", False)]
    return [Step("carrier_form", True, {"count": len(value)}), Step("no_check_digit", None)]

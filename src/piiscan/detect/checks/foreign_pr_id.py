"""Identity cards of foreign permanent residents (2023): 9, province, country, birth, MOD 11-2.

One in a few thousand company codes that are all digits passes MOD 11-2 and reads as a birth date,
so the country must be one of ISO 3166-1 and not China itself.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np

from piiscan.data import KNOWN, PROVINCES, countries
from piiscan.detect.checks import REASON, Int32, Judgement, UInt8
from piiscan.detect.checks.numerals import digit_columns, number
from piiscan.detect.checks.resident_id import judge

_CHINA: Final = 156


@cache
def _levels() -> UInt8:
    """How well 9, province and country are known: uint8[1_000_000] as data.regions has it."""
    foreign = countries()[0][:1000].copy()
    foreign[_CHINA] = False
    levels = np.zeros((10, 100, 1000), np.uint8)
    levels[9, list(PROVINCES)] = foreign * KNOWN
    levels.flags.writeable = False
    return levels.reshape(-1)


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Verified where province, country, birth date and check character are right.

    >>> value = np.frombuffer(b"911124198108030024", np.uint8)[None]
    >>> check(value, np.array([18], np.int32), as_of=20261231).verdict.tolist()
    [2]
    """
    judged = judge(chars, length, _levels(), as_of=as_of)
    digits = digit_columns(chars, 3)
    province = (digits[0] == 9) & np.isin(number(digits[1:]), PROVINCES)
    nowhere = judged.reason == REASON["PROVINCE_UNKNOWN"]
    judged.reason[nowhere & province] = REASON["COUNTRY_UNKNOWN"]
    return judged

"""Identity cards of foreign permanent residents (2023): 9, province, country, birth, MOD 11-2.

One in a few thousand company codes that are all digits passes MOD 11-2 and reads as a birth date,
so the country must be one of ISO 3166-1 and not China itself.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.data import PROVINCES, countries
from piiscan.detect.checks import Int32, Judgement, UInt8, Verdict
from piiscan.detect.checks.numerals import digit_columns, number
from piiscan.detect.checks.resident_id import note_birth, refuse

_CHINA: Final = 156


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Verified where province, country, birth date and check character are right.

    >>> value = np.frombuffer(b"911124198108030024", np.uint8)[None]
    >>> check(value, np.array([18], np.int32), as_of=20261231).verdict.tolist()
    [2]
    """
    digits = digit_columns(chars, 18)
    judged = Judgement.of(len(chars), Verdict.VERIFIED)
    refuse(judged, digits, length, (digits[0] != 9) | ~np.isin(number(digits[1:3]), PROVINCES))
    country = number(digits[3:6])
    foreign = np.take(countries()[0], country, mode="clip") & (country != _CHINA)
    judged.mark(~foreign, "COUNTRY_UNKNOWN", verdict=Verdict.REFUTED)
    note_birth(judged, digits, as_of=as_of)
    return judged

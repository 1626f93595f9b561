"""Resident identity numbers of 18 characters (GB 11643-1999): region, birth date, MOD 11-2.

A number keeps the region code in force when it was first assigned, so any code that was ever in
force is good for any birth year; and as no table of codes is complete, an unknown county in a
known prefecture only costs a level.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.data import KNOWN, NO_COUNTY, NO_PREFECTURE, NO_PROVINCE, regions
from piiscan.detect.checks import Bool, Int32, Judgement, Strength, UInt8, Verdict
from piiscan.detect.checks.numerals import (
    all_digits,
    digit_columns,
    number,
    real_date,
    weighted_sum,
)

_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
#: Check character (as digit value of its ASCII code) by weighted sum; sums end at 17 * 9 * 10.
_EXPECTED: Final = np.frombuffer(b"10X98765432", np.uint8)[np.arange(2048) % 11] - np.uint8(48)
#: Births this near to ``as_of`` (in years) need a label or a word beside them: numbers of building
#: permits (region, date of issue, serial) pass MOD 11-2 one time in eleven and read as infants.
INFANT_YEARS: Final = 5


def mod_11_2(digits: UInt8) -> Bool:
    """Whether the 18th column is the check character of the first 17 (ISO 7064 MOD 11-2): bool[k].

    ``digits``: uint8[18, k] of ASCII codes less 48, X being 40.
    """
    total = weighted_sum(digits, _WEIGHTS)
    result: Bool = digits[17] == np.take(_EXPECTED, total, mode="clip")
    return result


def region_level(digits: UInt8) -> UInt8:
    """How well the region code in the first six columns is known: the levels of data.regions."""
    return np.take(regions(), number(digits[:6]), mode="clip")


def refuse(judged: Judgement, digits: UInt8, length: Int32, nowhere: Bool) -> None:
    """Refute in ``judged`` what is not 17 digits and a check, or stands in no province."""
    wrong = ~all_digits(digits[:17])
    judged.mark(wrong, "CHECK_FAIL", verdict=Verdict.REFUTED)
    judged.mark(length != 18, "LENGTH_WRONG", verdict=Verdict.REFUTED)
    judged.mark(nowhere, "PROVINCE_UNKNOWN", verdict=Verdict.REFUTED)


def note_birth(judged: Judgement, digits: UInt8, *, as_of: int) -> None:
    """Refute or lower in ``judged`` by birth date and check character."""
    year, month, day = number(digits[6:10]), digits[10] * 10 + digits[11], digits[12] * 10
    day += digits[13]
    real = real_date(year, month, day)
    judged.mark(~real, "DATE_IMPOSSIBLE", verdict=Verdict.REFUTED)
    judged.mark(~mod_11_2(digits), "CHECK_FAIL", verdict=Verdict.REFUTED)
    birth = year * 10_000 + month * np.int32(100) + day
    judged.mark(birth > as_of, "DATE_FUTURE", verdict=Verdict.REFUTED)
    ancient = year < 1900
    judged.mark(ancient, "DATE_BEFORE_1900", verdict=Verdict.PLAUSIBLE, strength=Strength.LOW)
    judged.mark(birth > as_of - INFANT_YEARS * 10_000, "BIRTH_RECENT", strength=Strength.LOW)


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Verified where check character, date (1900 to ``as_of``) and province are right.

    A county that no table has costs a level where its prefecture is known, and leaves the number
    below the threshold where not even that is.  Residence permits (81, 82, 83) are not these.

    >>> value = np.frombuffer(b"11010519491231002X", np.uint8)[None]
    >>> check(value, np.array([18], np.int32), as_of=20261231).verdict.tolist()
    [2]
    """
    digits = digit_columns(chars, 18)
    level = region_level(digits)
    judged = Judgement.of(len(chars), Verdict.VERIFIED)
    refuse(judged, digits, length, level == NO_PROVINCE)
    note_birth(judged, digits, as_of=as_of)
    note_region(judged, level)
    return judged


def note_region(judged: Judgement, level: UInt8) -> None:
    """Lower ``judged`` where the region is unknown: a level for a county, to LOW for more."""
    if (level == KNOWN).all():
        return
    judged.mark(level == NO_COUNTY, "REGION_UNKNOWN", strength=Strength.MEDIUM)
    judged.mark(level == NO_PREFECTURE, "REGION_UNKNOWN", strength=Strength.LOW)

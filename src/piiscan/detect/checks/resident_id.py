"""Resident identity numbers of 18 characters (GB 11643-1999): region, birth date, MOD 11-2.

A number keeps the region code in force when it was first assigned, so any code that was ever in
force is good for any birth year; and as no table of codes is complete, an unknown county in a
known prefecture only costs a level.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.compiled import kernel
from piiscan.data import NO_COUNTY, NO_PREFECTURE, NO_PROVINCE, regions
from piiscan.detect.checks import REASON, Int8, Int16, Int32, Judgement, Strength, UInt8, Verdict
from piiscan.detect.checks.numerals import DAYS, number, widened
from piiscan.detect.checks.working import (
    Step,
    birth_step,
    is_digits,
    length_step,
    region_step,
    weigh_out,
)

_WEIGHTS: Final = np.array((7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), np.uint32)
#: Check character by weighted sum modulo 11.
_EXPECTED: Final = np.frombuffer(b"10X98765432", np.uint8)
#: Births this near to ``as_of`` (in years) need a label or a word beside them: numbers of building
#: permits (region, date of issue, serial) pass MOD 11-2 one time in eleven and read as infants.
INFANT_YEARS: Final = 5

_CHECK_FAIL: Final = REASON["CHECK_FAIL"]
_LENGTH_WRONG: Final = REASON["LENGTH_WRONG"]
_PROVINCE_UNKNOWN: Final = REASON["PROVINCE_UNKNOWN"]
_REGION_UNKNOWN: Final = REASON["REGION_UNKNOWN"]
_DATE_IMPOSSIBLE: Final = REASON["DATE_IMPOSSIBLE"]
_DATE_FUTURE: Final = REASON["DATE_FUTURE"]
_DATE_BEFORE_1900: Final = REASON["DATE_BEFORE_1900"]
_BIRTH_RECENT: Final = REASON["BIRTH_RECENT"]
_REFUTED: Final = int(Verdict.REFUTED)
_PLAUSIBLE: Final = int(Verdict.PLAUSIBLE)
_LOW: Final = int(Strength.LOW)
_MEDIUM: Final = int(Strength.MEDIUM)


def region_level(digits: UInt8) -> UInt8:
    """How well the region code in the first six columns is known: the levels of data.regions."""
    return np.take(regions(), number(digits[:6]), mode="clip")


@kernel
def _spelt(chars: UInt8, row: int, first: int, last: int) -> np.uint32:  # pragma: no cover
    """The number that some digits spell."""
    spelt = np.uint32(0)
    for place in range(first, last):
        spelt = spelt * np.uint32(10) + (np.uint32(chars[row, place]) - np.uint32(48))
    return spelt


@kernel
def _judge(
    chars: UInt8,
    length: Int32,
    levels: UInt8,
    as_of: int,
    verdict: Int8,
    reason: Int16,
    strength: Int8,
) -> None:  # pragma: no cover - compiled
    """The first thing that is wrong or doubtful about each value; 32 bits are twice as fast."""
    infant = as_of - INFANT_YEARS * 10_000
    for row in range(len(chars)):
        total = worst = np.uint32(0)
        for place in range(17):
            digit = np.uint32(chars[row, place]) - np.uint32(48)
            worst = max(worst, digit)
            total += digit * _WEIGHTS[place]
        if worst > 9 or length[row] != 18:
            reason[row] = _LENGTH_WRONG if worst <= 9 else _CHECK_FAIL
            verdict[row] = _REFUTED
            continue
        level = levels[_spelt(chars, row, 0, 6)]
        birth, year = _spelt(chars, row, 6, 14), _spelt(chars, row, 6, 10)
        month, day = _spelt(chars, row, 10, 12), _spelt(chars, row, 12, 14)
        real = year > 0 and 1 <= day <= DAYS[month]
        if month == 2 and day == 29:
            real = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) and year > 0
        if level == NO_PROVINCE:
            reason[row] = _PROVINCE_UNKNOWN
            verdict[row] = _REFUTED
        elif not real:
            reason[row] = _DATE_IMPOSSIBLE
            verdict[row] = _REFUTED
        elif chars[row, 17] != _EXPECTED[total % np.uint32(11)]:
            reason[row] = _CHECK_FAIL
            verdict[row] = _REFUTED
        elif birth > as_of:
            reason[row] = _DATE_FUTURE
            verdict[row] = _REFUTED
        elif year < 1900:
            reason[row] = _DATE_BEFORE_1900
            verdict[row] = _PLAUSIBLE
            strength[row] = _LOW
        elif birth > infant:
            reason[row] = _BIRTH_RECENT
            strength[row] = _LOW
        elif level in (NO_COUNTY, NO_PREFECTURE):
            reason[row] = _REGION_UNKNOWN
            strength[row] = _MEDIUM if level == NO_COUNTY else _LOW


def judge(chars: UInt8, length: Int32, levels: UInt8, *, as_of: int) -> Judgement:
    """The judgement of numbers built like an identity number: region, birth date, MOD 11-2.

    ``levels``, uint8[1_000_000], says how well each six-digit beginning is known, in the levels of
    data.regions; of NO_PROVINCE there are none.
    """
    judged = Judgement.of(len(chars), Verdict.VERIFIED)
    rows = widened(chars, 18)
    _judge(rows, length, levels, as_of, judged.verdict, judged.reason, judged.strength)
    return judged


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Verified where check character, date (1900 to ``as_of``) and province are right.

    A county that no table has costs a level where its prefecture is known, and leaves the number
    below the threshold where not even that is.  Residence permits (81, 82, 83) are not these.

    >>> value = np.frombuffer(b"11010519491231002X", np.uint8)[None]
    >>> check(value, np.array([18], np.int32), as_of=20261231).verdict.tolist()
    [2]
    """
    return judge(chars, length, regions(), as_of=as_of)


def note_region(judged: Judgement, level: UInt8) -> None:
    """Lower ``judged`` where the region is unknown: a level for a county, to LOW for more."""
    judged.mark(level == NO_COUNTY, "REGION_UNKNOWN", strength=Strength.MEDIUM)
    judged.mark(level == NO_PREFECTURE, "REGION_UNKNOWN", strength=Strength.LOW)


def mod_11_2(value: str) -> Step:
    """The check character of 18 weighed out.

    >>> mod_11_2("11010519491231002X").values["rest"]
    2
    """
    return weigh_out(
        "mod_11_2",
        value[:17],
        [int(digit) for digit in value[:17]],
        _WEIGHTS.tolist(),
        modulus=11,
        expected=lambda rest: chr(_EXPECTED[rest]),
        actual=value[17],
    )


def steps(value: str, *, as_of: int) -> list[Step]:
    """Region code, birth date, check character.

    >>> [step.passed for step in steps("11010519491231002X", as_of=20261231)]
    [True, True, True]
    """
    if not is_digits(value[:17], 17) or len(value) != 18:
        return [length_step(value, "18")]
    return [
        region_step(value[:6], int(regions()[int(value[:6])])),
        birth_step(value[6:14], as_of=as_of),
        mod_11_2(value),
    ]

"""Resident identity numbers of 18 characters (GB 11643-1999): region, birth date, MOD 11-2.

A number keeps the region code in force when it was first assigned.  Any code that was ever in
force is therefore valid for any birth year.  No table of codes is complete, so an unknown county
in a known prefecture only costs a level.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import numpy as np

from piiscan.arrays import Bool, Int8, Int16, Int32, UInt8, UInt64
from piiscan.bundles import empty_rows
from piiscan.data import NO_COUNTY, NO_PREFECTURE, NO_PROVINCE, PROVINCES, regions
from piiscan.detect.arithmetic.check_steps import (
    Step,
    birth_step,
    is_digits,
    length_step,
    region_step,
    weighted_sum_step,
)
from piiscan.detect.arithmetic.digits import (
    DAYS,
    are_digits,
    eight_digits,
    eight_sum,
    eight_weights,
    number,
    pad_columns,
)
from piiscan.detect.checks import REASON, Judgement, Strength, Verdict
from piiscan.jit import inlined, kernel, unaligned_words

_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ONE_EVEN, _ONE_ODD = eight_weights(_WEIGHTS[:8])
_TWO_EVEN, _TWO_ODD = eight_weights(_WEIGHTS[8:16])
_LAST: Final = np.uint64(_WEIGHTS[16])
#: Check character by weighted sum modulo 11.
_EXPECTED: Final = np.frombuffer(b"10X98765432", np.uint8)
#: Births within this many years of ``as_of`` need a label or context word: building permit numbers
#: (region, date of issue, serial) pass MOD 11-2 one time in eleven and read as infants.
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
_VERIFIED: Final = int(Verdict.VERIFIED)
_LOW: Final = int(Strength.LOW)
_MEDIUM: Final = int(Strength.MEDIUM)


def region_level(digits: UInt8) -> UInt8:
    """Return the level (as data.regions) of the six-digit region code that begins each number."""
    return np.take(regions(), number(digits[:6]), mode="clip")


@cache
def _provinces() -> Bool:
    """Return a mask of the two-digit province codes: bool[100]."""
    return np.isin(np.arange(100), PROVINCES)


def is_province(two: Int32) -> Bool:
    """Return a mask of the two-digit numbers that are provinces of GB/T 2260.

    >>> is_province(np.array([43, 99, 255])).tolist()
    [True, False, False]
    """
    return _provinces()[np.minimum(two, 99)]


@inlined
def judge_one(
    words: UInt64, at: int, length: Any, levels: UInt8, as_of: int
) -> tuple[int, int, int]:  # pragma: no cover - compiled
    """Judge one 18-character identity number: (verdict, reason, strength) of its first fault.

    ``words``: eight characters from every position on; the value begins at ``at``.  ``levels``:
    level of each six-digit head.
    """
    first = np.uint64(at)
    one, two = words[first], words[first + np.uint64(8)]
    last = words[first + np.uint64(10)] >> np.uint64(48)
    serial, control = (last & np.uint64(0xFF)) - np.uint64(48), last >> np.uint64(8)
    if not (are_digits(one) and are_digits(two) and serial <= np.uint64(9)):
        return _REFUTED, _CHECK_FAIL, 0
    if length != 18:
        return _REFUTED, _LENGTH_WRONG, 0
    head, tail = eight_digits(one), eight_digits(two)
    level = levels[head // np.uint32(100)]
    year = head % np.uint32(100) * np.uint32(100) + tail // np.uint32(1_000_000)
    month, day = tail // np.uint32(10_000) % np.uint32(100), tail // np.uint32(100) % np.uint32(100)
    birth = year * np.uint32(10_000) + tail // np.uint32(100) % np.uint32(10_000)
    real = year > 0 and 1 <= day <= DAYS[month]
    if month == 2 and day == 29:
        real = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) and year > 0
    if level == NO_PROVINCE:
        return _REFUTED, _PROVINCE_UNKNOWN, 0
    if not real:
        return _REFUTED, _DATE_IMPOSSIBLE, 0
    total = eight_sum(one, _ONE_EVEN, _ONE_ODD) + eight_sum(two, _TWO_EVEN, _TWO_ODD)
    if control != _EXPECTED[(total + serial * _LAST) % np.uint64(11)]:
        return _REFUTED, _CHECK_FAIL, 0
    if birth > as_of:
        return _REFUTED, _DATE_FUTURE, 0
    if year < 1900:
        return _PLAUSIBLE, _DATE_BEFORE_1900, _LOW
    if birth > as_of - INFANT_YEARS * 10_000:
        return _VERIFIED, _BIRTH_RECENT, _LOW
    if level in (NO_COUNTY, NO_PREFECTURE):
        return _VERIFIED, _REGION_UNKNOWN, _MEDIUM if level == NO_COUNTY else _LOW
    return _VERIFIED, 0, 0


@kernel
def _judge(
    words: UInt64,
    width: int,
    length: Int32,
    levels: UInt8,
    as_of: int,
    verdict: Int8,
    reason: Int16,
    strength: Int8,
) -> None:  # pragma: no cover - compiled
    """Write verdict, reason and strength of every identity number (rows of ``width`` bytes)."""
    for row in range(len(length)):
        verdict[row], reason[row], strength[row] = judge_one(
            words, row * width, np.int64(length[row]), levels, as_of
        )


def judge(chars: UInt8, length: Int32, levels: UInt8, *, as_of: int) -> Judgement:
    """Judge numbers in the form of an identity number: region code, birth date, MOD 11-2.

    ``levels``, uint8[1_000_000], has the level of each six-digit head, as data.regions.  A head of
    level NO_PROVINCE is refuted.
    """
    judged, rows = empty_rows(Judgement, len(chars)), pad_columns(chars, 18)
    _judge(
        unaligned_words(rows.reshape(-1)), rows.shape[1], length, levels, as_of,
        judged.verdict, judged.reason, judged.strength,
    )  # fmt: skip
    return judged


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge identity numbers: verified by check character, date (1900 to ``as_of``) and province.

    An unknown county costs a level if its prefecture is known; else the number is LOW.  Residence
    permits (81, 82, 83) are refuted.

    >>> value = np.frombuffer(b"11010519491231002X", np.uint8)[None]
    >>> check(value, np.array([18], np.int32), as_of=20261231).verdict.tolist()
    [2]
    """
    return judge(chars, length, regions(), as_of=as_of)


def mark_region(judged: Judgement, level: UInt8) -> None:
    """Lower ``judged`` by region level: MEDIUM for unknown county, LOW for unknown prefecture."""
    judged.mark(level == NO_COUNTY, "REGION_UNKNOWN", strength=Strength.MEDIUM)
    judged.mark(level == NO_PREFECTURE, "REGION_UNKNOWN", strength=Strength.LOW)


def mod_11_2_step(value: str) -> Step:
    """Return the check step of MOD 11-2 over 18 characters, written out.

    >>> mod_11_2_step("11010519491231002X").values["rest"]
    2
    """
    return weighted_sum_step(
        "mod_11_2",
        value[:17],
        [int(digit) for digit in value[:17]],
        _WEIGHTS,
        modulus=11,
        expected=lambda rest: chr(_EXPECTED[rest]),
        actual=value[17],
    )


def steps(value: str, *, as_of: int) -> list[Step]:
    """Return the check steps of a resident identity number: region, birth date, check character.

    >>> [step.passed for step in steps("11010519491231002X", as_of=20261231)]
    [True, True, True]
    """
    if not is_digits(value[:17], 17) or len(value) != 18:
        return [length_step(value, "18")]
    return [
        region_step(value[:6], int(regions()[int(value[:6])])),
        birth_step(value[6:14], as_of=as_of),
        mod_11_2_step(value),
    ]

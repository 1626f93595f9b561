"""How many identity numbers remain behind a mask, its prefecture and an age band."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from itertools import groupby

import numpy as np
import pytest

from piiscan.data import rows
from piiscan.detect.attributes.identity_numbers import age_band
from piiscan.masking.mask import RULES

DAY = datetime.date(2026, 12, 31)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
LEAST = 1_000


def remainder(digits: str, first: int) -> int:
    """Sum of digits by their weights from place ``first`` on, modulo 11."""
    pairs = zip(digits, WEIGHTS[first:], strict=False)
    return sum(int(digit) * weight for digit, weight in pairs) % 11


def births(band: str) -> np.ndarray:
    """Number of days of birth in an age band, by their remainder."""
    counts = np.zeros(11, np.int64)
    day = DAY
    while day.year >= 1926:
        age = DAY.year - day.year - ((DAY.month, DAY.day) < (day.month, day.day))
        counts[remainder(f"{day:%Y%m%d}", 6)] += age_band(age) == band
        day -= datetime.timedelta(1)
    return counts


def prefectures() -> Iterator[tuple[str, list[str]]]:
    """Prefecture -> its counties: all codes that end in other digits than 00, and its own."""
    codes = sorted({str(row[0]) for row in rows("regions")})
    for prefecture, group in groupby((code for code in codes if len(code) == 6), lambda c: c[:4]):
        counties = [code for code in group if not code.endswith("00")]
        yield prefecture, counties or [prefecture + "00"]


def fewest(band: str, tail: int) -> int:
    """Fewest numbers that fit prefecture, band and ``tail`` shown characters, over all of them."""
    days = births(band)
    hidden = 4 - tail  # digits of the serial that the mask hides
    serials = np.zeros(11, np.int64)
    for serial in range(10**hidden):
        serials[remainder(f"{serial:0{hidden}d}" if hidden else "", 14)] += 1
    both = np.zeros(11, np.int64)
    for a in range(11):
        for b in range(11):
            both[(a + b) % 11] += days[a] * serials[b]
    least = []
    for _, counties in prefectures():
        counts = np.zeros(11, np.int64)
        for county in counties:
            counts += np.roll(both, remainder(county, 0))
        least.append(int(counts.min()))  # the tail shown can ask for any remainder
    return min(least)


@pytest.mark.parametrize("band", ["under_14", "14_17", "adult"])
def test_a_thousand_numbers_remain_in_every_prefecture(band: str) -> None:
    rule = RULES["CN_RESIDENT_ID"]
    assert rule.head == 4
    assert fewest(band, rule.tail) >= LEAST


def test_one_character_more_would_leave_too_few() -> None:
    assert fewest("14_17", RULES["CN_RESIDENT_ID"].tail + 1) < LEAST

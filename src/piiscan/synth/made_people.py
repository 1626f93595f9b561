"""Fictional persons: sex, birth date, region of the number, name and home, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from piiscan.arrays import Int64
from piiscan.bundles import take_rows
from piiscan.synth import word_lists

#: Sequence numbers 996 to 999 were set aside for centenarians when numbers were introduced
#: (GB 11643-1989), so nobody born in the 20th century or later was given one: a made number
#: with such a sequence has no holder.
FIRST_SEQUENCE = 996

_ONE_CHARACTER_SHARE = 0.14  # share of given names of one character, our estimate


@dataclass(frozen=True, slots=True)
class People:
    """Persons, one per array item."""

    male: Int64  # 1 or 0
    born: Int64  # days since 1970-01-01
    year: Int64
    region: Int64  # row in region_table(): the code in force when the number was issued
    sequence: Int64
    surname: Int64
    given_first: Int64  # row in name_lists().character
    given_second: Int64
    home: Int64  # row in region_table(): a present-day county


def draw_people(
    rng: np.random.Generator, rows: int, *, start: int = 1901, end: int = 2023, repeat: float = 0.0
) -> People:
    """Draw ``rows`` fictional persons born in the years ``start`` to ``end``.

    A share ``repeat`` are copies of earlier persons. Regions follow the population of the
    provinces. For a person born before the first identity cards (1986), the region code is one
    valid when the card was issued, not in the birth year.
    """
    names, regions = word_lists.name_lists(), word_lists.region_table()
    days, shares = word_lists.birth_years()
    years = days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    low = float(shares[np.searchsorted(years, start) - 1]) if start > years[0] else 0.0
    high = float(shares[min(int(np.searchsorted(years, end)), len(shares) - 1)])
    year_number = np.searchsorted(shares, low + rng.random(rows) * (high - low), side="right")
    year_number = np.minimum(year_number, len(shares) - 1)
    born = days[year_number] + (
        rng.random(rows) * (days[year_number + 1] - days[year_number])
    ).astype(np.int64)
    year = years[year_number]
    male = (rng.random(rows) < 0.512).astype(np.int64)
    issue_year = rng.integers(word_lists.FIRST_CARDS, word_lists.LAST_CARDS + 1, rows)
    issue_year = np.minimum(np.maximum(year, np.minimum(issue_year, year + 30)), regions.last_year)
    issue_year = np.maximum(issue_year, word_lists.FIRST_CARDS)
    province = np.searchsorted(regions.shares, rng.random(rows), side="right")
    region_list = (issue_year - regions.first_year) * regions.provinces + province
    current_list = (regions.last_year - regions.first_year) * regions.provinces + province
    character_list = male * 200 + (year - 1900)
    second = names.characters.pick(character_list, rng.random(rows))
    people = People(
        male,
        born,
        year,
        regions.in_force.pick(region_list, rng.random(rows)),
        FIRST_SEQUENCE + 2 * rng.integers(0, 2, rows) + male,
        np.searchsorted(names.shares, rng.random(rows), side="right"),
        names.characters.pick(character_list, rng.random(rows)),
        np.where(rng.random(rows) < _ONE_CHARACTER_SHARE, 0, second),
        regions.in_force.pick(current_list, rng.random(rows)),
    )
    source_row = np.arange(rows)
    copies = np.flatnonzero(rng.random(rows) < repeat)
    source_row[copies] = (rng.random(len(copies)) * copies).astype(np.int64)
    return take_rows(people, source_row)

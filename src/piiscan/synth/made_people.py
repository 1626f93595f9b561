"""Made persons: sex, day of birth, region of the number, name and home, as arrays."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from piiscan.arrays import Int64
from piiscan.synth import word_lists

#: Sequence numbers 996 to 999 were set aside for centenarians when numbers were introduced
#: (GB 11643-1989), so nobody born in the 20th century or later was given one: a made number
#: with such a sequence has no holder.
FIRST_SEQUENCE = 996

_ONE_CHARACTER = 0.14  # share of given names of one character, our estimate


@dataclass(frozen=True, slots=True)
class People:
    """Persons, one an entry."""

    male: Int64  # 1 or 0
    born: Int64  # days since 1970-01-01
    year: Int64
    region: Int64  # row in words.regions(): the code in force when the number was given
    sequence: Int64
    surname: Int64
    first: Int64  # characters of the given name
    second: Int64
    home: Int64  # row in words.regions(): a county of today

    def take(self, picked: Int64) -> People:
        """The persons at the places ``picked``."""
        return People(*(getattr(self, field.name)[picked] for field in fields(self)))


def draw(
    rng: np.random.Generator, rows: int, *, start: int = 1901, end: int = 2023, repeat: float = 0.0
) -> People:
    """``rows`` persons born from ``start`` to ``end``; a share ``repeat`` stands there again.

    Regions follow the provinces' population. Who was born before cards were given out (1986)
    got the code in force at that time, not the one of the birth year.
    """
    names, regions = word_lists.names(), word_lists.regions()
    days, shares = word_lists.births()
    years = days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    low = float(shares[np.searchsorted(years, start) - 1]) if start > years[0] else 0.0
    high = float(shares[min(int(np.searchsorted(years, end)), len(shares) - 1)])
    which = np.searchsorted(shares, low + rng.random(rows) * (high - low), side="right")
    which = np.minimum(which, len(shares) - 1)
    born = days[which] + (rng.random(rows) * (days[which + 1] - days[which])).astype(np.int64)
    year = years[which]
    male = (rng.random(rows) < 0.512).astype(np.int64)
    given = rng.integers(word_lists.FIRST_CARDS, word_lists.LAST_CARDS + 1, rows)
    given = np.minimum(np.maximum(year, np.minimum(given, year + 30)), regions.last_year)
    given = np.maximum(given, word_lists.FIRST_CARDS)
    province = np.searchsorted(regions.shares, rng.random(rows), side="right")
    slot = (given - regions.first_year) * regions.provinces + province
    today = (regions.last_year - regions.first_year) * regions.provinces + province
    usual = male * 200 + (year - 1900)
    second = names.usual.pick(usual, rng.random(rows))
    people = People(
        male,
        born,
        year,
        regions.in_force.pick(slot, rng.random(rows)),
        FIRST_SEQUENCE + 2 * rng.integers(0, 2, rows) + male,
        np.searchsorted(names.shares, rng.random(rows), side="right"),
        names.usual.pick(usual, rng.random(rows)),
        np.where(rng.random(rows) < _ONE_CHARACTER, 0, second),
        regions.in_force.pick(today, rng.random(rows)),
    )
    again = np.arange(rows)
    copies = np.flatnonzero(rng.random(rows) < repeat)
    again[copies] = (rng.random(len(copies)) * copies).astype(np.int64)
    return people.take(again)

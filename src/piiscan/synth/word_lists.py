"""Word lists and tables of ``corpora/words``, loaded once as arrays for look-ups."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from piiscan import data
from piiscan.arrays import Float64, Int64, UInt8
from piiscan.errors import PiiscanError

#: First and last year in which persons born earlier got their first identity card.
FIRST_CARDS, LAST_CARDS = 1986, 1999


def corpora_folder() -> Path:
    """Return the folder of the recipes: in the installed package, or at the top of a checkout.

    Raise PiiscanError if there is none.
    """
    package = Path(__file__).resolve().parents[1]
    for place in (package / "corpora", package.parents[1] / "corpora"):
        if (place / "words").is_dir():
            return place
    raise PiiscanError("corpora.missing")


def read_table(name: str) -> list[list[str]]:
    """Return the rows of ``words/name``, split at tabs, without comments."""
    text = (corpora_folder() / "words" / name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if line and line[0] != "#"]


def digit_rows(count: int, width: int) -> UInt8:
    """Return all numbers below ``count`` as ASCII digits, ``uint8[count, width]``, zero-padded.

    >>> bytes(digit_rows(12, 3)[11])
    b'011'
    """
    numbers = np.arange(count)[:, None] // 10 ** np.arange(width - 1, -1, -1)[None, :]
    return (numbers % 10 + 48).astype(np.uint8)


def byte_rows(texts: list[str]) -> UInt8:
    """Return ASCII strings of equal length as a byte matrix ``uint8[n, length]``."""
    return np.frombuffer("".join(texts).encode("ascii"), np.uint8).reshape(len(texts), -1)


def cumulative_shares(weights: Float64) -> Float64:
    """Convert weights to cumulative shares that end at 1, for ``searchsorted``."""
    total = np.cumsum(weights)
    return np.asarray(total / total[-1])


@dataclass(frozen=True, slots=True)
class RaggedLists:
    """Lists of different lengths in one array.

    List ``i`` is ``items[first[i]:first[i] + count[i]]``.
    """

    items: Int64
    first: Int64
    count: Int64

    def pick(self, which: Int64, chance: Float64) -> Int64:
        """Return one random item of each list numbered in ``which``; ``chance``: [0, 1) each."""
        return self.items[self.first[which] + (chance * self.count[which]).astype(np.int64)]

    @classmethod
    def of(cls, lists: list[list[int]]) -> RaggedLists:
        """Pack the given lists into one array; none may be empty."""
        count = np.array([len(one) for one in lists], dtype=np.int64)
        items = np.array([item for one in lists for item in one], dtype=np.int64)
        return cls(items, np.cumsum(count) - count, count)


@dataclass(frozen=True, slots=True)
class Regions:
    """Region codes as bytes, their names, and the codes in force by year and province."""

    code: UInt8
    province: Any
    city: Any
    county: Any
    shares: Float64  # rising shares of the provinces by population
    provinces: int
    first_year: int
    in_force: RaggedLists  # list (year - first_year) * provinces + province
    last_year: int


def _counties() -> list[tuple[str, int, int, str, str, str]]:
    """Return code, first and last year, province, city and county of every county-level code.

    A prefecture without counties (441900 东莞市) is its own county. The pseudo-cities that only
    group the counties of a municipality (市辖区, 县, 直辖县) are empty.
    """
    rows = [row for row in data.rows("regions") if row[1] and not row[3]]
    names = {row[0]: row[5] for row in rows}
    divided = {row[0][:4] for row in rows if row[0][4:] != "00"}
    counties = []
    for code, first, last, _, _, name, *_ in rows:
        if code[2:] == "0000" or (code[4:] == "00" and code[:4] in divided):
            continue
        city = names.get(f"{code[:4]}00", "") if code[4:] != "00" else ""
        city = "" if city in {"市辖区", "县", "市"} or "直辖" in city else city
        counties.append((code, int(first), int(last), names[f"{code[:2]}0000"], city, name))
    return counties


@cache
def region_table() -> Regions:
    """Return every county-level region code since 1980, and provinces by population."""
    people = {row[0]: float(row[1]) for row in read_table("provinces.tsv")}
    order = list(people)
    rows = [row for row in _counties() if row[0][:2] in people]
    years = range(min(row[1] for row in rows), max(row[2] for row in rows) + 1)
    lists: list[list[int]] = [[] for _ in range(len(years) * len(order))]
    for number, row in enumerate(rows):
        for year in range(row[1], row[2] + 1):
            lists[(year - years[0]) * len(order) + order.index(row[0][:2])].append(number)
    for number, one in enumerate(lists):  # a province founded later: use its codes of any year
        if not one:
            code = order[number % len(order)]
            one.extend(i for i, row in enumerate(rows) if row[0][:2] == code)
    return Regions(
        byte_rows([row[0] for row in rows]),
        pa.array([row[3] for row in rows]),
        pa.array([row[4] for row in rows]),
        pa.array([row[5] for row in rows]),
        cumulative_shares(np.array(list(people.values()))),
        len(order),
        years[0],
        RaggedLists.of(lists),
        years[-1],
    )


@dataclass(frozen=True, slots=True)
class Names:
    """Surnames with rising shares; characters of given names by sex and birth year."""

    surname: Any
    pinyin: Any
    shares: Float64
    character: Any  # the first entry is empty: no second character
    characters: RaggedLists  # list sex * 200 + (birth year - 1900); sex 1 = male, 0 = female


@cache
def name_lists() -> Names:
    """Load surnames and characters of given names, with shares, for drawing names."""
    surnames = read_table("surnames.tsv")
    given = read_table("given.tsv")
    characters = ["", *sorted({character for row in given for character in row[3]})]
    index = {character: number for number, character in enumerate(characters)}
    lists: list[list[int]] = []
    for sex in "fm":
        for year in range(1900, 2100):
            rows = [r for r in given if r[0] in {sex, "u"} and int(r[1]) <= year <= int(r[2])]
            rows = rows or [r for r in given if r[0] == sex]
            lists.append([index[character] for row in rows for character in row[3]])
    return Names(
        pa.array([row[0] for row in surnames]),
        pa.array([row[2] or "user" for row in surnames]),
        cumulative_shares(np.array([float(row[1]) for row in surnames])),
        pa.array(characters),
        RaggedLists.of(lists),
    )


@dataclass(frozen=True, slots=True)
class Segments:
    """Number segments of seven digits without subscribers, with rising shares."""

    code: UInt8
    shares: Float64


#: Share of subscribers by network, rounded from the operators' yearly reports.
_NETWORKS = {"移动": 0.55, "联通": 0.18, "电信": 0.22, "广电": 0.02, "虚拟运营商": 0.03}


@cache
def free_segments() -> Segments:
    """Return mobile number segments without subscribers, with rising shares.

    Networks count by share, prefixes of a network evenly. Prefixes with fewer than
    200 free segments get a smaller share.
    """
    spans = [(int(row[0]), int(row[1]), row[2]) for row in read_table("segments.tsv")]
    prefixes: dict[str, dict[str, list[int]]] = {}
    for first, last, network in spans:
        numbers = prefixes.setdefault(network, {}).setdefault(str(first)[:3], [])
        numbers.extend(range(first, last + 1))
    codes: list[int] = []
    weights: list[float] = []
    for network, share in _NETWORKS.items():
        free = sum(min(len(numbers), 200) for numbers in prefixes[network].values())
        for numbers in prefixes[network].values():
            codes += numbers
            weights += [share * min(len(numbers), 200) / free / len(numbers)] * len(numbers)
    return Segments(byte_rows([str(code) for code in codes]), cumulative_shares(np.array(weights)))


@cache
def birth_years() -> tuple[Int64, Float64]:
    """Return the first day of each birth year (days since 1970), and rising shares."""
    years: list[int] = []
    weights: list[float] = []
    for first, last, weight in read_table("births.tsv"):
        span = range(int(first), int(last) + 1)
        years += span
        weights += [float(weight) / len(span)] * len(span)
    days = np.array([f"{year}-01-01" for year in [*years, years[-1] + 1]], "datetime64[D]")
    return days.astype(np.int64), cumulative_shares(np.array(weights))


@cache
def read_words(name: str) -> dict[str, list[str]]:
    """Read ``words/name``: kind -> its list of words."""
    return {row[0]: row[1].split(" ") for row in read_table(name)}

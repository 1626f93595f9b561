"""Region names by code (GB/T 2260): province, prefecture, county, and earlier names.

A number keeps the code that was in force when it was assigned.  Codes were reused: 132905 was
泊头市 and became 河间市.  A county therefore gets its latest name, and all earlier names with it.
``430104 -> 湖南省, 长沙市, 岳麓区``
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import pyarrow as pa

from piiscan.arrays import Int32, UInt8
from piiscan.data import PROVINCES, rows
from piiscan.detect.arithmetic.char_matrix import (
    AttributeColumns,
    digits_to_text,
    take_words,
    word_array,
)
from piiscan.detect.arithmetic.digits import all_digits, number

#: Headings of the code list, not places.
_NO_PLACE: Final = {
    *("市辖区", "市区", "县", "市", "直辖县", "直辖市", "省直辖行政单位", "省直辖县级行政单位"),
    *("省直辖县级行政区划", "自治区直辖县级行政区划", "自治区直辖县级行政单位", "省直辖县"),
}
#: Characters of a province name that identify it: 湖南, 广西.
_SHORT: Final = 2
_HMT_PROVINCES: Final = {"81": "香港特别行政区", "82": "澳门特别行政区", "83": "台湾省"}


@dataclass(frozen=True, slots=True)
class RegionNames:
    """Lists of region names, and the index of each code's name in them (-1 for none)."""

    provinces: pa.Array
    province_index: Int32  # int32[100], by the first two digits
    prefectures: pa.Array
    prefecture_index: Int32  # int32[10_000], by the first four digits
    counties: pa.Array
    earlier: pa.Array
    county_index: Int32  # int32[1_000_000], by all six digits


@cache
def load_region_names() -> RegionNames:
    """Load the names of all GB/T 2260 region codes that were ever in force."""
    provinces: dict[int, str] = {int(code): name for code, name in _HMT_PROVINCES.items()}
    prefectures: dict[int, str] = {}
    counties: dict[int, tuple[str, str]] = {}
    for code, _, _, _, _, name, earlier in rows("regions"):
        whole = int(code)
        if whole // 10_000 not in PROVINCES or name in _NO_PLACE:
            if code == "710000":
                provinces[71] = name
        elif whole % 10_000 == 0:
            provinces[whole // 10_000] = name
        elif whole % 100 == 0:
            prefectures[whole // 100] = name
        else:
            others = (each for each in earlier.split(" ") if each not in _NO_PLACE)
            counties[whole] = name, "、".join(others)
    return RegionNames(
        word_array(provinces.values()),
        _index_table(provinces, 100),
        word_array(prefectures.values()),
        _index_table(prefectures, 10_000),
        word_array(name for name, _ in counties.values()),
        word_array(earlier for _, earlier in counties.values()),
        _index_table(counties, 1_000_000),
    )


def _index_table(named: dict[int, str] | dict[int, tuple[str, str]], size: int) -> Int32:
    """Return the position in ``named`` of each integer key, by key: int32[size], -1 for none."""
    table = np.full(size, -1, np.int32)
    table[list(named)] = np.arange(len(named))
    return table


@cache
def full_names_by_short() -> dict[str, str]:
    """Return short province name -> full name: ``湖南 -> 湖南省``.

    >>> short = full_names_by_short()
    >>> short["内蒙古"], short["广西"], short["重庆"]
    ('内蒙古自治区', '广西壮族自治区', '重庆市')
    """
    long = {"内蒙": "内蒙古", "黑龙": "黑龙江"}
    firsts = {name[:_SHORT]: name for name in load_region_names().provinces.to_pylist()}
    return {long.get(first, first): name for first, name in firsts.items()}


def province_indices(digits: UInt8) -> Int32:
    """Return the index of each code's province name, from its first two digit columns.

    -1 for no province.
    """
    known = all_digits(digits[:2])
    found: Int32 = np.where(
        known, load_region_names().province_index[number(digits[:2] * known)], np.int32(-1)
    )
    return found


def name_regions(digits: UInt8) -> AttributeColumns:
    """Return province, prefecture and county names of six-digit region codes; null if unknown.

    Hidden later columns (no digits) leave the larger regions known.

    >>> codes = [[4, 4], [3, 3], [0, 0], [1, 1], [0, 255], [4, 255]]
    >>> found = name_regions(np.array(codes, np.uint8))
    >>> found["county"].to_pylist(), found["prefecture"].to_pylist()
    (['岳麓区', None], ['长沙市', '长沙市'])
    """
    four, six = all_digits(digits[:4]), all_digits(digits[:6])
    province = province_indices(digits)
    prefecture = load_region_names().prefecture_index[np.where(four, number(digits[:4] * four), 0)]
    county = load_region_names().county_index[np.where(six, number(digits[:6] * six), 0)]
    return {
        "region_code": digits_to_text(digits[:6], where=six & (province >= 0)),
        "province": take_words(load_region_names().provinces, province),
        "prefecture": take_words(load_region_names().prefectures, prefecture),
        "county": take_words(load_region_names().counties, county),
        "county_earlier": take_words(load_region_names().earlier, county),
    }


def full_provinces(short: pa.Array) -> pa.Array:
    """Return the full names of short province names (湖南 -> 湖南省), null if unknown.

    >>> full_provinces(pa.array(["湖南", "火星"])).to_pylist()
    ['湖南省', None]
    """
    import pyarrow.compute as pc

    table = full_names_by_short()
    places = pc.index_in(short, pa.array(list(table)))
    return pa.array(list(table.values())).take(places)

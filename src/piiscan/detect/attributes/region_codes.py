"""What region codes of GB/T 2260 are called: province, prefecture, county, and earlier names.

A number keeps the code in force when it was assigned.  Codes were given away again (132905 was
泊头市 and became 河间市), so of a county its latest name is told and every earlier one beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import pyarrow as pa

from piiscan.arrays import Int32, UInt8
from piiscan.data import PROVINCES, rows
from piiscan.detect.arithmetic.char_matrix import Derived, listed, picked, spelt
from piiscan.detect.arithmetic.digits import all_digits, number

#: Names of groups that are no place of their own.
_NO_PLACE: Final = {
    *("市辖区", "市区", "县", "市", "直辖县", "直辖市", "省直辖行政单位", "省直辖县级行政单位"),
    *("省直辖县级行政区划", "自治区直辖县级行政区划", "自治区直辖县级行政单位", "省直辖县"),
}
#: The one letter or two of a place name that an abbreviated province begins with.
_SHORT: Final = 2
_RESIDENTS: Final = {"81": "香港特别行政区", "82": "澳门特别行政区", "83": "台湾省"}


@dataclass(frozen=True, slots=True)
class Names:
    """``provinces`` and, for each code, the place of its name in the lists (-1 for none)."""

    provinces: pa.Array
    province_at: Int32  # by the first two digits: int32[100]
    prefectures: pa.Array
    prefecture_at: Int32  # by the first four: int32[10_000]
    counties: pa.Array
    earlier: pa.Array
    county_at: Int32  # by all six: int32[1_000_000]


@cache
def names() -> Names:
    """The names of all codes that were ever in force, read once."""
    provinces: dict[int, str] = {int(code): name for code, name in _RESIDENTS.items()}
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
    return Names(
        listed(provinces.values()),
        _places(provinces, 100),
        listed(prefectures.values()),
        _places(prefectures, 10_000),
        listed(name for name, _ in counties.values()),
        listed(earlier for _, earlier in counties.values()),
        _places(counties, 1_000_000),
    )


def _places(named: dict[int, str] | dict[int, tuple[str, str]], size: int) -> Int32:
    table = np.full(size, -1, np.int32)
    table[list(named)] = np.arange(len(named))
    return table


@cache
def short_names() -> dict[str, str]:
    """Province as it is abbreviated in texts and tables -> its full name.

    >>> short_names()["内蒙古"], short_names()["广西"], short_names()["重庆"]
    ('内蒙古自治区', '广西壮族自治区', '重庆市')
    """
    long = {"内蒙": "内蒙古", "黑龙": "黑龙江"}
    firsts = {name[:_SHORT]: name for name in names().provinces.to_pylist()}
    return {long.get(first, first): name for first, name in firsts.items()}


def province_places(digits: UInt8) -> Int32:
    """The place in ``names().provinces`` that the first two digit columns name, -1 for none."""
    known = all_digits(digits[:2])
    found: Int32 = np.where(known, names().province_at[number(digits[:2] * known)], np.int32(-1))
    return found


def name_regions(digits: UInt8) -> Derived:
    """Code, province, prefecture, county of codes in six digit columns, as far as they are known.

    Later columns may be hidden (no digit): the province then still holds, and so on.

    >>> codes = [[4, 4], [3, 3], [0, 0], [1, 1], [0, 255], [4, 255]]
    >>> told = name_regions(np.array(codes, np.uint8))
    >>> told["county"].to_pylist(), told["prefecture"].to_pylist()
    (['岳麓区', None], ['长沙市', '长沙市'])
    """
    four, six = all_digits(digits[:4]), all_digits(digits[:6])
    province = province_places(digits)
    prefecture = names().prefecture_at[np.where(four, number(digits[:4] * four), 0)]
    county = names().county_at[np.where(six, number(digits[:6] * six), 0)]
    return {
        "region_code": spelt(digits[:6], where=six & (province >= 0)),
        "province": picked(names().provinces, province),
        "prefecture": picked(names().prefectures, prefecture),
        "county": picked(names().counties, county),
        "county_earlier": picked(names().earlier, county),
    }


def full_provinces(short: pa.Array) -> pa.Array:
    """Full names for abbreviated provinces; null where there is none.

    >>> full_provinces(pa.array(["湖南", "火星"])).to_pylist()
    ['湖南省', None]
    """
    import pyarrow.compute as pc

    table = short_names()
    places = pc.index_in(short, pa.array(list(table)))
    return pa.array(list(table.values())).take(places)

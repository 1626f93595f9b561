"""What phone numbers say: the carrier they were allotted to, province and city of their segment.

Numbers can be carried along to another carrier (since 2019), and people move: both are what the
number was given out as, never where its holder is now.  Provinces and cities of mobile segments
come from the geocoder of ``phonenumbers`` (Apache-2.0), which is read only when asked for; the
names are as old as its data.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

import numpy as np
import pyarrow as pa

from piiscan.arrays import Int32, UInt8
from piiscan.data import rows
from piiscan.detect.arithmetic.char_matrix import (
    Derived,
    certain,
    digits_of,
    listed,
    picked,
)
from piiscan.detect.arithmetic.digits import all_digits, number
from piiscan.detect.attributes.region_codes import full_provinces, short_names

_MOBILE: Final = 11
_PREFIX: Final = 5
_SEGMENT: Final = 7
#: Mobile numbers begin with 13 to 19: the first segment and how many there are.
_FIRST: Final = 1_300_000
_SEGMENTS: Final = 700_000
_CHINA: Final = "86"


@cache
def carriers() -> tuple[pa.Array, pa.Array, Int32]:
    """Carrier and kind (public, resale, satellite) of each prefix; its place by five digits.

    The table is kept in full, int32[100_000], as every mobile number of a scan is looked up in it.
    """
    table = [(prefix, carrier, kind) for prefix, carrier, kind in rows("mobile_prefixes")]
    at = np.full(10**_PREFIX, -1, np.int32)
    for place, (prefix, _, _) in enumerate(table):
        size = 10 ** (_PREFIX - len(prefix))
        at[int(prefix) * size : (int(prefix) + 1) * size] = place
    return listed(row[1] for row in table), listed(row[2] for row in table), at


def carrier_places(digits: UInt8) -> Int32:
    """The place in :func:`carriers` of numbers given as (at least) five digit columns."""
    known = all_digits(digits[:_PREFIX])
    found: Int32 = np.where(
        known, carriers()[2][number(digits[:_PREFIX] * known)], np.int32(-1)
    ).astype(np.int32)
    return found


@cache
def certain_carriers() -> Mapping[str, str]:
    """Head of a masked number -> the only carrier whose numbers begin so."""
    return certain((prefix, carrier) for prefix, carrier, _ in rows("mobile_prefixes"))


@cache
def segments() -> tuple[pa.Array, pa.Array, Int32]:
    """Provinces and cities, and their place by the first seven digits less 1,300,000.

    Filled from the shortest prefix to the longest, as a geocoder looks for the longest.
    """
    from phonenumbers.geodata import GEOCODE_DATA

    found: dict[str, int] = {}
    at = np.full(_SEGMENTS, -1, np.int32)
    keys = [key for key in GEOCODE_DATA if key.startswith(_CHINA + "1") and key[3:4] >= "3"]
    for key in sorted(keys, key=lambda each: (len(each), each)):
        name = GEOCODE_DATA[key].get("zh")
        if name is None:
            continue
        prefix = key[len(_CHINA) :]
        size = 10 ** (_SEGMENT - len(prefix))
        first = int(prefix) * size - _FIRST
        at[first : first + size] = found.setdefault(name, len(found))
    split = [_split(name) for name in found]
    return listed(place for place, _ in split), listed(city for _, city in split), at


def _split(name: str) -> tuple[str, str]:
    """Province and city of a place as the geocoder names it; a municipality is its own city.

    >>> _split("广西南宁市"), _split("天津"), _split("黑龙江省大庆市")
    (('广西壮族自治区', '南宁市'), ('天津市', '天津市'), ('黑龙江省', '大庆市'))
    """
    for short, whole in short_names().items():
        if name.startswith(short):
            rest = name.removeprefix(whole) if name.startswith(whole) else name[len(short) :]
            rest = rest.removeprefix("省").removeprefix("自治区")
            return whole, whole if rest in ("", "市") else rest
    return "", name


def describe_mobile(values: pa.Array, recognizer: str, *, as_of: int) -> Derived:
    """Original carrier and its kind; province and city of the segment.

    >>> told = describe_mobile(pa.array(["13800138000"]), "", as_of=20261231)
    >>> told["carrier"].to_pylist(), told["province"].to_pylist()
    (['中国移动'], ['北京市'])
    """
    digits = digits_of(values, _MOBILE)
    provinces, cities, at = segments()
    segment = number(digits[:_SEGMENT]) - np.int32(_FIRST)
    known = all_digits(digits[:_SEGMENT]) & (segment >= 0) & (segment < _SEGMENTS)
    place = np.where(known, at[segment * known], -1)
    return {
        **describe_carrier(values, recognizer, as_of=as_of),
        "province": picked(provinces, place),
        "city": picked(cities, place),
    }


def describe_carrier(values: pa.Array, recognizer: str, *, as_of: int) -> Derived:
    """Original carrier and its kind alone: what costs nothing to know of a mobile number."""
    del recognizer, as_of
    carrier, kind, _ = carriers()
    place = carrier_places(digits_of(values, _PREFIX))
    return {"carrier": picked(carrier, place), "carrier_kind": picked(kind, place)}


@cache
def _areas() -> tuple[pa.Array, pa.Array, pa.Array, Int32]:
    """Area codes, their provinces and cities, and their place by the number behind the 0."""
    table = [(code, *place.split("/")) for code, _, place in rows("area_codes")]
    at = np.full(1000, -1, np.int32)
    at[[int(code) for code, *_ in table]] = np.arange(len(table))
    codes, provinces, cities = zip(*table, strict=True)
    return listed(codes), full_provinces(listed(provinces)), listed(cities), at


def describe_landline(values: pa.Array, recognizer: str, *, as_of: int) -> Derived:
    """Area code with its province and city; the extension apart.

    >>> told = describe_landline(pa.array(["0731-80000001;ext=801"]), "", as_of=20261231)
    >>> told["city"].to_pylist(), told["extension"].to_pylist()
    (['长沙'], ['801'])
    """
    del recognizer, as_of
    codes, provinces, cities, at = _areas()
    digits = digits_of(values, 4)
    short = digits[3] > 9  # the hyphen stands behind three digits
    code = np.where(short, number(digits[1:3]), number(digits[1:4]))
    known = all_digits(digits[:3]) & (digits[0] == 0) & (short | (code >= 100))
    place = np.where(known, at[np.where(known, code, 0)], -1)
    return {
        "area_code": picked(codes, place),
        "province": picked(provinces, place),
        "city": picked(cities, place),
        "extension": split_extension(values)["extension"],
    }


def describe_virtual(values: pa.Array, recognizer: str, *, as_of: int) -> Derived:
    """Host and extension apart: thousands share a host, which is nobody's number.

    >>> told = describe_virtual(pa.array(["18412000001;ext=1234"]), "", as_of=20261231)
    >>> told["host"].to_pylist(), told["extension"].to_pylist()
    (['18412000001'], ['1234'])
    """
    return {
        **split_extension(values),
        "carrier": describe_carrier(values, recognizer, as_of=as_of)["carrier"],
    }


def split_extension(values: pa.Array) -> Derived:
    """What stands before and behind ``;ext=``."""
    import pyarrow.compute as pc

    parts = pc.extract_regex(values, "^(?P<host>[^;]*)(?:;ext=(?P<extension>[0-9]+))?$")
    extension = pc.struct_field(parts, "extension")
    return {
        "host": pc.struct_field(parts, "host"),
        "extension": pc.if_else(pc.equal(extension, ""), None, extension),
    }

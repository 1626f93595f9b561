"""Attributes of phone numbers: original carrier, province and city of the segment.

Numbers can be ported to another carrier (since 2019), and people move.  The attributes are those
of the allotment, never the present carrier or place.  Provinces and cities of mobile segments come
from the geocoder data of ``phonenumbers`` (Apache-2.0), loaded on first use and as old as that
release.  ``13800138000 -> 中国移动, 北京市``
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
    AttributeColumns,
    digits_of,
    take_words,
    unambiguous_prefixes,
    word_array,
)
from piiscan.detect.arithmetic.digits import all_digits, number
from piiscan.detect.attributes.region_codes import full_names_by_short, full_provinces
from piiscan.detect.checks.foreign_phone import region_of

_MOBILE: Final = 11
_PREFIX: Final = 5
_SEGMENT: Final = 7
#: Mobile numbers begin with 13 to 19: first segment and number of segments.
_FIRST: Final = 1_300_000
_SEGMENTS: Final = 700_000
_CHINA: Final = "86"


@cache
def carriers() -> tuple[pa.Array, pa.Array, Int32]:
    """Return carrier and kind (public, resale …) by index, and the index of each five-digit prefix.

    The table gives the index by the first five digits, int32[100_000], -1 for none.  It is
    complete, because every mobile number of a scan is looked up in it.
    """
    table = [(prefix, carrier, kind) for prefix, carrier, kind in rows("mobile_prefixes")]
    at = np.full(10**_PREFIX, -1, np.int32)
    for place, (prefix, _, _) in enumerate(table):
        size = 10 ** (_PREFIX - len(prefix))
        at[int(prefix) * size : (int(prefix) + 1) * size] = place
    return word_array(row[1] for row in table), word_array(row[2] for row in table), at


def carrier_indices(digits: UInt8) -> Int32:
    """Return each mobile number's index in :func:`carriers`, from five or more digit columns."""
    known = all_digits(digits[:_PREFIX])
    found: Int32 = np.where(
        known, carriers()[2][number(digits[:_PREFIX] * known)], np.int32(-1)
    ).astype(np.int32)
    return found


@cache
def certain_carriers() -> Mapping[str, str]:
    """Return number head -> carrier, for heads of mobile numbers that only one carrier has."""
    return unambiguous_prefixes((prefix, carrier) for prefix, carrier, _ in rows("mobile_prefixes"))


@cache
def segments() -> tuple[pa.Array, pa.Array, Int32]:
    """Return provinces and cities of mobile numbers, and the index of each seven-digit segment.

    The table starts at segment 1300000: entry ``n`` is segment 1,300,000 + ``n``; -1 for none.

    The table is filled from the shortest prefix to the longest, so that the longest one wins.
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
    split = [_split_province(name) for name in found]
    return word_array(place for place, _ in split), word_array(city for _, city in split), at


def _split_province(name: str) -> tuple[str, str]:
    """Split a place name of the geocoder into province and city; a municipality is its own city.

    >>> _split_province("广西南宁市"), _split_province("天津"), _split_province("黑龙江省大庆市")
    (('广西壮族自治区', '南宁市'), ('天津市', '天津市'), ('黑龙江省', '大庆市'))
    """
    for short, whole in full_names_by_short().items():
        if name.startswith(short):
            rest = name.removeprefix(whole) if name.startswith(whole) else name[len(short) :]
            rest = rest.removeprefix("省").removeprefix("自治区")
            return whole, whole if rest in ("", "市") else rest
    return "", name


def describe_mobile(values: pa.Array, recognizer: str, *, as_of: int) -> AttributeColumns:
    """Return original carrier, its kind, and home province and city of mobile numbers.

    >>> found = describe_mobile(pa.array(["13800138000"]), "", as_of=20261231)
    >>> found["carrier"].to_pylist(), found["province"].to_pylist()
    (['中国移动'], ['北京市'])
    """
    digits = digits_of(values, _MOBILE)
    provinces, cities, at = segments()
    segment = number(digits[:_SEGMENT]) - np.int32(_FIRST)
    known = all_digits(digits[:_SEGMENT]) & (segment >= 0) & (segment < _SEGMENTS)
    place = np.where(known, at[segment * known], -1)
    return {
        **describe_carrier(values, recognizer, as_of=as_of),
        "province": take_words(provinces, place),
        "city": take_words(cities, place),
    }


def describe_carrier(values: pa.Array, recognizer: str, *, as_of: int) -> AttributeColumns:
    """Return original carrier and its kind of mobile numbers, without loading the segment table."""
    del recognizer, as_of
    carrier, kind, _ = carriers()
    place = carrier_indices(digits_of(values, _PREFIX))
    return {"carrier": take_words(carrier, place), "carrier_kind": take_words(kind, place)}


@cache
def _areas() -> tuple[pa.Array, pa.Array, pa.Array, Int32]:
    """Return area codes, provinces, cities, and their index by code without its 0: int32[1000]."""
    table = [(code, *place.split("/")) for code, _, place in rows("area_codes")]
    at = np.full(1000, -1, np.int32)
    at[[int(code) for code, *_ in table]] = np.arange(len(table))
    codes, provinces, cities = zip(*table, strict=True)
    return word_array(codes), full_provinces(word_array(provinces)), word_array(cities), at


def describe_landline(values: pa.Array, recognizer: str, *, as_of: int) -> AttributeColumns:
    """Return area code, province, city and extension of landline numbers.

    >>> found = describe_landline(pa.array(["0731-80000001;ext=801"]), "", as_of=20261231)
    >>> found["city"].to_pylist(), found["extension"].to_pylist()
    (['长沙'], ['801'])
    """
    del recognizer, as_of
    codes, provinces, cities, at = _areas()
    digits = digits_of(values, 4)
    short = digits[3] > 9  # the hyphen follows three digits
    code = np.where(short, number(digits[1:3]), number(digits[1:4]))
    known = all_digits(digits[:3]) & (digits[0] == 0) & (short | (code >= 100))
    place = np.where(known, at[np.where(known, code, 0)], -1)
    return {
        "area_code": take_words(codes, place),
        "province": take_words(provinces, place),
        "city": take_words(cities, place),
        "extension": split_extension(values)["extension"],
    }


def describe_virtual(values: pa.Array, recognizer: str, *, as_of: int) -> AttributeColumns:
    """Return host number, extension and carrier of privacy numbers ``host;ext=NNNN``.

    Thousands share a host, which is nobody's number.

    >>> found = describe_virtual(pa.array(["18412000001;ext=1234"]), "", as_of=20261231)
    >>> found["host"].to_pylist(), found["extension"].to_pylist()
    (['18412000001'], ['1234'])
    """
    return {
        **split_extension(values),
        "carrier": describe_carrier(values, recognizer, as_of=as_of)["carrier"],
    }


def describe_region(values: pa.Array, recognizer: str, *, as_of: int) -> AttributeColumns:
    """Return the region of international numbers, as libphonenumber knows it.

    >>> describe_region(pa.array(["+639171234567"]), "", as_of=20261231)["region"].to_pylist()
    ['PH']
    """
    del recognizer, as_of
    regions = [region_of(value) for value in values.to_pylist()]
    return {"region": pa.array(regions, pa.string())}


def split_extension(values: pa.Array) -> AttributeColumns:
    """Split phone numbers ``host;ext=NNNN`` into columns ``host`` and ``extension``."""
    import pyarrow.compute as pc

    parts = pc.extract_regex(values, "^(?P<host>[^;]*)(?:;ext=(?P<extension>[0-9]+))?$")
    extension = pc.struct_field(parts, "extension")
    return {
        "host": pc.struct_field(parts, "host"),
        "extension": pc.if_else(pc.equal(extension, ""), None, extension),
    }

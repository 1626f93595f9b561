"""Coarse attributes of all findings of a scan: province, age band, carrier, sex.

The result equals ``coarse(attributes(...))`` but for four points.  The values come as numbers,
fast enough for millions (identity and mobile numbers have kernels of their own).  The province of
a mobile segment is left out, because every process would have to build its table.  The sex of
resident identity numbers is included, because their mask shows the digit that encodes it.  A masked
number has the band that is sure from its birth year.

``430104190506150016 -> 湖南省/adult//male``, ``13800138000 -> //中国移动/``
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import numpy as np
import pyarrow as pa

from piiscan.arrays import AnyArray, Int32
from piiscan.data import rows
from piiscan.detect.arithmetic.char_matrix import AttributeColumns, byte_offsets
from piiscan.detect.attributes.identity_numbers import (
    AGE_BANDS,
    CENTENARIANS,
    FULL_AGE,
    SENSITIVE_AGE,
    describe_foreigner,
)
from piiscan.detect.attributes.issuers import couriers, describe_sim, describe_waybill
from piiscan.detect.attributes.number_plates import describe_plate
from piiscan.detect.attributes.organisations import describe_credit_code, describe_licence
from piiscan.detect.attributes.phone_numbers import (
    carriers,
    certain_carriers,
    describe_carrier,
    describe_landline,
)
from piiscan.detect.attributes.postal_addresses import describe_province
from piiscan.detect.attributes.region_codes import load_region_names
from piiscan.jit import inlined, kernel

#: Entities without a kernel of their own -> function that derives their attributes.
_DESCRIBERS: Final = {
    "CN_ADDRESS": describe_province,
    "CN_BIZ_LICENCE": describe_licence,
    "CN_FOREIGN_PR_ID": describe_foreigner,
    "CN_IOT_NUMBER": describe_sim,
    "CN_LANDLINE": describe_landline,
    "CN_PLATE": describe_plate,
    "CN_USCC": describe_credit_code,
    "CN_VIRTUAL_NUMBER": describe_carrier,
    "CN_WAYBILL": describe_waybill,
    "ICCID": describe_sim,
    "IMSI": describe_sim,
}
_DAYS: Final = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], np.int64)


@cache
def _provinces() -> tuple[str, ...]:
    """Return the names of all provinces, sorted."""
    return tuple(sorted(set(load_region_names().provinces.to_pylist())))


@cache
def _carriers() -> tuple[str, ...]:
    """Return the names of all carriers of mobile numbers, SIM cards and waybills, sorted."""
    operators = {row[1] for row in rows("operators")}
    return tuple(sorted({*carriers()[0].to_pylist(), *operators, *couriers().values()}))


# A code is 0, or sex (from 1) * _SEX + province (from 1) * _BANDS + age band (from 1), or _CARRIER
# + carrier: no entity has both.
_BANDS: Final = 10
_SEX: Final = 40 * _BANDS
_CARRIER: Final = 3 * _SEX
_SEXES: Final = ("", "female", "male")
#: Digits of the longest prefix of a mobile number.
_PREFIX_DIGITS: Final = 5


def summarise(
    values: pa.Array, kinds: AnyArray, *, names: Sequence[tuple[str, str]], as_of: int
) -> pa.Array:
    """Return ``province/age band/carrier/sex`` of each value as text; null if all are unknown.

    ``kinds[i]`` is an index in ``names``, the pairs (entity, recognizer). ``as_of``: day on which
    ages are counted, YYYYMMDD.

    >>> found = summarise(pa.array(["430104190506150016", "13800138000"]), np.arange(2),
    ...                  names=[("CN_RESIDENT_ID", "cn.resident_id"), ("CN_MOBILE", "cn.mobile")],
    ...                  as_of=20261231)
    >>> found.to_pylist()
    ['湖南省/adult//male', '//中国移动/']
    """
    codes = np.zeros(len(values), np.int32)
    present = np.bincount(kinds, minlength=len(names)) if len(values) else np.zeros(0, np.int64)
    for kind in np.flatnonzero(present).tolist():
        entity, recognizer = names[kind]
        if entity == "CN_RESIDENT_ID":
            _encode_resident_ids(
                *byte_offsets(values), kinds, kind, _province_codes(), as_of, codes
            )
        elif entity == "CN_MOBILE":
            _encode_mobiles(*byte_offsets(values), kinds, kind, _carrier_codes(), codes)
        elif recognizer in ("masked.resident_id", "damaged.resident_id"):
            whole = entity == "DAMAGED"
            _encode_masked_ids(
                *byte_offsets(values), kinds, kind, _province_codes(), whole, as_of, codes
            )
        elif recognizer == "masked.mobile":
            _encode_mobiles(*byte_offsets(values), kinds, kind, _prefix_codes(), codes)
        elif entity in _DESCRIBERS:
            where = np.flatnonzero(kinds == kind)
            taken = values.take(pa.array(where))
            codes[where] = _encode(_DESCRIBERS[entity](taken, recognizer, as_of=as_of), len(where))
    return _codes_to_words(codes)


def parse_summary(word: str) -> dict[str, str]:
    """Parse a text of :func:`summarise`.  Return its attributes by name.

    >>> parse_summary("湖南省/adult//"), parse_summary("//中国移动/"), parse_summary("///male")
    ({'province': '湖南省', 'age_band': 'adult'}, {'carrier': '中国移动'}, {'sex': 'male'})
    """
    names = ("province", "age_band", "carrier", "sex")
    return {name: part for name, part in zip(names, word.split("/"), strict=True) if part}


def _encode(found: AttributeColumns, count: int) -> Int32:
    """Return the summary code of each value from its attribute columns: int32[count]."""
    codes = np.zeros(count, np.int32)
    if "province" in found:
        codes += _BANDS * (1 + _word_indices(found["province"], _provinces()))
    if "age" in found:
        age = found["age"].fill_null(-1).to_numpy(zero_copy_only=False)
        codes += ((age >= 0) + 0 + (age >= SENSITIVE_AGE) + (age >= FULL_AGE)).astype(np.int32)
    if "carrier" in found:
        number = _word_indices(found["carrier"], _carriers())
        codes[number >= 0] = _CARRIER + number[number >= 0]
    return codes


def _word_indices(words: pa.Array, table: Sequence[str]) -> Int32:
    """Return the index of each word in ``table``, -1 if it is absent or null."""
    import pyarrow.compute as pc

    places = pc.index_in(words, pa.array(table)).fill_null(-1)
    numbers: Int32 = places.to_numpy(zero_copy_only=False)
    return numbers


def _codes_to_words(codes: Int32) -> pa.Array:
    """Return summary codes as a dictionary array of summaries, sorted by code; null for code 0."""
    seen = np.zeros(_CARRIER + len(_carriers()), np.bool_)
    seen[codes] = True
    used = np.flatnonzero(seen)
    at = np.empty(len(seen), np.int32)  # only entries of used codes are read
    at[used] = np.arange(len(used))
    indices = pa.array(at[codes], mask=codes == 0)
    return pa.DictionaryArray.from_arrays(
        indices, [_summary_of_code(code) for code in used.tolist()]
    )


@cache
def _summary_of_code(code: int) -> str:
    """Return the summary ``province/age band/carrier/sex`` of one summary code."""
    if code >= _CARRIER:
        return f"//{_carriers()[code - _CARRIER]}/"
    sex, rest = divmod(code, _SEX)
    province, band = divmod(rest, _BANDS)
    name = _provinces()[province - 1] if province else ""
    return f"{name}/{('', *AGE_BANDS)[band]}//{_SEXES[sex]}"


@cache
def _province_codes() -> Int32:
    """Return the summary code of each province by its two digits: int32[100], 0 for none."""
    table = load_region_names()
    codes = [(1 + _provinces().index(name)) * _BANDS for name in table.provinces.to_pylist()]
    return np.array([*codes, 0], np.int32)[table.province_index]


@cache
def _carrier_codes() -> Int32:
    """Return the summary code of the carrier by five leading digits: int32[6, 100_000], 0 for none.

    Only the last row is filled: a number with fewer leading digits has no carrier.
    """
    words, _, at = carriers()
    codes = [_CARRIER + _carriers().index(name) for name in words.to_pylist()]
    table = np.zeros((_PREFIX_DIGITS + 1, 10**_PREFIX_DIGITS), np.int32)
    table[_PREFIX_DIGITS] = np.array([*codes, 0], np.int32)[at]
    return table


@cache
def _prefix_codes() -> Int32:
    """Return the summary code of a head's only carrier: row ``n`` by its first ``n`` digits."""
    table = np.zeros((_PREFIX_DIGITS + 1, 10**_PREFIX_DIGITS), np.int32)
    for head, carrier in certain_carriers().items():
        for digits in range(len(head), _PREFIX_DIGITS + 1):
            size = 10 ** (digits - len(head))
            first = int(head) * size
            table[digits, first : first + size] = _CARRIER + _carriers().index(carrier)
    return table


@inlined
def _is_day(data: Any, at: int, year: int) -> bool:  # pragma: no cover - compiled
    """Return True if the digits MMDD at ``at`` are a day of ``year``."""
    month = (np.int64(data[at]) - 48) * 10 + data[at + 1] - 48
    day = (np.int64(data[at + 2]) - 48) * 10 + data[at + 3] - 48
    leap = (year % 4 == 0 and year % 100 != 0) or year % 400 == 0
    real = 1 <= month <= 12 and 1 <= day <= _DAYS[min(month, 12)] and year > 0
    return bool(real and not (month == 2 and day == 29 and not leap))


@inlined
def _band(age: int) -> int:  # pragma: no cover - compiled
    """Return the number of the age band, from 1; 0 for an age below 0."""
    return int(age >= 0) + int(age >= SENSITIVE_AGE) + int(age >= FULL_AGE)


@kernel
def _encode_resident_ids(
    starts: Any, ends: Any, data: Any, kinds: Any, kind: int, table: Any, as_of: int, codes: Any
) -> None:  # pragma: no cover - compiled
    """Write summary codes (sex, province, age band) of resident identity numbers to ``codes``.

    Only rows of ``kind`` are written.  ``table`` has the province codes by two digits.  A 15-digit
    number with a serial of 996 or more belongs to a centenarian and gets no band.
    """
    for row in range(len(starts)):
        if kinds[row] != kind:
            continue
        low, size = starts[row], ends[row] - starts[row]
        if size != 18 and size != 15:
            continue
        wrong = False
        for place in range(17 if size == 18 else 15):
            if data[low + place] < 48 or data[low + place] > 57:
                wrong = True
        if wrong:
            continue
        odd = (data[low + (16 if size == 18 else 14)] - 48) % 2
        codes[row] = table[(data[low] - 48) * 10 + data[low + 1] - 48] + (1 + odd) * _SEX
        at = low + 8
        year = (np.int64(data[low + 6]) - 48) * 10 + data[low + 7] - 48
        if size == 18:
            year = year * 100 + (np.int64(data[at]) - 48) * 10 + data[at + 1] - 48
            at += 2
        else:
            serial = (np.int64(data[low + 12]) - 48) * 100 + (np.int64(data[low + 13]) - 48) * 10
            if serial + data[low + 14] - 48 >= CENTENARIANS:
                continue
            year += 1900
        if _is_day(data, at, year):
            codes[row] += _band(_age(data, at, year, as_of))


@inlined
def _sure_band(year: int, as_of: int) -> int:  # pragma: no cover - compiled
    """Return the age band that every birthday of ``year`` gives; 0 for none, or no such year."""
    oldest = as_of // 10_000 - year
    sure = 1800 <= year < 2200 and _band(oldest) == _band(oldest - 1)
    return _band(oldest) if sure else 0


@inlined
def _age(data: Any, at: int, year: int, as_of: int) -> int:  # pragma: no cover - compiled
    """Return the age on ``as_of`` of somebody born in ``year`` on the digits MMDD at ``at``."""
    month = (np.int64(data[at]) - 48) * 10 + data[at + 1] - 48
    day = (np.int64(data[at + 2]) - 48) * 10 + data[at + 3] - 48
    return int((as_of - (year * 10_000 + month * 100 + day)) // 10_000)


@kernel
def _encode_masked_ids(
    starts: Any,
    ends: Any,
    data: Any,
    kinds: Any,
    kind: int,
    table: Any,
    damaged: bool,
    as_of: int,
    codes: Any,
) -> None:  # pragma: no cover - compiled
    """Write summary codes (province, age band) of masked or damaged IDs to ``codes``.

    ``damaged`` values must be 18 digits with an existing birth date.  Of a masked value the birth
    year is known: it gets a band if every birthday of that year gives the same.
    """
    for row in range(len(starts)):
        low, size = starts[row], ends[row] - starts[row]
        if kinds[row] != kind or size < 2 or (damaged and size != 18):
            continue
        shown = 0  # bit ``place`` is set for each visible digit
        for place in range(min(size, 18)):
            if 48 <= data[low + place] <= 57:
                shown |= 1 << place
        if damaged and shown != (1 << 18) - 1:
            continue
        if shown & 3 == 3:
            codes[row] = table[(data[low] - 48) * 10 + data[low + 1] - 48]
        first = (np.int64(data[low + 6]) - 48) * 10 + data[low + 7] - 48 if size >= 8 else 0
        if size == 18 and shown & 0b1111000000 == 0b1111000000:
            year = first * 100 + (np.int64(data[low + 8]) - 48) * 10 + data[low + 9] - 48
            if damaged and not _is_day(data, low + 10, year):
                continue
        elif size == 15 and shown & 0b11000000 == 0b11000000:
            year = 1900 + first
        else:
            continue
        if damaged:
            codes[row] += _band(_age(data, low + 10, year, as_of))
        else:
            codes[row] += _sure_band(year, as_of)


@kernel
def _encode_mobiles(
    starts: Any, ends: Any, data: Any, kinds: Any, kind: int, table: Any, codes: Any
) -> None:  # pragma: no cover - compiled
    """Write summary codes (carrier) of mobile numbers, plain or masked, to ``codes``.

    ``table`` has a row for each number of leading digits, at most five.
    """
    for row in range(len(starts)):
        if kinds[row] == kind:
            head, count = np.int64(0), 0
            for place in range(min(ends[row] - starts[row], 5)):
                digit = np.int64(data[starts[row] + place]) - 48
                if digit < 0 or digit > 9:
                    break
                head = head * 10 + digit
                count += 1
            codes[row] = table[count, head]

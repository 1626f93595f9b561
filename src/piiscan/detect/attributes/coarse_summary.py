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
from typing import Final

import numpy as np
import pyarrow as pa

from piiscan.arrays import AnyArray, Int32
from piiscan.data import rows
from piiscan.detect.arithmetic.char_matrix import AttributeColumns, byte_offsets
from piiscan.detect.attributes import attribute_kernels
from piiscan.detect.attributes.attribute_kernels import FULL_AGE, SENSITIVE_AGE, SEX
from piiscan.detect.attributes.identity_numbers import AGE_BANDS, describe_foreigner
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


@cache
def _provinces() -> tuple[str, ...]:
    """Return the names of all provinces, sorted."""
    return tuple(sorted(set(load_region_names().provinces.to_pylist())))


@cache
def _carriers() -> tuple[str, ...]:
    """Return the names of all carriers of mobile numbers, SIM cards and waybills, sorted."""
    operators = {row[1] for row in rows("operators")}
    return tuple(sorted({*carriers()[0].to_pylist(), *operators, *couriers().values()}))


# A code is 0, or sex (from 1) * SEX + province (from 1) * _BANDS + age band (from 1), or _CARRIER
# + carrier: no entity has both.
_BANDS: Final = 10
_CARRIER: Final = 3 * SEX
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
    codes, kinds = np.zeros(len(values), np.int32), kinds.astype(np.int64, copy=False)
    present = np.bincount(kinds, minlength=len(names)) if len(values) else np.zeros(0, np.int64)
    for kind in np.flatnonzero(present).tolist():
        entity, recognizer = names[kind]
        if entity == "CN_RESIDENT_ID":
            attribute_kernels.encode_resident_ids(
                *byte_offsets(values), kinds, kind, _province_codes(), as_of, codes
            )
        elif entity == "CN_MOBILE":
            attribute_kernels.encode_mobiles(
                *byte_offsets(values), kinds, kind, _carrier_codes(), codes
            )
        elif recognizer in ("masked.resident_id", "damaged.resident_id"):
            whole = entity == "DAMAGED"
            attribute_kernels.encode_masked_ids(
                *byte_offsets(values), kinds, kind, _province_codes(), whole, as_of, codes
            )
        elif recognizer == "masked.mobile":
            attribute_kernels.encode_mobiles(
                *byte_offsets(values), kinds, kind, _prefix_codes(), codes
            )
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
    sex, rest = divmod(code, SEX)
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

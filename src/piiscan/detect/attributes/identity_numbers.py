"""Attributes of identity numbers: region, birth, sex, age; nationality of foreigners.

GB 11643-1999 (18 characters), GB 11643-1989 (15 digits), residence permits of Hong Kong, Macau and
Taiwan (GA 2018) and permanent residence cards of foreigners (2017 and 2023).
``430104190506150016 -> 湖南省, 长沙市, 岳麓区, 1905-06-15, male``
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
import pyarrow as pa

from piiscan.arrays import AnyArray, Bool, Int32, UInt8
from piiscan.data import rows
from piiscan.detect.arithmetic.char_matrix import (
    AttributeColumns,
    chars_to_text,
    digits_of,
    int64_array,
    lengths_of,
    null_unless,
    take_words,
    word_array,
)
from piiscan.detect.arithmetic.digits import all_digits, number, real_date, weighted_sum
from piiscan.detect.arithmetic.weighted_sums import GB_11643
from piiscan.detect.attributes.attribute_kernels import CENTENARIANS, FULL_AGE, SENSITIVE_AGE
from piiscan.detect.attributes.region_codes import load_region_names, name_regions, province_indices

#: Age bands, the only ages that stand beside a masked identity number.
AGE_BANDS: Final = ("under_14", "14_17", "adult")
_CHECKS: Final = np.frombuffer(GB_11643.checks.encode(), np.uint8)
_SEXES: Final = word_array(("female", "male"))
_LENGTH: Final = 18
_OLD_LENGTH: Final = 15


def describe_resident(values: pa.Array, recognizer: str, *, as_of: int) -> AttributeColumns:
    """Return region, birth, sex and age of resident identity numbers.

    A number of 15 digits also gets the 18-character number made from it, ``derived_id_18``.

    >>> found = describe_resident(pa.array(["430104050615001"]), "", as_of=20261231)
    >>> found["derived_id_18"].to_pylist(), found["birth_date"].to_pylist()
    (['430104190506150016'], ['1905-06-15'])
    """
    del recognizer
    length = lengths_of(values)
    digits = _expand_to_18(digits_of(values, _LENGTH), length)
    good = all_digits(digits[:17]) & ((length == _LENGTH) | (length == _OLD_LENGTH))
    digits[:, ~good] = 255
    old = good & (length == _OLD_LENGTH)
    born = good & ~(old & (number(digits[14:17]) >= CENTENARIANS))
    odd = digits[16] % 2 == 1
    birth = describe_birth(digits[6:14], born, as_of=as_of)
    made = np.where(good, digits[:18], 0).astype(np.uint8) + np.uint8(48)
    made[17] = _CHECKS[weighted_sum(digits[:17] * good, GB_11643.weights) % 11]
    return {
        **name_regions(digits),
        **birth,
        "sex": take_words(_SEXES, np.where(good, odd, -1)),
        "derived_id_18": null_unless(
            chars_to_text(made), old & np.asarray(birth["birth_year"].is_valid())
        ),
    }


def _expand_to_18(digits: UInt8, length: Int32) -> UInt8:
    """Return identity number digits in the 18-digit layout; 15-digit numbers get the century 19."""
    old = length == _OLD_LENGTH
    wide = digits.copy()
    wide[8:17, old] = digits[6:15, old]
    wide[6, old], wide[7, old] = 1, 9
    return wide


def describe_birth(digits: UInt8, known: Bool, *, as_of: int) -> AttributeColumns:
    """Return birth date, year, age and ``under_14`` on day ``as_of`` from columns YYYYMMDD.

    Null outside of ``known`` and if the day does not exist; no age if the day is after ``as_of``.
    A birthday counts on the day itself (PIPL article 28): born 14 years ago today is not under 14.
    """
    known = known & all_digits(digits)
    digits = digits * known
    year = number(digits[:4])
    month, day = digits[4] * 10 + digits[5], digits[6] * 10 + digits[7]
    real = known & real_date(year, month, day)
    age = (as_of - (year * 10_000 + month * np.int32(100) + day)) // 10_000
    aged = real & (age >= 0)
    return {
        "birth_date": null_unless(_iso_dates(digits), real),
        "birth_year": int64_array(year, real),
        "age": int64_array(age, aged),
        "under_14": pa.array(age < SENSITIVE_AGE, mask=~aged),
    }


def age_band(age: int) -> str:
    """Return the age band of an age in years.

    >>> age_band(13), age_band(14), age_band(17), age_band(18)
    ('under_14', '14_17', '14_17', 'adult')
    """
    return AGE_BANDS[(age >= SENSITIVE_AGE) + (age >= FULL_AGE)]


def _iso_dates(digits: UInt8) -> pa.Array:
    """Return eight digit columns as texts YYYY-MM-DD."""
    shown = np.full((10, digits.shape[1]), ord("-"), np.uint8)
    shown[[0, 1, 2, 3, 5, 6, 8, 9]] = digits + np.uint8(48)
    return chars_to_text(shown)


@cache
def _countries() -> tuple[pa.Array, Int32]:
    """Return alpha-3 country codes and their index by ISO number (int32[1000], -1 for none)."""
    table = [(int(code), alpha3) for code, _, alpha3, _ in rows("countries")]
    at = np.full(1000, -1, np.int32)
    at[[code for code, _ in table]] = np.arange(len(table))
    return word_array(alpha3 for _, alpha3 in table), at


def describe_foreigner(values: pa.Array, recognizer: str, *, as_of: int) -> AttributeColumns:
    """Return province, nationality (ISO 3166 alpha-3) and birth of foreign permanent residents.

    18 digits (2023): 9, province, country by number, birth, serial, check.  The older cards of
    three letters and twelve digits give the nationality only.

    >>> found = describe_foreigner(pa.array(["911124198108030024"]), "", as_of=20261231)
    >>> found["nationality"].to_pylist(), found["age"].to_pylist()
    (['CAN'], [45])
    """
    import pyarrow.compute as pc

    del recognizer
    digits = digits_of(values, _LENGTH)
    good = (lengths_of(values) == _LENGTH) & (digits[0] == 9) & all_digits(digits[:17])
    digits[:, ~good] = 255
    codes, at = _countries()
    by_number = take_words(codes, np.where(good, at[number(digits[3:6] * good)], -1))
    letters = pc.utf8_slice_codeunits(values, 0, 3)
    by_letters = pc.if_else(pc.is_in(letters, codes), letters, None)
    return {
        "province": take_words(load_region_names().provinces, province_indices(digits[1:3])),
        "nationality": pc.coalesce(by_number, by_letters),
        **describe_birth(digits[6:14], good, as_of=as_of),
    }


def describe_taiwanese(values: pa.Array, recognizer: str, *, as_of: int) -> AttributeColumns:
    """Return the sex from the second character of Taiwan identity numbers: 1 male, 2 female.

    >>> describe_taiwanese(pa.array(["A123456789"]), "", as_of=20261231)["sex"].to_pylist()
    ['male']
    """
    del recognizer, as_of
    second = digits_of(values, 2)[1]
    place: AnyArray = np.select([second == 1, second == 2], [1, 0], -1)
    return {"sex": take_words(_SEXES, place)}

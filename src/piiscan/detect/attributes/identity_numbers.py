"""What identity numbers say of their holder: region, birth, sex, age; nationality of foreigners.

GB 11643-1999 (18 characters), GB 11643-1989 (15 digits), residence permits of Hong Kong, Macau and
Taiwan (GA 2018) and permanent residence cards of foreigners (2017 and 2023).
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
import pyarrow as pa

from piiscan.arrays import AnyArray, Bool, Int32, UInt8
from piiscan.data import rows
from piiscan.detect.arithmetic.char_matrix import (
    Derived,
    digits_of,
    kept,
    lengths_of,
    listed,
    picked,
    texts_of,
    whole,
)
from piiscan.detect.arithmetic.digits import all_digits, number, real_date, weighted_sum
from piiscan.detect.attributes.region_codes import name_regions, names, province_places

#: PIPL article 28: information on minors under fourteen is sensitive.
FOURTEEN: Final = 14
#: Serial numbers of 15-digit numbers kept for people over a hundred (GB 11643-1989): born 18YY.
CENTENARIANS: Final = 996
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS: Final = np.frombuffer(b"10X98765432", np.uint8)
_SEXES: Final = listed(("female", "male"))
_NUMBER: Final = 18
_OLD: Final = 15


def describe_resident(values: pa.Array, recognizer: str, *, as_of: int) -> Derived:
    """Region, birth, sex, age of resident identity numbers; of 15 digits the number made of it.

    >>> told = describe_resident(pa.array(["430104050615001"]), "", as_of=20261231)
    >>> told["derived_id_18"].to_pylist(), told["birth_date"].to_pylist()
    (['430104190506150016'], ['1905-06-15'])
    """
    del recognizer
    length = lengths_of(values)
    digits = _eighteen(digits_of(values, _NUMBER), length)
    good = all_digits(digits[:17]) & ((length == _NUMBER) | (length == _OLD))
    digits[:, ~good] = 255
    old = good & (length == _OLD)
    born = good & ~(old & (number(digits[14:17]) >= CENTENARIANS))
    odd = digits[16] % 2 == 1
    birth = describe_birth(digits[6:14], born, as_of=as_of)
    made = np.where(good, digits[:18], 0).astype(np.uint8) + np.uint8(48)
    made[17] = _CHECKS[weighted_sum(digits[:17] * good, _WEIGHTS) % 11]
    return {
        **name_regions(digits),
        **birth,
        "sex": picked(_SEXES, np.where(good, odd, -1)),
        "derived_id_18": kept(texts_of(made), old & np.asarray(birth["birth_year"].is_valid())),
    }


def _eighteen(digits: UInt8, length: Int32) -> UInt8:
    """Columns as of 18 characters: a number of 15 digits gets its century."""
    old = length == _OLD
    wide = digits.copy()
    wide[8:17, old] = digits[6:15, old]
    wide[6, old], wide[7, old] = 1, 9
    return wide


def describe_birth(digits: UInt8, where: Bool, *, as_of: int) -> Derived:
    """Birth date, year, age and whether under 14 on ``as_of``, of YYYYMMDD in eight columns.

    Nothing where the day does not exist; no age where it is after ``as_of``.  A birthday counts
    on the day itself, as in PIPL article 28: born 14 years ago today is no longer under 14.
    """
    where = where & all_digits(digits)
    digits = digits * where
    year = number(digits[:4])
    month, day = digits[4] * 10 + digits[5], digits[6] * 10 + digits[7]
    real = where & real_date(year, month, day)
    age = (as_of - (year * 10_000 + month * np.int32(100) + day)) // 10_000
    aged = real & (age >= 0)
    return {
        "birth_date": kept(_iso(digits), real),
        "birth_year": whole(year, real),
        "age": whole(age, aged),
        "under_14": pa.array(age < FOURTEEN, mask=~aged),
    }


def _iso(digits: UInt8) -> pa.Array:
    shown = np.full((10, digits.shape[1]), ord("-"), np.uint8)
    shown[[0, 1, 2, 3, 5, 6, 8, 9]] = digits + np.uint8(48)
    return texts_of(shown)


@cache
def _countries() -> tuple[pa.Array, Int32]:
    """Alpha-3 codes, and their place by number (int32[1000], -1 for none)."""
    table = [(int(code), alpha3) for code, _, alpha3, _ in rows("countries")]
    at = np.full(1000, -1, np.int32)
    at[[code for code, _ in table]] = np.arange(len(table))
    return listed(alpha3 for _, alpha3 in table), at


def describe_foreigner(values: pa.Array, recognizer: str, *, as_of: int) -> Derived:
    """Province of the permit, nationality (ISO 3166 alpha-3) and birth of permanent residents.

    18 digits (2023): 9, province, country by number, birth, serial, check.  Of the older cards of
    three letters and twelve digits only the nationality is sure.

    >>> told = describe_foreigner(pa.array(["911124198108030024"]), "", as_of=20261231)
    >>> told["nationality"].to_pylist(), told["age"].to_pylist()
    (['CAN'], [45])
    """
    import pyarrow.compute as pc

    del recognizer
    digits = digits_of(values, _NUMBER)
    good = (lengths_of(values) == _NUMBER) & (digits[0] == 9) & all_digits(digits[:17])
    digits[:, ~good] = 255
    codes, at = _countries()
    by_number = picked(codes, np.where(good, at[number(digits[3:6] * good)], -1))
    letters = pc.utf8_slice_codeunits(values, 0, 3)
    by_letters = pc.if_else(pc.is_in(letters, codes), letters, None)
    return {
        "province": picked(names().provinces, province_places(digits[1:3])),
        "nationality": pc.coalesce(by_number, by_letters),
        **describe_birth(digits[6:14], good, as_of=as_of),
    }


def describe_taiwanese(values: pa.Array, recognizer: str, *, as_of: int) -> Derived:
    """Sex by the second character of a Taiwan identity number: 1 male, 2 female.

    >>> describe_taiwanese(pa.array(["A123456789"]), "", as_of=20261231)["sex"].to_pylist()
    ['male']
    """
    del recognizer, as_of
    second = digits_of(values, 2)[1]
    place: AnyArray = np.select([second == 1, second == 2], [1, 0], -1)
    return {"sex": picked(_SEXES, place)}

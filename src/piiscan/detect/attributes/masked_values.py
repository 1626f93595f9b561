"""Attributes of masked and damaged values: visible head and tail, by which values are linked later.

Head, tail and length are copied.  Beyond them only certain facts are derived: a province if its
two digits are visible; a birth year if the year is visible and the value has its full length; a
carrier or bank if no other one has such a head.
``4301**********0016 -> 湖南省``, ``138****8000 -> 中国移动``
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

import numpy as np
import pyarrow as pa

from piiscan.detect.arithmetic.char_matrix import (
    AttributeColumns,
    PrefixTable,
    digits_of,
    int64_array,
    lengths_of,
    take_words,
    word_array,
)
from piiscan.detect.arithmetic.digits import all_digits, number
from piiscan.detect.attributes.identity_numbers import describe_birth
from piiscan.detect.attributes.issuers import certain_banks
from piiscan.detect.attributes.phone_numbers import certain_carriers
from piiscan.detect.attributes.region_codes import name_regions

_LENGTH: Final = 18
_OLD_LENGTH: Final = 15
_HEAD: Final = 10
_PARTS: Final = r"^(?P<head>[^*]*)\*(?:.*\*)?(?P<tail>[^*]*)$"


def describe_mask(values: pa.Array, recognizer: str, *, as_of: int) -> AttributeColumns:
    """Return visible head, tail, length and certain facts of a masked ID, mobile or card number.

    >>> found = describe_mask(pa.array(["4301**********0016"]), "masked.resident_id", as_of=1)
    >>> found["mask_head"].to_pylist(), found["mask_tail"].to_pylist()
    (['4301'], ['0016'])
    >>> found["province"].to_pylist()
    ['湖南省']
    """
    import pyarrow.compute as pc

    parts = pc.extract_regex(values, _PARTS)
    found = {
        "mask_head": pc.struct_field(parts, "head"),
        "mask_tail": pc.struct_field(parts, "tail"),
        "mask_length": pc.if_else(
            pc.is_valid(parts), pc.utf8_length(values).cast(pa.int64()), None
        ),
    }
    found |= describe_visible(values, recognizer, as_of=as_of)
    if recognizer == "masked.bank_card":
        found["bank"] = _match_head(certain_banks, values)
    return found


def describe_visible(values: pa.Array, recognizer: str, *, as_of: int) -> AttributeColumns:
    """Return facts that the visible digits prove: region and birth year, or carrier."""
    del as_of
    if recognizer == "masked.resident_id":
        return _describe_masked_id(values)
    if recognizer == "masked.mobile":
        return {"carrier": _match_head(certain_carriers, values)}
    return {}


def _match_head(prefix_words: Callable[[], Mapping[str, str]], values: pa.Array) -> pa.Array:
    """Return the word of each value's longest head in ``prefix_words()``, null for none."""
    prefixes, words = _head_table(prefix_words)
    return take_words(words, prefixes.find(digits_of(values, _HEAD)))


@cache
def _head_table(prefix_words: Callable[[], Mapping[str, str]]) -> tuple[PrefixTable, pa.Array]:
    """Convert head -> word into a prefix table of the heads and an array of the words, in order."""
    heads = prefix_words()
    return PrefixTable.of(list(heads)), word_array(heads.values())


def _describe_masked_id(values: pa.Array) -> AttributeColumns:
    """Return region and birth year of masked identity numbers, if their digits are visible."""
    digits, length = digits_of(values, _LENGTH), lengths_of(values)
    new = (length == _LENGTH) & all_digits(digits[6:10])
    old = (length == _OLD_LENGTH) & all_digits(digits[6:8])
    year = np.where(new, number(digits[6:10]), 1900 + number(digits[6:8]))
    seen = (new | old) & (year >= 1800) & (year < 2200)
    return {**name_regions(digits), "birth_year": int64_array(year, seen)}


def describe_damage(values: pa.Array, recognizer: str, *, as_of: int) -> AttributeColumns:
    """Return region and birth of identity numbers that kept 15 significant digits; else null.

    The last three digits are lost, and with them the sex.

    >>> found = describe_damage(pa.array(["430104199003070000"]), "damaged.resident_id",
    ...                        as_of=20261231)
    >>> found["county"].to_pylist(), found["birth_year"].to_pylist()
    (['岳麓区'], [1990])
    """
    digits = digits_of(values, _LENGTH)
    good = (lengths_of(values) == _LENGTH) & all_digits(digits)
    good &= recognizer == "damaged.resident_id"
    digits[:, ~good] = 255
    return {**name_regions(digits), **describe_birth(digits[6:14], good, as_of=as_of)}

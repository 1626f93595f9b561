"""What masked and damaged values still show, so that later steps can link them.

Head, tail and length as they stand; beyond that only what is certain: a province if its two digits
are shown, a birth year if the whole length stands there (so that places are known) and the year is
shown, a carrier or bank if no other one has numbers with such a head.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

import numpy as np
import pyarrow as pa

from piiscan.detect.arithmetic.char_matrix import (
    Derived,
    Prefixes,
    digits_of,
    lengths_of,
    listed,
    picked,
    whole,
)
from piiscan.detect.arithmetic.digits import all_digits, number
from piiscan.detect.attributes.identity_numbers import describe_birth
from piiscan.detect.attributes.issuers import certain_banks
from piiscan.detect.attributes.phone_numbers import certain_carriers
from piiscan.detect.attributes.region_codes import name_regions

_NUMBER: Final = 18
_OLD: Final = 15
_HEAD: Final = 10
_PARTS: Final = r"^(?P<head>[^*]*)\*(?:.*\*)?(?P<tail>[^*]*)$"


def describe_mask(values: pa.Array, recognizer: str, *, as_of: int) -> Derived:
    """Head, tail and length, and what is certain of an identity number, a mobile or a card.

    >>> told = describe_mask(pa.array(["4301**********0016"]), "masked.resident_id", as_of=1)
    >>> told["mask_head"].to_pylist(), told["mask_tail"].to_pylist(), told["province"].to_pylist()
    (['4301'], ['0016'], ['湖南省'])
    """
    import pyarrow.compute as pc

    parts = pc.extract_regex(values, _PARTS)
    told = {
        "mask_head": pc.struct_field(parts, "head"),
        "mask_tail": pc.struct_field(parts, "tail"),
        "mask_length": pc.if_else(
            pc.is_valid(parts), pc.utf8_length(values).cast(pa.int64()), None
        ),
    }
    told |= describe_visible(values, recognizer, as_of=as_of)
    if recognizer == "masked.bank_card":
        told["bank"] = _by_head(certain_banks, values)
    return told


def describe_visible(values: pa.Array, recognizer: str, *, as_of: int) -> Derived:
    """Of a masked value what is certain of its holder or carrier, without what is shown of it."""
    del as_of
    if recognizer == "masked.resident_id":
        return _identity(values)
    if recognizer == "masked.mobile":
        return {"carrier": _by_head(certain_carriers, values)}
    return {}


def _by_head(certain: Callable[[], Mapping[str, str]], values: pa.Array) -> pa.Array:
    prefixes, words = _heads(certain)
    return picked(words, prefixes.places(digits_of(values, _HEAD)))


@cache
def _heads(certain: Callable[[], Mapping[str, str]]) -> tuple[Prefixes, pa.Array]:
    heads = certain()
    return Prefixes.of(list(heads)), listed(heads.values())


def _identity(values: pa.Array) -> Derived:
    digits, length = digits_of(values, _NUMBER), lengths_of(values)
    new = (length == _NUMBER) & all_digits(digits[6:10])
    old = (length == _OLD) & all_digits(digits[6:8])
    year = np.where(new, number(digits[6:10]), 1900 + number(digits[6:8]))
    seen = (new | old) & (year >= 1800) & (year < 2200)
    return {**name_regions(digits), "birth_year": whole(year, seen)}


def describe_damage(values: pa.Array, recognizer: str, *, as_of: int) -> Derived:
    """Region and birth of an identity number that kept 15 significant digits; nothing of others.

    Its last three digits are lost, and with them the sex.

    >>> told = describe_damage(pa.array(["430104199003070000"]), "damaged.resident_id",
    ...                        as_of=20261231)
    >>> told["county"].to_pylist(), told["birth_year"].to_pylist()
    (['岳麓区'], [1990])
    """
    digits = digits_of(values, _NUMBER)
    good = (lengths_of(values) == _NUMBER) & all_digits(digits)
    good &= recognizer == "damaged.resident_id"
    digits[:, ~good] = 255
    return {**name_regions(digits), **describe_birth(digits[6:14], good, as_of=as_of)}

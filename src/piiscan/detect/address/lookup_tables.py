"""What the kernels of this room read: character tables, words, places; made ready once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from piiscan.arrays import AnyArray, Int32, UInt8, UInt64
from piiscan.cache import cached_arrays
from piiscan.data import digests
from piiscan.detect.address.gazetteer import make_gazetteer
from piiscan.detect.address.normalized_text import class_table, fold_word, numeral_table
from piiscan.detect.address.part_words import (
    BETWEEN,
    FIRM_ENDS,
    GOES_ON,
    NAMES_A_HOUSE,
    UNITS,
    WORDS,
)
from piiscan.detect.address.word_table import (
    CHAR_ROWS,
    K_CLASS,
    K_MARK,
    K_NUMERAL,
    make_lexicons,
)
from piiscan.jit import frozen

# What a single character may be, as bits.
M_BETWEEN: Final = 1
M_GOES_ON: Final = 2
M_SIDE: Final = 4
M_STEM: Final = 8
M_LEAD: Final = 16
M_FIRM: Final = 32
#: The value of a character that is no numeral.
NO_NUMERAL: Final = 255
# Rows of the tables of places and of what a word may mean.
P_LEVEL: Final = 0
P_CODE: Final = 1
P_PRESENT: Final = 2
P_CURRENT: Final = 3
P_NAME: Final = 4
M_PLACE: Final = 0
M_FORM: Final = 1


class Tables(NamedTuple):
    """Few arrays for everything: each one that is handed to a kernel costs compiling and time.

    ``chars``: rows K_… by character.  ``keys``, ``values``: all lexicons.  ``place``: rows P_… by
    place.  A word of the names has the places and forms ``member[:, group_from[value]:…]``.
    """

    chars: UInt8
    keys: UInt64
    values: Int32
    place: Int32
    group_from: Int32
    member: Int32


def _values(words: dict[int, str]) -> dict[str, int]:
    return {fold_word(word): value for value, each in words.items() for word in each.split()}


def make_tables() -> dict[str, AnyArray]:
    """Every array of the tables, and the names of places as UTF-8 with their offsets."""
    chars = np.zeros((CHAR_ROWS, 1 << 16), np.uint8)
    chars[K_CLASS], chars[K_NUMERAL] = class_table(), numeral_table()
    for bit, each in (
        *((M_BETWEEN, BETWEEN), (M_GOES_ON, GOES_ON), (M_SIDE, "东西南北中前后")),
        *((M_STEM, "甲乙丙丁戊己庚"), (M_LEAD, "第附负"), (M_FIRM, FIRM_ENDS)),
    ):
        chars[K_MARK, [ord(char) for char in each]] |= np.uint8(bit)
    known = make_gazetteer()
    houses = dict.fromkeys(map(fold_word, NAMES_A_HOUSE.split()), 1)
    lexicons = (_values(WORDS), _values(UNITS), houses, known.words)
    keys, values = make_lexicons(lexicons, chars)
    written = [name.encode() for name in known.names]
    return {
        "chars": chars,
        "keys": keys,
        "values": values,
        "place": known.place,
        "group_from": known.group_from,
        "member": known.member,
        "names": np.frombuffer(b"".join(written), np.uint8),
        "name_from": np.cumsum([0, *map(len, written)]).astype(np.int32),
    }


@cache
def loaded() -> Mapping[str, AnyArray]:
    """The arrays of :func:`make_tables`, read-only, kept from one process to the next."""
    told = "".join(digests()[name] for name in ("regions", "towns", "hmt_districts", "traditional"))
    name = f"address-{hashlib.sha256(told.encode()).hexdigest()[:16]}"
    return {name: frozen(array) for name, array in cached_arrays(name, make_tables).items()}


@cache
def tables() -> Any:
    """The tables of this process (a Tables; numba wants it untyped)."""
    return Tables(*(loaded()[name] for name in Tables._fields))


@cache
def place_names() -> pa.Array:
    """The full names of all places, by number."""
    content = pa.py_buffer(loaded()["names"]), pa.py_buffer(loaded()["name_from"])
    return pa.StringArray.from_buffers(len(loaded()["name_from"]) - 1, content[1], content[0])

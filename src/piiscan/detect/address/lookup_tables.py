"""Lookup tables of the address kernels: character classes, words and places, cached on disk."""

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
    FIRM_ENDS,
    HOUSE_WORDS,
    NAME_TAILS,
    ROAD_AFFIXES,
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

# Bits of row K_MARK: roles of a single character.
M_ROAD_AFFIX: Final = 1
M_NAME_TAIL: Final = 2
M_SIDE: Final = 4
M_STEM: Final = 8
M_LEAD: Final = 16
M_FIRM: Final = 32
#: Value of a character that is no numeral.
NO_NUMERAL: Final = 255
# Rows of ``place`` (P_…) and of ``member`` (M_PLACE, M_FORM).
P_LEVEL: Final = 0
P_CODE: Final = 1
P_PRESENT: Final = 2
P_CURRENT: Final = 3
P_NAME: Final = 4
M_PLACE: Final = 0
M_FORM: Final = 1


class Tables(NamedTuple):
    """Arrays that every address kernel takes as one argument.

    There are few of them because each array argument costs compile time and call time.
    ``chars``: uint8[7, 65536], rows K_… by character.  ``keys``, ``values``: hash table of all
    lexicons.  ``place``: int32[5, n], rows P_….  Group ``g`` of place names has the places and
    forms ``member[:, group_from[g]:group_from[g + 1]]``.
    """

    chars: UInt8
    keys: UInt64
    values: Int32
    place: Int32
    group_from: Int32
    member: Int32


def _word_values(words: dict[int, str]) -> dict[str, int]:
    """Invert ``words`` (value -> words separated by blanks).  Return folded word -> value."""
    return {fold_word(word): value for value, each in words.items() for word in each.split()}


def make_tables() -> dict[str, AnyArray]:
    """Build every lookup array of the address kernels, by field name of :class:`Tables`."""
    chars = np.zeros((CHAR_ROWS, 1 << 16), np.uint8)
    chars[K_CLASS], chars[K_NUMERAL] = class_table(), numeral_table()
    for bit, each in (
        *((M_ROAD_AFFIX, ROAD_AFFIXES), (M_NAME_TAIL, NAME_TAILS), (M_SIDE, "东西南北中前后")),
        *((M_STEM, "甲乙丙丁戊己庚"), (M_LEAD, "第附负"), (M_FIRM, FIRM_ENDS)),
    ):
        chars[K_MARK, [ord(char) for char in each]] |= np.uint8(bit)
    gazetteer = make_gazetteer()
    houses = dict.fromkeys(map(fold_word, HOUSE_WORDS.split()), 1)
    lexicons = (_word_values(WORDS), _word_values(UNITS), houses, gazetteer.words)
    keys, values = make_lexicons(lexicons, chars)
    encoded = [name.encode() for name in gazetteer.names]
    return {
        "chars": chars,
        "keys": keys,
        "values": values,
        "place": gazetteer.place,
        "group_from": gazetteer.group_from,
        "member": gazetteer.member,
        "names": np.frombuffer(b"".join(encoded), np.uint8),
        "name_from": np.cumsum([0, *map(len, encoded)]).astype(np.int32),
    }


@cache
def load_arrays() -> Mapping[str, AnyArray]:
    """Return the arrays of :func:`make_tables`, read-only, from the disk cache if it is current."""
    digest_text = "".join(
        digests()[name] for name in ("regions", "towns", "hmt_districts", "traditional")
    )
    name = f"address-{hashlib.sha256(digest_text.encode()).hexdigest()[:16]}"
    return {name: frozen(array) for name, array in cached_arrays(name, make_tables).items()}


@cache
def tables() -> Any:
    """Return the tables of this process (a Tables; numba needs the type Any)."""
    return Tables(*(load_arrays()[name] for name in Tables._fields))


@cache
def place_names() -> pa.Array:
    """Return the full names of all places, by name number."""
    content = pa.py_buffer(load_arrays()["names"]), pa.py_buffer(load_arrays()["name_from"])
    return pa.StringArray.from_buffers(len(load_arrays()["name_from"]) - 1, content[1], content[0])

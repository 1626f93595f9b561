"""Lookup tables of the address kernels: character classes, words and places, cached on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from piiscan.arrays import AnyArray, Int32, UInt8, UInt64
from piiscan.cache import stored_tables
from piiscan.data import digests, word_lists
from piiscan.detect.address import address_numbers
from piiscan.detect.address.address_kernels import BASES, PRIME, insert_words
from piiscan.detect.address.address_numbers import (
    CHAR_ROWS,
    CHARS,
    K_CLASS,
    K_LONGEST,
    K_MARK,
    K_NUMERAL,
    M_FIRM,
    M_LEAD,
    M_NAME_TAIL,
    M_ROAD_AFFIX,
    M_SIDE,
    M_STEM,
    P_NAME,
    P_PRESENT,
    PREFIX,
)
from piiscan.detect.address.gazetteer import make_gazetteer
from piiscan.detect.address.normalized_text import class_table, fold_word, numeral_table


class Tables(NamedTuple):
    """Arrays that every address kernel takes as one argument.

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


def _word_classes(lists: Mapping[str, str], start: str) -> dict[str, int]:
    """Return folded word -> number of its class, for the classes whose name begins so."""
    return {
        fold_word(word): getattr(address_numbers, name)
        for name, words in lists.items()
        for word in words.split()
        if name.startswith(start)
    }


def make_tables() -> dict[str, AnyArray]:
    """Build every lookup array of the address kernels, by field name of :class:`Tables`."""
    chars = np.zeros((CHAR_ROWS, CHARS), np.uint8)
    chars[K_CLASS], chars[K_NUMERAL] = class_table(), numeral_table()
    lists = word_lists("address_words")
    for bit, each in (
        *((M_ROAD_AFFIX, lists["road_affixes"]), (M_NAME_TAIL, lists["name_tails"])),
        *((M_SIDE, "东西南北中前后"), (M_STEM, "甲乙丙丁戊己庚"), (M_LEAD, "第附负")),
        (M_FIRM, lists["firm_ends"]),
    ):
        chars[K_MARK, [ord(char) for char in each]] |= np.uint8(bit)
    gazetteer = make_gazetteer()
    houses = dict.fromkeys(map(fold_word, lists["house_words"].split()), 1)
    classes = _word_classes(lists, "W_"), _word_classes(lists, "U_")
    lexicons = (*classes, houses, gazetteer.words)
    keys, values = _make_lexicons(lexicons, chars)
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


def _make_lexicons(lexicons: Sequence[Mapping[str, int]], chars: UInt8) -> tuple[UInt64, Int32]:
    """Build one hash table of the words of all ``lexicons`` (word -> value): (keys, values).

    A key is a hash, 0 for a free slot; a value is 0 or more.  Words must be folded.  Every
    beginning of a word is in the table too, with the value PREFIX: a search ends at the first
    character that continues no word.  The length of the longest word by first character is written
    to the lexicon's row of ``chars``.
    """
    hashed, numbers = [], []
    for number, words in enumerate(lexicons):
        sizes = np.array([len(each) for each in words], np.int64)
        matrix = np.zeros((len(sizes), max(sizes, default=1)), np.uint64)
        flat = np.frombuffer("".join(words).encode("utf-16-le"), np.uint16)
        matrix[np.arange(matrix.shape[1]) < sizes[:, None]] = flat
        hashes = np.full(len(sizes), BASES[number], np.uint64)
        prefix_hashes = []
        with np.errstate(over="ignore"):
            for column in range(matrix.shape[1]):
                rows = column < sizes
                hashes[rows] = (hashes[rows] ^ matrix[rows, column]) * np.uint64(PRIME)
                prefix_hashes.append(np.unique(hashes[sizes > column + 1]))
        prefixes = np.concatenate(prefix_hashes)
        hashed += [hashes, prefixes]
        numbers += [
            np.array(list(words.values()), np.int32),
            np.full(len(prefixes), PREFIX, np.int32),
        ]
        row = chars[K_LONGEST + number]
        np.maximum.at(row, matrix[:, 0].astype(np.int64), sizes.astype(np.uint8))
    size = 1 << int(np.ceil(np.log2(1.5 * sum(map(len, hashed)) + 1)))
    keys, values = np.zeros(size, np.uint64), np.zeros(size, np.int32)
    insert_words(np.concatenate(hashed), np.concatenate(numbers), keys, values)
    return keys, values


@cache
def load_arrays() -> Mapping[str, AnyArray]:
    """Return the arrays of :func:`make_tables`, as they are stored."""
    return stored_tables("address", tables_key(), make_tables, fits=_fit)


def tables_key() -> str:
    """Return a digest of the data from which the tables are made."""
    names = "regions", "towns", "hmt_districts", "traditional", "address_words", "renamed_cities"
    used = [digests()[name] for name in names]
    return hashlib.sha256("".join(used).encode()).hexdigest()


def _fit(arrays: Mapping[str, AnyArray]) -> bool:
    """Return True if no number of the tables leads outside them."""
    place, member, slots = arrays["place"], arrays["member"], len(arrays["keys"])
    return (
        arrays["chars"].shape == (CHAR_ROWS, CHARS)
        and slots == len(arrays["values"])
        and slots & (slots - 1) == 0
        and not arrays["keys"].all()  # a search ends at a free slot
        and _is_rising(arrays["group_from"], member.shape[1])
        and _is_rising(arrays["name_from"], len(arrays["names"]))
        and _is_below(arrays["values"], len(arrays["group_from"]) - 1, least=PREFIX)
        and _is_below(member[0], place.shape[1])
        and _is_below(place[P_PRESENT], place.shape[1])
        and _is_below(place[P_NAME], len(arrays["name_from"]) - 1)
    )


def _is_below(numbers: AnyArray, limit: int, *, least: int = 0) -> bool:
    """Return True if all ``numbers`` are from ``least`` to ``limit`` - 1."""
    return bool(least <= numbers.min() and numbers.max() < limit)


def _is_rising(bounds: AnyArray, last: int) -> bool:
    """Return True if ``bounds`` rise from 0 to ``last``."""
    return (bounds[0], bounds[-1]) == (0, last) and bool((bounds[1:] >= bounds[:-1]).all())


@cache
def tables() -> Tables:
    """Return the tables of this process."""
    return Tables(*(load_arrays()[name] for name in Tables._fields))


@cache
def place_names() -> pa.Array:
    """Return the full names of all places, by name number."""
    content = pa.py_buffer(load_arrays()["names"]), pa.py_buffer(load_arrays()["name_from"])
    return pa.StringArray.from_buffers(len(load_arrays()["name_from"]) - 1, content[1], content[0])

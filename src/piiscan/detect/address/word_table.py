"""Word hash table: find the longest word at a character of folded text, one or two probes each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from piiscan.arrays import Int32, UInt8, UInt64
from piiscan.detect.address.part_kinds import as_int64
from piiscan.jit import inner, kernel

#: Each character is one step of the hash: xor, multiply (a 64-bit variant of FNV-1a).
_PRIME: Final = np.uint64(0x9E3779B97F4A7C15)
# Lexicons in one table; each starts its hashes from its own basis.
L_WORDS: Final = as_int64(0)
L_UNITS: Final = as_int64(1)
L_HOUSES: Final = as_int64(2)
L_NAMES: Final = as_int64(3)
_BASES: Final = np.array(
    [0xCBF29CE484222325, 0x84222325CBF29CE4, 0x9CE484222325CBF2, 0x2325CBF29CE48422], np.uint64
)
NAMES_BASIS: Final = _BASES[L_NAMES]
# Rows of the character table: class (C_…), value as a numeral, role bits (M_…), and the length of
# the longest word of each lexicon that begins with the character.
K_CLASS: Final = 0
K_NUMERAL: Final = 1
K_MARK: Final = 2
K_LONGEST: Final = 3
K_NAMES: Final = K_LONGEST + L_NAMES
CHAR_ROWS: Final = 7
#: Value of a text that begins a word and is no word itself.
PREFIX: Final = -1


def make_lexicons(lexicons: Sequence[Mapping[str, int]], chars: UInt8) -> tuple[UInt64, Int32]:
    """Build one hash table of the words of all ``lexicons`` (word -> value): (keys, values).

    A key is a hash, 0 for a free slot; a value is 0 or more.

    Words must be folded.  Every beginning of a word is in the table too, with the value PREFIX: a
    search ends at the first character that continues no word.  The length of the longest word by
    first character is written to the lexicon's row of ``chars``.
    """
    hashed, numbers = [], []
    for number, words in enumerate(lexicons):
        sizes = np.array([len(each) for each in words], np.int64)
        matrix = np.zeros((len(sizes), max(sizes, default=1)), np.uint64)
        flat = np.frombuffer("".join(words).encode("utf-16-le"), np.uint16)
        matrix[np.arange(matrix.shape[1]) < sizes[:, None]] = flat
        hashes = np.full(len(sizes), _BASES[number])
        prefix_hashes = []
        with np.errstate(over="ignore"):
            for column in range(matrix.shape[1]):
                rows = column < sizes
                hashes[rows] = (hashes[rows] ^ matrix[rows, column]) * _PRIME
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
    _insert(np.concatenate(hashed), np.concatenate(numbers), keys, values)
    return keys, values


@kernel
def _insert(
    hashes: Any, numbers: Any, keys: Any, values: Any
) -> None:  # pragma: no cover - compiled
    """Insert hash -> value pairs into the open-addressing table of ``keys`` and ``values``.

    ``numbers`` has the value of each hash.  The first value of a hash wins.
    """
    for number in range(len(hashes)):
        place = np.int64((hashes[number] >> np.uint64(20)) & np.uint64(len(keys) - 1))
        while keys[place] != 0 and keys[place] != hashes[number]:
            place = (place + 1) & (len(keys) - 1)
        if keys[place] == 0:
            keys[place] = hashes[number]
            values[place] = numbers[number]


@kernel
def extend_hash(hashed: Any, char: Any) -> Any:  # pragma: no cover - compiled
    """Return the hash of a word from the hash of its beginning and its next character."""
    return (np.uint64(hashed) ^ np.uint64(char)) * _PRIME


@kernel
def word_value(hashed: Any, tables: Any) -> int:  # pragma: no cover - compiled
    """Return the value of the word with this hash, PREFIX or less if there is no such word.

    PREFIX if it only begins a word, a smaller number if it begins none.
    """
    last = len(tables.keys) - 1
    place = np.int64((hashed >> np.uint64(20)) & np.uint64(last))
    while tables.keys[place] != 0:
        if tables.keys[place] == hashed:
            return int(tables.values[place])
        place = (place + 1) & last
    return PREFIX - 1


@inner
def longest_word(
    text: Any, at: int, end: int, tables: Any, lexicon: int
) -> tuple[int, int]:  # pragma: no cover - compiled
    """Return value and length of the longest word of ``lexicon`` at ``at``; -1, 0 for none."""
    best, size = -1, 0
    if at >= end:
        return best, size
    hashed = _BASES[lexicon]
    for count in range(min(int(tables.chars[K_LONGEST + lexicon, text[at]]), end - at)):
        hashed = extend_hash(hashed, text[at + count])
        found = word_value(hashed, tables)
        if found < PREFIX:
            break
        if found >= 0:
            best, size = found, count + 1
    return best, size

"""Dictionary words of each symbol: the words that start, end or contain it, found by hash.

They are features of the network: ``长沙市`` in a list of places gives 长, 沙 and 市 one feature
each.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from piiscan.arrays import Bool, Int64, UInt8, UInt16, UInt32
from piiscan.jit import kernel

#: Longest dictionary word, in characters.
MAX_WORD_LENGTH: Final = 6
#: Number of classes of words.
CLASSES: Final = 8
#: Rows of the table of word features: 8 positions (begin and end of two characters; begin, middle
#: and end of three, and of four or more) for each class, and row 0 for none.
ROWS: Final = 1 + 8 * CLASSES
MAX_WORDS: Final = 10  # word features of one symbol
#: Bits of a hash, and slots of the hash table.
BITS: Final = 28
SLOTS: Final = 1 << 20
#: Feature by word length (2, 3, 4 or more) and position in the word (begin, middle, end).
POSITION_ROWS: Final = np.array([[0, 0, 1], [2, 3, 4], [5, 6, 7]], np.int64)


def word_hash(word: str) -> int:
    """Return the hash of ``word``, a number of BITS bits."""
    number = 0
    for char in word:
        number = (number * 0x9E3779B1 + ord(char)) & 0xFFFFFFFF
    return (number ^ (number >> 15)) * 0x85EBCA6B >> 3 & ((1 << BITS) - 1)


def pack_words(words: Iterable[tuple[str, int]]) -> tuple[UInt16, UInt8]:
    """Pack (word, class) pairs into differences between sorted hashes, and their classes.

    Words of one or more than six characters are left out.
    """
    classes: dict[int, int] = {}
    for word, kind in words:
        if 2 <= len(word) <= MAX_WORD_LENGTH:
            classes.setdefault(word_hash(word), kind)
    numbers = np.array(sorted(classes), dtype=np.int64)
    kinds = np.array([classes[int(number)] for number in numbers], np.uint8)
    steps = np.diff(numbers, prepend=0)
    if len(steps) and steps.max() > 0xFFFF:
        too_far = steps > 0xFFFF  # differences above 16 bits need filler entries
        return pack_sparse(numbers, kinds, too_far)
    return steps.astype(np.uint16), kinds


def pack_sparse(numbers: Int64, kinds: UInt8, too_far: Bool) -> tuple[UInt16, UInt8]:
    """Pack a short list: split differences above 65535 with filler entries of class CLASSES.

    ``too_far`` marks the entries whose difference is too large for 16 bits.
    """
    steps: list[int] = []
    classes: list[int] = []
    at = 0
    for number, kind, long in zip(numbers.tolist(), kinds.tolist(), too_far.tolist(), strict=True):
        while long and number - at > 0xFFFF:
            steps.append(0xFFFF)
            classes.append(CLASSES)
            at += 0xFFFF
        steps.append(number - at)
        classes.append(kind)
        at = number
    return np.array(steps, np.uint16), np.array(classes, np.uint8)


def build_hash_table(steps: UInt16, kinds: UInt8) -> UInt32:
    """Return the hash table of a packed list: hash and class in each slot (``uint32[SLOTS]``)."""
    numbers = np.cumsum(steps, dtype=np.int64)
    table = np.zeros(SLOTS, np.uint32)
    _fill_table(numbers, kinds, table)
    return table


@kernel
def _fill_table(numbers: Int64, kinds: UInt8, table: UInt32) -> None:
    """Insert each hash with its class into ``table``, with linear probing."""
    for at in range(len(numbers)):
        if kinds[at] >= CLASSES:
            continue
        slot = numbers[at] & (SLOTS - 1)
        while table[slot] != 0:
            slot = (slot + 1) & (SLOTS - 1)
        table[slot] = np.uint32((numbers[at] << 4) | kinds[at] | 8)


@kernel
def find_words(code: UInt16, text: Int64, table: UInt32, features: UInt8, count: UInt8) -> None:
    """Write the dictionary words at each symbol to ``features``, their number to ``count``.

    Args:
        code: folded character of each symbol, 0 for a run
        text: index of the first symbol of each text
        table: hash table of the dictionary
    """
    count[:] = 0
    for which in range(len(text) - 1):
        stop = text[which + 1]
        for at in range(text[which], stop):
            number = np.uint32(0)
            for length_minus_one in range(MAX_WORD_LENGTH):
                here = at + length_minus_one
                if here >= stop or code[here] < 0x3400:
                    break
                number = np.uint32(number * np.uint32(0x9E3779B1) + np.uint32(code[here]))
                if length_minus_one == 0:
                    continue
                mixed = np.uint64(number ^ (number >> np.uint32(15))) * np.uint64(0x85EBCA6B)
                key = np.int64((mixed >> np.uint64(3)) & np.uint64((1 << BITS) - 1))
                slot = key & (SLOTS - 1)
                while table[slot] != 0:
                    if np.int64(table[slot] >> np.uint32(4)) == key:
                        kind = np.int64(table[slot] & np.uint32(7))
                        size = min(length_minus_one - 1, 2)
                        for inside in range(at, here + 1):
                            place = 0 if inside == at else 2 if inside == here else 1
                            if count[inside] < MAX_WORDS:
                                row = 1 + POSITION_ROWS[size, place] * CLASSES + kind
                                features[inside, count[inside]] = row
                                count[inside] += 1
                        break
                    slot = (slot + 1) & (SLOTS - 1)

"""Dictionary words of each symbol: words that start, end or contain it, found by hash.

They are features of the network: ``长沙市`` in a list of places gives 长, 沙 and 市 one feature
each.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from piiscan.arrays import Bool, Int64, UInt8, UInt16, UInt32
from piiscan.detect.ner.model.network_kernels import fill_hash_table
from piiscan.detect.ner.model.network_numbers import BITS, CLASSES, MAX_WORD_LENGTH, SLOTS

#: Rows of the table of word features: 8 positions (begin and end of two characters; begin, middle
#: and end of three, and of four or more) for each class, and row 0 for none.
ROWS: Final = 1 + 8 * CLASSES


def word_hash(word: str) -> int:
    """Return the hash of ``word``, an integer of BITS bits."""
    number = 0
    for char in word:
        number = (number * 0x9E3779B1 + ord(char)) & 0xFFFFFFFF
    return (number ^ (number >> 15)) * 0x85EBCA6B >> 3 & ((1 << BITS) - 1)


def pack_words(words: Iterable[tuple[str, int]]) -> tuple[UInt16, UInt8]:
    """Pack (word, class) pairs as differences between sorted hashes, and classes.

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
    """Pack a short list of hashes; a filler (class CLASSES) splits differences above 65535.

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
    """Build the hash table of a packed list: ``uint32[SLOTS]`` of hash and class."""
    numbers = np.cumsum(steps, dtype=np.int64)
    table = np.zeros(SLOTS, np.uint32)
    fill_hash_table(numbers, kinds, table)
    return table

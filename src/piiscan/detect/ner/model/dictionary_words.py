"""Which dictionary words stand where: for each symbol the words that it begins, ends or is in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from piiscan.arrays import Bool, Int64, UInt8, UInt16, UInt32
from piiscan.jit import kernel

LONGEST: Final = 6
CLASSES: Final = 8
#: Rows of the table of word places: 8 places (begin and end of two characters; begin, middle, end
#: of three; of four and more) for each class, and row 0 for none.
ROWS: Final = 1 + 8 * CLASSES
MOST: Final = 10  # words that one symbol is told of
BITS: Final = 28
SLOTS: Final = 1 << 20
PLACES: Final = np.array([[0, 0, 1], [2, 3, 4], [5, 6, 7]], np.int64)


def hashed(word: str) -> int:
    """The number of a word in the list, of BITS bits."""
    number = 0
    for char in word:
        number = (number * 0x9E3779B1 + ord(char)) & 0xFFFFFFFF
    return (number ^ (number >> 15)) * 0x85EBCA6B >> 3 & ((1 << BITS) - 1)


def pack(words: Iterable[tuple[str, int]]) -> tuple[UInt16, UInt8]:
    """Words with their classes as steps between sorted numbers, and the classes."""
    held: dict[int, int] = {}
    for word, kind in words:
        if 2 <= len(word) <= LONGEST:
            held.setdefault(hashed(word), kind)
    numbers = np.array(sorted(held), dtype=np.int64)
    kinds = np.array([held[int(number)] for number in numbers], np.uint8)
    steps = np.diff(numbers, prepend=0)
    if len(steps) and steps.max() > 0xFFFF:
        far = steps > 0xFFFF  # too few words for steps of 16 bits: fill with words that are none
        return pack_sparse(numbers, kinds, far)
    return steps.astype(np.uint16), kinds


def pack_sparse(numbers: Int64, kinds: UInt8, far: Bool) -> tuple[UInt16, UInt8]:
    """The same for a short list: long steps are walked in parts, over entries of no class."""
    steps: list[int] = []
    classes: list[int] = []
    at = 0
    for number, kind, long in zip(numbers.tolist(), kinds.tolist(), far.tolist(), strict=True):
        while long and number - at > 0xFFFF:
            steps.append(0xFFFF)
            classes.append(CLASSES)
            at += 0xFFFF
        steps.append(number - at)
        classes.append(kind)
        at = number
    return np.array(steps, np.uint16), np.array(classes, np.uint8)


def spread(steps: UInt16, kinds: UInt8) -> UInt32:
    """The list as a table that is asked by number: number, then class, in each slot."""
    numbers = np.cumsum(steps, dtype=np.int64)
    table = np.zeros(SLOTS, np.uint32)
    _spread(numbers, kinds, table)
    return table


@kernel
def _spread(numbers: Int64, kinds: UInt8, table: UInt32) -> None:
    for at in range(len(numbers)):
        if kinds[at] >= CLASSES:
            continue
        slot = numbers[at] & (SLOTS - 1)
        while table[slot] != 0:
            slot = (slot + 1) & (SLOTS - 1)
        table[slot] = np.uint32((numbers[at] << 4) | kinds[at] | 8)


@kernel
def find_words(code: UInt16, text: Int64, table: UInt32, rows: UInt8, count: UInt8) -> None:
    """Fill ``rows[n, MOST]`` and ``count[n]``: the word places of each symbol."""
    count[:] = 0
    for which in range(len(text) - 1):
        stop = text[which + 1]
        for at in range(text[which], stop):
            number = np.uint32(0)
            for reach in range(LONGEST):
                here = at + reach
                if here >= stop or code[here] < 0x3400:
                    break
                number = np.uint32(number * np.uint32(0x9E3779B1) + np.uint32(code[here]))
                if reach == 0:
                    continue
                mixed = np.uint64(number ^ (number >> np.uint32(15))) * np.uint64(0x85EBCA6B)
                key = np.int64((mixed >> np.uint64(3)) & np.uint64((1 << BITS) - 1))
                slot = key & (SLOTS - 1)
                while table[slot] != 0:
                    if np.int64(table[slot] >> np.uint32(4)) == key:
                        kind = np.int64(table[slot] & np.uint32(7))
                        size = min(reach - 1, 2)
                        for inside in range(at, here + 1):
                            place = 0 if inside == at else 2 if inside == here else 1
                            if count[inside] < MOST:
                                row = 1 + PLACES[size, place] * CLASSES + kind
                                rows[inside, count[inside]] = row
                                count[inside] += 1
                        break
                    slot = (slot + 1) & (SLOTS - 1)

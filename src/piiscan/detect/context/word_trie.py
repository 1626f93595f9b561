"""Context words as a trie over their reversed UTF-8 bytes, for looking back from where one ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from piiscan.arrays import Int32, UInt8, UInt16, UInt64
from piiscan.detect.catalog.catalog import Catalog, words_of
from piiscan.detect.matching.alphabet import (
    ZERO_WIDTH,
    base_of,
    base_table,
)
from piiscan.detect.matching.word_sieve import child_of, table_of
from piiscan.jit import inner, kernel, woven

#: How far in front of a candidate a word can end.
WINDOW: Final = 24


def _bases() -> UInt16:
    """What each character of the BMP is to the trie: its base, 0 for one that is not seen."""
    bases = np.arange(65536, dtype=np.uint16)
    other = {point: base for point, base in base_table().items() if point >= 0xA0}
    bases[list(other)] = list(other.values())
    bases[[point for point in ZERO_WIDTH if point < 65536]] = 0
    return bases


_BASES: Final = _bases()


@dataclass(frozen=True, slots=True)
class Words:
    """All context words as a trie over their reversed UTF-8 bytes, lower case.

    ``table[node, byte]`` is the next node (0: none), ``word_at[node]`` the word that ends there or
    -1; ``speaks[word, 0]`` the recognizers it speaks for, ``speaks[word, 1]`` against, as bits.
    """

    words: tuple[str, ...]
    table: Int32
    word_at: Int32
    speaks: UInt64

    @classmethod
    def of(cls, catalog: Catalog) -> Words:
        """The trie of every context word in ``catalog``."""
        words = tuple(sorted({word.lower() for word in words_of(catalog.recognizers)}))
        table, word_at = trie(words)
        speaks = np.zeros((len(words), 2, (len(catalog.recognizers) + 63) // 64), np.uint64)
        index = {word: number for number, word in enumerate(words)}
        for bit, recognizer in enumerate(catalog.recognizers):
            for side, own in enumerate((recognizer.context, recognizer.context_reject)):
                for word in own:
                    speaks[index[word.lower()], side, bit // 64] |= np.uint64(1 << bit % 64)
        return cls(words, table, word_at, speaks)

    def endings(self) -> set[str]:
        """The last two characters of the words: where looking for a word pays."""
        return {word[-2:] for word in self.words}


def trie(words: Sequence[str]) -> tuple[Int32, Int32]:
    """The words over their reversed UTF-8 bytes: ``table[node, byte]`` and ``word_at[node]``."""
    rows: list[dict[int, int]] = [{}]
    ends = {}
    for number, word in enumerate(words):
        node = 0
        for byte in reversed("".join(map(base_of, word)).encode()):
            node = child_of(rows, node, byte)
        ends[node] = number
    return table_of(rows), np.array([ends.get(node, -1) for node in range(len(rows))], np.int32)


@inner
def _step(table: Int32, node: int, point: int) -> int:  # pragma: no cover - compiled
    """The node behind ``point``, whose UTF-8 bytes are gone through backwards."""
    if point < 0x80:
        return int(table[node, point + 32 if 65 <= point <= 90 else point])
    node = table[node, 0x80 | (point & 0x3F)]
    if point < 0x800:
        return int(table[node, 0xC0 | (point >> 6)]) if node else 0
    node = table[node, 0x80 | ((point >> 6) & 0x3F)] if node else 0
    return int(table[node, 0xE0 | (point >> 12)]) if node else 0


@kernel
def _before(data: UInt8, at: int, floor: int) -> tuple[int, int]:  # pragma: no cover - compiled
    """The base of the character that ends at byte ``at`` (0: crossed, -1: none), and its bytes."""
    byte = data[at - 1]
    if byte < 0x80:
        return int(byte), 1
    if at - floor >= 3 and 0xE0 <= data[at - 3] < 0xF0:
        point = ((data[at - 3] & 0x0F) << 12) | ((data[at - 2] & 0x3F) << 6) | (byte & 0x3F)
        return int(_BASES[point]), 3
    if at - floor >= 2 and 0xC0 <= data[at - 2] < 0xE0:
        return int(_BASES[((data[at - 2] & 0x1F) << 6) | (byte & 0x3F)]), 2
    if at - floor >= 4 and data[at - 4] == 0xF3 and data[at - 3] == 0xA0 and data[at - 2] < 0x88:
        return 0, 4  # tags and variation selectors
    return -1, 1


@woven
def _unusual(data: UInt8, at: int, floor: int) -> bool:  # pragma: no cover - compiled
    """Whether the character that ends at ``at`` may have another base: no Hanzi of everyday."""
    if at - floor >= 3 and data[at - 3] in (0xE1, 0xE2, 0xEF):
        return True
    if at - floor >= 2 and 0xC0 <= data[at - 2] < 0xE0:
        return True
    return at - floor >= 4 and data[at - 4] == 0xF3


@inner
def _behind_letter(data: UInt8, at: int, floor: int) -> bool:  # pragma: no cover - compiled
    if at > floor and data[at - 1] < 0x80:
        return bool(97 <= data[at - 1] | 32 <= 122)
    while at > floor:
        base, width = _before(data, at, floor)
        if base != 0:
            return 97 <= base | 32 <= 122
        at -= width
    return False


@inner
def word_before(
    data: UInt8, at: int, floor: int, table: Int32, word_at: Int32
) -> tuple[int, int]:  # pragma: no cover - compiled
    """The longest word that ends at byte ``at``, or -1; reads no byte below ``floor``.

    With it how many code points of the text it takes.
    """
    node: Any = np.int64(0)  # a literal 0 would compile _step twice
    found = -1
    points = passed = 0
    while at > floor:
        byte = data[at - 1]
        base = -1
        if byte < 0x80 or not _unusual(data, at, floor):  # byte by byte: the usual case
            at -= 1
            node = table[node, byte + 32 if 65 <= byte <= 90 else byte]
            base = byte
        else:
            base, width = _before(data, at, floor)
            at -= width
            if base == 0:
                passed += 1
                continue
            node = _step(table, node, base) if base > 0 else 0
        if node == 0:
            break
        passed += (data[at] & 0xC0) != 0x80  # a character is through with its first byte
        if word_at[node] >= 0 and not (97 <= base | 32 <= 122 and _behind_letter(data, at, floor)):
            found = word_at[node]
            points = passed
    return found, points

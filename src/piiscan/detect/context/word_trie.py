"""Context words as a trie over their reversed UTF-8 bytes, for looking back from where one ends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from piiscan.detect.catalog.catalog import Catalog, words_of
from piiscan.detect.matching.alphabet import (
    KIND_BREAK,
    KIND_OTHER,
    ZERO_WIDTH,
    Alphabet,
    UInt8,
    base_of,
    base_table,
)
from piiscan.jit import inner, kernel, woven

Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
UInt16 = npt.NDArray[np.uint16]
UInt64 = npt.NDArray[np.uint64]
Bool = npt.NDArray[np.bool_]

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
            node = _child(rows, node, byte)
        ends[node] = number
    return _table(rows), np.array([ends.get(node, -1) for node in range(len(rows))], np.int32)


@dataclass(frozen=True, slots=True)
class Sieve:
    """All words as a trie over their reversed folded bytes, lower case.

    Folding is coarser than text, so what passes here may still be no word.
    """

    table: Int32
    whole: Bool
    pairs: Bool  # [byte * 256 + byte before]: the last two of a word, in either case
    traits: UInt8  # [byte]: its kind, and 8 where a word may end with it

    @classmethod
    def of(cls, words: Iterable[str], alphabet: Alphabet) -> Sieve:
        """What finds, in folded text, every place where one of ``words`` may end.

        A NUL at the front of a word stands for anything but a letter, a digit or a Hanzi.
        """
        rows: list[dict[int, int]] = [{}]
        ends: set[int] = set()
        outside = np.flatnonzero(
            (alphabet.kind == KIND_OTHER) | (alphabet.kind == KIND_BREAK)
        ).tolist()
        for word in words:
            nodes = [0]
            for char in reversed(word):
                bytes_ = outside if char == "\0" else [int(alphabet.table[min(ord(char), 0xFFFF)])]
                nodes = [_child(rows, node, byte) for node in nodes for byte in bytes_]
            ends.update(nodes)
        whole = np.isin(np.arange(len(rows)), sorted(ends))
        table = _table(rows)
        pairs = (table[table[0]] != 0) | whole[table[0]][:, None]
        pairs[table[0] == 0] = False
        upper = np.arange(65, 91)
        pairs[upper] = pairs[upper + 32]
        pairs[:, upper] = pairs[:, upper + 32]
        return cls(table, whole, pairs.reshape(-1), alphabet.hot * np.uint8(8) + alphabet.kind)


def _child(rows: list[dict[int, int]], node: int, byte: int) -> int:
    """The node behind ``node`` for ``byte``, made if there is none."""
    if byte not in rows[node]:
        rows[node][byte] = len(rows)
        rows.append({})
    return rows[node][byte]


def _table(rows: list[dict[int, int]]) -> Int32:
    """``[node, byte]``: the next node of a trie, 0 where there is none."""
    table = np.zeros((len(rows), 256), np.int32)
    nodes = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    table[nodes, [byte for row in rows for byte in row]] = [n for row in rows for n in row.values()]
    return table


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


@inner
def ends_word(
    folded: UInt8, place: Any, table: Int32, whole: Bool
) -> bool:  # pragma: no cover - compiled
    """Whether a word, read backwards, may end at ``place``."""
    node = 0
    while True:
        byte = folded[place]
        node = table[node, byte | 32 if 65 <= byte <= 90 else byte]
        if node == 0:
            return False
        if whole[node]:
            first, ahead = byte | 32, folded[place - 1] | 32
            if not (97 <= first <= 122 and 97 <= ahead <= 122):
                return True
        place -= 1

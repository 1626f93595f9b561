"""Context words as a trie over their reversed UTF-8 bytes, for looking back from where one ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from piiscan.compiled import kernel
from piiscan.detect.alphabet import Alphabet, UInt8
from piiscan.detect.catalog import Catalog, words_of

Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
UInt64 = npt.NDArray[np.uint64]

#: How far in front of a candidate a word can end.
WINDOW: Final = 24


@dataclass(frozen=True, slots=True)
class Words:
    """All context words as a trie over their reversed UTF-8 bytes, lower case.

    ``table[node, byte]`` is the next node (0: none), ``word_at[node]`` the word that ends there or
    -1; ``speaks[word, 0]`` the recognizers it speaks for, ``speaks[word, 1]`` against, as bits.
    """

    words: tuple[str, ...]
    table: Int32
    word_at: Int32
    points: Int32
    speaks: UInt64

    @classmethod
    def of(cls, catalog: Catalog) -> Words:
        """The trie of every context word in ``catalog``."""
        words = tuple(sorted({word.lower() for word in words_of(catalog.recognizers)}))
        rows: list[dict[int, int]] = [{}]
        word_at = [-1]
        for number, word in enumerate(words):
            node = 0
            for byte in reversed(word.encode()):
                if byte not in rows[node]:
                    rows[node][byte] = len(rows)
                    rows.append({})
                    word_at.append(-1)
                node = rows[node][byte]
            word_at[node] = number
        table = np.zeros((len(rows), 256), np.int32)
        for node, row in enumerate(rows):
            for byte, target in row.items():
                table[node, byte] = target
        speaks = np.zeros((len(words), 2, (len(catalog.recognizers) + 63) // 64), np.uint64)
        index = {word: number for number, word in enumerate(words)}
        for bit, recognizer in enumerate(catalog.recognizers):
            for side, own in enumerate((recognizer.context, recognizer.context_reject)):
                for word in own:
                    speaks[index[word.lower()], side, bit // 64] |= np.uint64(1 << bit % 64)
        points = np.array([len(word) for word in words], np.int32)
        return cls(words, table, np.array(word_at, np.int32), points, speaks)

    def pairs(self, alphabet: Alphabet) -> npt.NDArray[np.bool_]:
        """``[byte before * 256 + byte]``: whether the two, folded, can end a word."""
        pairs = np.zeros((256, 256), np.bool_)
        for word in self.words:
            for last in _cases(word[-1], alphabet):
                if len(word) == 1:
                    pairs[:, last] = True
                for before in _cases(word[-2:-1], alphabet):
                    pairs[before, last] = True
        return pairs.reshape(-1)

    def endings(self) -> set[str]:
        """The last two characters of the words: where looking for a word pays."""
        return {word[-2:] for word in self.words}


def _cases(char: str, alphabet: Alphabet) -> set[int]:
    return {int(alphabet.table[ord(each)]) for each in (*char.lower(), *char.upper())}


@kernel
def _full_width(second: int, third: int) -> int:  # pragma: no cover - compiled
    """The ASCII letter of U+FF21 to U+FF5A by its last two UTF-8 bytes, else 0."""
    letter = ((second & 0x3F) << 6 | (third & 0x3F)) - 0xF00 + 0x20
    if second in (0xBC, 0xBD) and (65 <= letter <= 90 or 97 <= letter <= 122):
        return letter
    return 0


@kernel
def word_before(
    data: UInt8, at: int, floor: int, table: Int32, word_at: Int32
) -> int:  # pragma: no cover - compiled
    """The longest word that ends at byte ``at``, or -1; reads no byte below ``floor``."""
    node = 0
    found = -1
    while at > floor:
        byte = data[at - 1]
        width = 1
        if byte >= 0x80 and at - floor >= 3 and data[at - 3] == 0xEF:
            letter = _full_width(data[at - 2], byte)
            if letter != 0:
                byte, width = letter, 3
        if 65 <= byte <= 90:
            byte += 32
        node = table[node, byte]
        if node == 0:
            break
        at -= width
        if word_at[node] >= 0:
            first = data[at] | 32
            ahead = data[at - 1] | 32 if at > floor else 0
            if not (97 <= first <= 122 and 97 <= ahead <= 122):
                found = word_at[node]
    return found


@kernel
def _hot_places(
    folded: UInt8, hot: npt.NDArray[np.bool_], pairs: npt.NDArray[np.bool_], found: Int64
) -> int:  # pragma: no cover - compiled
    count = 0
    for place in range(1, len(folded)):
        byte = folded[place]
        if hot[byte] and pairs[(np.uint32(folded[place - 1]) << np.uint32(8)) | byte]:
            if count == len(found):
                return -1
            found[count] = place
            count += 1
    return count


def word_ends(folded: UInt8, alphabet: Alphabet, pairs: npt.NDArray[np.bool_]) -> Int64:
    """Every place in ``folded`` where a context word may end, in order."""
    found = np.empty(max(64, len(folded) // 4), np.int64)
    while (count := _hot_places(folded, alphabet.hot, pairs, found)) < 0:
        found = np.empty(4 * len(found), np.int64)
    return found[:count]


@kernel
def _within_reach(
    ends: Int64, begin: Int64, near: npt.NDArray[np.bool_]
) -> None:  # pragma: no cover
    at = 0
    for index in range(len(begin)):
        while at < len(ends) and ends[at] < begin[index] - WINDOW:
            at += 1
        near[index] = at < len(ends) and ends[at] < begin[index]


def within_reach(ends: Int64, begin: Int64) -> npt.NDArray[np.bool_]:
    """Whether a word may end within the window in front of each of ``begin`` (in order)."""
    near = np.empty(len(begin), np.bool_)
    _within_reach(ends, begin, near)
    return near

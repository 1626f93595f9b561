"""Word trie: context words over their reversed UTF-8 bytes, read backwards from the end of a word.

Reading backwards finds the longest word that ends at a given byte: ``我的手机号`` -> 手机号.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np

from piiscan.arrays import Bool, Int16, Int32, UInt8, UInt16, UInt64
from piiscan.detect.catalog.catalog import Catalog, context_words_of
from piiscan.detect.catalog.recognizer import Recognizer
from piiscan.detect.matching.alphabet import (
    ZERO_WIDTH,
    base_char,
    base_points,
)
from piiscan.detect.matching.spellings import (
    Spelling,
    add_spellings,
    child_node,
    endings_of,
    trie_table,
)
from piiscan.jit import inlined, kernel

#: Code points before a candidate in which a word can end.
WINDOW: Final = 24


def _character_bases() -> UInt16:
    """Return the base character of each BMP code point, 0 if zero-width: ``uint16[65536]``."""
    bases = np.arange(65536, dtype=np.uint16)
    other = {point: base for point, base in base_points().items() if point >= 0xA0}
    bases[list(other)] = list(other.values())
    bases[[point for point in ZERO_WIDTH if point < 65536]] = 0
    return bases


_BASES: Final = _character_bases()


class WordTrie(NamedTuple):
    """Trie of words over their reversed UTF-8 bytes, in lower case.

    ``table[node, byte]`` is the next node (0: none); ``word_at[node]`` the word that ends there or
    -1.
    """

    table: Int32
    word_at: Int32

    @classmethod
    def of(cls, words: Sequence[str], spellings: Sequence[tuple[int, Spelling]] = ()) -> WordTrie:
        """Build the trie of ``words``; a word's number is its index, an empty one is left out.

        ``spellings``: further ways to write a word, each with the number of the word.
        """
        rows: list[dict[int, int]] = [{}]
        ends = {}
        for number, word in enumerate(words):
            if not word:
                continue
            node = 0
            for byte in reversed(_base_bytes(word)):
                node = child_node(rows, node, byte)
            ends[node] = number
        add_spellings(rows, ends, spellings, _base_bytes)
        word_at = [ends.get(node, -1) for node in range(len(rows))]
        return cls(trie_table(rows), np.array(word_at, np.int32))


def _base_bytes(text: str) -> bytes:
    """Return the UTF-8 bytes of the base characters of ``text``."""
    return "".join(map(base_char, text)).encode()


@dataclass(frozen=True, slots=True)
class ContextWords:
    """All context words of a catalogue, with the recognizers that they concern.

    Attributes:
        words: the words, and the labels with several spellings
        spellings: spellings of labels, each with the number of its word
        trie: all of them
        recognizer_bits: ``recognizer_bits[word, 0]`` has a bit for each recognizer that the word
            supports, ``recognizer_bits[word, 1]`` for each that it contradicts
        accounts: see :class:`AccountWords`
    """

    words: tuple[str, ...]
    spellings: tuple[tuple[int, Spelling], ...]
    trie: WordTrie
    recognizer_bits: UInt64
    accounts: AccountWords

    @classmethod
    def of(cls, catalog: Catalog) -> ContextWords:
        """Build the trie of every context word in ``catalog``."""
        used = {n for r in catalog.recognizers for n in (*r.labels, *r.labels_beside)}
        labels = {name: catalog.spellings.labels[name] for name in sorted(used)}
        plain = {word.lower() for word in context_words_of(catalog.recognizers)}
        words = tuple(sorted(plain | labels.keys()))
        bits = np.zeros((len(words), 2, (len(catalog.recognizers) + 63) // 64), np.uint64)
        index = {word: number for number, word in enumerate(words)}
        for bit, recognizer in enumerate(catalog.recognizers):
            support = *recognizer.context, *recognizer.labels, *recognizer.labels_beside
            for side, terms in enumerate((support, recognizer.context_reject)):
                for word in terms:
                    bits[index[word.lower()], side, bit // 64] |= np.uint64(1 << bit % 64)
        spellings = tuple((index[name], each) for name, some in labels.items() for each in some)
        plain_words = [word if word in plain else "" for word in words]
        return cls(
            words,
            spellings,
            WordTrie.of(plain_words, spellings),
            bits,
            AccountWords.of(catalog.recognizers, index),
        )

    def endings_by_word(self) -> list[set[str]]:
        """Return the last two characters of each word, in all its spellings."""
        found = [{word[-2:]} for word in self.words]
        for number, spelling in self.spellings:
            found[number] |= endings_of(spelling)
        return found

    def endings(self) -> set[str]:
        """Return the last two characters of each context word, where a search can start."""
        return set[str]().union(*self.endings_by_word())


class AccountWords(NamedTuple):
    """Labels of accounts, which are never names, and numbers that they make accounts as well.

    Attributes:
        is_label: ``bool[word]``, True for a label with several spellings
        implied: ``int16[word, 0 before | 1 beside]``, recognizer of the account that a number with
            the word directly before it, or on either side, is as well; -1 for none
        numbers: ``uint64[account, group of 64]``, a bit for each recognizer whose numbers can be
            accounts of a recognizer
    """

    is_label: Bool
    implied: Int16
    numbers: UInt64

    @classmethod
    def of(cls, recognizers: Sequence[Recognizer], index: Mapping[str, int]) -> AccountWords:
        """Collect the labels of ``recognizers``; ``index``: number of each word."""
        is_label = np.zeros(len(index), np.bool_)
        implied = np.full((len(index), 2), -1, np.int16)
        numbers = np.zeros((len(recognizers), (len(recognizers) + 63) // 64), np.uint64)
        at = {recognizer.id: number for number, recognizer in enumerate(recognizers)}
        for account, recognizer in enumerate(recognizers):
            is_label[[index[name] for name in (*recognizer.labels, *recognizer.labels_beside)]] = (
                True
            )
            for bit in (at[name] for name in recognizer.also):
                numbers[account, bit // 64] |= np.uint64(1 << bit % 64)
            if recognizer.also:
                before = *recognizer.context, *recognizer.labels, *recognizer.labels_beside
                implied[[index[word.lower()] for word in before], 0] = account
                implied[[index[word] for word in recognizer.labels_beside], 1] = account
        return cls(is_label, implied, numbers)


@inlined
def _step(table: Int32, node: int, point: int) -> int:  # pragma: no cover - compiled
    """Return the trie node one code point ``point`` further, 0 if there is none.

    The UTF-8 bytes of ``point`` are read backwards.
    """
    if point < 0x80:
        return int(table[node, point + 32 if 65 <= point <= 90 else point])
    node = table[node, 0x80 | (point & 0x3F)]
    if point < 0x800:
        return int(table[node, 0xC0 | (point >> 6)]) if node else 0
    node = table[node, 0x80 | ((point >> 6) & 0x3F)] if node else 0
    return int(table[node, 0xE0 | (point >> 12)]) if node else 0


@kernel
def _base_before(
    data: UInt8, at: int, floor: int
) -> tuple[int, int]:  # pragma: no cover - compiled
    """Return (base character, size in bytes) of the character that ends at byte ``at``.

    The base is 0 for a zero-width character, which is skipped, and -1 for an unknown one.
    """
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


@inlined
def _may_fold(data: UInt8, at: int, floor: int) -> bool:  # pragma: no cover - compiled
    """Return True if the character ending at byte ``at`` may fold to another one.

    Common Hanzi never do.
    """
    if at - floor >= 3 and data[at - 3] in (0xE1, 0xE2, 0xEF):
        return True
    if at - floor >= 2 and 0xC0 <= data[at - 2] < 0xE0:
        return True
    return at - floor >= 4 and data[at - 4] == 0xF3


@inlined
def _is_after_letter(data: UInt8, at: int, floor: int) -> bool:  # pragma: no cover - compiled
    """Return True if a Latin letter precedes byte ``at``, ignoring zero-width characters."""
    if at > floor and data[at - 1] < 0x80:
        return bool(97 <= data[at - 1] | 32 <= 122)
    while at > floor:
        base, width = _base_before(data, at, floor)
        if base != 0:
            return 97 <= base | 32 <= 122
        at -= width
    return False


@inlined
def retreat(data: UInt8, at: int, floor: int, points: int) -> int:  # pragma: no cover - compiled
    """Return the byte offset ``points`` code points before ``at``, but not before ``floor``."""
    for _ in range(points):
        at -= 1
        while at > floor and (data[at] & 0xC0) == 0x80:
            at -= 1
    return at


@inlined
def word_before(
    data: UInt8, at: int, floor: int, trie: WordTrie
) -> tuple[int, int]:  # pragma: no cover - compiled
    """Find the longest context word that ends at byte ``at``: (number or -1, code points).

    Reads no byte below ``floor``.  A word that starts with a Latin letter needs a non-letter before
    it.
    """
    table, word_at = trie
    node: Any = np.int64(0)  # a literal 0 would compile _step twice
    found = -1
    points = crossed = 0
    while at > floor:
        byte = data[at - 1]
        base = -1
        if byte < 0x80 or not _may_fold(data, at, floor):  # byte by byte: the usual case
            at -= 1
            node = table[node, byte + 32 if 65 <= byte <= 90 else byte]
            base = byte
        else:
            base, width = _base_before(data, at, floor)
            at -= width
            if base == 0:
                crossed += 1
                continue
            node = _step(table, node, base) if base > 0 else 0
        if node == 0:
            break
        crossed += (data[at] & 0xC0) != 0x80  # the first byte completes a character
        if word_at[node] >= 0 and not (
            97 <= base | 32 <= 122 and _is_after_letter(data, at, floor)
        ):
            found = word_at[node]
            points = crossed
    return found, points

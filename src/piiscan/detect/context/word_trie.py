"""Word trie: context words by their reversed UTF-8 bytes, read backwards in a text.

Reading backwards finds the longest word that ends at a given byte: ``我的手机号`` -> 手机号.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from piiscan.arrays import Bool, Int16, Int32, UInt64
from piiscan.detect.catalog.catalog import Catalog, context_words_of
from piiscan.detect.catalog.recognizer import Recognizer
from piiscan.detect.matching.alphabet import base_char
from piiscan.detect.matching.spellings import (
    Spelling,
    add_spellings,
    child_node,
    endings_of,
    trie_steps,
)


class WordTrie(NamedTuple):
    """Trie of words over their reversed UTF-8 bytes, in lower case.

    ``steps``: see :func:`~piiscan.detect.matching.spellings.trie_steps`. ``word_at[node]``: the
    word that ends there, or -1.
    """

    steps: Int32
    word_at: Int32

    @classmethod
    def of(cls, words: Sequence[str], spellings: Sequence[tuple[int, Spelling]] = ()) -> WordTrie:
        """Build the trie of ``words``; a word's number is its index, an empty one is left out.

        ``spellings``: further ways to write a word, each with the number of the word.
        """
        rows: list[dict[int, int]] = [{}]
        plain: dict[int, int] = {}
        for number, word in enumerate(words):
            if not word:
                continue
            node = 0
            for byte in reversed(_base_bytes(word)):
                node = child_node(rows, node, byte)
            plain[node] = number
        spelled = add_spellings(rows, spellings, _base_bytes)
        ends = {node: min(numbers) for node, numbers in spelled.items()} | plain
        steps, numbers = trie_steps(rows)
        word_at = np.full(len(steps), -1, np.int32)
        word_at[numbers[list(ends)]] = list(ends.values())
        return cls(steps, word_at)


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

    def supports(self) -> list[int]:
        """Return the recognizers that each word supports, as bits of one number."""
        return [int.from_bytes(bits[0].tobytes(), "little") for bits in self.recognizer_bits]

    def endings(self) -> set[str]:
        """Return the last two characters of each context word, where a search starts."""
        return set[str]().union(*self.endings_by_word())


class AccountWords(NamedTuple):
    """Labels of accounts (never names), and labels that make a number an account too.

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

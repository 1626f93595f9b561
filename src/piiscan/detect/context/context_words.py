"""Context words: words near a candidate that support, contradict or label it.

A number alone is weak evidence; a word such as 手机 next to it raises or lowers its score.
``手机号：13800138000`` -> word 手机号, nearness LABEL.

The search reads up to 24 characters backwards from a candidate.  The end of a cell or sentence
stops it.  It also reads 12 characters after the candidate.  There, words in brackets support
it, and words anywhere contradict it.  Batch scans and the Presidio recognizer both use this module.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from piiscan.arrays import Bool, Int16, Int32, Int64, UInt8, UInt64
from piiscan.detect.context.context_numbers import (
    FLAG_DIGIT,
    FLAG_GAP,
    FLAG_LETTER,
    FLAG_LINE,
    FLAG_SKIPPED,
    FLAG_STOP,
    FLAG_WORD_END,
)
from piiscan.detect.context.word_trie import AccountWords, ContextWords, WordTrie
from piiscan.detect.matching.alphabet import BREAK, KIND_DIGIT, KIND_LETTER, SKIP, Alphabet


class Context(NamedTuple):
    """Context of each candidate: word numbers, nearness, label; -1 for none.

    Attributes:
        word: supporting word
        nearness: its nearness: NONE, NEAR, NEAREST, LABEL, FAR_LABEL or KEYED
        against: contradicting word
        implied: recognizer of the account that the value is as well (``13800138000微信同号``)
        label: code point at which the label of an account directly before the candidate starts
    """

    word: Int32
    nearness: UInt8
    against: Int32
    implied: Int16
    label: Int64


class ContextSearch(NamedTuple):
    """Arrays of a search for context words, as kernels take them.

    Attributes:
        flags: flags of each folded byte
        recognizer_bits: ``uint64[word, 0 supports | 1 contradicts, group of 64 recognizers]``
        endings: ``bool[recognizer, folded byte]``, True for last bytes of words that support it
    """

    flags: UInt8
    trie: WordTrie
    recognizer_bits: UInt64
    accounts: AccountWords
    endings: Bool

    @property
    def words(self) -> int:
        """Return the number of context words."""
        return len(self.recognizer_bits)

    @property
    def groups(self) -> int:
        """Return the number of groups of recognizers."""
        return int(self.recognizer_bits.shape[2])

    @classmethod
    def of(cls, words: ContextWords, alphabet: Alphabet) -> ContextSearch:
        """Return the arrays for ``words`` in texts folded by ``alphabet``."""
        return cls(
            _byte_flags(alphabet),
            words.trie,
            words.recognizer_bits,
            words.accounts,
            _endings(words, alphabet),
        )


def _endings(words: ContextWords, alphabet: Alphabet) -> Bool:
    """Return ``bool[recognizer, folded byte]``: last bytes of words that support it."""
    support = words.recognizer_bits[:, 0]
    bits = np.unpackbits(support.view(np.uint8), axis=1, bitorder="little").astype(np.bool_)
    endings = np.zeros((bits.shape[1], 256), np.bool_)
    for number, texts in enumerate(words.endings_by_word()):
        forms = {form for text in texts for form in text[-1].lower() + text[-1].upper()}
        endings[np.ix_(bits[number], [alphabet.byte_of(form) for form in forms])] = True
    return endings


def _byte_flags(alphabet: Alphabet) -> UInt8:
    """Return the flags of each folded byte for the search (``uint8[256]``)."""
    flags = alphabet.hot * np.uint8(FLAG_WORD_END) | alphabet.gap * np.uint8(FLAG_GAP)
    flags |= alphabet.stop * np.uint8(FLAG_STOP) | (alphabet.kind == KIND_DIGIT) * np.uint8(
        FLAG_DIGIT
    )
    flags |= (alphabet.kind == KIND_LETTER) * np.uint8(FLAG_LETTER)
    flags[BREAK] = FLAG_STOP
    flags[10] |= FLAG_LINE
    flags[SKIP] |= FLAG_SKIPPED
    result: UInt8 = flags
    return result

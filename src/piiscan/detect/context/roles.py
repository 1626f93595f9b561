"""Roles of findings in running text: recipient, sender, customer, from the role word before them.

``收：张三 19900000008 … 寄：示例商贸 0731-80000001`` -> recipient for the first two values, sender
for the others.  The next role word, a blank line or the end of the text ends the range of a role
word.  Its range is at most MAX_ROLE_DISTANCE characters.

The words are in vocabulary.yaml.  ``text`` words count everywhere.  ``mark`` words (收, 寄, 客户)
count only when separated from other words.  ``mark`` and ``stem`` words count with a noun after
them (收件电话).  ``lead`` words (快递员, also a profession) count with no other word before them.
All ``words`` and ``glued`` words count directly before a name or value, and in keys: 骑手张三 138…,
``driverPhone=138…``.  A name without a role ends a range; staff has what is directly behind it.
Layouts: GB/T 41833-2022 (areas of recipient and sender) and printed waybills of couriers.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from piiscan.arrays import Bool, Int16, UInt8
from piiscan.detect.context.context_numbers import (
    GAP_COMMA,
    GAP_DIGIT,
    GAP_HAN,
    GAP_JOIN,
    GAP_KEY,
    GAP_LETTER,
    GAP_LINE,
    GAP_STOP,
    ROLE_BLANK,
    ROLE_CLOSE,
    ROLE_DIGIT,
    ROLE_LINE,
    ROLE_OPEN,
    ROLE_ROUND_CLOSE,
    ROLE_ROUND_OPEN,
    ROLE_WORD,
)
from piiscan.detect.context.role_words import RoleWords
from piiscan.detect.context.word_trie import WordTrie
from piiscan.detect.matching.alphabet import (
    BREAK,
    KIND_BREAK,
    KIND_DIGIT,
    KIND_HAN,
    KIND_HAN_DIGIT,
    KIND_LETTER,
    KIND_OTHER,
    SKIP,
    Alphabet,
)


class RoleSearch(NamedTuple):
    """Arrays of a search for role words, as kernels take them.

    Attributes:
        flags: flags of each folded byte beside a role word
        marks: flags of each folded byte between a role word and a span
        last_pairs: ``bool[byte * 256 + byte before]``, True for the last two bytes of a role word

    All others: see :class:`~piiscan.detect.context.role_words.RoleWords`.
    """

    flags: UInt8
    marks: UInt8
    trie: WordTrie
    nouns: WordTrie
    role: Int16
    position: UInt8
    glued: UInt8
    last_pairs: Bool
    last_bytes: Bool
    strict: Bool
    person: Bool
    lends: Bool
    side: Bool
    names: Bool
    reaches: Bool
    without_role: Bool

    @classmethod
    def of(cls, words: RoleWords, alphabet: Alphabet) -> RoleSearch:
        """Return the arrays for ``words`` in texts folded by ``alphabet``."""
        return cls(
            flags=_role_byte_flags(alphabet),
            marks=gap_byte_flags(alphabet),
            last_pairs=words.sieve(alphabet).end_pairs,
            **{name: getattr(words, name) for name in cls._fields if hasattr(words, name)},
        )


def gap_byte_flags(alphabet: Alphabet) -> UInt8:
    """Return the flags of each folded byte between a role word and a span (``uint8[256]``)."""
    kind, flags = alphabet.kind, np.zeros(256, np.uint8)
    flags[((kind == KIND_HAN) | (kind == KIND_HAN_DIGIT)) & ~alphabet.gap] |= GAP_HAN
    flags[kind == KIND_LETTER] |= GAP_LETTER
    flags[kind == KIND_DIGIT] |= GAP_DIGIT
    flags[ord(",")] |= GAP_COMMA
    flags[alphabet.stop] |= GAP_STOP
    flags[[10, BREAK]] = GAP_LINE
    flags[[ord(sign) for sign in " \t\"'`\\:=>(["]] |= GAP_KEY
    joined = alphabet.gap | (flags & (GAP_HAN | GAP_LETTER | GAP_KEY) > 0)
    joined[[ord(sign) for sign in ",.|"]] = False
    flags[joined] |= GAP_JOIN
    return flags


def _role_byte_flags(alphabet: Alphabet) -> UInt8:
    """Return the flags of each folded byte for role words (``uint8[256]``)."""
    flags = np.zeros(256, np.uint8)
    flags[(alphabet.kind != KIND_OTHER) & (alphabet.kind != KIND_BREAK)] |= ROLE_WORD
    flags[48:58] |= ROLE_DIGIT
    flags[[32, 9, 13, SKIP]] |= ROLE_BLANK
    flags[[10, BREAK]] |= ROLE_LINE
    flags[[int(alphabet.table[ord(mark)]) for mark in "([{<【〔《「"]] |= ROLE_OPEN
    flags[ord("(")] |= ROLE_ROUND_OPEN
    flags[ord(")")] |= ROLE_ROUND_CLOSE
    flags[[int(alphabet.table[ord(mark)]) for mark in ")]}>】〕》」"]] |= ROLE_CLOSE
    return flags

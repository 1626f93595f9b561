"""Roles of findings in running text: recipient, sender, customer, from the role word before them.

``收：张三 19900000008 … 寄：示例商贸 0731-80000001`` -> recipient for the first two values, sender
for the others.  The next role word, a blank line or the end of the text ends the range of a role
word.  Its range is at most MAX_ROLE_DISTANCE characters.

The words are in vocabulary.yaml.  ``text`` words count everywhere.  ``mark`` words (收, 寄, 客户)
count only when separated from other words.  ``mark`` and ``stem`` words count with a noun after
them (收件电话).  ``lead`` words (快递员, also a profession) count with no other word before them.
Layouts: GB/T 41833-2022 (areas of recipient and sender) and printed waybills of couriers.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from piiscan.arrays import Bool, Int16, UInt8
from piiscan.detect.context.context_numbers import (
    ROLE_BLANK,
    ROLE_DIGIT,
    ROLE_LINE,
    ROLE_OPEN,
    ROLE_ROUND_CLOSE,
    ROLE_ROUND_OPEN,
    ROLE_WORD,
)
from piiscan.detect.context.role_words import RoleWords
from piiscan.detect.context.word_trie import WordTrie
from piiscan.detect.matching.alphabet import BREAK, KIND_BREAK, KIND_OTHER, SKIP, Alphabet


class RoleSearch(NamedTuple):
    """Arrays of a search for role words, as kernels take them.

    Attributes:
        flags: flags of each folded byte
        trie: trie of the role words
        role, position: role number and required position of each word
        last_pairs: ``bool[byte * 256 + byte before]``, True for the last two bytes of a role word
        without_role: ``bool[recognizer]``, True for values without a role
    """

    flags: UInt8
    trie: WordTrie
    role: Int16
    position: UInt8
    last_pairs: Bool
    without_role: Bool

    @classmethod
    def of(cls, words: RoleWords, alphabet: Alphabet) -> RoleSearch:
        """Return the arrays for ``words`` in texts folded by ``alphabet``."""
        return cls(
            flags=_role_byte_flags(alphabet),
            trie=words.trie,
            role=words.role,
            position=words.position,
            last_pairs=words.sieve(alphabet).end_pairs,
            without_role=words.without_role,
        )


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
    return flags

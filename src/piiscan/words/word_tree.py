"""Prefix tree of jieba's dictionary: a hash table from (node, letter) to the next node.

The node of a first letter has the letter's own number.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from typing import Final, NamedTuple

import numpy as np

from piiscan.arrays import Float64, UInt8, UInt32, UInt64
from piiscan.words.word_kernels import ABSENT, PREFIX, insert_words, mark_last, read_letters

# Hanzi that jieba reads: the first, and one after the last.
HAN_START: Final = 0x4E00
HAN_END: Final = 0x9FD6
# Letters are 1 to 127 for ASCII and FIRST_HAN onwards for Hanzi; 0: a character of no word.
FIRST_HAN: Final = 128
LETTERS: Final = FIRST_HAN + HAN_END - HAN_START
NODE_BITS: Final = 24  # of a node in a slot
LAST: Final = 1 << 23  # marks a node with none below it
_CODE: Final = np.dtype("<u4")


class WordTree(NamedTuple):
    """Prefix tree as arrays; node 0 means no node."""

    slots: UInt64  #: (node, letter, next node) at its hash; 0 if empty; a power of two long
    scores: (
        Float64  #: logarithm of each node's frequency, or PREFIX, or ABSENT; of their sum: node 0
    )
    forced: UInt8  #: 1 for a word that jieba always splits; empty if there is none

    @property
    def mask(self) -> int:
        """Return the number of slots, less 1."""
        return len(self.slots) - 1

    @property
    def has_forced(self) -> bool:
        """Return True if there are words that jieba always splits."""
        return len(self.forced) > 0


def build_tree(
    items: Collection[tuple[str, float]], total: float, forced: Iterable[str] = ()
) -> WordTree:
    """Build the tree of (word, frequency) items. ``total``: sum; ``forced``: words always split.

    A word with frequency 0 is a prefix of words. Logarithms are Python's, as in jieba.
    """
    split = list(forced)
    words = [*(word for word, _ in items), *split]
    log_of = {each: math.log(each) if each else PREFIX for each in {f for _, f in items}}
    scores = np.fromiter((log_of[each] for _, each in items), np.float64, len(items))
    ends = np.cumsum(np.fromiter(map(len, words), np.int64, len(words)))
    codes = code_points("".join(words))
    letters = np.empty(len(codes), np.uint16)
    read_letters(codes, letters)
    slots = 1 << max(8, (2 * len(words)).bit_length())
    while True:
        table = np.zeros(slots, np.uint64)
        node_scores = np.full(LETTERS + slots // 2, ABSENT, np.float64)
        is_forced = np.zeros(len(node_scores), np.uint8)
        nodes = insert_words(letters, ends, scores, table, node_scores, is_forced)
        if nodes:
            mark_last(table, np.zeros(nodes, np.bool_))
            break
        slots *= 2  # prefixes that are missing in the dictionary take more nodes
    node_scores[0] = math.log(total)
    scores, is_forced = node_scores[:nodes].copy(), is_forced[: nodes if split else 0].copy()
    return WordTree(table, scores, is_forced)


def code_points(text: str) -> UInt32:
    """Return the code points of ``text`` (``uint32[len(text)]``, read-only)."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), _CODE)

"""Prefix tree of jieba's dictionary: a hash table from (node, letter) to the next node.

The node of a first letter has the letter's own number.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from typing import Final, NamedTuple

import numpy as np

from piiscan.arrays import Bool, Float64, Int64, UInt8, UInt16, UInt32, UInt64
from piiscan.jit import frozen, inlined, inner, kernel

#: Hanzi that jieba reads: the first, and one after the last.
HAN_START: Final = 0x4E00
HAN_END: Final = 0x9FD6
#: Letters are 1 to 127 for ASCII and FIRST_HAN onwards for Hanzi; 0 is a character of no word.
FIRST_HAN: Final = 128
LETTERS: Final = FIRST_HAN + HAN_END - HAN_START
#: ASCII characters that jieba reads as parts of words (``bool[128]``).
IS_WORD_ASCII: Final = np.array([chr(c).isalnum() or chr(c) in "+#&._%-" for c in range(128)])
#: Scores of nodes that are no word: a prefix in jieba's dictionary, and a prefix that is not.
PREFIX: Final = -np.inf
ABSENT: Final = np.inf
_CODE: Final = np.dtype("<u4")
#: Bits of a node in a slot; the highest marks a node with none below it.
_NODE_BITS: Final = 24
LAST: Final = 1 << (_NODE_BITS - 1)
#: Number of a node.
Node = int | np.int64


class WordTree(NamedTuple):
    """Arrays of a prefix tree; node 0 is none."""

    slots: UInt64  #: (node, letter, next node) at its hash; 0 if empty; a power of two long
    scores: (
        Float64  #: logarithm of each node's frequency, or PREFIX, or ABSENT; of their sum: node 0
    )
    forced: UInt8  #: 1 for a word that jieba always splits; empty if there is none


def build_tree(
    items: Collection[tuple[str, float]], total: float, forced: Iterable[str] = ()
) -> WordTree:
    """Build the tree of (word, frequency) ``items``; ``forced``: words that are always split.

    A word with frequency 0 is a prefix of words. Logarithms are Python's, as in jieba.
    """
    split = list(forced)
    words = [*(word for word, _ in items), *split]
    log_of = {each: math.log(each) if each else PREFIX for each in {f for _, f in items}}
    scores = np.fromiter((log_of[each] for _, each in items), np.float64, len(items))
    ends = np.cumsum(np.fromiter(map(len, words), np.int64, len(words)))
    letters = to_letters(code_points("".join(words)))
    slots = 1 << max(8, (2 * len(words)).bit_length())
    while True:
        table = np.zeros(slots, np.uint64)
        node_scores = np.full(LETTERS + slots // 2, ABSENT, np.float64)
        is_forced = np.zeros(len(node_scores), np.uint8)
        nodes = _insert_words(letters, ends, scores, table, node_scores, is_forced)
        if nodes:
            _mark_last(table, np.zeros(nodes, np.bool_))
            break
        slots *= 2  # prefixes that are missing in the dictionary take more nodes
    node_scores[0] = math.log(total)
    scores, is_forced = node_scores[:nodes].copy(), is_forced[: nodes if split else 0].copy()
    return WordTree(frozen(table), frozen(scores), frozen(is_forced))


def code_points(text: str) -> UInt32:
    """Return the code points of ``text`` (``uint32[len(text)]``, read-only)."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), _CODE)


def to_letters(codes: UInt32) -> UInt16:
    """Return the letter of each code point; 0 for characters that are in no word."""
    letters = np.empty(len(codes), np.uint16)
    if len(codes):
        read_letters(codes, letters)
    return letters


@kernel
def read_letters(codes: UInt32, letters: UInt16) -> None:
    """Write the letter of each code point to ``letters``."""
    for at in range(len(codes)):
        code = codes[at]
        if HAN_START <= code < HAN_END:
            letters[at] = code - (HAN_START - FIRST_HAN)
        else:
            letters[at] = code if code < 128 and IS_WORD_ASCII[code] else 0


@inlined
def _key(node: Node, letter: int) -> np.uint64:
    """Return the key of the node below ``node`` by ``letter``."""
    return (np.uint64(node) << np.uint64(16)) | np.uint64(letter)


@inlined
def _first_slot(key: np.uint64) -> np.uint64:
    """Return the hash of ``key``; its low bits are the slot where the search begins."""
    return (key * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32)


@inlined
def next_node(slots: UInt64, node: Node, letter: int) -> np.int64:
    """Return the node below ``node`` by ``letter``, or 0; with LAST if no node is below it."""
    key = _key(node, letter)
    mask = np.uint64(len(slots) - 1)
    at = _first_slot(key) & mask
    while slots[at] != 0:
        if slots[at] >> np.uint64(_NODE_BITS) == key:
            return np.int64(slots[at] & np.uint64((1 << _NODE_BITS) - 1))
        at = (at + np.uint64(1)) & mask
    return np.int64(0)


@inner
def find_node(slots: UInt64, letters: UInt16, start: int, stop: int) -> np.int64:
    """Return the node of the word at [start, stop) in ``letters``, or 0."""
    node = np.int64(letters[start])
    for at in range(start + 1, stop):
        if node == 0:
            break
        node = next_node(slots, node, letters[at]) & (LAST - 1)
    return node


@kernel
def _insert_words(
    letters: UInt16, ends: Int64, scores: Float64,
    slots: UInt64, node_scores: Float64, forced: UInt8,
) -> int:  # fmt: skip
    """Insert words by their ``ends`` in ``letters``. Return the number of nodes, 0 if too many.

    The words after the last of ``scores`` are those that are always split.
    """
    nodes = LETTERS
    mask = np.uint64(len(slots) - 1)
    start = 0
    for word in range(len(ends)):
        end = ends[word]
        readable = end > start
        for at in range(start, end):
            readable &= letters[at] != 0
        if readable:
            node = np.int64(letters[start])
            for at in range(start + 1, end):
                child = next_node(slots, node, letters[at])
                if child == 0:
                    if nodes == len(node_scores):
                        return 0
                    key = _key(node, letters[at])
                    slot = _first_slot(key) & mask
                    while slots[slot] != 0:
                        slot = (slot + np.uint64(1)) & mask
                    slots[slot] = (key << np.uint64(_NODE_BITS)) | np.uint64(nodes)
                    child = np.int64(nodes)
                    nodes += 1
                node = child
            if word < len(scores):
                node_scores[node] = scores[word]
            else:
                forced[node] = 1
        start = end
    return nodes


@kernel
def _mark_last(slots: UInt64, parents: Bool) -> None:
    """Set LAST in the slots of nodes without a node below; ``parents``: scratch, False."""
    for slot in slots:
        parents[slot >> np.uint64(_NODE_BITS + 16)] = True
    for at in range(len(slots)):
        if slots[at] != 0 and not parents[slots[at] & np.uint64(LAST - 1)]:
            slots[at] |= np.uint64(LAST)

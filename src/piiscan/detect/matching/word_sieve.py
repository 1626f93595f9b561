"""Word sieve: every place in folded text where one of many words may end, read backwards."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from piiscan.arrays import Bool, Int32, UInt8
from piiscan.detect.matching.alphabet import KIND_BREAK, KIND_OTHER, Alphabet
from piiscan.jit import inner


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
                nodes = [child_of(rows, node, byte) for node in nodes for byte in bytes_]
            ends.update(nodes)
        whole = np.isin(np.arange(len(rows)), sorted(ends))
        table = table_of(rows)
        pairs = (table[table[0]] != 0) | whole[table[0]][:, None]
        pairs[table[0] == 0] = False
        upper = np.arange(65, 91)
        pairs[upper] = pairs[upper + 32]
        pairs[:, upper] = pairs[:, upper + 32]
        return cls(table, whole, pairs.reshape(-1), alphabet.hot * np.uint8(8) + alphabet.kind)


def child_of(rows: list[dict[int, int]], node: int, byte: int) -> int:
    """The node behind ``node`` for ``byte``, made if there is none."""
    if byte not in rows[node]:
        rows[node][byte] = len(rows)
        rows.append({})
    return rows[node][byte]


def table_of(rows: list[dict[int, int]]) -> Int32:
    """``[node, byte]``: the next node of a trie, 0 where there is none."""
    table = np.zeros((len(rows), 256), np.int32)
    nodes = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    table[nodes, [byte for row in rows for byte in row]] = [n for row in rows for n in row.values()]
    return table


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

"""Word sieve: positions in folded text where one of many words may end, read backwards.

It rejects most positions cheaply. Folding merges characters, so a hit still needs the exact
comparison in :mod:`piiscan.detect.context`.

    words 手机, 电话; text 他的手机是 -> a word may end at 机
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import NamedTuple

import numpy as np

from piiscan.arrays import Bool, Int32, UInt16, UInt64
from piiscan.detect.matching.alphabet import KIND_BREAK, KIND_OTHER, Alphabet
from piiscan.detect.matching.spellings import (
    Spelling,
    add_spellings,
    child_node,
    endings_of,
    trie_steps,
)


class WordSieve(NamedTuple):
    """Trie of all words over their reversed, folded, lower-case bytes and the low bytes of Hanzi.

    ``steps``: see :func:`~piiscan.detect.matching.spellings.trie_steps`. ``complete[node]``: 0 if
    no word is complete at the node, else the row of ``supports``: bits of the recognizers that such
    words support, in groups of 64.
    """

    steps: Int32
    complete: UInt16
    supports: UInt64
    end_pairs: Bool  # [byte * 256 + byte before]: last two bytes of a word, in either case

    @property
    def groups(self) -> int:
        """Return the number of groups of recognizers."""
        return int(self.supports.shape[1])

    @classmethod
    def of(
        cls,
        words: Sequence[tuple[int, str]],
        alphabet: Alphabet,
        spellings: Sequence[tuple[int, Spelling]] = (),
        groups: int = 1,
    ) -> WordSieve:
        """Build the sieve of ``words`` and of all that ``spellings`` stand for.

        Each has the recognizers that it supports, as bits of a number. A NUL at the front of a word
        matches any character but a letter, a digit or a Hanzi.
        """
        rows: list[dict[int, int]] = [{}]
        ends: dict[int, int] = {}
        outside = np.flatnonzero(
            (alphabet.kind == KIND_OTHER) | (alphabet.kind == KIND_BREAK)
        ).tolist()
        for support, word in words:
            nodes = [0]
            for char in reversed(word):
                if char == "\0":
                    nodes = [child_node(rows, node, byte) for node in nodes for byte in outside]
                    continue
                for code in reversed(alphabet.codes_of(char)):
                    nodes = [child_node(rows, node, code) for node in nodes]
            ends |= {node: ends.get(node, 0) | support for node in nodes}
        spelled = add_spellings(
            rows,
            spellings,
            lambda text: [code for char in text for code in alphabet.codes_of(char)],
        )
        for node, supports in spelled.items():
            ends[node] = reduce(or_, supports, ends.get(node, 0))
        end_pairs = np.zeros((256, 256), np.bool_)
        endings = {word[-2:] for _, word in words}.union(
            *(endings_of(each) for _, each in spellings)
        )
        for ending in filter(None, endings):
            before = outside if ending[0] == "\0" else list(map(alphabet.byte_of, ending[:-1]))
            end_pairs[alphabet.byte_of(ending[-1]), before or slice(None)] = True
        upper = np.arange(65, 91)
        end_pairs[upper] = end_pairs[upper + 32]
        end_pairs[:, upper] = end_pairs[:, upper + 32]
        steps, numbers = trie_steps(rows)
        sets = sorted(set(ends.values()))
        packed = b"".join(each.to_bytes(groups * 8, "little") for each in (0, *sets))
        complete = np.zeros(len(steps), np.uint16)
        complete[numbers[list(ends)]] = [1 + sets.index(each) for each in ends.values()]
        table = np.frombuffer(packed, np.uint64).reshape(-1, groups)
        return cls(steps, complete, table, end_pairs.reshape(-1))

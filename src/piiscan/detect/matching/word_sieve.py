"""Word sieve: positions in folded text where one of many words may end, read backwards.

It rejects most positions cheaply. Folding merges characters, so a hit still needs the exact
comparison in :mod:`piiscan.detect.context`.

    words 手机, 电话; text 他的手机是 -> a word may end at 机
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from piiscan.arrays import Bool, Int32
from piiscan.detect.matching.alphabet import KIND_BREAK, KIND_OTHER, Alphabet
from piiscan.detect.matching.spellings import Spelling, add_spellings, child_node, trie_steps


class WordSieve(NamedTuple):
    """Trie of all words over their reversed, folded, lower-case bytes.

    ``steps``: see :func:`~piiscan.detect.matching.spellings.trie_steps`. ``complete[node]``: True
    if a word is complete at the node.
    """

    steps: Int32
    complete: Bool
    end_pairs: Bool  # [byte * 256 + byte before]: last two bytes of a word, in either case

    @classmethod
    def of(
        cls, words: Iterable[str], alphabet: Alphabet, spellings: Iterable[Spelling] = ()
    ) -> WordSieve:
        """Build the sieve of ``words`` and of all that ``spellings`` stand for.

        A NUL at the front of a word matches any character but a letter, a digit or a Hanzi.
        """
        rows: list[dict[int, int]] = [{}]
        ends: dict[int, int] = {}
        outside = np.flatnonzero(
            (alphabet.kind == KIND_OTHER) | (alphabet.kind == KIND_BREAK)
        ).tolist()
        for word in words:
            nodes = [0]
            for char in reversed(word):
                bytes_ = outside if char == "\0" else [alphabet.byte_of(char)]
                nodes = [child_node(rows, node, byte) for node in nodes for byte in bytes_]
            ends |= dict.fromkeys(nodes, 0)
        numbered = [(0, spelling) for spelling in spellings]
        add_spellings(rows, ends, numbered, lambda text: map(alphabet.byte_of, text))
        end_pairs = np.zeros((256, 256), np.bool_)
        for byte, node in rows[0].items():
            end_pairs[byte, slice(None) if node in ends else list(rows[node])] = True
        upper = np.arange(65, 91)
        end_pairs[upper] = end_pairs[upper + 32]
        end_pairs[:, upper] = end_pairs[:, upper + 32]
        steps, numbers = trie_steps(rows)
        complete = np.zeros(len(steps), np.bool_)
        complete[numbers[list(ends)]] = True
        return cls(steps, complete, end_pairs.reshape(-1))

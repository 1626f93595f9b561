"""Scan positions: positions in folded text where a match may start or a context word may end.

A character and its two neighbours decide both, so one pass finds both. Most positions are neither.

    手机13800138000 -> word end 2 (机), match start 3; position 0 is the BREAK
"""

from __future__ import annotations

import numpy as np

from piiscan.arrays import Int64, UInt8
from piiscan.detect.matching.alphabet import Alphabet
from piiscan.detect.matching.automaton import Automaton
from piiscan.detect.matching.match_kernels import (
    find_starts,
    find_starts_after_words,
    find_starts_and_word_ends,
)
from piiscan.detect.matching.word_sieve import WordSieve


def match_starts_and_word_ends(
    folded: UInt8, automaton: Automaton, sieve: WordSieve
) -> tuple[Int64, Int64]:
    """Return (positions where a match may start, positions where a context word may end).

    ``folded`` starts and ends with BREAK.
    """
    capacity = np.array([max(64, len(folded) // 4)] * 2)
    while True:
        starts, word_ends = np.empty(capacity[0], np.int64), np.empty(capacity[1], np.int64)
        start_count, end_count = find_starts_and_word_ends(
            folded, automaton.start_pairs, sieve, starts, word_ends
        )
        if start_count >= 0 and end_count >= 0:
            return starts[:start_count], word_ends[:end_count]
        capacity[[start_count < 0, end_count < 0]] *= 4


def match_starts(folded: UInt8, automaton: Automaton, alphabet: Alphabet) -> Int64:
    """Return the positions in ``folded`` where a match may start.

    ``folded`` starts and ends with BREAK.
    """
    found = np.empty(max(64, len(folded) // 4), np.int64)
    while (count := find_starts(folded, automaton.start_pairs, alphabet.kind, found)) < 0:
        found = np.empty(4 * len(found), np.int64)
    return found[:count]


def match_starts_after_words(
    folded: UInt8, word_ends: Int64, automaton: Automaton, alphabet: Alphabet
) -> Int64:
    """Return the positions directly after a context word where a match may start.

    ``word_ends``: positions where words may end.
    """
    found = np.empty(2 * len(word_ends), np.int64)
    return found[
        : find_starts_after_words(
            folded, word_ends, automaton.start_pairs, alphabet.kind, alphabet.gap, found
        )
    ]

"""Marks: pairs of folded bytes at which a match may start or a word end.

A match starts inside no run of digits and no word, and no word ends inside one. A position is
judged by two pairs, with the byte before it and with the byte behind it:

    手机138: a word may end at 机, a match may start at 1
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Bool, UInt8
from piiscan.detect.matching.alphabet import KIND_DIGIT, KIND_HAN_DIGIT, KIND_LETTER, Alphabet

# Marks of a pair of folded bytes.
MATCH_START: Final = 1  # a match may begin with the pair
WORD_END: Final = 2  # a word may end between the two
START_ALLOWED: Final = 4  # a match may begin between the two
LAST_PAIR: Final = 8  # a word may end with the pair


def pair_marks(start_pairs: Bool, end_pairs: Bool, alphabet: Alphabet) -> UInt8:
    """Return ``uint8[second byte * 256 + first byte]``: flags of such a pair (MATCH_START …).

    Args:
        start_pairs: ``bool[first * 256 + second]``, the first two bytes of a match
        end_pairs: ``bool[last * 256 + byte before]``, the last two bytes of a word
    """
    first, second = alphabet.kind[None, :], alphabet.kind[:, None]
    inside = (first == second) & ((first == KIND_DIGIT) | (first == KIND_LETTER))
    continues = inside | ((first == second) & (first == KIND_HAN_DIGIT))
    continues |= (first == KIND_DIGIT) & (second == KIND_LETTER)
    marks = start_pairs.reshape(256, 256).T * np.uint8(MATCH_START)
    marks |= (alphabet.hot[None, :] & ~inside) * np.uint8(WORD_END)
    marks |= ~continues * np.uint8(START_ALLOWED)
    marks |= end_pairs.reshape(256, 256) * np.uint8(LAST_PAIR)
    return marks.reshape(-1)

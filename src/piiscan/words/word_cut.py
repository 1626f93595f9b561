"""Word cut: a text as jieba's words, exactly as ``jieba.cut(text)`` cuts it.

A block of word characters is cut on the most probable way through the dictionary. Its single
characters are joined and cut by the hidden Markov model. All other characters are single words.
"""

from __future__ import annotations

import threading
from typing import Final, NamedTuple, Self

import numpy as np

from piiscan.arrays import Float64, Int32, UInt16, UInt32
from piiscan.words.live_dictionary import LiveDictionary
from piiscan.words.unknown_words import word_model
from piiscan.words.word_kernels import cut_words
from piiscan.words.word_tree import code_points

#: Characters of the longest text whose arrays are kept, a set a thread.
_SHORT: Final = 4096
_DICTIONARY: Final = LiveDictionary()


def cut(text: str) -> list[str]:
    """Return the words of ``text`` as ``jieba.cut(text)`` cuts them; joined, they are the text.

    >>> cut("长沙的快递")
    ['长沙', '的', '快递']
    """
    words, start = [], 0
    for end in word_ends(code_points(text)).tolist():
        words.append(text[start:end])
        start = end
    return words


def word_ends(codes: UInt32) -> Int32:
    """Return the end offset of each jieba word, in code points: ``长沙的快递 -> 2, 3, 5``.

    ``codes``: code points of the text.
    """
    arrays = _arrays(len(codes))
    count = cut_words(codes, _DICTIONARY.tree(), word_model(), arrays, False)
    return arrays.ends[:count].copy()


def spacy_tokens(text: str) -> tuple[list[str], list[int]]:
    """Return spaCy's tokens of jieba's words, and per token 1 if a blank follows, else 0.

    The blank belongs to the word; other white space is a token of its own.

    >>> spacy_tokens("快递 长沙  ")
    (['快递', '长沙', ' '], [1, 1, 0])
    """
    codes = code_points(text)
    arrays = _arrays(len(codes))
    count = cut_words(codes, _DICTIONARY.tree(), word_model(), arrays, True)
    numbers = arrays.tokens[: 3 * count].tolist()
    pairs = zip(numbers[::3], numbers[1::3], strict=True)
    return [text[start:end] for start, end in pairs], numbers[2::3]


class TextArrays(NamedTuple):
    """Arrays for the words of a text.

    Attributes:
        letters, route, word_end: scratch; ``route`` has one entry more than the text
        ends: end of each word
        tokens: start and end of each token, and 1 if a blank follows
    """

    letters: UInt16
    route: Float64
    word_end: Int32
    ends: Int32
    tokens: Int32

    @classmethod
    def of(cls, size: int) -> Self:
        """Return new arrays for a text of ``size`` characters."""
        return cls(
            np.empty(size, np.uint16), np.empty(size + 1), np.empty(size, np.int32),
            np.empty(size, np.int32), np.empty(3 * size, np.int32),
        )  # fmt: skip


_KEPT: Final = threading.local()


def _arrays(size: int) -> TextArrays:
    """Return scratch arrays for ``size`` characters or more; short ones are shared per thread."""
    if size > _SHORT:
        return TextArrays.of(size)
    if not hasattr(_KEPT, "arrays"):
        _KEPT.arrays = TextArrays.of(_SHORT)
    kept: TextArrays = _KEPT.arrays
    return kept

"""Word cut: a text as jieba's words, exactly as ``jieba.cut(text)`` cuts it.

A block of word characters is cut on the most probable way through the dictionary. Its single
characters are joined and cut by the hidden Markov model. All other characters are single words.
"""

from __future__ import annotations

import threading
from typing import Final

import numpy as np

from piiscan.arrays import Float64, Int32, UInt16, UInt32
from piiscan.words.live_dictionary import LiveDictionary
from piiscan.words.unknown_words import word_model
from piiscan.words.word_kernels import cut_tokens, cut_words
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
    letters, route, word_end, ends, _ = _arrays(len(codes))
    count = cut_words(codes, _DICTIONARY.tree(), word_model(), letters, route, word_end, ends)
    return ends[:count].copy()


def spacy_tokens(text: str) -> tuple[list[str], list[int]]:
    """Return spaCy's tokens of jieba's words, and per token 1 if a blank follows, else 0.

    The blank belongs to the word; other white space is a token of its own.

    >>> spacy_tokens("快递 长沙  ")
    (['快递', '长沙', ' '], [1, 1, 0])
    """
    codes = code_points(text)
    letters, route, word_end, ends, tokens = _arrays(len(codes))
    count = cut_tokens(
        codes, _DICTIONARY.tree(), word_model(), letters, route, word_end, ends, tokens
    )
    numbers = tokens[: 3 * count].tolist()
    pairs = zip(numbers[::3], numbers[1::3], strict=True)
    return [text[start:end] for start, end in pairs], numbers[2::3]


#: Arrays of a text: letters, route and best ends are scratch; ends of words; three numbers a token.
_TextArrays = tuple[UInt16, Float64, Int32, Int32, Int32]
_KEPT: Final = threading.local()


def _arrays(size: int) -> _TextArrays:
    """Return scratch arrays for ``size`` characters or more; short ones are shared per thread."""
    if size > _SHORT:
        return _new_arrays(size)
    if not hasattr(_KEPT, "arrays"):
        _KEPT.arrays = _new_arrays(_SHORT)
    kept: _TextArrays = _KEPT.arrays
    return kept


def _new_arrays(size: int) -> _TextArrays:
    """Return new arrays for a text of ``size`` characters."""
    return (
        np.empty(size, np.uint16), np.empty(size + 1), np.empty(size, np.int32),
        np.empty(size, np.int32), np.empty(3 * size, np.int32),
    )  # fmt: skip

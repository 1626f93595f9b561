"""Cut of a text into jieba's words, exactly as ``jieba.cut(text)`` cuts it.

A block of word characters is cut on the most probable way through the dictionary. Its single
characters are joined and cut by the hidden Markov model. All other characters are single words.
"""

from __future__ import annotations

import threading
from typing import Final

import numpy as np

from piiscan.arrays import Float64, Int32, UInt8, UInt16, UInt32, UInt64
from piiscan.jit import inner, kernel
from piiscan.words.live_dictionary import LiveDictionary
from piiscan.words.unknown_words import cut_unknown, word_model
from piiscan.words.word_tree import (
    ABSENT,
    FIRST_HAN,
    LAST,
    PREFIX,
    code_points,
    find_node,
    next_node,
    read_letters,
)

_DOT: Final = ord(".")
_PERCENT: Final = ord("%")
_RETURN: Final = ord("\r")
_NEWLINE: Final = ord("\n")
_SPACE: Final = ord(" ")
#: Characters of the longest text whose arrays are kept, a set a thread.
_SHORT: Final = 4096
_BLANKS: Final = np.array([chr(code).isspace() for code in range(0x3001)])


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
    """Return the end of each word of a text, given as ``codes``, in characters."""
    letters, route, word_end, ends, _ = _arrays(len(codes))
    count = _cut_words(codes, *_DICTIONARY.tree(), word_model(), letters, route, word_end, ends)
    return ends[:count].copy()


def spacy_tokens(text: str) -> tuple[list[str], list[int]]:
    """Return the tokens that spaCy makes of jieba's words, and 1 for each that a blank follows.

    The blank belongs to the word; other white space is a token of its own.

    >>> spacy_tokens("快递 长沙  ")
    (['快递', '长沙', ' '], [1, 1, 0])
    """
    codes = code_points(text)
    letters, route, word_end, ends, tokens = _arrays(len(codes))
    count = _cut_tokens(
        codes, *_DICTIONARY.tree(), word_model(), letters, route, word_end, ends, tokens
    )
    numbers = tokens[: 3 * count].tolist()
    pairs = zip(numbers[::3], numbers[1::3], strict=True)
    return [text[start:end] for start, end in pairs], numbers[2::3]


#: Arrays of a text: letters, route and best ends are scratch; ends of words; three numbers a token.
_TextArrays = tuple[UInt16, Float64, Int32, Int32, Int32]
_KEPT: Final = threading.local()


def _arrays(size: int) -> _TextArrays:
    """Return arrays for a text of ``size`` characters, or longer ones; short ones are kept."""
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


@kernel
def _cut_words(
    codes: UInt32, slots: UInt64, scores: Float64, forced: UInt8, model: Float64,
    letters: UInt16, route: Float64, word_end: Int32, ends: Int32,
) -> int:  # fmt: skip
    """Write the ends of all words to ``ends``; return their number.

    Args:
        codes: code points of the text
        slots, scores, forced: the dictionary, see WordTree
        model: the model of unknown words
        letters, route, word_end: scratch, as long as the text, ``route`` one longer
        ends: output
    """
    read_letters(codes, letters)
    count = at = 0
    while at < len(codes):
        if letters[at] == 0:
            at += 1
            if at < len(codes) and codes[at - 1] == _RETURN and codes[at] == _NEWLINE:
                at += 1
            ends[count] = at
            count += 1
            continue
        stop = at + 1
        while stop < len(codes) and letters[stop] != 0:
            stop += 1
        _find_route(letters, at, stop, slots, scores, route, word_end)
        single = at  # start of the single characters before ``at``
        while at < stop:
            after = word_end[at]
            if after > at + 1:
                count = _cut_singles(letters, single, at, slots, scores, forced,
                    model, word_end, ends, count)  # fmt: skip
                ends[count] = after
                count += 1
                single = after
            at = after
        count = _cut_singles(letters, single, stop, slots, scores, forced,
            model, word_end, ends, count)  # fmt: skip
    return count


@inner
def _find_route(
    letters: UInt16, start: int, stop: int, slots: UInt64, scores: Float64,
    route: Float64, word_end: Int32,
) -> None:  # fmt: skip
    """Write the end of the best word at each letter of the block [start, stop) to ``word_end``.

    ``route``: score of the best way from each letter to the end. Of equal ways the longer word
    wins, as in jieba's comparison of tuples.
    """
    for at in range(start, stop - 1):  # apart from the rest, so that memory is read ahead
        word_end[at] = next_node(slots, letters[at], letters[at + 1])
    word_end[stop - 1] = 0
    log_total = scores[0]
    route[stop] = 0.0
    for at in range(stop - 1, start - 1, -1):
        best, end = 0.0, 0
        node, here = np.int64(letters[at]), at + 1
        below = np.int64(word_end[at])
        while scores[node] != ABSENT:
            if scores[node] != PREFIX:
                score = scores[node] - log_total + route[here]
                if end == 0 or score >= best:
                    best, end = score, here
            if below == 0:
                break
            node = below & (LAST - 1)
            here += 1
            last = below & LAST or here == stop
            below = np.int64(0) if last else next_node(slots, node, letters[here])
        if end == 0:
            best, end = 0.0 - log_total + route[at + 1], at + 1
        route[at] = best
        word_end[at] = end


@inner
def _cut_singles(
    letters: UInt16, start: int, stop: int, slots: UInt64, scores: Float64, forced: UInt8,
    model: Float64, came: Int32, ends: Int32, count: int,
) -> int:  # fmt: skip
    """Append the ends of the words in the single characters [start, stop); return the new count.

    They stay single if they are a word together. Otherwise Hanzi are cut by the model, and
    letters and digits are words with ``.5`` and ``%`` behind them.
    """
    if stop - start > 1:
        node = find_node(slots, letters, start, stop)
        if node == 0 or scores[node] == PREFIX or scores[node] == ABSENT:
            return _cut_joined(letters, start, stop, slots, forced, model, came, ends, count)
    for at in range(start, stop):
        ends[count] = at + 1
        count += 1
    return count


@inner
def _cut_joined(
    letters: UInt16, start: int, stop: int, slots: UInt64, forced: UInt8,
    model: Float64, came: Int32, ends: Int32, count: int,
) -> int:  # fmt: skip
    """Append the ends of the words in [start, stop), which is no word; return the new count."""
    at = start
    while at < stop:
        begin = at
        if letters[at] >= FIRST_HAN:
            while at < stop and letters[at] >= FIRST_HAN:
                at += 1
            count = cut_unknown(letters, begin, at, slots, forced, model, came, ends, count)
            continue
        if _is_alphanumeric(letters[at]):
            while at < stop and _is_alphanumeric(letters[at]):
                at += 1
            if at + 1 < stop and letters[at] == _DOT and _is_digit(letters[at + 1]):
                at += 2
                while at < stop and _is_digit(letters[at]):
                    at += 1
            if at < stop and letters[at] == _PERCENT:
                at += 1
        else:
            while at < stop and letters[at] < FIRST_HAN and not _is_alphanumeric(letters[at]):
                at += 1
        ends[count] = at
        count += 1
    return count


@inner
def _is_digit(letter: int) -> bool:
    """Return True for an ASCII digit."""
    return 48 <= letter <= 57


@inner
def _is_alphanumeric(letter: int) -> bool:
    """Return True for an ASCII letter or digit."""
    return 48 <= letter <= 57 or 65 <= letter <= 90 or 97 <= letter <= 122


@kernel
def _cut_tokens(
    codes: UInt32, slots: UInt64, scores: Float64, forced: UInt8, model: Float64,
    letters: UInt16, route: Float64, word_end: Int32, ends: Int32, tokens: Int32,
) -> int:  # fmt: skip
    """Write start, end and 1 or 0 (a blank follows) of spaCy's tokens; return their number."""
    _cut_words(codes, slots, scores, forced, model, letters, route, word_end, ends)
    count = at = start = 0
    while start < len(codes):
        stop = start
        while stop < len(codes) and codes[stop] <= 0x3000 and _BLANKS[codes[stop]]:
            stop += 1
        is_blank = stop > start
        while ends[at] <= start:
            at += 1
        stop = max(stop, ends[at])
        tokens[3 * count], tokens[3 * count + 1] = start, stop
        spaced = not is_blank and stop < len(codes) and codes[stop] == _SPACE
        tokens[3 * count + 2] = spaced
        start = stop + spaced
        count += 1
    return count

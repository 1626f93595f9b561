"""Encoding of lines as arrays: symbols, symbol pairs, dictionary words and span states."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np

from piiscan.arrays import Bool, Int8, Int16, Int32, Int64, UInt8, UInt16, UInt32
from piiscan.detect.ner.model.network import distances
from piiscan.detect.ner.model.network_kernels import find_words
from piiscan.detect.ner.model.network_numbers import MAX_WORDS, PAD
from piiscan.detect.ner.model.symbols import read_symbols
from piiscan.detect.ner.model.weights import KINDS

from .lines import PERSON, Line
from .silver import DOUBT

UNLABELLED = -1  # a symbol with this state is not learned from


class Encoded(NamedTuple):
    """Symbols of many lines, concatenated. Line ``i`` is ``line_starts[i]:line_starts[i + 1]``."""

    number: UInt16
    pair: Int32
    word_rows: UInt8
    state: Int8
    auxiliary: Int16
    line_starts: Int64
    # Probability of each state from an ensemble, in parts of 255; None without an ensemble.
    probabilities: UInt8 | None = None
    # True for symbols of a name that is a name at every occurrence.
    certain_name: Bool | None = None


def code_points(texts: Sequence[str]) -> tuple[UInt32, Int64]:
    """Return the concatenated code points of ``texts`` and the offset of each text in them.

    The offsets have one item more than ``texts``, the total length.
    """
    joined = "".join(texts).encode("utf-32-le", "surrogatepass")
    offsets = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(text) for text in texts], out=offsets[1:])
    return np.frombuffer(joined, np.uint32), offsets


def encode(
    lines: Sequence[Line],
    *,
    fold_table: UInt16,
    number_table: UInt16,
    words: UInt32,
    pairs: int,
    auxiliary: Sequence[Int16 | None] | None = None,
    names: Collection[str] = (),
) -> Encoded:
    """Encode ``lines`` as arrays: symbols, dictionary words and span states.

    Args:
        lines: lines with their spans.
        fold_table: folded form of each code point.
        number_table: symbol number of each folded code point.
        words: hash table of the dictionary words.
        pairs: number of rows of the pair table, a power of two.
        auxiliary: the teacher's tag number of each character, or None for lines without.
        names: names whose symbols are marked as certain.
    """
    points, offsets = code_points([line.text for line in lines])
    taken = np.zeros(len(points), np.bool_)
    symbols = read_symbols(points, offsets, taken, folded=fold_table, numbered=number_table)
    count = len(symbols.number)
    word_rows, word_count = np.zeros((count, MAX_WORDS), np.uint8), np.zeros(count, np.uint8)
    find_words(symbols.code, symbols.text, words, word_rows, word_count)
    word_rows[np.arange(MAX_WORDS)[None] >= word_count[:, None]] = 0
    state, certain_name = np.zeros(count, np.int8), np.zeros(count, np.bool_)
    for at, line in enumerate(lines):
        for start, end, kind in line.spans:
            low = int(np.searchsorted(symbols.start, offsets[at] + start))
            high = int(np.searchsorted(symbols.end, offsets[at] + end, side="right"))
            if high > low:
                state[low:high] = span_states(kind, high - low)
                certain_name[low:high] = kind == PERSON and line.text[start:end] in names
    tag_row = np.full(count, UNLABELLED, np.int16)
    if auxiliary is not None:
        flat = np.full(len(points), UNLABELLED, np.int16)
        for at, tags in enumerate(auxiliary):
            if tags is not None:
                flat[offsets[at] : offsets[at] + len(tags)] = tags
        tag_row = flat[symbols.start]
    return Encoded(
        symbols.number,
        pair_rows(symbols.number, symbols.text, pairs),
        word_rows,
        state,
        tag_row,
        symbols.text,
        certain_name=certain_name,
    )


def span_states(kind: str, length: int) -> Int8:
    """Return the state of each character in a span: begin, inside, end; or single.

    A DOUBT is UNLABELLED.
    """
    if kind == DOUBT:
        return np.full(length, UNLABELLED, np.int8)
    first = 1 + 4 * KINDS.index(kind)
    if length == 1:
        return np.array([first + 3], np.int8)
    inside = np.full(length, first + 1, np.int8)
    inside[0], inside[-1] = first, first + 2
    return inside


def pair_rows(number: UInt16, text: Int64, pairs: int) -> Int32:
    """Return the pair-table row of each symbol and its successor: ``int32[symbols]``.

    The hash is the one in the tagger's kernel.
    """
    _, right = distances(text, len(number))
    after = np.full(len(number), PAD, np.uint32)
    after[:-1] = number[1:]
    after[right == 0] = PAD
    mixed = (number.astype(np.uint32) * np.uint32(0x9E3779B1)) ^ (after * np.uint32(0x85EBCA6B))
    mixed = ((mixed ^ (mixed >> np.uint32(15))) * np.uint32(0x2C1B3C6D)) >> np.uint32(12)
    return np.asarray(mixed & np.uint32(pairs - 1), dtype=np.int32)

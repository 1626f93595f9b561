"""Lines as the arrays that the network reads: symbols, word places and the state of each symbol."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np

from piiscan.arrays import Bool, Int8, Int16, Int32, Int64, UInt8, UInt16, UInt32
from piiscan.detect.ner.model.dictionary_words import MOST, find_words
from piiscan.detect.ner.model.network import distances
from piiscan.detect.ner.model.symbols import PAD, read_symbols
from piiscan.detect.ner.model.weights import KINDS

from .lines import PERSON, Line
from .silver import DOUBT

UNSAID = -1  # a state that nothing is learned from


class Encoded(NamedTuple):
    """All symbols of many lines one behind another, and the bounds of each line."""

    number: UInt16
    pair: Int32
    rows: UInt8
    state: Int8
    aside: Int16
    text: Int64
    # How likely each state is, in parts of 255, where a council has said so.
    shares: UInt8 | None = None
    # Which symbols are in a name that is one wherever it stands.
    firm: Bool | None = None


def codes(texts: Sequence[str]) -> tuple[UInt32, Int64]:
    """Code points of texts one behind another, and where each begins."""
    joined = "".join(texts).encode("utf-32-le", "surrogatepass")
    offsets = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(text) for text in texts], out=offsets[1:])
    return np.frombuffer(joined, np.uint32), offsets


def encode(
    lines: Sequence[Line],
    *,
    folded: UInt16,
    numbered: UInt16,
    words: UInt32,
    pairs: int,
    aside: Sequence[Int16 | None] | None = None,
    names: Collection[str] = (),
) -> Encoded:
    """Lines as arrays; ``aside`` holds the teacher's tag of each character, where known."""
    points, offsets = codes([line.text for line in lines])
    taken = np.zeros(len(points), np.bool_)
    symbols = read_symbols(points, offsets, taken, folded=folded, numbered=numbered)
    count = len(symbols.number)
    rows, found = np.zeros((count, MOST), np.uint8), np.zeros(count, np.uint8)
    find_words(symbols.code, symbols.text, words, rows, found)
    rows[np.arange(MOST)[None] >= found[:, None]] = 0
    state, firm = np.zeros(count, np.int8), np.zeros(count, np.bool_)
    for at, line in enumerate(lines):
        for start, end, kind in line.spans:
            low = int(np.searchsorted(symbols.start, offsets[at] + start))
            high = int(np.searchsorted(symbols.end, offsets[at] + end, side="right"))
            if high > low:
                state[low:high] = states(kind, high - low)
                firm[low:high] = kind == PERSON and line.text[start:end] in names
    said = np.full(count, UNSAID, np.int16)
    if aside is not None:
        flat = np.full(len(points), UNSAID, np.int16)
        for at, tags in enumerate(aside):
            if tags is not None:
                flat[offsets[at] : offsets[at] + len(tags)] = tags
        said = flat[symbols.start]
    return Encoded(
        symbols.number,
        pair_rows(symbols.number, symbols.text, pairs),
        rows,
        state,
        said,
        symbols.text,
        firm=firm,
    )


def states(kind: str, length: int) -> Int8:
    """The states of a span of this kind and length."""
    if kind == DOUBT:
        return np.full(length, UNSAID, np.int8)
    first = 1 + 4 * KINDS.index(kind)
    if length == 1:
        return np.array([first + 3], np.int8)
    inside = np.full(length, first + 1, np.int8)
    inside[0], inside[-1] = first, first + 2
    return inside


def pair_rows(number: UInt16, text: Int64, pairs: int) -> Int32:
    """The row of the pair table for each symbol, as the tagger's kernel computes it."""
    _, right = distances(text, len(number))
    after = np.full(len(number), PAD, np.uint32)
    after[:-1] = number[1:]
    after[right == 0] = PAD
    mixed = (number.astype(np.uint32) * np.uint32(0x9E3779B1)) ^ (after * np.uint32(0x85EBCA6B))
    mixed = ((mixed ^ (mixed >> np.uint32(15))) * np.uint32(0x2C1B3C6D)) >> np.uint32(12)
    return np.asarray(mixed & np.uint32(pairs - 1), dtype=np.int32)

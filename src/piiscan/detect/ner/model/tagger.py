"""Names, addresses and organisations in many texts at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple, Self

import numpy as np

from piiscan.arrays import Bool, Float32, Int8, Int64, UInt8, UInt16, UInt32

from .decode import PREVIOUS, best_path, read_spans
from .network import emissions
from .symbols import LONG, TAKEN, Symbols, read_symbols
from .weights import STATES, Weights, shipped

PERSON: Final = 0
ADDRESS: Final = 1
ORGANIZATION: Final = 2
FIRST_HANZI: Final = 0x3400
FULL_STOP: Final = ord("。")
#: Where a span stands: beside other things in a field or line, by itself, in sentences.
BESIDE, WHOLE, SENTENCE = range(3)
TITLED: Final = ("先生", "女士", "小姐", "太太", "老师", "师傅", "经理", "主任")
TITLES: Final = np.array([ord(word[0]) << 16 | ord(word[1]) for word in TITLED], np.uint32)
#: Code points read at once, so that memory does not grow with the size of a batch.
PORTION: Final = 1 << 18
#: A longer text is read in windows of this size, each with so much of its surroundings that
#: no symbol outside has a say in it; a span belongs to the window that it begins in.
WINDOW: Final = 1 << 16
MARGIN: Final = 2048


class Spans(NamedTuple):
    """What was found: code points ``[start, end)`` of the batch, its kind and how sure."""

    start: Int64
    end: Int64
    kind: Int8
    score: Float32


Heard = Callable[[UInt32, Int64, Bool], tuple[Symbols, Float32]]


def hear(weights: Weights, codes: UInt32, offsets: Int64, taken: Bool) -> tuple[Symbols, Float32]:
    """The symbols of texts, and the score of each state for each of them."""
    symbols = read_symbols(
        np.ascontiguousarray(codes, dtype=np.uint32), offsets,
        np.ascontiguousarray(taken), folded=weights.folded, numbered=weights.numbered,
    )  # fmt: skip
    scores = np.empty((len(symbols.number), STATES), np.float32)
    if not len(scores):
        return symbols, scores
    # The network was taught on texts with their numbers; what a pattern took reads like one.
    number = np.where(symbols.number == TAKEN, np.uint16(LONG), symbols.number)
    for start, block in emissions(symbols._replace(number=number), weights):
        scores[start : start + len(block)] = block
    return symbols, scores


class Tagger:
    """A network made ready; the same text gives the same spans in whatever batch it stands."""

    def __init__(self, weights: Weights, *, heard: Heard | None = None) -> None:
        """A tagger with these weights; ``heard`` scores symbols in their stead."""
        self._weights = weights
        self._heard = heard or partial(hear, weights)

    @classmethod
    def load(cls) -> Self:
        """A tagger with the weights of this package."""
        return cls(shipped())

    def spans(self, codes: UInt32, offsets: Int64, *, taken: Bool | None = None) -> Spans:
        """Spans in all texts, in order; none reaches into a code point that is ``taken``."""
        held = np.zeros(len(codes), np.bool_) if taken is None else taken
        found = []
        for first, last in portions(offsets):
            low, high = int(offsets[first]), int(offsets[last])
            if high - low > PORTION:
                found.append(self._windows(codes, low, high, held))
                continue
            inner = np.ascontiguousarray(offsets[first : last + 1] - low, dtype=np.int64)
            part = self._portion(codes[low:high], inner, held[low:high])
            found.append(Spans(part.start + low, part.end + low, part.kind, part.score))
        return joined(found)

    def _windows(self, codes: UInt32, low: int, high: int, taken: Bool) -> Spans:
        """Spans in one long text, window by window."""
        found = []
        reached = low
        for first in range(low, high, WINDOW):
            last = min(high, first + WINDOW)
            start, stop = max(low, first - MARGIN), min(high, last + MARGIN)
            bounds = np.array([0, stop - start], np.int64)
            part = self._portion(codes[start:stop], bounds, taken[start:stop])
            begin = part.start + start
            kept = np.flatnonzero((begin >= max(first, reached)) & (begin < last))
            if len(kept):
                ends = part.end[kept] + start
                found.append(Spans(begin[kept], ends, part.kind[kept], part.score[kept]))
                reached = int(ends[-1])
        return joined(found)

    def _portion(self, codes: UInt32, offsets: Int64, taken: Bool) -> Spans:
        """Spans in some texts."""
        symbols, scores = self._heard(codes, offsets, taken)
        count = len(scores)
        if not count:
            return NONE
        path = np.zeros(count, np.uint8)
        best_path(scores, symbols.number, symbols.text, PREVIOUS, path)
        return self._read(symbols, scores, path)

    def _read(self, symbols: Symbols, scores: Float32, path: UInt8) -> Spans:
        """The spans on a path, in code points, places left out."""
        count = len(path)
        begin, stop = np.empty(count, np.int64), np.empty(count, np.int64)
        kind, sure = np.empty(count, np.int8), np.empty(count, np.float32)
        found = read_spans(path, scores, begin, stop, kind, sure)
        # A span without any Hanzi is a host name or a number, whatever its shape.
        hanzi = np.concatenate([[0], np.cumsum(symbols.code >= FIRST_HANZI)])
        written = hanzi[stop[:found]] > hanzi[begin[:found]]
        kept = np.flatnonzero((kind[:found] <= ORGANIZATION) & written)
        begin, stop, kind, sure = begin[kept], stop[kept], kind[kept], sure[kept]
        stop -= 2 * titled(symbols.code, begin, stop, kind)
        score = calibrated(sure, kind, rooms(symbols, begin, stop), self._weights.calibration)
        return Spans(symbols.start[begin], symbols.end[stop - 1], kind, score)


NONE: Final = Spans(
    np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int8), np.empty(0, np.float32)
)


def titled(code: UInt16, begin: Int64, stop: Int64, kind: Int8) -> Bool:
    """Which persons end with a title, which is no part of the name."""
    last = np.maximum(stop - 1, 1)
    pair = code[last - 1].astype(np.uint32) << 16 | code[last]
    return np.asarray((kind == PERSON) & (stop - begin >= 3) & np.isin(pair, TITLES))


def joined(found: list[Spans]) -> Spans:
    """Spans of several parts as one."""
    return Spans(*(np.concatenate(each) for each in zip(*found, strict=True))) if found else NONE


def portions(offsets: Int64) -> list[tuple[int, int]]:
    """Runs of texts of at most PORTION code points; a longer text is a portion of its own."""
    runs = []
    first = 0
    texts = len(offsets) - 1
    while first < texts:
        last = int(np.searchsorted(offsets, offsets[first] + PORTION, side="right")) - 1
        last = min(texts, max(first + 1, last))
        runs.append((first, last))
        first = last
    return runs


def rooms(symbols: Symbols, begin: Int64, stop: Int64) -> Int8:
    """Where each span stands: BESIDE, WHOLE or SENTENCE."""
    ends = np.flatnonzero(symbols.code == FULL_STOP)
    said = np.zeros(len(symbols.text), np.bool_)
    said[np.searchsorted(symbols.text, ends, "right") - 1] = True
    text = np.searchsorted(symbols.text, begin, "right") - 1
    whole = (begin == symbols.text[text]) & (stop == symbols.text[text + 1])
    return np.where(whole, WHOLE, np.where(said[text], SENTENCE, BESIDE)).astype(np.int8)


def calibrated(sure: Float32, kind: Int8, room: Int8, table: Float32) -> Float32:
    """How often such a span is one, in steps of a thousandth.

    ``table[kind]`` holds that share for sureness 0, 1/16, ... 1, and a line lies between them; the
    second third of the table is for spans that are all of their text, as in a cell, the last for
    those in sentences.
    """
    row = kind + room.astype(np.int64) * (len(table) // 3)
    steps = table.shape[1] - 1
    place = np.clip(sure, 0, 1) * np.float32(steps)
    low = np.minimum(place.astype(np.int64), steps - 1)
    part = place - low
    value = table[row, low] * (1 - part) + table[row, low + 1] * part
    return np.asarray(np.rint(value * 1000) / 1000, dtype=np.float32)

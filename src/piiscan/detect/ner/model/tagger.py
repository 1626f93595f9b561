"""Tagger of names, addresses and organisations in many texts at once.

``张三住在示例路1号`` -> PERSON [0, 2), ADDRESS [4, 9), each with a calibrated score.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple, Self

import numpy as np

from piiscan.arrays import Bool, Float32, Int8, Int64, UInt8, UInt16, UInt32
from piiscan.detect.ner.model.decode import PREVIOUS, best_path, read_spans
from piiscan.detect.ner.model.network import emissions
from piiscan.detect.ner.model.symbols import LONG, TAKEN, Symbols, read_symbols
from piiscan.detect.ner.model.weights import STATES, Weights, packaged_weights

PERSON: Final = 0
ADDRESS: Final = 1
ORGANIZATION: Final = 2
FIRST_HANZI: Final = 0x3400
FULL_STOP: Final = ord("。")
#: Position of a span: part of a field or line, a whole text, or in a sentence.
PART, WHOLE, SENTENCE = range(3)
PERSON_TITLES: Final = ("先生", "女士", "小姐", "太太", "老师", "师傅", "经理", "主任")
TITLE_PAIRS: Final = np.array(
    [ord(word[0]) << 16 | ord(word[1]) for word in PERSON_TITLES], np.uint32
)
#: Most code points in one run of the network, which bounds memory.
MAX_BATCH: Final = 1 << 18
#: A longer text is read in windows of WINDOW code points.  MARGIN is wide enough that no symbol
#: outside influences a window.  A span belongs to the window in which it starts.
WINDOW: Final = 1 << 16
MARGIN: Final = 2048


class Spans(NamedTuple):
    """Tagged spans: code points ``[start, end)`` of the batch, kind and score."""

    start: Int64
    end: Int64
    kind: Int8
    score: Float32


SymbolScorer = Callable[[UInt32, Int64, Bool], tuple[Symbols, Float32]]


def score_symbols(
    weights: Weights, codes: UInt32, offsets: Int64, taken: Bool
) -> tuple[Symbols, Float32]:
    """Return the symbols of texts, and the score of each state for each symbol."""
    symbols = read_symbols(
        np.ascontiguousarray(codes, dtype=np.uint32), offsets,
        np.ascontiguousarray(taken), folded=weights.folded, numbered=weights.numbered,
    )  # fmt: skip
    scores = np.empty((len(symbols.number), STATES), np.float32)
    if not len(scores):
        return symbols, scores
    # Training texts include their numbers, so the network reads pattern spans as long numbers.
    number = np.where(symbols.number == TAKEN, np.uint16(LONG), symbols.number)
    for start, block in emissions(symbols._replace(number=number), weights):
        scores[start : start + len(block)] = block
    return symbols, scores


class Tagger:
    """Name tagger; the same text has the same spans in every batch."""

    def __init__(self, weights: Weights, *, scorer: SymbolScorer | None = None) -> None:
        """Create a tagger with these weights.

        ``scorer``: function that replaces :func:`score_symbols`, as an ensemble does.
        """
        self._weights = weights
        self._heard = scorer or partial(score_symbols, weights)

    @classmethod
    def load(cls) -> Self:
        """Return a tagger with the weights of this package."""
        return cls(packaged_weights())

    def spans(self, codes: UInt32, offsets: Int64, *, taken: Bool | None = None) -> Spans:
        """Return the tagged spans of all texts, in order, outside the mask ``taken``.

        ``codes``: code points of all texts.  ``offsets``: index at which each text starts.
        """
        masked = np.zeros(len(codes), np.bool_) if taken is None else taken
        found = []
        for first, last in batch_texts(offsets):
            low, high = int(offsets[first]), int(offsets[last])
            if high - low > MAX_BATCH:
                found.append(self._windows(codes, low, high, masked))
                continue
            inner = np.ascontiguousarray(offsets[first : last + 1] - low, dtype=np.int64)
            part = self._portion(codes[low:high], inner, masked[low:high])
            found.append(Spans(part.start + low, part.end + low, part.kind, part.score))
        return concat_spans(found)

    def _windows(self, codes: UInt32, low: int, high: int, taken: Bool) -> Spans:
        """Return the tagged spans of one long text ``codes[low:high]``, window by window."""
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
        return concat_spans(found)

    def _portion(self, codes: UInt32, offsets: Int64, taken: Bool) -> Spans:
        """Return the tagged spans of one batch of short texts."""
        symbols, scores = self._heard(codes, offsets, taken)
        count = len(scores)
        if not count:
            return NO_SPANS
        path = np.zeros(count, np.uint8)
        best_path(scores, symbols.number, symbols.text, PREVIOUS, path)
        return self._read(symbols, scores, path)

    def _read(self, symbols: Symbols, scores: Float32, path: UInt8) -> Spans:
        """Return the person, address and organisation spans of a state path, in code points.

        Spans without any Hanzi are dropped, and titles (先生) are cut off.
        """
        count = len(path)
        begin, stop = np.empty(count, np.int64), np.empty(count, np.int64)
        kind, confidence = np.empty(count, np.int8), np.empty(count, np.float32)
        found = read_spans(path, scores, begin, stop, kind, confidence)
        # A span without any Hanzi is a host name or a number.
        hanzi = np.concatenate([[0], np.cumsum(symbols.code >= FIRST_HANZI)])
        written = hanzi[stop[:found]] > hanzi[begin[:found]]
        kept = np.flatnonzero((kind[:found] <= ORGANIZATION) & written)
        begin, stop, kind, confidence = begin[kept], stop[kept], kind[kept], confidence[kept]
        stop -= 2 * ends_with_title(symbols.code, begin, stop, kind)
        score = calibrate(
            confidence, kind, span_positions(symbols, begin, stop), self._weights.calibration
        )
        return Spans(symbols.start[begin], symbols.end[stop - 1], kind, score)


NO_SPANS: Final = Spans(
    np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int8), np.empty(0, np.float32)
)


def ends_with_title(code: UInt16, begin: Int64, stop: Int64, kind: Int8) -> Bool:
    """Return the mask of person spans that end with a title (``张三先生``), no part of the name.

    ``code``: folded characters.  ``begin``, ``stop``: spans in symbols.
    """
    last = np.maximum(stop - 1, 1)
    pair = code[last - 1].astype(np.uint32) << 16 | code[last]
    return np.asarray((kind == PERSON) & (stop - begin >= 3) & np.isin(pair, TITLE_PAIRS))


def concat_spans(found: list[Spans]) -> Spans:
    """Concatenate tagged spans of several windows or batches."""
    return (
        Spans(*(np.concatenate(each) for each in zip(*found, strict=True))) if found else NO_SPANS
    )


def batch_texts(offsets: Int64) -> list[tuple[int, int]]:
    """Return runs of texts (first, last) with at most MAX_BATCH code points together.

    A longer text is a run of its own.
    """
    runs = []
    first = 0
    texts = len(offsets) - 1
    while first < texts:
        last = int(np.searchsorted(offsets, offsets[first] + MAX_BATCH, side="right")) - 1
        last = min(texts, max(first + 1, last))
        runs.append((first, last))
        first = last
    return runs


def span_positions(symbols: Symbols, begin: Int64, stop: Int64) -> Int8:
    """Return the position of each span: PART of a field or line, WHOLE text, or in a SENTENCE."""
    ends = np.flatnonzero(symbols.code == FULL_STOP)
    has_stop = np.zeros(len(symbols.text), np.bool_)
    has_stop[np.searchsorted(symbols.text, ends, "right") - 1] = True
    text = np.searchsorted(symbols.text, begin, "right") - 1
    whole = (begin == symbols.text[text]) & (stop == symbols.text[text + 1])
    return np.where(whole, WHOLE, np.where(has_stop[text], SENTENCE, PART)).astype(np.int8)


def calibrate(confidence: Float32, kind: Int8, position: Int8, table: Float32) -> Float32:
    """Convert raw confidences to scores: the share of true spans, to a thousandth.

    ``table[kind]`` has that share for confidence 0, 1/16, ... 1, interpolated linearly.  The thirds
    of the table are for PART, WHOLE (as in a cell) and SENTENCE, in this order.

    Args:
        confidence: confidence of each span, 0 to 1
        kind: kind of each span
        position: position of each span
    """
    row = kind + position.astype(np.int64) * (len(table) // 3)
    steps = table.shape[1] - 1
    place = np.clip(confidence, 0, 1) * np.float32(steps)
    low = np.minimum(place.astype(np.int64), steps - 1)
    part = place - low
    value = table[row, low] * (1 - part) + table[row, low + 1] * part
    return np.asarray(np.rint(value * 1000) / 1000, dtype=np.float32)

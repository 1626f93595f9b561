"""Tagger of names, addresses and organisations in many texts at once.

``张三住在示例路1号`` -> PERSON [0, 2), ADDRESS [4, 9), each with a calibrated score.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Final, NamedTuple, Self

import numpy as np

from piiscan.arrays import Bool, Float32, Int8, Int64, UInt32
from piiscan.bundles import empty_rows, join_rows, take_rows
from piiscan.detect.ner.model.network import Block, Scratch, emissions
from piiscan.detect.ner.model.network_kernels import ShortTexts, best_path, finish_spans, read_spans
from piiscan.detect.ner.model.network_numbers import MAX_WORDS, STATES
from piiscan.detect.ner.model.symbols import Symbols, read_symbols
from piiscan.detect.ner.model.weights import Weights, packaged_weights

PERSON_TITLES: Final = ("先生", "女士", "小姐", "太太", "老师", "师傅", "经理", "主任")
TITLE_PAIRS: Final = np.array(
    [ord(word[0]) << 16 | ord(word[1]) for word in PERSON_TITLES], np.uint32
)
#: Most code points in one run of the network, which bounds memory.
MAX_BATCH: Final = 1 << 18
#: A longer text is read in windows of WINDOW code points.  MARGIN is wide enough that no symbol
#: outside influences a window.  A span belongs to the window in which it starts.
WINDOW: Final = 1 << 16
#: Most code points of texts that one kernel call tags, in arrays that the next call uses again.
MAX_SHORT: Final = 1024
#: Most such arrays that a tagger keeps, one for each thread that tags.
MAX_KEPT: Final = 4
MARGIN: Final = 2048


class Spans(NamedTuple):
    """Tagged spans: code points ``[start, end)`` of the batch, kind and score."""

    start: Int64
    end: Int64
    kind: Int8
    score: Float32


NO_SPANS: Final = empty_rows(Spans, 0)

SymbolScorer = Callable[[UInt32, Int64, Bool], tuple[Symbols, Float32]]


def score_symbols(
    weights: Weights, codes: UInt32, offsets: Int64, taken: Bool
) -> tuple[Symbols, Float32]:
    """Return the symbols of texts, and the score of each state for each symbol.

    ``codes``: code points of all texts; ``offsets``: start of each, and the end. ``taken``: True
    for code points in spans of patterns.
    """
    symbols = read_symbols(
        np.ascontiguousarray(codes, dtype=np.uint32), offsets,
        np.ascontiguousarray(taken), folded=weights.folded, numbered=weights.numbered,
    )  # fmt: skip
    return symbols, emissions(symbols, weights)


class Tagger:
    """Name tagger; the same text has the same spans in every batch."""

    def __init__(self, weights: Weights, *, scorer: SymbolScorer | None = None) -> None:
        """Create a tagger with these weights.

        ``scorer``: function that replaces :func:`score_symbols`, as an ensemble does.
        """
        self._weights = weights
        self._heard = scorer or partial(score_symbols, weights)
        self._most_short = MAX_SHORT if scorer is None else -1
        self._kept: list[tuple[ShortTexts, Spans]] = []

    @classmethod
    @cache
    def load(cls) -> Self:
        """Return the tagger with the weights of this package."""
        return cls(packaged_weights())

    def spans(self, codes: UInt32, offsets: Int64, *, taken: Bool | None = None) -> Spans:
        """Return the tagged spans of all texts, in order, outside the mask ``taken``.

        ``codes``: code points of all texts.  ``offsets``: index at which each text starts.
        """
        masked = np.zeros(len(codes), np.bool_) if taken is None else taken
        if len(codes) <= self._most_short and len(offsets) <= MAX_SHORT:
            return self._short_spans(codes, offsets, masked)
        if len(codes) <= MAX_BATCH:
            return self._portion(codes, offsets, masked)
        found = []
        for first, last in batch_texts(offsets):
            low, high = int(offsets[first]), int(offsets[last])
            if high - low > MAX_BATCH:
                found.append(self._windows(codes, low, high, masked))
                continue
            inner = np.ascontiguousarray(offsets[first : last + 1] - low, dtype=np.int64)
            part = self._portion(codes[low:high], inner, masked[low:high])
            moved = Spans(part.start + low, part.end + low, part.kind, part.score)
            found.append(moved if low else part)
        return concat_spans(found)

    def _short_spans(self, codes: UInt32, offsets: Int64, taken: Bool) -> Spans:
        """Return the tagged spans of a few short texts, which one kernel call finds.

        ``taken``: True for code points in spans of patterns.
        """
        try:
            kernel, rows = self._kept.pop()  # no other thread uses it
        except IndexError:
            kernel, rows = short_texts(self._weights)
        found = kernel.tag(
            np.ascontiguousarray(codes, dtype=np.uint32), offsets, np.ascontiguousarray(taken)
        )
        spans = NO_SPANS
        if found:
            spans = Spans(
                rows.start[:found].copy(), rows.end[:found].copy(), rows.kind[:found].copy(),
                rows.score[:found].copy(),
            )  # fmt: skip
        if len(self._kept) < MAX_KEPT:
            self._kept.append((kernel, rows))
        return spans

    def _windows(self, codes: UInt32, low: int, high: int, taken: Bool) -> Spans:
        """Return the tagged spans of one long text ``codes[low:high]``, window by window.

        ``taken``: True for code points in spans of patterns.
        """
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
        """Return the tagged spans of a batch of short texts.

        ``taken``: True for code points in spans of patterns.
        """
        symbols, scores = self._heard(codes, offsets, taken)
        count = len(scores)
        if not count:
            return NO_SPANS
        path, spans = np.zeros(count, np.uint8), empty_rows(Spans, count)
        best_path(scores, symbols.number, symbols.text, path)
        found = read_spans(path, scores, spans)
        if found:
            found = finish_spans(symbols, spans, found, TITLE_PAIRS, self._weights.calibration)
        return take_rows(spans, slice(found)) if found else NO_SPANS


def short_texts(weights: Weights) -> tuple[ShortTexts, Spans]:
    """Return a kernel that tags texts of at most MAX_SHORT code points, and the spans it writes."""
    spans, symbols = empty_rows(Spans, MAX_SHORT), empty_rows(Symbols, MAX_SHORT + 1)
    left, right, feature_count, states = np.empty((4, MAX_SHORT), np.uint8)
    features = np.empty((MAX_SHORT, MAX_WORDS), np.uint8)
    kernel = ShortTexts(
        (weights.folded, weights.numbered, weights.words, TITLE_PAIRS, weights.calibration),
        weights.network,
        symbols,
        Block(symbols.number, left, right, features, feature_count),
        Scratch.of(weights.network, MAX_SHORT),
        (
            np.empty((MAX_SHORT, STATES), np.float32),
            states,
            np.empty((MAX_SHORT, STATES), np.uint8),
        ),
        spans,
    )
    return kernel, spans


def concat_spans(found: Sequence[Spans]) -> Spans:
    """Concatenate tagged spans of several windows or batches."""
    if len(found) < 2:
        return found[0] if found else NO_SPANS
    return join_rows(found)


def batch_texts(offsets: Int64) -> list[tuple[int, int]]:
    """Split texts to runs (first, last) of at most MAX_BATCH code points.

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

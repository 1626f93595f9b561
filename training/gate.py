"""Gate of the network: the threshold below which the layers behind it skip a symbol."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from piiscan.arrays import Bool, Float32, UInt8
from piiscan.detect.ner.model.network import Scratch, emissions, read_columns
from piiscan.detect.ner.model.network_kernels import best_path, score_symbols
from piiscan.detect.ner.model.network_numbers import GATE_MARGIN, STATES
from piiscan.detect.ner.model.symbols import Symbols, read_symbols
from piiscan.detect.ner.model.weights import Weights

from .encode import code_points
from .export import PASS_ALL
from .train_network import SPAN_STATES

MAX_LOST_SHARE: Final = 0.0001  # share of the span symbols that the gate may lose


def fit_threshold(weights: Weights, texts: Sequence[str]) -> np.float32:
    """Return the threshold for the gate of a network that passes every symbol so far.

    The spans that the network finds in ``texts`` are the labels; without any it is PASS_ALL.
    """
    sums, inside = gate_sums(weights, texts)
    if not inside.any():
        return PASS_ALL
    # A symbol passes with one within GATE_MARGIN symbols, so the maximum of those decides.
    best = sums.copy()
    for step in range(1, GATE_MARGIN + 1):
        np.maximum(best[step:], sums[:-step], out=best[step:])
        np.maximum(best[:-step], sums[step:], out=best[:-step])
    return np.float32(np.quantile(best[inside], MAX_LOST_SHARE) - 1)


def gate_sums(weights: Weights, texts: Sequence[str]) -> tuple[Float32, Bool]:
    """Return the sum of the gate for each symbol, and a mask of symbols in spans."""
    points, offsets = code_points(texts)
    taken = np.zeros(len(points), np.bool_)
    symbols = read_symbols(points, offsets, taken, folded=weights.folded, numbered=weights.numbered)
    scores = emissions(symbols, weights)
    path = np.zeros(len(scores), np.uint8)
    best_path(scores, symbols.number, symbols.text, path)
    sums = gate_inputs(symbols, weights).astype(np.float32) @ weights.gate.astype(np.float32)
    return sums, (path > 0) & (path < SPAN_STATES)


def gate_inputs(symbols: Symbols, weights: Weights) -> UInt8:
    """Return the activations that the network's gate reads (``uint8[n, width]``)."""
    count = len(symbols.number)
    network = weights.network._replace(layers=weights.layers[: weights.gate_depth])
    scratch, scores = Scratch.of(network, count), np.empty((count, STATES), np.float32)
    score_symbols(read_columns(symbols, weights), network, scratch, 0, max(count, 1), scores)
    activations = scratch.even if weights.gate_depth % 2 else scratch.odd
    return activations[1:, : len(weights.gate)]

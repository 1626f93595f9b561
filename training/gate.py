"""Gate of the network: a linear classifier on the first layer that skips symbols outside of spans.

The other layers run only where the gate passes a symbol.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from piiscan.arrays import Bool, Float32
from piiscan.detect.ner.model.decode import PREVIOUS, best_path
from piiscan.detect.ner.model.network import GATE_MARGIN, emissions, first_activations
from piiscan.detect.ner.model.symbols import read_symbols
from piiscan.detect.ner.model.weights import Weights

from .encode import code_points
from .export import Arrays, pass_all_gate

MAX_LOST_SHARE = 0.0003  # share of the span symbols that the gate may lose
STEPS = 400
SPAN_WEIGHT = 8.0  # loss weight of a symbol in a span; outside of spans it is 1


def fit_gate(weights: Weights, texts: Sequence[str]) -> Arrays:
    """Return the gate weights and threshold for a network whose gate passes every symbol.

    The spans that the network finds in ``texts`` are the labels. If there are none, the gate
    passes every symbol.
    """
    first, inside = first_layer_outputs(weights, texts)
    if not inside.any():
        return pass_all_gate(first.shape[1])
    slope = fit_logistic(first / np.float32(16), inside)
    scale = np.abs(slope).max() / 127
    gate = np.rint(slope / scale).astype(np.int8)
    sums = first @ gate.astype(np.float32)
    # A symbol is read if one within GATE_MARGIN symbols passes, so the maximum of those decides.
    best = sums.copy()
    for step in range(1, GATE_MARGIN + 1):
        np.maximum(best[step:], sums[:-step], out=best[step:])
        np.maximum(best[:-step], sums[step:], out=best[:-step])
    least = np.quantile(best[inside], MAX_LOST_SHARE) - 1
    return {"gate": gate, "least": np.array(least, np.float32)}


def first_layer_outputs(weights: Weights, texts: Sequence[str]) -> tuple[Float32, Bool]:
    """Return the first layer's output for each symbol, and a mask of symbols in spans."""
    points, offsets = code_points(texts)
    taken = np.zeros(len(points), np.bool_)
    symbols = read_symbols(points, offsets, taken, folded=weights.folded, numbered=weights.numbered)
    scores = np.concatenate([block for _, block in emissions(symbols, weights)])
    path = np.zeros(len(scores), np.uint8)
    best_path(scores, symbols.number, symbols.text, PREVIOUS, path)
    first = first_activations(symbols, weights).astype(np.float32)
    return first, (path > 0) & (path <= 12)


def fit_logistic(x: Float32, inside: Bool) -> Float32:
    """Return the weights of a logistic regression of ``inside`` on ``x``, fitted with Adam."""
    random = np.random.default_rng(1)
    parameters = np.zeros(x.shape[1] + 1)
    mean, square = np.zeros_like(parameters), np.zeros_like(parameters)
    for step in range(1, STEPS + 1):
        chosen = random.integers(0, len(x), 8192)
        part, labels = x[chosen], inside[chosen]
        share = 1 / (1 + np.exp(-(part @ parameters[:-1] + parameters[-1])))
        error = np.where(labels, SPAN_WEIGHT * (share - 1), share) / len(chosen)
        slope = np.append(part.T @ error, error.sum())
        mean = 0.9 * mean + 0.1 * slope
        square = 0.99 * square + 0.01 * slope**2
        corrected = mean / (1 - 0.9**step), square / (1 - 0.99**step)
        parameters -= 0.02 * corrected[0] / (np.sqrt(corrected[1]) + 1e-8)
    return parameters[:-1].astype(np.float32)

"""The gate: a sum over the first layer that tells which symbols may be in a span."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from piiscan.arrays import Bool, Float32
from piiscan.detect.ner.model.decode import PREVIOUS, best_path
from piiscan.detect.ner.model.dictionary_words import MOST, find_words
from piiscan.detect.ner.model.network import BESIDE, Room, convolve, distances, embed, emissions
from piiscan.detect.ner.model.symbols import read_symbols
from piiscan.detect.ner.model.weights import Weights

from .encode import codes
from .export import Arrays, open_gate

LOST = 0.0003  # the share of span symbols that may be shut out
STEPS = 400
HEAVY = 8.0  # what a symbol in a span weighs against one outside


def fit_gate(weights: Weights, texts: Sequence[str]) -> Arrays:
    """The gate of a network that still lets everything through, from what it finds in texts."""
    first, inside = first_layer(weights, texts)
    if not inside.any():
        return open_gate(first.shape[1])
    slope = logistic(first / np.float32(16), inside)
    scale = np.abs(slope).max() / 127
    gate = np.rint(slope / scale).astype(np.int8)
    sums = first @ gate.astype(np.float32)
    # A symbol is read if one within BESIDE of it passes, so the best of those decides.
    best = sums.copy()
    for step in range(1, BESIDE + 1):
        np.maximum(best[step:], sums[:-step], out=best[step:])
        np.maximum(best[:-step], sums[step:], out=best[:-step])
    least = np.quantile(best[inside], LOST) - 1
    return {"gate": gate, "least": np.array(least, np.float32)}


def first_layer(weights: Weights, texts: Sequence[str]) -> tuple[Float32, Bool]:
    """What the first layer hands on for each symbol, and whether a span that counts holds it."""
    points, offsets = codes(texts)
    taken = np.zeros(len(points), np.bool_)
    symbols = read_symbols(points, offsets, taken, folded=weights.folded, numbered=weights.numbered)
    count = len(symbols.number)
    left, right = distances(symbols.text, count)
    rows, found = np.empty((count, MOST), np.uint8), np.empty(count, np.uint8)
    find_words(symbols.code, symbols.text, weights.words, rows, found)
    sums = np.empty((count, weights.characters.shape[1]), np.float32)
    tables = weights.characters, weights.pairs, weights.places
    embed(symbols.number, right, rows, found, *tables, sums)
    first = np.zeros((count, len(weights.layers[0].bias)), np.float32)
    room = Room.for_weights(weights, count)
    everything = np.arange(count)
    convolve(sums, first, everything, left, right, layer=weights.layers[0], room=room)
    scores = np.concatenate([block for _, block in emissions(symbols, weights)])
    path = np.zeros(count, np.uint8)
    best_path(scores, symbols.number, symbols.text, PREVIOUS, path)
    return first, (path > 0) & (path <= 12)


def logistic(x: Float32, inside: Bool) -> Float32:
    """The slope of a logistic model, by Adam over samples."""
    random = np.random.default_rng(1)
    held = np.zeros(x.shape[1] + 1)
    mean, square = np.zeros_like(held), np.zeros_like(held)
    for step in range(1, STEPS + 1):
        chosen = random.integers(0, len(x), 8192)
        part, truth = x[chosen], inside[chosen]
        share = 1 / (1 + np.exp(-(part @ held[:-1] + held[-1])))
        wrong = np.where(truth, HEAVY * (share - 1), share) / len(chosen)
        slope = np.append(part.T @ wrong, wrong.sum())
        mean = 0.9 * mean + 0.1 * slope
        square = 0.99 * square + 0.01 * slope**2
        fair = mean / (1 - 0.9**step), square / (1 - 0.99**step)
        held -= 0.02 * fair[0] / (np.sqrt(fair[1]) + 1e-8)
    return held[:-1].astype(np.float32)

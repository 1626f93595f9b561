"""Network of the name tagger: embedding sums, then convolutions, all in exact integer arithmetic.

Weights are integers of 8 bits, and the activations between layers are integers up to 255.  Every
sum stays below 2**24, so a float32 matrix product is exact in any order of addition.  The answers
are the same bytes on every machine and for every grouping of texts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple, Self

import numpy as np

from piiscan.arrays import Bool, Float32, Int8, Int64, UInt8, UInt16
from piiscan.detect.ner.model.dictionary_words import MAX_WORDS, find_words
from piiscan.detect.ner.model.symbols import LONG, TAKEN, Symbols
from piiscan.detect.ner.model.weights import STATES, Layer, Weights
from piiscan.jit import allocating, inlined, kernel

#: Symbols computed at a time.
BLOCK: Final = 1024
#: Largest activation.
MAX_ACTIVATION: Final = np.float32(255)
#: Symbols on each side of a selected one that the other layers read too.
GATE_MARGIN: Final = 2
_MARGIN_DILATIONS: Final = np.ones(GATE_MARGIN, np.int64)
#: Score of every state but outside where the gate is closed.
CLOSED_SCORE: Final = np.float32(-60)


class Buffers(NamedTuple):
    """Scratch arrays of one block, reused because allocating them costs as much as filling them."""

    sums: Float32
    activations: Float32
    taps: Float32
    out: Float32

    @classmethod
    def for_weights(cls, weights: Weights, count: int) -> Self:
        """Allocate the buffers for blocks of at most ``count`` symbols."""
        return cls(*[np.empty((count, size), np.float32) for size in weights.buffer_widths])


def emissions(symbols: Symbols, weights: Weights) -> Iterator[tuple[int, Float32]]:
    """Yield (index of the first symbol, scores ``float32[n, STATES]``) of each block."""
    count = len(symbols.number)
    left, right = distances(symbols.text, count)
    features = np.empty((count, MAX_WORDS), np.uint8)
    feature_count = np.empty(count, np.uint8)
    find_words(symbols.code, symbols.text, weights.words, features, feature_count)
    halo = weights.halo + GATE_MARGIN
    buffers = Buffers.for_weights(weights, min(count, BLOCK + 2 * halo))
    for start in range(0, count, BLOCK):
        stop = min(count, start + BLOCK)
        low, high = max(0, start - halo), min(count, stop + halo)
        part = slice(low, high)
        sums = buffers.sums[: high - low]
        embed(
            symbols.number[part], right[part], features[part], feature_count[part],
            weights.characters, weights.pairs, weights.places, sums,
        )  # fmt: skip
        scores = forward(sums, left[part], right[part], weights, buffers)
        yield start, scores[start - low : stop - low]


def distances(text: Int64, count: int) -> tuple[UInt8, UInt8]:
    """Return each symbol's distance to the start and to the end of its text, at most 255."""
    left, right = np.empty(count, np.uint8), np.empty(count, np.uint8)
    _distances(text, left, right)
    return left, right


@kernel
def _distances(text: Int64, left: UInt8, right: UInt8) -> None:
    """Write each symbol's distance to its text's start to ``left``, to its end to ``right``."""
    for which in range(len(text) - 1):
        for at in range(text[which], text[which + 1]):
            left[at] = min(255, at - text[which])
            right[at] = min(255, text[which + 1] - 1 - at)


@allocating
def embed(
    number: UInt16,
    right: UInt8,
    features: UInt8,
    feature_count: UInt8,
    characters: Int8,
    pairs: Int8,
    places: Int8,
    sums: Float32,
) -> None:
    """Write the embedding of each symbol to ``sums``: the sum of its table rows, cut to ±255.

    The rows are those of the character, of the pair with the next character, and of its word
    features.  Training texts include their numbers, so a pattern span is read as a long number.

    Args:
        number: number of each symbol
        right: number of symbols after each one in its text
        features, feature_count: word features of each symbol, and how many
        characters, pairs, places: tables of rows
    """
    width = np.uint64(sums.shape[1])
    total = np.empty(sums.shape[1], np.int16)
    mask = np.uint32(len(pairs) - 1)
    for at in range(np.uint64(len(number))):
        here, after = _readable(number[at]), np.uint32(0)
        if right[at] > 0 and at + np.uint64(1) < np.uint64(len(number)):
            after = _readable(number[at + np.uint64(1)])
        # The product of two uint32 is uint64 in a kernel: convert it back each time.
        one = np.uint32(here * np.uint32(0x9E3779B1))
        pair = np.uint32(one ^ np.uint32(after * np.uint32(0x85EBCA6B)))
        pair = np.uint32(np.uint32(pair ^ (pair >> np.uint32(15))) * np.uint32(0x2C1B3C6D))
        one_row, two = np.uint64(here), np.uint64((pair >> np.uint32(12)) & mask)
        for j in range(width):
            total[j] = np.int16(characters[one_row, j]) + np.int16(pairs[two, j])
        for each in range(feature_count[at]):
            row = np.uint64(features[at, each])
            for j in range(width):
                total[j] += places[row, j]
        for j in range(width):
            sums[at, j] = np.float32(max(np.int16(-255), min(np.int16(255), total[j])))


@inlined
def _readable(number: Any) -> Any:
    """Return the number of a symbol as the network reads it: TAKEN -> LONG."""
    return np.uint32(LONG if number == TAKEN else number)


def forward(
    sums: Float32, left: UInt8, right: UInt8, weights: Weights, buffers: Buffers
) -> Float32:
    """Return the scores of each state for each row of ``sums`` (``float32[n, STATES]``).

    The first layer reads every symbol.  A gate then selects the symbols that may be in a span.
    The other layers read only those and the symbols that they depend on.
    """
    count = len(sums)
    first, *others = weights.layers
    activations = buffers.activations[:count]
    convolve(sums, activations, np.arange(count), left, right, layer=first, buffers=buffers)
    scores = np.empty((count, STATES), np.float32)
    rows, sizes = np.empty((len(others), count), np.int64), np.empty(len(others), np.int64)
    _select_rows(
        activations @ weights.gate, weights.gate_threshold, weights.dilations, left, right,
        rows, sizes, scores,
    )  # fmt: skip
    for layer, selected, size in zip(others, rows, sizes.tolist(), strict=True):
        if not size:
            return scores
        chosen = selected[:size]
        convolve(activations, activations, chosen, left, right, layer=layer, buffers=buffers)
    out = activations[chosen] @ weights.out.weights
    finish_scores(out, chosen, weights.out.scale, weights.out.bias, scores)
    return scores


@allocating
def _select_rows(
    gate: Float32,
    threshold: np.float32,
    dilations: Int64,
    left: UInt8,
    right: UInt8,
    rows: Int64,
    sizes: Int64,
    scores: Float32,
) -> None:
    """Write the symbols of each layer after the first to ``rows``, and their numbers to ``sizes``.

    ``gate``: output of the gate, which passes a symbol above ``threshold``.  ``scores`` are set to
    those of a closed gate.
    """
    layers, count = rows.shape
    wanted = np.empty((layers + 1, count), np.bool_)
    passed = False
    for at in range(count):
        wanted[layers, at] = gate[at] > threshold
        passed |= wanted[layers, at]
        for state in range(STATES):
            scores[at, state] = CLOSED_SCORE if state else np.float32(0)
    if passed:
        mark_dependencies(wanted[layers:], _MARGIN_DILATIONS, left, right, widen_last=True)
        mark_dependencies(wanted, dilations[1:], left, right, widen_last=False)
    for layer in range(layers):
        size = 0
        for at in range(count if passed else 0):
            if wanted[layer + 1, at]:
                rows[layer, size] = at
                size += 1
        sizes[layer] = size


@allocating
def mark_dependencies(
    wanted: Bool, dilations: Int64, left: UInt8, right: UInt8, widen_last: bool
) -> None:
    """Mark in each row of ``wanted`` the symbols whose outputs the next layer's row needs.

    ``widen_last``: widen the last row itself instead, once per entry of ``dilations``.  Marks stay
    inside the text of a symbol, so that neighbouring texts have no influence.
    """
    count = wanted.shape[1]
    for step in range(len(dilations) - 1, -1, -1):
        source = wanted[len(wanted) - 1].copy() if widen_last else wanted[step + 1]
        target = wanted[len(wanted) - 1] if widen_last else wanted[step]
        dilation = dilations[step]
        for at in range(count):
            needed = source[at]
            if left[at] >= dilation and at >= dilation and source[at - dilation]:
                needed = True
            if right[at] >= dilation and at + dilation < count and source[at + dilation]:
                needed = True
            target[at] = needed


def convolve(
    activations: Float32,
    target: Float32,
    rows: Int64,
    left: UInt8,
    right: UInt8,
    *,
    layer: Layer,
    buffers: Buffers,
) -> None:
    """Compute one layer for the symbols ``rows``, and write its activations to ``target``.

    Symbols outside the text count as zeros.

    Args:
        activations: activations of the previous layer
        left, right: number of symbols of the same text before and after each symbol
    """
    width, high = activations.shape[1], len(layer.weights)
    part = width if high == 3 * width else width // 3
    taps = buffers.taps.reshape(-1)[: len(rows) * high].reshape(len(rows), high)
    gather_taps(activations, rows, left, right, layer.dilation, part, taps)
    out = np.matmul(taps, layer.weights, out=buffers.out[: len(rows)])
    apply_activation(out, activations, rows, layer.scale, layer.bias, target)


@kernel
def gather_taps(
    activations: Float32,
    rows: Int64,
    left: UInt8,
    right: UInt8,
    dilation: int,
    part: int,
    taps: Float32,
) -> None:
    """Write the inputs of a convolution to ``taps``: a symbol and both at distance ``dilation``.

    If ``part`` is less than the width, each outer tap has a third of its symbol: the first third of
    the one before, the last third of the one after.  Indices are unsigned: a signed index may count
    from the end, and the compiler then copies number by number.
    """
    count, width = np.uint64(activations.shape[0]), np.uint64(activations.shape[1])
    step, third = np.uint64(dilation), np.uint64(part)
    last = np.uint64(taps.shape[1]) - third
    other = width - third
    offset = np.uint64(0) if third < width else width
    for to in range(np.uint64(len(rows))):
        at = np.uint64(rows[to])
        if left[at] >= step and at >= step:
            before = at - step
            for j in range(third):
                taps[to, j] = activations[before, j]
        else:
            for j in range(third):
                taps[to, j] = 0
        for j in range(third, last):
            taps[to, j] = activations[at, j - offset]
        behind = at + step
        if right[at] >= step and behind < count:
            for j in range(third):
                taps[to, last + j] = activations[behind, other + j]
        else:
            for j in range(third):
                taps[to, last + j] = 0


@kernel
def apply_activation(
    sums: Float32, activations: Float32, rows: Int64, scale: Float32, bias: Float32, target: Float32
) -> None:
    """Scale ``sums``, add the previous activation if it is as wide, round and cut to 0 to 255.

    The result goes to the ``rows`` of ``target``.
    """
    width = np.uint64(sums.shape[1])
    same = activations.shape[1] == sums.shape[1]
    half = np.float32(0.5)
    for to in range(np.uint64(len(rows))):
        at = np.uint64(rows[to])
        if same:
            for j in range(width):
                sums[to, j] = sums[to, j] * scale[j] + bias[j] + activations[at, j]
        else:
            for j in range(width):
                sums[to, j] = sums[to, j] * scale[j] + bias[j]
        for j in range(width):  # a separate loop, because the compiler vectorises it only alone
            value = sums[to, j]
            value = max(value, np.float32(0))
            value = min(value, MAX_ACTIVATION)
            target[at, j] = np.float32(np.int32(value + half))


@kernel
def finish_scores(
    sums: Float32, rows: Int64, scale: Float32, bias: Float32, scores: Float32
) -> None:
    """Scale ``sums`` to scores, and write them to the ``rows`` of ``scores``."""
    for to in range(len(rows)):
        for j in range(STATES):
            scores[rows[to], j] = sums[to, j] * scale[j] + bias[j]

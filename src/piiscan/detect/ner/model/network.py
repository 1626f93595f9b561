"""Network of the name tagger: embedding sums, then convolutions, all in exact integer arithmetic.

Weights are integers of 8 bits, and the activations between layers are integers up to 255.  Sums are
exact and stay below 2**24, so float32 has them too.  The answers are the same bytes on every
machine and for every grouping of texts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple, Self

import numpy as np

from piiscan.arrays import Bool, Float32, Int16, Int32, Int64, UInt8, UInt16
from piiscan.detect.ner.model.byte_products import (
    SPARE_BYTES,
    copy_bytes,
    multiplier,
    processor_way,
)
from piiscan.detect.ner.model.decode import CLOSED
from piiscan.detect.ner.model.dictionary_words import MAX_WORDS, find_words
from piiscan.detect.ner.model.symbols import LONG, TAKEN, Symbols
from piiscan.detect.ner.model.weights import EMBEDDING_ZERO, STATES, Layer, Network, Weights
from piiscan.jit import inlined, inner, kernel

#: Symbols computed at a time.
BLOCK: Final = 1024
#: Largest activation.
MAX_ACTIVATION: Final = 255
#: Symbols on each side of one that passes the gate that pass it too.
GATE_MARGIN: Final = 1
_LEAST, _MOST = np.int16(-EMBEDDING_ZERO), np.int16(255 - EMBEDDING_ZERO)

multiply = multiplier()


class Scratch(NamedTuple):
    """Scratch arrays of one block, reused because allocating them costs as much as filling them.

    The first row of embeddings and activations stands for symbols outside the text.

    Attributes:
        embedded: embedding sums (see ``EMBEDDING_ZERO``)
        even, odd: activations after layers 0, 2, 4 ... and 1, 3, 5 ...
        inputs, wide, sums: operands and sums of some symbols
        previous: activations of a symbol that are added to its sums
        total: embedding sum of a symbol
        passes: True for the symbols that pass the gate
        rows: symbols that a layer computes
    """

    embedded: UInt8
    even: UInt8
    odd: UInt8
    inputs: UInt8
    wide: Int16
    sums: Int32
    previous: Float32
    total: Int16
    passes: Bool
    rows: Int64

    @classmethod
    def of(cls, network: Network, count: int) -> Self:
        """Allocate the arrays for blocks of at most ``count`` symbols."""
        layers, width = (*network.layers, network.out), network.characters.shape[1]
        at_a_time = processor_way().rows
        inputs = at_a_time, max(layer.size for layer in layers) + SPARE_BYTES + 1
        columns = max(len(layer.start) for layer in layers)
        length = count + 1 + SPARE_BYTES
        activations = [np.zeros((length, len(network.gate)), np.uint8) for _ in range(2)]
        return cls(
            embedded=np.full((length, width), EMBEDDING_ZERO, np.uint8),
            even=activations[0],
            odd=activations[1],
            inputs=np.zeros(inputs, np.uint8),
            wide=np.empty(inputs, np.int16),
            sums=np.empty((at_a_time, columns), np.int32),
            previous=np.empty(columns, np.float32),
            total=np.empty(width, np.int16),
            passes=np.empty(count, np.bool_),
            rows=np.empty(count, np.int64),
        )


class Block(NamedTuple):
    """Consecutive symbols with their distances to the ends of their texts and word features."""

    number: UInt16
    left: UInt8
    right: UInt8
    features: UInt8
    feature_count: UInt8

    def part(self, symbols: slice) -> Block:
        """Return these symbols of the block."""
        return Block(
            self.number[symbols], self.left[symbols], self.right[symbols],
            self.features[symbols], self.feature_count[symbols],
        )  # fmt: skip


def emissions(symbols: Symbols, weights: Weights) -> Iterator[tuple[int, Float32]]:
    """Yield (index of the first symbol, scores ``float32[n, STATES]``) of each block."""
    count, halo = len(symbols.number), weights.halo + GATE_MARGIN
    columns = read_columns(symbols, weights)
    scratch = Scratch.of(weights.network, min(count, BLOCK + 2 * halo))
    for start in range(0, count, BLOCK):
        stop = min(count, start + BLOCK)
        low, high = max(0, start - halo), min(count, stop + halo)
        scores = np.empty((high - low, STATES), np.float32)
        score_block(columns.part(slice(low, high)), weights.network, scratch, scores)
        yield start, scores[start - low : stop - low]


def read_columns(symbols: Symbols, weights: Weights) -> Block:
    """Return all symbols with their distances and word features as one block."""
    count = len(symbols.number)
    left, right = distances(symbols.text, count)
    features = np.empty((count, MAX_WORDS), np.uint8)
    feature_count = np.empty(count, np.uint8)
    find_words(symbols.code, symbols.text, weights.words, features, feature_count)
    return Block(symbols.number, left, right, features, feature_count)


def gate_inputs(symbols: Symbols, weights: Weights) -> UInt8:
    """Return the activations that the gate reads (``uint8[n, width]``)."""
    count = len(symbols.number)
    network = weights.network._replace(layers=weights.layers[: weights.gate_depth])
    scratch = Scratch.of(network, count)
    score_block(
        read_columns(symbols, weights), network, scratch, np.empty((count, STATES), np.float32)
    )
    activations = scratch.even if weights.gate_depth % 2 else scratch.odd
    return activations[1 : count + 1]


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


@kernel
def score_block(block: Block, network: Network, scratch: Scratch, scores: Float32) -> None:
    """Write the scores of each state for each symbol of ``block`` (``float32[n, STATES]``).

    The layers before the gate compute every symbol.  The gate then selects those that may be in a
    span; the other layers leave the rest as they are.
    """
    count, layers = len(block.number), network.layers
    for at in range(count):
        for state in range(STATES):
            scores[at, state] = CLOSED if state else np.float32(0)
        scratch.rows[at] = at
    _embed(block, network, scratch)
    rows = scratch.rows[:count]
    source, target = scratch.embedded, scratch.even
    for number in range(len(layers)):
        if number == network.gate_depth:
            rows = rows[: _open_gate(source, target, block, network, scratch)]
            if not len(rows):
                return
        _convolve(source, layers[number], rows, block, scratch, target)
        source, target = target, scratch.even if number % 2 else scratch.odd
    _score_rows(source, network.out, rows, block, scratch, scores)


@inner
def _embed(block: Block, network: Network, scratch: Scratch) -> None:
    """Write the embedding of each symbol: the sum of its table rows, cut to a signed byte.

    The rows are those of the character, of the pair with the next character, and of its word
    features.  Training texts include their numbers, so a pattern span is read as a long number.
    """
    total, number = scratch.total, block.number
    width = np.uint64(len(total))
    mask = np.uint32(len(network.pairs) - 1)
    for at in range(np.uint64(len(number))):
        here, after = _readable(number[at]), np.uint32(0)
        if block.right[at] > 0 and at + np.uint64(1) < np.uint64(len(number)):
            after = _readable(number[at + np.uint64(1)])
        # The product of two uint32 is uint64 in a kernel: convert it back each time.
        one = np.uint32(here * np.uint32(0x9E3779B1))
        pair = np.uint32(one ^ np.uint32(after * np.uint32(0x85EBCA6B)))
        pair = np.uint32(np.uint32(pair ^ (pair >> np.uint32(15))) * np.uint32(0x2C1B3C6D))
        one_row, two = np.uint64(here), np.uint64((pair >> np.uint32(12)) & mask)
        for j in range(width):
            total[j] = np.int16(network.characters[one_row, j]) + np.int16(network.pairs[two, j])
        for each in range(block.feature_count[at]):
            row = np.uint64(block.features[at, each])
            for j in range(width):
                total[j] += network.places[row, j]
        to = at + np.uint64(1)
        for j in range(width):
            value = max(_LEAST, min(_MOST, total[j]))
            scratch.embedded[to, j] = np.uint8(value - _LEAST)


@inlined
def _readable(number: Any) -> Any:
    """Return the number of a symbol as the network reads it: TAKEN -> LONG."""
    return np.uint32(LONG if number == TAKEN else number)


@inner
def _open_gate(
    source: UInt8, target: UInt8, block: Block, network: Network, scratch: Scratch
) -> int:
    """Write the indices of the symbols that pass the gate to ``scratch.rows``; return their number.

    A symbol at most GATE_MARGIN from one that does, in the same text, passes too.

    Args:
        source: activations that the gate reads
        target: activations of the next layer, which start as a copy
    """
    count, width, passes = len(block.number), np.uint64(len(network.gate)), scratch.passes
    for at in range(np.uint64(count)):
        total, to = np.int32(0), at + np.uint64(1)
        for j in range(width):
            target[to, j] = source[to, j]
            product = np.int32(source[to, j]) * np.int32(network.gate[j])
            total = np.int32(total + np.int32(product))  # int64 would take twice the time
        passes[at] = np.float32(total) > network.gate_threshold
    selected = 0
    for at in range(count):
        passed = passes[at]
        for step in range(1, GATE_MARGIN + 1):
            passed |= block.left[at] >= step and at >= step and passes[at - step]
            passed |= block.right[at] >= step and at + step < count and passes[at + step]
        scratch.rows[selected] = at
        selected += passed
    return selected


@inner
def _convolve(
    source: UInt8,
    layer: Layer,
    rows: Int64,
    block: Block,
    scratch: Scratch,
    target: UInt8,
) -> None:
    """Compute one layer for the symbols ``rows``, and write its activations to ``target``.

    If a symbol has as many of them in ``source``, before the layer, as after, those are added.
    """
    width = np.uint64(len(layer.bias))
    same = source.shape[1] == len(layer.bias)
    sums, previous, half = scratch.sums, scratch.previous, np.float32(0.5)
    for j in range(width):
        previous[j] = 0
    for start in range(0, len(rows), len(sums)):
        some = rows[start : start + len(sums)]
        _multiply_taps(source, layer, some, block, scratch)
        for row in range(np.uint64(len(some))):
            at = np.uint64(some[row] + 1)
            if same and layer.zero == 0:  # the usual case, which is compiled to the fastest code
                for j in range(width):
                    value = np.float32(sums[row, j]) * layer.scale[j] + layer.bias[j]
                    value += np.float32(source[at, j])
                    target[at, j] = _round(value, half)
                continue
            for j in range(width if same else 0):
                previous[j] = source[at, j] - layer.zero
            for j in range(width):
                value = np.float32(sums[row, j]) * layer.scale[j] + layer.bias[j] + previous[j]
                target[at, j] = _round(value, half)


@inlined
def _round(value: Any, half: Any) -> Any:
    """Return ``value`` rounded half up, and cut to 0 to 255.

    ``half``: 0.5 as float32.
    """
    whole = np.int32(value + half)
    return np.uint8(min(whole if value > 0 else np.int32(0), np.int32(MAX_ACTIVATION)))


@inner
def _multiply_taps(
    source: UInt8, layer: Layer, rows: Int64, block: Block, scratch: Scratch
) -> None:
    """Write the sums of a layer for a few symbols: products of a symbol and two at its dilation.

    If the outer taps have less than the width, each has a third of its symbol: the first third of
    the one before, the last third of the one after.
    """
    inputs, step, part, width = scratch.inputs, layer.dilation, layer.part, source.shape[1]
    offset = part if part < width else 0
    middle = width - part - offset if part < width else width
    for row in range(len(rows)):
        at, to = rows[row], row * inputs.shape[1]
        here = (at + 1) * width
        before = here - step * width if block.left[at] >= step and at >= step else 0
        behind = 0
        if block.right[at] >= step and at + step < len(block.number):
            behind = here + step * width
        copy_bytes(inputs, to, source, before, part)
        copy_bytes(inputs, to + part, source, here + offset, middle)
        copy_bytes(inputs, to + part + middle, source, behind + width - part, part)
    multiply(inputs, layer.size, scratch.wide, layer.packed, layer.start, scratch.sums)


@inner
def _score_rows(
    source: UInt8, layer: Layer, rows: Int64, block: Block, scratch: Scratch, scores: Float32
) -> None:
    """Write the scores of each state for the symbols ``rows`` to ``scores``."""
    sums = scratch.sums
    for start in range(0, len(rows), len(sums)):
        some = rows[start : start + len(sums)]
        _multiply_taps(source, layer, some, block, scratch)
        for row in range(len(some)):
            for j in range(STATES):
                scores[some[row], j] = np.float32(sums[row, j]) * layer.scale[j] + layer.bias[j]

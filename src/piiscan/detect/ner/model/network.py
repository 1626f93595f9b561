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
from piiscan.detect.ner.model.dictionary_words import MAX_WORDS, find_words
from piiscan.detect.ner.model.symbols import LONG, TAKEN, Symbols
from piiscan.detect.ner.model.weights import PLANE_ZEROS, STATES, Layer, Network, Weights
from piiscan.jit import inlined, inner, kernel

#: Symbols computed at a time.
BLOCK: Final = 1024
#: Largest activation.
MAX_ACTIVATION: Final = 255
#: Symbols on each side of a selected one that the other layers read too.
GATE_MARGIN: Final = 2
#: Score of every state but outside where the gate is closed.
CLOSED_SCORE: Final = np.float32(-60)
_LOW_ZERO, _HIGH_ZERO = (np.int16(zero) for zero in PLANE_ZEROS)

multiply = multiplier()


class Scratch(NamedTuple):
    """Scratch arrays of one block, reused because allocating them costs as much as filling them.

    The first row of planes and activations stands for symbols outside the text.

    Attributes:
        low, high: planes of the embedding sums (see ``PLANE_ZEROS``)
        even, odd: activations after layers 0, 2, 4 ... and 1, 3, 5 ...
        inputs, wide, sums, more: operands and sums of some symbols
        previous: activations of a symbol that are added to its sums
        total: embedding sum of a symbol
        wanted: True for the symbols that each layer computes; after the layers, those that are at
            most so many symbols from one that passed the gate, and in the last row those
        rows: symbols that one layer computes
    """

    low: UInt8
    high: UInt8
    even: UInt8
    odd: UInt8
    inputs: UInt8
    wide: Int16
    sums: Int32
    more: Int32
    previous: Float32
    total: Int16
    wanted: Bool
    rows: Int64

    @classmethod
    def of(cls, network: Network, count: int) -> Self:
        """Allocate the arrays for blocks of at most ``count`` symbols."""
        layers, width = (*network.layers, network.out), network.characters.shape[1]
        at_a_time = processor_way().rows
        inputs = at_a_time, max(layer.size for layer in layers) + SPARE_BYTES + 1
        columns = max(layer.start.shape[1] for layer in layers)
        length = count + 1 + SPARE_BYTES
        planes = [np.empty((length, width), np.uint8) for _ in PLANE_ZEROS]
        for plane, zero in zip(planes, PLANE_ZEROS, strict=True):
            plane[0] = zero
        activations = [np.zeros((length, len(network.gate)), np.uint8) for _ in range(2)]
        return cls(
            low=planes[0],
            high=planes[1],
            even=activations[0],
            odd=activations[1],
            inputs=np.zeros(inputs, np.uint8),
            wide=np.empty(inputs, np.int16),
            sums=np.empty((at_a_time, columns), np.int32),
            more=np.empty((at_a_time, columns), np.int32),
            previous=np.empty(columns, np.float32),
            total=np.empty(width, np.int16),
            wanted=np.empty((len(network.layers) + GATE_MARGIN, count), np.bool_),
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


def first_activations(symbols: Symbols, weights: Weights) -> UInt8:
    """Return the activations of the first layer, which the gate reads (``uint8[n, width]``)."""
    count = len(symbols.number)
    network = weights.network._replace(layers=weights.layers[:1])
    scratch = Scratch.of(network, count)
    score_block(
        read_columns(symbols, weights), network, scratch, np.empty((count, STATES), np.float32)
    )
    return scratch.even[1 : count + 1]


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

    The first layer reads every symbol.  A gate then selects the symbols that may be in a span.
    The other layers read only those and the symbols that they depend on.
    """
    count, layers, wanted = len(block.number), network.layers, scratch.wanted
    for at in range(count):
        for state in range(STATES):
            scores[at, state] = CLOSED_SCORE if state else np.float32(0)
        wanted[0, at] = True
    exceeds = _embed(block, network, scratch)
    source, target = scratch.low, scratch.even
    for number in range(len(layers)):
        if number == 1 and not _open_gate(block, network, scratch):
            return
        rows = scratch.rows[: _select_rows(wanted[number, :count], scratch.rows)]
        _convolve(source, exceeds, layers[number], rows, block, scratch, target)
        exceeds = False
        source, target = target, scratch.even if number % 2 else scratch.odd
    _score_rows(source, network.out, rows, block, scratch, scores)


@inner
def _embed(block: Block, network: Network, scratch: Scratch) -> bool:
    """Write the embedding of each symbol to two planes: the sum of its table rows, cut to ±255.

    The rows are those of the character, of the pair with the next character, and of its word
    features.  Training texts include their numbers, so a pattern span is read as a long number.
    Return True if the second plane has a number other than 0.
    """
    total, number, exceeds = scratch.total, block.number, False
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
        beyond = np.int16(0)
        for j in range(width):
            value = max(np.int16(-255), min(np.int16(255), total[j]))
            cut = max(np.int16(-128), min(np.int16(127), value))
            scratch.low[to, j] = np.uint8(cut + _LOW_ZERO)
            scratch.high[to, j] = np.uint8(value - cut + _HIGH_ZERO)
            beyond |= value ^ cut
        exceeds |= beyond != 0
    return exceeds


@inlined
def _readable(number: Any) -> Any:
    """Return the number of a symbol as the network reads it: TAKEN -> LONG."""
    return np.uint32(LONG if number == TAKEN else number)


@inner
def _open_gate(block: Block, network: Network, scratch: Scratch) -> bool:
    """Mark the symbols that the other layers read in ``scratch.wanted``; return False if none."""
    width, found, wanted = np.uint64(len(network.gate)), False, scratch.wanted
    for at in range(np.uint64(len(block.number))):
        total, to = np.int32(0), at + np.uint64(1)
        for j in range(width):
            product = np.int32(scratch.even[to, j]) * np.int32(network.gate[j])
            total = np.int32(total + np.int32(product))  # int64 would take twice the time
        wanted[-1, at] = np.float32(total) > network.gate_threshold
        found |= wanted[-1, at]
    for number in range(len(wanted) - 1 if found else 0, 1, -1):
        dilation = network.layers[number].dilation if number < len(network.layers) else 1
        _mark_dependencies(wanted[number], wanted[number - 1], dilation, block)
    return found


@inner
def _mark_dependencies(source: Bool, target: Bool, dilation: int, block: Block) -> None:
    """Mark in ``target`` the symbols of ``source`` and those at ``dilation`` from them.

    Marks stay inside the text of a symbol, so that neighbouring texts have no influence.
    """
    left, right, count = block.left, block.right, len(block.number)
    for at in range(count):
        needed = source[at]
        if left[at] >= dilation and at >= dilation and source[at - dilation]:
            needed = True
        if right[at] >= dilation and at + dilation < count and source[at + dilation]:
            needed = True
        target[at] = needed


@inner
def _select_rows(wanted: Bool, rows: Int64) -> int:
    """Write the indices of the symbols ``wanted`` to ``rows``; return their number."""
    count = 0
    for at in range(len(wanted)):
        rows[count] = at
        count += wanted[at]
    return count


@inner
def _convolve(
    source: UInt8,
    exceeds: bool,
    layer: Layer,
    rows: Int64,
    block: Block,
    scratch: Scratch,
    target: UInt8,
) -> None:
    """Compute one layer for the symbols ``rows``, and write its activations to ``target``.

    If a symbol has as many of them before as after, the previous ones are added.

    Args:
        source: activations before it
        exceeds: True if the second plane of the embedding sums is to be read too
    """
    width = np.uint64(len(layer.bias))
    same = source.shape[1] == len(layer.bias)
    high, sums, previous, half = scratch.high, scratch.sums, scratch.previous, np.float32(0.5)
    for j in range(width):
        previous[j] = 0
    for start in range(0, len(rows), len(sums)):
        some = rows[start : start + len(sums)]
        _multiply_taps(source, layer, layer.start[0], some, block, scratch, sums)
        if exceeds:
            _multiply_taps(high, layer, layer.start[1], some, block, scratch, scratch.more)
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
            for j in range(width if exceeds else 0):
                sums[row, j] += scratch.more[row, j]
                if same:
                    previous[j] += high[at, j] - PLANE_ZEROS[1]
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
    source: UInt8,
    layer: Layer,
    start: Int32,
    rows: Int64,
    block: Block,
    scratch: Scratch,
    sums: Int32,
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
    multiply(inputs, layer.size, scratch.wide, layer.packed, start, sums)


@inner
def _score_rows(
    source: UInt8, layer: Layer, rows: Int64, block: Block, scratch: Scratch, scores: Float32
) -> None:
    """Write the scores of each state for the symbols ``rows`` to ``scores``."""
    sums = scratch.sums
    for start in range(0, len(rows), len(sums)):
        some = rows[start : start + len(sums)]
        _multiply_taps(source, layer, layer.start[0], some, block, scratch, sums)
        for row in range(len(some)):
            for j in range(STATES):
                scores[some[row], j] = np.float32(sums[row, j]) * layer.scale[j] + layer.bias[j]

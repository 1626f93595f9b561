"""The network: sums of table rows, then convolutions, all of it exact.

Weights are whole numbers of 8 bits and what layers hand on are whole numbers up to 255, so every
sum stays below 2**24 and a float32 product of matrices is exact, in whatever order a machine adds.
Answers are therefore the same bytes on every machine and however texts are batched.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple, Self

import numpy as np

from piiscan.arrays import Bool, Float32, Int8, Int64, UInt8, UInt16
from piiscan.jit import allocating, kernel

from .dictionary_words import MOST, find_words
from .symbols import Symbols
from .weights import STATES, Layer, Weights

BLOCK: Final = 1024
LARGEST: Final = np.float32(255)
#: Symbols on each side of one that the gate lets through which are read with it.
BESIDE: Final = 2
#: What a state other than outside scores where the gate is shut.
SHUT: Final = np.float32(-60)


class Room(NamedTuple):
    """Arrays that every block is worked out in: new ones would cost as much as the gathering."""

    sums: Float32
    held: Float32
    taps: Float32
    out: Float32

    @classmethod
    def for_weights(cls, weights: Weights, count: int) -> Self:
        """Room for so many symbols."""
        width = len(weights.layers[0].bias)
        taps = max(len(layer.weights) for layer in weights.layers)
        sizes = (weights.characters.shape[1], width, taps, width)
        return cls(*(np.empty((count, size), np.float32) for size in sizes))


def emissions(symbols: Symbols, weights: Weights) -> Iterator[tuple[int, Float32]]:
    """Scores of each state for each symbol, block after block, with where the block begins."""
    count = len(symbols.number)
    left, right = distances(symbols.text, count)
    rows = np.empty((count, MOST), np.uint8)
    found = np.empty(count, np.uint8)
    find_words(symbols.code, symbols.text, weights.words, rows, found)
    halo = weights.halo + BESIDE
    room = Room.for_weights(weights, min(count, BLOCK + 2 * halo))
    for start in range(0, count, BLOCK):
        stop = min(count, start + BLOCK)
        low, high = max(0, start - halo), min(count, stop + halo)
        part = slice(low, high)
        sums = room.sums[: high - low]
        embed(
            symbols.number[part], right[part], rows[part], found[part],
            weights.characters, weights.pairs, weights.places, sums,
        )  # fmt: skip
        scores = forward(sums, left[part], right[part], weights, room)
        yield start, scores[start - low : stop - low]


def distances(text: Int64, count: int) -> tuple[UInt8, UInt8]:
    """How many symbols of the same text stand before and behind each, at most 255."""
    left, right = np.empty(count, np.uint8), np.empty(count, np.uint8)
    _distances(text, left, right)
    return left, right


@kernel
def _distances(text: Int64, left: UInt8, right: UInt8) -> None:
    for which in range(len(text) - 1):
        for at in range(text[which], text[which + 1]):
            left[at] = min(255, at - text[which])
            right[at] = min(255, text[which + 1] - 1 - at)


@allocating
def embed(
    number: UInt16,
    right: UInt8,
    rows: UInt8,
    found: UInt8,
    characters: Int8,
    pairs: Int8,
    places: Int8,
    sums: Float32,
) -> None:
    """Fill ``sums``: the rows of a character, of it with the next, and of the words around it."""
    width = np.uint64(sums.shape[1])
    held = np.empty(sums.shape[1], np.int16)
    mask = np.uint32(len(pairs) - 1)
    for at in range(np.uint64(len(number))):
        after = np.uint32(0)
        if right[at] > 0 and at + np.uint64(1) < np.uint64(len(number)):
            after = np.uint32(number[at + np.uint64(1)])
        # Products of two uint32 are uint64 in a kernel: cut back each time.
        one = np.uint32(np.uint32(number[at]) * np.uint32(0x9E3779B1))
        pair = np.uint32(one ^ np.uint32(after * np.uint32(0x85EBCA6B)))
        pair = np.uint32(np.uint32(pair ^ (pair >> np.uint32(15))) * np.uint32(0x2C1B3C6D))
        one_row, two = np.uint64(number[at]), np.uint64((pair >> np.uint32(12)) & mask)
        for j in range(width):
            held[j] = np.int16(characters[one_row, j]) + np.int16(pairs[two, j])
        for each in range(found[at]):
            row = np.uint64(rows[at, each])
            for j in range(width):
                held[j] += places[row, j]
        for j in range(width):
            sums[at, j] = np.float32(max(np.int16(-255), min(np.int16(255), held[j])))


def forward(sums: Float32, left: UInt8, right: UInt8, weights: Weights, room: Room) -> Float32:
    """Scores of each state for each row of ``sums``.

    The first layer reads every symbol; a gate then says which of them may be in a span, and the
    other layers read only those and what those depend on.
    """
    count = len(sums)
    first, *others = weights.layers
    everything = np.arange(count)
    held = room.held[:count]
    convolve(sums, held, everything, left, right, layer=first, room=room)
    wanted = np.empty((len(others) + 1, count), np.bool_)
    wanted[-1] = held @ weights.gate > weights.least
    reaches = np.array([1] * BESIDE, np.int64)
    spread_back(wanted[-1:], reaches, left, right, every=True)
    reaches = np.array([layer.reach for layer in others], np.int64)
    spread_back(wanted, reaches, left, right, every=False)
    for layer, marked in zip(others, wanted[1:], strict=True):
        convolve(held, held, np.flatnonzero(marked), left, right, layer=layer, room=room)
    chosen = np.flatnonzero(wanted[-1])
    out = held[chosen] @ weights.out.weights
    scores = np.full((count, STATES), SHUT, np.float32)
    scores[:, 0] = 0
    finish_scores(out, chosen, weights.out.scale, weights.out.bias, scores)
    return scores


@allocating
def spread_back(wanted: Bool, reaches: Int64, left: UInt8, right: UInt8, every: bool) -> None:
    """Mark in each row what the row behind it depends on; ``every``: in the last row itself.

    Nothing is marked beyond the text that a symbol stands in, or a neighbour would have a say.
    """
    count = wanted.shape[1]
    for step in range(len(reaches) - 1, -1, -1):
        source = wanted[len(wanted) - 1].copy() if every else wanted[step + 1]
        target = wanted[len(wanted) - 1] if every else wanted[step]
        reach = reaches[step]
        for at in range(count):
            near = source[at]
            if left[at] >= reach and at >= reach and source[at - reach]:
                near = True
            if right[at] >= reach and at + reach < count and source[at + reach]:
                near = True
            target[at] = near


def convolve(
    held: Float32,
    target: Float32,
    rows: Int64,
    left: UInt8,
    right: UInt8,
    *,
    layer: Layer,
    room: Room,
) -> None:
    """Put what a layer hands on into ``rows`` of ``target``; outside the text are zeros."""
    width, high = held.shape[1], len(layer.weights)
    part = width if high == 3 * width else width // 3
    taps = room.taps.reshape(-1)[: len(rows) * high].reshape(len(rows), high)
    gather(held, rows, left, right, layer.reach, part, taps)
    out = np.matmul(taps, layer.weights, out=room.out[: len(rows)])
    finish(out, held, rows, layer.scale, layer.bias, target)


@kernel
def gather(
    held: Float32, rows: Int64, left: UInt8, right: UInt8, reach: int, part: int, taps: Float32
) -> None:
    """Fill ``taps`` with the symbol ``reach`` before, the symbol itself and the one behind.

    Where ``part`` is less than the width, the first third is taken from the one before, the last
    third from the one behind.  Places are unsigned: a signed one may count from the end, and the
    compiler then copies one number after the other.
    """
    count, width = np.uint64(held.shape[0]), np.uint64(held.shape[1])
    step, third = np.uint64(reach), np.uint64(part)
    last = np.uint64(taps.shape[1]) - third
    other = width - third
    offset = np.uint64(0) if third < width else width
    for to in range(np.uint64(len(rows))):
        at = np.uint64(rows[to])
        if left[at] >= step and at >= step:
            before = at - step
            for j in range(third):
                taps[to, j] = held[before, j]
        else:
            for j in range(third):
                taps[to, j] = 0
        for j in range(third, last):
            taps[to, j] = held[at, j - offset]
        behind = at + step
        if right[at] >= step and behind < count:
            for j in range(third):
                taps[to, last + j] = held[behind, other + j]
        else:
            for j in range(third):
                taps[to, last + j] = 0


@kernel
def finish(
    sums: Float32, held: Float32, rows: Int64, scale: Float32, bias: Float32, target: Float32
) -> None:
    """Make sums into whole numbers from 0 to 255, with what was there before added if as wide."""
    width = np.uint64(sums.shape[1])
    same = held.shape[1] == sums.shape[1]
    half = np.float32(0.5)
    for to in range(np.uint64(len(rows))):
        at = np.uint64(rows[to])
        if same:
            for j in range(width):
                sums[to, j] = sums[to, j] * scale[j] + bias[j] + held[at, j]
        else:
            for j in range(width):
                sums[to, j] = sums[to, j] * scale[j] + bias[j]
        for j in range(width):  # by itself: together with the sums it would not be vectorised
            value = sums[to, j]
            value = max(value, np.float32(0))
            value = min(value, LARGEST)
            target[at, j] = np.float32(np.int32(value + half))


@kernel
def finish_scores(
    sums: Float32, rows: Int64, scale: Float32, bias: Float32, scores: Float32
) -> None:
    """Make sums into scores and put them into their rows."""
    for to in range(len(rows)):
        for j in range(STATES):
            scores[rows[to], j] = sums[to, j] * scale[j] + bias[j]

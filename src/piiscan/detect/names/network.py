"""The network: sums of table rows, then convolutions, all of it exact.

Weights are whole numbers of 8 bits and what layers hand on are whole numbers up to 255, so every
sum stays below 2**24 and a float32 product of matrices is exact, in whatever order a machine adds.
Answers are therefore the same bytes on every machine and however texts are batched.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from piiscan.compiled import kernel

from .lexicon import MOST, find_words
from .symbols import Symbols
from .weights import STATES, Layer, Weights

Float32 = npt.NDArray[np.float32]
Int16 = npt.NDArray[np.int16]
Int64 = npt.NDArray[np.int64]
UInt8 = npt.NDArray[np.uint8]
UInt16 = npt.NDArray[np.uint16]

BLOCK: Final = 4096
STEP: Final = np.float32(1 / 16)  # what one of a layer's whole numbers is worth
LARGEST: Final = np.float32(255)


def emissions(symbols: Symbols, weights: Weights) -> Iterator[tuple[int, Float32]]:
    """Scores of each state for each symbol, block after block, with where the block begins."""
    count = len(symbols.number)
    left, right = distances(symbols.text, count)
    rows = np.empty((count, MOST), np.uint8)
    found = np.empty(count, np.uint8)
    find_words(symbols.code, symbols.text, weights.words, rows, found)
    halo = weights.halo
    for start in range(0, count, BLOCK):
        stop = min(count, start + BLOCK)
        low, high = max(0, start - halo), min(count, stop + halo)
        part = slice(low, high)
        sums = np.empty((high - low, weights.characters.shape[1]), np.float32)
        embed(
            symbols.number[part], right[part], rows[part], found[part],
            weights.characters, weights.pairs, weights.places, sums,
        )  # fmt: skip
        scores = forward(sums, left[part], right[part], weights)
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


@kernel
def embed(
    number: UInt16,
    right: UInt8,
    rows: UInt8,
    found: UInt8,
    characters: Int16,
    pairs: Int16,
    places: Int16,
    sums: Float32,
) -> None:
    """Fill ``sums``: the rows of a character, of it with the next, and of the words around it."""
    width = sums.shape[1]
    held = np.empty(width, np.int16)
    mask = np.uint32(len(pairs) - 1)
    for at in range(len(number)):
        after = np.uint32(0)
        if right[at] > 0 and at + 1 < len(number):
            after = np.uint32(number[at + 1])
        # Products of two uint32 are uint64 in a kernel: cut back each time.
        one = np.uint32(np.uint32(number[at]) * np.uint32(0x9E3779B1))
        pair = np.uint32(one ^ np.uint32(after * np.uint32(0x85EBCA6B)))
        pair = np.uint32(np.uint32(pair ^ (pair >> np.uint32(15))) * np.uint32(0x2C1B3C6D))
        first, second = characters[number[at]], pairs[(pair >> np.uint32(12)) & mask]
        for j in range(width):
            held[j] = first[j] + second[j]
        for each in range(found[at]):
            row = places[rows[at, each]]
            for j in range(width):
                held[j] += row[j]
        for j in range(width):
            sums[at, j] = np.float32(max(np.int16(-255), min(np.int16(255), held[j])))


def forward(sums: Float32, left: UInt8, right: UInt8, weights: Weights) -> Float32:
    """Scores of each state for each row of ``sums``."""
    held = sums
    for layer in weights.layers:
        held = convolve(held, left, right, layer)
    scores = held @ weights.out.weights
    finish_scores(scores, weights.out.scale, weights.out.bias)
    return scores


def convolve(held: Float32, left: UInt8, right: UInt8, layer: Layer) -> Float32:
    """What a layer hands on; rows outside the text count as zeros."""
    count, width = held.shape
    taps = np.empty((count, len(layer.weights)), np.float32)
    part = width if len(layer.weights) == 3 * width else width // 3
    gather(held, left, right, layer.reach, part, taps)
    out = taps @ layer.weights
    finish(out, held, layer.scale, layer.bias)
    return out


@kernel
def gather(held: Float32, left: UInt8, right: UInt8, reach: int, part: int, taps: Float32) -> None:
    """Fill ``taps`` with the symbol ``reach`` before, the symbol itself and the one behind.

    Where ``part`` is less than the width, the first third is taken from the one before, the last
    third from the one behind.
    """
    count, width = held.shape
    last = taps.shape[1] - part
    from_ = width - part
    for at in range(count):
        if left[at] >= reach and at >= reach:
            for j in range(part):
                taps[at, j] = held[at - reach, j]
        else:
            for j in range(part):
                taps[at, j] = 0
        offset = 0 if part < width else width
        for j in range(part, last):
            taps[at, j] = held[at, j - offset]
        if right[at] >= reach and at + reach < count:
            for j in range(part):
                taps[at, last + j] = held[at + reach, from_ + j]
        else:
            for j in range(part):
                taps[at, last + j] = 0


@kernel
def finish(out: Float32, held: Float32, scale: Float32, bias: Float32) -> None:
    """Make sums into whole numbers from 0 to 255, with what was there before added if as wide."""
    count, width = out.shape
    same = held.shape[1] == width
    for at in range(count):
        for j in range(width):
            value = out[at, j] * scale[j] + bias[j]
            if same:
                value = value + held[at, j]
            out[at, j] = np.float32(np.rint(min(LARGEST, max(np.float32(0), value))))


@kernel
def finish_scores(scores: Float32, scale: Float32, bias: Float32) -> None:
    """Make sums into scores."""
    for at in range(len(scores)):
        for j in range(STATES):
            scores[at, j] = scores[at, j] * scale[j] + bias[j]

"""Network of the name tagger: embedding sums, then convolutions, in exact integers.

Weights are integers of 8 bits, and the activations between layers are integers up to 255.  Sums are
exact and stay below 2**24, so float32 has them too.  The answers are the same bytes on every
machine and for every grouping of texts.
"""

from __future__ import annotations

from typing import Final, NamedTuple, Self

import numpy as np

from piiscan.arrays import Bool, Float32, Int32, Int64, UInt8, UInt16
from piiscan.detect.ner.model.network_kernels import find_words, score_symbols, write_distances
from piiscan.detect.ner.model.network_numbers import (
    EMBEDDING_ZERO,
    GATE_MARGIN,
    MAX_WORDS,
    ROWS,
    STATES,
)
from piiscan.detect.ner.model.symbols import Symbols
from piiscan.detect.ner.model.weights import Network, Weights

#: Symbols computed at a time.
BLOCK: Final = 1024


class Scratch(NamedTuple):
    """Scratch arrays of one block of symbols, reused because allocation is slow.

    The first row of embeddings and activations stands for symbols outside the text.

    Attributes:
        embedded: embedding sums (see ``EMBEDDING_ZERO``)
        even, odd: activations after layers 0, 2, 4 ... and 1, 3, 5 ...
        sums: sums of some symbols
        passes: True for the symbols that pass the gate
        computed: symbols that a layer computes
    """

    embedded: UInt8
    even: UInt8
    odd: UInt8
    sums: Int32
    passes: Bool
    computed: Int64

    @classmethod
    def of(cls, network: Network, count: int) -> Self:
        """Allocate the arrays for blocks of at most ``count`` symbols."""
        width = network.characters.shape[1]
        columns = max(len(layer.bias) for layer in (*network.layers, network.out))
        return cls(
            embedded=np.full((count + 1, width), EMBEDDING_ZERO, np.uint8),
            even=np.zeros((count + 1, len(network.gate)), np.uint8),
            odd=np.zeros((count + 1, len(network.gate)), np.uint8),
            sums=np.empty((ROWS, columns), np.int32),
            passes=np.empty(count, np.bool_),
            computed=np.empty(count, np.int64),
        )


class Block(NamedTuple):
    """Block of symbols: numbers, distances to the ends of their texts, word features."""

    number: UInt16
    left: UInt8
    right: UInt8
    features: UInt8
    feature_count: UInt8


def emissions(symbols: Symbols, weights: Weights) -> Float32:
    """Return the score of each state for each symbol (``float32[n, STATES]``)."""
    count, halo = len(symbols.number), weights.halo + GATE_MARGIN
    scores = np.empty((count, STATES), np.float32)
    scratch = Scratch.of(weights.network, min(count, BLOCK + 2 * halo))
    columns = read_columns(symbols, weights)
    score_symbols(columns, weights.network, scratch, halo, BLOCK, scores)
    return scores


def read_columns(symbols: Symbols, weights: Weights) -> Block:
    """Return all symbols as one block, with distances and word features."""
    count = len(symbols.number)
    left, right = distances(symbols.text, count)
    features = np.empty((count, MAX_WORDS), np.uint8)
    feature_count = np.empty(count, np.uint8)
    find_words(symbols.code, symbols.text, weights.words, features, feature_count)
    return Block(symbols.number, left, right, features, feature_count)


def distances(text: Int64, count: int) -> tuple[UInt8, UInt8]:
    """Return each symbol's distance to the start and to the end of its text, at most 255."""
    left, right = np.empty(count, np.uint8), np.empty(count, np.uint8)
    write_distances(text, left, right)
    return left, right

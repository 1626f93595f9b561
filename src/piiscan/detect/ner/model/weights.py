"""Weights of the name tagger: the npz file of the package, decoded into arrays and tables."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from io import BytesIO
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from piiscan.arrays import Float32, Int8, Int32, UInt16, UInt32
from piiscan.detect.ner.model.byte_products import pack_weights, processor_way
from piiscan.detect.ner.model.dictionary_words import build_hash_table
from piiscan.detect.ner.model.symbols import build_fold_table, build_number_table

#: Names of the kinds of spans, by number; the tagger reports the first three.
KINDS: Final = ("PERSON", "ADDRESS", "ORGANIZATION", "LOCATION")
#: Outside, then begin, inside, end and single of each kind.
STATES: Final = 1 + 4 * len(KINDS)
#: Byte that stands for 0 in embedding sums, which are cut to -128 to 127.
EMBEDDING_ZERO: Final = 128


class Layer(NamedTuple):
    """One convolution: packed weights of its three taps, stacked.

    ``sums = start + inputs @ weights``; scaled and with ``bias`` they are its outputs.

    Attributes:
        dilation: distance of the outer taps in symbols
        part: inputs from each outer tap
        size: inputs of all taps, padded to a multiple of four
        zero: input that stands for the number 0
        packed, start: see :func:`pack_weights`
        scale, bias: of each output
    """

    dilation: int
    part: int
    size: int
    zero: int
    packed: Int8
    start: Int32
    scale: Float32
    bias: Float32


class Network(NamedTuple):
    """Arrays of the network that kernels read: see :class:`Weights`."""

    characters: Int8
    pairs: Int8
    places: Int8
    layers: tuple[Layer, ...]
    gate: Int8
    gate_threshold: np.float32
    gate_depth: int
    out: Layer


@dataclass(frozen=True)
class Weights:
    """Weights and tables of the name tagger.

    Attributes:
        folded: table of code point -> folded code point
        numbered: table of folded code point -> symbol number
        words: hash table of the dictionary
        characters, pairs, places: embedding tables
        layers: convolutions in order
        gate, gate_threshold: weights and threshold of the gate
        gate_depth: number of layers before the gate
        out: last layer, one output a state
        calibration: table of confidence -> score
    """

    folded: UInt16
    numbered: UInt16
    words: UInt32
    characters: Int8
    pairs: Int8
    places: Int8
    layers: tuple[Layer, ...]
    gate: Int8
    gate_threshold: np.float32
    gate_depth: int
    out: Layer
    calibration: Float32

    @cached_property
    def halo(self) -> int:
        """Return the distance in symbols over which one symbol influences others."""
        return sum(layer.dilation for layer in self.layers) + 1

    @cached_property
    def network(self) -> Network:
        """Return the arrays that kernels read."""
        return Network(
            self.characters, self.pairs, self.places, self.layers,
            self.gate, self.gate_threshold, self.gate_depth, self.out,
        )  # fmt: skip


def read_weights(content: bytes) -> Weights:
    """Decode the weights from the content of an npz file; the file cannot run code."""
    with np.load(BytesIO(content), allow_pickle=False) as archive:
        parts = {name: archive[name] for name in archive.files}
    layers, width, zero = [], parts["characters"].shape[1], EMBEDDING_ZERO
    for at, dilation in enumerate(parts["reaches"].tolist()):
        layers.append(read_layer(parts, f"layer{at}", dilation=dilation, width=width, zero=zero))
        width, zero = len(layers[-1].bias), 0
    old, new = (bytes(parts[name]).decode("utf-8") for name in ("old", "new"))
    return Weights(
        folded=build_fold_table((old, new)),
        numbered=build_number_table(bytes(parts["vocabulary"]).decode("utf-8")),
        words=build_hash_table(parts["word_steps"], parts["word_kinds"]),
        characters=parts["characters"].astype(np.int8),
        pairs=parts["pairs"].astype(np.int8),
        places=parts["places"].astype(np.int8),
        layers=tuple(layers),
        gate=parts["gate"].astype(np.int8),
        gate_threshold=np.float32(parts["least"]),
        gate_depth=int(parts["gate_depth"]),
        out=read_layer(parts, "out", dilation=0, width=width, zero=0),
        calibration=parts["calibration"].astype(np.float32),
    )


def read_layer(
    parts: dict[str, npt.NDArray[np.generic]],
    name: str,
    *,
    dilation: int,
    width: int,
    zero: int,
) -> Layer:
    """Return the layer ``name`` from the arrays of a file.

    ``width``: number of activations that it reads of each symbol.  ``zero``: input that stands for
    the number 0.
    """
    weights = parts[f"{name}_weights"].astype(np.int64)
    packed, start = pack_weights(weights, zero, processor_way())
    count = len(weights)
    part = (width if count == 3 * width else width // 3) if dilation else 0
    return Layer(
        dilation=dilation,
        part=part,
        size=-(-count // 4) * 4,
        zero=zero,
        packed=packed,
        start=start,
        scale=parts[f"{name}_scale"].astype(np.float32),
        bias=parts[f"{name}_bias"].astype(np.float32),
    )


@cache
def packaged_weights() -> Weights:
    """Return the weights in this package."""
    return read_weights(resources.files("piiscan.data").joinpath("names.npz").read_bytes())

"""Weights of the name tagger: the npz file of the package, decoded into arrays and tables."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from io import BytesIO
from typing import Final

import numpy as np
import numpy.typing as npt

from piiscan.arrays import Float32, Int8, Int64, UInt16, UInt32
from piiscan.detect.ner.model.dictionary_words import build_hash_table
from piiscan.detect.ner.model.symbols import build_fold_table, build_number_table

#: Names of the kinds of spans, by number; the tagger reports the first three.
KINDS: Final = ("PERSON", "ADDRESS", "ORGANIZATION", "LOCATION")
#: Outside, then begin, inside, end and single of each kind.
STATES: Final = 1 + 4 * len(KINDS)


@dataclass(frozen=True, slots=True)
class Layer:
    """One convolution: weights of its three taps, stacked; integers stored as floats.

    ``dilation``: distance of the outer taps in symbols.
    """

    dilation: int
    weights: Float32
    scale: Float32
    bias: Float32


@dataclass(frozen=True)
class Weights:
    """Weights and tables of the name tagger.

    Attributes:
        folded: table of code point -> folded code point
        numbered: table of folded code point -> symbol number
        words: hash table of the dictionary
        characters, pairs, places: embedding tables
        layers, dilations: convolutions in order, and the distance of the outer taps of each
        gate, gate_threshold: weights and threshold of the gate after the first layer
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
    dilations: Int64
    gate: Float32
    gate_threshold: np.float32
    out: Layer
    calibration: Float32

    @cached_property
    def halo(self) -> int:
        """Return the distance in symbols over which one symbol influences others."""
        return sum(layer.dilation for layer in self.layers) + 1

    @cached_property
    def buffer_widths(self) -> tuple[int, int, int, int]:
        """Return the width of embedding sums, activations, taps and outputs of a layer."""
        width, taps = len(self.layers[0].bias), max(len(each.weights) for each in self.layers)
        return self.characters.shape[1], width, taps, width


def read_weights(content: bytes) -> Weights:
    """Decode the weights from the content of an npz file; the file cannot run code."""
    with np.load(BytesIO(content), allow_pickle=False) as archive:
        parts = {name: archive[name] for name in archive.files}
    layers = []
    for at, dilation in enumerate(parts["reaches"].tolist()):
        layers.append(read_layer(parts, f"layer{at}", dilation=dilation))
    old, new = (bytes(parts[name]).decode("utf-8") for name in ("old", "new"))
    return Weights(
        folded=build_fold_table((old, new)),
        numbered=build_number_table(bytes(parts["vocabulary"]).decode("utf-8")),
        words=build_hash_table(parts["word_steps"], parts["word_kinds"]),
        characters=parts["characters"].astype(np.int8),
        pairs=parts["pairs"].astype(np.int8),
        places=parts["places"].astype(np.int8),
        layers=tuple(layers),
        dilations=np.array([layer.dilation for layer in layers], np.int64),
        gate=parts["gate"].astype(np.float32),
        gate_threshold=np.float32(parts["least"]),
        out=read_layer(parts, "out", dilation=0),
        calibration=parts["calibration"].astype(np.float32),
    )


def read_layer(parts: dict[str, npt.NDArray[np.generic]], name: str, *, dilation: int) -> Layer:
    """Return the layer ``name`` from the arrays of a file."""
    return Layer(
        dilation=dilation,
        weights=np.ascontiguousarray(parts[f"{name}_weights"], dtype=np.float32),
        scale=parts[f"{name}_scale"].astype(np.float32),
        bias=parts[f"{name}_bias"].astype(np.float32),
    )


@cache
def packaged_weights() -> Weights:
    """Return the weights in this package."""
    return read_weights(resources.files("piiscan.data").joinpath("names.npz").read_bytes())

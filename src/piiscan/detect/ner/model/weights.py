"""Weights of the name tagger: the npz file of the package, decoded into arrays and tables."""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from io import BytesIO
from typing import Final, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from piiscan.arrays import AnyArray, Float32, Int8, Int32, Int64, UInt8, UInt16, UInt32
from piiscan.bundles import arrays_of, bundle_of
from piiscan.cache import stored_tables
from piiscan.detect.ner.model.network_kernels import fill_hash_table
from piiscan.detect.ner.model.network_numbers import (
    COLUMNS,
    EMBEDDING_ZERO,
    MAX_GROUPS,
    PLANE,
    SLOTS,
)
from piiscan.detect.ner.model.symbols import build_fold_table, build_number_table
from piiscan.table_file import Arrays

T = TypeVar("T", bound=np.generic)

#: Names of the kinds of spans, by number; the tagger reports the first three.
KINDS: Final = ("PERSON", "ADDRESS", "ORGANIZATION", "LOCATION")


class Layer(NamedTuple):
    """Convolution layer: packed weights of its three taps, scale and bias.

    ``sums = start + inputs @ weights``; scaled and with ``bias`` they are its outputs.  Arrays of
    outputs are padded with zeros to whole blocks of COLUMNS.

    Attributes:
        dilation: distance of the outer taps in symbols
        zero: input that stands for the number 0
        adds_inputs: True if a symbol's inputs are added to its outputs, as many as they are
        taps: first input, and number of groups of four inputs, of the symbol before, the symbol
            itself and the symbol behind
        packed, start: see :func:`pack_weights`
        scale, bias: of each output
    """

    dilation: int
    zero: int
    adds_inputs: bool
    taps: Int64
    packed: Int8
    start: Int32
    scale: Float32
    bias: Float32


class Network(NamedTuple):
    """Arrays of the network for kernels, padded to whole blocks (:class:`Weights`)."""

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
        """Return the distance, in symbols, over which a symbol influences others."""
        return sum(layer.dilation for layer in self.layers) + 1

    @cached_property
    def network(self) -> Network:
        """Return the arrays that kernels read."""
        return Network(
            pad(self.characters, COLUMNS), pad(self.pairs, COLUMNS), pad(self.places, COLUMNS),
            self.layers,
            pad(self.gate, COLUMNS),
            self.gate_threshold, self.gate_depth, self.out,
        )  # fmt: skip


def read_weights(content: bytes) -> Weights:
    """Decode the weights from the content of an npz file; the file cannot run code."""
    with np.load(BytesIO(content), allow_pickle=False) as archive:
        parts = {name: archive[name] for name in archive.files}
    layers, width, zero = [], parts["characters"].shape[1], EMBEDDING_ZERO
    for at, dilation in enumerate(parts["reaches"].tolist()):
        layers.append(read_layer(parts, f"layer{at}", dilation=dilation, width=width, zero=zero))
        width, zero = parts[f"layer{at}_bias"].size, 0
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
    parts: dict[str, npt.NDArray[np.generic]], name: str, *, dilation: int, width: int, zero: int
) -> Layer:
    """Return the layer ``name`` from the arrays of a file.

    ``width``: number of activations that it reads of each symbol.  ``zero``: input that stands for
    the number 0.
    """
    weights = parts[f"{name}_weights"].astype(np.int64)
    scale, bias = (parts[f"{name}_{each}"].astype(np.float32) for each in ("scale", "bias"))
    if not dilation:
        parts_of_taps = [(0, 0), (0, width), (0, 0)]
    elif len(weights) == 3 * width:
        parts_of_taps = [(0, width)] * 3
    else:  # a third of each symbol
        third = width // 3
        parts_of_taps = [(0, third), (third, width - 2 * third), (width - third, third)]
    taps, rows = list[tuple[int, int]](), list[Int64]()
    for first, count in parts_of_taps:
        size = -(-count // 4) * 4
        begin = min(first, -(-width // COLUMNS) * COLUMNS - size)
        taps.append((begin, size // 4))
        above = np.zeros((first - begin, len(bias)), np.int64)
        rows += [above, weights[:count], np.zeros((size - count - len(above), len(bias)), np.int64)]
        weights = weights[count:]
    packed, start = pack_weights(np.concatenate(rows), zero)
    return Layer(
        dilation=dilation,
        zero=zero,
        adds_inputs=width == len(bias),
        taps=np.array(taps, np.int64),
        packed=packed,
        start=start,
        scale=pad(scale, COLUMNS),
        bias=pad(bias, COLUMNS),
    )


def pack_weights(weights: Int64, zero: int) -> tuple[Int8, Int32]:
    """Pack weights ``[inputs, columns]`` for byte_products.h: (packed, two starting sums).

    ``zero``: input that stands for the number 0.  The second start is for inputs less 128.
    Raise ValueError if there are too many inputs, or no multiple of four.
    """
    size, columns = len(weights), -(-weights.shape[1] // COLUMNS) * COLUMNS
    if size % 4 or size > 4 * MAX_GROUPS:
        raise ValueError(size)
    padded = np.zeros((size, columns), np.int64)
    padded[:, : weights.shape[1]] = weights
    start = padded.sum(0) * np.array([[-zero], [128 - zero]])
    blocks = padded.reshape(size // 4, 4, -1, COLUMNS).transpose(2, 0, 3, 1)
    return np.ascontiguousarray(blocks, np.int8).reshape(-1), start.astype(np.int32)


def pad(array: npt.NDArray[T], multiple: int) -> npt.NDArray[T]:
    """Pad ``array`` with zeros to a width that is a multiple of ``multiple``."""
    rest = -array.shape[-1] % multiple
    return np.pad(array, [(0, 0)] * (array.ndim - 1) + [(0, rest)]) if rest else array


@cache
def packaged_weights() -> Weights:
    """Return the shipped weights, decoded."""
    content = resources.files("piiscan.data").joinpath("names.npz").read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    arrays = stored_tables("names", digest, lambda: _weight_arrays(content), fits=_fit)
    weights = bundle_of(Weights, arrays)
    count = sum(name.endswith(".packed") for name in arrays) - 1  # without the last layer
    layers = [bundle_of(Layer, arrays, f"layers.{at}.") for at in range(count)]
    return dataclasses.replace(weights, layers=tuple(layers))


def _weight_arrays(content: bytes) -> dict[str, AnyArray]:
    """Return the decoded weights of an npz file as arrays by name."""
    weights = read_weights(content)
    arrays = arrays_of(dataclasses.replace(weights, layers=()))
    for at, layer in enumerate(weights.layers):
        arrays |= arrays_of(layer, f"layers.{at}.")
    return arrays


def _fit(arrays: Arrays) -> bool:
    """Return True if the tables have the sizes that kernels need."""
    return len(arrays["folded"]) == len(arrays["numbered"]) == PLANE and (
        int(arrays["numbered"].max()) < len(arrays["characters"])
    )


def build_hash_table(steps: UInt16, kinds: UInt8) -> UInt32:
    """Build the hash table of a packed list of words: ``uint32[SLOTS]`` of hash and class.

    The network has features of words that start, end or contain a symbol: ``长沙市`` in a list of
    places gives 长, 沙 and 市 one feature each.
    """
    numbers = np.cumsum(steps, dtype=np.int64)
    table = np.zeros(SLOTS, np.uint32)
    fill_hash_table(numbers, kinds, table)
    return table

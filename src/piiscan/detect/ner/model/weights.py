"""The weights of the tagger as the wheel carries them, and made ready to run."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from io import BytesIO
from typing import Final

import numpy as np
import numpy.typing as npt

from piiscan.arrays import Float32, Int8, UInt16, UInt32

from .dictionary_words import spread
from .symbols import folding, numbering

#: What the kinds of spans are called, by number; the tagger gives the first three.
KINDS: Final = ("PERSON", "ADDRESS", "ORGANIZATION", "LOCATION")
#: Outside, then begin, inside, end and single of each kind.
STATES: Final = 1 + 4 * len(KINDS)


@dataclass(frozen=True, slots=True)
class Layer:
    """One convolution: weights of three taps below one another, whole numbers held as floats."""

    reach: int
    weights: Float32
    scale: Float32
    bias: Float32


@dataclass(frozen=True, slots=True)
class Weights:
    """Everything that the tagger knows."""

    folded: UInt16
    numbered: UInt16
    words: UInt32
    characters: Int8
    pairs: Int8
    places: Int8
    layers: tuple[Layer, ...]
    gate: Float32
    least: np.float32
    out: Layer
    calibration: Float32

    @property
    def halo(self) -> int:
        """How many symbols away one symbol can change what is said of another."""
        return sum(layer.reach for layer in self.layers) + 1


def read_weights(content: bytes) -> Weights:
    """The weights in an npz file; nothing in such a file is run."""
    with np.load(BytesIO(content), allow_pickle=False) as held:
        parts = {name: held[name] for name in held.files}
    layers = []
    for at, reach in enumerate(parts["reaches"].tolist()):
        layers.append(layer(parts, f"layer{at}", reach=reach))
    old, new = (bytes(parts[name]).decode("utf-8") for name in ("old", "new"))
    return Weights(
        folded=folding((old, new)),
        numbered=numbering(bytes(parts["vocabulary"]).decode("utf-8")),
        words=spread(parts["word_steps"], parts["word_kinds"]),
        characters=parts["characters"].astype(np.int8),
        pairs=parts["pairs"].astype(np.int8),
        places=parts["places"].astype(np.int8),
        layers=tuple(layers),
        gate=parts["gate"].astype(np.float32),
        least=np.float32(parts["least"]),
        out=layer(parts, "out", reach=0),
        calibration=parts["calibration"].astype(np.float32),
    )


def layer(parts: dict[str, npt.NDArray[np.generic]], name: str, *, reach: int) -> Layer:
    """One layer out of the parts of a file."""
    return Layer(
        reach=reach,
        weights=np.ascontiguousarray(parts[f"{name}_weights"], dtype=np.float32),
        scale=parts[f"{name}_scale"].astype(np.float32),
        bias=parts[f"{name}_bias"].astype(np.float32),
    )


@cache
def shipped() -> Weights:
    """The weights in this package."""
    return read_weights(resources.files("piiscan.data").joinpath("names.npz").read_bytes())

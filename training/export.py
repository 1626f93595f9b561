"""Export of trained weights: quantize them to 8 bits and pack the file that the tagger reads."""

from __future__ import annotations

from io import BytesIO
from typing import Final

import numpy as np

from piiscan.arrays import AnyArray, UInt8

from .train_network import STEPS_PER_UNIT, TrainingConfig

Arrays = dict[str, AnyArray]
PASS_ALL: Final = np.float32(-(2**24))  # threshold of a gate that passes every symbol


def quantize(parameters: Arrays, config: TrainingConfig) -> Arrays:
    """Quantize all embedding tables, layers and the gate to integers; it passes every symbol."""
    parts: Arrays = {
        "reaches": np.array(config.reaches, np.int64),
        "gate_depth": np.array(config.gate_depth),
    }
    for name in ("characters", "pairs", "places"):
        rows = np.rint(parameters[name] * STEPS_PER_UNIT).clip(-127, 127).astype(np.int8)
        if name == "places":
            rows[0] = 0
        parts[name] = rows
    for at in range(len(config.reaches)):
        parts |= quantize_layer(parameters, f"layer{at}", units=STEPS_PER_UNIT)
    gate = quantize_layer(parameters, "gate", units=1.0)["gate_weights"][:, 0]
    parts |= {"gate": gate, "least": np.array(PASS_ALL)}
    return parts | quantize_layer(parameters, "out", units=1.0)


def quantize_layer(parameters: Arrays, name: str, *, units: float) -> Arrays:
    """Quantize the layer ``name`` to 8-bit weights, with scales and biases.

    ``units``: integer steps per unit of the layer's output.
    Raise ValueError if a sum could exceed 2**24, from where float32 is no longer exact.
    """
    weights = parameters[f"{name}_weights"]
    scale = np.maximum(np.abs(weights).max(0), 1e-6) / 127
    bound = np.abs(np.rint(weights / scale)).sum(0).max() * 255
    if bound >= 2**24:
        raise ValueError(f"sums of {name} could pass 2**24")
    return {
        f"{name}_weights": np.rint(weights / scale).astype(np.int8),
        f"{name}_scale": (scale * (units / STEPS_PER_UNIT)).astype(np.float32),
        f"{name}_bias": (parameters[f"{name}_bias"] * units).astype(np.float32),
    }


def pack_file(parts: Arrays) -> bytes:
    """Return ``parts`` as the bytes of a compressed npz file."""
    out = BytesIO()
    np.savez_compressed(out, **parts)  # type: ignore[arg-type]
    return out.getvalue()


def text_bytes(text: str) -> UInt8:
    """Return ``text`` as UTF-8 bytes in an array."""
    return np.frombuffer(text.encode("utf-8"), np.uint8)

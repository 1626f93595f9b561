"""Trained weights written as the file that the tagger reads, and calibrated."""

from __future__ import annotations

from io import BytesIO

import numpy as np

from piiscan.arrays import AnyArray, UInt8

from .fit import UNITS, Plan

Arrays = dict[str, AnyArray]


def whole(held: Arrays, plan: Plan) -> Arrays:
    """Every table and layer in whole numbers."""
    parts: Arrays = {"reaches": np.array(plan.reaches, np.int64)}
    for name in ("characters", "pairs", "places"):
        rows = np.rint(held[name] * UNITS).clip(-127, 127).astype(np.int8)
        if name == "places":
            rows[0] = 0
        parts[name] = rows
    for at in range(len(plan.reaches)):
        parts |= layer(held, f"layer{at}", units=UNITS)
    return parts | layer(held, "out", units=1.0) | open_gate(plan.width)


def open_gate(width: int) -> Arrays:
    """A gate that lets every symbol through."""
    return {"gate": np.zeros(width, np.int8), "least": np.array(-1, np.float32)}


def layer(held: Arrays, name: str, *, units: float) -> Arrays:
    """One layer: weights of a byte, what one of them is worth, and the bias."""
    weights = held[f"{name}_weights"]
    scale = np.maximum(np.abs(weights).max(0), 1e-6) / 127
    bound = np.abs(np.rint(weights / scale)).sum(0).max() * 255
    if bound >= 2**24:
        raise ValueError(f"sums of {name} could pass 2**24")
    return {
        f"{name}_weights": np.rint(weights / scale).astype(np.int8),
        f"{name}_scale": (scale * (units / UNITS)).astype(np.float32),
        f"{name}_bias": (held[f"{name}_bias"] * units).astype(np.float32),
    }


def pack_file(parts: Arrays) -> bytes:
    """The parts as a compressed npz file."""
    out = BytesIO()
    np.savez_compressed(out, **parts)  # type: ignore[arg-type]
    return out.getvalue()


def text_part(text: str) -> UInt8:
    """A text as bytes in an array."""
    return np.frombuffer(text.encode("utf-8"), np.uint8)

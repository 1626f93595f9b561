"""A weights file as the network that training continues from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO

import numpy as np

from piiscan.detect.ner.model.network_numbers import HANZI
from piiscan.detect.ner.model.weights import read_weights

from .export import Arrays
from .gate import gate_sums
from .rounds import Member, TrainingData
from .train_network import STEPS_PER_UNIT
from .vocabulary import load_vocabulary

LEAST_ODDS, MEDIAN_ODDS = -3.0, 3.0  # log odds at the gate's threshold and of the median in spans


def read_member(content: bytes, training_data: TrainingData, tag_count: int) -> Member:
    """Return the network of the weights file ``content``, with parameters in floating point.

    Characters and words that its vocabulary lacks are added. They begin as unknown characters.
    """
    with np.load(BytesIO(content), allow_pickle=False) as archive:
        parts = {name: archive[name] for name in archive.files}
    old = bytes(parts["vocabulary"]).decode("utf-8")
    fresh = load_vocabulary(training_data.texts, training_data.tables)
    added = [char for char in fresh.characters if char not in set(old)]
    vocabulary = replace(fresh, characters=old + "".join(added))
    arrays = float_arrays(parts) | gate_arrays(content, training_data.texts[::40])
    unknown = arrays["characters"][[HANZI] * len(added)]
    arrays["characters"] = np.concatenate([arrays["characters"], unknown])
    arrays["auxiliary_weights"] = np.zeros((len(arrays["out_weights"]), tag_count), np.float32)
    arrays["auxiliary_bias"] = np.zeros(tag_count, np.float32)
    return Member(arrays, vocabulary, content)


def float_arrays(parts: Arrays) -> Arrays:
    """Return the tables and layers of a weights file in floating point; ``quantize`` undoes it."""
    arrays = {
        name: (parts[name] / STEPS_PER_UNIT).astype(np.float32)
        for name in ("characters", "pairs", "places")
    }
    layers = [f"layer{at}" for at in range(len(parts["reaches"]))]
    for name, units in [*((layer, STEPS_PER_UNIT) for layer in layers), ("out", 1.0)]:
        scale = parts[f"{name}_scale"] * (STEPS_PER_UNIT / units)
        arrays[f"{name}_weights"] = (parts[f"{name}_weights"] * scale).astype(np.float32)
        arrays[f"{name}_bias"] = (parts[f"{name}_bias"] / units).astype(np.float32)
    return arrays


def gate_arrays(content: bytes, texts: Sequence[str]) -> Arrays:
    """Return the gate's parameters: the log odds that a symbol is in a span, from its sums."""
    weights = read_weights(content)
    sums, inside = gate_sums(weights, texts)
    step = (MEDIAN_ODDS - LEAST_ODDS) / (np.median(sums[inside]) - weights.gate_threshold)
    return {
        "gate_weights": (weights.gate[:, None] * step * STEPS_PER_UNIT).astype(np.float32),
        "gate_bias": np.array([LEAST_ODDS - step * weights.gate_threshold], np.float32),
    }

"""Training of the network in PyTorch, with weights rounded to integers (quantization-aware)."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from piiscan.arrays import Int64
from piiscan.detect.ner.model.dictionary_words import ROWS
from piiscan.detect.ner.model.network import distances
from piiscan.detect.ner.model.symbols import HANZI
from piiscan.detect.ner.model.weights import STATES

from .encode import UNLABELLED, Encoded

STEPS_PER_UNIT = 16.0  # integer steps of one unit
Parameters = dict[str, Any]


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """Sizes of the network and settings of its training.

    The first ``full_layers`` layers read all channels of three symbols. Later layers read a third
    of each of the three symbols.
    """

    characters: int
    pairs: int = 1 << 15
    embedding: int = 64
    width: int = 128
    reaches: tuple[int, ...] = (1, 1, 2, 3, 4, 6)
    full_layers: int = 1
    tag_count: int = 0
    batch: int = 4096
    steps: int = 1500
    learning_rate: float = 3e-3
    auxiliary_weight: float = 0.3
    dropout: float = 0.08
    unknown_share: float = 0.01
    label_weight: float = 0.3  # weight of the label if an ensemble's probabilities are known
    seed: int = 1


def initial_parameters(config: TrainingConfig) -> Parameters:
    """Return random parameters for a network of these sizes."""
    import torch

    torch.manual_seed(config.seed)
    size = config.embedding
    parameters = {
        "characters": torch.randn(config.characters, size) * 0.3,
        "pairs": torch.randn(config.pairs, size) * 0.1,
        "places": torch.randn(ROWS, size) * 0.2,
    }
    inputs = size
    for at in range(len(config.reaches)):
        rows = 3 * inputs if at < config.full_layers else inputs
        parameters[f"layer{at}_weights"] = torch.randn(rows, config.width) / math.sqrt(rows)
        parameters[f"layer{at}_bias"] = torch.zeros(config.width)
        inputs = config.width
    parameters["out_weights"] = torch.randn(inputs, STATES) / math.sqrt(inputs)
    parameters["out_bias"] = torch.zeros(STATES)
    if config.tag_count:
        parameters["auxiliary_weights"] = torch.randn(inputs, config.tag_count) / math.sqrt(inputs)
        parameters["auxiliary_bias"] = torch.zeros(config.tag_count)
    return {name: value.requires_grad_() for name, value in parameters.items()}


def round_to(value: Any, scale: Any) -> Any:
    """Round ``value`` to whole steps of ``scale``. Gradients pass unchanged (straight-through)."""
    return value + ((value / scale).round() * scale - value).detach()


def quantize_weights(weights: Any) -> Any:
    """Round ``weights`` to 255 steps, with one scale per output."""
    scale = weights.detach().abs().amax(0).clamp_min(1e-6) / 127
    return round_to(weights, scale)


def quantize_rows(rows: Any) -> Any:
    """Round embedding ``rows`` to the steps of a signed byte."""
    return round_to(rows, 1 / STEPS_PER_UNIT).clamp(-127 / STEPS_PER_UNIT, 127 / STEPS_PER_UNIT)


def forward(
    parameters: Parameters, batch: Parameters, config: TrainingConfig, *, dropout: float
) -> Any:
    """Return the last layer's activations for each symbol of a batch (PyTorch tensor)."""
    import torch
    from torch.nn import functional

    # Only the rows that a batch reads are rounded: the tables are far larger than a batch.
    x = quantize_rows(functional.embedding(batch["number"], parameters["characters"]))
    x = x + quantize_rows(functional.embedding(batch["pair"], parameters["pairs"]))
    places = quantize_rows(parameters["places"])
    places = torch.cat([torch.zeros_like(places[:1]), places[1:]])
    x = x + functional.embedding_bag(batch["rows"], places, mode="sum", padding_idx=0)
    x = x.clamp(-255 / STEPS_PER_UNIT, 255 / STEPS_PER_UNIT)
    for at, reach in enumerate(config.reaches):
        first, last = (
            (x.shape[1] // 3, x.shape[1] - x.shape[1] // 3)
            if at >= config.full_layers
            else (None, 0)
        )
        earlier, later = x[:, :first], x[:, last:]
        window = [shifted(earlier, -reach, batch["left"]), x, shifted(later, reach, batch["right"])]
        if at >= config.full_layers:
            window[1] = x[:, first:last]
        y = (
            torch.cat(window, 1) @ quantize_weights(parameters[f"layer{at}_weights"])
            + parameters[f"layer{at}_bias"]
        )
        if y.shape[1] == x.shape[1]:
            y = y + x
        y = round_to(y.clamp(0, 255 / STEPS_PER_UNIT), 1 / STEPS_PER_UNIT)
        x = y
    return functional.dropout(x, dropout) if dropout else x


def shifted(x: Any, reach: int, distance: Any) -> Any:
    """Shift the rows of ``x`` by ``reach``; rows outside of their text become zeros.

    ``distance``: number of rows from each row to the start or end of its text.
    """
    import torch

    moved = torch.roll(x, -reach, 0)
    return moved * (distance >= abs(reach)).unsqueeze(1)


def output_scores(parameters: Parameters, x: Any, name: str) -> Any:
    """Return the scores of an output layer: ``out`` for states, ``auxiliary`` for tags."""
    return x @ quantize_weights(parameters[f"{name}_weights"]) + parameters[f"{name}_bias"]


def batches(
    data: Encoded, config: TrainingConfig, random: np.random.Generator
) -> Iterator[Parameters]:
    """Yield batches without end. Each pass has the lines in a new random order."""
    length = np.diff(data.line_starts)
    while True:
        order = random.permutation(len(length))
        cut = np.flatnonzero(np.diff(np.cumsum(length[order]) // config.batch)) + 1
        for chosen in np.split(order, cut):
            yield gather_batch(data, chosen, config, random)


def gather_batch(
    data: Encoded, chosen: Int64, config: TrainingConfig, random: np.random.Generator
) -> Parameters:
    """Collect the encoded lines ``chosen`` as PyTorch tensors.

    A few characters are replaced by the unknown symbol.
    """
    import torch

    length = data.line_starts[chosen + 1] - data.line_starts[chosen]
    text = np.zeros(len(chosen) + 1, np.int64)
    np.cumsum(length, out=text[1:])
    symbol_index = np.arange(text[-1]) + np.repeat(data.line_starts[chosen] - text[:-1], length)
    left, right = distances(text, len(symbol_index))
    number = data.number[symbol_index].astype(np.int64)
    if config.unknown_share:
        number[(random.random(len(number)) < config.unknown_share) & (number > 300)] = HANZI
    shares = (
        {}
        if data.probabilities is None
        else {"shares": torch.from_numpy(data.probabilities[symbol_index])}
    )
    return shares | {
        "number": torch.from_numpy(number),
        "pair": torch.from_numpy(data.pair[symbol_index].astype(np.int64)),
        "rows": torch.from_numpy(data.word_rows[symbol_index].astype(np.int64)),
        "left": torch.from_numpy(left.astype(np.int32)),
        "right": torch.from_numpy(right.astype(np.int32)),
        "state": torch.from_numpy(data.state[symbol_index].astype(np.int64)),
        "auxiliary": torch.from_numpy(data.auxiliary[symbol_index].astype(np.int64)),
    }


def label_loss(out: Any, batch: Parameters, config: TrainingConfig) -> Any:
    """Return the loss of the scores ``out``: the cross entropy with the labels of the batch.

    If the batch has probabilities of an ensemble, they are mixed with the labels.
    """
    from torch.nn import functional

    if "shares" not in batch:
        return functional.cross_entropy(
            out, batch["state"], ignore_index=UNLABELLED, label_smoothing=0.02
        )
    labelled = batch["state"] != UNLABELLED
    target = batch["shares"].float() / 255
    label = functional.one_hot(batch["state"].clamp_min(0), target.shape[1])
    part = config.label_weight * labelled.unsqueeze(1)
    target = (1 - part) * target + part * label
    return -(target * functional.log_softmax(out, 1)).sum(1).mean()


def train(
    data: Encoded,
    config: TrainingConfig,
    *,
    report: Callable[[str], None],
    parameters: Parameters | None = None,
) -> Parameters:
    """Train the network for ``config.steps`` batches and return its parameters.

    ``parameters`` are changed in place; None starts from random ones. ``report`` gets a line of
    progress every 100 steps.
    """
    import torch
    from torch.nn import functional

    parameters = parameters or initial_parameters(config)
    random = np.random.default_rng(config.seed)
    optimizer = torch.optim.Adam(
        parameters.values(), lr=config.learning_rate, betas=(0.9, 0.98), fused=True
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, config.learning_rate, total_steps=config.steps, pct_start=0.1
    )
    started, symbols_seen, total_loss = time.monotonic(), 0, 0.0
    for step, batch in zip(range(config.steps), batches(data, config, random), strict=False):
        x = forward(parameters, batch, config, dropout=config.dropout)
        loss = label_loss(output_scores(parameters, x, "out"), batch, config)
        total_loss += float(loss.detach())
        if config.tag_count and bool((batch["auxiliary"] != UNLABELLED).any()):
            tag_loss = functional.cross_entropy(
                output_scores(parameters, x, "auxiliary"),
                batch["auxiliary"],
                ignore_index=UNLABELLED,
            )
            loss = loss + config.auxiliary_weight * tag_loss
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(parameters.values()), 1.0)
        optimizer.step()
        schedule.step()
        symbols_seen += len(batch["number"])
        if step % 100 == 99:
            pace = symbols_seen / (time.monotonic() - started)
            report(f"step {step + 1}: loss {total_loss / 100:.4f}, {pace:,.0f} symbols a second")
            total_loss = 0.0
    return parameters

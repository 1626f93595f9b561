"""Training of the network in PyTorch, with weights rounded to integers (quantization-aware)."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from piiscan.arrays import Int64
from piiscan.detect.ner.model.network import distances
from piiscan.detect.ner.model.network_numbers import (
    EMBEDDING_ZERO,
    GATE_MARGIN,
    HANZI,
    ORGANIZATION,
    STATES,
)

from .encode import UNLABELLED, Encoded
from .vocabulary import ROWS

STEPS_PER_UNIT = 16.0  # integer steps of one unit
LABEL_SMOOTHING = 0.02
SPAN_STATES = 5 + 4 * ORGANIZATION  # states below it are outside, or of a kind that is reported
SPAN_WEIGHT = 8.0  # loss weight of a symbol in a span at the gate; outside of spans it is 1
THRESHOLDS = (-3.0, 0.0)  # range of the gate's thresholds in training
Parameters = dict[str, Any]


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """Sizes of the network and settings of its training.

    The layers ``full_layers`` read all channels of three symbols. The others read a third of each
    of the three symbols. The gate stands behind ``gate_depth`` layers. The sizes are those of a
    student.
    """

    characters: int
    pairs: int = 1 << 15
    embedding: int = 64
    width: int = 128
    reaches: tuple[int, ...] = (1, 6, 4, 3, 2, 1)
    full_layers: tuple[int, ...] = (0,)
    gate_depth: int = 2
    tag_count: int = 0
    batch: int = 4096
    steps: int = 1500
    learning_rate: float = 3e-3
    auxiliary_weight: float = 0.3
    dropout: float = 0.08
    unknown_share: float = 0.01
    wordless_share: float = 0.1  # share of the lines that are read without dictionary words
    label_weight: float = 0.3  # weight of the label if an ensemble's probabilities are known
    gate_weight: float = 0.2  # weight of the gate's loss
    open_share: float = 0.25  # share of the steps, the first ones, in which every symbol passes
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
        rows = 3 * inputs if at in config.full_layers else inputs
        parameters[f"layer{at}_weights"] = torch.randn(rows, config.width) / math.sqrt(rows)
        parameters[f"layer{at}_bias"] = torch.zeros(config.width)
        inputs = config.width
    parameters["gate_weights"] = torch.zeros(config.width, 1)
    parameters["gate_bias"] = torch.zeros(1)
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


class Activations(NamedTuple):
    """Outputs of the layers for each symbol of a batch (PyTorch tensors).

    ``last``: activations of the last layer. ``gate``: logarithm of the odds that it is in a span.
    ``passes``: True if it, or one at most GATE_MARGIN from it, passes the gate.
    """

    last: Any
    gate: Any
    passes: Any


def forward(
    parameters: Parameters,
    batch: Parameters,
    config: TrainingConfig,
    *,
    dropout: float,
    threshold: float,
) -> Activations:
    """Run the layers on a batch.

    ``threshold``: least value of ``gate`` that passes. The layers behind the gate leave the other
    symbols as they are.
    """
    import torch
    from torch.nn import functional

    # Only the rows that a batch reads are rounded: the tables are far larger than a batch.
    x = quantize_rows(functional.embedding(batch["number"], parameters["characters"]))
    x = x + quantize_rows(functional.embedding(batch["pair"], parameters["pairs"]))
    places = quantize_rows(parameters["places"])
    places = torch.cat([torch.zeros_like(places[:1]), places[1:]])
    x = x + functional.embedding_bag(batch["rows"], places, mode="sum", padding_idx=0)
    x = x.clamp(-EMBEDDING_ZERO / STEPS_PER_UNIT, (255 - EMBEDDING_ZERO) / STEPS_PER_UNIT)
    for at, reach in enumerate(config.reaches):
        if at == config.gate_depth:
            gate = output_scores(parameters, x, "gate").squeeze(1)
            passes = spread(gate.detach() >= threshold, batch)
        first, last = (
            (x.shape[1] // 3, x.shape[1] - x.shape[1] // 3)
            if at not in config.full_layers
            else (None, 0)
        )
        earlier, later = x[:, :first], x[:, last:]
        window = [shifted(earlier, -reach, batch["left"]), x, shifted(later, reach, batch["right"])]
        if at not in config.full_layers:
            window[1] = x[:, first:last]
        y = (
            torch.cat(window, 1) @ quantize_weights(parameters[f"layer{at}_weights"])
            + parameters[f"layer{at}_bias"]
        )
        if y.shape[1] == x.shape[1]:
            y = y + x
        y = round_to(y.clamp(0, 255 / STEPS_PER_UNIT), 1 / STEPS_PER_UNIT)
        is_open = at < config.gate_depth or threshold == -math.inf
        x = y if is_open else torch.where(passes.unsqueeze(1), y, x)
    return Activations(functional.dropout(x, dropout) if dropout else x, gate, passes)


def spread(passes: Any, batch: Parameters) -> Any:
    """Mark the symbols of a text that are at most GATE_MARGIN from one in ``passes``."""
    for reach in (1,) * GATE_MARGIN:
        sides = shifted(passes, -reach, batch["left"]), shifted(passes, reach, batch["right"])
        passes = passes | sides[0] | sides[1]
    return passes


def shifted(x: Any, reach: int, distance: Any) -> Any:
    """Shift the rows of ``x`` by ``reach``; rows outside of their text become zeros.

    ``distance``: number of rows from each row to the start or end of its text.
    """
    import torch

    inside = distance >= abs(reach)
    return torch.roll(x, -reach, 0) * (inside.unsqueeze(1) if x.ndim > 1 else inside)


def output_scores(parameters: Parameters, x: Any, name: str) -> Any:
    """Return the scores of an output layer: ``out`` for states, ``auxiliary``, ``gate``."""
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

    A few characters are replaced by the unknown symbol. A few lines lose their dictionary words.
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
    rows = data.word_rows[symbol_index].astype(np.int64)
    rows[np.repeat(random.random(len(chosen)) < config.wordless_share, length)] = 0
    shares = (
        {}
        if data.probabilities is None
        else {"shares": torch.from_numpy(data.probabilities[symbol_index])}
    )
    return shares | {
        "number": torch.from_numpy(number),
        "pair": torch.from_numpy(data.pair[symbol_index].astype(np.int64)),
        "rows": torch.from_numpy(rows),
        "left": torch.from_numpy(left.astype(np.int32)),
        "right": torch.from_numpy(right.astype(np.int32)),
        "state": torch.from_numpy(data.state[symbol_index].astype(np.int64)),
        "auxiliary": torch.from_numpy(data.auxiliary[symbol_index].astype(np.int64)),
    }


def target_shares(batch: Parameters, config: TrainingConfig) -> Any:
    """Return the share of each state that is learned: ``[symbols, states]``, all 0 for unlabelled.

    It is that of the label, mixed with the probabilities of an ensemble if the batch has them.
    """
    from torch.nn import functional

    labelled = (batch["state"] != UNLABELLED).unsqueeze(1)
    label = labelled * functional.one_hot(batch["state"].clamp_min(0), STATES)
    if "shares" not in batch:
        return label * (1 - LABEL_SMOOTHING) + labelled * LABEL_SMOOTHING / STATES
    part = config.label_weight * labelled
    return (1 - part) * batch["shares"].float() / 255 + part * label


def label_loss(out: Any, target: Any, passes: Any) -> Any:
    """Return the mean cross entropy of the scores ``out`` and ``target`` of symbols in ``passes``.

    Unlabelled symbols do not count.
    """
    from torch.nn import functional

    counted = passes & (target.sum(1) > 0)
    loss = -(target * functional.log_softmax(out, 1)).sum(1)
    return (loss * counted).sum() / counted.sum().clamp_min(1)


def gate_loss(gate: Any, target: Any) -> Any:
    """Return the mean loss of the values ``gate``: the cross entropy with the share of spans."""
    from torch.nn import functional

    inside = target[:, 1:SPAN_STATES].sum(1)
    loss = functional.binary_cross_entropy_with_logits(
        gate, inside.clamp(0, 1), pos_weight=gate.new_tensor(SPAN_WEIGHT), reduction="none"
    )
    return (loss * (target.sum(1) > 0)).mean()


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
        is_open = step < config.open_share * config.steps
        threshold = -math.inf if is_open else random.uniform(*THRESHOLDS)
        layers = forward(parameters, batch, config, dropout=config.dropout, threshold=threshold)
        target = target_shares(batch, config)
        out = output_scores(parameters, layers.last, "out")
        loss = label_loss(out, target, layers.passes)
        total_loss += float(loss.detach())
        loss = loss + config.gate_weight * gate_loss(layers.gate, target)
        if config.tag_count and bool((batch["auxiliary"] != UNLABELLED).any()):
            tag_loss = functional.cross_entropy(
                output_scores(parameters, layers.last, "auxiliary"),
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

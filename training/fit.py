"""The network in PyTorch, trained with its weights already rounded to whole numbers."""

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

from .encode import UNSAID, Encoded

UNITS = 16.0  # whole numbers a unit
Parameters = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """Sizes of the network and how long it is trained.

    The first ``whole`` layers read all of three symbols; the later ones a third of each.
    """

    characters: int
    pairs: int = 1 << 15
    embedding: int = 64
    width: int = 128
    reaches: tuple[int, ...] = (1, 1, 2, 3, 4, 6)
    whole: int = 1
    tags: int = 0
    batch: int = 4096
    steps: int = 1500
    rate: float = 3e-3
    aside: float = 0.3
    drop: float = 0.08
    unknown: float = 0.01
    told: float = 0.3  # what a line's own label counts where a council has said its opinion
    seed: int = 1


def begin(plan: Plan) -> Parameters:
    """Random weights."""
    import torch

    torch.manual_seed(plan.seed)
    size = plan.embedding
    held = {
        "characters": torch.randn(plan.characters, size) * 0.3,
        "pairs": torch.randn(plan.pairs, size) * 0.1,
        "places": torch.randn(ROWS, size) * 0.2,
    }
    wide = size
    for at in range(len(plan.reaches)):
        rows = 3 * wide if at < plan.whole else wide
        held[f"layer{at}_weights"] = torch.randn(rows, plan.width) / math.sqrt(rows)
        held[f"layer{at}_bias"] = torch.zeros(plan.width)
        wide = plan.width
    held["out_weights"] = torch.randn(wide, STATES) / math.sqrt(wide)
    held["out_bias"] = torch.zeros(STATES)
    if plan.tags:
        held["aside_weights"] = torch.randn(wide, plan.tags) / math.sqrt(wide)
        held["aside_bias"] = torch.zeros(plan.tags)
    return {name: value.requires_grad_() for name, value in held.items()}


def rounded(value: Any, scale: Any) -> Any:
    """``value`` in whole steps of ``scale``; gradients pass as if it were not."""
    return value + ((value / scale).round() * scale - value).detach()


def small(weights: Any) -> Any:
    """Weights in 255 steps, for each output by itself."""
    scale = weights.detach().abs().amax(0).clamp_min(1e-6) / 127
    return rounded(weights, scale)


def table(rows: Any) -> Any:
    """Rows of a table of embeddings in steps that a byte holds."""
    return rounded(rows, 1 / UNITS).clamp(-127 / UNITS, 127 / UNITS)


def run(held: Parameters, batch: Parameters, plan: Plan, *, drop: float) -> Any:
    """What the last layer hands on for each symbol of a batch."""
    import torch
    from torch.nn import functional

    # Only the rows that a batch reads are rounded: the tables are far larger than a batch.
    x = table(functional.embedding(batch["number"], held["characters"]))
    x = x + table(functional.embedding(batch["pair"], held["pairs"]))
    places = table(held["places"])
    places = torch.cat([torch.zeros_like(places[:1]), places[1:]])
    x = x + functional.embedding_bag(batch["rows"], places, mode="sum", padding_idx=0)
    x = x.clamp(-255 / UNITS, 255 / UNITS)
    for at, reach in enumerate(plan.reaches):
        first, last = (
            (x.shape[1] // 3, x.shape[1] - x.shape[1] // 3) if at >= plan.whole else (None, 0)
        )
        before, behind = x[:, :first], x[:, last:]
        taps = [shifted(before, -reach, batch["left"]), x, shifted(behind, reach, batch["right"])]
        if at >= plan.whole:
            taps[1] = x[:, first:last]
        y = torch.cat(taps, 1) @ small(held[f"layer{at}_weights"]) + held[f"layer{at}_bias"]
        if y.shape[1] == x.shape[1]:
            y = y + x
        y = rounded(y.clamp(0, 255 / UNITS), 1 / UNITS)
        x = y
    return functional.dropout(x, drop) if drop else x


def shifted(x: Any, reach: int, room: Any) -> Any:
    """Each row's neighbour at a distance; zeros outside the text."""
    import torch

    moved = torch.roll(x, -reach, 0)
    return moved * (room >= abs(reach)).unsqueeze(1)


def scores(held: Parameters, x: Any, name: str) -> Any:
    """Scores of states or tags."""
    return x @ small(held[f"{name}_weights"]) + held[f"{name}_bias"]


def batches(data: Encoded, plan: Plan, random: np.random.Generator) -> Iterator[Parameters]:
    """Batches without end: lines in a new order each time, laid one behind another."""
    length = np.diff(data.text)
    while True:
        order = random.permutation(len(length))
        cut = np.flatnonzero(np.diff(np.cumsum(length[order]) // plan.batch)) + 1
        for chosen in np.split(order, cut):
            yield gather(data, chosen, plan, random)


def gather(data: Encoded, chosen: Int64, plan: Plan, random: np.random.Generator) -> Parameters:
    """Some lines as tensors; a few characters are made unknown ones."""
    import torch

    length = data.text[chosen + 1] - data.text[chosen]
    text = np.zeros(len(chosen) + 1, np.int64)
    np.cumsum(length, out=text[1:])
    place = np.arange(text[-1]) + np.repeat(data.text[chosen] - text[:-1], length)
    left, right = distances(text, len(place))
    number = data.number[place].astype(np.int64)
    if plan.unknown:
        number[(random.random(len(number)) < plan.unknown) & (number > 300)] = HANZI
    shares = {} if data.shares is None else {"shares": torch.from_numpy(data.shares[place])}
    return shares | {
        "number": torch.from_numpy(number),
        "pair": torch.from_numpy(data.pair[place].astype(np.int64)),
        "rows": torch.from_numpy(data.rows[place].astype(np.int64)),
        "left": torch.from_numpy(left.astype(np.int32)),
        "right": torch.from_numpy(right.astype(np.int32)),
        "state": torch.from_numpy(data.state[place].astype(np.int64)),
        "aside": torch.from_numpy(data.aside[place].astype(np.int64)),
    }


def wrong(out: Any, batch: Parameters, plan: Plan) -> Any:
    """How far scores are from the labels of a batch, or from what a council says of it."""
    from torch.nn import functional

    if "shares" not in batch:
        return functional.cross_entropy(
            out, batch["state"], ignore_index=UNSAID, label_smoothing=0.02
        )
    said = batch["state"] != UNSAID
    target = batch["shares"].float() / 255
    label = functional.one_hot(batch["state"].clamp_min(0), target.shape[1])
    part = plan.told * said.unsqueeze(1)
    target = (1 - part) * target + part * label
    return -(target * functional.log_softmax(out, 1)).sum(1).mean()


def train(
    data: Encoded, plan: Plan, *, tell: Callable[[str], None], held: Parameters | None = None
) -> Parameters:
    """Weights after ``plan.steps`` batches."""
    import torch
    from torch.nn import functional

    held = held or begin(plan)
    random = np.random.default_rng(plan.seed)
    optimizer = torch.optim.Adam(held.values(), lr=plan.rate, betas=(0.9, 0.98), fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, plan.rate, total_steps=plan.steps, pct_start=0.1
    )
    started, seen, lost = time.monotonic(), 0, 0.0
    for step, batch in zip(range(plan.steps), batches(data, plan, random), strict=False):
        x = run(held, batch, plan, drop=plan.drop)
        loss = wrong(scores(held, x, "out"), batch, plan)
        lost += float(loss.detach())
        if plan.tags and bool((batch["aside"] != UNSAID).any()):
            tagged = functional.cross_entropy(
                scores(held, x, "aside"), batch["aside"], ignore_index=UNSAID
            )
            loss = loss + plan.aside * tagged
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(held.values()), 1.0)
        optimizer.step()
        schedule.step()
        seen += len(batch["number"])
        if step % 100 == 99:
            pace = seen / (time.monotonic() - started)
            tell(f"step {step + 1}: loss {lost / 100:.4f}, {pace:,.0f} symbols a second")
            lost = 0.0
    return held

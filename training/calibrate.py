"""How often spans of each sureness are right: the table that makes scores mean something."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from piiscan.arrays import Bool, Float32, Float64, Int8
from piiscan.detect.ner.model.tagger import BESIDE, SENTENCE, WHOLE, Tagger
from piiscan.detect.ner.model.weights import KINDS

from .encode import codes
from .lines import Line
from .silver import DOUBT

STEPS: Final = 16
# As many spans of the expected share are put to each step before counting ...
FLOW: Final = 5.0
CAUTIOUS: Final = 20.0  # ... and so many between rounds, where a score decides what is believed


class Judged(NamedTuple):
    """Spans that a tagger found: how sure, of what kind, standing where, and whether right."""

    sure: Float32
    kind: Int8
    room: Int8
    right: Bool


def plain() -> Float32:
    """The table that leaves a sureness as it is."""
    return np.tile(np.linspace(0, 1, STEPS + 1, dtype=np.float32), (3 * len(KINDS), 1))


class Known(NamedTuple):
    """A line whose spans are known, but for those of kinds that its set does not tell."""

    line: Line
    untold: frozenset[str] = frozenset()


def calibration(tagger: Tagger, known: Sequence[Known], *, flow: float = FLOW) -> Float32:
    """The table of a tagger that still has the plain one, from lines whose spans are known."""
    found = judged(tagger, known)
    table = plain()
    for row in range(len(table)):
        chosen = (found.kind == row % len(KINDS)) & (found.room == row // len(KINDS))
        if chosen.sum() >= 50:
            table[row] = shares(found.sure[chosen], found.right[chosen], flow=flow)
    return table


def judged(tagger: Tagger, known: Sequence[Known]) -> Judged:
    """Each span found; one is right if it shares a character with a known span of its kind.

    Spans that touch a doubtful place, and those of kinds that are not told there, are left out.
    """
    lines = [each.line for each in known]
    points, offsets = codes([line.text for line in lines])
    found = tagger.spans(points, offsets)
    held = np.zeros((len(points) + 1, len(KINDS) + 1), np.int32)
    for at, line in enumerate(lines):
        for start, end, kind in line.spans:
            column = KINDS.index(kind) if kind != DOUBT else len(KINDS)
            held[offsets[at] + start : offsets[at] + end, column] = 1
    sums = np.concatenate([np.zeros_like(held[:1]), np.cumsum(held, 0, dtype=np.int32)])
    touched = sums[found.end] - sums[found.start]
    text = np.searchsorted(offsets, found.start, "right") - 1
    told = np.array([[kind not in each.untold for kind in KINDS] for each in known], np.bool_)
    clear = (touched[:, -1] == 0) & told[text, found.kind]
    right = touched[np.arange(len(clear)), found.kind] > 0
    whole = (found.start == offsets[text]) & (found.end == offsets[text + 1])
    said = np.array(["。" in line.text for line in lines], np.bool_)[text]
    room = np.where(whole, WHOLE, np.where(said, SENTENCE, BESIDE)).astype(np.int8)
    return Judged(found.score[clear], found.kind[clear], room[clear], right[clear])


def shares(sure: Float32, right: Bool, *, flow: float = FLOW) -> Float32:
    """The share that is right at each of the steps, never falling from one to the next."""
    grid = np.linspace(0, 1, STEPS + 1)
    place = sure.astype(np.float64) * STEPS
    low = np.minimum(place.astype(np.int64), STEPS - 1)
    part = place - low
    weight, sums = np.zeros(STEPS + 1), np.zeros(STEPS + 1)
    for at, share in ((low, 1 - part), (low + 1, part)):
        np.add.at(weight, at, share)
        np.add.at(sums, at, share * right)
    mean = (sums + flow * grid * right.mean()) / (weight + flow)
    return rising(mean, weight + flow).astype(np.float32)


def rising(value: Float64, weight: Float64) -> Float64:
    """The nearest row of values that never falls (pooled neighbours)."""
    pools: list[list[float]] = []
    for each, share in zip(value.tolist(), weight.tolist(), strict=True):
        pools.append([each, share, 1])
        while len(pools) > 1 and pools[-2][0] >= pools[-1][0]:
            mean, mass, count = pools.pop()
            before, held, many = pools.pop()
            total = held + mass
            pools.append([(before * held + mean * mass) / total, total, many + count])
    return np.concatenate([np.full(int(count), mean) for mean, _, count in pools])


def reliability(score: Float32, right: Bool) -> list[tuple[float, float, int]]:
    """For each tenth of the scores: mean score, share that is right, how many."""
    rows = []
    for tenth in range(10):
        chosen = (score >= tenth / 10) & (score < (tenth + 1) / 10 + (tenth == 9))
        if chosen.any():
            rows.append(
                (float(score[chosen].mean()), float(right[chosen].mean()), int(chosen.sum()))
            )
    return rows

"""Calibration of scores: the share of correct spans for each raw score of a tagger.

With it a score of 0.9 means that about nine of ten such spans are correct.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from piiscan.arrays import Bool, Float32, Float64, Int8
from piiscan.detect.ner.model.network_numbers import PART, SENTENCE, WHOLE
from piiscan.detect.ner.model.tagger import Tagger
from piiscan.detect.ner.model.weights import KINDS

from .encode import code_points
from .lines import PERSON, Line
from .silver import DOUBT

GRID_STEPS: Final = 16
# Spans with the expected share that are added to each grid score before counting.
PRIOR_WEIGHT: Final = 5.0
# More between rounds, where a score decides which labels are accepted.
CAUTIOUS_PRIOR_WEIGHT: Final = 20.0


class EvaluatedSpans(NamedTuple):
    """Spans that a tagger found, compared with labelled lines: one array item a span.

    ``kind``: index in KINDS. ``position``: PART, WHOLE or SENTENCE.
    """

    score: Float32
    kind: Int8
    position: Int8
    correct: Bool


def identity_table() -> Float32:
    """Return the calibration table that leaves every score unchanged.

    Shape: ``float32[3 * kinds, GRID_STEPS + 1]``.
    """
    return np.tile(np.linspace(0, 1, GRID_STEPS + 1, dtype=np.float32), (3 * len(KINDS), 1))


class LabelledLine(NamedTuple):
    """A line with known spans, and the kinds that its data set does not label."""

    line: Line
    unlabelled: frozenset[str] = frozenset()


def fit_calibration(
    tagger: Tagger, known: Sequence[LabelledLine], *, prior_weight: float = PRIOR_WEIGHT
) -> Float32:
    """Return the calibration table for a tagger that still uses the identity table.

    A row is fitted only if at least 50 of the tagger's spans have its kind and position.
    """
    found = evaluate_spans(tagger, known)
    table = identity_table()
    for row in range(len(table)):
        chosen = (found.kind == row % len(KINDS)) & (found.position == row // len(KINDS))
        if chosen.sum() >= 50:
            table[row] = calibration_row(
                found.score[chosen], found.correct[chosen], prior_weight=prior_weight
            )
    return table


def evaluate_spans(tagger: Tagger, known: Sequence[LabelledLine]) -> EvaluatedSpans:
    """Run the tagger on labelled lines and mark each span found as correct or not.

    A person in a sentence is correct if it is labelled with the same bounds, any other span if it
    overlaps a labelled span of its kind. Spans that overlap a DOUBT span are left out, and so are
    spans of kinds that the line's data set does not label.
    """
    lines = [each.line for each in known]
    points, offsets = code_points([line.text for line in lines])
    found = tagger.spans(points, offsets)
    labels = np.zeros((len(points) + 1, len(KINDS) + 1), np.int32)
    names = set[tuple[int, int]]()
    for at, line in enumerate(lines):
        for start, end, kind in line.spans:
            column = KINDS.index(kind) if kind != DOUBT else len(KINDS)
            labels[offsets[at] + start : offsets[at] + end, column] = 1
            if kind == PERSON:
                names.add((int(offsets[at]) + start, int(offsets[at]) + end))
    sums = np.concatenate([np.zeros_like(labels[:1]), np.cumsum(labels, 0, dtype=np.int32)])
    overlap = sums[found.end] - sums[found.start]
    text = np.searchsorted(offsets, found.start, "right") - 1
    labelled = np.array(
        [[kind not in each.unlabelled for kind in KINDS] for each in known], np.bool_
    )
    usable = (overlap[:, -1] == 0) & labelled[text, found.kind]
    correct = overlap[np.arange(len(usable)), found.kind] > 0
    bounds = zip(found.start.tolist(), found.end.tolist(), strict=True)
    is_name = np.array([each in names for each in bounds], np.bool_)
    whole = (found.start == offsets[text]) & (found.end == offsets[text + 1])
    is_sentence = np.array(["。" in line.text for line in lines], np.bool_)[text]
    correct &= is_name | ~is_sentence | (found.kind != KINDS.index(PERSON))
    position = np.where(whole, WHOLE, np.where(is_sentence, SENTENCE, PART)).astype(np.int8)
    return EvaluatedSpans(
        found.score[usable], found.kind[usable], position[usable], correct[usable]
    )


def calibration_row(
    score: Float32, correct: Bool, *, prior_weight: float = PRIOR_WEIGHT
) -> Float32:
    """Return the share of correct spans at each grid score: ``float32[GRID_STEPS + 1]``.

    The shares never decrease. ``prior_weight``: number of spans with the expected share that are
    added to each grid score.
    """
    grid = np.linspace(0, 1, GRID_STEPS + 1)
    grid_position = score.astype(np.float64) * GRID_STEPS
    lower = np.minimum(grid_position.astype(np.int64), GRID_STEPS - 1)
    fraction = grid_position - lower
    weight, sums = np.zeros(GRID_STEPS + 1), np.zeros(GRID_STEPS + 1)
    for at, share in ((lower, 1 - fraction), (lower + 1, fraction)):
        np.add.at(weight, at, share)
        np.add.at(sums, at, share * correct)
    mean = (sums + prior_weight * grid * correct.mean()) / (weight + prior_weight)
    return isotonic(mean, weight + prior_weight).astype(np.float32)


def isotonic(value: Float64, weight: Float64) -> Float64:
    """Return the non-decreasing values nearest to ``value`` (isotonic regression by pooling)."""
    pools: list[list[float]] = []
    for each, share in zip(value.tolist(), weight.tolist(), strict=True):
        pools.append([each, share, 1])
        while len(pools) > 1 and pools[-2][0] >= pools[-1][0]:
            mean, mass, count = pools.pop()
            earlier_mean, earlier_mass, earlier_count = pools.pop()
            total = earlier_mass + mass
            pools.append(
                [(earlier_mean * earlier_mass + mean * mass) / total, total, earlier_count + count]
            )
    return np.concatenate([np.full(int(count), mean) for mean, _, count in pools])


def reliability(score: Float32, correct: Bool) -> list[tuple[float, float, int]]:
    """Return (mean score, share correct, number of spans) for each tenth of the scores.

    Tenths without spans are left out.
    """
    rows = []
    for tenth in range(10):
        chosen = (score >= tenth / 10) & (score < (tenth + 1) / 10 + (tenth == 9))
        if chosen.any():
            rows.append(
                (float(score[chosen].mean()), float(correct[chosen].mean()), int(chosen.sum()))
            )
    return rows

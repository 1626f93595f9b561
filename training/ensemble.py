"""Ensemble of networks: average the state probabilities of its members.

The average errs less than any single member.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from piiscan.arrays import Bool, Float32, Int64, UInt8, UInt32
from piiscan.detect.ner.model.symbols import Symbols
from piiscan.detect.ner.model.tagger import Tagger, score_symbols
from piiscan.detect.ner.model.weights import Weights

from .calibrate import CAUTIOUS_PRIOR_WEIGHT, LabelledLine, fit_calibration, identity_table
from .encode import code_points

BATCH_TEXTS = 2_000  # texts scored in one call


def build_ensemble(members: Sequence[Weights], labelled: Sequence[LabelledLine] = ()) -> Tagger:
    """Build an ensemble tagger that averages its members' scores.

    It is calibrated on the lines ``labelled``. Without them its scores stay uncalibrated.
    """
    scorer = partial(average_scores, members)
    table = identity_table()
    if labelled:
        uncalibrated = Tagger(replace(members[0], calibration=table), scorer=scorer)
        table = fit_calibration(uncalibrated, labelled, prior_weight=CAUTIOUS_PRIOR_WEIGHT)
    return Tagger(replace(members[0], calibration=table), scorer=scorer)


def state_probabilities(members: Sequence[Weights], texts: Sequence[str]) -> Iterator[UInt8]:
    """Yield the averaged probability of each state for each symbol, in parts of 255.

    One array ``uint8[symbols, states]`` per BATCH_TEXTS texts.
    """
    for at in range(0, len(texts), BATCH_TEXTS):
        points, offsets = code_points(texts[at : at + BATCH_TEXTS])
        _, scores = average_scores(members, points, offsets, np.zeros(len(points), np.bool_))
        probabilities = np.exp(scores)
        probabilities /= probabilities.sum(1, keepdims=True)
        yield np.rint(probabilities * 255).astype(np.uint8)


def average_scores(
    members: Sequence[Weights], codes: UInt32, offsets: Int64, taken: Bool
) -> tuple[Symbols, Float32]:
    """Return the symbols of the texts and the members' mean log probability of each state."""
    first, mean = score_symbols(members[0], codes, offsets, taken)
    mean = log_probabilities(mean)
    for weights in members[1:]:
        mean += log_probabilities(score_symbols(weights, codes, offsets, taken)[1])
    return first, mean / np.float32(len(members))


def log_probabilities(scores: Float32) -> Float32:
    """Return the log softmax of ``scores`` over the states (``float32[symbols, states]``)."""
    below = scores - scores.max(1, keepdims=True)
    return np.asarray(below - np.log(np.exp(below).sum(1, keepdims=True)), dtype=np.float32)

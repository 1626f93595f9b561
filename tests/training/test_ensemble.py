"""Ensemble of networks: it averages its members' scores and state probabilities."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from piiscan.detect.ner.model.tagger import Tagger
from piiscan.detect.ner.model.weights import Weights, packaged_weights
from training.calibrate import LabelledLine, identity_table
from training.encode import code_points
from training.ensemble import build_ensemble, state_probabilities
from training.lines import Line, Span

TEXTS = [
    "记者李明报道，张伟说",
    "",
    "收件人：王建国 13800138000 湖南省长沙市岳麓区麓山南路932号",
    "三月",
]


def uniform_network() -> Weights:
    """Return a network with equal scores for all states."""
    weights = packaged_weights()
    out = weights.out._replace(scale=weights.out.scale * 0, bias=weights.out.bias * 0)
    return replace(weights, out=out)


def test_members_that_agree_say_what_each_says() -> None:
    weights = replace(packaged_weights(), calibration=identity_table())
    alone = Tagger(weights).spans(*code_points(TEXTS))
    averaged = build_ensemble([weights] * 3).spans(*code_points(TEXTS))
    assert len(alone.start) >= 3
    assert alone.start.tolist() == averaged.start.tolist()
    assert alone.end.tolist() == averaged.end.tolist()
    assert np.allclose(alone.score, averaged.score, atol=2e-3)


def test_one_that_says_nothing_makes_the_council_less_sure() -> None:
    both = build_ensemble([packaged_weights(), uniform_network()]).spans(*code_points(TEXTS))
    alone = build_ensemble([packaged_weights()]).spans(*code_points(TEXTS))
    assert alone.start.tolist() == both.start.tolist()
    assert both.score.max() < alone.score.max()


def test_shares_are_parts_of_one_for_every_symbol() -> None:
    parts = np.concatenate(list(state_probabilities([packaged_weights()], TEXTS)))
    assert parts.dtype == np.uint8
    assert np.abs(parts.sum(1, dtype=np.int64) - 255).max() <= 9


def test_known_lines_make_its_scores_mean_something() -> None:
    name = TEXTS[0].index("李")
    wrong = LabelledLine(Line(TEXTS[0], (Span(name, name + 2, "PERSON"),)))
    calibrated = build_ensemble([packaged_weights()], [wrong] * 100)
    found = calibrated.spans(*code_points(TEXTS[:1]))
    assert len(found.start) == 2
    assert (found.score < 0.95).all()  # one of the two is known to be none

"""A council says what its members say on average, and of each state how likely it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from piiscan.detect.ner.model.tagger import Tagger
from piiscan.detect.ner.model.weights import Weights, shipped
from training.calibrate import Known, plain
from training.council import council, shares
from training.encode import codes
from training.lines import Line, Span

TEXTS = [
    "记者李明报道，张伟说",
    "",
    "收件人：王建国 13800138000 湖南省长沙市岳麓区麓山南路932号",
    "三月",
]


def deaf() -> Weights:
    """A network that says nothing of anything."""
    weights = shipped()
    out = replace(weights.out, weights=weights.out.weights * 0, bias=weights.out.bias * 0)
    return replace(weights, out=out)


def test_members_that_agree_say_what_each_says() -> None:
    weights = replace(shipped(), calibration=plain())
    alone = Tagger(weights).spans(*codes(TEXTS))
    all_of_them = council([weights] * 3).spans(*codes(TEXTS))
    assert len(alone.start) >= 3
    assert alone.start.tolist() == all_of_them.start.tolist()
    assert alone.end.tolist() == all_of_them.end.tolist()
    assert np.allclose(alone.score, all_of_them.score, atol=2e-3)


def test_one_that_says_nothing_makes_the_council_less_sure() -> None:
    both = council([shipped(), deaf()]).spans(*codes(TEXTS))
    alone = council([shipped()]).spans(*codes(TEXTS))
    assert alone.start.tolist() == both.start.tolist()
    assert both.score.max() < alone.score.max()


def test_shares_are_parts_of_one_for_every_symbol() -> None:
    parts = np.concatenate(list(shares([shipped()], TEXTS)))
    assert parts.dtype == np.uint8
    assert np.abs(parts.sum(1, dtype=np.int64) - 255).max() <= 9


def test_known_lines_make_its_scores_mean_something() -> None:
    name = TEXTS[0].index("李")
    wrong = Known(Line(TEXTS[0], (Span(name, name + 2, "PERSON"),)))
    heard = council([shipped()], [wrong] * 100)
    found = heard.spans(*codes(TEXTS[:1]))
    assert len(found.start) == 2
    assert (found.score < 0.95).all()  # one of the two is known to be none

"""The traced score is the score: a cap is shown only where a reason names it."""

from __future__ import annotations

import datetime

import pytest

from piiscan.detect.catalog import catalog
from piiscan.detect.catalog.headers import label_of
from piiscan.detect.context.context_numbers import LABEL, NEAR, NEAREST, NONE
from piiscan.detect.engine import Engine
from piiscan.detect.explain import explain
from piiscan.detect.scoring.trace import trace_name_score, trace_score

CATALOG = catalog.load()
ENGINE = Engine(CATALOG, as_of=datetime.date(2026, 1, 1))
#: Reasons that hold a score below what level, word and label give it.
CAPS = {"CONTEXT_AGAINST", "AMOUNT", "DECIMAL", "GLUED", "CHANCE"}
#: Labels, words behind words, amounts, tokens: texts in which a second implementation would drift.
TEXTS = (
    "护照手机号：E12345678", "身份證手机号：A123456789", "身份证手机号：430104190506150017",
    "运单号 手机号：13800138000", "付款13800138000元", "价格13800138000.50",
    "许可证430104190506150016",
    "x13800138000y", "车牌 身份证号：湘A12345", "银行卡密码：abc12345", "QQ微信：12345678",
)  # fmt: skip


def texts() -> list[tuple[str, str | None]]:
    examples = [
        (each.text, each.label)
        for number, recognizer in enumerate(CATALOG.recognizers)
        for each in (*recognizer.examples, *recognizer.counterexamples)
        if number % 6 == 0
    ]
    return [*((text, None) for text in TEXTS), *examples]


def test_a_score_is_held_only_for_a_reason_and_ends_in_the_true_score() -> None:
    seen, held = 0, set()
    for text, label in texts():
        found = explain(ENGINE, text, label_of(CATALOG, label) if label else None, min_score=0.3)
        for each in found.candidates:
            seen += 1
            names = [stage.name for stage in each.score_stages]
            assert each.score_stages[-1].score == pytest.approx(each.score)
            if "held" in names:
                held.add(each.reason)
                assert each.reason in CAPS, (text, names)
    assert seen > 300
    assert {"AMOUNT", "DECIMAL", "GLUED"} <= held


@pytest.mark.parametrize(
    ("levels", "nearness", "verdict", "score", "own_label", "stages"),
    [
        ((1, 0), NONE, 1, 0.3, False, [("bare", 0.3)]),
        ((1, 0), NEAR, 1, 0.3, False, [("bare", 0.3)]),
        ((1, 0), NEAREST, 1, 0.6, False, [("bare", 0.3), ("word", 0.6)]),
        ((2, 0), NEAR, 1, 0.85, False, [("bare", 0.6), ("word", 0.85)]),
        ((2, 0), NEAR, 1, 0.9, True, [("bare", 0.6), ("label", 0.9)]),
        ((2, 0), NEAR, 1, 0.3, False, [("bare", 0.6), ("word", 0.85), ("held", 0.3)]),
        ((2, 2), NONE, 1, 0.6, False, [("bare", 0.6)]),
        ((1, 3), NONE, 2, 0.85, False, [("bare", 0.3), ("check", 0.85)]),
        ((1, 2), NEAR, 2, 0.85, False, [("bare", 0.3), ("check", 0.6), ("word", 0.85)]),
        ((3, 0), NONE, 0, 0.5, True, [("bare", 0.85), ("label", 0.9), ("refuted", 0.5)]),
        ((3, 0), NONE, 0, 0.0, False, [("bare", 0.85), ("refused", 0.0)]),
    ],
)
def test_the_stages_of_a_score(
    levels: tuple[int, int],
    nearness: int,
    verdict: int,
    score: float,
    own_label: bool,
    stages: list[tuple[str, float]],
) -> None:
    found = trace_score(*levels, nearness, verdict, score, own_label=own_label)
    assert [(stage.name, stage.score) for stage in found] == stages


@pytest.mark.parametrize(
    ("nearness", "score", "own_label", "stage"),
    [
        (LABEL, 0.0, True, "refused"),
        (LABEL, 0.85, True, "label"),
        (LABEL, 0.85, False, "word"),
        (LABEL, 0.84, False, "tagger"),
        (NEAREST, 0.85, False, "tagger"),
    ],
)
def test_a_name_has_one_stage(nearness: int, score: float, own_label: bool, stage: str) -> None:
    (found,) = trace_name_score(nearness, score, own_label=own_label)
    assert (found.name, found.score) == (stage, score)

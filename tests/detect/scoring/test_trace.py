"""The traced score is the score: a cap is shown only where a reason names it."""

from __future__ import annotations

import datetime

import pytest

from piiscan.detect.catalog import catalog
from piiscan.detect.catalog.headers import label_of
from piiscan.detect.engine import Engine
from piiscan.detect.explain import explain

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

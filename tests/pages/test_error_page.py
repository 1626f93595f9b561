"""The page of mistakes shows each one in its surroundings, escaped, and counts them all."""

from __future__ import annotations

import re

from piiscan.labelled import read_gold
from piiscan.pages.error_page import render_mistakes
from piiscan.score import Mistake, count, score_with_mistakes

HOSTILE = "<script>alert(1)</script>王小明住在岳麓区示例路1号\u202e"


def page(mistakes: list[Mistake], language: str = "zh") -> str:
    scores = count([], {}, names={})
    return render_mistakes("gold.jsonl", scores, mistakes, language=language)  # type: ignore[arg-type]


def test_pieces_say_what_is_labelled_and_what_was_found() -> None:
    edge = Mistake("7", HOSTILE, "edge", (25, 28, "PERSON"), (25, 29, "PERSON"))
    shown = page([edge])
    assert "<mark>王小明</mark>" in shown
    assert '<mark class="said">住</mark>' in shown
    assert "边界不符" in shown


def test_text_cannot_become_markup() -> None:
    shown = page([Mistake("<b>", HOSTILE, "missed", (25, 28, "PERSON"))])
    assert "<script>" not in shown
    assert "<b>" not in shown
    assert "\u202e" not in shown
    assert re.search("default-src 'none'", shown)


def test_more_than_fit_are_counted() -> None:
    many = [Mistake(str(number), "王小明", "missed", (0, 3, "PERSON")) for number in range(501)]
    shown = page(many, "en")
    assert shown.count("王小明") == 500
    assert "The first 500 of 501." in shown


def test_every_kind_of_mistake_is_told_once(tmp_path) -> None:  # type: ignore[no-untyped-def]
    gold = tmp_path / "gold.jsonl"
    gold.write_text(
        '{"id": 1, "text": "甲乙丙丁", "spans": [{"start": 0, "end": 2, "type": "A"},'
        ' {"start": 3, "end": 4, "type": "A"}]}',
        "utf-8",
    )
    said = tmp_path / "said.jsonl"
    said.write_text(
        '{"id": 1, "spans": [{"start": 0, "end": 1, "type": "A"},'
        ' {"start": 2, "end": 3, "type": "A"}]}',
        "utf-8",
    )
    scores, mistakes = score_with_mistakes(gold, said)
    assert [(each.kind, each.span, each.other) for each in mistakes] == [
        ("edge", (0, 2, "A"), (0, 1, "A")),
        ("missed", (3, 4, "A"), None),
        ("false", (2, 3, "A"), None),
    ]
    assert (scores.strict["A"].tp, scores.strict["A"].fp, scores.strict["A"].fn) == (0, 2, 2)
    assert len(read_gold(gold)) == 1
    assert "甲乙" not in repr(mistakes)

"""Bars are in proportion, longest first, and only of personal kinds."""

from __future__ import annotations

from piiscan.report.chart import draw_kinds
from piiscan.report.wording import Words


def row(entity: str, valid: int | None, distinct: int, class_: str = "person") -> dict:
    return {"entity": entity, "valid": valid, "distinct": distinct, "class": class_}


def test_lengths_are_in_proportion_to_counts() -> None:
    chart = draw_kinds([row("A", 50, 25), row("B", 100, 10)], Words("zh", {}))
    assert [bar.name for bar in chart.bars] == ["B", "A"]
    assert chart.bars[1].valid_length == chart.bars[0].valid_length / 2
    assert chart.bars[1].distinct_length == chart.bars[1].valid_length / 2
    assert [bar.top for bar in chart.bars] == [0, chart.height // 2]


def test_other_classes_and_empty_kinds_have_no_bar() -> None:
    rows = [row("M", None, 5, "masked"), row("D", 7, 7, "device"), row("R", 0, 0)]
    chart = draw_kinds(rows, Words("zh", {}))
    assert (chart.bars, chart.height) == ((), 0)

"""Bars are in proportion, longest first, and only of personal kinds."""

from piiscan.case.report.html.charts import (
    draw_ages,
    draw_kinds,
    draw_ladder,
    draw_months,
    draw_tiers,
)
from piiscan.wording.words import Words


def row(entity: str, valid: int | None, distinct: int, class_: str = "person") -> dict:
    return {"entity": entity, "valid": valid, "distinct": distinct, "class": class_}


def test_lengths_are_in_proportion_to_counts() -> None:
    chart = draw_kinds([row("A", 50, 25), row("B", 100, 10)], Words("zh"))
    assert [bar.name for bar in chart.bars] == ["B", "A"]
    assert chart.bars[1].length == chart.bars[0].length / 2
    assert chart.bars[1].inner_length == chart.bars[1].length / 2
    assert [bar.top for bar in chart.bars] == [0, chart.height // 2]


def test_other_classes_and_empty_kinds_have_no_bar() -> None:
    rows = [row("M", None, 5, "masked"), row("D", 7, 7, "device"), row("R", 0, 0)]
    chart = draw_kinds(rows, Words("zh"))
    assert (chart.bars, chart.height) == ((), 0)


def test_the_ladder_is_that_of_the_whole_evidence_in_its_order() -> None:
    rows = [
        {"scope_kind": kind, "step": step, "count": count, "without_business": count - 1}
        for kind in ("total", "suspect")
        for step, count in (("R1", 10), ("R5", 4))
    ]
    chart = draw_ladder(rows, Words("en"))
    assert [bar.told for bar in chart.bars] == ["10 / 9", "4 / 3"]


def test_months_add_up_what_became_of_their_rows_and_stand_in_order() -> None:
    rows = [
        {"month": month, "rows": n, "distinct": n}
        for month, n in (("2024-02", 3), ("2024-01", 1), ("2024-02", 2), (None, 9))
    ]
    assert [(b.name, b.told) for b in draw_months(rows, Words("zh")).bars] == [
        ("2024-01", "1 / 1"),
        ("2024-02", "5 / 5"),
    ]


def test_ages_stand_in_order_for_the_kind_that_tells_most() -> None:
    rows = [
        {"age_band": band, "entity": entity, "hits": hits, "distinct": hits}
        for band, entity, hits in (("adult", "A", 5), ("under_14", "A", 9), ("14_17", "B", 3))
    ]
    assert [bar.name for bar in draw_ages(rows, Words("en")).bars] == ["under 14", "adult"]


def test_ratios_are_marked_at_the_line_and_at_ten_times_the_line() -> None:
    row = {"scope_kind": "total", "insider": False, "unit": "U1", "scenario": "default"}
    row |= {"category": None, "row_tier": "highest"}
    small = draw_tiers([row | {"ratio": "0.50", "exact": "1/2"}], Words("en"))
    assert [told for _, told in small.marks] == ["1"]
    large = draw_tiers([row | {"ratio": "20.00", "exact": "20"}], Words("en"))
    assert [told for _, told in large.marks] == ["1", "10"]
    assert large.marks[1][0] == large.bars[0].length / 2
    assert draw_tiers([], Words("en")).bars == ()


def test_no_two_readings_of_a_rule_have_one_name() -> None:
    """Bars that rest on something else say so: unit, scenario, what was changed, how it counts."""
    rows = [
        {"scope_kind": "total", "insider": False, "ratio": "1.00", "exact": "1", "policy": "rule"}
        | {"unit": unit, "scenario": scenario, "category": category, "row_tier": row_tier}
        for unit in ("U1", "U2")
        for scenario, category in (("default", None), ("choice", "a"), ("choice", "b"))
        for row_tier in ("highest", "per-element")
    ]
    names = [bar.name for bar in draw_tiers(rows, Words("zh")).bars]
    assert len(names) == len(set(names)) == 12

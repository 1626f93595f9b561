"""Ratios are those of the published arithmetic, in every reading."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some

from piiscan.case.tiers import Policy, assess, load_policy, scenarios_of

POLICY = load_policy("tier-cn-2017")
PLATFORM = load_policy("platform-cn-2019")


def test_proportional_sum() -> None:
    """domain.md D.1: 30 + 200 + 500 are 0.6 + 0.4 + 0.1."""
    counts = {"track": 30, "health": 200, "basic": 500}
    found = assess(counts, POLICY)
    assert [figure.ratio for figure in found.figures] == [
        Fraction(3, 5),
        Fraction(2, 5),
        Fraction(1, 10),
    ]
    assert found.ratio == Fraction(11, 10)
    assert found.multiple == Fraction(11, 100)
    assert assess(counts, PLATFORM).ratio == Fraction(11, 100)
    assert assess(counts, PLATFORM).multiple is None


def test_7967_records_and_an_insider() -> None:
    assert assess({"basic": 7967}, POLICY).ratio == Fraction(7967, 5000)
    assert assess({"basic": 7967}, POLICY, insider=True).ratio == Fraction(7967, 2500)
    assert [f.threshold for f in assess({"basic": 1}, POLICY, insider=True).figures] == [2500]


def test_4300_accounts_in_both_readings() -> None:
    ratios = {
        (each.name, each.line): each.assessment.ratio
        for each in scenarios_of({"account": 4300}, POLICY)
    }
    assert ratios == {
        ("default", None): Fraction(86, 100),
        ("lowest", None): Fraction(86, 100),
        ("highest", None): Fraction(86, 10),
        ("choice", "safety"): Fraction(86, 10),
    }


def test_bare_phones_may_count_nothing() -> None:
    lowest = next(s for s in scenarios_of({"bare_phone": 9000}, POLICY) if s.name == "lowest")
    assert lowest.assessment.ratio == 0
    (figure,) = lowest.assessment.figures
    assert (figure.count, figure.threshold, figure.ratio) == (9000, None, None)


def test_one_line_a_record_or_one_a_line() -> None:
    counts = {"transaction+basic": 100, "bank_card+basic": 10}
    highest = assess(counts, POLICY)
    each = assess(counts, POLICY, row_tier="per-element")
    assert {f.category: f.count for f in highest.figures} == {"transaction": 100, "bank_card": 10}
    assert {f.category: f.count for f in each.figures} == {
        "transaction": 100,
        "bank_card": 10,
        "basic": 100,
    }
    assert each.ratio - highest.ratio == Fraction(100, 5000)


def test_of_categories_at_one_line_the_first_of_the_rule_counts() -> None:
    for key in ("waybill+basic", "basic+waybill"):
        (figure,) = assess({key: 3}, POLICY).figures
        assert (figure.category, figure.count) == ("waybill", 3)


def test_a_reading_decides_where_a_record_of_several_kinds_counts() -> None:
    counts = {"account+basic": 4300}
    (figure,) = assess(counts, POLICY, choices={"account": "none"}).figures
    assert (figure.category, figure.ratio) == ("basic", Fraction(86, 100))


def test_what_a_rule_does_not_name_is_told_and_not_weighed() -> None:
    found = assess({"unmapped": 7, "basic+unmapped": 5, "not_counted": 3}, POLICY)
    assert [(f.category, f.count, f.ratio) for f in found.figures] == [
        ("basic", 5, Fraction(1, 1000)),
        ("not_counted", 3, None),
        ("unmapped", 7, None),
    ]


def test_nothing_found_is_no_ratio_and_no_reading() -> None:
    assert assess({}, POLICY).ratio == 0
    assert [each.name for each in scenarios_of({"account": 0}, POLICY)] == ["default"]


CATEGORIES = [each.id for each in POLICY.categories]
COUNTS = some.dictionaries(
    some.lists(some.sampled_from(CATEGORIES), min_size=1, max_size=3, unique=True)
    .map(lambda names: sorted(names, key=CATEGORIES.index))
    .map("+".join),
    some.integers(0, 10**9),
    max_size=6,
)


def naive(counts: Mapping[str, int], policy: Policy, lines: Mapping[str, str]) -> Fraction:
    """Each record at its lowest threshold, in plain words."""
    threshold = {line.id: line.threshold for line in policy.lines}
    total = Fraction(0)
    for key, count in counts.items():
        reached = [threshold[lines[c]] for c in key.split("+") if lines[c] in threshold]
        if reached:
            total += Fraction(count, min(reached))
    return total


@given(COUNTS)
def test_sums_agree_with_the_plain_reading(counts: dict[str, int]) -> None:
    lines = {each.id: each.line for each in POLICY.categories}
    assert assess(counts, POLICY).ratio == naive(counts, POLICY, lines)


@given(COUNTS)
def test_every_reading_lies_between_lowest_and_highest(counts: dict[str, int]) -> None:
    found = {}
    for each in scenarios_of(counts, POLICY):
        found.setdefault(each.name, []).append(each.assessment.ratio)
    every = [ratio for ratios in found.values() for ratio in ratios]
    if "lowest" in found:
        assert found["lowest"] == [min(every)]
        assert found["highest"] == [max(every)]
    assert found["default"][0] == assess(counts, POLICY).ratio


@given(COUNTS)
def test_counting_once_a_line_is_never_less(counts: dict[str, int]) -> None:
    highest = assess(counts, POLICY)
    assert assess(counts, POLICY, row_tier="per-element").ratio >= highest.ratio
    assert sum(f.count for f in highest.figures) == sum(counts.values())


@pytest.mark.parametrize("insider", [False, True])
def test_a_rule_without_insiders_has_no_half(insider: bool) -> None:
    assert assess({"basic": 50_000}, PLATFORM, insider=insider).ratio == 1

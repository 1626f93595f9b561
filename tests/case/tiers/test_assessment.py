"""Ratios are those of the published arithmetic, in every reading, and rounded across no line."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from piiscan.case.tiers import Policy, assess, load_policy, scenarios_of
from piiscan.case.tiers.ratios import LINES, format_ratio

POLICY = load_policy("tier-cn-2017")
PLATFORM = load_policy("platform-cn-2019")
Figures = list[tuple[str | None, int, str | None]]
#: Counts by category, options, figures (category, count, ratio) and the sum.
ASSESSED: dict[str, tuple[dict[str, int], dict[str, Any], Figures, str]] = {
    "30 + 200 + 500 are 0.6 + 0.4 + 0.1": (
        {"track": 30, "health": 200, "basic": 500}, {},
        [("track", 30, "3/5"), ("health", 200, "2/5"), ("basic", 500, "1/10")], "11/10",
    ),
    "lines of a platform are tenfold": (
        {"track": 30, "health": 200, "basic": 500}, {"policy": PLATFORM},
        [("track", 30, "3/50"), ("health", 200, "1/25"), ("basic", 500, "1/100")], "11/100",
    ),
    "7,967 records": ({"basic": 7967}, {}, [("basic", 7967, "7967/5000")], "7967/5000"),
    "an insider has half the line": (
        {"basic": 7967}, {"insider": True}, [("basic", 7967, "7967/2500")], "7967/2500",
    ),
    "a rule without insiders has no half": (
        {"basic": 50_000}, {"policy": PLATFORM, "insider": True}, [("basic", 50_000, "1")], "1",
    ),
    "a record counts at its lowest line": (
        {"transaction+basic": 100, "bank_card+basic": 10}, {},
        [("transaction", 100, "1/5"), ("bank_card", 10, "1/500")], "101/500",
    ),
    "or once a line": (
        {"transaction+basic": 100, "bank_card+basic": 10}, {"row_tier": "per-element"},
        [("transaction", 100, "1/5"), ("bank_card", 10, "1/500"), ("basic", 100, "1/50")],
        "111/500",
    ),
    "of categories at one line the first of the rule counts": (
        {"waybill+basic": 3}, {}, [("waybill", 3, "3/5000")], "3/5000",
    ),
    "whatever their order": ({"basic+waybill": 3}, {}, [("waybill", 3, "3/5000")], "3/5000"),
    "a reading decides where a record of several kinds counts": (
        {"account+basic": 4300}, {"choices": {"account": "none"}},
        [("basic", 4300, "43/50")], "43/50",
    ),
    "what a rule does not name is told and not weighed": (
        {"unmapped": 7, "basic+unmapped": 5, "not_counted": 3}, {},
        [("basic", 5, "1/1000"), ("not_counted", 3, None), ("unmapped", 7, None)], "1/1000",
    ),
    "nothing found is no ratio": ({}, {}, [], "0"),
}  # fmt: skip


@pytest.mark.parametrize(("counts", "asked", "figures", "ratio"), ASSESSED.values(), ids=ASSESSED)
def test_counts_are_weighed(
    counts: dict[str, int], asked: dict[str, Any], figures: Figures, ratio: str
) -> None:
    policy = asked.get("policy", POLICY)
    found = assess(counts, policy, **{name: asked[name] for name in asked.keys() - {"policy"}})
    told = [(f.category, f.count, f.ratio and str(f.ratio)) for f in found.figures]
    assert told == figures
    assert found.ratio == Fraction(ratio)
    assert found.multiple == (None if policy is PLATFORM else found.ratio / 10)
    share = Fraction(1, 2) if asked.get("insider") and policy.insider else 1
    for figure in found.figures:
        assert figure.ratio is None or figure.threshold * figure.ratio == figure.count
        assert figure.threshold in (None, *(line.threshold * share for line in policy.lines))


READINGS = {
    "accounts stand at two lines": (
        {"account": 4300},
        {"default": "43/50", "lowest": "43/50", "highest": "43/5", "choice": "43/5"},
    ),
    "bare phones may count nothing": (
        {"bare_phone": 9000}, {"default": "9/5", "lowest": "0", "highest": "9/5", "choice": "0"},
    ),
    "nothing found has no reading": ({"account": 0}, {"default": "0"}),
}  # fmt: skip


@pytest.mark.parametrize(("counts", "ratios"), READINGS.values(), ids=READINGS)
def test_what_is_contested_has_readings(counts: dict[str, int], ratios: dict[str, str]) -> None:
    found = {each.name: str(each.assessment.ratio) for each in scenarios_of(counts, POLICY)}
    assert found == ratios


CATEGORIES = [each.id for each in POLICY.categories]
COUNTS = some.dictionaries(
    some.lists(some.sampled_from(CATEGORIES), min_size=1, max_size=3, unique=True)
    .map(lambda names: sorted(names, key=CATEGORIES.index))
    .map("+".join),
    some.integers(0, 10**9),
    max_size=6,
)


def naive(counts: Mapping[str, int], policy: Policy) -> Fraction:
    """Each record at its lowest threshold, in plain words."""
    threshold = {line.id: line.threshold for line in policy.lines}
    lines = {each.id: each.line for each in policy.categories}
    total = Fraction(0)
    for key, count in counts.items():
        reached = [threshold[lines[c]] for c in key.split("+") if lines[c] in threshold]
        if reached:
            total += Fraction(count, min(reached))
    return total


@given(COUNTS)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_every_reading_is_that_of_the_plain_rule_and_between_the_outermost(
    counts: dict[str, int],
) -> None:
    highest = assess(counts, POLICY)
    assert highest.ratio == naive(counts, POLICY)
    assert assess(counts, POLICY, row_tier="per-element").ratio >= highest.ratio
    assert sum(f.count for f in highest.figures) == sum(counts.values())
    found: dict[str, list[Fraction]] = {}
    for each in scenarios_of(counts, POLICY):
        found.setdefault(each.name, []).append(each.assessment.ratio)
    every = [ratio for ratios in found.values() for ratio in ratios]
    assert found.get("lowest", [min(every)]) == [min(every)]
    assert found.get("highest", [max(every)]) == [max(every)]
    assert found["default"][0] == highest.ratio


@given(some.integers(0, 10**12), some.sampled_from([25, 50, 250, 500, 2500, 5000, 50_000]))
def test_a_ratio_is_shown_to_two_places_half_up_and_across_no_line(
    count: int, threshold: int
) -> None:
    ratio = Fraction(count, threshold)
    shown = Fraction(Decimal(format_ratio(ratio)))
    half_up = Fraction((200 * count + threshold) // (2 * threshold), 100)
    crossed = any(ratio < line <= half_up for line in LINES)
    assert shown == (Fraction(100 * count // threshold, 100) if crossed else half_up)
    assert all((shown >= line) == (ratio >= line) for line in LINES)
    assert format_ratio(ratio)[-3] == "."


def test_a_million_times_the_line_is_still_exact() -> None:
    assert format_ratio(Fraction(10**30 + 1, 50)) == f"{2 * 10**28}.02"

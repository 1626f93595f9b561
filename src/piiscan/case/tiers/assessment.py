"""Counts of categories against the lines of a policy: ratios, their sum, and other readings.

A record may reach several categories.  ``highest`` counts it once, at the line with the lowest
threshold; ``per-element`` counts it once at each line that it reaches.  No authority says which.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Final, Literal

from piiscan.case.tiers.policy import NONE, Policy

RowTier = Literal["highest", "per-element"]
ROW_TIERS: Final[tuple[RowTier, ...]] = ("highest", "per-element")
_NO_CHOICES: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Figure:
    """One category: how many records, against which threshold; None where nothing is weighed."""

    category: str
    line: str
    count: int
    threshold: Fraction | None

    @property
    def ratio(self) -> Fraction | None:
        """Count by threshold."""
        return None if self.threshold is None else self.count / self.threshold


@dataclass(frozen=True, slots=True)
class Assessment:
    """The figures of one reading, from the line with the lowest threshold on."""

    policy: Policy
    insider: bool
    row_tier: RowTier
    choices: Mapping[str, str]
    figures: tuple[Figure, ...]

    @property
    def ratio(self) -> Fraction:
        """The proportional sum: 30 of 50, 200 of 500 and 500 of 5,000 are 1.1."""
        return sum((figure.ratio or Fraction(0) for figure in self.figures), Fraction(0))

    @property
    def multiple(self) -> Fraction | None:
        """The sum against the upper line (ten times); None where the rule knows none."""
        times = self.policy.multiple
        return None if times is None else self.ratio / times


@dataclass(frozen=True, slots=True)
class Scenario:
    """One reading among others: ``default``, ``lowest``, ``highest``, or one ``choice``.

    ``without_business``: the default of those records that are no public business information.
    """

    name: Literal["default", "without_business", "lowest", "highest", "choice"]
    category: str | None
    line: str | None
    count: int | None
    assessment: Assessment


def assess(
    counts: Mapping[str, int],
    policy: Policy,
    *,
    insider: bool = False,
    row_tier: RowTier = "highest",
    choices: Mapping[str, str] = _NO_CHOICES,
) -> Assessment:
    """Ratios under ``policy`` of records counted by their categories (``A+B``).

    ``choices``: category -> line, where another reading than the policy's own is taken.

    >>> from piiscan.case.tiers.policy import load_policy
    >>> policy = load_policy("tier-cn-2017")
    >>> assess({"track": 30, "health": 200, "basic": 500}, policy).ratio
    Fraction(11, 10)
    """
    share = policy.insider if insider and policy.insider is not None else Fraction(1)
    total: dict[str, int] = {}
    for key, count in counts.items():
        for category in _counted(key, policy, row_tier, choices):
            total[category] = total.get(category, 0) + count
    order = {each.id: place for place, each in enumerate(policy.categories)}
    figures = []
    for category, count in total.items():
        line = _line(category, policy, choices)
        threshold = None if line == NONE else policy.line(line).threshold * share
        if count:
            figures.append(Figure(category, line, count, threshold))
    figures.sort(key=lambda f: (policy.rank(f.line), order.get(f.category, len(order))))
    return Assessment(policy, insider, row_tier, dict(choices), tuple(figures))


def scenarios_of(
    counts: Mapping[str, int],
    policy: Policy,
    *,
    insider: bool = False,
    row_tier: RowTier = "highest",
) -> Iterator[Scenario]:
    """Readings side by side: the policy's own, all lowest, all highest, each contested choice."""
    present = {part for key, count in counts.items() if count for part in key.split("+")}
    contested = [each for each in policy.categories if each.also and each.id in present]

    def read(choices: Mapping[str, str]) -> Assessment:
        return assess(counts, policy, insider=insider, row_tier=row_tier, choices=choices)

    yield Scenario("default", None, None, None, read({}))
    if not contested:
        return
    lines = {each.id: sorted((each.line, *each.also), key=policy.rank) for each in contested}
    yield Scenario("lowest", None, None, None, read({k: v[-1] for k, v in lines.items()}))
    yield Scenario("highest", None, None, None, read({k: v[0] for k, v in lines.items()}))
    for each in contested:
        count = sum(number for key, number in counts.items() if each.id in key.split("+"))
        for line in each.also:
            yield Scenario("choice", each.id, line, count, read({each.id: line}))


def line_of(categories: str, policy: Policy) -> str:
    """The line at which a record of these categories counts, in the policy's own reading.

    >>> from piiscan.case.tiers.policy import load_policy
    >>> line_of("transaction+basic", load_policy("tier-cn-2017"))
    'safety'
    """
    category = next(_counted(categories, policy, "highest", _NO_CHOICES))
    return _line(category, policy, _NO_CHOICES)


def lines_of(categories: str, policy: Policy) -> set[str]:
    """The lines at which such a record counts in any reading."""
    found: set[str] = set()
    for name in categories.split("+"):
        category = policy.category(name)
        found.update((category.line, *category.also) if category else (NONE,))
    return found


def _counted(
    key: str, policy: Policy, row_tier: RowTier, choices: Mapping[str, str]
) -> Iterator[str]:
    """The categories that a record of ``key`` is counted under: one, or one a line."""
    order = {each.id: place for place, each in enumerate(policy.categories)}
    reached = sorted(
        key.split("+"),
        key=lambda each: (
            policy.rank(_line(each, policy, choices)),
            order.get(each, len(order)),
        ),
    )
    seen: set[str] = set()
    for category in reached:
        line = _line(category, policy, choices)
        if line in seen or (seen and (line == NONE or row_tier == "highest")):
            continue
        seen.add(line)
        yield category


def _line(category: str, policy: Policy, choices: Mapping[str, str]) -> str:
    known = policy.category(category)
    return choices.get(category, known.line if known else NONE)

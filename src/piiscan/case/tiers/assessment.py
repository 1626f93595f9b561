"""Assessment: counts by category -> ratios to a policy's thresholds, their sum, and other readings.

``track 30, health 200, basic 500 -> 30/50 + 200/500 + 500/5000 = 11/10``. A record may belong to
several categories. ``highest`` counts it once, at the line with the lowest threshold.
``per-element`` counts it once at each of its lines. No authority decides between the two. A line is
one threshold of a policy.  A key with records of different categories (``A+C|B+C``) counts for
each of these records, and in one category once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Final, Literal

from piiscan.case.tiers.policy import NO_LINE, Category, Policy

RowTier = Literal["highest", "per-element"]
ROW_TIERS: Final[tuple[RowTier, ...]] = ("highest", "per-element")
_NO_CHOICES: Final[Mapping[str, str]] = MappingProxyType({})
#: Separator of a key's records with different categories.
RECORD_MARK: Final = "|"


@dataclass(frozen=True, slots=True)
class CategoryRatio:
    """Count of one category and its threshold, which is None if the category is not counted."""

    category: str
    line: str
    count: int
    threshold: Fraction | None

    @property
    def ratio(self) -> Fraction | None:
        """Return count divided by threshold; None without a threshold."""
        return None if self.threshold is None else self.count / self.threshold


@dataclass(frozen=True, slots=True)
class Assessment:
    """Ratios of all categories under one reading of a policy, from the lowest threshold up.

    ``choices``: category -> line, for contested categories that differ from the policy's own
    reading.
    """

    policy: Policy
    insider: bool
    row_tier: RowTier
    choices: Mapping[str, str]
    figures: tuple[CategoryRatio, ...]

    @property
    def ratio(self) -> Fraction:
        """Return the sum of the ratios: 30 of 50, 200 of 500 and 500 of 5,000 are 1.1."""
        return sum((figure.ratio or Fraction(0) for figure in self.figures), Fraction(0))

    @property
    def multiple(self) -> Fraction | None:
        """Return the sum of the ratios divided by the policy's upper factor (10), or None."""
        upper = self.policy.multiple
        return None if upper is None else self.ratio / upper.times


@dataclass(frozen=True, slots=True)
class Scenario:
    """One reading of a policy: ``default``, ``lowest``, ``highest``, or one contested ``choice``.

    ``without_business``: the default reading without public business information.  ``highest``
    includes the categories that are proposed; ``highest_confirmed`` leaves them out.
    ``open_acquired``, ``open_duty``, ``mixed_duty``, ``unroled``, ``other_key``, ``utmost``: see
    ``tier_tables``.
    """

    name: str
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
    """Return the ratios under ``policy`` of records counted by their categories (``A+B``).

    Args:
        counts: categories joined by ``+`` -> number of records; of keys, those of their records
            with ``|`` between them.
        policy: the rule.
        insider: True to use the insiders' thresholds, if the policy has them.
        row_tier: line of a record with several categories: ``highest`` or ``per-element``.
        choices: category -> line, in place of the policy's own reading.

    >>> from piiscan.case.tiers.policy import load_policy
    >>> policy = load_policy("tier-cn-2017")
    >>> assess({"track": 30, "health": 200, "basic": 500}, policy).ratio
    Fraction(11, 10)
    """
    factor = policy.insider.share if insider and policy.insider else Fraction(1)
    totals: dict[str, int] = {}
    for key, count in counts.items():
        records = key.split(RECORD_MARK)
        for category in dict.fromkeys(
            name
            for each in records
            for name in _counted_categories(each, policy, row_tier, choices)
        ):
            totals[category] = totals.get(category, 0) + count
    order = {each.id: place for place, each in enumerate(policy.categories)}
    figures = []
    for category, count in totals.items():
        line = _line(category, policy, choices)
        threshold = None if line == NO_LINE else policy.line(line).threshold * factor
        if count:
            figures.append(CategoryRatio(category, line, count, threshold))
    figures.sort(key=lambda f: (policy.rank(f.line), order.get(f.category, len(order))))
    return Assessment(policy, insider, row_tier, dict(choices), tuple(figures))


def scenarios_of(
    counts: Mapping[str, int],
    policy: Policy,
    *,
    proposed: Mapping[str, int] | None = None,
    insider: bool = False,
    row_tier: RowTier = "highest",
) -> Iterator[Scenario]:
    """Yield the scenarios of a policy: default, lowest, highest, each contested choice.

    Args:
        counts: categories joined by ``+`` -> number of records.
        policy: the rule.
        proposed: ``counts`` with the proposed categories added, None if there are none.
        insider: True to use the insiders' thresholds.
        row_tier: ``highest`` or ``per-element``.
    """

    def read(choices: Mapping[str, str], counts: Mapping[str, int] = counts) -> Assessment:
        """Return the assessment under the reading ``choices`` (category -> line)."""
        return assess(counts, policy, insider=insider, row_tier=row_tier, choices=choices)

    contested = _contested(counts, policy)
    lines = {each.id: sorted((each.line, *each.also), key=policy.rank) for each in contested}
    highest = highest_choices(counts, policy)
    yield Scenario("default", None, None, None, read({}))
    if policy.business in lines:
        count = _count_of(policy.business, counts)
        without = read({policy.business: NO_LINE})
        yield Scenario("without_business", policy.business, NO_LINE, count, without)
    if contested:
        yield Scenario("lowest", None, None, None, read({k: v[-1] for k, v in lines.items()}))
    if proposed is not None and proposed != counts:
        choices = highest_choices(proposed, policy)
        yield Scenario("highest_confirmed", None, None, None, read(highest))
        yield Scenario("highest", None, None, None, read(choices, proposed))
    elif contested:
        yield Scenario("highest", None, None, None, read(highest))
    for each in contested:
        if each.id != policy.business:
            for line in each.also:
                count = _count_of(each.id, counts)
                yield Scenario("choice", each.id, line, count, read({each.id: line}))


def highest_choices(counts: Mapping[str, int], policy: Policy) -> dict[str, str]:
    """Return contested category -> its line with the lowest threshold, of those with a count."""
    return {
        each.id: min((each.line, *each.also), key=policy.rank)
        for each in _contested(counts, policy)
    }


def _contested(counts: Mapping[str, int], policy: Policy) -> list[Category]:
    """Return the contested categories of the policy that have a count."""
    present = {part for key, count in counts.items() if count for part in names_in(key)}
    return [each for each in policy.categories if each.also and each.id in present]


def _count_of(category: str, counts: Mapping[str, int]) -> int:
    """Return the number of records that have ``category``, alone or with others."""
    return sum(number for key, number in counts.items() if category in names_in(key))


def names_in(key: str) -> set[str]:
    """Return all categories of a key of counts: ``A+C|B+C -> A, B, C``."""
    return set(key.replace(RECORD_MARK, "+").split("+"))


def line_of(categories: str, policy: Policy) -> str:
    """Return the threshold line at which a record of ``categories`` (``A+B``) counts.

    The policy's own reading applies. ``categories``: joined by ``+``.

    >>> from piiscan.case.tiers.policy import load_policy
    >>> line_of("transaction+basic", load_policy("tier-cn-2017"))
    'safety'
    """
    category = next(_counted_categories(categories, policy, "highest", _NO_CHOICES))
    return _line(category, policy, _NO_CHOICES)


def lines_of(categories: str, policy: Policy) -> set[str]:
    """Return all threshold lines at which a record of ``categories`` counts in some reading."""
    found: set[str] = set()
    for name in categories.split("+"):
        category = policy.category(name)
        found.update((category.line, *category.also) if category else (NO_LINE,))
    return found


def _counted_categories(
    key: str, policy: Policy, row_tier: RowTier, choices: Mapping[str, str]
) -> Iterator[str]:
    """Yield the categories under which a record of ``key`` (``A+B``) is counted.

    ``highest``: the one at the lowest threshold. ``per-element``: one per line. A category of lone
    values (裸号) gives way to another of its line: a copy of the record says more.
    """
    order = {each.id: (bool(each.only), at) for at, each in enumerate(policy.categories)}
    by_rank = sorted(
        key.split("+"),
        key=lambda each: (
            policy.rank(_line(each, policy, choices)),
            order.get(each, (True, len(order))),
        ),
    )
    seen: set[str] = set()
    for category in by_rank:
        line = _line(category, policy, choices)
        if line in seen or (seen and (line == NO_LINE or row_tier == "highest")):
            continue
        seen.add(line)
        yield category


def _line(category: str, policy: Policy, choices: Mapping[str, str]) -> str:
    """Return the threshold line of ``category``: chosen, else the policy's, else NO_LINE."""
    known = policy.category(category)
    return choices.get(category, known.line if known else NO_LINE)

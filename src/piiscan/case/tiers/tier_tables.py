"""T10: counts against the lines of a rule, with other readings beside it.

Pure: counts and policies in, rows with English keys out; :mod:`piiscan.case.tiers.tier_cells` puts
them into words.  A row says «ratio under rule X»; nothing here says what follows from it
(domain.md D.7 E9).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from piiscan.case.tiers.assessment import (
    ROW_TIERS,
    Assessment,
    Scenario,
    assess,
    scenarios_of,
)
from piiscan.case.tiers.policy import Basis, Policy
from piiscan.case.tiers.ratios import show, spell

Row = dict[str, Any]


def tier_tables(
    counts: Mapping[str, int],
    policies: Iterable[Policy],
    *,
    insiders: Sequence[bool] = (False,),
    own: Mapping[str, int] | None = None,
) -> dict[str, list[Row]]:
    """The tables ``tiers`` and ``tier_scenarios`` of records counted by their categories.

    ``insiders``: whether thresholds are those of insiders; given both, both stand there.
    ``own``: the records without public business information, a reading of its own if they differ.
    """
    tables: dict[str, list[Row]] = {"tiers": [], "tier_scenarios": []}
    for policy in policies:
        for insider in insiders:
            if insider and policy.insider is None:
                continue
            tables["tiers"] += _tiers(counts, policy, insider=insider)
            tables["tier_scenarios"] += _scenarios(counts, own, policy, insider=insider)
    return tables


def _tiers(counts: Mapping[str, int], policy: Policy, *, insider: bool) -> Iterator[Row]:
    """Figures and their sum; of both ways to count a record of several lines if they differ."""
    told = None
    for row_tier in ROW_TIERS:
        found = assess(counts, policy, insider=insider, row_tier=row_tier)
        if found.figures != told:
            yield from _figures(found)
        told = found.figures


def _figures(found: Assessment) -> Iterator[Row]:
    policy = found.policy
    head: Row = {"policy": policy.id, "insider": found.insider, "row_tier": found.row_tier}
    for figure in found.figures:
        category = policy.category(figure.category)
        row: Row = {"category": figure.category, "tier": figure.line, "count": figure.count}
        row |= {"threshold": _plain(figure.threshold), **_ratio(figure.ratio), "multiple": None}
        yield head | row | _basis(figure.category, category.basis if category else None)
    basis = policy.bases["insider" if found.insider else "sum"]
    total: Row = {"category": None, "tier": None, "count": None, "threshold": None}
    total |= {**_ratio(found.ratio), "multiple": _shown(found.multiple)}
    yield head | total | _basis("insider" if found.insider else "sum", basis)


def _scenarios(
    counts: Mapping[str, int], own: Mapping[str, int] | None, policy: Policy, *, insider: bool
) -> Iterator[Row]:
    both = [
        list(scenarios_of(counts, policy, insider=insider, row_tier=row_tier))
        for row_tier in ROW_TIERS
    ]
    if own is not None and own != counts:
        for read, row_tier in zip(both, ROW_TIERS, strict=True):
            found = assess(own, policy, insider=insider, row_tier=row_tier)
            read.insert(1, Scenario("without_business", None, None, None, found))
    default = both[0][0].assessment.ratio
    for highest, each in zip(*both, strict=True):
        yield _scenario(highest, default)
        if each.assessment.ratio != highest.assessment.ratio:
            yield _scenario(each, default)


def _scenario(scenario: Scenario, default: Fraction) -> Row:
    found = scenario.assessment
    return {
        "policy": found.policy.id,
        "insider": found.insider,
        "row_tier": found.row_tier,
        "scenario": scenario.name,
        "category": scenario.category,
        "tier": scenario.line,
        "count": scenario.count,
        **_ratio(found.ratio),
        "multiple": _shown(found.multiple),
        "default_ratio": show(default),
    }


def money_rows(
    amount: Decimal | None,
    policies: Iterable[Policy],
    *,
    unpriced: int,
    insiders: Sequence[bool] = (False,),
) -> list[Row]:
    """An amount of yuan against the lines for money, apart from all counts; None: no prices.

    ``unpriced``: rows of the same ledgers without a readable price.
    """
    rows: list[Row] = []
    for policy in policies:
        for insider in insiders:
            share = policy.insider if insider else Fraction(1)
            if policy.money is None or share is None:
                continue
            threshold = policy.money * share
            ratio = None if amount is None else Fraction(amount) / threshold
            row: Row = {"policy": policy.id, "insider": insider, "unpriced": unpriced}
            row |= {"amount": None if amount is None else f"{amount:.2f}"}
            row |= {"threshold": _plain(threshold), **_ratio(ratio)}
            rows.append(row | _basis("money", policy.bases["money"]))
    return rows


def rule_rows(policies: Iterable[Policy]) -> list[Row]:
    """Every line of the policies with its basis, so that a table can be checked against them."""
    return [row for policy in policies for row in _rules(policy)]


def _rules(policy: Policy) -> Iterator[Row]:
    head: Row = {"policy": policy.id, "version": policy.version, "sha256": policy.sha256}
    blank: Row = {"threshold": None, "tier": None, "also": []}
    for line in policy.lines:
        row = blank | {"rule_part": "line", "category": line.id, "threshold": line.threshold}
        yield head | row | _basis(line.id, line.basis)
    worth = {
        "sum": None,
        "insider": None if policy.insider is None else spell(policy.insider),
        "multiple": policy.multiple,
        "money": policy.money,
    }
    for key, basis in policy.bases.items():
        row = blank | {"rule_part": key, "category": None, "threshold": worth[key]}
        yield head | row | _basis(key, basis)
    for name, (_, basis) in policy.remarks.items():
        yield head | blank | {"rule_part": "remark", "category": name} | _basis(name, basis)
    for each in policy.categories:
        row = {"rule_part": "category", "category": each.id, "threshold": None}
        row |= {"tier": each.line, "also": list(each.also)}
        yield head | row | _basis(each.id, each.basis)


def _ratio(ratio: Fraction | None) -> Row:
    return {"ratio": _shown(ratio), "exact": None if ratio is None else spell(ratio)}


def _shown(ratio: Fraction | None) -> str | None:
    return None if ratio is None else show(ratio)


def _plain(threshold: Fraction | None) -> int | str | None:
    """A threshold as a whole number where it is one."""
    if threshold is None:
        return None
    return threshold.numerator if threshold.denominator == 1 else spell(threshold)


def _basis(name: str, basis: Basis | None) -> Row:
    """Basis, whether it is contested, and the name its note is kept by; nothing for UNMAPPED."""
    if basis is None:
        return {"basis": None, "contested": None, "note": None}
    note = name if basis.note else None
    return {"basis": basis.basis, "contested": basis.contested, "note": note}

"""Tier tables (T10): counts as ratios to the thresholds of a rule, with other readings.

Input are counts and policies, output are rows with English keys.
:mod:`piiscan.case.tiers.tier_cells` puts them into words. A row states a ratio under a rule and no
legal consequence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from piiscan.case.store.common_columns import SCOPE, SCOPE_KIND
from piiscan.case.tiers.assessment import (
    ROW_TIERS,
    Assessment,
    RowTier,
    Scenario,
    assess,
    highest_choices,
    scenarios_of,
)
from piiscan.case.tiers.policy import Policy
from piiscan.case.tiers.ratios import format_ratio
from piiscan.case.tiers.rule_file import LegalBasis
from piiscan.case.tiers.tier_cells import (
    ALSO,
    CATEGORY,
    CONTESTED,
    INSIDER,
    NOTE,
    POLICY,
    ROW_TIER,
    RULE_PART,
    SCENARIO,
    TIER,
)
from piiscan.pages import report_table
from piiscan.pages.report_table import ReportTable, TableColumn, checksum, coded, number, text
from piiscan.wording.words import Words

Row = dict[str, Any]


def tier_tables(
    counts: Mapping[str, int],
    policies: Iterable[Policy],
    *,
    proposed: Mapping[str, int] | None = None,
    open_acquired: Mapping[str, int] | None = None,
    duty: Mapping[str, int] | None = None,
    open_duty: Mapping[str, int] | None = None,
    unroled: Mapping[str, int] | None = None,
    other_key: Mapping[str, int] | None = None,
    utmost: Mapping[str, int] | None = None,
) -> dict[str, list[Row]]:
    """Return the tables ``tiers`` and ``tier_scenarios`` for counts by categories.

    Args:
        counts: categories joined by ``+`` -> number of records.
        policies: the rules.
        proposed: counts with the proposed categories added, for the highest reading.
        open_acquired: counts with acquisitions of which it is open if they were unlawful.
        duty: of ``counts`` what was obtained in duty or service, for the insiders' thresholds.
        open_duty: ``duty`` with those of which that is open.
        unroled: what the register gives no role, beside ``counts``: a reading adds it.
        other_key: counts with records whose key fails its check beside another that passes.
        utmost: counts with all that any reading adds, for one at the lowest thresholds.
    """
    tables: dict[str, list[Row]] = {"tiers": [], "tier_scenarios": []}
    for policy in policies:
        insider = policy.insider is not None and bool(open_duty or duty)
        more = {"open_acquired": open_acquired or counts}
        if unroled:
            more["unroled"] = Counter(counts) + Counter(unroled)
        if other_key is not None:
            more["other_key"] = other_key
        mixed = duty if insider else None
        tables["tiers"] += _tier_rows(counts, policy, insider=False)
        tables["tier_scenarios"] += _scenario_rows(
            counts, proposed, policy, insider=False, more=more, mixed=mixed, utmost=utmost
        )
        if insider:
            tables["tiers"] += _tier_rows(duty or {}, policy, insider=True)
            more = {"open_duty": open_duty or duty or {}}
            tables["tier_scenarios"] += _scenario_rows(
                duty or {}, None, policy, insider=True, more=more
            )
    return tables


def _tier_rows(counts: Mapping[str, int], policy: Policy, *, insider: bool) -> Iterator[Row]:
    """Yield the rows of ``tiers``: ratios for ``highest`` and, if different, ``per-element``."""
    previous = None
    for row_tier in ROW_TIERS:
        found = assess(counts, policy, insider=insider, row_tier=row_tier)
        if found.figures != previous:
            yield from _category_rows(found)
        previous = found.figures


def _category_rows(found: Assessment) -> Iterator[Row]:
    """Yield a row of ``tiers`` per category, then one for the sum of their ratios."""
    policy = found.policy
    head: Row = {"policy": policy.id, "insider": found.insider, "row_tier": found.row_tier}
    for figure in found.figures:
        category = policy.category(figure.category)
        row: Row = {"category": figure.category, "tier": figure.line, "count": figure.count}
        row |= {
            "threshold": _whole_or_fraction(figure.threshold),
            **_ratio_cells(figure.ratio),
            "multiple": None,
        }
        yield head | row | _basis_cells(figure.category, category)
    basis = policy.bases["insider" if found.insider else "sum"]
    total: Row = {"category": None, "tier": None, "count": None, "threshold": None}
    total |= {**_ratio_cells(found.ratio), "multiple": _format_optional(found.multiple)}
    yield head | total | _basis_cells("insider" if found.insider else "sum", basis)


def _scenario_rows(
    counts: Mapping[str, int],
    proposed: Mapping[str, int] | None,
    policy: Policy,
    *,
    insider: bool,
    more: Mapping[str, Mapping[str, int]],
    mixed: Mapping[str, int] | None = None,
    utmost: Mapping[str, int] | None = None,
) -> Iterator[Row]:
    """Yield the rows of ``tier_scenarios``: a sum of ratios per reading of the policy.

    Readings are under ``highest`` and, if it differs, ``per-element``.

    Args:
        counts: categories -> number.
        proposed: ``counts`` with proposed categories.
        policy: the rule.
        insider: True for the insiders' thresholds.
        more: name of a further reading -> its counts; left out if they are the same.
        mixed: the part of ``counts`` that is weighed by the insiders' thresholds in a reading.
        utmost: ``counts`` with all that other readings add.
    """
    both = [
        list(scenarios_of(counts, policy, proposed=proposed, insider=insider, row_tier=row_tier))
        for row_tier in ROW_TIERS
    ]
    for readings, row_tier in zip(both, ROW_TIERS, strict=True):
        for name, other in more.items():
            if other != counts:
                found = assess(other, policy, insider=insider, row_tier=row_tier)
                added = sum(other.values()) - sum(counts.values())
                readings.append(Scenario(name, None, None, added, found))
        choices = highest_choices(utmost or {}, policy)
        known = [counts, proposed, *(more.values() if not choices else ())]
        if utmost is not None and utmost not in known:
            found = assess(utmost, policy, row_tier=row_tier, choices=choices)
            readings.append(Scenario("utmost", None, None, None, found))
        if mixed:
            found = _mixed_assessment(counts, mixed, policy, row_tier)
            readings.append(Scenario("mixed_duty", None, None, None, found))
    default = both[0][0].assessment.ratio
    for highest, each in zip(*both, strict=True):
        yield _scenario_row(highest, default)
        if each.assessment.ratio != highest.assessment.ratio:
            yield _scenario_row(each, default)


def _mixed_assessment(
    counts: Mapping[str, int], duty: Mapping[str, int], policy: Policy, row_tier: RowTier
) -> Assessment:
    """Return the ratios of ``counts``: its part ``duty`` by the insiders' lines, the rest in full.

    Courts have not settled this reading.
    """
    rest = {key: count - duty.get(key, 0) for key, count in counts.items()}
    full = assess(rest, policy, row_tier=row_tier)
    half = assess(duty, policy, insider=True, row_tier=row_tier)
    return replace(full, figures=(*full.figures, *half.figures))


def _scenario_row(scenario: Scenario, default: Fraction) -> Row:
    """Return one row of ``tier_scenarios``. ``default``: ratio of the policy's own reading."""
    found = scenario.assessment
    return {
        "policy": found.policy.id,
        "insider": found.insider,
        "row_tier": found.row_tier,
        "scenario": scenario.name,
        "category": scenario.category,
        "tier": scenario.line,
        "count": scenario.count,
        **_ratio_cells(found.ratio),
        "multiple": _format_optional(found.multiple),
        "default_ratio": format_ratio(default),
    }


def money_rows(
    amount: Decimal | None,
    policies: Iterable[Policy],
    *,
    unpriced: int,
    insiders: Sequence[bool] = (False,),
) -> list[Row]:
    """Return a row per policy with a money threshold: yuan ``amount`` as ratio to it.

    Args:
        amount: sum of prices, None if there are none.
        policies: the rules.
        unpriced: transaction rows without a readable price.
        insiders: readings to print, as in ``tier_tables``.
    """
    rows: list[Row] = []
    for policy in policies:
        for insider in insiders:
            if policy.money is None or (insider and policy.insider is None):
                continue
            share = policy.insider.share if insider and policy.insider else 1
            threshold = Fraction(policy.money.threshold) * share
            ratio = None if amount is None else Fraction(amount) / threshold
            row: Row = {"policy": policy.id, "insider": insider, "unpriced": unpriced}
            row |= {"amount": None if amount is None else f"{amount:.2f}"}
            row |= {"threshold": _whole_or_fraction(threshold), **_ratio_cells(ratio)}
            rows.append(row | _basis_cells("money", policy.money))
    return rows


def rule_rows(policies: Iterable[Policy]) -> list[Row]:
    """Return the table ``tier_rules``: lines and categories of policies with legal basis.

    A reader can check the tier tables against them.
    """
    return [row for policy in policies for row in _policy_rows(policy)]


def _policy_rows(policy: Policy) -> Iterator[Row]:
    """Yield one policy's ``tier_rules`` rows: lines, sum, insider, money, remarks, categories."""
    head: Row = {"policy": policy.id, "version": policy.version, "sha256": policy.sha256}
    blank: Row = {"threshold": None, "tier": None, "also": []}
    for line in policy.lines:
        row = blank | {"rule_part": "line", "category": line.id, "threshold": line.threshold}
        yield head | row | _basis_cells(line.id, line)
    thresholds = {
        "sum": None,
        "insider": None if policy.insider is None else str(policy.insider.share),
        "multiple": policy.multiple and policy.multiple.times,
        "money": policy.money and policy.money.threshold,
        "levels": None,
    }
    for key, basis in policy.bases.items():
        row = blank | {"rule_part": key, "category": None, "threshold": thresholds[key]}
        yield head | row | _basis_cells(key, basis)
    for remark in policy.remarks:
        row = blank | {"rule_part": "remark", "category": remark.id}
        yield head | row | _basis_cells(remark.id, remark)
    for each in policy.categories:
        row = {"rule_part": "category", "category": each.id, "threshold": None}
        row |= {"tier": each.line, "also": list(each.also)}
        yield head | row | _basis_cells(each.id, each)


def _ratio_cells(ratio: Fraction | None) -> Row:
    """Return the cells ``ratio`` (``1.10``) and ``exact`` (``11/10``) of a row."""
    return {
        "ratio": _format_optional(ratio),
        "exact": None if ratio is None else str(ratio),
    }


def _format_optional(ratio: Fraction | None) -> str | None:
    """Return the ratio with two decimal places, None for None."""
    return None if ratio is None else format_ratio(ratio)


def _whole_or_fraction(threshold: Fraction | None) -> int | str | None:
    """Return a threshold as whole number, or as text ``5/2`` if it is not whole."""
    if threshold is None:
        return None
    return threshold.numerator if threshold.denominator == 1 else str(threshold)


def _basis_cells(name: str, basis: LegalBasis | None) -> Row:
    """Return the cells of a legal basis: text, contested, name of its note.

    None for UNMAPPED.
    """
    if basis is None:
        return {"basis": None, "contested": None, "note": None}
    note = name if basis.note else None
    return {"basis": basis.basis, "contested": basis.contested, "note": note}


def _full_thresholds(tables: report_table.Rows) -> Sequence[report_table.Row]:
    """Return the readings with full thresholds, without those of insiders."""
    return [row for row in tables.get("tier_scenarios", ()) if not row["insider"]]


def _reading_name(row: report_table.Row, words: Words) -> str:
    """Return the name of a reading: unit, scenario, category, rule for records of several kinds.

    Readings that differ in any of these have different names.
    """
    parts = [f"{row['unit']} {words('scenario.' + row['scenario'].replace('-', '_'))}"]
    if row["category"]:
        parts.append(str(CATEGORY.text(row, words)))
    if row["row_tier"] != ROW_TIERS[0]:
        parts.append(str(ROW_TIER.text(row, words)))
    return words("page.between").join(parts)


TIERS: Final = ReportTable(
    "tiers",
    (
        SCOPE_KIND,
        SCOPE,
        coded("unit", "unit"),
        POLICY,
        INSIDER,
        ROW_TIER,
        CATEGORY,
        TIER,
        number("count"),
        number("threshold"),
        number("ratio"),
        text("exact"),
        number("multiple"),
        text("basis"),
        CONTESTED,
        NOTE,
    ),
    section="T10",
    made_by="count",
    notes=("tiers.ratio", "tiers.rounding", "tiers.row_tier"),
    order={
        "page": (
            "scope_kind", "scope", "unit", "category", "tier", "count", "threshold", "ratio",
            "insider", "contested",
        ),
        "terminal": (
            "scope", "unit", "count", "ratio", "insider", "category", "tier", "row_tier", "policy",
        ),
    },
    page_rows=80,
)  # fmt: skip
TIER_SCENARIOS: Final = ReportTable(
    "tier_scenarios",
    (
        SCOPE_KIND,
        SCOPE,
        coded("unit", "unit"),
        POLICY,
        INSIDER,
        ROW_TIER,
        SCENARIO,
        CATEGORY,
        TIER,
        number("count"),
        number("ratio"),
        text("exact"),
        number("multiple"),
        number("default_ratio"),
        TableColumn("reading", shown=frozenset(), empty=_reading_name),  # for charts
    ),
    section="T10",
    made_by="count",
    notes=("tiers.scenarios",),
    order={
        "page": (
            "scope_kind", "scope", "unit", "scenario", "category", "tier", "row_tier", "count",
            "ratio",
        ),
        "terminal": (
            "scope", "unit", "ratio", "scenario", "category", "tier", "row_tier", "policy",
        ),
    },
    rows={"page": _full_thresholds, "terminal": _full_thresholds},
    page_rows=80,
)  # fmt: skip
TIER_MONEY: Final = ReportTable(
    "tier_money",
    (
        SCOPE_KIND,
        SCOPE,
        coded("status", "status"),
        POLICY,
        INSIDER,
        number("amount"),
        number("unpriced"),
        number("threshold"),
        number("ratio"),
        text("exact"),
        text("basis"),
        CONTESTED,
        NOTE,
    ),
    section="T10",
    made_by="count",
    notes=("tiers.money",),
    order={
        "terminal": (
            "scope", "status", "amount", "unpriced", "threshold", "ratio", "insider", "policy",
        )
    },
)  # fmt: skip
#: Keys of the sentences on how to read the tables.
TIER_NOTES: Final = (*TIERS.notes, *TIER_SCENARIOS.notes, *TIER_MONEY.notes)
TIER_RULES: Final = ReportTable(
    "tier_rules",
    (
        POLICY,
        text("version"),
        RULE_PART,
        CATEGORY,
        number("threshold"),
        TIER,
        ALSO,
        text("basis"),
        CONTESTED,
        NOTE,
        checksum("sha256"),
    ),
    section="T10",
    made_by="count",
)

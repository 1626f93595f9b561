"""Tier inputs: records by category, amounts and sensitive kinds, compared with the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

from piiscan.case.count.tables.by_category import (
    ASSESSED_SCOPES,
    ASSESSED_UNITS,
    TRANSFER_FIELDS,
    PartCombination,
    categories_of_mask,
    count_by_category,
    create_masks,
    part_combinations,
)
from piiscan.case.count.tables.event_table import EVENTS
from piiscan.case.count.tables.under_age import UNDER_AGE
from piiscan.case.flow.parties import FlowSettings
from piiscan.case.flow.weighed_transfers import weigh_transfers
from piiscan.case.tiers import (
    NO_COMPOSITION,
    Composition,
    Policy,
    Profile,
    Sensitivity,
    categories_of,
    propose_categories,
)
from piiscan.case.tiers.composition_table import COMPOSITIONS, PROPOSALS, SENSITIVITY
from piiscan.case.tiers.crossings import TIER_CROSSINGS
from piiscan.case.tiers.tier_cells import rule_words
from piiscan.case.tiers.tier_tables import TIER_MONEY, TIER_RULES, tier_tables

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class TierRules:
    """Rules of a count: policies, sensitivity profiles, and the profile of the material or None."""

    policies: tuple[Policy, ...] = ()
    sensitivities: tuple[Sensitivity, ...] = ()
    profile: Profile | None = None

    def facts(self) -> dict[str, Any]:
        """Return names, versions and checksums of the rules, as JSON values."""
        named = {p.id: {"version": p.version, "sha256": p.sha256} for p in self.policies}
        named |= {s.id: {"version": s.version, "sha256": s.sha256} for s in self.sensitivities}
        return {"rules": named, "profile": self.profile.sha256 if self.profile else None}

    def words(self) -> dict[str, Mapping[str, str]]:
        """Return rule id -> title by language, for the rules and their lines and categories."""
        return rule_words(self.policies, self.sensitivities)

    def composition(self, path: str, member: str, headers: Sequence[str]) -> Composition:
        """Return the categories that the profile assigns to one part of the source ``path``."""
        if self.profile is None:
            return NO_COMPOSITION
        return self.profile.composition(path, member=member, headers=headers)


def assessment_tables(
    connection: Any,
    rules: TierRules,
    *,
    paths: Mapping[int, str],
    display_names: Mapping[str, str],
    parts: Sequence[Mapping[str, Any]],
    counted_tables: Mapping[str, Sequence[Row]],
    under_14: Mapping[str, int],
    records: Sequence[Path],
    as_of: str,
    flow: FlowSettings,
) -> dict[str, list[Row]]:
    """Return the tables ``tiers``, ``tier_scenarios``, ``tier_money``, ``sensitivity`` …, by name.

    Args:
        connection: the count database.
        rules: policies and profiles to assess by.
        paths: path of each source.
        display_names: masked form of each path or member that contains personal data.
        parts: rows with source, member and ``headers``.
        counted_tables: the other tables of the count.
        under_14: entity -> distinct values of persons surely under fourteen.
        records: shards of RECORDS that state who is under fourteen.
        as_of: day on which the age is taken.
        flow: settings of the flow; its tables of transfers are there already.
    """
    combinations = part_combinations(connection)
    headers = {(part["source"], part["member"]): part["headers"] for part in parts}
    tables: dict[str, list[Row]] = {"tiers": [], "tier_scenarios": []}
    confirmed: dict[str, int] = {}
    events: list[Row] = []
    for policy in rules.policies:
        stated, proposed = (
            _PartCategories.of(combinations, policy, rules, paths, headers, with_proposals)
            for with_proposals in (False, True)
        )
        events += EVENTS.rows_from(connection, policy, stated.own)
        found = stated.count(connection, flow)
        highest = found if proposed == stated else proposed.count(connection, flow)
        if policy == rules.policies[0]:
            material = found.get(("total", "total", "U1"))
            confirmed = {} if material is None else _confirmed_counts(material.counts, policy)
        for (kind, scope, unit), each in found.items():
            head = {"scope_kind": kind, "scope": scope, "unit": unit}
            reading_tables = tier_tables(
                each.counts,
                [policy],
                proposed=highest[kind, scope, unit].counts,
                open_acquired=each.open_acquired,
                duty=each.duty,
                open_duty=each.open_duty,
            )
            for name, rows in reading_tables.items():
                tables[name] += [head | row for row in rows]
    information = {
        row["entity"]: row["distinct"]
        for row in counted_tables["elements"]
        if row["scope_kind"] == "total"
    }
    information |= confirmed
    return tables | {
        TIER_CROSSINGS.name: TIER_CROSSINGS.rows_from(tables["tier_scenarios"]),
        TIER_MONEY.name: _money_table(counted_tables["money"], rules.policies),
        TIER_RULES.name: TIER_RULES.rows_from(rules.policies),
        COMPOSITIONS.name: COMPOSITIONS.rows_from(rules.profile) if rules.profile else [],
        EVENTS.name: events,
        UNDER_AGE.name: UNDER_AGE.rows_from(connection, records, parts, as_of=as_of),
        PROPOSALS.name: _proposal_table(paths, display_names, parts, rules.policies),
        SENSITIVITY.name: SENSITIVITY.rows_from(
            information, rules.sensitivities, under_14=under_14
        ),
    }


def _confirmed_counts(counts: Mapping[str, int], policy: Policy) -> dict[str, int]:
    """Return category -> records of each category of ``counts`` that only a profile assigns."""
    found: dict[str, int] = {}
    for key, count in counts.items():
        for category in policy.composed.intersection(key.split("+")):
            found[category] = found.get(category, 0) + count
    return found


@dataclass(frozen=True, slots=True)
class _CategoryCounts:
    """Counts by category (``A+B``) of one scope and unit; see ``tier_tables`` for the others."""

    counts: dict[str, int]
    open_acquired: dict[str, int] | None = None
    duty: dict[str, int] | None = None
    open_duty: dict[str, int] | None = None


@dataclass(frozen=True, slots=True)
class _PartCategories:
    """Categories (``A+B``) of each part combination: of its records, and of business records."""

    own: list[str]
    business: list[str]

    @classmethod
    def of(
        cls,
        combinations: Sequence[PartCombination],
        policy: Policy,
        rules: TierRules,
        paths: Mapping[int, str],
        headers: Mapping[tuple[int, str], Sequence[str]],
        with_proposals: bool,
    ) -> _PartCategories:
        """Return the categories under ``policy``, with the proposals of headers if wanted."""
        own, business = [], []
        for part in combinations:
            part_headers = headers.get((part.source, part.member), ())
            composition = rules.composition(paths[part.source], part.member, part_headers)
            if with_proposals:
                composition = composition.with_proposals(part_headers, policy)
            categories = categories_of(policy, part.combination, composition=composition)
            if policy.business in composition.kinds:
                categories = str(policy.business)
            own.append(categories)
            public = policy.business is not None and policy.business not in composition.without
            business.append(str(policy.business) if public else categories)
        return cls(own, business)

    def count(
        self, connection: Any, settings: FlowSettings
    ) -> dict[tuple[str, str, str], _CategoryCounts]:
        """Return (scope kind, scope, unit) -> counts by category."""
        names = create_masks(connection, self.own, self.business)
        found = {
            (kind, scope, unit): _CategoryCounts(counts)
            for kind, unit in product((*ASSESSED_SCOPES, "status"), ASSESSED_UNITS)
            for scope, counts in count_by_category(connection, names, kind=kind, unit=unit).items()
        }

        def named(counts: Mapping[int, int]) -> dict[str, int]:
            """Return the counts by the names of categories instead of masks."""
            return {categories_of_mask(mask, names): number for mask, number in counts.items()}

        for unit, field in TRANSFER_FIELDS.items():
            for (kind, scope), each in weigh_transfers(connection, settings, field).items():
                found[kind, scope, unit] = _CategoryCounts(
                    *map(named, (each.total, each.total_high, each.duty, each.duty_high))
                )
        return found


def _money_table(money: Sequence[Row], policies: Sequence[Policy]) -> list[Row]:
    """Return the rows of ``tier_money``: yuan sold per scope against money thresholds."""
    rows: list[Row] = []
    for each in money:
        if each["scope_kind"] in ASSESSED_SCOPES and each["status"] in ("sold", "provided"):
            unpriced = each["unpriced"] + each["unreadable"]
            amount = None if each["sum"] is None else Decimal(each["sum"])
            assessed = TIER_MONEY.rows_from(amount, policies, unpriced=unpriced)
            head = {name: each[name] for name in ("scope_kind", "scope", "status")}
            rows += [head | row for row in assessed]
    return rows


def _proposal_table(
    paths: Mapping[int, str],
    display_names: Mapping[str, str],
    parts: Sequence[Mapping[str, Any]],
    policies: Sequence[Policy],
) -> list[Row]:
    """Return a row per part and category that its column names suggest under the first policy."""
    named_parts = []
    for part in parts:
        path, member = paths[part["source"]], part["member"]
        names = {"path": display_names.get(path, path), "member": display_names.get(member, member)}
        named_parts.append({**names, "headers": part["headers"]})
    return [
        row
        for policy in policies[:1]
        for row in PROPOSALS.rows_from(propose_categories(named_parts, policy))
    ]

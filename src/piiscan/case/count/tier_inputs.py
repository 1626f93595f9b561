"""Tier inputs: records by category, amounts and sensitive kinds, compared with the rules."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final, TypeAlias

from piiscan.case.count.count_rules import TierRules
from piiscan.case.count.counted_findings import count_under_14
from piiscan.case.count.table_context import TableContext
from piiscan.case.count.tables.by_category import (
    ASSESSED_SCOPES,
    ASSESSED_UNITS,
    TRANSFER_UNITS,
    UNIT_FIELDS,
    PartCombination,
    categories_apart,
    count_bare,
    count_by_category,
    create_live,
    create_masks,
    create_other_keys,
    part_combinations,
)
from piiscan.case.count.tables.event_table import EVENTS, count_events
from piiscan.case.flow.transfers import find_parties
from piiscan.case.flow.weighed_transfers import Masks, weigh_transfers
from piiscan.case.register import GroupMember
from piiscan.case.tiers import (
    NO_COMPOSITION,
    Policy,
    categories_of,
    propose_categories,
    suggesting_headers,
)
from piiscan.case.tiers.assessment import assess, names_in
from piiscan.case.tiers.composition_table import (
    COMPOSITIONS,
    PROPOSALS,
    SENSITIVITY,
    composition_rows,
    proposal_rows,
    sensitivity_rows,
)
from piiscan.case.tiers.crossings import TIER_CROSSINGS, crossing_rows
from piiscan.case.tiers.level_table import TIER_LEVELS, level_rows
from piiscan.case.tiers.own_columns import composition_of_person
from piiscan.case.tiers.rule_times import RULE_TIMES, Acts, rule_time_rows
from piiscan.case.tiers.tier_tables import (
    TIER_MONEY,
    TIER_RULES,
    TIER_SCENARIOS,
    TIERS,
    money_rows,
    rule_rows,
    tier_tables,
)
from piiscan.case.tiers.total_terms import TOTAL_TERMS
from piiscan.pages.report_table import ReportTable

Row = dict[str, Any]


#: Function that builds a table from the inputs of all tables.
Builder = Callable[[TableContext], list[Row]]


@dataclass(frozen=True, slots=True)
class _Ratios:
    """Rows of ratios, events and terms, and the records of the categories that are confirmed.

    ``keys``: scope kind and name -> keys by category under the first policy.
    """

    tiers: list[Row]
    scenarios: list[Row]
    events: list[Row]
    terms: list[Row]
    confirmed: dict[str, int]
    keys: dict[tuple[str, str], dict[str, int]]


def _read_ratios(context: TableContext) -> _Ratios:
    """Return the ratios of every scope and unit under every policy, and the events."""
    rules, paths = context.rules.tiers, context.case.paths
    combinations = context.once(part_combinations)
    headers = {(part["source"], part["member"]): part["headers"] for part in context.case.parts}
    ratios = _Ratios([], [], [], [], {}, {})
    for policy in rules.policies:
        stated, proposed = (
            _PartCategories.of(combinations, policy, rules, paths, headers, with_proposals)
            for with_proposals in (False, True)
        )
        ratios.events.extend(count_events(context, policy, stated.own))
        found = stated.count(context, policy)
        highest = found if proposed == stated else proposed.count(context, policy)
        if policy == rules.policies[0]:
            material = found.get(("total", "total", "U1"))
            if material is not None:
                ratios.confirmed.update(_confirmed_counts(material.counts, policy))
            for (kind, scope, unit), each in found.items():
                if unit == "U2":
                    ratios.keys[kind, scope] = each.counts
            live = stated.count_live(context, policy)
            ratios.terms.extend(_total_terms(context, found, live, policy))
        for (kind, scope, unit), each in found.items():
            head = {"scope_kind": kind, "scope": scope, "unit": unit}
            most = highest[kind, scope, unit]
            reading_tables = tier_tables(
                each.counts,
                [policy],
                proposed=most.counts,
                utmost=most.utmost,
                open_acquired=each.open_acquired,
                duty=each.duty,
                open_duty=each.open_duty,
                unroled=each.unroled,
                other_key=each.other_key,
            )
            ratios.tiers.extend(head | row for row in reading_tables["tiers"])
            ratios.scenarios.extend(head | row for row in reading_tables["tier_scenarios"])
    return ratios


def _levels(context: TableContext) -> list[Row]:
    """Return ``tier_levels``: persons of the case and of each suspect, under rules of levels."""
    keys = context.once(_read_ratios).keys if context.rules.tiers.levels else {}
    return [
        {"scope_kind": units["scope_kind"], "scope": units["scope"]} | row
        for units in context.tables["units"]
        if units["scope_kind"] in ("total", "suspect")
        for row in level_rows(
            context.rules.tiers.levels,
            {unit: units[unit] for unit in ("U2", "U4")},
            keys.get((units["scope_kind"], units["scope"]), {}),
        )
    ]


def _total_terms(
    context: TableContext, found: _Counts, live: _Counts | None, policy: Policy
) -> Iterator[Row]:
    """Yield the rows of ``total_terms``: the terms of the totals of each suspect, group or case.

    The totals are those of the tables of ratios: records at their lowest line, full thresholds.
    ``live``: counts without recovered data, None if they are ``found``.
    """
    without = found if live is None else live
    bare_of = {
        (*scope, unit): number
        for unit in ("U1d", "U2")
        for scope, number in count_bare(context, unit, "" if live is None else "live_").items()
    }
    for (kind, scope, unit), of_scope in found.items():
        if unit == "U1" or kind not in ("total", "suspect", "group"):
            continue
        counted = without.get((kind, scope, unit), _CategoryCounts({}))
        units = sum(counted.counts.values())
        total, of_live = (
            sum(figure.count for figure in assess(each.counts, policy).figures)
            for each in (of_scope, counted)
        )
        bare = bare_of.get((kind, scope, unit), counted.bare.get("total", 0))
        if unit in TRANSFER_UNITS:
            sold = sum((counted.sold or {}).values()) - counted.bare.get("sold", 0)
            terms = {"sold": sold, "not_sold": units - bare - sold}
        else:
            terms = {"identified": units - bare}
        most_bare = counted.bare.get("total_high", bare)
        terms |= {"bare": bare, "kinds": of_live - units, "bare_open": most_bare - bare}
        if live is not None:
            terms["recovered"] = total - of_live
        for term, count in terms.items():
            head = {"scope_kind": kind, "scope": scope, "unit": unit}
            yield head | {"term": term, "count": count}


def _sensitivity(context: TableContext) -> list[Row]:
    """Return the sensitive kinds: distinct values, and records of confirmed categories."""
    information = {
        row["entity"]: row["distinct"]
        for row in context.tables["elements"]
        if row["scope_kind"] == "total"
    }
    information |= context.once(_read_ratios).confirmed
    return sensitivity_rows(
        information, context.rules.tiers.sensitivities, under_14=count_under_14(context)
    )


def _compositions(context: TableContext) -> list[Row]:
    """Return the parts of the profile; empty without a profile."""
    profile = context.rules.tiers.profile
    return composition_rows(profile) if profile else []


def _confirmed_counts(counts: Mapping[str, int], policy: Policy) -> dict[str, int]:
    """Return category -> records of each category of ``counts`` that only a profile assigns."""
    found: dict[str, int] = {}
    for key, count in counts.items():
        for category in policy.composed & names_in(key):
            found[category] = found.get(category, 0) + count
    return found


@dataclass(frozen=True, slots=True)
class _CategoryCounts:
    """Counts by category (``A+B``) of one scope and unit; see ``tier_tables`` for the others."""

    counts: dict[str, int]
    open_acquired: dict[str, int] | None = None
    duty: dict[str, int] | None = None
    open_duty: dict[str, int] | None = None
    unroled: dict[str, int] | None = None
    sold: dict[str, int] | None = None
    other_key: dict[str, int] | None = None
    bare: Mapping[str, int] = field(default_factory=dict, kw_only=True)

    @property
    def utmost(self) -> dict[str, int]:
        """Return the counts with all that a reading adds: open, without a role, by another key."""
        found = Counter(self.open_acquired or self.counts) + Counter(self.unroled or {})
        if self.other_key is not None:
            found.update(self.other_key)
            found.subtract(self.counts)
        return dict(+found)


#: Scope kind, scope and unit -> counts by category.
_Counts: TypeAlias = Mapping[tuple[str, str, str], _CategoryCounts]


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
        proposed: dict[Sequence[str], Iterable[str]] = {}
        known: dict[tuple[Any, ...], tuple[str, str]] = {}  # of parts without a profile
        for part in combinations:
            part_headers = headers.get((part.source, part.member), ())
            composition = rules.composition(paths[part.source], part.member, part_headers)
            alike = composition is NO_COMPOSITION, part_headers, part.combination, part.aside
            if alike[0] and alike in known:
                own.append(known[alike][0])
                business.append(known[alike][1])
                continue
            if with_proposals:
                if part_headers not in proposed:
                    proposed[part_headers] = suggesting_headers(part_headers, policy)
                composition = composition.with_proposals(proposed[part_headers], policy)
            reached = composition
            if part.aside is not None:
                reached = composition_of_person(composition, part.aside, part_headers, policy)
            categories = categories_of(policy, part.combination, composition=reached)
            if policy.business in composition.kinds:
                categories = str(policy.business)
            own.append(categories)
            public = policy.business is not None and policy.business not in composition.without
            business.append(str(policy.business) if public else categories)
            known[alike] = own[-1], business[-1]
        return cls(own, business)

    def count(
        self, context: TableContext, policy: Policy
    ) -> dict[tuple[str, str, str], _CategoryCounts]:
        """Return (scope kind, scope, unit) -> counts by category."""
        names = create_masks(context, self.own, self.business)
        found = self._count(context, names, policy, ASSESSED_UNITS)
        if context.once(create_other_keys):
            units = [unit for unit in ASSESSED_UNITS if unit != "U1"]
            without, with_other = (
                self._count(context, names, policy, units, f"{name}_")
                for name in ("without", "with")
            )
            nothing = _CategoryCounts({})
            for at, more in with_other.items():
                counts = found.get(at, nothing).counts
                other = Counter(counts)
                other.update(more.counts)
                other.subtract(without.get(at, nothing).counts)
                found[at] = replace(found.get(at, nothing), counts=counts, other_key=dict(+other))
        return found

    def count_live(self, context: TableContext, policy: Policy) -> _Counts | None:
        """Return the counts without recovered data; None if the register confirms none of it."""
        if not context.once(create_live):
            return None
        names = create_masks(context, self.own, self.business)
        return self._count(context, names, policy, ("U1d", "U2"), "live_")

    def _count(
        self,
        context: TableContext,
        names: Sequence[str],
        policy: Policy,
        units: Sequence[str],
        tables: str = "",
    ) -> dict[tuple[str, str, str], _CategoryCounts]:
        """Return the counts of ``units`` and of transfers. ``tables``: prefix of the rows' tables.

        Without a prefix, the rows are all of ``weighed``.
        """

        def table(field: str) -> str:
            """Return the name of the table with the rows for a field."""
            return f"{tables}{field}" if tables else "weighed"

        by_unit = [
            (
                unit,
                count_by_category(context, names, unit, policy.apart, table(UNIT_FIELDS[unit])),
            )
            for unit in units
        ]
        kinds: tuple[str, ...] = (*ASSESSED_SCOPES, "status")
        found = {
            (kind, scope, unit): _CategoryCounts(counts[kind, scope])
            for kind in kinds
            for unit, counts in by_unit
            for kind_, scope in counts
            if kind_ == kind
        }

        def named(counts: Mapping[Masks, int]) -> dict[str, int]:
            """Return the counts by the names of categories instead of masks."""
            by_name = Counter[str]()
            for masks, number in counts.items():
                by_name[categories_apart(masks, apart, names)] += number
            return dict(by_name)

        apart = sum(1 << at for at, name in enumerate(names) if name in policy.apart)
        for unit, element in TRANSFER_UNITS.items():
            bits = 0 if element == "content" else apart
            for (kind, scope), each in weigh_transfers(context, element, bits, tables).items():
                figures = (each.total, each.total_high, each.duty, each.duty_high, each.unroled)
                by_name = map(named, (*figures, each.sold))
                found[kind, scope, unit] = _CategoryCounts(*by_name, bare=each.bare)
        return found


def _money(context: TableContext) -> list[Row]:
    """Return the rows of ``tier_money``: yuan sold per scope against money thresholds."""
    rows: list[Row] = []
    for each in context.tables["money"]:
        if each["scope_kind"] in ASSESSED_SCOPES and each["status"] in ("sold", "provided"):
            unpriced = each["unpriced"] + each["unreadable"]
            amount = None if each["sum"] is None else Decimal(each["sum"])
            assessed = money_rows(amount, context.rules.tiers.policies, unpriced=unpriced)
            head = {name: each[name] for name in ("scope_kind", "scope", "status")}
            rows += [head | row for row in assessed]
    return rows


def _crossings(context: TableContext) -> list[Row]:
    """Return the lines that count or money crosses, from all readings of both.

    Money of a scope is that of its transfers, else what ledgers call sold or provided.
    """
    tables = context.tables
    known = {(row["scope_kind"], row["scope"]) for row in tables["dealing_money"]}
    of_ledgers = (r for r in tables["tier_money"] if (r["scope_kind"], r["scope"]) not in known)
    return crossing_rows(tables["tier_scenarios"], [*tables["dealing_money"], *of_ledgers])


def _proposals(context: TableContext) -> list[Row]:
    """Return a row per part and category that its column names suggest under the first policy."""
    paths, display_names = context.case.paths, context.case.display_names
    named_parts = []
    for part in context.case.parts:
        path, member = paths[part["source"]], part["member"]
        names = {"path": display_names.get(path, path), "member": display_names.get(member, member)}
        named_parts.append({**names, "headers": part["headers"]})
    return [
        row
        for policy in context.rules.tiers.policies[:1]
        for row in proposal_rows(propose_categories(named_parts, policy))
    ]


def _rule_times(context: TableContext) -> list[dict[str, Any]]:
    """Return ``rule_times``: a row per suspect, group or whole case, and policy with categories."""
    scopes = [(row["scope_kind"], row["scope"]) for row in context.tables["tier_crossings"]]
    acts = {scope: _acts(context, *scope) for scope in dict.fromkeys(scopes)}
    readings = context.tables["tier_scenarios"]
    return rule_time_rows(context.rules.tiers.policies, acts, readings)


def _acts(context: TableContext, kind: str, name: str) -> Acts:
    """Return the acts of one scope: transfers from or to it, without those inside of a group.

    A row of ``transfers`` that stands for those not listed has no day.
    """
    acts = Acts()
    members = [each for each in context.rules.flow.members if each.group == name]
    for row in context.tables["transfers"]:
        moment = row["transfer_time"]
        day = None if moment is None else datetime.date.fromisoformat(moment[:10])
        ends = [row["giver"], row["taker"]]
        if kind == "group":
            inside = _members_on(context, members, day)
            ours = len(inside.intersection(ends)) == 1
        else:
            ours = kind == "total" or name in ends
        if ours or row["number"] is None:
            acts = acts.with_day(day)
    return acts


def _members_on(
    context: TableContext, members: Iterable[GroupMember], day: datetime.date | None
) -> set[str]:
    """Return the names of the persons who are members on ``day``; of all members without a day."""
    parties = find_parties(context)
    return {
        parties.names[parties.number_of(each.member)]
        for each in members
        if day is None or (each.since or day) <= day <= (each.until or day)
    }


#: Tables of ratios -> their builders, which count for the pure functions of ``case.tiers``.
TIER_BUILDERS: Final[Mapping[ReportTable, Builder]] = {
    TIERS: lambda context: context.once(_read_ratios).tiers,
    TIER_SCENARIOS: lambda context: context.once(_read_ratios).scenarios,
    EVENTS: lambda context: context.once(_read_ratios).events,
    TIER_MONEY: _money,
    TIER_LEVELS: _levels,
    TIER_RULES: lambda context: rule_rows(context.rules.tiers.all_policies),
    COMPOSITIONS: _compositions,
    TIER_CROSSINGS: _crossings,
    TOTAL_TERMS: lambda context: context.once(_read_ratios).terms,
    PROPOSALS: _proposals,
    SENSITIVITY: _sensitivity,
    RULE_TIMES: _rule_times,
}

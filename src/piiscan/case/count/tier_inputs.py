"""What a count weighs: distinct keys by category against rules, amounts, sensitive kinds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import Any

from piiscan.case.count.tables.by_category import (
    SCOPES,
    UNITS,
    Holding,
    by_category,
    has_business,
    holdings,
)
from piiscan.case.tiers import (
    NOTHING,
    Policy,
    Profile,
    Sensitivity,
    categories_of,
    propose,
)
from piiscan.case.tiers.composition_table import composition_rows, proposal_rows, sensitivity_rows
from piiscan.case.tiers.tier_cells import rule_words
from piiscan.case.tiers.tier_tables import money_rows, rule_rows, tier_tables

Row = dict[str, Any]

#: Tables that stand there once for all scopes.
_INSIDERS = (False, True)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a count is weighed by; ``profile``: what a person says the material is, or None."""

    policies: tuple[Policy, ...] = ()
    sensitivities: tuple[Sensitivity, ...] = ()
    profile: Profile | None = None

    def facts(self) -> dict[str, Any]:
        """Names, versions and checksums of all of them."""
        named = {p.id: {"version": p.version, "sha256": p.sha256} for p in self.policies}
        named |= {s.id: {"version": s.version, "sha256": s.sha256} for s in self.sensitivities}
        return {"rules": named, "profile": self.profile.sha256 if self.profile else None}

    def words(self) -> dict[str, Mapping[str, str]]:
        """What they and their lines are called, for a count to keep."""
        return rule_words(self.policies, self.sensitivities)


def weigh(
    base: Any,
    rules: Rules,
    *,
    paths: Mapping[int, str],
    shown: Mapping[str, str],
    parts: Sequence[Mapping[str, Any]],
    counted: Mapping[str, Sequence[Row]],
    young: Mapping[str, int],
) -> dict[str, list[Row]]:
    """The tables of tiers, compositions and sensitivity.

    ``paths``: of each source; ``shown``: how names that hold personal data are shown; ``parts``:
    rows with source, member, ``headers``; ``counted``: the other tables of the count; ``young``:
    distinct values of persons surely under fourteen, by kind.
    """
    held = holdings(base)
    public = has_business(base)
    headers = {(part["source"], part["member"]): part["headers"] for part in parts}
    tables: dict[str, list[Row]] = {"tiers": [], "tier_scenarios": [], "tier_money": []}
    for policy in rules.policies:
        categories = [_category(each, policy, rules.profile, paths, headers) for each in held]
        for kind, unit in product((*SCOPES, "status"), UNITS):
            found = by_category(base, categories, kind=kind, unit=unit)
            own = found
            if public:
                own = by_category(base, categories, kind=kind, unit=unit, business=False)
            for scope, counts in found.items():
                head = {"scope_kind": kind, "scope": scope, "unit": unit}
                mine = own.get(scope, {})
                made = tier_tables(counts, [policy], insiders=_INSIDERS, own=mine)
                for name, rows in made.items():
                    tables[name] += [head | row for row in rows]
    tables["tier_money"] = _money(counted["money"], rules.policies)
    elements = {
        row["entity"]: row["distinct"]
        for row in counted["elements"]
        if row["scope_kind"] == "total"
    }
    return tables | {
        "tier_rules": rule_rows(rules.policies),
        "compositions": composition_rows(rules.profile) if rules.profile else [],
        "proposals": _proposals(paths, shown, parts, rules.policies),
        "sensitivity": sensitivity_rows(elements, rules.sensitivities, under_14=young),
    }


def _category(
    holding: Holding,
    policy: Policy,
    profile: Profile | None,
    paths: Mapping[int, str],
    headers: Mapping[tuple[int, str], Sequence[str]],
) -> str:
    """The categories of the records of one part with one combination of kinds."""
    said = NOTHING
    if profile is not None:
        member = holding.member
        told = headers.get((holding.source, member), ())
        said = profile.composition(paths[holding.source], member=member, headers=told)
    return categories_of(policy, holding.combination, composition=said)


def _money(money: Sequence[Row], policies: Sequence[Policy]) -> list[Row]:
    """Amounts of what was sold, in all and by suspect, against the lines for money."""
    rows: list[Row] = []
    for each in money:
        if each["scope_kind"] in SCOPES and each["status"] in ("sold", "provided"):
            unpriced = each["unpriced"] + each["unreadable"]
            amount = None if each["sum"] is None else Decimal(each["sum"])
            made = money_rows(amount, policies, unpriced=unpriced, insiders=_INSIDERS)
            head = {name: each[name] for name in ("scope_kind", "scope", "status")}
            rows += [head | row for row in made]
    return rows


def _proposals(
    paths: Mapping[int, str],
    shown: Mapping[str, str],
    parts: Sequence[Mapping[str, Any]],
    policies: Sequence[Policy],
) -> list[Row]:
    """What column names speak for, under the first of the rules."""
    told = []
    for part in parts:
        path, member = paths[part["source"]], part["member"]
        named = {"path": shown.get(path, path), "member": shown.get(member, member)}
        told.append({**named, "headers": part["headers"]})
    return [row for policy in policies[:1] for row in proposal_rows(propose(told, policy))]

"""Acts of each suspect and group by the days of their transfers, for the rules of these days."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from piiscan.case.count.table_context import TableContext
from piiscan.case.flow.transfers import find_parties
from piiscan.case.register import GroupMember
from piiscan.case.tiers.rule_times import Acts, rule_time_rows

Scope = tuple[str, str]


def rule_times(context: TableContext) -> list[dict[str, Any]]:
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

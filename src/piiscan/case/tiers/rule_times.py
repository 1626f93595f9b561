"""Rule times: the rules whose days cover the acts of each suspect, by the dates of transfers.

高检发释字〔2001〕5号: without an interpretation at the time of the act a later one governs
(art. 2). With one, that of the day does, unless the newer favours the accused (art. 3). Acts that
run across a change are put to a person, never split. ``2016, one rule of 2017 -> NO_EARLIER``
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Final

from piiscan.case.store.common_columns import SCOPE, SCOPE_KIND
from piiscan.case.tiers.crossings import weighed_rows
from piiscan.case.tiers.policy import Policy
from piiscan.case.tiers.tier_cells import POLICY
from piiscan.pages.report_table import EVERYWHERE, ReportTable, Row, coded, number, text

#: Last day of a rule that nothing repeals.
_NEVER: Final = datetime.date.max


@dataclass(frozen=True, slots=True)
class Acts:
    """First and last day of the transfers of a scope, None if unknown; number without a day."""

    first: datetime.date | None = None
    last: datetime.date | None = None
    undated: int = 0

    def with_day(self, day: datetime.date | None) -> Acts:
        """Return the acts with one more, on ``day`` or on an unknown one."""
        if day is None:
            return replace(self, undated=self.undated + 1)
        return Acts(min(self.first or day, day), max(self.last or day, day), self.undated)


def applicable_rules(policies: Sequence[Policy], acts: Acts) -> dict[str, str]:
    """Return id of each policy -> code of how its days lie to the acts.

    IN_FORCE: in force at the time. NO_EARLIER: made later, and there was none before. ONLY: one of
    these two. OF_THE_DAY, NEWER: in force at the time, and made later. BETWEEN: neither at the time
    nor the newest. REPEALED: no longer in force. ACROSS, UNDATED: a person decides.
    """
    found: dict[str, str] = {}
    for series in _series(policies):
        days = (acts.first, acts.last) if acts.first and acts.last else ()
        told = [_codes_on(series, day) for day in days]
        known = bool(told) and not acts.undated and told[0] == told[-1]
        if known:
            codes = told[0]
        elif len(series) == 1 and series[0].repealed is None:
            codes = ["ONLY"]
        else:
            across = bool(told) and told[0] != told[-1]
            codes = ["ACROSS" if across else "UNDATED"] * len(series)
        found |= {policy.id: code for policy, code in zip(series, codes, strict=True)}
    return found


def _series(policies: Sequence[Policy]) -> list[list[Policy]]:
    """Return the policies of each matter, from the earliest on."""
    matters: dict[str, list[Policy]] = {}
    by_id = {each.id: each for each in policies}
    for policy in policies:
        first = policy
        while first.replaces in by_id and first.replaces != first.id:
            first = by_id[first.replaces]
        matters.setdefault(first.id, []).append(policy)
    return [
        sorted(each, key=lambda p: p.effective or datetime.date.min) for each in matters.values()
    ]


def _codes_on(series: Sequence[Policy], day: datetime.date) -> list[str]:
    """Return the code of each policy of one matter for an act on ``day``."""
    ends = [each.effective or datetime.date.min for each in series[1:]]
    spans = [
        (p.effective or datetime.date.min, min(end, p.repealed or _NEVER))
        for p, end in zip(series, [*ends, _NEVER], strict=True)
    ]
    governing = next((at for at, (start, end) in enumerate(spans) if start <= day < end), None)
    newest = len(series) - 1
    codes = []
    for at, (start, _) in enumerate(spans):
        if governing == at:
            codes.append("IN_FORCE" if at == newest else "OF_THE_DAY")
        elif start <= day:
            codes.append("REPEALED")
        elif at < newest:
            codes.append("BETWEEN")
        else:
            codes.append("NO_EARLIER" if governing is None else "NEWER")
    return codes


def rule_time_rows(
    policies: Sequence[Policy], acts: Mapping[tuple[str, str], Acts], readings: Iterable[Row]
) -> list[dict[str, Any]]:
    """Return ``rule_times``: a row per scope and policy, with the default ratios of both readings.

    ``lighter`` says of a newer rule if its ratios are below those of the rule of the day: yes, no,
    or partly.

    Args:
        policies: the rules with categories.
        acts: scope kind and name -> its acts.
        readings: rows of ``tier_scenarios``.
    """
    by_scope: dict[tuple[str, str], dict[str, list[Row]]] = {}
    for row in readings:
        if row["scenario"] == "default" and row["row_tier"] == "highest" and not row["insider"]:
            scope = by_scope.setdefault((row["scope_kind"], row["scope"]), {})
            scope.setdefault(row["policy"], []).append(row)
    found = []
    for (kind, name), each in acts.items():
        codes = applicable_rules(policies, each)
        ratios = {p: weighed_rows(rows) for p, rows in by_scope.get((kind, name), {}).items()}
        day = next((ratios.get(p, []) for p, code in codes.items() if code == "OF_THE_DAY"), [])
        for policy in policies:
            told = ratios.get(policy.id, [])
            newer = codes[policy.id] == "NEWER" and bool(told) and len(told) == len(day)
            found.append(
                {
                    "scope_kind": kind,
                    "scope": name,
                    "policy": policy.id,
                    "effective": str(policy.effective or "") or None,
                    "repealed": str(policy.repealed or "") or None,
                    "repealed_by": policy.repealed_by,
                    "first_day": str(each.first or "") or None,
                    "last_day": str(each.last or "") or None,
                    "undated": each.undated,
                    "rule_time": codes[policy.id],
                    "ratio": "、".join(f"{row['unit']} {row['ratio']}" for row in told) or None,
                    "lighter": _compare(told, day) if newer else None,
                }
            )
    return found


def _compare(newer: Sequence[Row], of_the_day: Sequence[Row]) -> str:
    """Return ``yes`` if every ratio is below the other rule's, ``no`` if none is, or ``partly``."""
    below = [
        Fraction(a["exact"]) < Fraction(b["exact"]) for a, b in zip(newer, of_the_day, strict=True)
    ]
    return "yes" if all(below) else "partly" if any(below) else "no"


RULE_TIMES: Final = ReportTable(
    "rule_times",
    (
        SCOPE_KIND,
        SCOPE,
        POLICY,
        text("effective"),
        text("repealed"),
        text("repealed_by"),
        text("first_day"),
        text("last_day"),
        number("undated"),
        coded("rule_time", "rule_time", EVERYWHERE),
        text("ratio"),
        coded("lighter", "lighter"),
    ),
    section="T10",
    made_by="count",
    notes=("tiers.rule_times",),
)

"""What a case comes to, in few small tables: kinds, ladder, ratios, doubts, what was not read.

Everything else is in page and workbook; this is what fits a terminal of eighty columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final

from piiscan.case.report.terminal.terminal_tables import table
from piiscan.case.store.case import Case
from piiscan.case.store.case_words import words_of
from piiscan.pages.wording import Language

Row = Mapping[str, Any]

_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "kinds": ("entity", "hits", "valid", "refuted", "distinct"),
    "ladder": ("step", "count", "fell"),
    "shared": ("scope", "distinct", "own"),
    "flow_total": ("suspect", "acquired", "sold_sum", "flow_total"),
    "ratios": ("unit", "insider", "ratio", "ratio_from", "ratio_to", "policy"),
    "conflicts": ("conflict", "values", "records"),
    "alarms": ("path", "member", "entity", "alarm", "row", "count"),
    "unread": ("source", "path", "member", "reason", "lost"),
}


def brief_tables(case: Case, *, language: Language = "zh") -> list[Any]:
    """One ``rich.table.Table`` for each that has rows."""
    words = words_of(case, language)
    tables = case.tables()
    rows: dict[str, list[Row]] = {name: list(tables.get(name, ())) for name in _COLUMNS}
    rows["ladder"] = [row for row in rows["ladder"] if row["scope_kind"] == "total"]
    rows["shared"] = [row for row in rows["shared"] if row["scope_kind"] == "suspect"]
    paths = {row["source"]: row["path"] for row in tables["sources"]}
    rows["alarms"] = [{**row, "path": paths.get(row["source"])} for row in rows["alarms"]]
    rows["ratios"] = ratios(tables.get("tier_scenarios", ()))
    return [
        table(name, rows[name], words, columns=columns)
        for name, columns in _COLUMNS.items()
        if rows[name]
    ]


def ratios(rows: Any) -> list[Row]:
    """For each rule and unit the ratio of the usual reading, and the least and largest of all."""
    found: dict[tuple[str, str, bool], list[Row]] = {}
    for row in rows:
        if row["scope_kind"] == "total" and row["exact"] is not None:
            found.setdefault((row["policy"], row["unit"], row["insider"]), []).append(row)
    told: list[Row] = []
    for (policy, unit, insider), listed in found.items():
        ordered = sorted(listed, key=lambda row: Fraction(row["exact"]))
        usual = next((row for row in listed if row["scenario"] == "default"), listed[0])
        told.append(
            {
                "policy": policy,
                "unit": unit,
                "insider": insider,
                "ratio": usual["ratio"],
                "ratio_from": ordered[0]["ratio"],
                "ratio_to": ordered[-1]["ratio"],
            }
        )
    return told

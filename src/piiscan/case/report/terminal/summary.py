"""Summary of a case for the terminal: entities, ladder, ratios, conflicts and unread input.

The tables fit 80 columns. Page and workbook have everything else.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final

from piiscan.case.report.terminal.terminal_tables import rich_table
from piiscan.case.store.case import Case
from piiscan.case.store.case_words import case_words
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


def summary_tables(case: Case, *, language: Language = "zh") -> list[Any]:
    """Return a ``rich.table.Table`` for each summary table that has rows."""
    words = case_words(case, language)
    tables = case.tables()
    rows: dict[str, list[Row]] = {name: list(tables.get(name, ())) for name in _COLUMNS}
    rows["ladder"] = [row for row in rows["ladder"] if row["scope_kind"] == "total"]
    rows["shared"] = [row for row in rows["shared"] if row["scope_kind"] == "suspect"]
    paths = {row["source"]: row["path"] for row in tables["sources"]}
    rows["alarms"] = [{**row, "path": paths.get(row["source"])} for row in rows["alarms"]]
    rows["ratios"] = ratio_rows(tables.get("tier_scenarios", ()))
    return [
        rich_table(name, rows[name], words, columns=columns)
        for name, columns in _COLUMNS.items()
        if rows[name]
    ]


def ratio_rows(rows: Any) -> list[Row]:
    """Return a row per policy and unit: ratio of the default reading, lowest and highest."""
    found: dict[tuple[str, str, bool], list[Row]] = {}
    for row in rows:
        if row["scope_kind"] == "total" and row["exact"] is not None:
            found.setdefault((row["policy"], row["unit"], row["insider"]), []).append(row)
    result: list[Row] = []
    for (policy, unit, insider), readings in found.items():
        ordered = sorted(readings, key=lambda row: Fraction(row["exact"]))
        usual = next((row for row in readings if row["scenario"] == "default"), readings[0])
        result.append(
            {
                "policy": policy,
                "unit": unit,
                "insider": insider,
                "ratio": usual["ratio"],
                "ratio_from": ordered[0]["ratio"],
                "ratio_to": ordered[-1]["ratio"],
            }
        )
    return result

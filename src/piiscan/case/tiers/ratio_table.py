"""Table of ratios: the ratio of each policy and unit in the default reading, and its range."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, Final

from piiscan.case.tiers.tier_cells import INSIDER, POLICY
from piiscan.pages import report_table
from piiscan.pages.report_table import SUMMARY, ReportTable, coded, number, text

Row = dict[str, Any]


def ratio_rows(rows: Iterable[report_table.Row]) -> list[Row]:
    """Return a row per policy and unit of readings of one scope: default, lowest, highest ratio."""
    found: dict[tuple[str, str, bool], list[report_table.Row]] = {}
    for row in rows:
        if row["exact"] is not None:
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


def _of_readings(tables: report_table.Rows) -> Sequence[report_table.Row]:
    """Return the rows for the readings of the case."""
    readings = tables.get("tier_scenarios", ())
    return ratio_rows(row for row in readings if row["scope_kind"] == "total")


RATIOS: Final = ReportTable(
    "ratios",
    (
        coded("unit", "unit", SUMMARY),
        INSIDER.only_in(SUMMARY),
        number("ratio", SUMMARY),
        text("ratio_from", SUMMARY),
        text("ratio_to", SUMMARY),
        POLICY.only_in(SUMMARY),
    ),
    made_by="count",
    build=ratio_rows,
    rows={"summary": _of_readings},
)

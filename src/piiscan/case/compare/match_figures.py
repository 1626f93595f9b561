"""Figure matching: figures of an earlier opinion (类型, 数量) next to the counts of the case.

A figure is a number without rows. The comparison shows the measure that gives the same number, and
the deductions between measures: failed checks, repetitions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

Row = dict[str, Any]
Tables = Mapping[str, Sequence[Mapping[str, Any]]]

#: Signs that join the parts of a combination.
_JOINERS: Final = re.compile(r"\s*[+＋、/&和]\s*")
_STEP: Final = re.compile(r"(R[0-6])\b.*", re.IGNORECASE)
#: Measures in order; each is a column of the case's tables.
_KIND_MEASURES: Final = ("hits", "valid", "distinct")
_RECORD_MEASURES: Final = ("records", "distinct_records")


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the earlier opinion: the name of an entity or step, and its count."""

    name: str
    count: int


def match_figures(
    figures: Sequence[Figure], tables: Tables, kind_of: Callable[[str], str | None]
) -> list[Row]:
    """Return one row per figure and measure: name, earlier, measure, here, difference, same.

    Measures ``less.REASON`` are deductions between two measures. ``kind_of``: name -> entity. An
    unknown name has one row without ``here``.
    """
    rows: list[Row] = []
    for figure in figures:
        measures = list(_measures(figure.name, tables, kind_of)) or [(None, None)]
        rows += [
            {
                "name": figure.name,
                "earlier": figure.count,
                "measure": measure,
                "here": here,
                "difference": None
                if here is None or _is_deduction(measure)
                else here - figure.count,
                "same": here == figure.count and not _is_deduction(measure),
            }
            for measure, here in measures
        ]
    return rows


def _is_deduction(measure: str | None) -> bool:
    """Return True if a measure is a deduction (``less.REASON``)."""
    return measure is not None and measure.startswith("less.")


def _measures(
    name: str, tables: Tables, kind_of: Callable[[str], str | None]
) -> list[tuple[str | None, int | None]]:
    """Return (measure, count in this case) pairs for a figure name: a step, an entity or ``A+B``.

    Return an empty list if the name is unknown.
    """
    step = _STEP.fullmatch(name.strip())
    if step:
        return [
            (f"step.{row['step']}", row["count"])
            for row in tables.get("ladder", ())
            if (row["scope_kind"], row["step"]) == ("total", step[1].upper())
        ]
    kinds = [kind_of(part) for part in _JOINERS.split(name.strip())]
    if None in kinds:
        return []
    if len(kinds) == 1:
        found = [row for row in tables["kinds"] if row["entity"] == kinds[0]]
        row: Mapping[str, Any] = found[0] if found else dict.fromkeys(_KIND_MEASURES, 0)
        return [(m, row[m]) for m in _KIND_MEASURES if row[m] is not None] + _deductions(
            kinds[0], row, tables
        )
    entities = set(kinds)
    exact = [row for row in tables["combinations"] if set(row["combination"]) == entities]
    supersets = [row for row in tables["combinations"] if set(row["combination"]) >= entities]
    measures: list[tuple[str | None, int | None]] = [
        (m, sum(row[m] for row in exact)) for m in _RECORD_MEASURES
    ]
    return measures + [(f"{m}_more", sum(row[m] for row in supersets)) for m in _RECORD_MEASURES]


def _deductions(
    kind: str | None, row: Mapping[str, Any], tables: Tables
) -> list[tuple[str | None, int | None]]:
    """Return (``less.REASON``, number) pairs of an entity: refuted values, repeated values."""
    deductions: list[tuple[str | None, int | None]] = [
        (f"less.{each['reason'] or 'CHECK_FAIL'}", each["hits"])
        for each in tables["reasons"]
        if each["entity"] == kind and each["verdict"] == "refuted"
    ]
    if row["valid"] is not None and row["valid"] > row["distinct"]:
        deductions.append(("less.DUP_KEY", row["valid"] - row["distinct"]))
    return deductions

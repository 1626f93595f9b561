"""Figures of an earlier opinion (类型, 数量) beside what this case counts under the same names.

A figure is a number without its rows, so what can be told is which way of counting here gives it,
and by what it differs from each: values that fail their check, repetitions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

Row = dict[str, Any]
Tables = Mapping[str, Sequence[Mapping[str, Any]]]

#: How parts of a combination are joined.
_PLUS: Final = re.compile(r"\s*[+＋、/&和]\s*")
_STEP: Final = re.compile(r"(R[0-6])\b.*", re.IGNORECASE)
#: Ways of counting, in order; each is the name of a column of the case's tables.
_OF_KIND: Final = ("hits", "valid", "distinct")
_OF_RECORDS: Final = ("records", "distinct_records")


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the earlier opinion: what it calls a kind, and how many it says there are."""

    name: str
    count: int


def held_against(
    figures: Sequence[Figure], tables: Tables, kind_of: Callable[[str], str | None]
) -> list[Row]:
    """Each figure beside every way of counting: name, earlier, measure, here, difference, same.

    Measures ``less.REASON`` say what lies between two ways: failed checks, repetitions.
    ``kind_of``: the kind that a name means.  A name that means nothing here has one row without
    ``here``.
    """
    rows: list[Row] = []
    for figure in figures:
        ways = list(_ways(figure.name, tables, kind_of)) or [(None, None)]
        rows += [
            {
                "name": figure.name,
                "earlier": figure.count,
                "measure": measure,
                "here": here,
                "difference": None if here is None or _is_less(measure) else here - figure.count,
                "same": here == figure.count and not _is_less(measure),
            }
            for measure, here in ways
        ]
    return rows


def _is_less(measure: str | None) -> bool:
    return measure is not None and measure.startswith("less.")


def _ways(
    name: str, tables: Tables, kind_of: Callable[[str], str | None]
) -> list[tuple[str | None, int | None]]:
    step = _STEP.fullmatch(name.strip())
    if step:
        return [
            (f"step.{row['step']}", row["count"])
            for row in tables.get("ladder", ())
            if (row["scope_kind"], row["step"]) == ("total", step[1].upper())
        ]
    kinds = [kind_of(part) for part in _PLUS.split(name.strip())]
    if None in kinds:
        return []
    if len(kinds) == 1:
        found = [row for row in tables["kinds"] if row["entity"] == kinds[0]]
        row: Mapping[str, Any] = found[0] if found else dict.fromkeys(_OF_KIND, 0)
        return [(m, row[m]) for m in _OF_KIND if row[m] is not None] + _less(kinds[0], row, tables)
    wanted = set(kinds)
    exact = [row for row in tables["combinations"] if set(row["combination"]) == wanted]
    more = [row for row in tables["combinations"] if set(row["combination"]) >= wanted]
    told: list[tuple[str | None, int | None]] = [
        (m, sum(row[m] for row in exact)) for m in _OF_RECORDS
    ]
    return told + [(f"{m}_more", sum(row[m] for row in more)) for m in _OF_RECORDS]


def _less(
    kind: str | None, row: Mapping[str, Any], tables: Tables
) -> list[tuple[str | None, int | None]]:
    """What lies between the ways of counting a kind: refuted values by reason, repetitions."""
    told: list[tuple[str | None, int | None]] = [
        (f"less.{each['reason'] or 'CHECK_FAIL'}", each["hits"])
        for each in tables["reasons"]
        if each["entity"] == kind and each["verdict"] == "refuted"
    ]
    if row["valid"] is not None and row["valid"] > row["distinct"]:
        told.append(("less.DUP_KEY", row["valid"] - row["distinct"]))
    return told

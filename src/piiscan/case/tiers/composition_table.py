"""Composition tables: stated categories, proposed categories, and sensitive kinds (T11)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from piiscan.case.tiers.composition import Profile, Proposal
from piiscan.case.tiers.sensitivity import Sensitivity, classify
from piiscan.case.tiers.tier_cells import (
    CATEGORY,
    CONTESTED,
    HEADERS,
    INFORMATION,
    NOTE,
    POLICY,
    SENSITIVE,
    SENSITIVE_CLASS,
    WITHOUT,
)
from piiscan.pages.report_table import ReportTable, number, text

Row = dict[str, Any]


def composition_rows(profile: Profile) -> list[Row]:
    """Return the table ``compositions``: categories, reason and author per profile part."""
    return [
        {
            "path": part.path,
            "member": part.member,
            "headers": list(part.columns),
            "category": list(part.kinds),
            "without": list(part.without),
            "reason": part.reason,
            "author": part.author,
        }
        for part in profile.parts
    ]


def proposal_rows(proposals: Iterable[Proposal]) -> list[Row]:
    """Return the table ``proposals``: a row per part and category that headers suggest."""
    return [
        {"path": p.path, "member": p.member, "category": p.category, "headers": list(p.headers)}
        for p in proposals
    ]


def sensitivity_rows(
    counts: Mapping[str, int],
    profiles: Iterable[Sensitivity],
    *,
    under_14: Mapping[str, int] | None = None,
) -> list[Row]:
    """Return the table ``sensitivity`` (T11): count and sensitive class per entity.

    Sensitive entities come first, profile after profile.

    Args:
        counts: entity or category -> number of distinct values.
        profiles: sensitivity profiles.
        under_14: entity -> number of values of persons under fourteen.
    """
    rows: list[Row] = []
    for profile in profiles:
        found: list[Row] = []
        for each in classify(counts, profile, under_14=under_14):
            class_ = each.class_
            row: Row = {"policy": profile.id, "version": profile.version}
            row |= {"information": each.kind, "count": each.count}
            row |= {"sensitive": class_ is not None, "sensitive_class": class_ and class_.id}
            row |= {"basis": class_ and class_.basis, "contested": class_ and class_.contested}
            note = "dropped" if each.dropped else class_.id if class_ and class_.note else None
            found.append(row | {"note": note})
        order = {each.id: place for place, each in enumerate(profile.classes)}
        last = len(order)
        rows += sorted(
            found, key=lambda row: (not row["sensitive"], order.get(row["sensitive_class"], last))
        )
    return rows


COMPOSITIONS: Final = ReportTable(
    "compositions",
    (text("path"), text("member"), HEADERS, CATEGORY, WITHOUT, text("reason"), text("author")),
    section="T10",
    made_by="count",
)
PROPOSALS: Final = ReportTable(
    "proposals", (text("path"), text("member"), CATEGORY, HEADERS), section="T10", made_by="count"
)
SENSITIVITY: Final = ReportTable(
    "sensitivity",
    (
        POLICY,
        text("version"),
        INFORMATION,
        number("count"),
        SENSITIVE,
        SENSITIVE_CLASS,
        text("basis"),
        CONTESTED,
        NOTE,
    ),
    section="T11",
    made_by="count",
    notes=("sheet.note.sensitivity",),
)

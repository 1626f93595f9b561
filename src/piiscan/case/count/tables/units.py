"""Unit tables: rows (U1), keys (U2) and persons (U4), subjects by role, keys shared by scopes.

The units are defined in ``docs/counting.md``.
"""

from __future__ import annotations

from typing import Any, Final

from piiscan.case.count.table_context import TableContext
from piiscan.case.count.tallies import Tally
from piiscan.case.store.common_columns import SCOPE, SCOPE_KIND
from piiscan.pages.report_table import (
    USUAL_AND_SUMMARY,
    ReportTable,
    coded,
    named,
    number,
    numbers,
    rows_of_scope,
)

Row = dict[str, Any]


#: Unit -> name of its tally (see :mod:`piiscan.case.count.tallies`).
_UNIT_TALLIES: Final = {
    "U1": "telling",
    "U1d": "rows",
    "U2": "keys",
    "U2_rows": "row_keys",
    "U4": "persons",
    "bare_rows": "bare",
    "bare_sound": "bare_sound",
    "bare_distinct": "bare_keys",
}


def _units(context: TableContext) -> list[Row]:
    """Return a row per scope: rows (U1, U1d), distinct keys (U2) and persons (U4).

    U1 has an identifying element, U1d passes and is no repeated row. U2 and U4 count all subjects;
    ``U2_rows`` has the keys of one subject of each row. U3 is in the element table. Bare phone
    numbers, which the ladder counts separately, have three columns: rows, valid rows and distinct
    numbers.
    """
    tallies = context.tallies
    rows: list[Row] = []
    for kind in tallies.kinds:
        counts = {unit: tallies.by_scope(kind, name) for unit, name in _UNIT_TALLIES.items()}
        for scope in sorted({scope for found in counts.values() for scope in found}):
            numbers = {unit: found.get(scope, Tally()).count for unit, found in counts.items()}
            rows.append({"scope_kind": kind, "scope": scope, **numbers})
    return rows


def _subjects_by_role(context: TableContext) -> list[Row]:
    """Return a row per role: subjects found, identifiable, that pass, and their distinct keys.

    Roles that are not counted (staff, dealers, speakers) come last.
    """
    connection = context.connection
    query = (
        "select split_part(role, '#', 1) as base, counted, count(*),"
        " count(*) filter (step >= 2 and not bare), count(*) filter (step = 3 and not bare),"
        " count(distinct (key_kind, key)) filter (step = 3 and not bare) from people"
        " where counts and headline and (key_kind is not null or role is not null) and part(key)"
        " group by all"
    )
    found = connection.add_up(query, 2)
    found.sort(key=lambda row: (not row[1], row[0] or ""))
    return PEOPLE.rows_of(found)


def _shared_keys(context: TableContext) -> list[Row]:
    """Return a row per suspect, device, item and source: distinct, unshared, shared keys."""
    found = context.by_scope(
        "with held as (select distinct kind, scope, key_no from passed t join scoped using (place)"
        " where t.headline and kind in ({kinds}) and part(key_no)),"
        " holders as (select kind, key_no, count(*) as n from held group by kind, key_no)"
        " select kind, scope, count(*), count(*) filter (n = 1), count(*) filter (n > 1)"
        " from held join holders using (kind, key_no) group by kind, scope order by kind, scope",
        2,
        ("suspect", "device", "item", "source"),
    )
    return SHARED.rows_of(found)


UNITS: Final = ReportTable(
    "units",
    (
        SCOPE_KIND,
        SCOPE,
        *numbers("U1", "U1d", "U2", "U2_rows", "U4", "bare_rows", "bare_sound", "bare_distinct"),
    ),
    section="T4",
    made_by="count",
    build=_units,
    notes=("sheet.note.units",),
)
PEOPLE: Final = ReportTable(
    "people",
    (
        named("role", "roles", empty="page.no_role"),  # most people have no role
        coded("counted", "answer"),
        *numbers("found", "identifiable", "passed", "distinct"),
    ),
    section="T4",
    made_by="count",
    build=_subjects_by_role,
)
SHARED: Final = ReportTable(
    "shared",
    (
        SCOPE_KIND,
        SCOPE.only_in(USUAL_AND_SUMMARY),
        number("distinct", USUAL_AND_SUMMARY),
        number("own", USUAL_AND_SUMMARY),
        number("shared"),
    ),
    section="T4",
    made_by="count",
    build=_shared_keys,
    rows={"summary": rows_of_scope("shared", "suspect")},
    page_rows=40,
)

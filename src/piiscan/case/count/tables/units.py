"""Unit tables: rows (U1), keys (U2) and persons (U4), subjects by role, keys shared by scopes.

The units are defined in ``docs/counting.md``.
"""

from __future__ import annotations

from typing import Any, Final

from piiscan.case.count.count_database import scope_sql, scopes
from piiscan.case.count.tallies import Tallies, Tally

Row = dict[str, Any]


#: Unit -> name of its tally (see :mod:`piiscan.case.count.tallies`).
_UNIT_TALLIES: Final = {
    "U1": "telling",
    "U2": "keys",
    "U2_people": "people_keys",
    "U4": "persons",
    "bare_rows": "bare",
    "bare_sound": "bare_sound",
    "bare_distinct": "bare_keys",
}


def unit_table(tallies: Tallies) -> list[Row]:
    """Return a row per scope: rows with an identifying element (U1), keys (U2) and persons (U4).

    U3 is in the element table. Bare phone numbers, which the ladder counts separately, have three
    columns: rows, valid rows and distinct numbers.
    """
    rows: list[Row] = []
    for kind in tallies.kinds:
        counts = {unit: tallies.by_scope(kind, name) for unit, name in _UNIT_TALLIES.items()}
        for scope in sorted({scope for found in counts.values() for scope in found}):
            numbers = {unit: found.get(scope, Tally()).count for unit, found in counts.items()}
            rows.append({"scope_kind": kind, "scope": scope, **numbers})
    return rows


def subjects_by_role(connection: Any) -> list[Row]:
    """Return a row per role: identifiable subjects, subjects that pass, their distinct keys."""
    query = (
        "select role, count(*) filter (step >= 2), count(*) filter (step = 3),"
        " count(distinct (key_kind, key)) filter (step = 3) from people"
        " where counts and headline and not bare and step >= 2 group by role"
        " order by role nulls first"
    )
    return [
        {"role": role, "identifiable": named, "passed": passed, "distinct": distinct}
        for role, named, passed, distinct in connection.execute(query).fetchall()
    ]


def shared_keys(connection: Any) -> list[Row]:
    """Return a row per suspect, device, item and source: distinct, unshared, shared keys."""
    rows: list[Row] = []
    for kind in scopes(connection):
        if kind in ("total", "layer"):
            continue
        query = (
            f"with held as (select distinct p.{scope_sql(kind)} as scope, key_no from passed t"
            " join placed p using (place) where t.headline and scope is not null),"
            " holders as (select key_no, count(*) as n from held group by key_no)"
            " select scope, count(*), count(*) filter (n = 1), count(*) filter (n > 1)"
            " from held join holders using (key_no) group by scope order by scope"
        )
        rows += [
            {"scope_kind": kind, "scope": scope, "distinct": all_, "own": unshared, "shared": other}
            for scope, all_, unshared, other in connection.execute(query).fetchall()
        ]
    return rows

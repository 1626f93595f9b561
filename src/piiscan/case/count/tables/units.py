"""Units side by side (domain.md D.3), whose records they are, and what suspects have in common."""

from __future__ import annotations

from typing import Any, Final

from piiscan.case.count.count_database import scope_name, scopes
from piiscan.case.count.tallies import Tallies, Tally

Row = dict[str, Any]


#: Unit -> what is counted (see :mod:`piiscan.case.count.tallies`).
_UNITS: Final = {
    "U1": "telling",
    "U2": "keys",
    "U2_people": "people_keys",
    "U4": "persons",
    "bare_rows": "bare",
    "bare_sound": "bare_sound",
    "bare_distinct": "bare_keys",
}


def units(tallies: Tallies) -> list[Row]:
    """U1 rows with an identifying element, U2 keys, U4 persons; U3 has a table of its own.

    Beside them bare phone numbers, which the ladder keeps apart: rows, sound rows, distinct ones.
    """
    rows: list[Row] = []
    for kind in tallies.kinds:
        counts = {unit: tallies.of(kind, name) for unit, name in _UNITS.items()}
        for scope in sorted({scope for found in counts.values() for scope in found}):
            numbers = {unit: found.get(scope, Tally()).count for unit, found in counts.items()}
            rows.append({"scope_kind": kind, "scope": scope, **numbers})
    return rows


def people(base: Any) -> list[Row]:
    """By role: candidates that are identifiable, that pass, and their distinct keys."""
    query = (
        "select role, count(*) filter (step >= 2), count(*) filter (step = 3),"
        " count(distinct (key_kind, key)) filter (step = 3) from people"
        " where counts and headline and not bare and step >= 2 group by role"
        " order by role nulls first"
    )
    return [
        {"role": role, "identifiable": named, "passed": passed, "distinct": distinct}
        for role, named, passed, distinct in base.execute(query).fetchall()
    ]


def shared(base: Any) -> list[Row]:
    """By suspect, device, item and source: distinct keys, its own, those that others have too."""
    rows: list[Row] = []
    for kind in scopes(base):
        if kind in ("total", "layer"):
            continue
        query = (
            f"with held as (select distinct p.{scope_name(kind)} as scope, key_no from passed t"
            " join placed p using (place) where t.headline and scope is not null),"
            " holders as (select key_no, count(*) as n from held group by key_no)"
            " select scope, count(*), count(*) filter (n = 1), count(*) filter (n > 1)"
            " from held join holders using (key_no) group by scope order by scope"
        )
        rows += [
            {"scope_kind": kind, "scope": scope, "distinct": all_, "own": own, "shared": other}
            for scope, all_, own, other in base.execute(query).fetchall()
        ]
    return rows

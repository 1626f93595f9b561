"""Why rows fell from the ladder at each step, and what is to be known of those that were kept."""

from __future__ import annotations

from typing import Any, Final

from piiscan.case.count.count_database import NAMED, PASSED, scope_name
from piiscan.case.count.tallies import Tallies, Tally

Row = dict[str, Any]

#: Every row that fell at R2 or R3 or was kept with a doubt, by part: a small table.
_WHY: Final = f"""
create temp table why as
select place, case when not ({NAMED}) then 'R2' else 'R3' end as step,
       case when excluded is not null then 'EXCLUDED' when period <> 'IN' then period
            when bare then 'BARE_PHONE' else coalesce(reason, 'NOT_IDENTIFIABLE') end as reason,
       step = 3 and not bare and counts as kept, count(*) as rows,
       count(*) filter (other_key) as other
from rows where data and (not ({PASSED}) or reason is not null)
group by all
"""


def reasons(base: Any, tallies: Tallies) -> list[Row]:
    """A row a scope, step and reason: how many rows fell, and how many have another sound key."""
    base.execute(_WHY)
    rows: list[Row] = []
    for kind in tallies.kinds:
        rows += _read(base, kind, tallies)
        rows += _fell(base, kind)
        rows += _repeated(kind, tallies)
    return sorted(rows, key=lambda r: (tallies.kinds.index(r["scope_kind"]), r["scope"], r["step"]))


def _read(base: Any, kind: str, tallies: Tallies) -> list[Row]:
    """Rows without any finding, and rows that are no data."""
    query = (
        f"select {scope_name(kind)} as scope, sum(rows), sum(header_rows), sum(blank_rows),"
        " sum(title_rows) from placed where headline and scope is not null group by 1 order by 1"
    )
    found = tallies.of(kind, "found")
    rows = []
    for scope, read, header, blank, title in base.execute(query).fetchall():
        told = {
            "HEADER_REPEAT": header,
            "EMPTY": blank,
            "TITLE": title,
            "NO_FINDING": read - found.get(scope, Tally()).count,
        }
        rows += [_row(kind, scope, "R1", code, int(n)) for code, n in told.items() if n]
    return rows


def _fell(base: Any, kind: str) -> list[Row]:
    query = (
        f"select {scope_name(kind)} as scope, step, reason, kept, sum(why.rows)::bigint,"
        " sum(other)::bigint from why join placed using (place)"
        " where headline and scope is not null group by all order by all"
    )
    return [
        _row(kind, scope, step, reason, number) | {"other_key": other, "kept": kept}
        for scope, step, reason, kept, number, other in base.execute(query).fetchall()
    ]


def _repeated(kind: str, tallies: Tallies) -> list[Row]:
    """Rows that repeat another row of their file, of another file, or another row's key."""
    rows = []
    for scope, passed in tallies.of(kind, "passed").items():
        by_file, distinct, keys = (
            tallies.of(kind, name).get(scope, Tally()).count
            for name in ("rows_by_file", "rows", "keys")
        )
        told = [
            ("R4", "DUP_ROW", "file", passed.count - by_file),
            ("R4", "DUP_ROW", "across", by_file - distinct),
            ("R5", "DUP_KEY", None, distinct - keys),
        ]
        rows += [_row(kind, scope, s, code, n) | {"where": w} for s, code, w, n in told if n]
    return rows


def _row(kind: str, scope: str, step: str, reason: str, count: int) -> Row:
    return {
        "scope_kind": kind,
        "scope": scope,
        "step": step,
        "reason": reason,
        "where": None,
        "count": count,
        "other_key": None,
        "kept": False,
    }

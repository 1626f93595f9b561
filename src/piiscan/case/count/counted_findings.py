"""Counted findings: all but refuted, excluded, judged ones, other periods and other parties.

Other parties are staff, dealers and speakers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from piiscan.case.count.table_context import TableContext

#: SQL: ``apart``, records that are excluded or outside the period; ``struck``, excluded columns;
#: ``judged``, findings that a person called false; ``other_roles``, roles that are not counted.
_APART: Final = """
create temp table apart as
select distinct place, row, "group" from people where data and not counts;
create temp table struck (source int, header varchar);
create temp table other_roles as select distinct place, role from people where not counted;
create temp table judged (source int, member varchar, record bigint, "group" smallint,
    "column" int, digest blob);
"""
_COUNTED: Final = """
create temp {kind} counted as
select p.place, p.headline, f.entity, f.digest, f.coarse
from findings f join placed p using (source, member)
where f.verdict <> 'refuted' {kept}
"""
_KEPT: Final = """
and not exists (select 1 from apart a
    where a.place = p.place and a.row = f.record and a."group" = f."group")
and not exists (select 1 from struck s where s.source = f.source and s.header = f.header)
and not exists (select 1 from other_roles o where o.place = p.place and o.role = f.role)
and not exists (select 1 from judged j where j.source = f.source and j.member = f.member
    and j.record = f.record and j."group" = f."group" and j."column" = f."column"
    and j.digest = f.digest)
"""


def create_counted_view(context: TableContext) -> bool:
    """Create ``counted``, a row per counted finding; return True if it has all findings.

    It has the columns ``place``, ``headline``, ``entity``, ``digest`` and ``coarse``. Needs the
    view ``findings``.
    """
    connection, case = context.connection, context.case
    connection.execute(_APART)
    if case.excluded_columns:
        connection.executemany(
            "insert into struck values (?, ?)", [list(s) for s in case.excluded_columns]
        )
    if case.judged:
        connection.executemany(
            "insert into judged values (?, ?, ?, ?, ?, ?)", list(map(list, case.judged))
        )
    all_counted = not (case.excluded_columns or case.judged) and connection.execute(
        "select (select count(*) from apart) + (select count(*) from other_roles)"
    ).fetchone() == (0,)
    kind, kept = "table" if context.small else "view", "" if all_counted else _KEPT
    connection.execute(_COUNTED.format(kind=kind, kept=kept))
    return all_counted


def count_under_14(context: TableContext) -> Mapping[str, int]:
    """Return entity -> number of distinct counted values whose holder is surely under fourteen."""
    if "findings" not in context.case.views:
        return {}
    context.once(create_counted_view)
    rows = context.connection.execute(
        "select entity, count(*) from (select distinct entity, digest from counted"
        " where headline and coarse is not null"
        " and split_part(coarse, '/', 2) = 'under_14') group by entity order by entity"
    ).fetchall()
    return dict(rows)

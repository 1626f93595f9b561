"""Contained rows (包含): rows whose values all stand in another row about the same person.

The third size of a duplicate. R4 keeps these rows and the table tells their number:
``张三 13800138000`` is contained in ``张三 13800138000 长沙市…``.
"""

from __future__ import annotations

from typing import Any, Final

from piiscan.case.count.count_database import scope_sql
from piiscan.case.count.table_context import TableContext
from piiscan.case.store.common_columns import SCOPE, SCOPE_KIND
from piiscan.pages.report_table import ReportTable, number

Row = dict[str, Any]

#: Most different rows of one key that are compared with each other.
MOST_ROWS: Final = 200
_SCOPES: Final = ("total", "suspect")

#: SQL: one record of each different row of keys with several, and keys with too many.
_CREATE_SEVERAL: Final = """
create temp table several as
select key_no, content_no, min(record) as record, count(*) over (partition by key_no) as rows
from passed where headline and main and content_no is not null group by key_no, content_no
qualify rows > 1;
"""
#: SQL: the values of these records.
_CREATE_HELD: Final = """
create temp table held as
select distinct s.key_no, s.content_no, f.digest
from (select key_no, content_no, source, member, row, "group"
      from several join rows using (record) where rows <= {most}) s
join findings f on f.source = s.source and f.member = s.member
    and f.record = s.row and f."group" = s."group"
where f.verdict is distinct from 'refuted';
"""
#: SQL: pairs of a contained row and one that contains it; of two with equal values the later one.
_CREATE_CONTAINED: Final = """
create temp table contained as
with sizes as (select content_no, key_no, count(*) as size from held group by all),
common as (
    select a.key_no, a.content_no as inner_no, b.content_no as outer_no, count(*) as size
    from held a join held b on a.key_no = b.key_no and a.digest = b.digest
        and a.content_no <> b.content_no group by all)
select inner_no, outer_no from common c
join sizes s on s.content_no = inner_no and s.key_no = c.key_no and s.size = c.size
join sizes t on t.content_no = outer_no and t.key_no = c.key_no
where s.size < t.size or inner_no > outer_no;
"""
_COUNT: Final = """
with standing as (
    select distinct {scope} as scope, content_no from passed t join placed p using (place)
    where t.headline and main and scope is not null)
select a.scope, count(distinct inner_no) from contained
join standing a on a.content_no = inner_no
join standing b on b.content_no = outer_no and b.scope = a.scope
group by a.scope order by a.scope
"""


def _contained(context: TableContext) -> list[Row]:
    """Return a row per scope with contained rows; none if there are no such rows."""
    connection = context.connection
    if "findings" not in context.case.views:
        return []
    connection.execute(_CREATE_SEVERAL)
    compared, left = connection.execute(
        f"select count(*) filter (rows <= {MOST_ROWS}), count(*) filter (rows > {MOST_ROWS})"
        " from several"
    ).fetchone()
    if not compared:
        return []
    connection.execute(_CREATE_HELD.format(most=MOST_ROWS))
    connection.execute(_CREATE_CONTAINED)
    return [
        {"scope_kind": kind, "scope": scope, "contained": count, "not_compared": left}
        for kind in _SCOPES
        if kind in context.scopes
        for scope, count in connection.execute(_COUNT.format(scope=scope_sql(kind))).fetchall()
    ]


CONTAINED: Final = ReportTable(
    "contained",
    (SCOPE_KIND, SCOPE, number("contained"), number("not_compared")),
    section="T4",
    made_by="count",
    build=_contained,
    notes=("sheet.note.contained",),
)

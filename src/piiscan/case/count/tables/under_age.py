"""Table of persons under fourteen (T11): records by ground, a fact without a threshold.

Grounds: the identity number, a birth column, an age column; lists of school classes are candidates.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from piiscan.case.count.count_database import scope_sql
from piiscan.case.count.table_context import TableContext
from piiscan.case.store.common_columns import SCOPE, SCOPE_KIND
from piiscan.pages.report_table import ReportTable, coded, number, text

Row = dict[str, Any]

#: Headers of a list of a school class.
_CLASS: Final = re.compile(
    r"班级|年级|班別|班别|所在班|幼儿园|幼兒園|班主任|class_name|grade", re.IGNORECASE
)
#: SQL: records by ground; ``young`` has their places.
_YOUNG: Final = """
create temp table young as
select p.place, q.row, q."group", unnest(string_split(q.under_14, '+')) as ground
from young_records q join placed p using (source, member) where q.under_14 is not null
"""
_BY_RECORD: Final = """
select {scope} as scope, y.ground, count(*), count(*) filter (r.step = 3)
from young y join rows r on r.place = y.place and r.row = y.row and r."group" = y."group"
join placed p on p.place = y.place
where r.counts and r.headline and scope is not null group by all order by all
"""
_BY_CLASS: Final = """
select {scope} as scope, 'class', count(*), count(*) filter (r.step = 3)
from rows r join classes using (place) join placed p using (place)
where r.counts and r.headline and r.step >= 2 and scope is not null group by all order by all
"""


def is_class_list(headers: Sequence[str]) -> bool:
    """Return True if ``headers`` are those of a list of a school class.

    >>> is_class_list(["姓名", "班级", "家长电话"]), is_class_list(["姓名", "电话"])
    (True, False)
    """
    return any(map(_CLASS.search, headers))


def _under_age(context: TableContext) -> list[Row]:
    """Return a row per scope and ground: records of persons under fourteen on the day of ages."""
    connection = context.connection
    classes = [
        (each["source"], each["member"])
        for each in context.case.parts
        if is_class_list(each["headers"])
    ]
    young = "young_records" in context.case.views
    if not (classes or young):
        return []
    connection.execute("create temp table classes (place int)")
    for pair in dict.fromkeys(classes):
        connection.execute(
            "insert into classes select place from placed where source = ? and member = ?", pair
        )
    queries = [_BY_CLASS] if classes else []
    if young:
        connection.execute(_YOUNG)
        queries.insert(0, _BY_RECORD)
    rows: list[Row] = []
    for kind in context.scopes:
        for query in queries:
            found = connection.execute(query.format(scope=f"p.{scope_sql(kind)}"))
            rows += [
                {
                    "scope_kind": kind,
                    "scope": name,
                    "ground": ground,
                    "records": count,
                    "passed": passed,
                    "as_of": context.rules.as_of,
                    "candidate": ground == "class",
                }
                for name, ground, count, passed in found.fetchall()
            ]
    return rows


UNDER_AGE: Final = ReportTable(
    "under_14",
    (
        SCOPE_KIND,
        SCOPE,
        coded("ground", "ground"),
        number("records"),
        number("passed"),
        coded("candidate", "answer"),
        text("as_of"),
    ),
    section="T11",
    made_by="count",
    build=_under_age,
    notes=("sheet.note.under_14",),
)

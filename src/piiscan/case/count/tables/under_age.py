"""Table of persons under fourteen (T11): records by ground, a fact without a threshold.

The day is that of the transfer: by the register, else by ledger or message, else the day of the
seizure, else of the scan; the earliest of several. On the fourteenth birthday a person is still
under fourteen (法释〔2006〕1号 art. 2, by analogy). Grounds: the identity number, a birth column,
an age column (whose day nobody knows); lists of school classes are candidates.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa

from piiscan.case.count.count_database import scope_sql
from piiscan.case.count.table_context import TableContext
from piiscan.case.flow.file_matching import sent_edges
from piiscan.case.store.common_columns import SCOPE, SCOPE_KIND
from piiscan.hashing.digest import cover_numbers
from piiscan.pages.report_table import ReportTable, coded, number, text

Row = dict[str, Any]

#: Headers of a list of a school class.
_CLASS: Final = re.compile(
    r"班级|年级|班別|班别|所在班|幼儿园|幼兒園|班主任|class_name|grade", re.IGNORECASE
)
#: SQL: the day of the transfer of each part, and of the rows of ledgers and messages without one.
_DAYS: Final = """
create temp table part_days as
select place, case when stated_time is not null then 'REGISTER' when sent is not null then 'MESSAGE'
                   when seized is not null then 'SEIZURE' else 'SCAN' end as age_day,
       coalesce(stated_time, sent, seized, {as_of}::timestamp)::date as day
from placed left join sent_days using (source);
create temp table row_days as
select p.place, l.row, l."group", min(l.time)::date as day,
       case when bool_and(party_kind = 'sender') then 'MESSAGE' else 'LEDGER' end as age_day
from ledger l join placed p using (source, member)
where l.time is not null and p.stated_time is null
    and coalesce(status, '') not in ('recovered', 'kept')
group by all;
"""
_BIRTHDAYS: Final = """
select place, row, "group", row_digest, birthdays
from young_records join placed using (source, member)
where birthdays is not null
"""
#: SQL: records by ground; ``young`` has their places. What no birthday decides, the scan decided.
_YOUNG: Final = """
create temp table young as
select place, row, "group", ground, day, age_day from (
    select b.*, coalesce(d.day, t.day) as day, coalesce(d.age_day, t.age_day) as age_day
    from birthdays b join part_days t using (place)
    left join row_days d using (place, row, "group"))
where day between birthday - interval 14 year and birthday
union all
select place, row, "group", ground, case when ground <> 'age' then {as_of}::date end,
       case when ground = 'age' then 'LIST' when {readable} then 'SCAN' else 'NO_KEY' end
from (select place, q.row, q."group", birthdays, day,
             unnest(string_split(q.under_14, '+')) as ground
      from young_records q join placed using (source, member) join part_days using (place)
      where q.under_14 is not null)
where ground = 'age' or not {readable} or day is null or birthdays is null
"""
_BY_RECORD: Final = """
select {scope} as scope, y.ground, y.age_day, count(*), count(*) filter (r.step = 3),
       min(y.day)::varchar, max(y.day)::varchar
from young y join rows r on r.place = y.place and r.row = y.row and r."group" = y."group"
join placed p on p.place = y.place
where r.counts and r.headline and scope is not null group by all order by all
"""
_BY_CLASS: Final = """
select {scope} as scope, 'class', 'LIST', count(*), count(*) filter (r.step = 3), null, null
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
    """Return a row per scope, ground and kind of day: records of persons under fourteen."""
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
        _create_young(context)
        queries.insert(0, _BY_RECORD)
    names = ("scope", "ground", "age_day", "records", "passed", "first_day", "last_day")
    return [
        {"scope_kind": kind, **dict(zip(names, row, strict=True)), "candidate": row[1] == "class"}
        for kind in context.scopes
        for query in queries
        for row in connection.execute(query.format(scope=f"p.{scope_sql(kind)}")).fetchall()
    ]


def _create_young(context: TableContext) -> None:
    """Create the table ``young``: place, ground and day of each record of a person under 14."""
    connection, rules = context.connection, context.rules
    as_of = f"'{rules.as_of}'" if rules.as_of else "null"
    sent = [(each["file_source"], each["time"]) for each in context.once(sent_edges)]
    given = zip(*sent, strict=True) if sent else ([], [])
    columns = [pa.array(c, t) for c, t in zip(given, (pa.int32(), pa.timestamp("us")), strict=True)]
    connection.register("sent_files", pa.table(columns, names=["source", "time"]))
    connection.execute(
        "create temp table sent_days as select source, min(time) as sent from sent_files group by 1"
    )
    connection.execute(_DAYS.format(as_of=as_of))
    ((first,),) = connection.execute(
        "select min(day) from (select day from part_days union all select day from row_days)"
    ).fetchall()
    tables = [_NO_BIRTHDAYS]
    if rules.key is not None and first is not None:
        for batch in connection.sql(_BIRTHDAYS).to_arrow_reader():
            tables += _read_birthdays(batch, rules.key, int(np.datetime64(first).astype(int)))
    connection.register("birthdays_read", pa.concat_tables(tables))
    connection.execute("create temp table birthdays as select * from birthdays_read")
    readable = str(rules.key is not None).lower()
    connection.execute(_YOUNG.format(as_of=as_of, readable=readable))


_NO_BIRTHDAYS: Final = pa.schema(
    [
        ("place", pa.int32()),
        ("row", pa.int64()),
        ("group", pa.int16()),
        ("ground", pa.string()),
        ("birthday", pa.date32()),
    ]
).empty_table()


def _read_birthdays(batch: pa.RecordBatch, key: bytes, first: int) -> list[pa.Table]:
    """Return the birthdays from the day ``first`` on, by identity number and by birth column."""
    covered = batch["birthdays"].to_numpy()
    words = cover_numbers(covered, batch["row_digest"].cast(pa.binary(16)), key=key)
    halves = words.view(np.uint32).reshape(-1, 2)
    tables = []
    for at, ground in enumerate(("identity", "birth")):
        near = np.flatnonzero((halves[:, at] >= first) & (halves[:, at] > 0))
        rows = pa.table(batch.select(["place", "row", "group"]).take(near))
        days = pa.array(halves[near, at].astype(np.int32), pa.int32()).cast(pa.date32())
        grounds = pa.repeat(pa.scalar(ground), len(near))
        added = rows.append_column("ground", grounds).append_column("birthday", days)
        tables.append(added.cast(_NO_BIRTHDAYS.schema))
    return tables


UNDER_AGE: Final = ReportTable(
    "under_14",
    (
        SCOPE_KIND,
        SCOPE,
        coded("ground", "ground"),
        number("records"),
        number("passed"),
        coded("candidate", "answer"),
        coded("age_day", "age_day"),
        text("first_day"),
        text("last_day"),
    ),
    section="T11",
    made_by="count",
    build=_under_age,
    notes=("sheet.note.under_14",),
)

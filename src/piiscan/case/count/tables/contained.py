"""Contained rows (包含): rows whose values all stand in another row about the same person.

The third size of a duplicate. R4 keeps these rows and the table tells their number; the total of
art. 11 counts them once (:mod:`piiscan.case.flow.identities`).
``张三 13800138000`` is contained in ``张三 13800138000 长沙市…``.
"""

from __future__ import annotations

from typing import Any, Final

from piiscan.case.count.count_database import scope_sql
from piiscan.case.count.table_context import TableContext
from piiscan.case.store.common_columns import SCOPE, SCOPE_KIND
from piiscan.pages.report_table import ReportTable, number

Row = dict[str, Any]

_SCOPES: Final = ("total", "suspect")
#: Most rows of a person with the rarest fact of a row that is compared.
MOST_ALIKE: Final = 5_000

#: SQL: number of a row ``r`` that is not among those that pass, below 0.
ROW_NUMBER: Final = (
    "case when r.content_digest is not null then -1 - (hash(r.content_digest) >> 1)::bigint end"
)
#: SQL: the subjects that pass, and those of whom only a phone is known if one person has it.
_CREATE_IDENTIFIED: Final = f"""
create temp table bare_rows as
select r.record, r.subject, r.mobile, key_no, {ROW_NUMBER} as content_no
from people r join bare_keys k on r.subject = k.subject
where bare and main and headline and part(r.subject) and part(k.subject);
create temp table bare_owners as
select r.mobile, person from passed p join people r using (subject)
where not side and r.mobile in (select mobile from bare_rows) and part(p.subject)
    and part(r.subject);
create temp table known_bare as
with owners as (
    select mobile, any_value(person) as person from bare_owners where part(mobile)
    group by mobile having count(distinct person) = 1)
select record, subject, person, key_no, content_no
from bare_rows b join owners using (mobile) where part(b.mobile);
drop table bare_owners;
create temp view identified as
select record, subject, person, key_no, content_no, main from passed where headline
union all select *, true from known_bare;
"""
#: SQL: one record of each different row of persons with several.
_CREATE_SEVERAL: Final = """
create temp table several as
with contents as (
    select person, content_no, min(record) as record from identified
    where main and content_no is not null and part(person) group by person, content_no)
select * from contents qualify count(*) over (partition by person) > 1;
"""
#: SQL: the values of these rows as facts, and the rarest fact of each row; a row with a fact of its
#: own is in no other.
_CREATE_ROW_FACTS: Final = """
create temp table several_rows as
select person, content_no, r.source, r.member, r.row, r."group"
from several s join rows r on s.record = r.record where part(s.record) and part(r.record);
create temp table row_facts as
select distinct person, content_no, unnest(facts) as fact
from several_rows r join facts f on f.source = r.source and f.member = r.member and f.row = r.row
    and f."group" = r."group"
where part(r.row) and part(f.row);
drop table several_rows;
create temp table row_sizes as
select content_no, count(*) as size, bit_or(1::ubigint << (fact % 64)) as bits,
       bit_or(1::ubigint << (fact // 64 % 64)) as more
from row_facts where part(content_no) group by content_no;
create temp table rarest as
select person, content_no, arg_min(fact, rows) as fact from (
    select *, count(*) over (partition by person, fact) as rows from row_facts where part(person))
group by person, content_no having min(rows) between 2 and {most};
"""
#: SQL: pairs of a contained row and a larger one that has its rarest fact, and all others. ``bits``
#: and ``more`` of the inner row stand in the outer one, so that few pairs are left to compare.
_CREATE_CONTAINED: Final = """
create temp table contained as
with pairs_of_rows as (
    select r.content_no as inner_no, f.content_no as outer_no, i.size as inner_size, o.size
    from rarest r join row_facts f on f.person = r.person and f.fact = r.fact
    join row_sizes i on i.content_no = r.content_no
    join row_sizes o on o.content_no = f.content_no and o.size > i.size
        and i.bits & o.bits = i.bits and i.more & o.more = i.more
    where part(r.content_no)),
inside as (
    select inner_no, outer_no, any_value(size) as size from pairs_of_rows
    join row_facts a on a.content_no = inner_no
    join row_facts b on b.content_no = outer_no and b.fact = a.fact
    group by inner_no, outer_no having count(*) = any_value(inner_size))
select inner_no, outer_no, size, record as first
from inside join several on content_no = outer_no;
"""
_COUNT: Final = """
with standing as (
    select distinct {scope} as scope, content_no from passed t join placed p using (place)
    where t.headline and main and {scope} is not null)
select a.scope, count(distinct inner_no) from contained
join standing a on a.content_no = inner_no
join standing b on b.content_no = outer_no and b.scope = a.scope
group by a.scope order by a.scope
"""


def create_identified(context: TableContext) -> None:
    """Create the view ``identified`` (subjects with their person), and the table ``bare_rows``."""
    context.connection.create(_CREATE_IDENTIFIED)


def create_contained(context: TableContext) -> bool:
    """Create the table ``contained``: pairs of rows of one person, the inner and the outer.

    Return False, without a table, if no person has several different rows.
    """
    connection = context.connection
    if "facts" not in context.case.views:
        return False
    context.once(create_identified)
    connection.create(_CREATE_SEVERAL)
    ((several,),) = connection.execute("select count(*) from several").fetchall()
    if several:
        connection.create(_CREATE_ROW_FACTS.format(most=MOST_ALIKE))
        connection.create(_CREATE_CONTAINED)
        connection.create("drop table row_facts; drop table rarest; drop table row_sizes")
    return bool(several)


def _contained(context: TableContext) -> list[Row]:
    """Return a row per scope with contained rows; none if there are no such rows."""
    if not context.once(create_contained):
        return []
    return [
        {"scope_kind": kind, "scope": scope, "contained": count}
        for kind in _SCOPES
        if kind in context.scopes
        for scope, count in context.connection.execute(
            _COUNT.format(scope=scope_sql(kind))
        ).fetchall()
    ]


CONTAINED: Final = ReportTable(
    "contained",
    (SCOPE_KIND, SCOPE, number("contained")),
    section="T4",
    made_by="count",
    build=_contained,
    notes=("sheet.note.contained",),
)

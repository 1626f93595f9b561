"""Identities of information: rows, keys and persons of one suspect or group that are the same.

Compared is what the scope itself acquired, sold or has without a role. A row whose values all
stand in another row of the same person is that row (包含). A key is that of a stronger one beside
which its values stand: ``张三 13800138000`` is that of ``张三 13800138000 430104…``. Persons are
keys that share an identity number, a phone or an account, within the persons of the case (U4).
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa

from piiscan.case.count.count_kernels import link_subjects, number_persons
from piiscan.case.count.subjects.key_priority import KEY_KINDS
from piiscan.case.count.table_context import TableContext
from piiscan.case.count.tables.contained import create_contained, create_identified
from piiscan.hashing.digest_rows import node_type

#: SQL: row -> the largest row of the scope that contains it. Rows without a role contain no other.
_ROWS: Final = """
create temp table same_content as
with held as (select kind, scope, content, bool_or(side <> 'unroled') as dealt from pieces
              where content is not null group by all)
select a.kind, a.scope, inner_no as unit,
       arg_max(outer_no, {'size': size, 'first': -first}) as same
from contained join held a on a.content = inner_no
join held b on b.content = outer_no and b.kind = a.kind and b.scope = a.scope
where b.dealt or not a.dealt group by all;
"""
#: SQL: keys of persons with several, by scope (``n`` from 0), and the values beside each.
_KEYS: Final = """
create temp table persons_of_keys as
select key_no, min(person) as person, min(subject) as first from identified
where part(key_no) group by key_no;
create temp table several_keys as
select * from persons_of_keys where part(person)
qualify count(*) over (partition by person) > 1;
drop table persons_of_keys;
create temp table keys_held as
select kind, scope, person, key_no, first, bool_or(side <> 'unroled') as dealt
from pieces p join several_keys using (key_no) where part(p.key_no) group by all;
create temp table linked_keys as
select * from keys_held where part(person)
qualify count(*) over (partition by kind, scope, person) > 1;
create temp table scope_keys as
select (row_number() over (order by kind, scope, key_no) - 1)::bigint as n, * from linked_keys;
drop table keys_held; drop table linked_keys;
create temp table beside as
select distinct h.holding, p.key_no, r.key_kind, r.identity, r.name, r.mobile, r.account, r.side
from identified p join several_keys using (key_no) join people r on r.subject = p.subject
join holding h on h.place = r.place and h.combination = r.combination
    and h.aside is not distinct from case when side then role end
where part(p.subject) and part(r.subject);
create temp table key_values as
with held as (
    select distinct kind, scope, key_no, holding from pieces where part(key_no))
select distinct n, kind, scope, person, dealt, k.key_no, first, key_kind,
       list_position({kinds}, key_kind) as rank, identity, name, mobile, account, side
from scope_keys k join held using (kind, scope, key_no)
join beside b on b.holding = held.holding and b.key_no = k.key_no
where part(k.key_no) and part(b.key_no);
drop table beside;
"""
#: Columns of ``key_values`` that link keys -> the rows that they link.
_LINKS: Final = {
    "identity": "identity is not null",
    "mobile": "mobile is not null and not side",
    "account": "account is not null and not side",
    "mobile, name": "mobile is not null and name is not null",
    "account, name": "account is not null and name is not null",
}
_LINKED: Final = """
select n, first from (
    select n, min(n) over (partition by kind, scope, person, {value}) as first from key_values
    where {free} and part(person))
where first < n
"""
#: SQL: key -> the first key of the same person, and the strongest key that its values stand beside.
_SAME_KEYS: Final = """
create temp table same_person as
select k.kind, k.scope, k.key_no as unit, f.key_no as same
from scope_keys k join roots_given r using (n) join scope_keys f on f.n = r.root where part(r.n);
create temp table same_key as
with v as (select v.*, root from key_values v join roots_given r using (n) where part(r.root)),
above as ({above}),
step as (
    select kind, scope, unit, arg_min(same, {{'rank': rank, 'first': first}}) as same
    from above group by all)
select a.kind, a.scope, a.unit, coalesce(b.same, a.same) as same
from step a left join step b on b.kind = a.kind and b.scope = a.scope and b.unit = a.same;
"""
_ABOVE: Final = """
select a.kind, a.scope, a.key_no as unit, b.key_no as same, b.rank, b.first
from (select distinct {value}, {columns} from v where key_kind = '{kind}') a
join (select distinct {value}, {columns} from v) b on b.root = a.root and b.{value} = a.{value}
where b.rank < a.rank and (b.dealt or not a.dealt)
    and coalesce(a.name = b.name, {nameless}) and coalesce(a.identity = b.identity, true)
"""
_ABOVE_COLUMNS: Final = "kind, scope, root, key_no, rank, first, dealt, name, identity"
#: Kind of key -> its value that stands beside a stronger key too, and if that key may lack a name.
_VALUES: Final = {
    "name_phone": ("mobile", False),
    "phone": ("mobile", True),
    "account": ("account", True),
}
_EMPTY: Final = "create temp table {name} (kind int, scope int, unit {type}, same {type})"
_UNIT_TYPES: Final = {"same_content": "bigint", "same_key": "int", "same_person": "int"}


def create_identities(context: TableContext) -> None:
    """Create ``same_content``, ``same_key`` and ``same_person`` (kind, scope, unit, same).

    They have the units of the table ``pieces`` that are another one's.
    """
    connection = context.connection
    for name, type_ in _UNIT_TYPES.items():
        connection.execute(_EMPTY.format(name=name, type=type_))
    context.once(create_identified)
    if context.once(create_contained):
        connection.execute("drop table same_content")
        connection.execute(_ROWS)
    connection.create(_KEYS.format(kinds=list(KEY_KINDS)))
    ((count,),) = connection.execute("select count(*) from scope_keys").fetchall()
    if count:
        _create_same_keys(connection, count)


def _create_same_keys(connection: Any, count: int) -> None:
    """Create ``same_person`` and ``same_key`` from ``count`` rows of ``scope_keys``."""
    person = np.arange(count, dtype=node_type(count))

    def link(batch: pa.RecordBatch) -> None:
        """Link the keys of a batch, each to the first one with the same value."""
        link_subjects(person, *(column.to_numpy() for column in batch.columns))

    for value, free in _LINKS.items():
        connection.read(_LINKED.format(value=value, free=free), link)
    number_persons(person)
    _, first, of_key = np.unique(person, return_index=True, return_inverse=True)
    roots = pa.table({"n": np.arange(count), "root": first[of_key].astype(np.int64)})
    connection.register("roots_given", roots)
    above = " union all ".join(
        _ABOVE.format(kind=kind, value=value, nameless=nameless, columns=_ABOVE_COLUMNS)
        for kind, (value, nameless) in _VALUES.items()
    )
    connection.create(_SAME_KEYS.format(above=above))

"""Count differences: keys or values in both of two counts, in one only, and the reason.

Both counts use one digest key. Each count exports a side: kind, id, subject, ok (counted or not),
reason (why not), source, and further identifiers of the subject.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from piiscan.case.count.count_database import PASSED_SQL
from piiscan.case.store.connection import literal, literals
from piiscan.pages.report_table import Rows

Row = dict[str, Any]

SIDES: Final = ("here", "there")
#: Scopes of a comparison with another case.
_TOTAL: Final = ("total",)
_SCOPE: Final = ("scope_kind", "scope")
#: Reasons for a one-sided value, in addition to those of the ladder.
SOURCE_MISSING: Final = "SOURCE_MISSING"
OTHER_KEY: Final = "OTHER_KEY"
NOT_FOUND: Final = "NOT_FOUND"

_REASON: Final = (
    "case when excluded is not null then 'EXCLUDED' when period <> 'IN' then period"
    " when not {0}headline then 'UNCONFIRMED' when not data then 'NO_DATA'"
)
_KEYS_SQL: Final = f"""
select key_kind as kind, key as id, subject, headline and {PASSED_SQL} as ok,
       {_REASON.format("")} when not counted then 'OTHER_PARTY' when bare then 'BARE_PHONE'
       when headline and {PASSED_SQL} then null else coalesce(reason, 'LOW_CONFIDENCE') end
       as reason, source, identity, mobile, account
from people where key_kind is not null
"""
_VALUES_SQL: Final = f"""
select f.entity as kind, f.digest as id, r.subject, counts and r.headline and not refuted as ok,
       {_REASON.format("r.")} when refuted then coalesce(f.reason, 'CHECK_FAIL') end as reason,
       r.source, null::ubigint as identity, null::ubigint as mobile, null::ubigint as account
from (select *, verdict = 'refuted' as refuted from read_parquet([{{files}}])
      where entity in ({{kinds}})) f
join placed p on f.source = p.source and f.member = p.member
join rows r on r.place = p.place and r.row = f.record and r."group" = f."group"
"""
_ONE_SIDED_SQL: Final = """
with own as (
  select kind, id, min(subject) as subject, count(distinct subject) as records,
         bool_and(not coalesce(k.known, false)) as missing,
         bool_or(i.identity is not null or m.mobile is not null or a.account is not null) as other
  from {own} s left join known k on s.source = k.source and k.side = '{own}'
  left join (select distinct identity from {other}) i on s.identity = i.identity
  left join (select distinct mobile from {other}) m on s.mobile = m.mobile
  left join (select distinct account from {other}) a on s.account = a.account
  where ok group by kind, id
), rejected as (
  select kind, id, arg_min(reason, subject) as reason from {other} where not ok group by kind, id
)
select kind, id, own.subject, records, coalesce(reason,
       case when missing then 'SOURCE_MISSING' when other then 'OTHER_KEY' else 'NOT_FOUND' end)
       as reason
from own left join rejected using (kind, id)
anti join (select distinct kind, id from {other} where ok) both_sides using (kind, id)
"""


def write_keys(connection: Any, out: Path) -> None:
    """Write the keys of a count database to the Parquet file ``out``, one row per subject."""
    connection.execute(f"copy ({_KEYS_SQL}) to {literal(out)} (format parquet)")


def write_values(connection: Any, out: Path, files: Sequence[Path], kinds: Sequence[str]) -> None:
    """Write the values of the entities ``kinds`` in the findings ``files`` to Parquet ``out``."""
    query = _VALUES_SQL.format(files=literals(files), kinds=literals(kinds))
    connection.execute(f"copy ({query}) to {literal(out)} (format parquet)")


def create_side_views(
    connection: Any, files: Mapping[str, Path], shared_sources: Mapping[str, Mapping[int, bool]]
) -> None:
    """Create the views ``here``, ``there`` and the tables ``only_here``, ``only_there`` in DuckDB.

    The views have the rows of ``files``, the tables the values of one side that the other
    lacks. ``shared_sources``: side -> source -> True if the other case has the source.
    """
    for side, file in files.items():
        connection.execute(f"create view {side} as select * from read_parquet({literal(file)})")
    rows = [
        {"side": side, "source": source, "known": has}
        for side, sources in shared_sources.items()
        for source, has in sources.items()
    ]
    schema = pa.schema([("side", pa.string()), ("source", pa.int32()), ("known", pa.bool_())])
    connection.register("known", pa.Table.from_pylist(rows, schema))
    for one, other in (("here", "there"), ("there", "here")):
        connection.execute(
            f"create table only_{one} as {_ONE_SIDED_SQL.format(own=one, other=other)}"
            " order by subject"
        )


def totals(connection: Any) -> list[Row]:
    """Return a row per entity or key kind: values in both counts, only here, only there."""
    query = (
        "with h as (select distinct kind, id from here where ok),"
        " t as (select distinct kind, id from there where ok)"
        " select coalesce(h.kind, t.kind) as kind,"
        " count(*) filter (h.id is not null and t.id is not null),"
        " count(*) filter (t.id is null), count(*) filter (h.id is null)"
        " from h full join t on h.kind = t.kind and h.id = t.id group by 1 order by 1"
    )
    names = ("kind", "both", "only_here", "only_there")
    return [dict(zip(names, row, strict=True)) for row in connection.execute(query).fetchall()]


def one_sided_counts(connection: Any) -> list[Row]:
    """Return a row per side, kind and reason: one-sided values, and the records that have them."""
    rows: list[Row] = []
    for side in ("here", "there"):
        found = connection.execute(
            f"select kind, reason, count(*), sum(records)::bigint from only_{side}"
            " group by all order by kind, count(*) desc, reason"
        ).fetchall()
        rows += [
            {"side": side, "kind": kind, "reason": reason, "count": count, "records": records}
            for kind, reason, count, records in found
        ]
    return rows


def one_sided_records(connection: Any, side: str) -> pa.Table:
    """Return the table (subject, reason) of the first subjects of the values only ``side`` has."""
    query = (
        f"select subject, min(reason) as reason from only_{side} group by subject order by subject"
    )
    return connection.sql(query).to_arrow_table()


def select_one_sided(connection: Any, records: pa.Table) -> None:
    """Create the table ``chosen`` (line, subject, reason …) in a count database from ``records``.

    It has one list line per one-sided record or subject.
    """
    connection.register("alone_given", records)
    connection.execute(
        "create temp table chosen as select dense_rank() over (order by subject)::bigint as line,"
        " subject, reason, null::varchar as elsewhere, null::bigint as repeats from alone_given"
    )


def ladder_differences(tables: Mapping[str, Rows], kinds: Sequence[str] = _TOTAL) -> list[Row]:
    """Return a row per scope and ladder step: count here, count there, and their difference.

    ``tables``: side -> tables of its count. ``kinds``: kinds of scopes. A scope that one side
    lacks has 0 there.
    """
    return _differences(tables, "ladder", ("step",), kinds)


def reason_differences(tables: Mapping[str, Rows], kinds: Sequence[str] = _TOTAL) -> list[Row]:
    """Return a row per scope, ladder step and reason, as ``ladder_differences`` does."""
    names = ("step", "reason", "where")
    left = {
        side: {"ladder_reasons": [row for row in each["ladder_reasons"] if not row["kept"]]}
        for side, each in tables.items()
    }
    rows = _differences(left, "ladder_reasons", names, kinds)
    return sorted(rows, key=lambda row: [row.get(n) or "" for n in (*_SCOPE, *names)])


def _differences(
    tables: Mapping[str, Rows], table: str, names: Sequence[str], kinds: Sequence[str]
) -> list[Row]:
    """Return the rows of a table on both sides, joined by scope and the columns ``names``.

    The scope is left out if only the total is compared.
    """
    names = names if kinds == _TOTAL else (*_SCOPE, *names)
    found: dict[tuple[Any, ...], Row] = {}
    for side in SIDES:
        for row in tables[side][table]:
            if row["scope_kind"] in kinds:
                same = {name: row[name] for name in names}
                joined = found.setdefault(tuple(same.values()), same | dict.fromkeys(SIDES, 0))
                joined[side] += row["count"]
    return [row | {"difference": row["here"] - row["there"]} for row in found.values()]

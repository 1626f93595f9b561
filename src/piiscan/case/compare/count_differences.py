"""Two counts with one digest key against each other: what both hold, what one holds, and why.

What is compared are keys (one a record) or values; each count tells its own as a table ``side``:
kind, id, record, ok (whether it counts), reason (why it does not), source, and by what else its
record could be known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from piiscan.case.count.count_database import PASSED
from piiscan.case.store.connection import literal, literals

Row = dict[str, Any]

#: Why something stands on one side only, beyond the reasons of the ladder.
SOURCE_MISSING: Final = "SOURCE_MISSING"
OTHER_KEY: Final = "OTHER_KEY"
NOT_FOUND: Final = "NOT_FOUND"

_WHY: Final = (
    "case when excluded is not null then 'EXCLUDED' when period <> 'IN' then period"
    " when not {0}headline then 'UNCONFIRMED' when not data then 'NO_DATA'"
)
_KEYS: Final = f"""
select key_kind as kind, key as id, record, main and headline and {PASSED} as ok,
       {_WHY.format("")} when bare then 'BARE_PHONE' when step = 3 and not main then 'OTHER_ROLE'
       when main and headline and {PASSED} then null else coalesce(reason, 'LOW_CONFIDENCE') end
       as reason, source, identity, mobile, account
from people where key_kind is not null
"""
_VALUES: Final = f"""
select f.entity as kind, f.digest as id, r.record, counts and r.headline and not refuted as ok,
       {_WHY.format("r.")} when refuted then coalesce(f.reason, 'CHECK_FAIL') end as reason,
       r.source, null::ubigint as identity, null::ubigint as mobile, null::ubigint as account
from (select *, verdict = 'refuted' as refuted from read_parquet([{{files}}])
      where entity in ({{kinds}})) f
join placed p on f.source = p.source and f.member = p.member
join rows r on r.place = p.place and r.row = f.record and r."group" = f."group"
"""
_ONE_SIDED: Final = """
with own as (
  select kind, id, min(record) as record, count(distinct record) as records,
         bool_and(not coalesce(k.known, false)) as missing,
         bool_or(i.identity is not null or m.mobile is not null or a.account is not null) as other
  from {own} s left join known k on s.source = k.source and k.side = '{own}'
  left join (select distinct identity from {other}) i on s.identity = i.identity
  left join (select distinct mobile from {other}) m on s.mobile = m.mobile
  left join (select distinct account from {other}) a on s.account = a.account
  where ok group by kind, id
), rejected as (
  select kind, id, arg_min(reason, record) as reason from {other} where not ok group by kind, id
)
select kind, id, own.record, records, coalesce(reason,
       case when missing then 'SOURCE_MISSING' when other then 'OTHER_KEY' else 'NOT_FOUND' end)
       as reason
from own left join rejected using (kind, id)
anti join (select distinct kind, id from {other} where ok) both_sides using (kind, id)
"""


def tell_keys(base: Any, out: Path) -> None:
    """Write the keys of a board as a side."""
    base.execute(f"copy ({_KEYS}) to {literal(out)} (format parquet)")


def tell_values(base: Any, out: Path, files: Sequence[Path], kinds: Sequence[str]) -> None:
    """Write the values of the ``kinds`` in the FINDINGS ``files`` of a board as a side."""
    query = _VALUES.format(
        files=literals(files),
        kinds=literals(kinds),
    )
    base.execute(f"copy ({query}) to {literal(out)} (format parquet)")


def open_sides(
    base: Any, files: Mapping[str, Path], known: Mapping[str, Mapping[int, bool]]
) -> None:
    """The views ``here`` and ``there``, and of each side's sources whether the other has them."""
    for side, file in files.items():
        base.execute(f"create view {side} as select * from read_parquet({literal(file)})")
    rows = [
        {"side": side, "source": source, "known": has}
        for side, sources in known.items()
        for source, has in sources.items()
    ]
    schema = pa.schema([("side", pa.string()), ("source", pa.int32()), ("known", pa.bool_())])
    base.register("known", pa.Table.from_pylist(rows, schema))
    for own, other in (("here", "there"), ("there", "here")):
        base.execute(
            f"create table only_{own} as {_ONE_SIDED.format(own=own, other=other)} order by record"
        )


def totals(base: Any) -> list[Row]:
    """By kind: how many distinct ones both sides hold, and each alone."""
    query = (
        "with h as (select distinct kind, id from here where ok),"
        " t as (select distinct kind, id from there where ok)"
        " select coalesce(h.kind, t.kind) as kind,"
        " count(*) filter (h.id is not null and t.id is not null),"
        " count(*) filter (t.id is null), count(*) filter (h.id is null)"
        " from h full join t on h.kind = t.kind and h.id = t.id group by 1 order by 1"
    )
    names = ("kind", "both", "only_here", "only_there")
    return [dict(zip(names, row, strict=True)) for row in base.execute(query).fetchall()]


def why(base: Any) -> list[Row]:
    """By side, kind and reason: how many stand there alone."""
    rows: list[Row] = []
    for side in ("here", "there"):
        found = base.execute(
            f"select kind, reason, count(*), sum(records)::bigint from only_{side}"
            " group by all order by kind, count(*) desc, reason"
        ).fetchall()
        rows += [
            {"side": side, "kind": kind, "reason": reason, "count": count, "records": records}
            for kind, reason, count, records in found
        ]
    return rows


def alone(base: Any, side: str) -> pa.Table:
    """The first record of each that stands on ``side`` alone, with the reason: record, reason."""
    query = f"select record, min(reason) as reason from only_{side} group by record order by record"
    return base.sql(query).to_arrow_table()


def choose_alone(base: Any, records: pa.Table) -> None:
    """The table ``chosen`` of a board: the records that stand on its side alone, a line each."""
    base.register("alone_given", records)
    base.execute(
        "create temp table chosen as select dense_rank() over (order by record)::bigint as line,"
        " record, reason, null::varchar as elsewhere, null::bigint as repeats from alone_given"
    )

"""The count's tables in DuckDB: candidates, where parts of the evidence belong, persons.

``placed``: every part with its item, device, suspect, layer; ``people``: all candidates; ``rows``:
those that speak for their record; ``passed``: the rows of step R3 with key, row digest and person
as numbers; ``standing``: how many rows of each part stand on which step.  ``headline`` is false for
layers that a person has yet to confirm, ``counts`` for records that are excluded or no data.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from piiscan.case.store.connection import connect, literal, literals

#: What counts are made by, in the order of the tables; each is a column of ``placed``.
SCOPES: Final = ("total", "suspect", "device", "item", "layer", "source")
#: Memory that DuckDB may use before it spills into the case.
MEMORY: Final = "800MB"
#: Layers whose values stay outside the headline until they are confirmed.
UNCONFIRMED: Final = ("carved", "ocr")

#: Where a part of the evidence belongs.
PLACED: Final = pa.schema(
    [
        ("place", pa.int32()),  # running number of the part, from 0
        ("source", pa.int32()),
        ("member", pa.string()),
        ("total", pa.string()),
        ("suspect", pa.string()),
        ("device", pa.string()),
        ("item", pa.string()),
        ("layer", pa.string()),
        ("role", pa.string()),  # acquired | sold | provided | held | unknown
        ("party_from", pa.string()),
        ("party_to", pa.string()),
        ("rows", pa.int64()),  # of the part: data rows
        ("header_rows", pa.int64()),  # headers that come again
        ("blank_rows", pa.int64()),
        ("title_rows", pa.int64()),  # titles and sums
    ]
)

_HEADLINE: Final = f"layer not in {UNCONFIRMED}"

#: The candidates that pass (step R3) and are counted, and the records they speak for.
NAMED: Final = "counts and not bare and step >= 2"
PASSED: Final = "counts and not bare and step = 3"

#: One join a statement: hash tables of several in one do not know of each other's memory, and
#: DuckDB then gives up in some runs where it would have spilt.
_VIEWS: Final = """
create view people as
select c.*, p.headline, {period} as period,
       c.data and c.excluded is null and coalesce({period}, 'IN') = 'IN' as counts
from read_parquet({candidates}) c join placed p using (place) {dated};
create view rows as select * from people where main;
create temp table keys as
select key_kind, key, row_number() over ()::int as key_no
from (select distinct key_kind, key from people where counts and step = 3);
create temp table keyed as
select r.record, r.place, r.headline, r.business, r.row_digest, k.key_no
from rows r join keys k using (key_kind, key) where {passed};
create temp table digests as
select row_digest, row_number() over ()::int as row_no
from (select distinct row_digest from keyed);
create temp table numbered as
select k.* exclude (row_digest), d.row_no from keyed k left join digests d using (row_digest);
drop table keyed;
drop table digests;
create temp table passed as
select n.*, q.person::int as person
from numbered n join read_parquet({persons}) q using (record);
drop table numbered;
create temp table standing as
select place, business, count(*) filter (data) as found, count(*) filter ({named}) as named,
       count(*) filter ({passed}) as passed,
       count(*) filter (counts and combination is not null) as telling,
       count(*) filter (counts and bare) as bare,
       count(*) filter (counts and bare and step = 3) as bare_sound
from rows group by place, business;
"""


#: Records that a list gives a time for, and whether any of theirs lies in the period.
_DATED: Final = """
create temp table dated as
select p.place, l.row, l."group",
       case when bool_or({inside}) then 'IN' else 'OUTSIDE_PERIOD' end as period
from ledger l join placed p on l.source = p.source and l.member = p.member
where time is not null group by all
"""
_BY_DATE: Final = """
left join dated d on c.place = d.place and c.row = d.row and c."group" = d."group"
"""


@dataclass(frozen=True, slots=True)
class Period:
    """The days that are counted, both included; None: no bound."""

    since: datetime.date | None = None
    until: datetime.date | None = None

    @property
    def chosen(self) -> bool:
        """Whether there is any bound."""
        return self.since is not None or self.until is not None

    @property
    def sql(self) -> str:
        """Whether ``time`` lies in it."""
        since = f"time >= date '{self.since}'" if self.since else "true"
        until = f"time < date '{self.until}' + interval 1 day" if self.until else "true"
        return f"({since} and {until})"


#: Everything is counted, whenever it was.
ALWAYS: Final = Period()


@dataclass(frozen=True, slots=True)
class Files:
    """The Parquet files: CANDIDATES, persons (record, person), the case's LEDGER shards."""

    candidates: Path
    persons: Path
    ledger: tuple[Path, ...] = ()


@contextmanager
def board(
    files: Files, placed: pa.Table, *, period: Period = ALWAYS, temporary: Path
) -> Iterator[Any]:
    """DuckDB with the tables named above; keys, rows and persons as whole numbers in ``passed``."""
    with connect(temporary, memory=MEMORY) as base:
        base.register("placed_given", placed)
        base.execute(
            f"create temp table placed as select *, {_HEADLINE} as headline from placed_given"
        )
        _ledger(base, files.ledger)
        told = {"period": "cast(null as varchar)", "dated": ""}
        if period.chosen:
            base.execute(_DATED.format(inside=period.sql))
            told = {"period": "coalesce(d.period, 'UNDATED')", "dated": _BY_DATE}
        base.execute(
            _VIEWS.format(
                named=NAMED,
                passed=PASSED,
                candidates=literal(files.candidates),
                persons=literal(files.persons),
                **told,
            )
        )
        yield base


def scopes(base: Any) -> list[str]:
    """Those of SCOPES that the evidence is divided by (items and suspects need a register)."""
    told = ", ".join(f"count({scope})" for scope in SCOPES)
    numbers = base.execute(f"select {told} from placed").fetchone()
    return [scope for scope, number in zip(SCOPES, numbers, strict=True) if number]


def scope_name(kind: str) -> str:
    """The SQL of a scope's name.

    >>> scope_name("source"), scope_name("suspect")
    ('source::varchar', 'suspect')
    """
    return "source::varchar" if kind == "source" else kind


def _ledger(base: Any, paths: tuple[Path, ...]) -> None:
    from piiscan.schemas import LEDGER

    if paths:
        files = literals(paths)
        base.execute(f"create view ledger as select * from read_parquet([{files}])")
        return
    plain = [
        pa.field(f.name, f.type.value_type if pa.types.is_dictionary(f.type) else f.type)
        for f in LEDGER
    ]
    base.register("ledger", pa.schema(plain).empty_table())

"""The count database: record subjects, attribution and persons as DuckDB tables and views.

``placed``: every part with its item, device, suspect and layer. ``scoped``: each of these as
a row. ``people``: all record subjects. ``rows``: the main subject of each record. ``passed``: the
subjects of step R3 with key, row, content and person as whole numbers, ``main`` for one of each
row. ``standing``: the number of rows and of subjects at each step, per part. ``headline`` is false
for layers that a person has yet to confirm. ``counts`` is false for records that are excluded or no
data, ``counted`` for staff, dealers and speakers.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from piiscan.case.count.count_memory import CountMemory
from piiscan.case.count.parted_database import PartedDatabase, open_database
from piiscan.case.count.passed_subjects import create_passed
from piiscan.case.store.connection import literals
from piiscan.schemas import FILE_TRANSFERS, FINDINGS, RECORD_SUBJECTS, RECORDS, TRANSACTIONS

#: Scope kinds in table order; each is a column of ``placed``.
SCOPES: Final = ("total", "suspect", "device", "item", "layer", "source")
#: Layers outside the headline until a person confirms them.
UNCONFIRMED: Final = ("carved", "ocr", "own")

#: Schema of the attribution: the part, its scopes, and its numbers of rows.
ATTRIBUTION: Final = pa.schema(
    [
        ("place", pa.int32()),  # running number of the part, from 0
        ("source", pa.int32()),
        ("member", pa.string()),
        ("total", pa.string()),
        ("suspect", pa.string()),
        ("device", pa.string()),
        ("item", pa.string()),
        ("layer", pa.string()),
        ("role", pa.string()),  # acquired | sold | provided | published | held | unknown
        ("party_from", pa.string()),
        ("party_to", pa.string()),
        ("seized", pa.timestamp("s")),  # by the register
        ("stated_time", pa.timestamp("s")),  # of the transfer, by the register; here and below
        ("stated_price", pa.decimal128(18, 2)),
        ("stated_channel", pa.string()),
        ("unlawful", pa.string()),  # yes | no | open: how the suspect obtained it
        ("duty", pa.string()),  # yes | no | open: obtained in duty or service
        ("account", pa.string()),  # yes | no: the mailbox or account itself was obtained
        ("purpose", pa.string()),  # business | resale | other
        ("lost", pa.string()),  # yes | no: only the number of records is known
        ("lost_records", pa.int64()),
        ("register_row", pa.int32()),  # row of the register that states the transfer
        ("price_row", pa.int32()),  # row that states the price
        ("rows", pa.int64()),  # of the part: data rows, once for each table side by side
        ("header_rows", pa.int64()),  # repeated headers
        ("blank_rows", pa.int64()),
        ("title_rows", pa.int64()),  # titles and sums
        ("schema_rows", pa.int64()),  # lines that define the tables of a dump
    ]
)

_HEADLINE: Final = f"layer not in {UNCONFIRMED}"

#: SQL conditions: record subjects that count and are identifiable (R2), or pass (R3).
IDENTIFIABLE_SQL: Final = "counts and counted and not bare and step >= 2"
PASSED_SQL: Final = "counts and counted and not bare and step = 3"

#: Most findings, parts and other rows of a count whose queries run in one thread, as written.
MOST_SMALL: Final = 5_000

#: SQL: every scope of every part.
_SCOPED: Final = """
create temp table placed as select *, {headline} as headline from placed_given;
create temp table scoped as
unpivot (select place, headline, total, suspect, device, item, layer, source::varchar as source
         from placed)
on total, suspect, device, item, layer, source into name kind value scope;
"""
_SUBJECTS: Final = """
create temp {kind} people as
select c.*, p.headline, {period} as period,
       c.data and c.excluded is null and coalesce({period}, 'IN') = 'IN' as counts
from candidates c join placed p using (place) {dated};
create temp view rows as select * from people where main;
"""
_STANDING: Final = f"""
create temp table standing as
select place, business, count(*) filter (main and data) as found,
       count(*) filter (main and {IDENTIFIABLE_SQL}) as named,
       count(*) filter (main and {PASSED_SQL}) as passed,
       count(*) filter (main and counts and combination is not null) as telling,
       count(*) filter (main and counts and bare) as bare,
       count(*) filter (main and counts and bare and step = 3) as bare_sound,
       count(*) filter (data and counted) as subjects_found,
       count(*) filter ({IDENTIFIABLE_SQL}) as subjects_named,
       count(*) filter ({PASSED_SQL}) as subjects_passed
from people group by place, business;
"""


#: SQL: records with a transaction time, IN if any of their times is in the period.
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
    """Days that are counted, both included. None means no bound."""

    since: datetime.date | None = None
    until: datetime.date | None = None

    @property
    def is_bounded(self) -> bool:
        """Return True if the period has a first or a last day."""
        return self.since is not None or self.until is not None

    @property
    def sql(self) -> str:
        """SQL condition: True if ``time`` is within the period."""
        since = f"time >= date '{self.since}'" if self.since else "true"
        until = f"time < date '{self.until}' + interval 1 day" if self.until else "true"
        return f"({since} and {until})"


#: Period without bounds.
NO_BOUNDS: Final = Period()


#: Rows of one schema: a table in memory, or Parquet files.
Relation: TypeAlias = pa.Table | Sequence[Path]
#: Person number of each subject that passes, from 0 in order of the persons' first subjects.
PERSONS: Final = pa.schema([("subject", pa.int64()), ("person", pa.int64())])

#: Name of each view over the rows of a count -> their schema.
VIEWS: Final[Mapping[str, pa.Schema]] = {
    "candidates": RECORD_SUBJECTS,
    "findings": FINDINGS,
    "young_records": RECORDS,
    "facts": RECORDS,
    "ledger": TRANSACTIONS,
    "messages": FILE_TRANSFERS,
    "person_numbers": PERSONS,
}


def create_views(connection: Any, relations: Mapping[str, Relation]) -> None:
    """Create a view over each of ``relations``, by its name in VIEWS; empty without rows."""
    for name, relation in relations.items():
        if isinstance(relation, pa.Table):
            connection.register(name, plain_table(relation))
        elif relation:
            files = literals(relation)
            connection.execute(f"create temp view {name} as select * from read_parquet([{files}])")
        else:
            connection.register(name, plain_table(VIEWS[name].empty_table()))


def count_rows(relation: Relation) -> int:
    """Return the number of rows of a relation."""
    if isinstance(relation, pa.Table):
        return int(relation.num_rows)
    return sum(pq.read_metadata(path).num_rows for path in relation)


def plain_table(table: pa.Table) -> pa.Table:
    """Return the table as DuckDB reads it from Parquet: dictionaries become strings."""
    fields = [
        f.with_type(f.type.value_type) if pa.types.is_dictionary(f.type) else f
        for f in table.schema
    ]
    return table.cast(pa.schema(fields))


def create_count_tables(
    connection: PartedDatabase,
    attribution: pa.Table,
    *,
    period: Period = NO_BOUNDS,
    small: bool = False,
) -> None:
    """Create the tables and views of the count (see the module).

    Needs the views ``candidates``, ``person_numbers`` and ``ledger``.

    Args:
        connection: the count database.
        attribution: table with the schema ATTRIBUTION.
        period: days that are counted. Default: all.
        small: True for few rows: fewer statements, which need more memory a row.
    """
    connection.register("placed_given", attribution)
    connection.execute(_SCOPED.format(headline=_HEADLINE))
    date_sql = {"period": "cast(null as varchar)", "dated": ""}
    if period.is_bounded:
        connection.execute(_DATED.format(inside=period.sql))
        date_sql = {"period": "coalesce(d.period, 'UNDATED')", "dated": _BY_DATE}
    connection.execute(_SUBJECTS.format(kind="table" if small else "view", **date_sql))
    create_passed(connection)
    connection.execute(_STANDING)


@contextmanager
def open_count_database(
    relations: Mapping[str, Relation],
    attribution: pa.Table,
    *,
    period: Period = NO_BOUNDS,
    temporary: Path,
) -> Iterator[PartedDatabase]:
    """Yield a database with the tables and views of a finished count.

    ``relations``: record subjects, persons and transactions, by name in VIEWS. ``temporary``:
    folder for data that DuckDB spills to disk.
    """
    rows = count_rows(relations["candidates"])
    with open_database(temporary, CountMemory.of(None), rows=rows) as connection:
        create_views(connection, relations)
        create_count_tables(connection, attribution, period=period)
        yield connection


def scope_sql(kind: str) -> str:
    """Return the SQL expression for a scope's name: ``kind``, with sources cast to text.

    >>> scope_sql("source"), scope_sql("suspect")
    ('source::varchar', 'suspect')
    """
    return "source::varchar" if kind == "source" else kind

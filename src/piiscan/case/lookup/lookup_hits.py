"""Look-up hits: findings that match the queries, with the other findings of their records.

DuckDB reads the shards twice: once for the values, and once for the records of the hits. Both
passes read only a few columns. Nothing is scanned again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from piiscan.case.lookup.query import (
    NAME_ENTITIES,
    Query,
    RecordFilter,
    is_certain,
    masks_agree,
    may_end_in,
    sql_condition,
)
from piiscan.case.register import KIND, longest_prefix, read_register
from piiscan.case.store.attachments import latest_attachment
from piiscan.case.store.case import Case
from piiscan.case.store.connection import connect, literals
from piiscan.parsing.party_names import digest_parties, written_forms

Row = dict[str, Any]

#: Columns of a finding that are returned.
FINDING_COLUMNS: Final = (
    "source", "member", "row", "record", "column", "header", "group", "line", "start", "end",
    "entity", "recognizer", "masked", "verdict", "score", "reason", "role",
)  # fmt: skip
_COLUMNS: Final = ", ".join(f'"{name}"' for name in FINDING_COLUMNS)
#: Columns of a hit in the first pass: its location, and the columns that totals count by.
_HIT_COLUMNS: Final = 'source, nth, member, record, "group", entity, role'
_RECORD_COLUMNS: Final = 'source, member, record, "group"'
#: Masked queries in one pass.
_BATCH: Final = 40
#: Kind of shard -> SQL of its parties. Of a nickname (老K), which is no finding, a case has the
#: digest of a party: with the first message of a speaker, files, money and transactions.
_PARTIES: Final = {
    "sendings": """
        select source, member, row, 'speaker' as role, sender as masked,
               unnest([sender_digest, nick_digest]) as digest from {files}
        union all select source, member, row, 'listener', coalesce(receiver, peer),
               unnest([receiver_digest, peer_digest]) from {files}""",
    "ledger": """
        select source, member, row, case party_kind when 'sender' then 'speaker' else party_kind end
               as role, party as masked, party_digest as digest from {files}""",
}


@dataclass(frozen=True, slots=True)
class LookupHits:
    """Findings that match the queries, in reading order, at most ``limit``, and all totals.

    Each of ``rows`` is a finding with these further keys: ``number`` of the query; ``how``, which
    is SAME (the value itself), SHOWN (all given characters are visible) or POSSIBLE (no visible
    character differs); ``beside``, the findings of its record; ``trade``, the transactions of its
    record. ``totals``: number, how, entity, count.
    """

    rows: list[Row]
    totals: list[Row]


def find_hits(
    case: Case, queries: Sequence[Query], record_filter: RecordFilter, *, limit: int | None
) -> LookupHits:
    """Return the findings that match ``queries`` in records that pass ``record_filter``."""
    files = case.source_shards("findings")
    if not files or not queries:
        return LookupHits([], [])
    with connect(case.path / "tmp", memory="512MB") as connection:
        _create_view(connection, files.values())
        _create_hits(connection, queries, record_filter.kinds)
        if record_filter.needs_record:
            _restrict_view(connection, "hits", files)
            _filter_hits(connection, record_filter, case.shards("ledger"))
        totals = connection.sql(
            "select number, how, entity, count(*) as count from hits group by all order by all"
        )
        total_rows = totals.to_arrow_table().to_pylist()
        limit_sql = "" if limit is None else f" limit {limit}"
        connection.execute(
            f"create temp table shown as select * from hits order by source, nth, number{limit_sql}"
        )
        shown = connection.sql("select * from shown order by source, nth, number")
        rows = shown.to_arrow_table().to_pylist()
        _restrict_view(connection, "shown", files)
        _add_record_findings(connection, rows)
        _add_transactions(connection, rows, case.shards("ledger"))
    return LookupHits(rows, total_rows)


def _create_view(connection: Any, files: Iterable[Path]) -> None:
    """Create the view ``f``, a row per finding in the shards ``files``, numbered by ``nth``.

    ``nth`` is the row number in the shard.
    """
    connection.execute(
        "create or replace temp view f as select *, file_row_number as nth"
        f" from {_read_parquet_sql(files)}"
    )


def _restrict_view(connection: Any, table: str, files: Mapping[int, Path]) -> None:
    """Replace the view ``f`` by one over the shards of the sources in ``table`` only."""
    found = connection.execute(f"select distinct source from {table} order by source").fetchall()
    if found:
        _create_view(connection, [files[source] for (source,) in found])


def _read_parquet_sql(files: Iterable[Path]) -> str:
    """Return the SQL that reads Parquet files, each once, with their row numbers."""
    paths = literals(dict.fromkeys(files))
    return f"read_parquet([{paths}], file_row_number = true)"


def _create_hits(connection: Any, queries: Sequence[Query], kinds: Sequence[str]) -> None:
    """Create the table ``hits``: query number, kind of match, columns of the finding."""
    digests = [(d, q.number) for q in queries for d in q.digests]
    masks = [(m, q.number) for q in queries for m in q.masks]
    connection.register("asked", _pair_table(digests, "digest", pa.binary(16)))
    connection.register("masks", _pair_table(masks, "masked", pa.string()))
    only = ""
    if kinds:
        only = f" and entity in ({literals(kinds)})"
    connection.execute(
        f"create temp table hits as select number, 'SAME' as how, {_HIT_COLUMNS} from f"
        f" join asked using (digest) where true{only}"
    )
    if masks:
        connection.execute(
            f"insert into hits select number, 'POSSIBLE', {_HIT_COLUMNS} from f join masks"
            f" using (masked) where entity = 'MASKED' and recognizer <> 'masked.name'{only}"
        )
    shown = [q for q in queries if q.mask is not None or q.tail is not None]
    for first in range(0, len(shown), _BATCH):
        _add_masked_hits(connection, shown[first : first + _BATCH], only)


def _add_masked_hits(connection: Any, queries: Sequence[Query], only: str) -> None:
    """Insert into ``hits`` the findings whose mask agrees with a masked query or ending."""
    connection.execute(
        f"create or replace temp table seen as select {_HIT_COLUMNS}, masked from f"
        f" where ({sql_condition(queries)}){only}"
    )
    distinct = [m for (m,) in connection.execute("select distinct masked from seen").fetchall()]
    fitting = [
        (masked, q.number, "SHOWN" if is_certain(q, masked) else "POSSIBLE")
        for q in queries
        for masked in distinct
        if (may_end_in(q.tail, masked) if q.tail is not None else masks_agree(q.mask or "", masked))
    ]
    columns = zip(*fitting, strict=True) if fitting else ((), (), ())
    types = (pa.string(), pa.int64(), pa.string())
    arrays = [pa.array(list(c), t) for c, t in zip(columns, types, strict=True)]
    connection.register("fitting", pa.table(arrays, ["masked", "number", "how"]))
    # A finding that matches a whole value already is not added again.
    connection.execute(
        f"insert into hits select number, how, {_HIT_COLUMNS} from seen join fitting"
        " using (masked) anti join (select number, source, nth from hits) known"
        " using (number, source, nth)"
    )


def _pair_table(pairs: Sequence[tuple[Any, int]], name: str, type_: Any) -> pa.Table:
    """Return (value, query number) pairs as an Arrow table with columns ``name``, ``number``."""
    values, numbers = zip(*pairs, strict=True) if pairs else ((), ())
    return pa.table([pa.array(values, type_), pa.array(numbers, pa.int64())], [name, "number"])


def _filter_hits(
    connection: Any, record_filter: RecordFilter, transactions: Sequence[Path]
) -> None:
    """Delete from ``hits`` all findings whose record fails on surname, region or time."""
    connection.execute(
        f"create temp table near as select {_RECORD_COLUMNS}, entity, recognizer, masked, coarse,"
        f" role from f semi join (select distinct {_RECORD_COLUMNS} from hits)"
        f" using ({_RECORD_COLUMNS})"
    )
    if record_filter.surname:
        names = ", ".join(f"'{kind}'" for kind in NAME_ENTITIES)
        # Another person of the row, e.g. the sender, does not own the number.
        connection.execute(
            "delete from hits h where not exists (select 1 from near n"
            f" where {_same_record_sql('n')}"
            f" and (n.entity in ({names}) or n.recognizer = 'masked.name')"
            " and starts_with(n.masked, ?)"
            " and (n.role is null or h.role is null or n.role = h.role))",
            [record_filter.surname],
        )
    if record_filter.region:
        connection.execute(
            "delete from hits h where not exists (select 1 from near n"
            f" where {_same_record_sql('n')}"
            " and (starts_with(coalesce(n.coarse, ''), ?)"
            " or (n.entity = 'CN_ADDRESS' and contains(n.masked, ?))))",
            [record_filter.region, record_filter.region],
        )
    if record_filter.since or record_filter.until:
        _filter_by_time(connection, record_filter, transactions)


def _filter_by_time(
    connection: Any, record_filter: RecordFilter, transactions: Sequence[Path]
) -> None:
    """Delete from ``hits`` all findings whose record has no transaction within the days."""
    if not transactions:
        connection.execute("delete from hits")
        return
    limits = [each for each in (record_filter.since, record_filter.until) if each is not None]
    conditions = [
        f"l.time {sign} ?::timestamp"
        for sign, each in ((">=", record_filter.since), ("<", record_filter.until))
        if each is not None
    ]
    same = _same_record_sql("l").replace("l.record", "l.row")
    connection.execute(
        f"delete from hits h where not exists (select 1 from {_read_parquet_sql(transactions)} l"
        f" where {same} and {' and '.join(conditions)})",
        limits,
    )


def _same_record_sql(other: str) -> str:
    """Return the SQL condition that rows of ``other`` and ``h`` are of one record."""
    columns = ("source", "member", "record", '"group"')
    return " and ".join(f"{other}.{name} = h.{name}" for name in columns)


def _add_record_findings(connection: Any, rows: Sequence[Row]) -> None:
    """Set ``beside`` of each row to its record's findings; fill the row's own columns."""
    if not rows:
        return
    low = min(row["record"] for row in rows)  # a record starts at its first row
    found = connection.sql(
        f"select nth, {_COLUMNS} from f"
        f" semi join (select distinct {_RECORD_COLUMNS} from shown) s using ({_RECORD_COLUMNS})"
        f" where row >= {low} order by source, nth"
    )
    by_record: dict[Any, list[Row]] = {}
    for each in found.to_arrow_table().to_pylist():
        by_record.setdefault(_record_key(each), []).append(each)
    for row in rows:
        row["beside"] = by_record[_record_key(row)]
        row.update(next(each for each in row["beside"] if each["nth"] == row["nth"]))


def _add_transactions(connection: Any, rows: Sequence[Row], transactions: Sequence[Path]) -> None:
    """Set ``trade`` of each row to its record's transactions, empty if it has none."""
    by_record: dict[Any, list[Row]] = {}
    if rows and transactions:
        found = connection.sql(
            'select source, member, row as record, "group", status, party_kind, party, price,'
            f" time, channel from {_read_parquet_sql(transactions)}"
            ' semi join (select source, member, record as row, "group" from shown)'
            ' using (source, member, row, "group")'
            " order by source, file_row_number"
        )
        for each in found.to_arrow_table().to_pylist():
            by_record.setdefault(_record_key(each), []).append(each)
    for row in rows:
        row["trade"] = by_record.get(_record_key(row), [])


def _record_key(row: Row) -> tuple[Any, ...]:
    """Return the key of the row's record: (source, member, record, group)."""
    return tuple(row[name] for name in ("source", "member", "record", "group"))


#: Fields of the register for a part.
PART_FIELDS: Final = ("item", "suspect", "device", "role", "layer")


def find_party_hits(case: Case, names: Mapping[int, str], key: bytes) -> list[Row]:
    """Return a row for each place of a party with one of ``names`` (query number -> text).

    The rows are those of :func:`find_hits`, as NICKNAME with role, without a column and a record.
    """
    forms = [(number, form) for number, text in names.items() for form in written_forms(text)]
    digests = digest_parties([form for _, form in forms], key)
    asked = pa.table({"number": [number for number, _ in forms], "digest": digests})
    parties = [
        sql.format(files=f"read_parquet([{literals(files)}])")
        for kind, sql in _PARTIES.items()
        if (files := case.shards(kind))
    ]
    if not parties or not forms:
        return []
    with connect(case.path / "tmp") as connection:
        connection.register("asked", asked)
        found = connection.sql(
            "select number, source, member, row, role, any_value(masked) as masked"
            f" from ({' union all '.join(parties)}) join asked using (digest)"
            " group by all order by source, member, row, role, number"
        )
        rows = found.to_arrow_table().to_pylist()
    fields = dict.fromkeys(FINDING_COLUMNS) | {"entity": "NICKNAME", "column": 0, "start": 0}
    return [fields | {"how": "SAME", "beside": [], "trade": [], **row} for row in rows]


class PartOwnership:
    """Ownership of parts by the case's register: item, suspect and device.

    Without a register every field is None.
    """

    def __init__(self, case: Case) -> None:
        """Read the newest register of ``case``."""
        self._places: dict[int, dict[str, Mapping[str, Any]]] = {}
        attachment = latest_attachment(case.path, KIND)
        if attachment is None:
            return
        register = read_register(attachment.content(), attachment.name)
        sources = [(each["source"], each["path"]) for each in case.manifest.content["sources"]]
        for place in register.provenance(sources).to_pylist():
            self._places.setdefault(place["source"], {})[place["member_prefix"]] = place

    def fields_of(self, source: int, member: str) -> dict[str, Any]:
        """Return item, suspect, device, role and layer of a part, by column name.

        Return None for fields the register lacks.
        """
        places = self._places.get(source, {})
        place = places.get(longest_prefix(places, member), {})
        return {name: place.get(name) for name in PART_FIELDS}

"""Records of a Spark table: findings and records of its rows as a case stores them.

The table is typed on the driver, once. A worker scans Arrow batches as blocks of a file. Masked
values leave it, and digests under the key of the case, which it reads from a file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from piiscan.case.scan.block_scanner import ScanContext, scan_block
from piiscan.case.scan.settings import ScanOptions, Settings
from piiscan.case.scan.source_reader import part_row
from piiscan.errors import PiiscanError
from piiscan.frame import Plan
from piiscan.frame_cells import as_texts
from piiscan.hashing.key import load_key
from piiscan.schemas import FILE_TRANSFERS, FINDINGS, RECORDS, TRANSACTIONS
from piiscan.sources.block import Block, Table
from piiscan.spark.spark_tables import sample_rows
from piiscan.tabular.column_overrides import ColumnOverrides
from piiscan.tabular.layout import TableLayout
from piiscan.tabular.search import TableSearch
from piiscan.tabular.typed_table import type_table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: Kind of rows -> their columns; ``rows`` has the number of rows of a batch as ``record``.
KINDS: Final[Mapping[str, pa.Schema]] = {
    "findings": FINDINGS,
    "records": RECORDS,
    "ledger": TRANSACTIONS,
    "sendings": FILE_TRANSFERS,
}
#: Attribute of a Spark table of findings: the table searched, and the job that finds them. A case
#: lets the workers write what they find, which never passes through Spark.
SEARCH: Final = "_piiscan_search"
_DDL: Final[Mapping[pa.DataType, str]] = {
    pa.string(): "string", pa.bool_(): "boolean", pa.int16(): "smallint", pa.int32(): "int",
    pa.int64(): "bigint", pa.float64(): "double", pa.binary(): "binary",
    pa.decimal128(18, 2): "decimal(18,2)", pa.timestamp("us"): "timestamp_ntz",
    pa.list_(pa.int64()): "array<bigint>",
}  # fmt: skip


def _plain(kind: pa.DataType) -> pa.DataType:
    """Return the type of Spark for a type of a case: no dictionaries, no unsigned numbers."""
    if pa.types.is_dictionary(kind):
        return pa.string()
    if pa.types.is_list(kind):
        return pa.list_(_plain(kind.value_type))
    if pa.types.is_timestamp(kind):
        return pa.timestamp("us")
    known = {pa.uint64(): pa.int64(), pa.binary(16): pa.binary()}
    return known.get(kind, kind)


#: Columns of the result: kind, number within its batch, and those of all kinds without the source.
COLUMNS: Final[Mapping[str, pa.DataType]] = {
    "kind": pa.string(),
    "at": pa.int64(),
    **{f.name: _plain(f.type) for s in KINDS.values() for f in s if f.name != "source"},
}


def detect_records(
    df: DataFrame,
    columns: Sequence[str],
    *,
    row: str,
    key: Path,
    plan: Plan,
    name: str,
) -> DataFrame:
    """Return findings and records of a Spark table, with the facts of the scan as metadata.

    ``row``: column of whole numbers, of which every row has another one.  ``name``: of the table.
    """
    from pyspark.sql.types import StructType

    digest_key = load_key(key)
    sample = sample_rows(df, columns)
    cells = [as_texts(column) for column in sample.columns]
    numbers = np.arange(1, sample.num_rows + 1)
    block = Block(cells, numbers, None, None, None)
    table = Table(member="", kind="database", headers=list(columns), sample=block)
    typed = type_table(0, 0, table, plan.engine, ColumnOverrides(), name)
    options = ScanOptions(min_score=plan.min_score, names=plan.names)
    settings = Settings.of(options, plan.catalog, digest_key, as_of=plan.as_of)
    about = {"part": part_row(table, typed), "settings": asdict(settings)}
    schema = StructType.fromDDL(", ".join(f"`{n}` {_DDL[kind]}" for n, kind in COLUMNS.items()))
    schema["kind"].metadata = {"piiscan": json.dumps(about)}
    needed = (row, *columns)
    job = RecordsJob(plan, typed.layout, str(key))
    chosen = df.select([f"`{each.replace('`', '``')}`" for each in needed])
    searched = chosen.toDF(*map(str, range(len(needed))))
    found = searched.mapInArrow(job.run, schema)
    setattr(found, SEARCH, (searched, job))
    return found


@dataclass(frozen=True, slots=True)
class RecordsJob:
    """Scan of batches: number of the row first, then the cells. ``key``: path of the key file."""

    plan: Plan
    layout: TableLayout
    key: str

    def run(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield findings and records of each batch, and its number of rows."""
        search = TableSearch(self.plan.engine, self.plan.min_score, self.plan.names, False)
        context = ScanContext.of(search, load_key(Path(self.key), create=False).secret)
        for batch in batches:
            if not batch.num_rows:
                continue
            numbers = batch.column(0).cast(pa.int64())
            if numbers.null_count:
                raise PiiscanError("spark.no_row_number")
            texts = [as_texts(column) for column in batch.columns[1:]]
            block = Block(texts, numbers.to_numpy(), None, None, None)
            scanned = scan_block(block, self.layout, context)
            tables = {
                "findings": scanned.findings,
                "records": scanned.records,
                "ledger": scanned.transactions,
                "sendings": scanned.file_transfers,
            }
            for kind, rows in tables.items():
                if rows is not None and rows.num_rows:
                    yield from _as_spark(kind, rows).to_batches()
            yield from _as_spark("rows", pa.table({"record": [scanned.rows]})).to_batches()


def _as_spark(kind: str, rows: pa.Table) -> pa.Table:
    """Return rows of a case as rows of the result."""
    made = {"kind": pa.array([kind] * len(rows)), "at": pa.array(range(len(rows)), pa.int64())}
    columns = [
        made[name]
        if name in made
        else rows[name].cast(type_, safe=False)  # unsigned numbers keep their bits
        if name in rows.column_names
        else pa.nulls(len(rows), type_)
        for name, type_ in COLUMNS.items()
    ]
    return pa.table(columns, list(COLUMNS))


def from_spark(kind: str, rows: pa.Table, source: int) -> pa.Table:
    """Return rows of the result as rows of a case, of ``source``."""
    schema = KINDS[kind]
    columns = []
    for field in schema:
        if field.name == "source":
            column = pa.array(np.full(len(rows), source, np.int32))
        elif pa.types.is_dictionary(field.type):
            column = rows[field.name].combine_chunks().dictionary_encode().cast(field.type)
        else:
            column = rows[field.name].cast(field.type, safe=False)
        columns.append(column)
    return pa.table(columns, schema=schema)

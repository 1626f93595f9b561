"""The database of a count: DuckDB statements over all rows, in parts by key if these are many.

``select distinct key from people where part(key)`` is run once with ``true`` for ``part(key)`` or,
for rows that do not fit in memory, with ``hash(key) % 8 = 0``, ``= 1`` …. Equal keys are in one
part, so distinct ones add up. Rows are stored by subject, so parts of it are ranges, which read
nothing else. A statement that runs out of memory is repeated in more parts.

Tables of such rows are Parquet files: memory is left for the statement, and data that was read is
not written once more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import Any, Final, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from piiscan.case.count.count_memory import CountMemory
from piiscan.case.store.connection import connect, connect_in_memory, literal, literals
from piiscan.errors import CountError, is_disk_full, is_memory_short

T = TypeVar("T")

_PART: Final = re.compile(r"\bpart\(([^()]*?(\w+))\)")
_TABLE: Final = re.compile(r"\s*create (?:or replace )?temp table (\w+) as\b")
_DROP: Final = re.compile(r"\s*drop table (\w+)\s*")
#: Columns of findings, of which there are several for each subject.
_OF_FINDINGS: Final = ("digest", "masked")
#: Rows of a row group of a table in files.
_ROW_GROUP: Final = 16_384
#: Words of DuckDB's error if the disk is full.
_DISK: Final = "max_temp_directory_size"
#: Bytes of memory for a row of a statement over all rows.
_ROW: Final = 100
#: Rows that are read at once.
_BATCH: Final = 65_536
#: Most that parts are doubled: what does not fit then will not fit in smaller ones.
_MOST_DOUBLED: Final = 16


class PartedDatabase:
    """DuckDB connection with statements in parts; everything else is the connection's own."""

    def __init__(
        self,
        connection: Any,
        memory: CountMemory,
        *,
        rows: int = 1,
        findings: int = 1,
        folder: Path | None = None,
    ) -> None:
        """Take a connection.

        Args:
            connection: connection of DuckDB.
            memory: memory of the count.
            rows: number of rows of the largest table but findings.
            findings: number of findings.
            folder: folder for tables that do not fit in memory. None: nothing spills.
        """
        import duckdb

        self.memory = memory
        #: Columns by which rows are stored -> the end of their numbers, from 0.
        self.ordered: dict[str, int] = {}
        self._connection = connection
        self._parts = -(-rows * _ROW // memory.database) or 1
        self._finding_parts = -(-findings * _ROW // memory.database) or 1
        self.folder = folder if self._finding_parts > 1 else None
        self._files: dict[str, list[Path]] = {}
        self._short = duckdb.OutOfMemoryException

    def __getattr__(self, name: str) -> Any:
        """Return an attribute of the connection."""
        return getattr(self._connection, name)

    def create(self, script: str) -> None:
        """Run SQL statements; fill each table ``create temp table … as`` part by part."""
        for statement in filter(str.strip, script.split(";")):
            if head := _TABLE.match(statement):
                self._fill(head[1], statement[head.end() :])
            elif dropped := _DROP.fullmatch(statement):
                self._drop(dropped[1])
            else:
                self._connection.execute(statement)

    @contextmanager
    def table(self, name: str, schema: pa.Schema) -> Iterator[Callable[[pa.Table], None]]:
        """Yield a function that adds rows to the new table ``name``."""
        if self.folder is not None:
            path = self.folder / f"{name}.parquet"
            with pq.ParquetWriter(path, schema) as writer:
                yield lambda rows: writer.write_table(rows, _ROW_GROUP)
            self._show(name, [path])
            return
        tables = [schema.empty_table()]
        yield tables.append
        self._connection.register(f"{name}_given", pa.concat_tables(tables))
        self._connection.execute(f"create temp table {name} as select * from {name}_given")
        self._connection.unregister(f"{name}_given")

    def add_up(self, query: str, keys: int) -> list[tuple[Any, ...]]:
        """Return the rows of a query, with the sums of all parts.

        ``keys``: number of the first columns that name a row; the others are numbers. The query has
        the order of its keys (``order by all``).
        """

        def read(queries: Sequence[str]) -> list[list[tuple[Any, ...]]]:
            """Return the rows of each part."""
            return [self._connection.execute(each).fetchall() for each in queries]

        parts = self._in_parts(query, read)
        found: dict[tuple[Any, ...], Sequence[Any]] = {}
        for row in chain.from_iterable(parts):
            name, numbers = tuple(map(_hashable, row[:keys])), row[keys:]
            if name in found:
                pairs = zip(found[name], numbers, strict=True)
                numbers = tuple(b if a is None else a + (b or 0) for a, b in pairs)
            found[name] = numbers
        rows = [(*name, *numbers) for name, numbers in found.items()]
        if len(parts) > 1:
            rows.sort(key=lambda row: [(cell is None, cell) for cell in row[:keys]])
        return rows

    def read(self, query: str, use: Callable[[pa.RecordBatch], None]) -> None:
        """Call ``use`` with the rows of a query, batch by batch.

        Rows come again after a lack of memory.
        """

        def read(queries: Sequence[str]) -> None:
            """Read the rows of each part."""
            for each in queries:
                for batch in self._connection.sql(each).to_arrow_reader(_BATCH):
                    use(batch)

        self._in_parts(query, read)

    def _fill(self, table: str, query: str) -> None:
        """Create a table from the rows of a query, part by part."""

        def fill(queries: Sequence[str]) -> None:
            """Write the rows of each part to the table."""
            for part, each in enumerate(queries):
                head = (
                    f"insert into {table}" if part else f"create or replace temp table {table} as"
                )
                self._connection.execute(f"{head} {each}")

        folder = self.folder
        if folder is None or not _PART.search(query):
            self._in_parts(query, fill)
            return

        def fill_files(queries: Sequence[str]) -> list[Path]:
            """Write the rows of each part to a file."""
            paths = [folder / f"{table}-{part}.parquet" for part in range(len(queries))]
            for path, each in zip(paths, queries, strict=True):
                self._connection.execute(
                    f"copy ({each}) to {literal(path)}"
                    f" (format parquet, row_group_size {_ROW_GROUP})"
                )
            return paths

        self._drop(table)
        self._show(table, self._in_parts(query, fill_files))

    def _show(self, table: str, paths: list[Path]) -> None:
        """Make the rows of files the table ``table``."""
        self._files[table] = paths
        self._connection.execute(
            f"create temp view {table} as select * from read_parquet([{literals(paths)}])"
        )

    def _drop(self, table: str) -> None:
        """Drop a table, in memory or in files."""
        if table not in self._files:
            self._connection.execute(f"drop table if exists {table}")
            return
        self._connection.execute(f"drop view {table}")
        for path in self._files.pop(table):
            with suppress(OSError):
                path.unlink()

    def _in_parts(self, query: str, run: Callable[[Sequence[str]], T]) -> T:
        """Return ``run(queries)`` for the queries of all parts.

        After a lack of memory, run twice as many parts.
        """
        columns = {column for _, column in _PART.findall(query)}
        if not columns:
            return run([query])
        first = parts = self._finding_parts if columns.intersection(_OF_FINDINGS) else self._parts
        while True:
            tests = [self._test(part, parts) for part in range(parts)]
            try:
                return run([_PART.sub(test, query) for test in tests])
            except self._short as error:
                if parts >= first * _MOST_DOUBLED or _DISK in str(error):
                    raise
                parts *= 2

    def _test(self, part: int, parts: int) -> Callable[[re.Match[str]], str]:
        """Return the function from ``part(…)`` to the SQL condition of one of ``parts`` parts."""

        def test(match: re.Match[str]) -> str:
            """Return the condition of one column."""
            if parts == 1:
                return "true"
            end = self.ordered.get(match[1].rpartition(".")[2])
            if end is None:
                return f"(hash({match[1]}) % {parts} = {part})"
            first, last = (end * number // parts for number in (part, part + 1))
            return f"({match[1]} >= {first} and {match[1]} < {last})"

        return test


def _hashable(cell: Any) -> Any:
    """Return a cell, a list as a tuple."""
    return tuple(cell) if isinstance(cell, list) else cell


@contextmanager
def open_database(
    temporary: Path | None,
    memory: CountMemory,
    *,
    rows: int,
    findings: int = 1,
    small: bool = False,
) -> Iterator[PartedDatabase]:
    """Yield a new database. Raise CountError if memory or the disk of ``temporary`` is too small.

    Args:
        temporary: folder for data that does not fit in memory. None: nothing spills.
        memory: memory of the count.
        rows: number of rows of its largest table but findings.
        findings: number of findings.
        small: True for few rows, in the process's own database.
    """
    import duckdb

    with connect_in_memory() if small else connect(temporary, **memory.settings()) as connection:
        try:
            yield PartedDatabase(connection, memory, rows=rows, findings=findings, folder=temporary)
        except (duckdb.OutOfMemoryException, duckdb.IOException, OSError, MemoryError) as error:
            if isinstance(error, OSError) and not is_disk_full(error):
                raise
            if is_memory_short(error) and _DISK not in str(error):
                raise CountError(
                    "count.memory_short",
                    memory=memory,
                    findings=f"{max(rows, findings):,}",
                    more=CountMemory(2 * memory.limit),
                ) from None
            raise CountError("count.disk_short", memory=memory, folder=temporary or "") from None

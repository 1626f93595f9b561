"""The database of a count: DuckDB statements over all rows, in parts by key if these are many.

``select distinct key from people where part(key)`` is run once with ``true`` for ``part(key)`` or,
for rows that do not fit in memory, with ``hash(key) % 8 = 0``, ``= 1`` …. Equal keys are in one
part, so distinct ones add up. A statement that runs out of memory is repeated in more parts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any, Final, TypeVar

import pyarrow as pa

from piiscan.case.count.count_memory import CountMemory
from piiscan.case.store.connection import connect, connect_in_memory
from piiscan.errors import CountError

T = TypeVar("T")

_PART: Final = re.compile(r"\bpart\(([^()]*)\)")
_TABLE: Final = re.compile(r"\s*create (?:or replace )?temp table (\w+) as\b")
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

    def __init__(self, connection: Any, parts: int = 1) -> None:
        """Take a connection. ``parts``: number of parts of large statements."""
        import duckdb

        self._connection = connection
        self._parts = parts
        self._short = duckdb.OutOfMemoryException

    def __getattr__(self, name: str) -> Any:
        """Return an attribute of the connection."""
        return getattr(self._connection, name)

    def create(self, script: str) -> None:
        """Run SQL statements; fill each table ``create temp table … as`` part by part."""
        for statement in filter(str.strip, script.split(";")):
            head = _TABLE.match(statement)
            if head is None:
                self._connection.execute(statement)
            else:
                self._fill(head[1], statement[head.end() :])

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

        self._in_parts(query, fill)

    def _in_parts(self, query: str, run: Callable[[Sequence[str]], T]) -> T:
        """Return ``run(queries)`` for the queries of all parts.

        After a lack of memory, run twice as many parts.
        """
        parts = self._parts
        if not _PART.search(query):
            return run([query])
        while True:
            tests = (
                ["true"] if parts == 1 else [rf"(hash(\1) % {parts} = {n})" for n in range(parts)]
            )
            try:
                return run([_PART.sub(test, query) for test in tests])
            except self._short as error:
                if parts >= self._parts * _MOST_DOUBLED or _DISK in str(error):
                    raise
                parts *= 2


def _hashable(cell: Any) -> Any:
    """Return a cell, a list as a tuple."""
    return tuple(cell) if isinstance(cell, list) else cell


@contextmanager
def open_database(
    temporary: Path | None, memory: CountMemory, *, rows: int, small: bool = False
) -> Iterator[PartedDatabase]:
    """Yield a new database. Raise CountError if memory or the disk of ``temporary`` is too small.

    Args:
        temporary: folder for data that does not fit in memory. None: nothing spills.
        memory: memory of the count.
        rows: number of rows of its largest table.
        small: True for few rows, in the process's own database.
    """
    import duckdb

    with connect_in_memory() if small else connect(temporary, **memory.settings()) as connection:
        try:
            yield PartedDatabase(connection, -(-rows * _ROW // memory.database) or 1)
        except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
            if isinstance(error, duckdb.OutOfMemoryException) and _DISK not in str(error):
                raise CountError("count.memory_short", memory=memory) from None
            raise CountError("count.disk_short", memory=memory, folder=temporary or "") from None

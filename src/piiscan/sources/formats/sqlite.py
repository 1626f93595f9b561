"""SQLite databases: every stored table in order, from a private copy with its WAL or journal.

Only tables are read: views, triggers, virtual tables and generated columns would run what the
schema says. The texts of a full-text table are in its shadow table ``NAME_content``.
"""

from __future__ import annotations

import itertools
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np

from piiscan.errors import SourceError
from piiscan.sources.archives.member_names import DELETED_ROWS
from piiscan.sources.block import Trouble
from piiscan.sources.containers.sqlite_remains import DeletedRow, RowShape, SqliteRemains, drop_live
from piiscan.sources.content import Content, open_file
from piiscan.sources.format import Format, Opened, Sample, unread
from piiscan.sources.formats import binary_values
from piiscan.sources.read_context import ReadContext
from piiscan.sources.rows.row_table import Cells, open_rows
from piiscan.sources.stored_values import (
    BinaryValues,
    RowLimits,
    cell_text,
    decode_stored,
    template_text,
    text_of_bytes,
)
from piiscan.sources.table_profiles import ProfiledRows, StoredTable, find_profile

_SIGNATURE: Final = b"SQLite format 3\x00"
_JOURNAL: Final = b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"
_WALS: Final = (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")
_PIECE: Final = 1 << 20
#: Header of the places of deleted rows.
_PLACE: Final = "恢复位置"
_MAX_STEPS: Final = 5_000  # of 10,000 instructions of SQLite's machine, between two rows
_MAX_GAPS: Final = 1000  # damaged places of one table
#: Rowids that the search behind a damaged place passes at once, and how often.
_MAX_STEP: Final = 64
_MAX_SHORT_STEPS: Final = 2000
_LAST_ROWID: Final = (1 << 63) - 1
#: Names by which a table's rowid can be read, if no column is called so.
_ROWIDS: Final = ("rowid", "_rowid_", "oid")
_PRAGMAS: Final = (
    "trusted_schema=OFF",
    "cell_size_check=ON",
    "mmap_size=0",
    "temp_store=MEMORY",
    "locking_mode=EXCLUSIVE",
)
#: Errors of SQLite; its messages quote names that may be no UTF-8.
_ERRORS: Final = (sqlite3.Error, UnicodeDecodeError)
_ALLOWED: Final = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_PRAGMA)
_PREPARED: Final = (
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_INSERT,
    sqlite3.SQLITE_UPDATE,
    sqlite3.SQLITE_DELETE,
)
_VIRTUAL: Final = re.compile(
    r"(?is)\s*CREATE\s+VIRTUAL\s+TABLE\b.*?\bUSING\s+[\"'\[`]?(\w+)[^\s(]*\s*(?:\((.*)\))?"
)
_ARGUMENT: Final = re.compile(r"(?:[^,'\"\[`]|'[^']*'|\"[^\"]*\"|\[[^\]]*\]|`[^`]*`)+")
_OPTION: Final = re.compile(r"\s*(\w+)\s*=\s*(.*)", re.DOTALL)
#: Shadow tables with an index only, by the first letters of the module.
_INDEXES: Final = {
    "fts": ("data", "idx", "docsize", "config", "segments", "segdir", "stat"),
    "rtr": ("node", "parent"),
}
#: A schema with free text: comments, defaults, literals of views and triggers, numbers in names.
_FREE_TEXT: Final = re.compile(r"'|--|/\*|[0-9]{7}")


@dataclass(frozen=True, slots=True)
class _StoredTable:
    """Table of an SQLite file: name, stored columns, headers, and its rowid's name or "".

    ``kinds``: of each column, as a record of the file has it: rowid, text or any.
    """

    name: str
    columns: tuple[str, ...]
    headers: tuple[str | None, ...]
    kinds: tuple[str, ...]
    rowid: str

    def select(self, where: str = "") -> str:
        """Return the SELECT of the rowid and all columns, in stored order.

        ``where``: its condition.
        """
        names = ", ".join(map(_quoted, self.columns)) or "0"
        order = f"ORDER BY {self.rowid}" if self.rowid else ""
        return f"SELECT {self.rowid or 0}, {names} FROM {_quoted(self.name)} {where} {order}"


@dataclass(slots=True)
class _Database:
    """Opened private copy of an SQLite file. ``steps``: work of SQLite since the last row."""

    content: Content
    connection: sqlite3.Connection
    context: ReadContext
    path: Path
    steps: int = 0
    undecodable: int = 0  # texts
    entries: dict[Any, Any] = field(default_factory=dict)  # of tables that others refer to

    @property
    def size(self) -> int:
        """Return the bytes of the database; no table has more rows."""
        return self.path.stat().st_size

    def decode(self, data: bytes) -> str:
        """Decode a stored text; add 1 to ``undecodable`` if bytes are lost."""
        text = decode_stored(data)
        self.undecodable += "\ufffd" in text and b"\xef\xbf\xbd" not in data
        return text

    def run(self, sql: str, *values: int) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of an SQL statement."""
        self.steps = 0
        for row in self.connection.execute(sql, values):
            self.steps = 0
            yield row

    def count_steps(self) -> bool:
        """Return True to stop SQLite after too much work without a row."""
        self.steps += 1
        return self.steps > _MAX_STEPS


def _quoted(name: str) -> str:
    """Return a table or column name in SQL quotes: ``a"b -> "a""b"``."""
    return '"' + name.replace('"', '""') + '"'


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the tables of a database, its binary values as members, and the unread parts."""
    content = sample.content
    with tempfile.TemporaryDirectory(prefix="piiscan-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "db"
        try:
            frames = _make_copy(content, path)
            wal = path.with_name("wal")  # SQLite removes its own
            if frames:
                shutil.copyfile(Path(f"{path}-wal"), wal)
            with closing(_connect(path, context)) as connection:
                database = _Database(content, connection, context, path)
                connection.text_factory = database.decode
                connection.set_progress_handler(database.count_steps, 10_000)
                yield from _read_wal(database, frames)
                yield from _read_database(database)
                yield from _read_deleted(database, wal if frames else None)
                yield from _check_pages(database)
        except _ERRORS as error:
            raise SourceError("CORRUPT", f"sqlite: {type(error).__name__}") from None


def _make_copy(content: Content, path: Path) -> int:
    """Copy a database to ``path``, with its WAL and journal. Return the bytes of the WAL."""
    place = content.path
    beside = {} if place is None else {s: Path(f"{place}{s}") for s in ("-wal", "-journal")}
    beside = {suffix: each for suffix, each in beside.items() if each.is_file()}
    size = content.size + sum(each.stat().st_size for each in beside.values())
    if shutil.disk_usage(path.parent).free < size + (size >> 3):
        raise SourceError("MEMBER_TOO_LARGE", f"no room for a private copy of {size} bytes")
    with content.open() as stream:
        _write(stream, path)
    for suffix, each in beside.items():
        with open_file(each) as stream:
            _write(stream, Path(f"{path}{suffix}"))
    journal = Path(f"{path}-journal")
    if journal.is_file():
        with journal.open("r+b") as file:
            file.seek(-min(8, journal.stat().st_size), 2)
            if file.read() == _JOURNAL:
                # the name of another file, which SQLite would open and might delete
                file.truncate(0)
    wal = beside.get("-wal")
    return 0 if wal is None else wal.stat().st_size


def _write(source: BinaryIO, target: Path) -> None:
    """Copy the bytes of a stream to a new file."""
    with target.open("xb") as out:
        shutil.copyfileobj(source, out, _PIECE)


def _connect(path: Path, context: ReadContext) -> sqlite3.Connection:
    """Open the private copy; nothing in it can run code, load libraries or write."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    length = min(context.budget.in_memory, 1_000_000_000)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, length)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _read_wal(database: _Database, size: int) -> Iterator[Trouble]:
    """Apply the WAL to the private copy. Yield a Trouble for pages of no whole transaction."""
    connection = database.connection
    page = int.from_bytes(database.content.head[16:18], "big")
    frames = -(min(32 - size, 0) // ((65536 if page == 1 else page) + 24))
    read = 0
    with suppress(*_ERRORS):
        read = max(connection.execute("PRAGMA wal_checkpoint").fetchone()[1], 0)
    if read < frames:
        detail = f"{frames - read} of {frames} pages of the WAL belong to no whole transaction"
        yield Trouble(database.content.member, "DELETED_ROWS_READ", detail, lost=False)
    connection.execute("PRAGMA query_only=ON")
    connection.set_authorizer(
        lambda action, *_: sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY
    )


def _check_pages(database: _Database) -> Iterator[Trouble]:
    """Yield a Trouble for damaged or orphaned pages, and for bytes after the last page."""
    member, connection = database.content.member, database.connection
    connection.set_progress_handler(None, 0)  # its work is proportional to the pages
    # full-text tables check themselves; they prepare statements that query_only does not run
    allowed = (*_ALLOWED, *_PREPARED)
    connection.set_authorizer(
        lambda action, *_: sqlite3.SQLITE_OK if action in allowed else sqlite3.SQLITE_DENY
    )
    found = True
    with suppress(*_ERRORS):
        found = any("***" in str(text) for (text,) in connection.execute("PRAGMA quick_check(9)"))
    if found:
        yield Trouble(member, "CORRUPT", "pages are damaged or belong to no table")
    count, page = (
        connection.execute(f"PRAGMA {n}").fetchone()[0] for n in ("page_count", "page_size")
    )
    if (rest := database.size - count * page) > 0:
        yield Trouble(member, "CORRUPT", f"{rest} bytes behind the last page are not read")


def _read_schema(database: _Database) -> Iterator[tuple[str, str, str]]:
    """Yield (type, name, SQL) of each entry of the schema, without broken definitions."""
    query = "SELECT type, name, sql FROM sqlite_master ORDER BY rowid"
    try:
        rows = list(database.run(query))
    except _ERRORS:
        database.connection.execute("PRAGMA writable_schema=ON")  # only skips what is malformed
        rows = list(database.run(query))
    for row in rows:
        kind, name, sql = (cell if isinstance(cell, str) else "" for cell in row)
        yield kind, name, sql


def _read_database(database: _Database) -> Opened:
    """Yield the tables of an opened database with their binary values."""
    content, schema = database.content, list(_read_schema(database))
    binary = binary_values(content, database.context)
    tables = {name: sql for kind, name, sql in schema if kind == "table"}
    skipped: set[str] = set()
    headers: dict[str, list[str]] = {}
    for name, sql in tables.items():
        if (found := _VIRTUAL.match(sql)) is not None:
            skipped.add(name)
            arguments = _ARGUMENT.findall(found[2] or "")
            detail = _virtual_detail(name, found[1].lower(), arguments, set(tables))
            if detail:
                yield Trouble(f"{content.member}#{name}", "NOT_SUPPORTED_YET", detail)
            shadows = _INDEXES.get(found[1].lower()[:3], ())
            skipped |= {f"{name}_{each}" for each in shadows}
            named = [each for each in arguments if not _OPTION.match(each)]
            headers[f"{name}_content"] = [
                each.strip().split(" ")[0].strip("\"'[]`") for each in named
            ]
    free_text = [[sql] for _, _, sql in schema if _FREE_TEXT.search(sql)]
    if free_text:
        yield from _open_rows(database, "sqlite_schema", lambda: iter(free_text), ["sql"])
    for name in tables:
        if name not in skipped and not name.startswith("sqlite_"):
            yield from _read_table(database, name, headers.get(name), binary)


def _virtual_detail(name: str, module: str, arguments: list[str], tables: set[str]) -> str:
    """Return the part of a virtual table that is not read; "" if its shadow tables have it all."""
    if module.startswith("rtr"):
        return "the coordinates of an R*Tree"
    if f"{name}_content" in tables:
        return ""
    options = [each.groups() for each in map(_OPTION.match, arguments) if each is not None]
    if any(key == "content" and text.strip().strip("\"'[]`") in tables for key, text in options):
        return ""
    own = any(each.startswith(f"{name}_") for each in tables)
    if own and not module.startswith("fts"):
        return ""
    return f"virtual table of the module {module[:40]}, whose texts are not stored here"


def _read_table(
    database: _Database, name: str, names: list[str] | None, binary: BinaryValues
) -> Opened:
    """Yield one table and its binary values. ``names``: columns of a full-text table."""
    member = f"{database.content.member}#{name}"
    try:
        stored = _describe(database, name, names)
        profiled = _profiled(database, stored)
        reader = _TableReader(database, stored, member, profiled)
        headers = stored.headers if profiled is None else profiled.headers(stored.headers)
        yield from _open_rows(database, name, reader.cells, headers)
        if reader.larger:
            yield from binary.read(name, reader.binary_values())
    except _ERRORS as error:
        yield Trouble(member, "CORRUPT", f"the table cannot be read: {type(error).__name__}")


def _profiled(database: _Database, stored: _StoredTable) -> ProfiledRows | None:
    """Return the ProfiledRows of a table of a known program; None for any other table."""
    profile = find_profile(stored.name, stored.columns)
    if profile is None:
        return None
    content = database.content
    path = f"{content.path or ''}!{content.member}".removesuffix("!")

    def query(sql: str) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of an SQL query; nothing for a missing table."""
        with suppress(*_ERRORS):
            yield from database.run(sql)

    table = StoredTable(stored.name, stored.columns)
    return ProfiledRows(profile, table, path, query, database.entries)


def _open_rows(database: _Database, name: str, read: Any, headers: Any) -> Opened:
    """Yield the Table of the rows that ``read`` yields; without any, only their Troubles."""
    content, member = database.content, f"{database.content.member}#{name}"
    tables = list(
        open_rows(content, database.context, read, kind="database", member=member, headers=headers)
    )
    yield from tables or (each for each in read() if isinstance(each, Trouble))


def _describe(database: _Database, name: str, names: list[str] | None) -> _StoredTable:
    """Return the stored columns of a table, with headers and rowid; no generated columns."""
    info = list(database.run(f"PRAGMA table_xinfo({_quoted(name)})"))
    columns = [row[1] for row in info if row[6] in (0, 3)]
    headers: list[str | None] = list(columns)
    if names is not None:  # id, c0, c1 (fts5), or docid, c0name, c1phone
        headers = [re.sub(r"^c\d+(?=.)", "", each) for each in columns]
        headers = [
            names[int(each[1:])]
            if re.fullmatch(r"c\d{1,4}", each) and int(each[1:]) < len(names)
            else each
            for each in map(str, headers)
        ]
    keys = sum(bool(row[5]) for row in info)
    kinds = tuple(
        _kind_of(row[2].lower(), keys == bool(row[5]) == 1) for row in info if row[6] in (0, 3)
    )
    used = {each.lower() for each in columns}
    for rowid in _ROWIDS:
        if rowid not in used:
            stored = _StoredTable(name, tuple(columns), tuple(headers), kinds, rowid)
            with suppress(*_ERRORS):
                database.connection.execute(f"EXPLAIN {stored.select()}").close()
                return stored
            break
    return _StoredTable(name, tuple(columns), tuple(headers), kinds, "")


def _kind_of(declared: str, is_key: bool) -> str:
    """Return the kind of a column by its declared type; ``is_key``: it is the only primary key."""
    if is_key and declared == "integer":
        return "rowid"
    is_text = "int" not in declared and re.search("char|clob|text", declared)
    return "text" if is_text else "any"


@dataclass(slots=True)
class _TableReader:
    """Reader of one table. ``larger``: numbers of the columns with binary values."""

    database: _Database
    table: _StoredTable
    member: str
    profiled: ProfiledRows | None
    larger: set[int] = field(default_factory=set)

    def _stored_rows(self) -> Iterator[tuple[Any, ...] | Trouble]:
        """Yield the rows of a table, rowid first; continue after damaged pages."""
        database, table = self.database, self.table
        # of a given rowid on
        following = table.select(f"WHERE {table.rowid} >= ?")
        query, values = table.select(), list[int]()
        last, gaps = -_LAST_ROWID - 2, 0
        limits = RowLimits(database.size, database.context.budget, database.size)
        while True:
            try:
                for row in database.run(query, *values):
                    if table.rowid and row[0] <= last:
                        raise sqlite3.DatabaseError("rows out of order")
                    if limits.exceeded(row):
                        detail = f"stopped after {limits.rows - 1} rows"
                        yield Trouble(self.member, "ZIP_RATIO", detail)
                        return
                    last = row[0] if table.rowid else 0
                    yield row
            except _ERRORS as error:
                if table.rowid:  # the row before the damage: Python's cursor is one row ahead
                    with suppress(*_ERRORS):
                        for row in database.run(f"{following} LIMIT 1", last + 1):
                            if row[0] > last:
                                last = row[0]
                                limits.rows += 1
                                yield row
                gaps += 1
                detail = f"rows after row {limits.rows}: {type(error).__name__}"
                yield Trouble(self.member, "CORRUPT", detail)
                start = self._next_readable(f"{following} LIMIT 1", last) if table.rowid else None
                if start is None or gaps >= _MAX_GAPS:
                    return
                query, values = following, [start]
            else:
                return

    def records(self, kinds: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
        """Yield the values of the rows as records have them: None in the column of the rowid."""
        for row in self._stored_rows():
            if not isinstance(row, Trouble):
                pairs = zip(row[1:], kinds, strict=True)
                yield tuple(None if kind == "rowid" else value for value, kind in pairs)

    def _next_readable(self, query: str, last: int) -> int | None:
        """Return the next readable rowid after ``last``; None without one.

        ``query``: SELECT of the first row from a given rowid on.
        """

        def probe(rowid: int) -> bool:
            """Return True if a row from ``rowid`` on, or the end of the table, can be read."""
            try:
                return all(row[0] >= rowid for row in self.database.run(query, rowid))
            except _ERRORS:
                return False

        low, step = max(last, 0), 1  # no row from low on can be read
        for attempt in itertools.count():
            if probe(min(low + step, _LAST_ROWID)):
                break
            if low + step >= _LAST_ROWID:
                return None
            low += step
            step = step * 2 if step < _MAX_STEP or attempt > _MAX_SHORT_STEPS else step
        high = min(low + step, _LAST_ROWID)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if probe(middle) else (middle, high)
        return high

    def cells(self) -> Iterator[Cells | Trouble]:
        """Yield the rows as texts; add the numbers of columns with binary values to ``larger``."""
        database, profiled = self.database, self.profiled
        database.undecodable = 0
        columns = self.table.columns
        templates = [at for at, name in enumerate(columns) if template_text(name, b"\0")]
        for row in self._stored_rows():
            if isinstance(row, Trouble):
                yield row
                continue
            cells = [each if isinstance(each, str) else cell_text(each) for each in row[1:]]
            if profiled is not None:
                cells = profiled.cells(row[1:], cells)
            if None in cells:
                for at in templates:
                    cells[at] = cells[at] or template_text(columns[at], row[1 + at])
                self.larger |= {
                    at
                    for at, (value, cell) in enumerate(zip(row[1:], cells, strict=False))
                    if cell is None and self._is_binary(at, value)
                }
            yield cells
        for each in sorted(profiled.missing) if profiled is not None else ():
            yield Trouble(self.member, "PACKAGE_MISSING", each)
        if database.undecodable:
            detail = f"{database.undecodable} texts are of no known encoding; shown as U+FFFD"
            yield Trouble(self.member, "UNDECODABLE", detail)

    def _is_binary(self, at: int, value: Any) -> bool:
        """Return True for bytes in column ``at`` that no reader of a profile decodes."""
        if not value or not isinstance(value, bytes):
            return False
        return self.profiled is None or not self.profiled.is_packed(at, value)

    def binary_values(self) -> Iterator[tuple[str, int, bytes]]:
        """Yield (column, rowid or row number, bytes) of the binary values that are no cells."""
        columns = sorted(self.larger)
        for number, row in enumerate(self._stored_rows(), 1):
            if isinstance(row, Trouble):
                continue
            for at in columns:
                value = row[1 + at]
                is_text = isinstance(value, bytes) and text_of_bytes(value) is not None
                if not is_text and self._is_binary(at, value):
                    place = row[0] if self.table.rowid else number
                    yield self.table.columns[at], place, value


def _read_deleted(database: _Database, wal: Path | None) -> Opened:
    """Yield the deleted rows of each table, and the Troubles that count them and other remains."""
    member = database.content.member
    readers: dict[str, _TableReader] = {}
    shapes = []
    roots = "SELECT name, rootpage FROM sqlite_master WHERE type = 'table' AND rootpage > 1"
    for name, root in list(database.run(roots)):
        stored = _describe(database, name, None)
        if stored.rowid and not name.startswith("sqlite_"):
            readers[name] = _TableReader(database, stored, f"{member}#{name}", None)
            shapes.append(RowShape(name, root, stored.kinds))
    remains = SqliteRemains(database.path, shapes)
    live = {shape.name: partial(readers[shape.name].records, shape.kinds) for shape in shapes}
    found = drop_live(remains.read(wal), live)
    for name, rows in found.items():
        headers = (*readers[name].table.headers, _PLACE) if name else None
        kinds = readers[name].table.kinds if name else ()
        cells = [_deleted_cells(each, kinds) for each in rows]
        title = f"{DELETED_ROWS} of {name}" if name else DELETED_ROWS
        yield from _open_rows(database, title, partial(iter, cells), headers)
    if count := sum(map(len, found.values())):
        yield Trouble(member, "DELETED_ROWS_READ", f"{count} rows", lost=False)
    if remains.unread:
        detail = f"{remains.unread} places in free pages and free space have other remains"
        yield Trouble(member, "DELETED_ROWS", detail)


def _deleted_cells(row: DeletedRow, kinds: Sequence[str]) -> list[str | None]:
    """Return the cells of a deleted row, then its place. ``kinds``: of the columns of its table."""
    pairs = itertools.zip_longest(row.values, kinds)
    values = (row.rowid if kind == "rowid" else value for value, kind in pairs)
    return [*map(cell_text, values), row.place]


def _list_companion(sample: Sample, context: ReadContext) -> Opened:
    """Yield the Trouble of a WAL or journal file: ``lost`` unless its database is in the folder.

    ``a.db-wal`` is read with the SQLite database ``a.db`` of the same folder.
    """
    del context
    place = sample.content.path
    database = None if place is None else Path(str(place).rpartition("-")[0])
    beside = False
    if database is not None and database.is_file():
        with open_file(database) as stream:
            beside = stream.read(len(_SIGNATURE)) == _SIGNATURE
    detail = "read with the database beside it" if beside else "no database beside it on the disk"
    yield Trouble(sample.content.member, "DATABASE_PART", detail, lost=not beside)


def _is_index(sample: Sample) -> bool:
    """Return True if the content is the index of a WAL (``-shm``): page numbers only."""
    head = sample.content.head
    twice = head[:48] == head[48:96] and head[:4] in (b"\x18\xe2\x2d\x00", b"\x00\x2d\xe2\x18")
    return twice and len(head) >= 32768


def _is_random(sample: Sample) -> bool:
    """Return True if all bytes are equally frequent in whole pages: maybe an encrypted database."""
    content = sample.content
    if content.size < 4096 or content.size % 1024 or sample.guess is not None:
        return False
    counts = np.bincount(np.frombuffer(content.head, np.uint8), minlength=256)
    expected = len(content.head) / 256
    return float(((counts - expected) ** 2).sum() / expected) < 400  # chi-square, 255 degrees


FORMATS: Final = (
    Format(
        "sqlite",
        25,
        _open,
        signatures=((0, _SIGNATURE),),
        isolated=True,
        extensions=("db", "sqlite", "sqlite3", "db3"),
    ),
    Format(
        "sqlite wal",
        25,
        _list_companion,
        signatures=((0, _WALS[0]), (0, _WALS[1]), (0, _JOURNAL)),
        extensions=("db-wal", "db-journal"),
    ),
    Format(
        "sqlite shm",
        25,
        unread("DATABASE_PART", "an index of page numbers", lost=False),
        probe=_is_index,
        extensions=("db-shm",),
    ),
    Format(
        "encrypted database",
        48,
        unread(
            "ENCRYPTED", "bytes without any order: may be a database with a password (SQLCipher)"
        ),
        probe=_is_random,
        has_reader=False,
    ),
)

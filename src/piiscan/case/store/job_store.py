"""Job store: an SQLite file with the sources of a case, the state of each, and its shards.

Sources are ``pending`` until their shards have their final names and one transaction stores their
hashes here.  A killed run therefore leaves finished and pending sources only.  The job store is
working state, not evidence: the manifest repeats the facts that count.  Its checksum is in
``ledger.sha256``, written whenever the store is closed.  Each row has a keyed checksum of its own,
so that a run which goes on from here takes nothing from it that was written without the key.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from piiscan.case.store import case_format
from piiscan.case.store.keyed_checksum import keyed_checksum
from piiscan.case.store.plain_files import refuse_links
from piiscan.case.store.shards import flush_all, publish, remove_temporary
from piiscan.errors import CaseError, ChangedFileError
from piiscan.hashing.digest import file_sha256
from piiscan.hashing.key import Key
from piiscan.output_files import make_private_folder

PENDING: Final = "pending"
READ: Final = "read"
PARTLY: Final = "partly_read"
UNREAD: Final = "unread"
CHANGED: Final = "changed"

#: Finished sources between two flushes.
_FLUSHED: Final = 1000

_SCHEMA: Final = """
create table if not exists job (
    name text primary key, value text not null, mac text not null
);
create table if not exists sources (
    source integer primary key, place text not null unique, path text not null,
    size integer not null, mtime_ns integer not null, generation integer not null,
    state text not null, outcome text not null, mac text not null
);
create table if not exists troubles (
    member text not null, reason text not null, entry text not null, mac text not null,
    primary key (member, reason)
);
"""


@dataclass(frozen=True, slots=True)
class SourceOutcome:
    """Result of reading one source; all of it can be written as JSON.

    ``files``: shard name in the case -> SHA-256.  ``parts`` and ``errors``: rows of PARTS and
    ERRORS without their source.  ``counts``: ``[entity, recognizer, verdict, reason, role, hits]``.
    ``corrections``: column overrides applied, by part: ``[column, ids, role]``.  ``known``: SHA-256
    over its doubts that other sources settled, empty for none.
    """

    sha256: str = ""
    sm3: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    parts: list[dict[str, Any]] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)
    counts: list[list[Any]] = field(default_factory=list)
    corrections: list[list[Any]] = field(default_factory=list)
    known: str = ""


_OUTCOME: Final = tuple(each.name for each in fields(SourceOutcome))


@dataclass(frozen=True, slots=True)
class Source:
    """One input file of a case.

    ``path`` is the path as given, for people.  ``absolute_path`` is for reading the file again
    (bytes that are no UTF-8 as lone surrogates).  ``generation``: the scan that last read it.
    """

    source: int
    absolute_path: str
    path: str
    size: int
    mtime_ns: int
    generation: int
    state: str = PENDING
    outcome: SourceOutcome = field(default_factory=SourceOutcome)


class JobStore:
    """An open job store, locked against every other process until ``close``.

    With the key of the case all rows are compared with their keyed checksums.
    """

    _sources: dict[int, Source] | None = None  # once all were read

    def __init__(self, path: Path, key: Key | None = None) -> None:
        """Open and lock the file ``path``; create it if absent.

        Raise CaseError if another run has the lock, the file is damaged, cannot be written or is of
        another case format, or if a link or pipe is in the case.  Remove what a run that was broken
        off left in the folder ``tmp``.
        """
        refuse_links(path.parent)
        self._path = path
        self._is_writing = False
        self._finished = 0
        self._mac_key: bytes | None = None
        is_new = not path.exists()
        if is_new:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
        try:
            self._connection = sqlite3.connect(path, timeout=0.2, isolation_level=None)
        except sqlite3.OperationalError as error:
            raise CaseError("file.unwritable", path=path.parent, reason=str(error)) from error
        try:
            self._connection.execute("pragma locking_mode = exclusive")
            # flushes are made for all files of the case at once
            self._connection.execute("pragma synchronous = off")
            self._check_format()
            self._connection.execute("begin exclusive")
            self._connection.execute("commit")
            remove_temporary(path.parent / "tmp")
            (mode,) = self._connection.execute("pragma journal_mode").fetchone()
            if is_new or mode == "wal":  # a broken run left its journal
                self._start_writing()
                self._connection.executescript(_SCHEMA)
            settings = self.get("settings")
            if key is not None and (settings is None or settings["key"] == key.fingerprint):
                self._mac_key = key.mac_key
        except sqlite3.OperationalError as error:
            self._connection.close()
            if "locked" not in str(error):
                raise CaseError("file.unwritable", path=path.parent, reason=str(error)) from error
            raise CaseError("case.in_use", path=path.parent) from error
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise CaseError("case.damaged", path=path) from error
        except CaseError:
            self._connection.close()
            raise

    @classmethod
    @contextmanager
    def reading(cls, path: Path, key: Key | None) -> Iterator[JobStore]:
        """Yield the whole job store ``path`` for reading, without a lock and without writing.

        Raise CaseError if it is damaged or of another case format.
        """
        store = cls.__new__(cls)
        store._path, store._mac_key = path, None if key is None else key.mac_key
        uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        try:
            with closing(sqlite3.connect(uri, uri=True)) as store._connection:
                store._check_format()
                yield store
        except sqlite3.Error as error:
            raise CaseError("case.damaged", path=path) from error

    def _check_format(self) -> None:
        """Write the case format into a new file; raise CaseError if an older one has another."""
        (tables,) = self._connection.execute("select count(*) from sqlite_master").fetchone()
        if tables == 0:
            self._connection.execute(f"pragma user_version = {case_format.CASE_FORMAT}")
            return
        (number,) = self._connection.execute("pragma user_version").fetchone()
        case_format.check_format(self._path, number)

    def close(self) -> None:
        """Release the lock, merge the journal, and write the checksum if it is another one."""
        if self._is_writing:
            self._merge_journal()
            self._connection.execute("pragma journal_mode = delete")
        self._connection.close()
        checksum = self._path.with_suffix(".sha256")
        line = f"{file_sha256(self._path)}  {self._path.name}\n".encode()
        if not checksum.exists() or checksum.read_bytes() != line:
            temporary = make_private_folder(self._path.parent / "tmp")
            publish({checksum: line}, temporary=temporary, also=[self._path])

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Make all statements of the block one transaction: all of them take effect, or none."""
        self._start_writing()
        self._connection.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._connection.execute("rollback")
            raise
        self._connection.execute("commit")

    def _merge_journal(self) -> None:
        """Flush all files of the case, bring the journal into the store, and flush that."""
        flush_all(journal_files(self._path))
        self._connection.execute("pragma wal_checkpoint(full)")
        flush_all([self._path])

    def _start_writing(self) -> None:
        """Write to a journal from now on: a commit needs no flush, a power cut loses the last."""
        if not self._is_writing:
            self._connection.execute("pragma journal_mode = wal")
            self._connection.execute("pragma wal_autocheckpoint = 0")  # it would not flush
            self._is_writing = True

    def get(self, name: str) -> Any:
        """Return the JSON value stored under ``name``; None if absent."""
        rows = self._rows("job", "where name = ?", (name,))
        return json.loads(rows[0][1]) if rows else None

    def put(self, name: str, value: Any) -> None:
        """Store the JSON value ``value`` under ``name``, in place of an older one."""
        if not self._connection.in_transaction:
            self._start_writing()
        self._store("job", (name, json.dumps(value)))

    def _store(self, table: str, row: tuple[Any, ...]) -> None:
        """Store a row with its keyed checksum, in place of the one with its primary key."""
        marks = ", ".join("?" * (len(row) + 1))
        self._connection.execute(
            f"insert or replace into {table} values ({marks})", (*row, self._mac(table, row))
        )

    def _rows(self, table: str, rest: str, values: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        """Return rows of ``table`` without their keyed checksums.

        Raise ChangedFileError if one was written without the key.
        """
        found = self._connection.execute(f"select * from {table} {rest}", tuple(values)).fetchall()
        if any(row[-1] != self._mac(table, row[:-1]) for row in found if self._mac_key is not None):
            raise ChangedFileError("case.file_changed", path=self._path)
        return [row[:-1] for row in found]

    def _mac(self, table: str, row: tuple[Any, ...]) -> str:
        """Return the keyed checksum of a row; empty without the key."""
        if self._mac_key is None:
            return ""
        return keyed_checksum(self._mac_key, "store", table, json.dumps(row))

    def sources(self) -> list[Source]:
        """Return all sources, by number."""
        if self._sources is None:
            rows = self._rows("sources", "")
            self._sources = {source.source: source for source in map(_source, rows)}
        return [source for _, source in sorted(self._sources.items())]

    def add_sources(self, sources: Iterable[Source], *, generation: int) -> None:
        """Store new or reopened sources as pending and open ``generation``, in one transaction."""
        with self._transaction():
            self._store_sources(sources)
            self.put("generation", generation)

    def finish_sources(self, sources: Sequence[Source]) -> None:
        """Store states and outcomes of the finished sources of some shards, in one transaction.

        A power cut loses at most the last 1,000 of them, or the last call.
        """
        self._finished += len(sources)
        if self._finished >= _FLUSHED:
            self._merge_journal()
            self._finished = 0
        with self._transaction():
            self._store_sources(sources)

    def _store_sources(self, sources: Iterable[Source]) -> None:
        """Store sources in place of those of the same numbers."""
        for source in sources:
            row = _row(source)
            self._store("sources", row)
            if self._sources is not None:
                self._sources[source.source] = _source(row)

    def add_troubles(
        self, troubles: Iterable[dict[str, Any]], *, opened: Iterable[str] = ()
    ) -> None:
        """Store troubles without a source; one with known path and reason replaces the old.

        Paths ``opened`` are unreadable no more: drop their old troubles.
        """
        with self._transaction():
            self._connection.executemany(
                "delete from troubles where member = ? and reason = 'UNREADABLE'",
                [(path,) for path in opened],
            )
            for each in troubles:
                self._store("troubles", (each["member"], each["reason"], json.dumps(each)))

    def troubles(self) -> list[dict[str, Any]]:
        """Return the troubles that belong to no source, by path and reason."""
        rows = self._rows("troubles", "order by member, reason")
        return [json.loads(entry) for _, _, entry in rows]


def journal_files(path: Path) -> list[Path]:
    """Return the journal files of SQLite next to ``path``.

    They exist during a run only, or after a broken one.
    """
    names = (f"{path.name}-{each}" for each in ("wal", "shm", "journal"))
    return [each for each in map(path.with_name, names) if each.exists()]


def is_unfinished(path: Path, *, generation: int) -> bool:
    """Return True if a run after manifest ``generation`` has stopped or is still working."""
    if journal_files(path):
        return True
    try:
        # immutable: else SQLite creates files next to a store whose header names WAL mode
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    except sqlite3.Error:
        return True
    try:
        row = connection.execute("select value from job where name = 'generation'").fetchone()
        return row is None or int(row[0]) != generation
    except (sqlite3.Error, ValueError):
        return True
    finally:
        connection.close()


def _row(source: Source) -> tuple[Any, ...]:
    """Return a :class:`Source` as database row."""
    outcome = json.dumps({name: getattr(source.outcome, name) for name in _OUTCOME})
    absolute_path = json.dumps(source.absolute_path)  # ASCII: SQLite takes no lone surrogates
    return (
        source.source,
        absolute_path,
        source.path,
        source.size,
        source.mtime_ns,
        source.generation,
        source.state,
        outcome,
    )


def _source(row: tuple[Any, ...]) -> Source:
    """Return the :class:`Source` in a database row."""
    number, absolute_path, path, size, mtime_ns, generation, state, outcome = row
    return Source(
        number,
        json.loads(absolute_path),
        path,
        size,
        mtime_ns,
        generation,
        state,
        SourceOutcome(**json.loads(outcome)),
    )

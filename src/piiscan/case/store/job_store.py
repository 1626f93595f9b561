"""The job ledger: which sources a case has, how far each got, which shards came of it.

A source is ``pending`` until its shards stand under their own names and their hashes are committed
here in one transaction; so a killed run leaves whole sources and pending ones, nothing between.
The ledger is working state, not evidence: what counts is repeated in the manifest.  Its checksum
lies beside it, ``ledger.sha256``, written whenever it is closed.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from piiscan.case.store.shards import write_bytes
from piiscan.errors import CaseError
from piiscan.hashing.digest import file_sha256

PENDING: Final = "pending"
READ: Final = "read"
PARTLY: Final = "partly_read"
UNREAD: Final = "unread"
CHANGED: Final = "changed"

_SCHEMA: Final = """
create table if not exists job (name text primary key, value text not null);
create table if not exists sources (
    source integer primary key, place text not null unique, path text not null,
    size integer not null, mtime_ns integer not null, generation integer not null,
    state text not null, outcome text not null
);
create table if not exists troubles (
    member text not null, reason text not null, entry text not null, primary key (member, reason)
);
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What reading a source gave; everything is JSON-able.

    ``files``: shard name in the case -> SHA-256.  ``parts`` and ``errors``: rows of PARTS and
    ERRORS without their source.  ``counts``: ``[entity, recognizer, verdict, reason, hits]``.
    ``corrections``: by part, those applied from ``--columns``: ``[column, ids, role]``.
    """

    sha256: str = ""
    sm3: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    parts: list[dict[str, Any]] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)
    counts: list[list[Any]] = field(default_factory=list)
    corrections: list[list[Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Source:
    """One input file of a case.

    ``path`` is for people, as given; ``place`` is the absolute path for reading it again (bytes
    that are no UTF-8 as lone surrogates).  ``generation``: in which it was last read.
    """

    source: int
    place: str
    path: str
    size: int
    mtime_ns: int
    generation: int
    state: str = PENDING
    outcome: Outcome = field(default_factory=Outcome)


class Ledger:
    """An open ledger, locked against every other process until ``close``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        if not path.exists():
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
        self._base = sqlite3.connect(path, timeout=0.2, isolation_level=None)
        try:
            self._base.execute("pragma locking_mode = exclusive")
            # a commit is then 0.05 ms, not a flush; a power cut can only lose the last few
            self._base.execute("pragma journal_mode = wal")
            self._base.execute("pragma synchronous = normal")
            self._base.execute("begin exclusive")
            self._base.execute("commit")
            self._base.executescript(_SCHEMA)
        except sqlite3.OperationalError as error:
            self._base.close()
            if "locked" not in str(error):
                raise CaseError(f"{path.parent} cannot be written: {error}") from error
            raise CaseError(
                f"{path.parent} is being written by another run; wait until it has ended"
            ) from error
        except sqlite3.DatabaseError as error:
            self._base.close()
            raise CaseError(f"{path} is damaged; start a new case") from error

    def close(self) -> None:
        """Give up the lock; the ledger is one file again, readable from a read-only disk."""
        self._base.execute("pragma journal_mode = delete")
        self._base.close()
        line = f"{file_sha256(self._path)}  {self._path.name}\n".encode()
        write_bytes(self._path.with_suffix(".sha256"), line, temporary=self._path.parent)

    def get(self, name: str) -> Any:
        """The value noted under ``name``, None if none."""
        row = self._base.execute("select value from job where name = ?", (name,)).fetchone()
        return json.loads(row[0]) if row else None

    def put(self, name: str, value: Any) -> None:
        """Note ``value`` (JSON-able) under ``name``."""
        self._base.execute("insert or replace into job values (?, ?)", (name, json.dumps(value)))

    def sources(self) -> list[Source]:
        """All sources, by number."""
        return [_source(row) for row in self._base.execute("select * from sources order by 1")]

    def enrol(self, sources: Iterable[Source], *, generation: int) -> None:
        """Write new or reopened sources as pending, and open ``generation``, all or nothing."""
        with _transaction(self._base):
            for one in sources:
                self._base.execute(
                    "insert or replace into sources values (?, ?, ?, ?, ?, ?, ?, ?)", _row(one)
                )
            self.put("generation", generation)

    def settle(self, source: Source) -> None:
        """Write what came of one source, all or nothing."""
        with _transaction(self._base):
            self._base.execute(
                "insert or replace into sources values (?, ?, ?, ?, ?, ?, ?, ?)", _row(source)
            )

    def note_troubles(self, troubles: Iterable[dict[str, Any]]) -> None:
        """Keep what was not read outside of any source; the same trouble is kept once."""
        with _transaction(self._base):
            self._base.executemany(
                "insert or replace into troubles values (?, ?, ?)",
                [(t["member"], t["reason"], json.dumps(t)) for t in troubles],
            )

    def troubles(self) -> list[dict[str, Any]]:
        """What was not read outside of any source, ordered by path and reason."""
        rows = self._base.execute("select entry from troubles order by member, reason")
        return [json.loads(entry) for (entry,) in rows]


def beside(path: Path) -> list[Path]:
    """What SQLite keeps beside the ledger, and is there only while a run goes on, or broke off."""
    names = (f"{path.name}-{each}" for each in ("wal", "shm", "journal"))
    return [each for each in map(path.with_name, names) if each.exists()]


def unfinished(path: Path, *, generation: int) -> bool:
    """Whether a run stopped (or still goes on) after the manifest ``generation`` was written."""
    if beside(path):
        return True
    try:
        # immutable: SQLite would make files beside one that says (or was made to say) it uses WAL
        base = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    except sqlite3.Error:
        return True
    try:
        row = base.execute("select value from job where name = 'generation'").fetchone()
        return row is None or int(row[0]) != generation
    except (sqlite3.Error, ValueError):
        return True
    finally:
        base.close()


class _transaction:  # noqa: N801  (reads as a verb where it is used)
    """``with _transaction(base)``: all statements inside, or none."""

    def __init__(self, base: sqlite3.Connection) -> None:
        self._base = base

    def __enter__(self) -> None:
        self._base.execute("begin immediate")

    def __exit__(self, kind: object, *rest: object) -> None:
        self._base.execute("commit" if kind is None else "rollback")


def _row(source: Source) -> tuple[Any, ...]:
    outcome = json.dumps(asdict(source.outcome))
    place = json.dumps(source.place)  # ASCII: SQLite takes no lone surrogates
    return (
        source.source,
        place,
        source.path,
        source.size,
        source.mtime_ns,
        source.generation,
        source.state,
        outcome,
    )


def _source(row: tuple[Any, ...]) -> Source:
    number, place, path, size, mtime_ns, generation, state, outcome = row
    return Source(
        number,
        json.loads(place),
        path,
        size,
        mtime_ns,
        generation,
        state,
        Outcome(**json.loads(outcome)),
    )

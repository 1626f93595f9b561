"""Shard writer: writes scan events to shards and job store, source by source."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path
from typing import Any, Protocol

from piiscan.case.scan.block_scanner import ScannedBlock
from piiscan.case.scan.implausible_columns import Alarms
from piiscan.case.scan.source_reader import (
    ScannedEvent,
    SourceBegin,
    SourceEnd,
    SourceHashes,
    TableOpened,
    TroubleEvent,
)
from piiscan.case.store.case import SHARDED
from piiscan.case.store.job_store import (
    CHANGED,
    PARTLY,
    READ,
    UNREAD,
    Source,
    SourceOutcome,
)
from piiscan.case.store.shards import (
    ShardWriter,
    number_name,
    remove_files,
    remove_temporary,
    write_bytes,
)
from piiscan.errors import PiiscanError
from piiscan.hashing.digest import file_sha256
from piiscan.output_files import make_private_folder
from piiscan.sources.block import KINDS, Trouble
from piiscan.tabular.hits import Counts


class OutcomeStore(Protocol):
    """Protocol: store of the outcomes of sources, the job store of a case."""

    def finish_source(self, source: Source) -> object:
        """Store a finished source with its outcome."""


class SourceWriter:
    """Writer of scan events to shards; at a source's end it stores the outcome.

    ``pool`` encodes the shards.  ``on_finished`` is called with every finished source, and
    ``on_unreadable`` before a source is finished whose bytes could not be read.
    """

    def __init__(
        self,
        case: Path,
        store: OutcomeStore,
        *,
        reveal: bool,
        pool: Executor,
        on_finished: Callable[[Source], object],
        on_unreadable: Callable[[], object] = lambda: None,
    ) -> None:
        """Create the shard folders of the case; clear values only if ``reveal``."""
        self._case = case
        self._temporary = case / "tmp"
        self._store = store
        self._kinds = [k for k in SHARDED if reveal or k != "clear"]
        for kind in self._kinds:
            make_private_folder(case / kind)
        self._pool = pool
        self._on_finished = on_finished
        self._on_unreadable = on_unreadable
        self._writers: dict[str, ShardWriter] = {}
        self._reset()

    def _reset(self) -> None:
        """Drop parts, errors, counts and alarms collected for the current source."""
        self._parts: list[dict[str, Any]] = []
        self._errors: list[dict[str, Any]] = []
        self._overrides: list[list[Any]] = []
        self._counts: Counts = Counter()
        self._writers = {}
        self._alarms = Alarms()

    def add(self, event: ScannedEvent) -> None:
        """Write one scan event to the shards. Raise CaseError if the disk is full."""
        match event:
            case SourceBegin():
                self.discard()
                for kind in self._kinds:
                    self._writers[kind] = ShardWriter(
                        self._case / shard_name(kind, event.source),
                        SHARDED[kind],
                        temporary=self._temporary,
                        pool=self._pool,
                    )
            case TableOpened():
                self._parts.append(
                    {**event.facts, "rows": 0, "other_rows": dict.fromkeys(KINDS[1:], 0)}
                )
                self._overrides.append(event.overrides)
            case ScannedBlock():
                self._add_block(event)
            case TroubleEvent():
                self._errors.append(error_row(event.trouble))
            case SourceEnd():
                self._end(event)

    def discard(self) -> None:
        """Remove the incomplete shards of the current source."""
        for writer in self._writers.values():
            writer.discard()
        self._reset()

    def _add_block(self, found: ScannedBlock) -> None:
        """Add the tables of one scanned block to the shards, and its counts to the part."""
        part = self._parts[found.part]
        part["rows"] += found.rows
        for kind, number in zip(KINDS[1:], found.other_rows, strict=True):
            part["other_rows"][kind] += number
        self._counts.update(found.counts)
        self._writers["findings"].add(found.findings)
        self._writers["records"].add(found.records)
        if found.transactions is not None:
            self._writers["ledger"].add(found.transactions)
        if found.file_transfers is not None:
            self._writers["sendings"].add(found.file_transfers)
        if found.doubts is not None:
            self._writers["doubts"].add(found.doubts)
        self._alarms.add(found.part, found.column_numbers)
        if found.clear is not None:
            self._writers["clear"].add(found.clear)

    def _end(self, event: SourceEnd) -> None:
        """Compare the source's hashes, close its shards, store its outcome and report it.

        If the source changed while it was read, its shards are discarded.
        """
        try:
            hashes = event.hasher.result()
        except (OSError, PiiscanError) as error:
            self._on_unreadable()
            detail = error.strerror if isinstance(error, OSError) else None
            self._errors.append(error_row(Trouble("", "UNREADABLE", detail or "")))
            hashes = SourceHashes("", "", same=True)
        if hashes.same and hashes.sha256:
            outcome = self._outcome(event.source, hashes, self._close(event.source))
            state = self._state()
        else:
            outcome, state = self._discarded_outcome(hashes), CHANGED if hashes.sha256 else UNREAD
        source = dataclasses.replace(event.source, state=state, outcome=outcome)
        self._store.finish_source(source)
        self._on_finished(source)
        self._reset()

    def _close(self, source: Source) -> dict[str, str]:
        """Close the shards; return shard name -> SHA-256, with a checksum file for clear values."""
        members = [part["member"] for part in self._parts]
        # computed while the shards before theirs are closed
        alarms = self._pool.submit(self._alarms.build_table, source.source, members)
        files = {}
        for kind, writer in self._writers.items():
            if kind == "alarms":
                writer.add(alarms.result())
            digest = writer.close()
            if digest is not None:
                files[shard_name(kind, source)] = digest
        for name, digest in list(files.items()):
            if name.startswith("clear/"):
                path = self._case / f"{name}.sha256"
                line = f"{digest}  {Path(name).name}\n".encode()
                files[f"{name}.sha256"] = write_bytes(path, line, temporary=self._temporary)
        return files

    def _outcome(
        self, source: Source, hashes: SourceHashes, files: dict[str, str]
    ) -> SourceOutcome:
        """Return the outcome of an unchanged source: hashes, parts, counts, shard hashes."""
        counts = [[*kind, hits] for kind, hits in sorted(self._counts.items(), key=_sort_key)]
        parts = [{**part, "other_rows": json.dumps(part["other_rows"])} for part in self._parts]
        return SourceOutcome(
            hashes.sha256,
            hashes.sm3,
            files,
            parts,
            self._errors,
            counts,
            self._overrides,
            source.outcome.known,
        )

    def _discarded_outcome(self, hashes: SourceHashes) -> SourceOutcome:
        """Discard all shards of the source; return an outcome with its errors only."""
        for writer in self._writers.values():
            writer.discard()
        errors = list(self._errors)
        if hashes.sha256:
            errors.append(error_row(Trouble("", "SOURCE_CHANGED", "changed during the run")))
        return SourceOutcome(hashes.sha256, hashes.sm3, errors=errors)

    def _state(self) -> str:
        """Return the state of the source: read, partly read or unread."""
        if not any(error["lost"] for error in self._errors):
            return READ
        return PARTLY if any(part["rows"] for part in self._parts) else UNREAD


def shard_name(kind: str, source: Source) -> str:
    """Return the name of a source's shard in the case: one file for each generation.

    >>> shard_name("findings", Source(12, "/x", "x", 0, 0, generation=2))
    'findings/000012-0002.parquet'
    """
    again = f"-{source.generation:04d}" if source.generation > 1 else ""
    return f"{kind}/{number_name(source.source)}{again}.parquet"


def error_row(trouble: Trouble) -> dict[str, Any]:
    """Return a row of ERRORS without its source."""
    return {
        "member": trouble.member,
        "row": trouble.row,
        "reason": trouble.reason,
        "detail": trouble.detail,
        "lost": trouble.lost,
    }


def remove_leftovers(case: Path, sources: list[Source]) -> None:
    """Remove temporary files, and shards of unfinished ``sources``, that a killed run left."""
    remove_temporary(case / "tmp")
    for kind in SHARDED:
        for source in sources:
            name = case / shard_name(kind, source)
            remove_files([name, name.with_name(f"{name.name}.sha256")])


def shards_intact(case: Path, source: Source) -> bool:
    """Return True if the SHA-256 of every shard of a finished source matches the job store."""
    return all(
        (case / name).is_file() and file_sha256(case / name) == digest
        for name, digest in source.outcome.files.items()
    )


def _sort_key(entry: tuple[tuple[str, str, str, str | None, str | None], int]) -> tuple[str, ...]:
    """Return the sort key of a ((entity, recognizer, …), count) pair; None sorts as ""."""
    return tuple(word or "" for word in entry[0])

"""Shard writer: writes scan events to shards and job store, run by run."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from piiscan.case.scan.block_scanner import ScannedBlock
from piiscan.case.scan.checkpoints import Checkpoint, Checkpoints
from piiscan.case.scan.implausible_columns import Alarms
from piiscan.case.scan.source_reader import (
    ScannedEvent,
    SourceBegin,
    SourceEnd,
    SourceHashes,
    SourcePaused,
    SourceResumed,
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
from piiscan.case.store.plain_files import verified_path
from piiscan.case.store.shard_runs import ShardRun
from piiscan.case.store.shards import (
    ShardWriter,
    SourceRows,
    read_by_source,
    remove_files,
    write_checksum_file,
)
from piiscan.errors import PiiscanError
from piiscan.output_files import make_private_folder
from piiscan.sources.block import KINDS, Trouble
from piiscan.tabular.hits import Counts


class OutcomeStore(Protocol):
    """Protocol: store of the outcomes of sources, the job store of a case."""

    def finish_sources(self, sources: Sequence[Source]) -> object:
        """Store finished sources with their outcomes."""


class SourceWriter:
    """Writer of scan events to shards; at the end of each run it stores the outcomes.

    ``runs``: the sources of each shard.  ``pool`` encodes the shards.  ``on_finished`` is called
    with the sources of a finished run that were read, and ``on_unreadable`` before a source is
    finished whose bytes could not be read.  ``checkpoints``: where to store those of large sources.
    """

    def __init__(
        self,
        case: Path,
        store: OutcomeStore,
        runs: Iterable[ShardRun],
        *,
        reveal: bool,
        pool: Executor,
        on_finished: Callable[[Sequence[Source]], object] = lambda _: None,
        on_unreadable: Callable[[], object] = lambda: None,
        checkpoints: Checkpoints | None = None,
    ) -> None:
        """Create the shard folders of the case; clear values only if ``reveal``."""
        self._case = case
        self._temporary = case / "tmp"
        self._store = store
        self._runs = {source.source: run for run in runs for source in run.read}
        self._kinds = [k for k in SHARDED if reveal or k != "clear"]
        for kind in self._kinds:
            make_private_folder(case / kind)
        self._pool = pool
        self._on_finished = on_finished
        self._on_unreadable = on_unreadable
        self._checkpoints = checkpoints
        self._begin_run()

    def _begin_run(self, run: ShardRun | None = None) -> None:
        """Prepare the shards of ``run``; drop the outcomes collected for the run before."""
        self._run = run
        self._is_kept = False  # for a checkpoint
        temporary, checkpoints = self._temporary, self._checkpoints
        if run is not None and checkpoints is not None and checkpoints.is_large(run.read[0]):
            temporary = checkpoints.folder
        self._writers = {
            kind: ShardWriter(
                self._case / run.shard(kind),
                SHARDED[kind],
                temporary=temporary,
                pool=self._pool,
            )
            for kind in self._kinds
            if run is not None
        }
        self._carried = {kind: self._carried_rows(kind) for kind in self._kinds}
        self._read: list[Source] = []
        self._sources_of: dict[str, set[int]] = {kind: set() for kind in self._kinds}
        self._changed: set[int] = set()
        self._alarm_tables: list[tuple[int, Future[pa.Table]]] = []
        self._reset()

    def _carried_rows(self, kind: str) -> SourceRows:
        """Return the rows of ``kind`` of the sources that are not read again.

        Raise ChangedFileError if a shard is not the one that was written.
        """
        names = {
            source.source: (name, sha256)
            for source in ([] if self._run is None else self._run.carried)
            for name, sha256 in source.outcome.files.items()
            if name.startswith(f"{kind}/") and name.endswith(".parquet")
        }
        return SourceRows({n: verified_path(self._case, *each) for n, each in names.items()})

    def _reset(self) -> None:
        """Drop parts, errors, counts and alarms collected for the current source."""
        self._source = 0
        self._parts: list[dict[str, Any]] = []
        self._errors: list[dict[str, Any]] = []
        self._overrides: list[list[Any]] = []
        self._counts: Counts = Counter()
        self._alarms = Alarms()

    def add(self, event: ScannedEvent) -> None:
        """Write one scan event to the shards. Raise CaseError if the disk is full."""
        match event:
            case SourceBegin():
                run = self._runs[event.source.source]
                if run is not self._run:
                    self.discard()
                    self._begin_run(run)
                self._source = event.source.source
            case TableOpened():
                self._parts.append(
                    {**event.facts, "rows": 0, "other_rows": dict.fromkeys(KINDS[1:], 0)}
                )
                self._overrides.append(event.overrides)
            case ScannedBlock():
                self._add_block(event)
            case TroubleEvent():
                self._errors.append(error_row(event.trouble))
            case SourcePaused():
                self._pause(event)
            case SourceResumed():
                self._resume(event)
            case SourceEnd():
                self._end(event)

    def discard(self) -> None:
        """Remove the incomplete shards of the current run, unless a checkpoint needs them."""
        for writer in self._writers.values():
            writer.discard(keep=self._is_kept)
        self._begin_run()

    def _pause(self, event: SourcePaused) -> None:
        """Store a checkpoint, if the source was hashed before."""
        sha256 = event.hasher.first()
        if self._checkpoints is None or not sha256:
            return
        slices, numbers = self._alarms.store()
        written = (self._parts, self._errors, self._overrides, self._counts, slices)
        shards = {kind: writer.state() for kind, writer in self._writers.items()}
        checkpoint = Checkpoint(event.reading, written, shards, numbers)
        self._checkpoints.add(event.source, sha256, checkpoint)
        self._is_kept = True

    def _resume(self, event: SourceResumed) -> None:
        """Go on from a checkpoint; drop all rows and troubles of the source read before."""
        checkpoint = event.checkpoint
        self._parts, self._errors, self._overrides, self._counts, slices = checkpoint.written
        self._alarms = Alarms.of(slices, checkpoint.numbers)
        if self._checkpoints is not None:
            self._checkpoints.follow(checkpoint)
        for kind, state in checkpoint.shards.items():
            self._writers[kind].resume(state, event.files.get(kind))
            if state.size or state.rows is not None:
                self._sources_of[kind].add(self._source)
        self._is_kept = True

    def _add_block(self, found: ScannedBlock) -> None:
        """Add the tables of one scanned block to the shards, and its counts to the part."""
        part = self._parts[found.part]
        part["rows"] += found.rows
        for kind, number in zip(KINDS[1:], found.other_rows, strict=True):
            part["other_rows"][kind] += number
        self._counts.update(found.counts)
        self._add_rows("findings", self._source, found.findings)
        self._add_rows("records", self._source, found.records)
        self._add_rows("ledger", self._source, found.transactions)
        self._add_rows("sendings", self._source, found.file_transfers)
        self._add_rows("doubts", self._source, found.doubts)
        self._alarms.add(found.part, found.column_numbers)
        self._add_rows("clear", self._source, found.clear)

    def _add_rows(self, kind: str, source: int, rows: pa.Table | None) -> None:
        """Add rows of ``source`` to the shard of ``kind``, behind the carried ones before it."""
        if rows is not None and rows.num_rows:
            for number, table in self._carried[kind].before(source):
                self._sources_of[kind].add(number)
                self._writers[kind].add(table)
            self._sources_of[kind].add(source)
            self._writers[kind].add(rows)

    def _end(self, event: SourceEnd) -> None:
        """Compare the source's hashes and make its outcome; close the shards behind the last.

        The rows of a source that changed while it was read are dropped.
        """
        try:
            hashes = event.hasher.result()
        except (OSError, PiiscanError) as error:
            self._on_unreadable()
            detail = error.strerror if isinstance(error, OSError) else None
            self._errors.append(error_row(Trouble("", "UNREADABLE", detail or "")))
            hashes = SourceHashes("", "", same=True)
        if hashes.same and hashes.sha256:
            outcome, state = self._outcome(event.source, hashes), self._state()
            members = [part["member"] for part in self._parts]
            alarms = self._pool.submit(self._alarms.build_table, self._source, members)
            self._alarm_tables.append((self._source, alarms))
        else:
            outcome, state = self._changed_outcome(hashes), CHANGED if hashes.sha256 else UNREAD
            self._changed.add(self._source)
        self._read.append(dataclasses.replace(event.source, state=state, outcome=outcome))
        self._reset()
        run = self._run
        if run is not None and event.source.source == run.read[-1].source:
            self._end_run(run)

    def _end_run(self, run: ShardRun) -> None:
        """Close the shards of a run, store the outcomes of its sources and report those read."""
        files = {kind: self._close(kind, run) for kind in self._kinds}
        read, carried = (
            [
                dataclasses.replace(
                    source,
                    outcome=dataclasses.replace(
                        source.outcome,
                        files={
                            name: sha256
                            for kind in self._kinds
                            if source.source in self._sources_of[kind]
                            for name, sha256 in files[kind].items()
                        },
                    ),
                )
                for source in sources
            ]
            for sources in (self._read, run.carried)
        )
        self._store.finish_sources([*read, *carried])
        self._on_finished(read)
        if self._checkpoints is not None:
            self._checkpoints.remove()
        self._begin_run()

    def _close(self, kind: str, run: ShardRun) -> dict[str, str]:
        """Close the shard of ``kind``; return name -> SHA-256 of it, and of its checksum file.

        Clear values have a checksum file.  Without rows there is no file.
        """
        if kind == "alarms":
            for number, table in self._alarm_tables:
                self._add_rows(kind, number, table.result())
        for number, table in self._carried[kind].before(None):
            self._sources_of[kind].add(number)
            self._writers[kind].add(table)
        writer, path = self._writers[kind], self._case / run.shard(kind)
        digest = None
        if self._sources_of[kind] <= self._changed:
            writer.discard()
        else:
            digest = writer.close()
        if digest is not None and self._sources_of[kind] & self._changed:
            digest = self._drop_changed(kind, path)
        self._sources_of[kind] -= self._changed
        if digest is None:
            remove_files([path, path.with_name(f"{path.name}.sha256")])
            return {}
        files = {run.shard(kind): digest}
        if kind == "clear":
            name, sha256 = write_checksum_file(path, digest, temporary=self._temporary)
            files[name] = sha256
        return files

    def _drop_changed(self, kind: str, path: Path) -> str | None:
        """Write the shard ``path`` again without the sources that changed; return its SHA-256."""
        with ShardWriter(path, SHARDED[kind], temporary=self._temporary, pool=self._pool) as writer:
            for number, rows in read_by_source(path):
                if number not in self._changed:
                    writer.add(rows)
            return writer.close()

    def _outcome(self, source: Source, hashes: SourceHashes) -> SourceOutcome:
        """Return the outcome of an unchanged source without shards: hashes, parts, counts."""
        counts = [[*kind, hits] for kind, hits in sorted(self._counts.items(), key=_sort_key)]
        parts = [{**part, "other_rows": json.dumps(part["other_rows"])} for part in self._parts]
        return SourceOutcome(
            hashes.sha256,
            hashes.sm3,
            parts=parts,
            errors=self._errors,
            counts=counts,
            corrections=self._overrides,
            known=source.outcome.known,
        )

    def _changed_outcome(self, hashes: SourceHashes) -> SourceOutcome:
        """Return the outcome of a source that changed or is gone, with its errors only."""
        errors = list(self._errors)
        if hashes.sha256:
            errors.append(error_row(Trouble("", "SOURCE_CHANGED", "changed during the run")))
        return SourceOutcome(hashes.sha256, hashes.sm3, errors=errors)

    def _state(self) -> str:
        """Return the state of the source: read, partly read or unread."""
        if not any(error["lost"] for error in self._errors):
            return READ
        return PARTLY if any(part["rows"] for part in self._parts) else UNREAD


def error_row(trouble: Trouble) -> dict[str, Any]:
    """Return a row of ERRORS without its source."""
    return {
        "member": trouble.member,
        "row": trouble.row,
        "reason": trouble.reason,
        "detail": trouble.detail,
        "lost": trouble.lost,
    }


def _sort_key(entry: tuple[tuple[str, str, str, str | None, str | None], int]) -> tuple[str, ...]:
    """Return the sort key of a ((entity, recognizer, …), count) pair; None sorts as ""."""
    return tuple(word or "" for word in entry[0])

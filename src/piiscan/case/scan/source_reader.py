"""Source reader: reads sources into tables and blocks, as scan events in a fixed order.

A source is hashed before and after reading (SHA-256 and SM3), to prove it unchanged.  A change
between both hashes of the same bytes still shows in the modification time.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from piiscan.arguments import is_stored
from piiscan.case.scan.block_scanner import (
    ScanContext,
    ScannedBlock,
    block_form,
    scan_blocks,
)
from piiscan.case.scan.checkpoints import Checkpoint, Checkpoints
from piiscan.case.scan.ordered_pool import map_ordered, worker_count
from piiscan.case.store.job_store import Source
from piiscan.case.store.shards import HashingFile
from piiscan.detect.engine import Engine
from piiscan.errors import SourceError, failure_place, is_machine_error
from piiscan.sources.archives.read_options import READ_ALL, ReadOptions
from piiscan.sources.block import Block, Table, Trouble
from piiscan.sources.checksums import sha256_and_sm3, sha256_of
from piiscan.sources.read_state import ReadState
from piiscan.sources.stores import local_file
from piiscan.tabular.column_overrides import ColumnOverrides
from piiscan.tabular.layout import TableLayout
from piiscan.tabular.typed_table import TypedTable, open_source, type_table

#: Rows, bytes and sources of the blocks that one thread takes at once, if they are small.
_BATCH_ROWS: Final = 2048
_BATCH_BYTES: Final = 4 << 20
_BATCH_SOURCES: Final = 64


def scan_sources(
    sources: Iterable[Source],
    context: ScanContext,
    *,
    overrides: ColumnOverrides,
    options: ReadOptions = READ_ALL,
    workers: int | None = None,
    left_out: Collection[int] = (),
    temporary: Path | None = None,
    checkpoints: Checkpoints | None = None,
) -> Iterator[ScannedEvent]:
    """Read and scan every source in threads; yield its events in a fixed order.

    ``workers``: number of scanning threads; None for all processors.  ``left_out``: numbers of
    sources that are hashed and not read.  ``temporary``: folder for copies of objects of a store.
    ``checkpoints``: from which large sources go on.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="hashing") as hashing:
        events = read_sources(
            sources,
            context.engine,
            overrides=overrides,
            hashing=hashing,
            options=options,
            left_out=left_out,
            temporary=temporary,
            checkpoints=checkpoints,
        )
        scan = partial(scan_events, context=context)
        for scanned in map_ordered(scan, _batch_events(events), workers=worker_count(workers)):
            yield from scanned


def _batch_events(events: Iterable[ReadEvent]) -> Iterator[list[ReadEvent]]:
    """Yield the events in lists of about _BATCH_ROWS, _BATCH_BYTES or _BATCH_SOURCES."""
    batch: list[ReadEvent] = []
    rows = size = sources = 0
    for event in events:
        batch.append(event)
        if isinstance(event, BlockEvent):
            rows += len(event.block.rows)
            size += sum(column.nbytes for column in event.block.columns)
        sources += isinstance(event, SourceEnd)
        if rows >= _BATCH_ROWS or size >= _BATCH_BYTES or sources >= _BATCH_SOURCES:
            yield batch
            batch, rows, size, sources = [], 0, 0, 0
    if batch:
        yield batch


def scan_events(events: Sequence[ReadEvent], context: ScanContext) -> list[ScannedEvent]:
    """Return the events with a scanned block in place of each BlockEvent.

    Blocks of one form are scanned in one pass.  A block that cannot be scanned becomes a
    TroubleEvent; the run continues.
    """
    groups: list[tuple[object | None, list[int]]] = []
    for at, event in enumerate(events):
        if isinstance(event, BlockEvent):
            form = block_form(event.block, event.layout)
            known = (each for found, each in groups if found is not None and found == form)
            group = next(known, None)
            if group is None:
                groups.append((form, [at]))
            else:
                group.append(at)
    scanned: dict[int, ScannedEvent] = {}
    for _, group in groups:
        blocks = [event for at in group if isinstance(event := events[at], BlockEvent)]
        scanned |= zip(group, _scan_blocks(blocks, context), strict=True)
    return [
        scanned[at] if isinstance(event, BlockEvent) else event for at, event in enumerate(events)
    ]


def _scan_blocks(events: Sequence[BlockEvent], context: ScanContext) -> list[ScannedEvent]:
    """Return the scanned blocks of ``events``; a TroubleEvent for one that fails alone."""
    try:
        blocks, layouts = ([e.block for e in events], [e.layout for e in events])
        return [*scan_blocks(blocks, layouts, context)]
    except Exception as error:  # one bad block must not cost the case
        if is_machine_error(error):
            raise
        if len(events) > 1:
            return [found for event in events for found in _scan_blocks([event], context)]
        block, layout = events[0].block, events[0].layout
        row = int(block.rows[0]) if len(block.rows) else None
        return [TroubleEvent(Trouble(layout.member, "SCAN_FAILED", failure_place(error), row))]


def read_sources(
    sources: Iterable[Source],
    engine: Engine,
    *,
    overrides: ColumnOverrides,
    hashing: ThreadPoolExecutor,
    options: ReadOptions = READ_ALL,
    left_out: Collection[int] = (),
    temporary: Path | None = None,
    checkpoints: Checkpoints | None = None,
) -> Iterator[ReadEvent]:
    """Yield the events of every source, from its begin to its end, hashed in ``hashing``.

    An unreadable source gives a TroubleEvent and a SourceEnd; the next source follows.
    """
    for source in sources:
        yield SourceBegin(source)
        path = Path(source.absolute_path)
        with ExitStack() as stack:
            hasher = None
            try:
                file = stack.enter_context(local_file(path, temporary))
                hasher = SourceHasher(file, hashing)
                if source.source in left_out:
                    raise SourceError("QUARANTINED")
                pauses = Pauses(source, hasher, checkpoints)
                yield from _read(source, file, engine, overrides, options, pauses)
            except SourceError as error:
                yield TroubleEvent(Trouble("", error.reason, error.detail))
            except Exception as error:  # one bad file must not cost the others
                if is_machine_error(error):
                    raise
                if isinstance(error, OSError):
                    detail = error.strerror or type(error).__name__
                    yield TroubleEvent(Trouble("", "UNREADABLE", detail))
                else:
                    yield TroubleEvent(Trouble("", "READER_FAILED", failure_place(error)))
            hasher = hasher or SourceHasher(path, hashing)  # an object without a copy
            hasher.hash_again(is_waiting=is_stored(path))
        yield SourceEnd(source, hasher)


def _read(
    source: Source,
    path: Path,
    engine: Engine,
    overrides: ColumnOverrides,
    options: ReadOptions,
    pauses: Pauses,
) -> Iterator[ReadEvent]:
    """Yield the events of one source: TableOpened, BlockEvent and TroubleEvent."""
    part = 0
    tables = open_source(path, engine.catalog, options=options, display=source.path)
    for table in tables:
        if isinstance(table, Trouble):
            yield TroubleEvent(table)
            continue
        layouts: list[TableLayout | None] = []
        for each in (table, *table.siblings):
            try:
                typed = type_table(source.source, part, each, engine, overrides, source.path)
                opened = TableOpened(part_row(each, typed), typed.applied)
            except Exception as error:  # one bad table must not cost the others
                if is_machine_error(error):
                    raise
                yield TroubleEvent(Trouble(each.member, "READER_FAILED", failure_place(error)))
                layouts.append(None)
                continue
            layouts.append(typed.layout)
            yield opened
            part += 1
        for block in pauses.blocks(table):
            if isinstance(block, SourcePaused | SourceResumed):
                yield block
            elif isinstance(block, Trouble):
                yield TroubleEvent(block)
            elif (layout := layouts[block.table]) is not None:
                yield BlockEvent(block, layout)
        yield from (TroubleEvent(trouble) for trouble in table.troubles)


@dataclass(frozen=True, slots=True)
class Pauses:
    """Reading of a source with checkpoints, if its reader can go on from a state."""

    source: Source
    hasher: SourceHasher
    checkpoints: Checkpoints | None

    def blocks(self, table: Table) -> Iterator[Block | Trouble | SourcePaused | SourceResumed]:
        """Yield the blocks of ``table``, from the newest checkpoint on, and places for others."""
        checkpoints, source = self.checkpoints, self.source
        if checkpoints is None or table.resume is None or not checkpoints.is_large(source):
            yield from table.blocks()
            return
        reading = ReadState(checkpoints.every(source))
        found = checkpoints.find(source, partial(self.hasher.first, wait=True))
        if found is not None:
            reading = ReadState.of(found[0].reading, every=reading.every)
            yield SourceResumed(source, reading.start, *found)
        for block in table.resume(reading):
            if (state := reading.take()) is not None:
                yield SourcePaused(source, state, self.hasher)
            yield block


def part_row(table: Table, typed: TypedTable) -> dict[str, Any]:
    """Return the PARTS row of a table, with the inferred types that later overrides change."""
    columns_and_types = zip(typed.layout.columns, typed.types, strict=True)
    columns = [
        {
            "column": number,
            "header": column.header,
            "group": column.group,
            "recognizers": list(type_.recognizers),
            "role": type_.role,
            "share": round(type_.share, 4),
            "ledger": type_.transaction,
            "bookkeeping": type_.bookkeeping,
        }
        for number, (column, type_) in enumerate(columns_and_types, 1)
    ]
    return {
        "member": table.member,
        "kind": table.kind,
        "encoding": table.encoding,
        "delimiter": table.delimiter,
        "header_row": table.header_row,
        "columns": json.dumps(columns, ensure_ascii=False),
        "sha256": table.sha256,
        "size": table.size,
        "key": typed.key,
        "inferred": [[list(ids), role] for ids, role in typed.inferred],
    }


@dataclass(frozen=True, slots=True)
class SourceBegin:
    """Event: the reader opens a source."""

    source: Source


@dataclass(frozen=True, slots=True)
class TableOpened:
    """Event: the reader opens a table of the source.

    ``facts``: its row of PARTS without source and rows.  ``overrides``: column overrides applied to
    it, ``[column, ids, role]``.
    """

    facts: dict[str, Any]
    overrides: list[list[Any]]


@dataclass(frozen=True, slots=True)
class BlockEvent:
    """Event: a block to scan, with the layout of its table."""

    block: Block
    layout: TableLayout


@dataclass(frozen=True, slots=True)
class TroubleEvent:
    """Event: a part was not read, or was read with a trouble."""

    trouble: Trouble


@dataclass(frozen=True, slots=True)
class SourcePaused:
    """Event: a checkpoint can be stored here; ``reading``: state of the reader."""

    source: Source
    reading: bytes
    hasher: SourceHasher


@dataclass(frozen=True, slots=True)
class SourceResumed:
    """Event: the reader goes on from byte ``offset``; all before it is in the checkpoint.

    ``files``: incomplete shards by kind.
    """

    source: Source
    offset: int
    checkpoint: Checkpoint
    files: Mapping[str, HashingFile]


@dataclass(frozen=True, slots=True)
class SourceEnd:
    """Event: the reader reached the end of a source."""

    source: Source
    hasher: SourceHasher


_OtherEvent = SourceBegin | TableOpened | TroubleEvent | SourcePaused | SourceResumed | SourceEnd
ReadEvent = BlockEvent | _OtherEvent
ScannedEvent = ScannedBlock | _OtherEvent


#: Status that must not change: device, inode, size, modification time in nanoseconds.  The change
#: time is left out: a new hard link or a backup program alters it and no byte of the file.
Status = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class SourceHashes:
    """Hashes of a source before reading. ``same``: True if it did not change meanwhile."""

    sha256: str
    sm3: str
    same: bool


class SourceHasher:
    """Hasher of one source, before and after it is read."""

    def __init__(self, path: Path, pool: ThreadPoolExecutor) -> None:
        """Record the file's status and start the first hash in ``pool``."""
        self._path = path
        self._pool = pool
        self._status = _status(path)
        self._before: Future[tuple[str, str]] = pool.submit(sha256_and_sm3, path)
        self._after: Future[SourceHashes] | None = None

    def first(self, *, wait: bool = False) -> str:
        """Return the SHA-256 before reading; "" if it failed, or is not ready (``wait``)."""
        if (not wait and not self._before.done()) or self._before.exception() is not None:
            return ""
        return self._before.result()[0]

    def hash_again(self, *, is_waiting: bool) -> None:
        """Start the second hash of the file in the pool, after it was read to its end.

        ``is_waiting``: return when it is done; the file may then be deleted.
        """
        self._after = self._pool.submit(self._hash_again)
        if is_waiting:
            wait([self._after])

    def _hash_again(self) -> SourceHashes:
        """Return the first hashes, and True if the file is unchanged."""
        sha256, sm3 = self._before.result()
        same = sha256_of(self._path) == sha256 and _status(self._path) == self._status
        return SourceHashes(sha256, sm3, same)

    def result(self) -> SourceHashes:
        """Wait for both hashes; return the first, and True if the file is unchanged.

        ``hash_again`` must be called first. Raise OSError or SourceError if the file is
        gone.
        """
        assert self._after is not None  # each source ends with hash_again
        return self._after.result()


def _status(path: Path) -> Status | None:
    """Return (device, inode, size, modification time) of a file; None if it is missing."""
    try:
        status = os.stat(path)  # noqa: PTH116  (paths may hold bytes that are no UTF-8)
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns

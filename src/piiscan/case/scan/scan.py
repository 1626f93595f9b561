"""Scan of files into a case: walk, read, scan blocks, write shards, build tables and report.

``scan`` is the whole of ``piiscan scan``; the other modules of this folder are its steps.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Final

import pyarrow as pa

from piiscan.case.register import import_register
from piiscan.case.report.html.case_page import write_page
from piiscan.case.scan.block.records import CountedKinds
from piiscan.case.scan.block_scanner import ScanContext, ScannedBlock, scan_block
from piiscan.case.scan.events import BlockEvent, ReadEvent, ScannedEvent, SourceBegin, TroubleEvent
from piiscan.case.scan.finish import RunInfo, finish
from piiscan.case.scan.ordered_pool import map_ordered, worker_count
from piiscan.case.scan.progress import ScanProgress
from piiscan.case.scan.settings import Settings, choose_as_of, store_overrides, store_settings
from piiscan.case.scan.shard_writer import SourceWriter, remove_leftovers
from piiscan.case.scan.source_reader import read_sources
from piiscan.case.scan.worklist import Worklist, make_worklist
from piiscan.case.store.audit_log import CHINA, AuditLog, now
from piiscan.case.store.case import Case, check_no_overlap, make_folders
from piiscan.case.store.job_store import JobStore, Source
from piiscan.case.store.manifest import latest_manifest, tool_facts
from piiscan.case.store.shards import check_disk
from piiscan.detect.catalog.catalog import load
from piiscan.detect.engine import Engine
from piiscan.hashing.key import default_key_path, load_key
from piiscan.sources.block import Trouble
from piiscan.sources.walk import Progress, walk
from piiscan.tabular.column_overrides import ColumnOverrides, read_overrides
from piiscan.tabular.search import TableSearch

#: Rows after which unused memory is released, since blocks fragment it.
_RELEASE_ROWS: Final = 1 << 20


def scan(
    paths: str | Path | Iterable[str | Path],
    *,
    case: str | Path,
    as_of: datetime.date | None = None,
    key: str | Path | None = None,
    operator: str = "",
    case_number: str = "",
    reveal: bool = False,
    columns: str | Path | None = None,
    register: str | Path | None = None,
    recognizers: str | Path | None = None,
    min_score: float = 0.5,
    names: bool = True,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Case:
    r"""Scan ``paths`` (files and folders) into ``case`` and return the finished case.

    Finished sources are not read again.  Answers do not depend on ``workers``.

    Args:
        paths: files and folders, opened for reading only.
        case: folder of the case; created, continued after a broken run, or added to.
        as_of: day of the scan, later births are impossible; default today (UTC+8).
        key: file of the digest key, created if absent; default one per user.
        operator: name for the manifest.
        case_number: number for the manifest.
        reveal: also write clear values.
        columns: corrected file of ``piiscan columns``.
        register: filled-in file of ``piiscan register``, stored in the case.
        recognizers: folder of own recognizers.
        min_score: least score of a finding.
        names: also find names in running text.
        workers: number of threads; default all processors.
        progress: called with bytes done and bytes in all.

    Unreadable parts are listed in the case.  Raise CaseError if the case cannot be used like this
    or the disk is full, CatalogError for an invalid recognizer.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     dump = Path(place, "dump.csv")
    ...     _ = dump.write_text("手机号\n13800138000\n", "utf-8")
    ...     done = scan(dump, case=Path(place, "case"), key=Path(place, "my.key"))
    ...     done.sql("select entity, masked from findings").to_pylist()
    [{'entity': 'CN_MOBILE', 'masked': '138****8000'}]
    """
    inputs = [Path(paths)] if isinstance(paths, str | Path) else [Path(path) for path in paths]
    folder = Path(case)
    check_no_overlap(folder, inputs)
    make_folders(folder)
    with closing(JobStore(folder / "ledger.sqlite")) as store:
        began = now()
        day = choose_as_of(store, as_of, today=began.astimezone(CHINA).date())
        key_path = Path(key) if key else default_key_path(os.environ, Path.home())
        secret = load_key(key_path, case=folder, sources=inputs)
        catalog = load(None if recognizers is None else Path(recognizers))
        settings = Settings.of(
            catalog, secret, as_of=day, min_score=min_score, names=names, reveal=reveal
        )
        store_settings(store, settings)
        overrides_given = None if columns is None else read_overrides(Path(columns), catalog)
        overrides = store_overrides(store, overrides_given)
        if register is not None:
            with closing(AuditLog(folder / "log.jsonl")) as log:
                import_register(folder, Path(register), log=log)
        engine = Engine(catalog, as_of=day)
        search = TableSearch(engine, min_score, names, reveal)
        context = ScanContext(search, secret.secret, CountedKinds.of(catalog))
        run_info = RunInfo(operator, case_number, began)
        worklist = _make_worklist(folder, store, inputs, overrides)
        if worklist is None:
            return Case.open(folder)
        _run(folder, store, worklist, context, overrides, settings, run_info, workers, progress)
    finished = Case.open(folder)
    write_page(finished, catalog=catalog)
    return finished


def _make_worklist(
    case: Path, store: JobStore, inputs: list[Path], overrides: ColumnOverrides
) -> Worklist | None:
    """Return the sources to read; None if the case is finished and nothing is new.

    Also store the code version and the generation, and remove leftovers of a killed run.
    """
    manifest = latest_manifest(case)
    finished = manifest.generation if manifest else 0
    code = tool_facts()["code_sha256"]
    worklist = make_worklist(
        case,
        store,
        walk(inputs),
        finished=finished,
        overrides=overrides,
        same_tool=store.get("code") == code,
    )
    if not worklist.sources and finished and store.get("generation") == finished:
        return None
    store.put("code", code)
    store.put("generation", worklist.generation)
    remove_leftovers(case, worklist.sources)
    check_disk(case, needed=sum(source.size for source in worklist.sources) // 20)
    return worklist


def _run(
    case: Path,
    store: JobStore,
    worklist: Worklist,
    context: ScanContext,
    overrides: ColumnOverrides,
    settings: Settings,
    run_info: RunInfo,
    workers: int | None,
    progress: Progress | None,
) -> None:
    """Read the sources of ``worklist``, build the tables, write the manifest; log each step."""
    with closing(AuditLog(case / "log.jsonl")) as log:
        log.append(
            "scan",
            moment=run_info.started,
            generation=worklist.generation,
            sources=len(worklist.sources),
            settings=settings.sha256,
        )
        _scan_sources(case, store, worklist, context, overrides, log, workers, progress)
        finish(
            case,
            store,
            context.engine,
            generation=worklist.generation,
            settings=settings,
            overrides=overrides,
            run_info=run_info,
            log=log,
            key=context.secret,
        )


def _scan_sources(
    case: Path,
    store: JobStore,
    worklist: Worklist,
    context: ScanContext,
    overrides: ColumnOverrides,
    log: AuditLog,
    workers: int | None,
    progress: Progress | None,
) -> None:
    """Scan every source of ``worklist``; write its shards and store its outcome."""
    scan_progress = ScanProgress(worklist.sources, progress)

    def on_finished(source: Source) -> None:
        """Report the source as finished and log the event ``source``."""
        scan_progress.end(source)
        log.append(
            "source",
            moment=now(),
            source=source.source,
            state=source.state,
            sha256=source.outcome.sha256,
        )

    count = worker_count(workers)
    rows = 0  # since unused memory was last released
    with (
        ThreadPoolExecutor(1, thread_name_prefix="hashing") as hashing,
        ThreadPoolExecutor(2, thread_name_prefix="writing") as writing,
    ):
        writer = SourceWriter(
            case, store, reveal=context.reveal, pool=writing, on_finished=on_finished
        )
        events = read_sources(
            worklist.sources, context.engine, overrides=overrides, hashing=hashing
        )
        try:
            for event in map_ordered(partial(_scan_event, context=context), events, workers=count):
                writer.add(event)
                if isinstance(event, SourceBegin):
                    scan_progress.begin(event.source)
                elif isinstance(event, ScannedBlock):
                    scan_progress.advance(event.end_offset)
                    rows += event.rows
                    if rows >= _RELEASE_ROWS:
                        pa.default_memory_pool().release_unused()
                        rows = 0
        finally:
            writer.discard()


def _scan_event(event: ReadEvent, context: ScanContext) -> ScannedEvent:
    """Return the scanned block of a BlockEvent, any other event unchanged.

    Return a TroubleEvent if scanning fails; the run continues.
    """
    if not isinstance(event, BlockEvent):
        return event
    try:
        return scan_block(event.block, event.layout, context)
    except Exception as error:  # noqa: BLE001  (one bad block must not cost the case)
        row = int(event.block.rows[0]) if len(event.block.rows) else None
        # the type alone: an error's text can quote the data
        return TroubleEvent(Trouble(event.layout.member, "SCAN_FAILED", type(error).__name__, row))

"""Scan run: the state that all steps of one scan share, from the walk to the manifest."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from piiscan.case.register import import_register
from piiscan.case.scan.block_scanner import ScanContext
from piiscan.case.scan.settings import (
    ScanOptions,
    Settings,
    choose_as_of,
    store_overrides,
    store_settings,
)
from piiscan.case.scan.shard_writer import remove_leftovers
from piiscan.case.scan.worklist import Worklist, make_worklist
from piiscan.case.store.audit_log import CHINA, AuditLog, now
from piiscan.case.store.case import check_no_overlap, make_folders
from piiscan.case.store.job_store import JobStore
from piiscan.case.store.manifest import latest_manifest, tool_facts
from piiscan.case.store.shards import check_disk
from piiscan.detect.catalog.catalog import load
from piiscan.detect.engine import Engine
from piiscan.hashing.key import default_key_path, load_key
from piiscan.sources.formats import all_formats
from piiscan.sources.walk import GivenPaths, walk
from piiscan.tabular.column_overrides import ColumnOverrides, read_overrides
from piiscan.tabular.search import TableSearch


@dataclass(frozen=True, slots=True)
class ScanRun:
    """One run of a scan: its case folder, open stores, settings and sources to read.

    Attributes:
        case: folder of the case
        options: options of the scan
        started: moment of the start
        store: job store, locked by this run
        log: audit log, open for appending
        settings: settings of the case
        overrides: column overrides in force
        context: engine, search and digest key for all blocks
        mac_key: key of the manifest's keyed checksum
        worklist: generation of the run, and its sources to read
        given: paths to scan, as they were at the start
    """

    case: Path
    options: ScanOptions
    started: datetime.datetime
    store: JobStore
    log: AuditLog
    settings: Settings
    overrides: ColumnOverrides
    context: ScanContext = field(repr=False)
    mac_key: bytes = field(repr=False)
    worklist: Worklist
    given: GivenPaths

    @classmethod
    @contextmanager
    def open(cls, case: Path, inputs: list[Path], options: ScanOptions) -> Iterator[ScanRun | None]:
        """Yield the run that scans ``inputs`` into ``case``; lock the case until the end.

        Yield None if the case is finished and nothing is new.  Raise CaseError if the case cannot
        be used like this or the disk is full, CatalogError for an invalid recognizer.
        """
        check_no_overlap(case, inputs)
        options.reading.selection.check(each.name for each in all_formats())
        latest_manifest(case)  # a case of another format is refused before anything is written
        make_folders(case)
        with closing(JobStore(case / "ledger.sqlite")) as store:
            started = now()
            day = choose_as_of(store, options.as_of, today=started.astimezone(CHINA).date())
            key_path = options.key or default_key_path(os.environ, Path.home())
            key = load_key(key_path, case=case, sources=inputs)
            catalog = load(options.recognizers)
            settings = Settings.of(options, catalog, key, as_of=day)
            store_settings(store, settings)
            columns = options.columns
            corrected = read_overrides(columns, catalog) if columns else None
            overrides = store_overrides(store, corrected)
            if options.register is not None:
                with closing(AuditLog(case / "log.jsonl", key)) as log:
                    import_register(case, options.register, log=log)
            engine = Engine(catalog, as_of=day)
            search = TableSearch(engine, options.min_score, options.names, options.reveal)
            context = ScanContext.of(search, key.secret, whole_case=options.whole_case)
            given = GivenPaths(inputs)
            worklist = _make_worklist(case, store, inputs, overrides, given)
            if worklist is None:
                yield None
                return
            with closing(AuditLog(case / "log.jsonl", key)) as log:
                yield cls(
                    *(case, options, started, store, log, settings, overrides),
                    *(context, key.mac_key, worklist, given),
                )


def _make_worklist(
    case: Path,
    store: JobStore,
    inputs: list[Path],
    overrides: ColumnOverrides,
    given: GivenPaths,
) -> Worklist | None:
    """Return the sources to read; None if the case is finished and nothing is new.

    Also store the code version and the generation, and remove leftovers of a killed run.
    """
    manifest = latest_manifest(case)
    finished = manifest.generation if manifest else 0
    found = list(walk(inputs))
    given.check()
    code = tool_facts()["code_sha256"]
    worklist = make_worklist(
        case,
        store,
        found,
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

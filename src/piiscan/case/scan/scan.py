"""The line: walk -> source -> tables -> blocks -> engine -> findings -> shards -> tables, report.

``scan`` is the whole of ``piiscan scan``; the other modules of this room are its steps.
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

from piiscan.case.register import take_in
from piiscan.case.report.html.case_page import write_page
from piiscan.case.scan.block.records import Counting
from piiscan.case.scan.block_scanner import Examined, Kit, examine
from piiscan.case.scan.events import Begin, Event, Kept, Note, Work
from piiscan.case.scan.finish import Told, finish
from piiscan.case.scan.ordered_pool import ordered, worker_count
from piiscan.case.scan.progress import Meter
from piiscan.case.scan.settings import Settings, day_of, settle, settle_corrections
from piiscan.case.scan.shard_writer import Keeper, sweep
from piiscan.case.scan.source_reader import read_sources
from piiscan.case.scan.worklist import Plan, enrol
from piiscan.case.store.audit_log import CHINA, Log, now
from piiscan.case.store.case import Case, check_apart, make_folders
from piiscan.case.store.job_store import Ledger, Source
from piiscan.case.store.manifest import latest_manifest, tool_facts
from piiscan.case.store.shards import check_disk
from piiscan.detect.catalog.catalog import load
from piiscan.detect.engine import Engine
from piiscan.hashing.key import default_path, load_key
from piiscan.sources.block import Trouble
from piiscan.sources.walk import Progress, walk
from piiscan.tabular.column_overrides import Corrections, read_corrections
from piiscan.tabular.search import TableSearch

#: Rows after which memory that is not used is given back, as blocks leave ever more gaps in it.
_LONG: Final = 1 << 20


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
    r"""A finished case with everything found in ``paths`` (files and folders).

    ``case`` is made, continued after a broken run, or added to: what is finished is not read
    again.  ``as_of``: later births are impossible; today (UTC+8) by default.  ``key``: the digest
    key's file, made if absent; per user by default.  ``reveal`` also writes clear values.
    ``columns``: a file of ``piiscan columns``, corrected.  ``register``: a file of ``piiscan
    register``, filled in, kept in the case.  ``recognizers``: a folder of own rules.  Answers do
    not depend on ``workers``.

    CaseError if the case cannot be used so, or the disk is full; CatalogError for a broken rule.
    Sources are opened for reading only; what cannot be read is listed in the case.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     dump = Path(place, "dump.csv")
    ...     _ = dump.write_text("手机号\n13800138000\n", "utf-8")
    ...     done = scan(dump, case=Path(place, "case"), key=Path(place, "my.key"))
    ...     done.sql("select entity, masked from findings").to_pylist()
    [{'entity': 'CN_MOBILE', 'masked': '138****8000'}]
    """
    given = [Path(paths)] if isinstance(paths, str | Path) else [Path(path) for path in paths]
    folder = Path(case)
    check_apart(folder, given)
    make_folders(folder)
    with closing(Ledger(folder / "ledger.sqlite")) as ledger:
        began = now()
        day = day_of(ledger, as_of, today=began.astimezone(CHINA).date())
        where = Path(key) if key else default_path(os.environ, Path.home())
        secret = load_key(where, case=folder, sources=given)
        catalog = load(None if recognizers is None else Path(recognizers))
        settings = Settings.of(
            catalog, secret, as_of=day, min_score=min_score, names=names, reveal=reveal
        )
        settle(ledger, settings)
        corrected = None if columns is None else read_corrections(Path(columns), catalog)
        corrections = settle_corrections(ledger, corrected)
        if register is not None:
            with closing(Log(folder / "log.jsonl")) as log:
                take_in(folder, Path(register), log=log)
        engine = Engine(catalog, as_of=day)
        search = TableSearch(engine, min_score, names, reveal)
        kit = Kit(search, secret.secret, Counting.of(catalog))
        told = Told(operator, case_number, began)
        plan = _plan(folder, ledger, given, corrections)
        if plan is None:
            return Case.open(folder)
        _work(folder, ledger, plan, kit, corrections, settings, told, workers, progress)
    finished = Case.open(folder)
    write_page(finished, catalog=catalog)
    return finished


def _plan(case: Path, ledger: Ledger, given: list[Path], corrections: Corrections) -> Plan | None:
    """What to read; None if the case is finished and nothing is new."""
    manifest = latest_manifest(case)
    finished = manifest.generation if manifest else 0
    code = tool_facts()["code_sha256"]
    plan = enrol(
        case,
        ledger,
        walk(given),
        finished=finished,
        corrections=corrections,
        same_tool=ledger.get("code") == code,
    )
    if not plan.sources and finished and ledger.get("generation") == finished:
        return None
    ledger.put("code", code)
    ledger.put("generation", plan.generation)
    sweep(case, plan.sources)
    check_disk(case, needed=sum(source.size for source in plan.sources) // 20)
    return plan


def _work(
    case: Path,
    ledger: Ledger,
    plan: Plan,
    kit: Kit,
    corrections: Corrections,
    settings: Settings,
    told: Told,
    workers: int | None,
    progress: Progress | None,
) -> None:
    """The plan is carried out: sources read, tables counted, the manifest written, all logged."""
    with closing(Log(case / "log.jsonl")) as log:
        log.append(
            "scan",
            moment=told.started,
            generation=plan.generation,
            sources=len(plan.sources),
            settings=settings.sha256,
        )
        _read_all(case, ledger, plan, kit, corrections, log, workers, progress)
        finish(
            case,
            ledger,
            kit.engine,
            generation=plan.generation,
            settings=settings,
            corrections=corrections,
            told=told,
            log=log,
            key=kit.secret,
        )


def _read_all(
    case: Path,
    ledger: Ledger,
    plan: Plan,
    kit: Kit,
    corrections: Corrections,
    log: Log,
    workers: int | None,
    progress: Progress | None,
) -> None:
    """Every source of the plan stands in the ledger, its findings in shards."""
    meter = Meter(plan.sources, progress)

    def settled(source: Source) -> None:
        meter.end(source)
        log.append(
            "source",
            moment=now(),
            source=source.source,
            state=source.state,
            sha256=source.outcome.sha256,
        )

    count = worker_count(workers)
    rows = 0  # since unused memory was last given back
    with (
        ThreadPoolExecutor(1, thread_name_prefix="hashing") as hashing,
        ThreadPoolExecutor(2, thread_name_prefix="writing") as writing,
    ):
        keeper = Keeper(case, ledger, reveal=kit.reveal, writing=writing, settled=settled)
        events = read_sources(plan.sources, kit.engine, corrections=corrections, hashing=hashing)
        try:
            for event in ordered(partial(_examine, kit=kit), events, workers=count):
                keeper.take(event)
                if isinstance(event, Begin):
                    meter.begin(event.source)
                elif isinstance(event, Examined):
                    meter.reach(event.reached)
                    rows += event.rows
                    if rows >= _LONG:
                        pa.default_memory_pool().release_unused()
                        rows = 0
        finally:
            keeper.discard()


def _examine(event: Event, kit: Kit) -> Kept:
    """A block's findings; any other event as it is.  A failure is noted, and the run goes on."""
    if not isinstance(event, Work):
        return event
    try:
        return examine(event.block, event.frame, kit)
    except Exception as error:  # noqa: BLE001  (one bad block must not cost the case)
        row = int(event.block.rows[0]) if len(event.block.rows) else None
        # the type alone: an error's text can quote the data
        return Note(Trouble(event.frame.member, "SCAN_FAILED", type(error).__name__, row))

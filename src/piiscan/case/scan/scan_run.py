"""Scan run: the state that all steps of one scan share, from the walk to the manifest.

Its worklist has the sources to read now: new, unfinished, or with new column overrides.
"""

from __future__ import annotations

import dataclasses
import datetime
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

from piiscan.arguments import is_stored
from piiscan.case.register import import_register
from piiscan.case.scan.block_scanner import ScanContext
from piiscan.case.scan.listing import Listing, PartNumber, part_facts
from piiscan.case.scan.settings import (
    ScanOptions,
    Settings,
    choose_as_of,
    given_overrides,
    store_overrides,
    store_settings,
)
from piiscan.case.scan.shard_writer import error_row
from piiscan.case.store.attachments import store_attachment
from piiscan.case.store.audit_log import CHINA, AuditLog, now
from piiscan.case.store.case import SHARDED, check_no_overlap, make_folders
from piiscan.case.store.job_store import CHANGED, PENDING, JobStore, Source, SourceOutcome
from piiscan.case.store.manifest import code_facts, latest_manifest
from piiscan.case.store.plain_files import is_verified
from piiscan.case.store.shard_runs import remove_leftovers, shard_generation
from piiscan.case.store.shards import check_disk
from piiscan.detect.catalog.catalog import load
from piiscan.errors import CaseError
from piiscan.forms.reader import read_file_bytes
from piiscan.hashing.key import default_key_path, load_key
from piiscan.sources.block import Trouble
from piiscan.sources.checksums import sha256_of
from piiscan.sources.formats import all_formats
from piiscan.sources.stores import address
from piiscan.sources.walk import GivenPaths, Input, walk
from piiscan.tabular.column_overrides import (
    ATTACHED,
    ColumnOverrides,
    changed_kinds,
)

#: Reasons for which a source is read again: a clock stopped its reader, which may have been the
#: machine's fault; if there are new files, one may be the missing piece of its image.
_AGAIN: Final = ("READER_STOPPED", "IMAGE_INCOMPLETE")


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
        part: identity of the part that the case is, None for a whole case
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
    part: Mapping[str, Any] | None = None

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
        today = now().astimezone(CHINA).date()
        given = GivenPaths(inputs)
        found, part = walk(inputs), None
        if options.part is not None:
            number = PartNumber.parse(options.part)
            listing = Listing.open(options.listing, inputs, options.as_of or today)
            day = datetime.date.fromisoformat(listing.as_of)
            options = dataclasses.replace(options, as_of=options.as_of or day)
            found, part = listing.inputs(number, inputs), part_facts(listing, number)
        make_folders(case)
        key_path = options.key or default_key_path(os.environ, Path.home())
        key = load_key(key_path, case=case, sources=inputs)
        with closing(JobStore(case / "ledger.sqlite", key)) as store:
            started = now()
            day = choose_as_of(store, options.as_of, today=today)
            catalog = load(options.recognizers)
            settings = Settings.of(options, catalog, key, as_of=day)
            store_settings(store, settings, part)
            columns = options.columns
            overrides = store_overrides(store, given_overrides(case, columns, catalog))
            if options.register is not None or columns is not None:
                with closing(AuditLog(case / "log.jsonl", key)) as log:
                    if columns is not None and part is None:
                        content = read_file_bytes(columns)
                        store_attachment(case, ATTACHED, content, suffix=columns.suffix, log=log)
                    if options.register is not None:
                        import_register(case, options.register, log=log)
            context = ScanContext.by_settings(settings, catalog, key.secret)
            worklist = _make_worklist(case, store, found, overrides, given)
            if worklist is None:
                yield None
                return
            with closing(AuditLog(case / "log.jsonl", key)) as log:
                yield cls(
                    *(case, options, started, store, log, settings, overrides),
                    *(context, key.mac_key, worklist, given, part),
                )


def _make_worklist(
    case: Path,
    store: JobStore,
    inputs: Iterable[Input | Trouble],
    overrides: ColumnOverrides,
    given: GivenPaths,
) -> Worklist | None:
    """Return the sources to read; None if the case is finished and nothing is new.

    Also store the code version and the generation, and remove leftovers of a killed run.
    """
    manifest = latest_manifest(case)
    finished = manifest.generation if manifest else 0
    found = list(inputs)
    given.check()
    code = code_facts()
    worklist = make_worklist(
        case,
        store,
        found,
        finished=finished,
        overrides=overrides,
        same_tool=store.get("code") == code,
    )
    same_troubles = manifest is not None and manifest.content["troubles"] == store.troubles()
    if not worklist.sources and same_troubles and store.get("generation") == finished:
        return None
    store.put("code", code)
    store.put("generation", worklist.generation)
    remove_leftovers(case, SHARDED, store.sources(), generation=worklist.generation)
    check_disk(case, needed=sum(source.size for source in worklist.sources) // 20)
    return worklist


@dataclasses.dataclass(frozen=True, slots=True)
class Worklist:
    """Sources to read in one run, by number, and the run's ``generation``."""

    generation: int
    sources: list[Source]


def make_worklist(
    case: Path,
    store: JobStore,
    found: Sequence[Input | Trouble],
    *,
    finished: int,
    overrides: ColumnOverrides,
    same_tool: bool,
) -> Worklist:
    """Return the sources to read in this run; store them as pending in the job store.

    Args:
        case: the case folder.
        store: the job store.
        found: files and troubles of the walk.
        finished: newest generation that has a manifest, 0 for none.
        overrides: column overrides in force.
        same_tool: False if another version of the program began the generation; it starts again.

    Sources of finished generations are read again only if their overrides differ, if they changed
    while they were read, if their reader was stopped without progress, or if they are images with
    missing pieces and there are new files.  Raise CaseError if such a file differs now.
    """
    known = {source.absolute_path: source for source in store.sources()}
    last = max((source.source for source in known.values()), default=0)
    generation = finished + 1
    opened: dict[str, Source] = {}
    files = [item for item in found if not isinstance(item, Trouble)]
    unreadable = {each["member"] for each in store.troubles() if each["reason"] == "UNREADABLE"}
    store.add_troubles(
        [error_row(item) for item in found if isinstance(item, Trouble)],
        opened=unreadable.intersection(
            place
            for item in files
            if unreadable
            for place in accumulate(item.display.split("/"), "{}/{}".format)
        ),
    )
    for item in files:
        path = (
            address(item.path) if is_stored(item.path) else os.path.abspath(item.path)  # noqa: PTH100  (resolving links would change the path)
        )
        old = known.get(path) or opened.get(path)
        if old is None:
            last += 1
            number = item.number or last
            opened[path] = Source(number, path, item.display, item.size, item.mtime_ns, generation)
        elif old.generation <= finished:
            _check_same(old, item)
        else:
            known[path] = dataclasses.replace(old, size=item.size, mtime_ns=item.mtime_ns)
            if (old.size, old.mtime_ns) != (item.size, item.mtime_ns):
                opened[path] = _reopen(known[path], generation)
    again = _AGAIN if opened else _AGAIN[:1]
    for path, source in known.items():
        if path not in opened and (
            any(error["reason"] in again for error in source.outcome.errors)
            or _needs_reading(
                case, source, finished=finished, overrides=overrides, same_tool=same_tool
            )
        ):
            opened[path] = _reopen(source, generation)
    if opened:
        store.add_sources(opened.values(), generation=generation)
    return Worklist(generation, sorted(opened.values(), key=lambda source: source.source))


def _reopen(source: Source, generation: int) -> Source:
    """Return a copy of ``source`` that is pending in ``generation``, without outcome."""
    return dataclasses.replace(
        source, generation=generation, state=PENDING, outcome=SourceOutcome()
    )


def _needs_reading(
    case: Path, source: Source, *, finished: int, overrides: ColumnOverrides, same_tool: bool
) -> bool:
    """Return True if a known source has to be read (again)."""
    if source.state in (PENDING, CHANGED):
        return True
    if source.generation > finished and not same_tool:
        return True
    if any(
        (shard_generation(name) or 0) > finished and not is_verified(case, name, sha256)
        for name, sha256 in source.outcome.files.items()
    ):
        return True
    return any(
        _overrides_of(overrides, part) != old
        for part, old in zip(source.outcome.parts, source.outcome.corrections, strict=True)
    )


def _overrides_of(overrides: ColumnOverrides, part: dict[str, object]) -> list[list[object]]:
    """Return [column, recognizers, role] of each override for the table of a known part."""
    inferred = [(tuple(ids), role) for ids, role in part["inferred"]]  # type: ignore[attr-defined]
    changes = changed_kinds(overrides, str(part["key"]), inferred)
    return [[number, list(ids), role] for number, (ids, role) in sorted(changes.items())]


def _check_same(source: Source, item: Input) -> None:
    """Raise CaseError if a source of a finished generation is a different file now."""
    if source.state == CHANGED or (source.size, source.mtime_ns) == (item.size, item.mtime_ns):
        return
    if source.size != item.size or sha256_of(item.path) != source.outcome.sha256:
        raise CaseError(
            "case.source_changed", source=source.source, kind=Path(source.path).suffix or "file"
        )

"""Scan of files into a case: walk, read, scan blocks, write shards, build tables and report.

``scan`` is the whole of ``piiscan scan``; the other modules of this folder are its steps.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

import pyarrow as pa

from piiscan.arguments import checked, existing_or_none, existing_paths
from piiscan.case.report.html.case_page import restore_page, write_page
from piiscan.case.scan.attempts import ATTEMPTS_FILE, Attempts
from piiscan.case.scan.block.doubts import KnownValues
from piiscan.case.scan.block_scanner import ScanContext, ScannedBlock
from piiscan.case.scan.checkpoints import Checkpoints
from piiscan.case.scan.finish import finish
from piiscan.case.scan.scan_run import ScanRun
from piiscan.case.scan.second_pass import find_known, settled_sources
from piiscan.case.scan.settings import ScanOptions
from piiscan.case.scan.shard_writer import SourceWriter
from piiscan.case.scan.source_reader import (
    ScannedEvent,
    SourceBegin,
    SourceEnd,
    SourceResumed,
    scan_sources,
)
from piiscan.case.store.audit_log import now
from piiscan.case.store.case import SHARDED, Case
from piiscan.case.store.job_store import Source
from piiscan.case.store.shard_runs import plan_runs, remove_leftovers
from piiscan.detect.engine import Engine
from piiscan.plugins import rule_folder
from piiscan.progress import ByteCounter, Progress, RunState, within
from piiscan.sources.archives.read_options import ReadOptions, read_passwords
from piiscan.sources.formats import all_formats
from piiscan.sources.pictures.picture_text import can_recognise
from piiscan.sources.selection import Selection
from piiscan.tabular.display_names import mask_texts

#: Rows after which unused memory is released, since blocks fragment it.
_RELEASE_ROWS: Final = 1 << 20
#: Shares of a run that are done before the second pass and before the tables, about.
_AGAIN_FROM: Final = 0.75
_TABLES_FROM: Final = 0.95
#: Work for a byte of a picture, in bytes of text, about.
_PICTURE_WORK: Final = 25


@checked
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
    only: Iterable[str] = (),
    skip: Iterable[str] = (),
    passwords: str | Path | None = None,
    raw: bool = False,
    whole_case: bool = False,
    workers: int | None = None,
    progress: Progress | None = None,
    part: str | None = None,
    listing: str | Path | None = None,
    quarantine: bool = False,
) -> Case:
    r"""Scan ``paths`` (files and folders) into ``case`` and return the finished case.

    Finished sources are not read again.  Answers do not depend on ``workers``.

    Args:
        paths: files, folders, and addresses of object stores (``s3://bucket/folder``), opened for
            reading only.
        case: folder of the case; created, continued after a broken run, or added to.
        as_of: day of the scan, later births are impossible; default today (UTC+8).
        key: file of the digest key, created if absent; default one per user.
        operator: name for the manifest.
        case_number: number for the manifest.
        reveal: also write clear values.
        columns: corrected file of ``piiscan columns``.
        register: filled-in file of ``piiscan register``, stored in the case.
        recognizers: folder of own recognizers, or the name of an installed pack.
        min_score: least score of a finding.
        names: also find names in running text.
        only: names of formats and patterns of paths to read; all others are listed as left out.
        skip: names and patterns of what to leave out.
        passwords: file with passwords of encrypted files, one a line in UTF-8.
        raw: read contents without a reader as strings.
        whole_case: scan sources again whose doubts other sources settle.
        workers: number of threads; default all processors.
        progress: called with the state of the run.
        part: number of the part to scan and of all, ``3/8``; ``case`` is then a part, which
            :func:`piiscan.merge` joins with the others.
        listing: file of the numbered files of all parts, made by the first; the paths may be other
            ones on another machine. Without it each part lists them itself.
        quarantine: leave out a source that ended the process twice, and list it (QUARANTINED); for
            clusters, which start again what was ended.

    Unreadable parts are listed in the case.  Raise MissingPathError if a path does not exist,
    CaseError if the case cannot be used like this or the disk is full, CatalogError for an invalid
    recognizer.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     dump = Path(place, "dump.csv")
    ...     _ = dump.write_text("手机号\n13800138000\n", "utf-8")
    ...     done = scan(dump, case=Path(place, "case"), key=Path(place, "my.key"))
    ...     done.sql("select entity, masked from findings").to_pylist()
    [{'entity': 'CN_MOBILE', 'masked': '138****8000'}]
    """
    inputs = existing_paths(paths, stored=True)
    folder = Path(case)
    options = ScanOptions(
        as_of=as_of,
        key=Path(key) if key else None,
        operator=operator,
        case_number=case_number,
        reveal=reveal,
        columns=existing_or_none(columns),
        register=existing_or_none(register),
        recognizers=rule_folder(recognizers),
        min_score=min_score,
        names=names,
        reading=ReadOptions(
            Selection(tuple(only), tuple(skip), raw),
            read_passwords(existing_or_none(passwords)),
        ),
        whole_case=whole_case,
        workers=workers,
        progress=progress,
        part=part,
        listing=Path(listing) if listing else None,
        quarantine=quarantine,
    )
    files = {"key": key, "recognizers": recognizers, "passwords": passwords}
    with ScanRun.open(folder, inputs, options) as run:
        if run is not None:
            run.log.append(
                "scan",
                moment=run.started,
                generation=run.worklist.generation,
                sources=len(run.worklist.sources),
                settings=run.settings.sha256,
            )
            read = _AGAIN_FROM if whole_case else _TABLES_FROM
            checkpoints = Checkpoints(
                folder,
                run.store,
                run.context.secret,
                str(run.store.get("code")),
                str(run.overrides.sha256),
            )
            _scan_sources(
                run, run.worklist.sources, run.context, "read", (0, read), checkpoints=checkpoints
            )
            checkpoints.clear()
            known = scan_again(run) if whole_case and part is None else None
            if progress is not None:
                progress(RunState("tables", share=_TABLES_FROM))
            finish(run, known)
            finished = Case.of(Case.open(folder, is_part=part is not None), **files)
            if part is None:
                write_page(finished, catalog=run.context.engine.catalog, log=run.log)
            return finished
    finished = Case.of(Case.open(folder, is_part=part is not None), **files)
    if part is None:
        restore_page(finished)
    return finished


def scan_again(run: ScanRun) -> pa.Table:
    """Scan the sources again whose doubts the case confirms. Return these doubts (DOUBTS)."""
    sources, generation = run.store.sources(), run.worklist.generation
    known = find_known(run.case, sources)
    again = settled_sources(run.case, sources, known, generation=generation)
    run.log.append("second_pass", moment=now(), known=known.num_rows, sources=len(again))
    if again:
        run.store.add_sources(again, generation=generation)
        remove_leftovers(run.case, SHARDED, run.store.sources(), generation=generation)
        context = replace(run.context, known=KnownValues.of(known))
        _scan_sources(run, again, context, "second_pass", (_AGAIN_FROM, _TABLES_FROM))
    return known


def _scan_sources(
    run: ScanRun,
    sources: list[Source],
    context: ScanContext,
    stage: str,
    share: tuple[float, float],
    *,
    checkpoints: Checkpoints | None = None,
) -> None:
    """Scan every one of ``sources``; write its shards and store its outcome.

    Report the progress as ``stage``, which is the part ``share`` (from, to) of the run.
    """
    told = within(run.options.progress, *share)
    progress = ScanProgress(sources, context.search.engine, told, stage)

    def on_finished(finished: Sequence[Source]) -> None:
        """Log the event ``source`` for each finished source."""
        facts = [
            {"source": each.source, "state": each.state, "sha256": each.outcome.sha256}
            for each in finished
        ]
        run.log.append_all("source", facts, moment=now())

    rows = 0  # since unused memory was last released
    with ThreadPoolExecutor(2, thread_name_prefix="writing") as writing:
        writer = SourceWriter(
            run.case,
            run.store,
            plan_runs(run.case, run.store.sources(), generation=run.worklist.generation),
            reveal=run.context.reveal,
            pool=writing,
            on_finished=on_finished,
            on_unreadable=run.given.check,
            checkpoints=checkpoints,
        )
        read = partial(
            scan_sources,
            context=context,
            overrides=run.overrides,
            options=run.options.reading,
            workers=run.options.workers,
            temporary=run.case / "tmp",
            checkpoints=checkpoints,
        )
        try:
            for event in _events(run, sources, read):
                writer.add(event)
                if isinstance(event, SourceBegin):
                    progress.begin(event.source)
                elif isinstance(event, SourceEnd):
                    progress.end(event.source)
                elif isinstance(event, SourceResumed):
                    number, offset = event.source.source, event.offset
                    run.log.append("resumed", moment=now(), source=number, offset=offset)
                elif isinstance(event, ScannedBlock):
                    progress.advance(event.end_offset)
                    rows += event.rows
                    if rows >= _RELEASE_ROWS:
                        pa.default_memory_pool().release_unused()
                        rows = 0
        finally:
            writer.discard()


def _events(
    run: ScanRun, sources: Sequence[Source], read: Callable[..., Iterator[ScannedEvent]]
) -> Iterator[ScannedEvent]:
    """Return the events of ``read``; with quarantine those of :class:`Attempts`."""
    if not run.options.quarantine:
        return read(sources)
    attempts = Attempts(run.case / ATTEMPTS_FILE)
    return attempts.scan(sources, lambda some, left_out: read(some, left_out=left_out))


class ScanProgress:
    """Reporter of the bytes scanned in one stage, after each block and source."""

    def __init__(
        self, sources: Sequence[Source], engine: Engine, progress: Progress | None, stage: str
    ) -> None:
        self._engine = engine
        self._pictures = tuple(
            f".{ending}"
            for each in all_formats()
            if each.name == "picture" and can_recognise()
            for ending in each.extensions
        )
        weights = [self._weight(source) for source in sources]
        self._counter = ByteCounter(progress, stage, [each.size for each in sources], weights)
        self._current: Source | None = None

    def begin(self, source: Source) -> None:
        """Set ``source`` as the source that is read now, and report the bytes done so far."""
        self._current = source
        self.advance(0)

    def advance(self, offset: int) -> None:
        """Report that the current source was scanned up to byte ``offset``, at most its size.

        Offsets inside archives can exceed the size.
        """
        assert self._current is not None  # a block comes behind the begin of its source
        weight = self._weight(self._current)
        self._counter.report(
            min(offset, self._current.size),
            weight,
            stage="pictures" if weight > 1 else "",
            source=self._name,
        )

    def end(self, source: Source) -> None:
        """Add the size of ``source`` to the finished bytes and report them."""
        self._counter.add(source.size, self._weight(source))

    def _weight(self, source: Source) -> int:
        """Return the work for a byte of ``source``, 1 for a text."""
        return _PICTURE_WORK if source.path.lower().endswith(self._pictures) else 1

    def _name(self) -> str:
        """Return the display name of the current source, personal data in it masked."""
        return mask_texts(self._engine, [self._current.path])[0] if self._current else ""

"""Worklist: the sources to read now: new, unfinished, or with new column overrides."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable
from pathlib import Path

from piiscan.case.scan.shard_writer import error_row, shards_intact
from piiscan.case.store.job_store import CHANGED, PENDING, JobStore, Source, SourceOutcome
from piiscan.errors import CaseError
from piiscan.sources.block import Trouble
from piiscan.sources.checksums import sha256_of
from piiscan.sources.walk import Input
from piiscan.tabular.column_overrides import ColumnOverrides, changed_kinds


@dataclasses.dataclass(frozen=True, slots=True)
class Worklist:
    """Sources to read in one run, by number, and the run's ``generation``."""

    generation: int
    sources: list[Source]


def make_worklist(
    case: Path,
    store: JobStore,
    found: Iterable[Input | Trouble],
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
    while they were read, or if their reader was stopped without progress.  Raise
    CaseError if such a file differs now.
    """
    known = {source.absolute_path: source for source in store.sources()}
    last = max((source.source for source in known.values()), default=0)
    generation = finished + 1
    opened: dict[str, Source] = {}
    for item in found:
        if isinstance(item, Trouble):
            store.add_troubles([error_row(item)])
            continue
        path = os.path.abspath(item.path)  # noqa: PTH100  (resolving links would change the path)
        old = known.get(path) or opened.get(path)
        if old is None:
            last += 1
            opened[path] = Source(last, path, item.display, item.size, item.mtime_ns, generation)
        elif old.generation <= finished:
            _check_same(old, item)
        else:
            known[path] = dataclasses.replace(old, size=item.size, mtime_ns=item.mtime_ns)
            if (old.size, old.mtime_ns) != (item.size, item.mtime_ns):
                opened[path] = _reopen(known[path], generation)
    for path, source in known.items():
        if path not in opened and _needs_reading(
            case, source, finished=finished, overrides=overrides, same_tool=same_tool
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
    if any(error["reason"] == "READER_STOPPED" for error in source.outcome.errors):
        return True  # a clock stopped its reader, which may have been the machine's fault
    if source.generation > finished and not (same_tool and shards_intact(case, source)):
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

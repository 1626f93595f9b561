"""End of a scan: build tables from job store and shards, then write the manifest."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from piiscan.case.report.table_files import write_tables
from piiscan.case.scan.messages.transferred_files import build_files
from piiscan.case.scan.scan_run import ScanRun
from piiscan.case.scan.scan_tables import SCAN_TABLES, build_tables
from piiscan.case.scan.tables.scan_table_inputs import TableInputs
from piiscan.case.scan.tables.source_tables import modification_time
from piiscan.case.store.audit_log import now, stamp
from piiscan.case.store.case import tables_folder
from piiscan.case.store.case_format import add_format
from piiscan.case.store.job_store import CHANGED, Source
from piiscan.case.store.manifest import (
    Manifest,
    latest_manifest,
    tool_facts,
    write_manifest,
)
from piiscan.case.store.shards import remove_files, write_table
from piiscan.detect.catalog.role_classes import RoleClasses
from piiscan.output_files import make_private_folder
from piiscan.schemas import DISPLAY_NAMES, ERRORS, PARTS, SOURCES
from piiscan.tabular.display_names import masked_names
from piiscan.wording.words import Words


def finish(
    run: ScanRun, known: pa.Table | None, facts: Mapping[str, Any] = MappingProxyType({})
) -> Manifest:
    """Build the tables of the run's generation; write and return its manifest. Log both.

    A part of a case has no tables.  ``known``: doubts that the second pass settled (DOUBTS), None
    without such a pass.  ``facts``: entries of the manifest that a merge adds or replaces.
    """
    case, catalog, generation = run.case, run.context.engine.catalog, run.worklist.generation
    sources, troubles = run.store.sources(), run.store.troubles()
    shards = {name: digest for s in sources for name, digest in s.outcome.files.items()}
    tabled = {} if run.part else _write_tables(run, sources, troubles, known)
    previous, ended = latest_manifest(case), now()
    content: dict[str, Any] = {
        "generation": generation,
        "previous": previous.sha256 if previous else None,
        "tool": tool_facts(),
        "settings": asdict(run.settings),
        "settings_sha256": run.settings.sha256,
        "corrections_sha256": run.overrides.sha256,
        "operator": run.options.operator,
        "case_number": run.options.case_number,
        "started": stamp(run.started),
        "finished": stamp(ended),
        "files": dict(sorted({**tabled, **shards}.items())),
        "empty": [
            table.name
            for table in SCAN_TABLES
            if f"{tables_folder(case, generation).name}/{table.name}.json" not in tabled
        ],
        "sources": [manifest_source(source) for source in sources],
        "troubles": troubles,
        "counters": _counters(sources, troubles),
        "mounts": _mounts(sources),
        "vocabulary": catalog.vocabulary_names,
        "whose": catalog.owner_classes,
        "roles": RoleClasses.of(catalog).rows(),
        "log": {"lines": run.log.head.lines, "sha256": run.log.head.sha256},
        **({"part": run.part} if run.part else {}),
        **facts,
    }
    return write_manifest(
        case,
        add_format(content),
        temporary=case / "tmp",
        mac_key=run.mac_key,
        announce=lambda sha256: run.log.append(
            "manifest", moment=ended, generation=generation, sha256=sha256
        ),
    )


def _write_tables(
    run: ScanRun,
    sources: Sequence[Source],
    troubles: Sequence[Mapping[str, Any]],
    known: pa.Table | None,
) -> dict[str, str]:
    """Write all tables of the run's generation; return file name in the case -> SHA-256."""
    case, catalog = run.case, run.context.engine.catalog
    folder = tables_folder(case, run.worklist.generation)
    errors = [*troubles, *(error for source in sources for error in source.outcome.errors)]
    parts = [part for source in sources for part in source.outcome.parts]
    names = [*(source.path for source in sources), *(each["member"] for each in (*parts, *errors))]
    display_names = masked_names(run.context.engine, names)
    files = _write_parquet_tables(
        folder,
        sources,
        troubles,
        display_names,
        known,
        key=run.context.secret,
        temporary=case / "tmp",
    )
    inputs = TableInputs(case, sources, troubles, display_names, catalog.owner_classes)
    words = Words("zh", catalog.vocabulary_names)
    files |= write_tables(SCAN_TABLES, build_tables(inputs), folder, words, temporary=case / "tmp")
    return {f"{folder.name}/{name}": sha256 for name, sha256 in files.items()}


def _write_parquet_tables(
    folder: Path,
    sources: Sequence[Source],
    troubles: Sequence[Mapping[str, Any]],
    display_names: Mapping[str, str],
    known: pa.Table | None,
    *,
    key: bytes,
    temporary: Path,
) -> dict[str, str]:
    """Write the tables sources, parts, errors, names, files and known as Parquet to ``folder``.

    Return file name -> SHA-256. A table without rows has no file. SQL joins them with findings.
    """
    make_private_folder(folder)
    remove_files(path for path in sorted(folder.iterdir()) if path.is_file())
    errors = [{"source": None, **trouble} for trouble in troubles]
    errors += [{"source": s.source, **e} for s in sources for e in s.outcome.errors]
    parts = [{"source": s.source, **p} for s in sources for p in s.outcome.parts]
    rows = {
        "sources": ([_source_row(s) for s in sources], SOURCES),
        "parts": ([{f.name: part[f.name] for f in PARTS} for part in parts], PARTS),
        "errors": (errors, ERRORS),
        "names": ([{"name": a, "shown": b} for a, b in display_names.items()], DISPLAY_NAMES),
    }
    tables = {name: pa.Table.from_pylist(*content) for name, content in rows.items()}
    shards = {name for s in sources for name in s.outcome.files if name.startswith("sendings/")}
    tables["files"] = build_files(
        sources, [folder.parent / name for name in sorted(shards)], key=key
    )
    if known is not None:
        tables["known"] = known
    return {
        f"{name}.parquet": write_table(folder / f"{name}.parquet", table, temporary=temporary)
        for name, table in tables.items()
        if table.num_rows
    }


def _source_row(source: Source) -> dict[str, Any]:
    """Return the SOURCES row of a source."""
    return {
        "source": source.source,
        "path": source.path,
        "size": source.size,
        "mtime": modification_time(source.mtime_ns),
        "sha256": source.outcome.sha256 or None,
        "sm3": source.outcome.sm3 or None,
        "state": source.state,
    }


def manifest_source(source: Source) -> dict[str, Any]:
    """Return a source as a manifest entry: identity, checksums, shards, counters, errors."""
    outcome = source.outcome
    return {
        **_source_row(source),
        "mtime": modification_time(source.mtime_ns).isoformat(),
        "place": source.absolute_path,
        "generation": source.generation,
        "files": dict(outcome.files),
        "parts": len(outcome.parts),
        "rows": sum(part["rows"] for part in outcome.parts),
        "hits": sum(entry[-1] for entry in outcome.counts),
        "errors": outcome.errors,
    }


def _mounts(sources: Sequence[Source]) -> dict[str, int]:
    """Return the number of sources on read-only, writable and unknown file systems."""
    kinds: Counter[str] = Counter()
    for source in sources:
        try:
            flags = os.statvfs(source.absolute_path).f_flag
        except (AttributeError, OSError):  # Windows has no statvfs; a source can be gone
            kinds["unknown"] += 1
        else:
            kinds["read_only" if flags & os.ST_RDONLY else "writable"] += 1
    return dict(sorted(kinds.items()))


def _counters(
    sources: Sequence[Source], troubles: Sequence[Mapping[str, Any]]
) -> dict[str, int | dict[str, int]]:
    """Return the manifest's totals: sources, states, bytes, parts, rows, hits, unread, changed."""
    errors = [*troubles, *(error for source in sources for error in source.outcome.errors)]
    return {
        "sources": len(sources),
        "states": dict(sorted(Counter(source.state for source in sources).items())),
        "bytes": sum(source.size for source in sources),
        "parts": sum(len(source.outcome.parts) for source in sources),
        "rows": sum(part["rows"] for source in sources for part in source.outcome.parts),
        "hits": sum(entry[-1] for source in sources for entry in source.outcome.counts),
        "unread": sum(bool(error["lost"]) for error in errors),
        "changed": sum(source.state == CHANGED for source in sources),
    }

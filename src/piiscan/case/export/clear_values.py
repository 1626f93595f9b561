"""Clear values: temporary files of unmasked findings in the case's ``tmp``, deleted after use.

A case does not store clear values, so its sources are scanned again with its settings. The digests
of the new findings must equal those in the case's shards. If they differ, the source, the rules or
the version changed.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Container, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from piiscan.case.count.subjects.record_batches import one_chunk
from piiscan.case.lookup.reread import check_unchanged
from piiscan.case.lookup.value_queries import case_engine, case_key, case_reading
from piiscan.case.scan.block_scanner import ScanContext, ScannedBlock, scan_block
from piiscan.case.scan.ordered_pool import map_ordered, worker_count
from piiscan.case.scan.settings import store_overrides
from piiscan.case.scan.source_reader import (
    BlockEvent,
    ReadEvent,
    SourceBegin,
    SourceEnd,
    read_sources,
)
from piiscan.case.store.case import Case
from piiscan.case.store.job_store import JobStore, Source
from piiscan.case.store.shards import ShardWriter, number_name
from piiscan.detect.catalog.catalog import Catalog
from piiscan.errors import CaseError
from piiscan.output_files import make_private_folder
from piiscan.schemas import FINDINGS
from piiscan.sources.archives.read_options import ReadOptions
from piiscan.tabular.column_overrides import ColumnOverrides

#: Name prefix of folders with clear values.
_FOLDER_PREFIX: Final = "clear-"


def check_sources(case: Case, *, source_numbers: Container[int] | None = None) -> None:
    """Raise CaseError if a source with findings is missing or has changed since the scan.

    The error names the first such source. ``source_numbers``: the sources to check; None for
    all.
    """
    shown = case.shown()
    with_findings = case.source_shards("findings")
    for each in case.manifest.content["sources"]:
        if each["source"] in with_findings and (
            source_numbers is None or each["source"] in source_numbers
        ):
            check_unchanged(each, display_name=shown.get(each["path"]))


@contextmanager
def clear_values(
    case: Case,
    job_store: JobStore,
    *,
    source_numbers: Container[int] | None = None,
) -> Iterator[list[Path]]:
    """Yield the paths of temporary files of unmasked findings (CLEAR_FINDINGS), one per source.

    Delete them on exit. The open ``job_store`` prevents other runs on the case. Raise CaseError for
    another key, other rules, other passwords or a source with other findings than the case has.
    """
    temporary = case.path / "tmp"
    make_private_folder(temporary)
    for stale in temporary.glob(f"{_FOLDER_PREFIX}*"):  # of a killed run
        shutil.rmtree(stale, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=_FOLDER_PREFIX, dir=temporary))
    try:
        corrections = store_overrides(job_store, None)
        yield clear_shards(case, folder, corrections, source_numbers=source_numbers)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


_COLUMNS = (
    "source", "member", "row", "record", "group", "column", "start", "role", "entity", "verdict",
    "masked",
)  # fmt: skip
#: Columns of findings with their clear values, from which a list is made.
CLEAR_FINDINGS = pa.schema(
    [
        *(FINDINGS.field(name) for name in _COLUMNS),
        ("digest", pa.binary(16)),
        ("value", pa.string()),
    ]
)
_COLUMNS_AND_DIGEST = [*_COLUMNS, "digest"]


def clear_shards(
    case: Case,
    folder: Path,
    corrections: ColumnOverrides,
    *,
    source_numbers: Container[int] | None = None,
    workers: int | None = None,
) -> list[Path]:
    """Scan the sources again and write their unmasked findings to ``folder``; return the files.

    There is one Parquet file per source. Passwords are not written. Raise CaseError naming a
    source whose findings differ from the case.

    Args:
        case: the case whose sources are scanned again.
        folder: folder of the new files.
        corrections: the column corrections of the case.
        source_numbers: the sources to scan; None for all.
        workers: number of scanning threads; None for one per processor.
    """
    shards = {
        number: path
        for number, path in case.source_shards("findings").items()
        if source_numbers is None or number in source_numbers
    }
    reading = case_reading(case, same=True)
    engine = case_engine(case)
    check_catalog(case, engine.catalog)
    context = ScanContext.as_scanned(case, engine, case_key(case), reveal=True)
    sources = [_source_of(each) for each in _manifest_sources(case) if each["source"] in shards]
    names = {each["source"]: each["path"] for each in _manifest_sources(case)}
    written = []
    by_source = _tables_by_source(sources, context, corrections, worker_count(workers), reading)
    for source, tables in by_source:
        path = folder / f"{number_name(source)}.parquet"
        if _write_shard(path, tables, folder) != _fingerprint(shards[source]):
            shown = case.shown().get(names[source], names[source])
            raise CaseError("export.other_findings", source=shown)
        written.append(path)
    return written


def check_catalog(case: Case, catalog: Catalog) -> None:
    """Raise CaseError if the case was made with other rules than ``catalog``."""
    if catalog.digest != case.manifest.content["settings"]["catalogue"]:
        raise CaseError("export.other_rules")


def _manifest_sources(case: Case) -> list[Mapping[str, Any]]:
    """Return the entries of all sources in the manifest."""
    return list(case.manifest.content["sources"])


def _source_of(entry: Mapping[str, Any]) -> Source:
    """Return the job store's :class:`Source` for an entry of the manifest."""
    return Source(
        entry["source"], entry["place"], entry["path"], entry["size"], 0, entry["generation"]
    )


def _tables_by_source(
    sources: Sequence[Source],
    context: ScanContext,
    corrections: ColumnOverrides,
    workers: int,
    options: ReadOptions,
) -> Iterator[tuple[int, Iterator[pa.Table]]]:
    """Yield (source number, its CLEAR_FINDINGS tables by block) for each source.

    The tables of a source must be read before the next source is requested.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="hashing") as hashing:
        events = read_sources(
            sources,
            context.engine,
            overrides=corrections,
            hashing=hashing,
            options=options,
        )
        done = map_ordered(partial(_scan_event, context=context), events, workers=workers)
        for event in done:
            if isinstance(event, SourceBegin):
                yield event.source.source, _tables_until_end(done)


def _tables_until_end(events: Iterator[Any]) -> Iterator[pa.Table]:
    """Yield a CLEAR_FINDINGS table per scanned block, up to the next SourceEnd event."""
    for event in events:
        if isinstance(event, ScannedBlock):
            yield _clear_table(event)
        elif isinstance(event, SourceEnd):
            return


def _scan_event(event: ReadEvent, context: ScanContext) -> Any:
    """Return the scanned block of a BlockEvent; return any other event unchanged.

    Return None if scanning fails again, as it did in the case.
    """
    if not isinstance(event, BlockEvent):
        return event
    try:
        return scan_block(event.block, event.layout, context)
    except Exception:  # noqa: BLE001  (the scan logged it; here it has no findings either)
        return None


def _clear_table(scanned: ScannedBlock) -> pa.Table:
    """Return the findings of a scanned block with their unmasked values as CLEAR_FINDINGS."""
    assert scanned.clear is not None
    columns = [scanned.findings[name] for name in _COLUMNS_AND_DIGEST]
    return pa.Table.from_arrays([*columns, scanned.clear["value"]], schema=CLEAR_FINDINGS)


def _write_shard(path: Path, tables: Iterator[pa.Table], temporary: Path) -> str:
    """Write the tables to ``path``; return the SHA-256 of their digests."""
    digest = hashlib.sha256()
    with (
        ThreadPoolExecutor(1, thread_name_prefix="writing") as pool,
        ShardWriter(path, CLEAR_FINDINGS, temporary=temporary, pool=pool) as writer,
    ):
        for table in tables:
            digest.update(_digest_bytes(table["digest"]))
            writer.add(table)
        writer.close()
    return digest.hexdigest()


def _fingerprint(shard: Path) -> str:
    """Return the SHA-256 over the value digests in the findings shard ``shard``."""
    digest = hashlib.sha256()
    with pq.ParquetFile(shard) as file:
        for group in range(file.num_row_groups):
            digest.update(_digest_bytes(file.read_row_group(group, ["digest"])["digest"]))
    return digest.hexdigest()


def _digest_bytes(column: pa.ChunkedArray) -> bytes:
    """Return the bytes of a digest column, 16 per row."""
    flat = one_chunk(column)
    data = np.frombuffer(flat.buffers()[1] or b"", np.uint8)
    return data[16 * flat.offset : 16 * (flat.offset + len(flat))].tobytes()

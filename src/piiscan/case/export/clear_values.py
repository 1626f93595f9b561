"""Clear values: temporary files of unmasked findings in the case's ``tmp``, deleted after use.

A case does not store clear values, so its sources are scanned again with its settings. The digests
of the new findings must equal those in the case's shards. If they differ, the source, the rules or
the version changed.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Container, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from piiscan.case.count.subjects.record_batches import one_chunk
from piiscan.case.lookup.reread import check_unchanged
from piiscan.case.lookup.value_queries import case_engine, case_key, case_reading
from piiscan.case.scan.block_scanner import ScanContext, ScannedBlock
from piiscan.case.scan.settings import store_overrides
from piiscan.case.scan.source_reader import ScannedEvent, SourceBegin, SourceEnd, scan_sources
from piiscan.case.store.case import Case
from piiscan.case.store.job_store import JobStore, Source
from piiscan.case.store.shard_runs import number_name
from piiscan.case.store.shards import ShardWriter, read_by_source
from piiscan.detect.catalog.catalog import Catalog
from piiscan.errors import CaseError
from piiscan.output_files import temporary_folder
from piiscan.schemas import FINDINGS

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
    case: Case, job_store: JobStore, *, source_numbers: Container[int] | None = None
) -> Iterator[list[Path]]:
    """Yield the paths of temporary files of unmasked findings (CLEAR_FINDINGS), one per source.

    Delete them on exit. The open ``job_store`` prevents other runs on the case. Raise CaseError for
    another key, other rules, other passwords or a source with other findings than the case has.
    Passwords are not written. ``source_numbers``: the sources to scan; None for all.
    """
    temporary = case.path / "tmp"
    for stale in temporary.glob(f"{_FOLDER_PREFIX}*"):  # of a killed run
        shutil.rmtree(stale, ignore_errors=True)
    with temporary_folder(temporary, _FOLDER_PREFIX) as folder:
        overrides = store_overrides(job_store, None)
        shards = {
            number: path
            for number, path in case.source_shards("findings").items()
            if source_numbers is None or number in source_numbers
        }
        reading = case_reading(case, same=True)
        engine = case_engine(case)
        check_catalog(case, engine.catalog)
        context = ScanContext.as_scanned(case, engine, case_key(case), reveal=True)
        sources = [
            Source(each["source"], each["place"], each["path"], each["size"], 0, each["generation"])
            for each in case.manifest.content["sources"]
            if each["source"] in shards
        ]
        stored = _fingerprints(dict.fromkeys(shards.values()))
        written = []
        events = scan_sources(sources, context, overrides=overrides, options=reading)
        for event in events:
            if isinstance(event, SourceBegin):
                number = event.source.source
                path = folder / f"{number_name(number)}.parquet"
                if _write_shard(path, _tables_until_end(events), folder) != stored[number]:
                    raise CaseError("export.other_findings", source=case.source_names()[number])
                written.append(path)
        yield written


def check_catalog(case: Case, catalog: Catalog) -> None:
    """Raise CaseError if the case was made with other rules than ``catalog``."""
    if catalog.digest != case.manifest.content["settings"]["catalogue"]:
        raise CaseError("export.other_rules")


def _tables_until_end(events: Iterator[ScannedEvent]) -> Iterator[pa.Table]:
    """Yield a CLEAR_FINDINGS table per scanned block, up to the next SourceEnd event."""
    for event in events:
        if isinstance(event, ScannedBlock):
            assert event.clear is not None
            columns = [event.findings[name] for name in _COLUMNS_AND_DIGEST]
            yield pa.Table.from_arrays([*columns, event.clear["value"]], schema=CLEAR_FINDINGS)
        elif isinstance(event, SourceEnd):
            return


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


def _fingerprints(shards: Iterable[Path]) -> dict[int, str]:
    """Return source -> SHA-256 over its value digests in the findings ``shards``."""
    found: dict[int, Any] = {}
    for shard in shards:
        for number, rows in read_by_source(shard, ["source", "digest"]):
            found.setdefault(number, hashlib.sha256()).update(_digest_bytes(rows["digest"]))
    return {number: digest.hexdigest() for number, digest in found.items()}


def _digest_bytes(column: pa.ChunkedArray) -> bytes:
    """Return the bytes of a digest column, 16 per row."""
    flat = one_chunk(column)
    data = np.frombuffer(flat.buffers()[1] or b"", np.uint8)
    return data[16 * flat.offset : 16 * (flat.offset + len(flat))].tobytes()

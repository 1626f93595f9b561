"""Sources of a case examined once more, for the values that a case does not keep.

Everything is as when the case was made, and proves it: the findings must have the digests that the
case's shards have, else the source, the rules or the version are others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from piiscan.case.count.subjects.record_batches import whole
from piiscan.case.lookup.value_queries import engine_of, secret_of
from piiscan.case.scan.block.records import Counting
from piiscan.case.scan.block_scanner import Examined, Kit, examine
from piiscan.case.scan.events import Begin, End, Event, Work
from piiscan.case.scan.ordered_pool import ordered, worker_count
from piiscan.case.scan.source_reader import read_sources
from piiscan.case.store.case import Case
from piiscan.case.store.job_store import Source
from piiscan.case.store.shards import ShardWriter
from piiscan.detect.catalog.catalog import Catalog
from piiscan.errors import CaseError
from piiscan.schemas import FINDINGS
from piiscan.tabular.column_overrides import Corrections
from piiscan.tabular.search import TableSearch

_KEPT = (
    "source", "member", "row", "record", "group", "column", "start", "role", "entity", "verdict",
    "masked",
)  # fmt: skip
#: Findings with their clear values: what a list is made of.
CLEARED = pa.schema(
    [
        *(FINDINGS.field(name) for name in _KEPT),
        ("digest", pa.binary(16)),
        ("value", pa.string()),
    ]
)
_NAMES = [*_KEPT, "digest"]


def clear_shards(
    case: Case,
    folder: Path,
    corrections: Corrections,
    *,
    key: str | Path | None,
    recognizers: Path | None = None,
    only: Container[int] | None = None,
    workers: int | None = None,
) -> list[Path]:
    """CLEARED, a Parquet file a source in ``folder``, for every source that has findings.

    ``corrections``: those of columns that the case has; ``only``: the sources that are wanted (None
    for all).  CaseError naming the source if it gives
    other findings than the case holds.  No passwords.
    """
    held = {int(path.stem[:6]): path for path in case.shards("findings")}
    shards = {n: path for n, path in held.items() if only is None or n in only}
    settings = case.manifest.content["settings"]
    engine = engine_of(case, recognizers=recognizers)
    check_catalog(case, engine.catalog)
    search = TableSearch(engine, settings["min_score"], settings["names"], reveal=True)
    kit = Kit(search, secret_of(case, key), Counting.of(engine.catalog))
    sources = [_source(each) for each in _listed(case) if each["source"] in shards]
    names = {each["source"]: each["path"] for each in _listed(case)}
    made = []
    for source, tables in _by_source(sources, kit, corrections, worker_count(workers)):
        path = folder / f"{source:06d}.parquet"
        if _write(path, tables, folder) != _fingerprint(shards[source]):
            shown = case.shown().get(names[source], names[source])
            raise CaseError(
                f"the source {shown} gives other findings than the case holds; use the original,"
                " and the version and rules that the case was made with"
            )
        made.append(path)
    return made


def check_catalog(case: Case, catalog: Catalog) -> None:
    """Nothing; CaseError if the case was made with other rules."""
    if catalog.digest != case.manifest.content["settings"]["catalogue"]:
        raise CaseError(
            "the case was made with other rules than these; give the same ones (--recognizers)"
        )


def _listed(case: Case) -> list[Mapping[str, Any]]:
    return list(case.manifest.content["sources"])


def _source(each: Mapping[str, Any]) -> Source:
    return Source(each["source"], each["place"], each["path"], each["size"], 0, each["generation"])


def _by_source(
    sources: Sequence[Source], kit: Kit, corrections: Corrections, workers: int
) -> Iterator[tuple[int, Iterator[pa.Table]]]:
    """Each source with its CLEARED tables in order; they must be taken before the next one."""
    with ThreadPoolExecutor(1, thread_name_prefix="hashing") as hashing:
        events = read_sources(sources, kit.engine, corrections=corrections, hashing=hashing)
        done = ordered(partial(_examined, kit=kit), events, workers=workers)
        for event in done:
            if isinstance(event, Begin):
                yield event.source.source, _tables(done)


def _tables(events: Iterator[Any]) -> Iterator[pa.Table]:
    for event in events:
        if isinstance(event, Examined):
            yield _cleared(event)
        elif isinstance(event, End):
            return


def _examined(event: Event, kit: Kit) -> Any:
    """What is found in a block; any other event as it is, None where examining fails again."""
    if not isinstance(event, Work):
        return event
    try:
        return examine(event.block, event.frame, kit)
    except Exception:  # noqa: BLE001  (as in the scan: told there, and without findings here too)
        return None


def _cleared(examined: Examined) -> pa.Table:
    assert examined.clear is not None
    columns = [examined.findings[name] for name in _NAMES]
    return pa.Table.from_arrays([*columns, examined.clear["value"]], schema=CLEARED)


def _write(path: Path, tables: Iterator[pa.Table], temporary: Path) -> str:
    """The fingerprint of the digests written."""
    seen = hashlib.sha256()
    with (
        ThreadPoolExecutor(1, thread_name_prefix="writing") as pool,
        ShardWriter(path, CLEARED, temporary=temporary, pool=pool) as writer,
    ):
        for table in tables:
            seen.update(_bytes(table["digest"]))
            writer.add(table)
        writer.close()
    return seen.hexdigest()


def _fingerprint(shard: Path) -> str:
    """The fingerprint of the digests of a shard, in order."""
    seen = hashlib.sha256()
    with pq.ParquetFile(shard) as file:
        for group in range(file.num_row_groups):
            seen.update(_bytes(file.read_row_group(group, ["digest"])["digest"]))
    return seen.hexdigest()


def _bytes(column: pa.ChunkedArray) -> bytes:
    flat = whole(column)
    data = np.frombuffer(flat.buffers()[1] or b"", np.uint8)
    return data[16 * flat.offset : 16 * (flat.offset + len(flat))].tobytes()

"""CANDIDATES of a whole case as a Parquet file of a count."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from piiscan.case.count.subjects.record_subjects import Desk, Source, candidates
from piiscan.case.store.shards import ShardWriter, write_table
from piiscan.schemas import CANDIDATES


def gather(sources: Sequence[Source], desk: Desk, path: Path, *, temporary: Path) -> None:
    """Write CANDIDATES of all sources to ``path``, in their order."""
    with (
        ThreadPoolExecutor(1, thread_name_prefix="writing") as pool,
        ShardWriter(path, CANDIDATES, temporary=temporary, pool=pool) as writer,
    ):
        for source in sources:
            for table in candidates(source, desk):
                writer.add(table)
        if writer.close() is None:
            write_table(path, CANDIDATES.empty_table(), temporary=temporary)

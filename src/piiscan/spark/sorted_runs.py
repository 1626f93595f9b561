"""Sorted runs: workers write rows of a case to files, and the driver merges these by row number.

Spark itself would sort millions of wide rows one by one, at ten times the cost of their search.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from piiscan.output_files import open_private
from piiscan.spark.table_records import KINDS, RecordsJob

#: Rows of a run, and of a merged table, about.
_ROWS: Final = 400_000
#: Result of a job, for Spark: kind, file of the run, and number of rows.
RUN_COLUMNS: Final = "kind string, file string, rows long"
_ORDER: Final = [("row", "ascending"), ("at", "ascending")]


@dataclass(frozen=True, slots=True)
class RunsJob:
    """Writing of result rows as sorted runs to ``folder``; of ``records``, if given, found here."""

    folder: str
    records: RecordsJob | None = None

    def run(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield kind, file and number of rows of each run; of kind ``rows``, rows of the table."""
        waiting: dict[str, list[pa.Table]] = {kind: [] for kind in KINDS}
        total, made = 0, []
        for batch in batches if self.records is None else self.records.run(batches):
            rows = pa.Table.from_batches([batch])
            for kind in pc.unique(batch.column("kind")).to_pylist():
                chosen = rows.filter(pc.equal(rows["kind"], kind))
                if kind == "rows":
                    total += pc.sum(chosen["record"]).as_py()
                    continue
                waiting[kind].append(chosen.select(["at", *run_names(kind)]))
                if sum(map(len, waiting[kind])) >= _ROWS:
                    made.append(self._write(kind, waiting[kind]))
        made += [self._write(kind, tables) for kind, tables in waiting.items() if tables]
        made.append({"kind": "rows", "file": "", "rows": total})
        yield pa.RecordBatch.from_pylist(made)

    def _write(self, kind: str, tables: list[pa.Table]) -> dict[str, str | int]:
        """Write the tables as one run, and clear them; return its row of the result."""
        rows = pa.concat_tables(tables).sort_by(_ORDER)
        tables.clear()
        path = Path(self.folder, f"{kind}-{uuid.uuid4().hex}")
        with open_private(path) as out, pa.ipc.new_file(out, rows.schema) as writer:
            writer.write_table(rows)
        return {"kind": kind, "file": os.fspath(path), "rows": len(rows)}


def run_names(kind: str) -> list[str]:
    """Return the columns of a run besides ``at``."""
    return [each for each in KINDS[kind].names if each != "source"]


def merge_runs(files: Sequence[str]) -> Iterator[pa.Table]:
    """Yield the rows of all runs in the order of row number and place, in tables of some size."""
    runs = [pa.ipc.open_file(pa.memory_map(file)).read_all() for file in sorted(files)]
    numbers = [run["row"].to_numpy() for run in runs]
    step = 1000
    sample = np.sort(np.concatenate([each[::step] for each in numbers] or [np.empty(0, np.int64)]))
    edges = np.unique(sample[:: _ROWS // step])
    cuts = [
        [0, *np.searchsorted(each, edges[1:]).tolist(), len(each)] if len(each) else []
        for each in numbers
    ]
    for at in range(len(edges)):
        pieces = [
            run.slice(cut[at], cut[at + 1] - cut[at]) for run, cut in zip(runs, cuts, strict=True)
        ]
        yield pa.concat_tables(pieces).sort_by(_ORDER)

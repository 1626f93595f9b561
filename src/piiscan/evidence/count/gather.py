"""CANDIDATES of a whole case, and its persons, as Parquet files of a count."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from piiscan.evidence.count.batches import digest_words, whole
from piiscan.evidence.count.candidates import PASSED, Desk, Source, candidates
from piiscan.evidence.count.persons import Persons, Ties, persons
from piiscan.evidence.shards import ShardWriter, write_table
from piiscan.schemas import CANDIDATES

#: What ties records to one person, strongest first.
_TIES: Final = ("identity", "mobile", "account")


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


def write_persons(candidates_path: Path, path: Path, *, temporary: Path) -> Persons:
    """Write which person each record that passes is taken to be of, to ``path``; and give it."""
    with pq.ParquetFile(candidates_path) as file:
        columns = ["record", "main", "step", "bare", "data", "excluded", "name", "key", *_TIES]
        table = file.read(columns)
    kept = _flags(table["main"]) & (table["step"].to_numpy() == PASSED) & ~_flags(table["bare"])
    kept &= _flags(table["data"]) & _flags(table["excluded"].is_null())
    places = pa.array(np.flatnonzero(kept))
    few = table.select(["record", "name", "key", *_TIES]).take(places)
    present = {kind: _flags(few[kind].is_valid()) for kind in ("name", *_TIES)}
    values = {kind: few[kind].fill_null(0).to_numpy() for kind in ("name", *_TIES)}
    keys = {"key": digest_words(whole(few["key"]))[:, 0]}  # every record that passes has one
    always = {"key": np.ones(len(few), np.bool_)}
    ties = Ties(keys | {k: values[k] for k in _TIES}, always | {k: present[k] for k in _TIES})
    found = persons(ties, values["name"], present["name"])
    told = pa.table({"record": few["record"], "person": pa.array(found.person)})
    write_table(path, told, temporary=temporary)
    return found


def _flags(column: Any) -> Any:
    return whole(column).to_numpy(zero_copy_only=False)

"""Persons (U4): records that share an identity number, a phone or an account belong together.

An estimate, and called so everywhere: two people can share a phone, one person can have two of
everything.  A phone or account beside more names than ``HUB_NAMES`` (a shop's, a courier's, a
shared host) ties nobody together.

DuckDB sorts, and spills into the case; in memory there is one whole number a record that passes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from piiscan.arrays import Int64
from piiscan.case.count.count_database import MEMORY
from piiscan.case.store.connection import connect, literal
from piiscan.case.store.shards import ShardWriter, write_table
from piiscan.jit import kernel

Parents = npt.NDArray[np.integer[Any]]

#: What ties records together; what is one person's whatever names stand beside it comes first.
TIES: Final = ("key", "identity", "mobile", "account")
_OWN: Final = ("key", "identity")
#: Names beside one phone or account beyond which it is nobody's own.
HUB_NAMES: Final = 5
#: Which person each record that passes is taken to be of, from 0 in order of their first records.
PERSONS: Final = pa.schema([("record", pa.int64()), ("person", pa.int64())])

_PASSED: Final = """
create temp table passing as
select (row_number() over (order by record) - 1) as n, record, name, key, identity, mobile, account
from read_parquet({candidates})
where main and step = 3 and not bare and data and excluded is null
"""
#: Records that have a tie in common with an earlier one, and the first that has it.
_TIED: Final = """
select n, first from (
  select n, min(n) over (partition by {kind}) as first from passing p
  where {kind} is not null and {free}
) where first < n
"""
_FREE: Final = """
{kind} not in (
  select {kind} from passing where {kind} is not null and name is not null
  group by 1 having count(distinct name) > {most}
)
"""


def write_persons(candidates: Path, path: Path, *, temporary: Path) -> None:
    """Write PERSONS of the records in ``candidates`` (a file of CANDIDATES) to ``path``."""
    with connect(temporary, memory=MEMORY) as base:
        base.execute(_PASSED.format(candidates=literal(candidates)))
        ((count,),) = base.execute("select count(*) from passing").fetchall()
        parents: Parents = np.arange(count, dtype=np.int32 if count < 1 << 31 else np.int64)
        for kind in TIES:
            free = "true" if kind in _OWN else _FREE.format(kind=kind, most=HUB_NAMES)
            for n, first in _columns(base, _TIED.format(kind=kind, free=free)):
                tie(parents, n, first)
        number(parents)
        _write(base, parents, path, temporary)


def _columns(base: Any, query: str) -> Iterator[tuple[Int64, ...]]:
    """The columns of a query's answer, some of its rows at a time."""
    for batch in pa.RecordBatchReader.from_stream(base.sql(query)):
        yield tuple(column.to_numpy() for column in batch.columns)


def _write(base: Any, persons: Parents, path: Path, temporary: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with (
        ThreadPoolExecutor(1, thread_name_prefix="writing") as pool,
        ShardWriter(path, PERSONS, temporary=temporary, pool=pool) as writer,
    ):
        at = 0
        for (record,) in _columns(base, "select record from passing order by n"):
            person = persons[at : at + len(record)].astype(np.int64)
            writer.add(pa.table([record, person], schema=PERSONS))
            at += len(record)
        if writer.close() is None:
            write_table(path, PERSONS.empty_table(), temporary=temporary)


@kernel
def _root(parents: Parents, node: int) -> int:  # pragma: no cover - compiled
    while parents[node] != node:
        parents[node] = parents[parents[node]]
        node = parents[node]
    return node


@kernel
def tie(parents: Parents, n: Parents, first: Parents) -> None:  # pragma: no cover - compiled
    """Tie each record of ``n`` to the one beside it in ``first``; the earliest is root."""
    for i in range(len(n)):
        one, two = _root(parents, n[i]), _root(parents, first[i])
        parents[max(one, two)] = min(one, two)


@kernel
def number(parents: Parents) -> None:  # pragma: no cover - compiled
    """Make trees into numbers from 0, in order of their roots, in place."""
    new = 0
    for i in range(len(parents)):
        if parents[i] == i:
            parents[i] = new
            new += 1
        else:  # its parent stands before it, and has the number of the tree already
            parents[i] = parents[parents[i]]

"""Person linking (U4): subjects who share an identity number, a phone or an account are one person.

``张三 13800138000`` and ``张先生 13800138000 -> one person``. The result is an estimate and is
called so everywhere: two people can share a phone, and one person can have two. A phone or account
with more than ``HUB_NAMES`` names (a shop's, a courier's) links only people of the same name. So
does that of a contact or another side person of a record.

DuckDB sorts and spills into the case. In memory there is one whole number per subject, in a
union-find forest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from piiscan.arrays import Int64
from piiscan.case.count.count_database import PERSONS
from piiscan.case.count.count_kernels import link_subjects, number_persons

Parents = npt.NDArray[np.integer[Any]]

#: Columns that link subjects. The first two link whatever names the subjects have.
LINK_COLUMNS: Final = ("key", "identity", "mobile", "account")
_UNSHARED: Final = ("key", "identity")
#: Columns whose values also link side subjects, together with the name.
_LINKED_BY_NAME: Final = ("mobile", "account")
#: Most names of a phone or account that links records; with more it is a shared one.
HUB_NAMES: Final = 5

_PASSING: Final = """
create temp table passing as
select (row_number() over (order by subject) - 1) as n, subject, side, name, key, identity, mobile,
       account
from candidates
where counted and step = 3 and not bare and data and excluded is null
"""
#: SQL: phones or accounts with too many names.
_SHARED: Final = f"""
select '{{kind}}' as kind, {{kind}} as value from passing
where not side and {{kind}} is not null and name is not null
group by {{kind}} having count(distinct name) > {HUB_NAMES}
"""
#: SQL: subjects with the same value as an earlier subject, and the first subject with it.
_LINKED: Final = """
select n, first from (
  select n, min(n) over (partition by {kind}) as first from passing p
  where {value} is not null and {free}
) where first < n
"""
_NOT_SHARED: Final = "not side and {kind} not in (select value from shared where kind = '{kind}')"
_NAMED: Final = "name is not null and ({all} or {kind} in (select value from shared))"


def link_persons(connection: Any) -> Iterator[pa.Table]:
    """Yield PERSONS (subject, person number) of the view ``candidates``, by subject."""
    connection.execute(_PASSING)
    ((count, sides),) = connection.execute(
        "select count(*), count(*) filter (side) from passing"
    ).fetchall()
    shared = " union all ".join(_SHARED.format(kind=kind) for kind in _LINKED_BY_NAME)
    connection.execute(f"create temp table shared as {shared}")
    ((hubs,),) = connection.execute("select count(*) from shared").fetchall()
    links = [
        (kind, kind, "true" if kind in _UNSHARED else _NOT_SHARED.format(kind=kind))
        for kind in LINK_COLUMNS
    ]
    if sides or hubs:
        links += [
            (f"{kind}, name", kind, _NAMED.format(kind=kind, all=sides > 0))
            for kind in _LINKED_BY_NAME
        ]
    queries = [_LINKED.format(kind=kind, value=value, free=free) for kind, value, free in links]
    parents = link_values(connection, count, queries if count > 1 else ())
    offset = 0
    for (subject,) in _column_batches(connection, "select subject from passing order by n"):
        person = parents[offset : offset + len(subject)].astype(np.int64)
        yield pa.table([subject, person], schema=PERSONS)
        offset += len(subject)
    connection.execute("drop table passing; drop table shared")


def link_values(connection: Any, count: int, queries: Iterable[str]) -> Parents:
    """Return the person number of each of ``count`` rows, from 0.

    ``queries``: SQL of a row, from 0, and the first row with the same value.
    """
    parents: Parents = np.arange(count, dtype=np.int32 if count < 1 << 31 else np.int64)
    for query in queries:
        for linked, first in _column_batches(connection, query):
            link_subjects(parents, linked, first)
    number_persons(parents)
    return parents


def _column_batches(connection: Any, query: str) -> Iterator[tuple[Int64, ...]]:
    """Yield one tuple of NumPy columns (``int64[rows]``) per batch of the query's result."""
    for batch in pa.RecordBatchReader.from_stream(connection.sql(query)):
        yield tuple(column.to_numpy() for column in batch.columns)

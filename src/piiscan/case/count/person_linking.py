"""Person linking (U4): subjects who share an identity number, a phone or an account are one person.

``张三 13800138000`` and ``张先生 13800138000 -> one person``. The result is an estimate and is
called so everywhere: two people can share a phone, and one person can have two. A phone or account
with more than ``HUB_NAMES`` names (a shop's, a courier's) links only people of the same name. So
does that of a contact or another side person of a record.

Subjects of one value are linked part by part of the values. In memory there is one whole number
per subject, in a union-find forest, which joins the parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from piiscan.case.count.count_database import PERSONS
from piiscan.case.count.count_kernels import link_subjects, number_persons
from piiscan.case.count.parted_database import PartedDatabase

Parents = npt.NDArray[np.integer[Any]]

#: Columns that link subjects. The first two link whatever names the subjects have.
LINK_COLUMNS: Final = ("key", "identity", "mobile", "account")
_UNSHARED: Final = ("key", "identity")
#: Columns whose values also link side subjects, together with the name.
_LINKED_BY_NAME: Final = ("mobile", "account")
#: Subjects whose persons are stored at once.
_BATCH: Final = 65_536
#: Most names of a phone or account that links records; with more it is a shared one.
HUB_NAMES: Final = 5

_PASSING: Final = """
create temp view passing as
select subject, side, name, key, identity, mobile, account from candidates
where counted and step = 3 and not bare and data and excluded is null
"""
#: SQL: phones or accounts with too many names.
_SHARED: Final = f"""
select '{{kind}}' as kind, {{kind}} as value from passing
where not side and name is not null and part({{kind}}) and {{kind}} in (
    select {{kind}} from passing where not side and {{kind}} is not null and part({{kind}})
    group by {{kind}} having min(name) <> max(name))
group by {{kind}} having count(distinct name) > {HUB_NAMES}
"""
#: SQL: subjects with the same value as an earlier subject, and the first subject with it.
_LINKED: Final = """
select subject, first from (
  select subject, min(subject) over (partition by {kind}) as first from passing p
  where {value} is not null and {free} and part({value})
) where first < subject
"""
_NOT_SHARED: Final = "not side and {kind} not in (select value from shared where kind = '{kind}')"
_NAMED: Final = "name is not null and ({all} or {kind} in (select value from shared))"


def link_persons(connection: PartedDatabase) -> Iterator[pa.Table]:
    """Yield PERSONS (subject, person number) of the view ``candidates``, by subject."""
    connection.execute(_PASSING)
    ((count, sides, nodes),) = connection.execute(
        "select count(*), count(*) filter (side), coalesce(max(subject), -1) + 1 from passing"
    ).fetchall()
    shared = " union all ".join(_SHARED.format(kind=kind) for kind in _LINKED_BY_NAME)
    connection.create(f"create temp table shared as {shared}")
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
    parents: Parents = np.full(nodes, -1, _node_type(nodes))

    def set_own(batch: pa.RecordBatch) -> None:
        """Set the parent of each subject of ``batch`` to the subject itself."""
        subject = batch.column(0).to_numpy()
        parents[subject] = subject

    connection.read("select subject from passing", set_own)
    link_values(connection, parents, queries if count > 1 else ())
    for first in range(0, nodes, _BATCH):
        person = parents[first : first + _BATCH].astype(np.int64)
        subject = np.flatnonzero(person >= 0)
        yield pa.table([subject + first, person[subject]], schema=PERSONS)
    connection.execute("drop view passing; drop table shared")


def link_values(connection: PartedDatabase, parents: Parents, queries: Iterable[str]) -> None:
    """Replace each entry of ``parents`` by the number of its person, from 0; -1 stays.

    Args:
        connection: the count database.
        parents: the row itself for each row of a person, -1 for others.
        queries: SQL of a row, from 0, and the first row with the same value.
    """

    def link(batch: pa.RecordBatch) -> None:
        """Link the rows of ``batch``."""
        link_subjects(parents, *(column.to_numpy() for column in batch.columns))

    for query in queries:
        connection.read(query, link)
    number_persons(parents)


def own_parents(count: int) -> Parents:
    """Return ``parents`` of ``count`` rows that are linked to no other."""
    return np.arange(count, dtype=_node_type(count))


def _node_type(count: int) -> Any:
    """Return the type of the numbers of ``count`` rows."""
    return np.int32 if count < 1 << 31 else np.int64

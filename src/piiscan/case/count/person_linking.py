"""Person linking (U4): subjects who share an identity number, a phone or an account are one person.

``张三 13800138000`` and ``张先生 13800138000 -> one person``. The result is an estimate and is
called so everywhere: two people can share a phone, and one person can have two. A phone or account
with more than ``HUB_NAMES`` names (a shop's, a courier's) links only people of the same name. So
does that of a contact or another side person of a record.

Subjects are linked file by file of the values (:class:`DigestRows`). In memory there is one whole
number per subject, in a union-find forest, which joins the files.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from piiscan.arrays import Int64, UInt64
from piiscan.case.count.count_database import PERSONS
from piiscan.case.count.count_kernels import link_subjects, number_persons
from piiscan.case.count.parted_database import PartedDatabase
from piiscan.hashing.digest_rows import DigestRows, node_type, starts_value, whole_digests

Parents = npt.NDArray[np.integer[Any]]

#: Values that link all subjects who have one, and those that link side subjects and the subjects
#: of a shared one only together with the name.
_UNSHARED: Final = ("key", "identity")
_LINKED_BY_NAME: Final = ("mobile", "account")
#: Columns that link subjects.
LINK_COLUMNS: Final = (*_UNSHARED, *_LINKED_BY_NAME)
#: Subjects whose persons are stored at once.
_BATCH: Final = 65_536
#: Most names of a phone or account that links records; with more it is a shared one.
HUB_NAMES: Final = 5
#: Bits below the number of a subject in its row: it has a name, and it is a side subject.
_NAMED, _SIDE, _BITS = np.uint64(1), np.uint64(2), np.uint64(2)

_PASSING: Final = """
select {columns} from candidates
where counted and step = 3 and not bare and data and excluded is null
"""


def link_persons(connection: PartedDatabase) -> Iterator[pa.Table]:
    """Yield PERSONS (subject, person number) of the view ``candidates``, by subject."""
    columns = ", ".join(f"count({kind})" for kind in LINK_COLUMNS)
    ((nodes, *counts),) = connection.execute(
        _PASSING.format(columns=f"coalesce(max(subject), -1) + 1, {columns}")
    ).fetchall()
    parents: Parents = np.full(nodes, -1, node_type(nodes))

    def set_own(batch: pa.RecordBatch) -> None:
        """Set the parent of each subject of ``batch`` to the subject itself."""
        subject = batch.column(0).to_numpy()
        parents[subject] = subject

    connection.read(_PASSING.format(columns="subject"), set_own)
    for kind, count in zip(LINK_COLUMNS, counts, strict=True):
        if count > 1:
            _link_column(connection, parents, kind, count)
    number_persons(parents)
    for first in range(0, nodes, _BATCH):
        person = parents[first : first + _BATCH].astype(np.int64)
        subject = np.flatnonzero(person >= 0)
        yield pa.table([subject + first, person[subject]], schema=PERSONS)


def _link_column(connection: PartedDatabase, parents: Parents, kind: str, count: int) -> None:
    """Link the subjects that share a value of the column ``kind``, of which there are ``count``."""
    files = DigestRows(connection.folder, count, connection.memory.arrays)
    by_name = kind in _LINKED_BY_NAME

    def distribute(batch: pa.RecordBatch) -> None:
        """Add the values of a batch to the files: two words, and the subject with its bits."""
        subject = batch["subject"].to_numpy().astype(np.uint64) << _BITS
        if kind == "key":
            words, valid = whole_digests(batch["key"])
            files.add(np.column_stack((words, subject[valid])))
            return
        second = np.zeros(len(subject), np.uint64)
        if by_name:
            names = batch["name"]
            second = names.fill_null(0).to_numpy()
            subject |= np.where(names.is_valid().to_numpy(zero_copy_only=False), _NAMED, 0)
            subject |= np.where(batch["side"].to_numpy(zero_copy_only=False), _SIDE, 0)
        files.add(np.column_stack((batch[kind].to_numpy(), second, subject)))

    columns = f"{kind}, subject, name, side" if by_name else f"{kind}, subject"
    connection.read(_PASSING.format(columns=columns) + f" and {kind} is not null", distribute)
    for rows in files.sorted():
        if by_name:
            _link_named(parents, rows)
        else:
            _link_equal(parents, rows, 2)


def _link_named(parents: Parents, rows: UInt64) -> None:
    """Link the subjects of one value, unless it is shared, and those of one value and name.

    ``rows``: value, name and subject, in their order. A side subject is linked by its name only.
    """
    named, side = ((rows[:, 2] & bit) > 0 for bit in (_NAMED, _SIDE))
    value = np.cumsum(starts_value(rows, 1)) - 1
    own = named & ~side
    names = np.bincount(value[own][starts_value(rows[own], 2)], minlength=len(rows))
    _link_equal(parents, rows[~side & (names[value] <= HUB_NAMES)], 1)
    _link_equal(parents, rows[named], 2)


def _link_equal(parents: Parents, rows: UInt64, words: int) -> None:
    """Link the subjects of rows whose first ``words`` words are equal."""
    subject: Int64 = (rows[:, 2] >> _BITS).astype(np.int64)
    same = ~starts_value(rows, words)
    link_subjects(parents, subject[same], subject[np.flatnonzero(same) - 1])

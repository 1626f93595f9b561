"""The table ``passed``: the subjects of step R3, with numbers of key, row, content and person.

Equal digests have one number; files of them are sorted one after the other
(:class:`DigestRows`). In memory there are at most two whole numbers for each subject.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from piiscan.arrays import Int
from piiscan.case.count.parted_database import PartedDatabase
from piiscan.hashing.digest_rows import (
    DigestRows,
    node_type,
    number_digests,
    starts_value,
    whole_digests,
)

_PASSING: Final = """
select {columns} from people where counts and counted and step = 3
"""
_DIGESTS: Final = "subject, bare, hash(key_kind) as kind, key, row_digest, content_digest"
_COLUMNS: Final = "subject, record, main, place, headline, business, bare"
#: Columns of ``passed`` that are numbers of values, and the type of all that ``people`` has.
_NUMBERS: Final = ("key_no", "row_no", "content_no", "person")
_PASSED: Final = pa.schema(
    [
        ("subject", pa.int64()),
        ("record", pa.int64()),
        ("main", pa.bool_()),
        ("place", pa.int32()),
        ("headline", pa.bool_()),
        ("business", pa.bool_()),
        *((name, pa.int32()) for name in _NUMBERS),
    ]
)
#: Keys of the other subjects whose key passes: a lone phone.
_BARE: Final = pa.schema([("subject", pa.int64()), ("key_no", pa.int32())])
#: Subjects whose contents are replaced at once.
_BATCH: Final = 1 << 20


def create_passed(connection: PartedDatabase) -> None:
    """Create the tables ``passed``, and ``bare_keys`` (subject, key_no) of lone phones.

    Needs the views ``people`` and ``person_numbers``.
    """
    ((last,),) = connection.execute("select coalesce(max(subject), -1) from people").fetchall()
    connection.ordered |= dict.fromkeys(("subject", "record"), last + 1)
    numbers = _number_values(connection, last + 1)
    with (
        ExitStack() as stack,
        connection.table("passed", _PASSED) as add,
        connection.table("bare_keys", _BARE) as add_bare,
    ):
        for each in numbers.values():
            stack.callback(each.close)

        def write(batch: pa.RecordBatch) -> None:
            """Add the rows of a batch to the tables."""
            if not batch.num_rows:
                return
            subject = batch["subject"].to_numpy()
            first, last = int(subject.min()), int(subject.max())
            columns = {name: batch[name] for name in _PASSED.names if name not in _NUMBERS}
            for name, values in numbers.items():
                found = values.read(first, last)[subject - first]
                columns[name] = pa.array(found, mask=found < 0)
            bare = batch["bare"]
            rows = pa.table(columns)
            add(rows.filter(pc.invert(bare)).select(_PASSED.names).cast(_PASSED))
            add_bare(rows.filter(bare).select(_BARE.names).cast(_BARE))

        connection.read(_PASSING.format(columns=_COLUMNS), write)


class _StoredNumbers:
    """A number for each subject, in a file without a name if tables are in files."""

    def __init__(self, numbers: Int, folder: Path | None) -> None:
        """Store the numbers. ``folder``: place of the file; None: keep them in memory."""
        self._kept, self._type = numbers, numbers.dtype
        self._file = None if folder is None else TemporaryFile(dir=folder)  # noqa: SIM115
        if self._file is not None:
            self._file.write(numbers.data)
            self._kept = numbers[:0]

    def read(self, first: int, last: int) -> Int:
        """Return the numbers of the subjects from ``first`` to ``last``."""
        if self._file is None:
            return self._kept[first : last + 1]
        self._file.seek(first * self._type.itemsize)
        size = (last + 1 - first) * self._type.itemsize
        return np.frombuffer(self._file.read(size), self._type)

    def close(self) -> None:
        """Close the file, and so delete it."""
        if self._file is not None:
            self._file.close()


def _number_values(connection: PartedDatabase, count: int) -> dict[str, _StoredNumbers]:
    """Return key_no, row_no, content_no and person of ``count`` subjects, -1 for none."""
    keys, rows, contents = (
        DigestRows(connection.folder, count, connection.memory.arrays) for _ in range(3)
    )

    def distribute(batch: pa.RecordBatch) -> None:
        """Add the digests of a batch to the files."""
        subject = batch["subject"].to_numpy().astype(np.uint64)
        bare = batch["bare"].to_numpy(zero_copy_only=False)
        kind = batch["kind"].to_numpy()
        for column, files in (("key", keys), ("row_digest", rows), ("content_digest", contents)):
            words, valid = whole_digests(batch[column])
            if column == "key":
                words[:, 1] ^= kind[valid]  # equal values of two kinds are two keys
            found = np.column_stack((words, subject[valid]))
            files.add(found if column == "key" else found[~bare[valid]])

    connection.read(_PASSING.format(columns=_DIGESTS), distribute)
    found: dict[str, _StoredNumbers] = {}

    def no_numbers() -> Int:
        """Return -1 for each subject."""
        return np.full(count, -1, node_type(count))

    numbers = no_numbers()

    def read_persons(batch: pa.RecordBatch) -> None:
        """Note the person of each subject of a batch."""
        numbers[batch["subject"].to_numpy()] = batch["person"].to_numpy()

    connection.read("select subject, person from person_numbers", read_persons)
    found["person"] = _StoredNumbers(numbers, connection.folder)
    numbers = no_numbers()
    number_digests(keys, numbers)
    found["key_no"] = _StoredNumbers(numbers, connection.folder)
    numbers = no_numbers()
    none = number_digests(contents, numbers)
    row_no = no_numbers()
    _number_rows(rows, row_no, numbers, none)
    found["row_no"] = _StoredNumbers(row_no, connection.folder)
    found["content_no"] = _StoredNumbers(numbers, connection.folder)
    return found


def _number_rows(rows: DigestRows, row_no: Int, content_no: Int, none: int) -> None:
    """Number the rows of each subject; equal rows get one content, and rows that share it, too.

    Values of one row that were not all found in each copy have several contents: they get the
    first, and so has every row with the last of them. ``none``: content of a row without any.
    """
    first = 0
    pairs: list[tuple[Any, Any]] = []
    for part in rows.sorted():
        new = starts_value(part, 2)
        subject, number = part[:, 2].astype(np.int64), np.cumsum(new) - 1
        row_no[subject] = first + number
        if not len(part):
            continue
        first += int(number[-1]) + 1
        content = content_no[subject]
        starts = np.flatnonzero(new)
        last = np.maximum.reduceat(content, starts)
        lowest = np.minimum.reduceat(np.where(content < 0, none, content), starts)
        content_no[subject] = lowest[number]
        several = np.flatnonzero((last != lowest) & (last >= 0))
        pairs.append((last[several], lowest[several]))
    others, contents = (np.concatenate(each) for each in zip(*pairs, strict=True)) if pairs else (
        row_no[:0], row_no[:0]
    )  # fmt: skip
    order = np.lexsort((contents, others))
    others, at = np.unique(others[order], return_index=True)
    contents = contents[order][at]
    for start in range(0, len(content_no), _BATCH):
        found = content_no[start : start + _BATCH]
        found[row_no[start : start + _BATCH] < 0] = -1
        if len(others):
            place = np.minimum(np.searchsorted(others, found), len(others) - 1)
            found[:] = np.where(others[place] == found, contents[place], found)

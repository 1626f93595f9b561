"""The findings of a shard as plain arrays, in batches of whole records."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from piiscan.arrays import Float64, Int32, Int64, UInt64

Flags = npt.NDArray[np.bool_]

#: Columns of FINDINGS that a count reads.
_COLUMNS: Final = (
    "member", "record", "group", "column", "header", "role", "entity", "verdict", "reason",
    "score", "digest",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Numbers:
    """Words by number, growing as they are met; -1 stands for null."""

    of: dict[str, int] = field(default_factory=dict)

    def encode(self, column: pa.Array) -> Int32:
        """``int32[n]``: the number of the word in each row of a dictionary array."""
        words = column.dictionary.to_pylist()
        table = np.array([*(self.of.setdefault(w, len(self.of)) for w in words), -1], np.int32)
        places = column.indices.fill_null(len(words)) if column.null_count else column.indices
        numbers: Int32 = table[places.to_numpy(zero_copy_only=False)]
        return numbers

    def words(self) -> list[str]:
        """All words, by number."""
        return list(self.of)

    def decode(self, numbers: Int32, type_: Any) -> pa.Array:
        """A dictionary array of ``type_``, null for -1."""
        indices = pa.array(numbers, mask=numbers < 0).cast(type_.index_type)
        return pa.DictionaryArray.from_arrays(indices, pa.array(self.words(), pa.string()))


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of all findings of a case, by column."""

    member: Numbers = field(default_factory=Numbers)
    header: Numbers = field(default_factory=Numbers)
    role: Numbers = field(default_factory=Numbers)
    entity: Numbers = field(default_factory=Numbers)
    verdict: Numbers = field(default_factory=lambda: Numbers({"refuted": 0}))
    reason: Numbers = field(default_factory=Numbers)


@dataclass(frozen=True, slots=True)
class Batch:
    """Findings in reading order, one entry each; words as numbers of a :class:`Lexicon`."""

    member: Int32
    record: Int64
    group: Int32
    column: Int32
    header: Int32
    role: Int32
    entity: Int32
    reason: Int32
    refuted: Flags
    score: Float64
    digest: UInt64  # [n, 2]

    def __len__(self) -> int:
        return len(self.record)

    def part(self, low: int, high: int | None = None) -> Batch:
        """The findings from ``low`` to ``high``."""
        return Batch(*(getattr(self, f.name)[low:high] for f in dataclasses.fields(self)))

    def starts(self) -> Int64:
        """Where each record begins: the places of its first findings."""
        new = np.ones(len(self), np.bool_)
        new[1:] = (
            (self.record[1:] != self.record[:-1])
            | (self.member[1:] != self.member[:-1])
            | (self.group[1:] != self.group[:-1])
        )
        return np.flatnonzero(new)


def batches(path: Path, words: Lexicon) -> Iterator[Batch]:
    """The findings of a shard; no record is cut in two."""
    rest: Batch | None = None
    with pq.ParquetFile(path) as file:
        for number in range(file.num_row_groups):
            batch = _read(file.read_row_group(number, list(_COLUMNS)), words)
            if rest is not None and len(rest):
                batch = _joined(rest, batch)
            last = int(batch.starts()[-1]) if len(batch) else 0
            if last:
                yield batch.part(0, last)
            rest = batch.part(last)
    if rest is not None and len(rest):
        yield rest


def whole(column: pa.ChunkedArray) -> pa.Array:
    """The column in one piece."""
    joined = column.combine_chunks()
    return joined.chunk(0) if isinstance(joined, pa.ChunkedArray) else joined


def digest_words(digests: pa.Array) -> UInt64:
    """``binary(16)`` as ``uint64[n, 2]``; null is two zeros or whatever stands there."""
    data = np.frombuffer(digests.buffers()[1] or b"", np.uint64).reshape(-1, 2)
    return data[digests.offset : digests.offset + len(digests)]


def _read(table: pa.Table, words: Lexicon) -> Batch:
    columns = {name: table[name].combine_chunks() for name in _COLUMNS}
    flat = {
        name: c.chunk(0) if isinstance(c, pa.ChunkedArray) else c for name, c in columns.items()
    }
    return Batch(
        words.member.encode(flat["member"]),
        flat["record"].to_numpy(),
        flat["group"].to_numpy().astype(np.int32),
        flat["column"].to_numpy(),
        words.header.encode(flat["header"]),
        words.role.encode(flat["role"]),
        words.entity.encode(flat["entity"]),
        words.reason.encode(flat["reason"]),
        words.verdict.encode(flat["verdict"]) == words.verdict.of["refuted"],
        flat["score"].to_numpy(),
        digest_words(flat["digest"]),
    )


def _joined(one: Batch, two: Batch) -> Batch:
    return Batch(
        *(
            np.concatenate([getattr(one, f.name), getattr(two, f.name)])
            for f in dataclasses.fields(Batch)
        )
    )

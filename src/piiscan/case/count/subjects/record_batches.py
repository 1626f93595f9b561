"""Record batches: the findings of a shard as NumPy arrays, in batches of whole records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from piiscan.arrays import Float64, Int32, Int64, UInt64
from piiscan.bundles import join_rows, take_rows
from piiscan.hashing.digest_rows import digest_words

Flags = npt.NDArray[np.bool_]

#: Part of a case: number of its source, and member.
Part: TypeAlias = tuple[int, str]

#: Columns of FINDINGS that a count reads.
FINDING_COLUMNS: Final = (
    "source", "member", "record", "row_kind", "group", "column", "header", "role", "entity",
    "verdict", "reason", "score", "digest",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class WordCodes:
    """Integer codes of the words of a dictionary column, added as they are read. -1 is null."""

    codes: dict[str, int] = field(default_factory=dict)

    def encode(self, column: pa.Array) -> Int32:
        """Return the code of each cell's word (``int32[n]``); new words get new codes."""
        words = column.dictionary.to_pylist()
        code_table = np.array(
            [*(self.codes.setdefault(w, len(self.codes)) for w in words), -1], np.int32
        )
        places = column.indices.fill_null(len(words)) if column.null_count else column.indices
        codes: Int32 = code_table[places.to_numpy(zero_copy_only=False)]
        return codes

    def words(self) -> list[str]:
        """Return all words seen so far; the index of a word is its code."""
        return list(self.codes)

    def decode(self, codes: Int32, type_: Any) -> pa.Array:
        """Return ``codes`` as a dictionary array of ``type_`` with the words; -1 becomes null."""
        indices = pa.array(codes, mask=codes < 0).cast(type_.index_type)
        return pa.DictionaryArray.from_arrays(indices, pa.array(self.words(), pa.string()))


@dataclass(frozen=True, slots=True)
class PartCodes:
    """Integer codes of the parts of some sources, added as they are read."""

    codes: dict[Part, int] = field(default_factory=dict)

    def encode(self, source: pa.Array, member: pa.Array) -> Int32:
        """Return the code of each row's part (``int32[n]``); new parts get new codes."""
        words = member.dictionary.to_pylist()
        numbers = source.to_numpy().astype(np.int64)
        places = member.indices.to_numpy().astype(np.int64)
        parts = numbers * len(words) + places
        starts = np.flatnonzero(np.diff(parts, prepend=-1))
        codes = [
            self.codes.setdefault((number, words[place]), len(self.codes))
            for number, place in zip(numbers[starts].tolist(), places[starts].tolist(), strict=True)
        ]
        lengths = np.diff(np.append(starts, len(parts)))
        return np.repeat(np.array(codes, np.int32), lengths)

    def parts(self) -> list[Part]:
        """Return all parts seen so far; the index of a part is its code."""
        return list(self.codes)

    def sources(self) -> Int32:
        """Return the source of each part by code (``int32[codes]``)."""
        return np.array([source for source, _ in self.codes], np.int32)

    def decode(self, codes: Int32, type_: Any) -> pa.Array:
        """Return the members of parts, given as codes, as a dictionary array of ``type_``."""
        members: dict[str, int] = {}
        table = [members.setdefault(member, len(members)) for _, member in self.codes]
        places = np.array(table or [0], np.int32)[codes]
        indices = pa.array(places).cast(type_.index_type)
        return pa.DictionaryArray.from_arrays(indices, pa.array(list(members), pa.string()))


@dataclass(frozen=True, slots=True)
class ColumnCodes:
    """Word codes of all findings of a case, by column; codes of the parts that are counted now."""

    member: PartCodes = field(default_factory=PartCodes)
    header: WordCodes = field(default_factory=WordCodes)
    role: WordCodes = field(default_factory=WordCodes)
    entity: WordCodes = field(default_factory=WordCodes)
    verdict: WordCodes = field(default_factory=lambda: WordCodes({"refuted": 0}))
    reason: WordCodes = field(default_factory=WordCodes)


@dataclass(frozen=True, slots=True)
class FindingBatch:
    """Findings in reading order, one entry each. Words are codes of :class:`ColumnCodes`.

    ``member``: code of the part, thus of source and member. ``data``: True in a row of data, False
    in a header, title or sum.
    """

    member: Int32
    record: Int64
    data: Flags
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

    def record_starts(self) -> Int64:
        """Return the index of the first finding of each record (``int64[records]``, ascending)."""
        new = np.ones(len(self), np.bool_)
        new[1:] = (
            (self.record[1:] != self.record[:-1])
            | (self.member[1:] != self.member[:-1])
            | (self.group[1:] != self.group[:-1])
        )
        return np.flatnonzero(new)


def split_batches(
    findings: Iterable[pa.Table], column_codes: ColumnCodes
) -> Iterator[FindingBatch]:
    """Yield the findings of sources in batches. No record is split.

    ``findings``: tables with FINDING_COLUMNS, in reading order.
    """
    pending: FindingBatch | None = None
    for table in findings:
        batch = _finding_batch(table, column_codes)
        if pending is not None and len(pending):
            batch = join_rows([pending, batch])
        last = int(batch.record_starts()[-1]) if len(batch) else 0
        if last:
            yield take_rows(batch, slice(last))
        pending = take_rows(batch, slice(last, None))
    if pending is not None and len(pending):
        yield pending


def one_chunk(column: pa.ChunkedArray) -> pa.Array:
    """Return a chunked Arrow column as one array."""
    if column.num_chunks > 1 and pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
    joined = column.combine_chunks()
    return joined.chunk(0) if isinstance(joined, pa.ChunkedArray) else joined


def _finding_batch(table: pa.Table, column_codes: ColumnCodes) -> FindingBatch:
    """Return a table of findings as arrays, with words as codes."""
    flat = {name: one_chunk(table[name]) for name in FINDING_COLUMNS}
    return FindingBatch(
        column_codes.member.encode(flat["source"], flat["member"]),
        flat["record"].to_numpy(),
        flat["row_kind"].is_null().to_numpy(zero_copy_only=False),
        flat["group"].to_numpy().astype(np.int32),
        flat["column"].to_numpy(),
        column_codes.header.encode(flat["header"]),
        column_codes.role.encode(flat["role"]),
        column_codes.entity.encode(flat["entity"]),
        column_codes.reason.encode(flat["reason"]),
        column_codes.verdict.encode(flat["verdict"]) == column_codes.verdict.codes["refuted"],
        flat["score"].to_numpy(),
        digest_words(flat["digest"]),
    )

"""Hits: findings of one block as plain arrays, from the engine's FOUND tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from piiscan.arrays import AnyArray, Float64, Int32, Int64
from piiscan.bundles import join_rows, take_rows
from piiscan.detect.results.arrow_columns import nullable_array
from piiscan.schemas import ALTERNATIVE
from piiscan.string_kernels import mark_used, renumber

#: (entity, recognizer, verdict, reason, role) -> number of findings.
Counts = Counter[tuple[str, str, str, str | None, str | None]]


@dataclass(frozen=True, slots=True)
class CodeBook:
    """Numbers of the words in a dictionary column, in order of appearance."""

    codes: dict[str, int] = field(default_factory=dict)

    def encode(self, column: Any) -> Int32:
        """Return the codes of a chunked dictionary column's words (``int32[n]``), -1 for null."""
        pieces = [self._encode(chunk) for chunk in column.chunks]
        return np.concatenate(pieces) if pieces else np.zeros(0, np.int32)

    def _encode(self, chunk: pa.Array) -> Int32:
        """Return the codes of one dictionary array's words; only words that occur get one."""
        indices, words = chunk.indices, chunk.dictionary
        if indices.null_count == len(indices):
            return np.full(len(indices), -1, np.int32)
        filled = (indices.fill_null(-1) if indices.null_count else indices).to_numpy()
        occurs = np.zeros(len(words) + 1, np.bool_)  # last entry: for -1
        mark_used(filled, occurs)
        table = np.full(len(words) + 1, -1, np.int32)
        for used in np.flatnonzero(occurs[:-1]).tolist():
            table[used] = self.codes.setdefault(words[used].as_py(), len(self.codes))
        numbers = np.empty(len(filled), np.int32)
        renumber(filled, table, numbers)
        return numbers

    def decode(self, numbers: Int32, type_: Any) -> pa.Array:
        """Convert codes back to a dictionary array of type ``type_``; -1 becomes null."""
        codes = numbers.astype(type_.index_type.to_pandas_dtype())
        words = pa.array(list(self.codes), pa.string())
        indices = nullable_array(codes, numbers < 0)
        return pa.DictionaryArray.from_arrays(indices, words, safe=False)  # codes are in range

    @classmethod
    def of(cls, words: Sequence[str]) -> CodeBook:
        """Return a code book that numbers ``words`` from 0."""
        return cls({word: number for number, word in enumerate(words)})


@dataclass(frozen=True, slots=True)
class CodeBooks:
    """Code books for the word columns of one block's findings.

    Entities and recognizers begin with those of the catalogue, in its order.
    """

    entity: CodeBook
    recognizer: CodeBook
    verdict: CodeBook = field(default_factory=CodeBook)
    context: CodeBook = field(default_factory=CodeBook)
    reason: CodeBook = field(default_factory=CodeBook)
    role: CodeBook = field(default_factory=CodeBook)


@dataclass(frozen=True, slots=True)
class Hits:
    """Findings of one block, one array entry a finding.

    ``record`` is the row of the block, ``start`` and ``end`` are code points in its cell.
    ``entity`` to ``role`` are codes of the block's :class:`CodeBooks`, -1 for none.
    ``byte_offset`` is -1 if unknown.  ``text`` is None unless clear values are wanted.
    """

    record: Int64
    column: Int32
    start: Int32
    end: Int32
    byte_offset: Int64
    entity: Int32
    recognizer: Int32
    verdict: Int32
    context: Int32
    reason: Int32
    role: Int32
    score: Float64
    text: pa.Array | None
    value: pa.Array
    alternatives: pa.Array

    def __len__(self) -> int:
        """Return the number of findings."""
        return len(self.record)


def hits_from_found(
    found: pa.Table, books: CodeBooks, *, column: int, byte_offset: Int64, clear: bool = False
) -> Hits:
    """Convert a FOUND table of one column to Hits; its ``index`` becomes the record.

    Drop the matched text unless ``clear``.
    """
    length = found.num_rows
    return Hits(
        _as_numpy(found, "index", np.int64),
        np.full(length, column, np.int32),
        _as_numpy(found, "start", np.int32),
        _as_numpy(found, "end", np.int32),
        byte_offset,
        books.entity.encode(found["entity"]),
        books.recognizer.encode(found["recognizer"]),
        books.verdict.encode(found["verdict"]),
        books.context.encode(found["context"]),
        books.reason.encode(found["reason"]),
        books.role.encode(found["role"]),
        _as_numpy(found, "score", np.float64),
        _one_array(found["text"]) if clear else None,
        _one_array(found["value"]),
        alternatives_json(_one_array(found["alternatives"])),
    )


def join_hits(parts: Sequence[Hits]) -> Hits:
    """Join the Hits of a block's columns into one, ordered by record, column and start."""
    filled = [part for part in parts if len(part)] or list(parts[:1]) or [no_hits()]
    joined_hits = filled[0] if len(filled) == 1 else join_rows(filled)
    width = int(joined_hits.column.max(initial=0)) + 1
    cell = joined_hits.record * width + joined_hits.column
    if np.all(cell[:-1] <= cell[1:]):
        return joined_hits
    return take_rows(joined_hits, np.argsort(cell, kind="stable"))


def no_hits() -> Hits:
    """Return Hits without any finding."""
    long, word = np.zeros(0, np.int64), np.zeros(0, np.int32)
    text = pa.array([], pa.string())
    return Hits(
        long, word, word, word, long, word, word, word, word, word, word, np.zeros(0),
        text, text, text,
    )  # fmt: skip


def count_hits(hits: Hits, books: CodeBooks, tables: Int64, count: int = 1) -> list[Counts]:
    """Count findings by the tuple (entity, recognizer, verdict, reason, role), a Counter a table.

    ``tables``: number of the table of each finding, below ``count``.
    """
    kinds = (books.entity, books.recognizer, books.verdict, books.reason, books.role)
    shape = [count, *(len(book.codes) + 1 for book in kinds)]
    counts: list[Counts] = [Counter() for _ in range(count)]
    if not len(hits):
        return counts
    flat = tables.copy()
    for size, codes in zip(
        shape[1:], (hits.entity, hits.recognizer, hits.verdict, hits.reason, hits.role), strict=True
    ):
        flat *= size
        flat += codes
        flat += 1
    found, counted = pa.compute.value_counts(pa.array(flat)).flatten()
    names: list[list[Any]] = [[None, *book.codes] for book in kinds]
    table, *places = np.unravel_index(found.to_numpy(), shape)
    words = ([name[n] for n in place.tolist()] for name, place in zip(names, places, strict=True))
    for at, e, r, v, w, o, number in zip(table.tolist(), *words, counted.to_pylist(), strict=True):
        counts[at][e, r, v, w, o] += number
    return counts


def alternatives_json(alternatives: pa.Array) -> pa.Array:
    """Return lists of ALTERNATIVE as JSON text, null for an empty list.

    Nearly all lists are empty, and writing a nested column is slow.  Their words need no escaping.

    >>> one = {"entity": "QQ_NUMBER", "recognizer": "qq.number", "start": 0, "end": 5,
    ...        "verdict": "plausible", "score": 0.3, "reason": None}
    >>> alternatives_json(pa.array([[one], []], pa.list_(ALTERNATIVE))).to_pylist()[1] is None
    True
    """
    length = pa.compute.list_value_length(alternatives).to_numpy()
    filled = np.flatnonzero(length)
    if not len(filled):
        return pa.nulls(len(alternatives), pa.string())
    list_number = np.full(len(alternatives), -1, np.int32)
    list_number[filled] = np.arange(len(filled))
    texts = _lists_as_json(alternatives.take(pa.array(filled)))
    return texts.take(pa.array(list_number, mask=list_number < 0))


def _lists_as_json(lists: pa.Array) -> pa.Array:
    """Return non-empty lists of ALTERNATIVE as JSON text."""
    flat = lists.flatten()
    pieces: list[Any] = []
    for leaf in ALTERNATIVE:
        values = flat.field(leaf.name).cast(pa.string())
        quoted = values
        if leaf.type == pa.string():
            quoted = pa.compute.binary_join_element_wise('"', values, '"', "")
        pieces += [f'{", " if pieces else "{"}"{leaf.name}": ', quoted.fill_null("null")]
    objects = pa.compute.binary_join_element_wise(*pieces, "}", "")
    joined = pa.compute.binary_join(pa.ListArray.from_arrays(lists.offsets, objects), ", ")
    return pa.compute.binary_join_element_wise("[", joined, "]", "")


def _as_numpy(found: pa.Table, name: str, type_: Any) -> AnyArray:
    """Return the column ``name`` of a FOUND table as a numpy array of ``type_``."""
    return np.asarray(found[name].to_numpy().astype(type_, copy=False))


def _one_array(column: Any) -> pa.Array:
    """Return a chunked column as one array, without a copy if it has one chunk."""
    if column.num_chunks == 1:
        return column.chunk(0)
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)

"""Findings of one block as plain arrays, between the engine's tables and the case's."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from piiscan.arrays import AnyArray, Float64, Int32, Int64
from piiscan.detect.results.resolved import nullable
from piiscan.schemas import ALTERNATIVE

#: entity, recognizer, verdict, reason, role -> hits
Counts = Counter[tuple[str, str, str, str | None, str | None]]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words by number, growing as they are met."""

    numbers: dict[str, int] = field(default_factory=dict)

    def encode(self, column: Any) -> Int32:
        """``int32[n]``: the word numbers of a dictionary column, -1 for null."""
        pieces = [self._encode(chunk) for chunk in column.chunks]
        return np.concatenate(pieces) if pieces else np.zeros(0, np.int32)

    def _encode(self, chunk: pa.Array) -> Int32:
        indices, words = chunk.indices, chunk.dictionary
        if indices.null_count == len(indices):
            return np.full(len(indices), -1, np.int32)
        places = (indices.fill_null(-1) if indices.null_count else indices).to_numpy()
        seen = np.zeros(len(words) + 1, np.bool_)
        seen[places] = True
        table = np.full(len(words) + 1, -1, np.int32)  # the last entry is for -1
        for used in np.flatnonzero(seen[:-1]).tolist():
            table[used] = self.numbers.setdefault(words[used].as_py(), len(self.numbers))
        numbers: Int32 = table[places]
        return numbers

    def decode(self, numbers: Int32, type_: Any) -> pa.Array:
        """The dictionary array of ``type_`` for word numbers, null for -1."""
        places = numbers.astype(type_.index_type.to_pandas_dtype())
        words = pa.array(list(self.numbers), pa.string())
        indices = nullable(places, numbers < 0)
        return pa.DictionaryArray.from_arrays(indices, words, safe=False)  # numbers are of these

    @classmethod
    def of(cls, words: Sequence[str]) -> Lexicon:
        """A lexicon that numbers ``words`` from 0."""
        return cls({word: number for number, word in enumerate(words)})


@dataclass(frozen=True, slots=True)
class Lexicons:
    """The words of one block's findings; entities and recognizers begin with the catalogue's."""

    entity: Lexicon
    recognizer: Lexicon
    verdict: Lexicon = field(default_factory=Lexicon)
    context: Lexicon = field(default_factory=Lexicon)
    reason: Lexicon = field(default_factory=Lexicon)
    role: Lexicon = field(default_factory=Lexicon)


@dataclass(frozen=True, slots=True)
class Hits:
    """One entry a finding: place (record of the block, column, code points), kind, outcome.

    ``entity`` … ``role`` are word numbers in the block's :class:`Lexicons`, -1 for none;
    ``byte_offset`` is -1 where it is not known; ``text`` is None unless clear values are wanted.
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
        return len(self.record)

    def take(self, order: Int64) -> Hits:
        """These findings in another order, or some of them."""
        places = pa.array(order)
        return Hits(
            *(_taken(getattr(self, f.name), order, places) for f in dataclasses.fields(self))
        )


def from_found(
    found: pa.Table, words: Lexicons, *, column: int, byte_offset: Int64, clear: bool = False
) -> Hits:
    """A FOUND table as Hits; ``index`` is the record.  The text is left behind unless ``clear``."""
    length = found.num_rows
    return Hits(
        _numbers(found, "index", np.int64),
        np.full(length, column, np.int32),
        _numbers(found, "start", np.int32),
        _numbers(found, "end", np.int32),
        byte_offset,
        words.entity.encode(found["entity"]),
        words.recognizer.encode(found["recognizer"]),
        words.verdict.encode(found["verdict"]),
        words.context.encode(found["context"]),
        words.reason.encode(found["reason"]),
        words.role.encode(found["role"]),
        _numbers(found, "score", np.float64),
        _flat(found["text"]) if clear else None,
        _flat(found["value"]),
        alternatives_json(_flat(found["alternatives"])),
    )


def join(parts: Sequence[Hits]) -> Hits:
    """All findings of a block's columns, ordered by record, column and start."""
    filled = [part for part in parts if len(part)] or list(parts[:1]) or [none()]
    whole = filled[0]
    if len(filled) > 1:
        joined = [
            _joined([getattr(part, f.name) for part in filled]) for f in dataclasses.fields(Hits)
        ]
        whole = Hits(*joined)
    width = int(whole.column.max(initial=0)) + 1
    place = whole.record * width + whole.column
    if np.all(place[:-1] <= place[1:]):
        return whole
    return whole.take(np.argsort(place, kind="stable"))


def _taken(values: Any, order: Int64, places: pa.Array) -> Any:
    if values is None:
        return None
    return values[order] if isinstance(values, np.ndarray) else values.take(places)


def _joined(values: list[Any]) -> Any:
    if values[0] is None:
        return None
    return np.concatenate(values) if isinstance(values[0], np.ndarray) else pa.concat_arrays(values)


def none() -> Hits:
    """No findings."""
    long, word = np.zeros(0, np.int64), np.zeros(0, np.int32)
    text = pa.array([], pa.string())
    return Hits(
        long, word, word, word, long, word, word, word, word, word, word, np.zeros(0),
        text, text, text,
    )  # fmt: skip


def count(hits: Hits, words: Lexicons) -> Counts:
    """Hits by entity, recognizer, verdict, reason and role."""
    kinds = (words.entity, words.recognizer, words.verdict, words.reason, words.role)
    shape = [len(lexicon.numbers) + 1 for lexicon in kinds]
    if not len(hits):
        return Counter()
    numbers = (hits.entity, hits.recognizer, hits.verdict, hits.reason, hits.role)
    flat = np.ravel_multi_index([each + 1 for each in numbers], shape)
    found, how_many = pa.compute.value_counts(pa.array(flat)).flatten()
    names: list[list[Any]] = [[None, *lexicon.numbers] for lexicon in kinds]
    counts: Counts = Counter()
    for code, number in zip(found.to_pylist(), how_many.to_pylist(), strict=True):
        e, r, v, w, o = (
            name[n] for name, n in zip(names, np.unravel_index(code, shape), strict=True)
        )
        counts[e, r, v, w, o] += number
    return counts


def alternatives_json(alternatives: pa.Array) -> pa.Array:
    """Lists of ALTERNATIVE as JSON text, null where a list is empty.

    A nested column takes as long to write as all others together, though nearly all of its lists
    are empty; and its words need no escaping.

    >>> one = {"entity": "QQ_NUMBER", "recognizer": "qq.number", "start": 0, "end": 5,
    ...        "verdict": "plausible", "score": 0.3, "reason": None}
    >>> alternatives_json(pa.array([[one], []], pa.list_(ALTERNATIVE))).to_pylist()[1] is None
    True
    """
    length = pa.compute.list_value_length(alternatives).to_numpy()
    filled = np.flatnonzero(length)
    if not len(filled):
        return pa.nulls(len(alternatives), pa.string())
    place = np.full(len(alternatives), -1, np.int32)
    place[filled] = np.arange(len(filled))
    texts = _json(alternatives.take(pa.array(filled)))
    return texts.take(pa.array(place, mask=place < 0))


def _json(lists: pa.Array) -> pa.Array:
    """Lists of ALTERNATIVE, none empty, as JSON."""
    flat = lists.flatten()
    pieces: list[Any] = []
    for leaf in ALTERNATIVE:
        values = flat.field(leaf.name).cast(pa.string())
        shown = values
        if leaf.type == pa.string():
            shown = pa.compute.binary_join_element_wise('"', values, '"', "")
        pieces += [f'{", " if pieces else "{"}"{leaf.name}": ', shown.fill_null("null")]
    objects = pa.compute.binary_join_element_wise(*pieces, "}", "")
    joined = pa.compute.binary_join(pa.ListArray.from_arrays(lists.offsets, objects), ", ")
    return pa.compute.binary_join_element_wise("[", joined, "]", "")


def _numbers(found: pa.Table, name: str, type_: Any) -> AnyArray:
    return np.asarray(found[name].to_numpy().astype(type_, copy=False))


def _flat(column: Any) -> pa.Array:
    """One array of a chunked column, without copying where it is one already."""
    if column.num_chunks == 1:
        return column.chunk(0)
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)

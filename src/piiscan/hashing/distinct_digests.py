"""Distinct digests: count the different digests of each kind in memory.

Digests are random, so their own bits serve as the hash.  They are sorted into 256 parts by one
byte, and each part fits into the processor's cache while it is counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from piiscan.arrays import Bool, Int32, Int64, UInt64
from piiscan.hashing.hash_kernels import count_half

#: Threads that read and count; the counts do not depend on their number.
_THREADS: Final = 2

#: Word of the kind column, and word of the second column (None for null).
Pair = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Digests:
    """Digests of one shard, or of one source in it, and their kinds.

    ``words``: ``uint64[n, 2]``, a digest a row.  ``kinds``: ``int32[n]``, -1 for rows not counted.
    ``second``: code of a second word, 0 for none; None if there is no second column.
    """

    words: UInt64
    kinds: Int32
    second: Int32 | None = None


def read_digests(
    shards: Mapping[int, Path],
    kind: str,
    *,
    numbers: dict[str, int],
    second: tuple[str, dict[str | None, int]] | None = None,
    exclude: tuple[str, str] | None = None,
) -> dict[int, Digests]:
    """Read the digests of each source in Parquet shards, with codes for words of column ``kind``.

    Args:
        shards: source -> the Parquet file with its rows.
        kind: dictionary column to count by.
        numbers: word -> code; new words are added.
        second: second dictionary column, and its word -> code.
        exclude: dictionary column and word; rows with that word are not counted.
    """
    found: dict[int, Digests] = {}
    for path in dict.fromkeys(shards.values()):
        sources, digests = _read_shard(path, kind, numbers, second, exclude)
        starts = np.flatnonzero(np.diff(sources, prepend=-1))
        for start, end in zip(starts.tolist(), [*starts[1:].tolist(), len(sources)], strict=True):
            second_codes = None if digests.second is None else digests.second[start:end]
            found[int(sources[start])] = Digests(
                digests.words[start:end], digests.kinds[start:end], second_codes
            )
    return found


def _read_shard(
    path: Path,
    kind: str,
    numbers: dict[str, int],
    second: tuple[str, dict[str | None, int]] | None,
    exclude: tuple[str, str] | None,
) -> tuple[Int32, Digests]:
    """Return the source of each row of a shard, and the digests (see :func:`read_digests`)."""
    columns = [
        "source",
        kind,
        "digest",
        *(pair[0] for pair in (second, exclude) if pair is not None),
    ]
    with pq.ParquetFile(path) as file:
        known = file.metadata
    groups = range(known.num_row_groups)
    first = np.cumsum([0, *(known.row_group(group).num_rows for group in groups)])
    words, kinds = np.empty((first[-1], 2), np.uint64), np.empty(first[-1], np.int32)
    sources = np.empty(first[-1], np.int32)
    second_codes = None if second is None else np.empty(first[-1], np.int32)

    def read(group: int) -> Any:
        """Write the digests of row group ``group`` to ``words``; return its other columns."""
        # threads cannot share a reader
        with pq.ParquetFile(path, metadata=known, pre_buffer=False) as reader:
            table = reader.read_row_group(group, columns, use_threads=False).combine_chunks()
        words[first[group] : first[group + 1]] = digest_words(table["digest"].chunk(0))
        return table.drop_columns("digest")

    with ThreadPoolExecutor(_THREADS) as pool:
        for group, table in zip(groups, pool.map(read, groups), strict=True):
            at, end = first[group], first[group + 1]
            sources[at:end] = table["source"].chunk(0).to_numpy()
            kinds[at:end] = _word_numbers(table[kind].chunk(0), numbers)
            if second is not None and second_codes is not None:
                second[1].setdefault(None, 0)
                second_codes[at:end] = _word_numbers(table[second[0]].chunk(0), second[1])
            if exclude is not None:
                kinds[at:end][_equals_word(table[exclude[0]].chunk(0), exclude[1])] = -1
    return sources, Digests(words, kinds, second_codes)


def count_distinct(parts: Sequence[Digests], *, numbers: Mapping[str, int]) -> dict[str, int]:
    """Return word -> number of distinct digests, for words in ``numbers`` that have any.

    >>> one = Digests(np.array([[1, 2], [1, 2], [1, 3], [1, 2]], np.uint64),
    ...               np.array([0, 0, 0, 1], np.int32))
    >>> count_distinct([one], numbers={"CN_MOBILE": 0, "QQ_NUMBER": 1})
    {'CN_MOBILE': 2, 'QQ_NUMBER': 1}
    """
    if not parts or not numbers:
        return {}
    _, counts, _ = _count_all(parts, len(numbers), len(numbers))
    return {word: int(counts[at]) for word, at in numbers.items() if counts[at]}


def count_pairs(
    parts: Sequence[Digests], *, numbers: Mapping[str, int], second: Mapping[str | None, int]
) -> tuple[dict[Pair, tuple[int, int]], dict[str, int]]:
    """Count distinct digests: (by word pair -> (rows, digests), by first word -> digests).

    >>> one = Digests(np.array([[1, 2], [1, 2], [1, 3]], np.uint64), np.zeros(3, np.int32),
    ...               np.array([1, 0, 0], np.int32))
    >>> count_pairs([one], numbers={"MASKED": 0}, second={None: 0, "a": 1})
    ({('MASKED', None): (2, 2), ('MASKED', 'a'): (1, 1)}, {'MASKED': 2})
    """
    width, size = len(numbers), len(numbers) * len(second)
    if not parts or not size:
        return {}, {}
    rows, counts, totals = _count_all(parts, width, size)
    firsts, seconds = list(numbers), list(second)
    pairs = {
        (firsts[at % width], seconds[at // width]): (int(rows[at]), int(counts[at]))
        for at in np.flatnonzero(counts).tolist()
    }
    return pairs, {word: int(totals[at]) for word, at in numbers.items() if totals[at]}


def _count_all(parts: Sequence[Digests], width: int, size: int) -> list[Int64]:
    """Return [rows by pair, distinct digests by pair (``int64[size]``), by kind (``[width]``)].

    The number of a pair is the code of the second word times ``width``, plus the code of the kind.
    """
    words, kinds = (
        _concatenate([part.words for part in parts]),
        _concatenate([part.kinds for part in parts]),
    )
    seconds = [part.second for part in parts if part.second is not None and size > width]
    second = _concatenate(seconds or [np.empty(0, np.int32)])

    def count(half: int) -> list[Int64]:
        """Count the half of all digests whose topmost bit is ``half``."""
        found = [np.zeros(length, np.int64) for length in (size, size, width)]
        count_half(words, kinds, second, width, half, *found)
        return found

    with ThreadPoolExecutor(_THREADS) as pool:
        return [first + other for first, other in zip(*pool.map(count, range(2)), strict=True)]


def _concatenate(arrays: list[Any]) -> Any:
    """Concatenate arrays; return a single one without a copy."""
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


def _word_numbers(column: Any, numbers: Any) -> Int32:
    """Return the code of the word in each row (``int32[n]``), 0 for null.

    Add new words to ``numbers``.
    """
    table = [numbers.setdefault(word, len(numbers)) for word in column.dictionary.to_pylist()]
    indices = column.indices.fill_null(len(table)) if column.null_count else column.indices
    found: Int32 = np.array([*table, 0], np.int32)[indices.to_numpy(zero_copy_only=False)]
    return found


def _equals_word(column: Any, word: str) -> Bool:
    """Return a mask of the rows of a dictionary column that have ``word``."""
    table = [each == word for each in column.dictionary.to_pylist()]
    found: Bool = np.array(table or [False], np.bool_)[
        column.indices.to_numpy(zero_copy_only=False)
    ]
    return found


def digest_words(digests: pa.Array) -> UInt64:
    """Return a ``binary(16)`` array as ``uint64[n, 2]``. The words of a null are undefined."""
    data = np.frombuffer(digests.buffers()[1] or b"", np.uint64).reshape(-1, 2)
    return data[digests.offset : digests.offset + len(digests)]

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
import pyarrow.parquet as pq

from piiscan.arrays import Bool, Int32, Int64, UInt64
from piiscan.jit import allocating

#: Threads that read and count; the counts do not depend on their number.
_THREADS: Final = 2
#: Up to this number digests are sorted, so that a first run compiles no kernel.
SORT_MAX: Final = 50_000


#: Word of the kind column, and word of the second column (None for null).
Pair = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Digests:
    """Digests of one shard and their kinds.

    ``words``: ``uint64[n, 2]``, a digest a row.  ``kinds``: ``int32[n]``, -1 for rows not counted.
    ``second``: code of a second word, 0 for none; None if there is no second column.
    """

    words: UInt64
    kinds: Int32
    second: Int32 | None = None


def read_digests(
    path: Path,
    kind: str,
    *,
    numbers: dict[str, int],
    second: tuple[str, dict[str | None, int]] | None = None,
    exclude: tuple[str, str] | None = None,
) -> Digests:
    """Read the digests of a Parquet shard, with codes for the words of its column ``kind``.

    Args:
        path: the Parquet file.
        kind: dictionary column to count by.
        numbers: word -> code; new words are added.
        second: second dictionary column, and its word -> code.
        exclude: dictionary column and word; rows with that word are not counted.
    """
    columns = [kind, "digest", *(pair[0] for pair in (second, exclude) if pair is not None)]
    with pq.ParquetFile(path) as file:
        known = file.metadata
    groups = range(known.num_row_groups)
    first = np.cumsum([0, *(known.row_group(group).num_rows for group in groups)])
    words, kinds = np.empty((first[-1], 2), np.uint64), np.empty(first[-1], np.int32)
    second_codes = None if second is None else np.empty(first[-1], np.int32)

    def read(group: int) -> Any:
        """Write the digests of row group ``group`` to ``words``; return its other columns."""
        # threads cannot share a reader
        with pq.ParquetFile(path, metadata=known, pre_buffer=False) as reader:
            table = reader.read_row_group(group, columns, use_threads=False).combine_chunks()
        words[first[group] : first[group + 1]] = _digest_words(table["digest"].chunk(0))
        return table.drop_columns("digest")

    with ThreadPoolExecutor(_THREADS) as pool:
        for group, table in zip(groups, pool.map(read, groups), strict=True):
            at, end = first[group], first[group + 1]
            kinds[at:end] = _word_numbers(table[kind].chunk(0), numbers)
            if second is not None and second_codes is not None:
                second[1].setdefault(None, 0)
                second_codes[at:end] = _word_numbers(table[second[0]].chunk(0), second[1])
            if exclude is not None:
                kinds[at:end][_equals_word(table[exclude[0]].chunk(0), exclude[1])] = -1
    return Digests(words, kinds, second_codes)


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
    if len(kinds) <= SORT_MAX:
        return _count_by_sorting(words, kinds, second, width, size)

    def count(half: int) -> list[Int64]:
        """Count the half of all digests whose topmost bit is ``half``."""
        found = [np.zeros(length, np.int64) for length in (size, size, width)]
        _count_half(words, kinds, second, width, half, *found)
        return found

    with ThreadPoolExecutor(_THREADS) as pool:
        return [first + other for first, other in zip(*pool.map(count, range(2)), strict=True)]


def _count_by_sorting(
    words: UInt64, kinds: Int32, second: Int32, width: int, size: int
) -> list[Int64]:
    """Count few digests by sorting: [rows by pair, distinct by pair, distinct by kind].

    No kernel is compiled.
    """
    counted = np.flatnonzero(kinds >= 0)
    digests, kind = words[counted], kinds[counted]
    pair = kind + second[counted] * width if len(second) else kind
    distinct = [_count_by_number(digests, *each) for each in ((pair, size), (kind, width))]
    return [np.bincount(pair, minlength=size), *distinct]


def _count_by_number(words: UInt64, numbers: Int32, size: int) -> Int64:
    """Return the distinct digests per group; ``numbers`` is the group of each (``int64[size]``)."""
    order = np.lexsort((words[:, 1], words[:, 0], numbers))
    words, numbers = words[order], numbers[order]
    is_first = np.ones(len(order), np.bool_)
    is_first[1:] = (words[1:] != words[:-1]).any(axis=1) | (numbers[1:] != numbers[:-1])
    return np.bincount(numbers[is_first], minlength=size)


def _concatenate(arrays: list[Any]) -> Any:
    """Concatenate arrays; return a single one without a copy."""
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


def _digest_words(digests: Any) -> UInt64:
    """View a ``binary(16)`` array as ``uint64[n, 2]``, without a copy."""
    data = np.frombuffer(digests.buffers()[1] or b"", np.uint64).reshape(-1, 2)
    return data[digests.offset : digests.offset + len(digests)]


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


@allocating
def _partition(
    words: UInt64, kinds: Int32, second: Int32, width: int, half: int, rows: Int64
) -> tuple[UInt64, Int32, Int64]:  # pragma: no cover - compiled
    """Sort the counted digests whose topmost bit is ``half`` by their lowest byte.

    Return the digests, the pair number of each and the 257 part boundaries.  Add every digest to
    ``rows[pair]``.
    """
    ends = np.zeros(257, np.int64)
    for i in range(len(kinds)):
        if kinds[i] >= 0 and words[i, 0] >> np.uint64(63) == half:
            ends[(words[i, 0] & np.uint64(255)) + np.uint64(1)] += 1
    for part in range(256):
        ends[part + 1] += ends[part]
    sorted_words = np.empty((ends[256], 2), np.uint64)
    pairs = np.empty(ends[256], np.int32)
    next_free = ends[:256].copy()
    for i in range(len(kinds)):
        if kinds[i] >= 0 and words[i, 0] >> np.uint64(63) == half:
            low = words[i, 0] & np.uint64(255)
            target = next_free[low]
            next_free[low] += 1
            sorted_words[target, 0] = words[i, 0]
            sorted_words[target, 1] = words[i, 1]
            pair = kinds[i] + (second[i] * width if len(second) > 0 else 0)
            pairs[target] = pair
            rows[pair] += 1
    return sorted_words, pairs, ends


@allocating
def _count_half(
    words: UInt64,
    kinds: Int32,
    second: Int32,
    width: int,
    half: int,
    rows: Int64,
    counts: Int64,
    totals: Int64,
) -> None:  # pragma: no cover - compiled
    """Count digests with top bit ``half`` into ``rows[pair]``, ``counts[pair]``, ``totals[kind]``.

    Each of the 256 parts is counted in an open-addressing hash table.
    """
    sorted_words, pairs, ends = _partition(words, kinds, second, width, half, rows)
    largest = 0
    for part in range(256):
        largest = max(largest, ends[part + 1] - ends[part])
    size = 16
    while size < 2 * largest:
        size *= 2
    slots = np.empty(size, np.int64)
    for part in range(256):
        slots[:] = -1
        for i in range(ends[part], ends[part + 1]):
            slot = np.int64(sorted_words[i, 0] >> np.uint64(8)) & (size - 1)
            known = False  # True: counted in another pair of the same kind
            while slots[slot] >= 0:
                j = slots[slot]
                if (
                    sorted_words[i, 0] == sorted_words[j, 0]
                    and sorted_words[i, 1] == sorted_words[j, 1]
                ):
                    if pairs[i] == pairs[j]:
                        break
                    known |= pairs[i] % width == pairs[j] % width
                slot = (slot + 1) & (size - 1)
            if slots[slot] < 0:
                slots[slot] = i
                counts[pairs[i]] += 1
                if not known:
                    totals[pairs[i] % width] += 1

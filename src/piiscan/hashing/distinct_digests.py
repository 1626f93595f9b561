"""Distinct digests: count the different digests of each kind in Parquet shards.

Digests are random, so their own bits serve as the hash.  More rows than fit into memory are first
distributed to files by some bits; each file is then counted alone, and the numbers add up.  In
memory, digests are sorted into 256 parts by one byte, and each part fits into the processor's
cache while it is counted.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from piiscan.arrays import Bool, Int32, Int64, UInt64
from piiscan.errors import CaseError
from piiscan.hashing.digest_rows import ROW_BYTES, DigestRows, digest_words
from piiscan.hashing.hash_kernels import count_half
from piiscan.output_files import make_private_folder

#: Threads that read and count; the counts do not depend on their number.
_THREADS: Final = 2
#: Row groups that are read ahead.
_AHEAD: Final = 8
#: Most rows that are counted at once, at some 80 bytes each.
MOST_ROWS: Final = 2_000_000
#: Row of a shard: digest, codes of kind and second word, and position of the source.
_ROW: Final = np.dtype(
    [("words", "<u8", 2), ("kind", "<i4"), ("second", "<i4"), ("source", "<i4")], align=True
)

#: Word of the kind column, and word of the second column (None for null).
Pair = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Digests:
    """Digests and their kinds.

    ``words``: ``uint64[n, 2]``, a digest a row.  ``kinds``: ``int32[n]``, -1 for rows not counted.
    ``second``: code of a second word, 0 for none; None if there is no second column.
    """

    words: UInt64
    kinds: Int32
    second: Int32 | None = None


@dataclass(frozen=True, slots=True)
class DistinctDigests:
    """Numbers of rows and of distinct digests in shards.

    ``kinds``: word -> distinct digests.  ``pairs``: two words -> (rows, distinct digests).
    ``by_source``: (source, word) -> (rows, distinct digests).
    """

    kinds: dict[str, int]
    pairs: dict[Pair, tuple[int, int]]
    by_source: dict[tuple[int, str], tuple[int, int]]


def count_shards(
    shards: Mapping[int, Path],
    kind: str,
    *,
    rows: int,
    temporary: Path,
    second: str | None = None,
    exclude: tuple[str, str] | None = None,
) -> DistinctDigests:
    """Count rows and distinct digests of the sources in Parquet shards.

    Args:
        shards: source -> the Parquet file with its rows, in order.
        kind: dictionary column to count by.
        rows: number of rows, about. More than MOST_ROWS are distributed to files.
        temporary: folder for these files, which are deleted.
        second: second dictionary column.
        exclude: dictionary column and word; rows with that word are not counted.

    Raise CaseError if the files cannot be written.
    """
    sources = np.array(sorted(shards), np.int64)
    reader = _ShardReader(kind, second, exclude, sources)
    kinds: dict[str, int] = {}
    pairs: dict[Pair, tuple[int, int]] = {}
    by_source: dict[tuple[int, str], tuple[int, int]] = {}
    groups = reader.read(dict.fromkeys(shards.values()))
    for part in _distribute(groups, rows, make_private_folder(temporary)):
        words, codes = part["words"], part["kind"]
        digests = Digests(words, codes, part["second"] if second else None)
        found, distinct = count_pairs([digests], numbers=reader.kinds, second=reader.seconds)
        for pair, numbers in found.items():
            pairs[pair] = _add(pairs.get(pair, (0, 0)), numbers)
        for word, number in distinct.items():
            kinds[word] = kinds.get(word, 0) + number
        for key, numbers in _count_by_source(words, codes, part["source"], reader):
            by_source[key] = _add(by_source.get(key, (0, 0)), numbers)
    return DistinctDigests(kinds, pairs, by_source)


def _add(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    """Return the sums of two pairs of numbers."""
    return one[0] + other[0], one[1] + other[1]


def _count_by_source(
    words: UInt64, kinds: Int32, places: Int32, reader: _ShardReader
) -> Iterator[tuple[tuple[int, str], tuple[int, int]]]:
    """Yield (source, word) and their (rows, distinct digests)."""
    width = len(reader.kinds)
    keys = pa.array(places.astype(np.int64) * width + kinds).dictionary_encode()
    pairs, size = keys.dictionary.to_numpy(), len(keys.dictionary)
    if not size:
        return
    rows, counts, _ = _count_all([Digests(words, keys.indices.to_numpy())], size, size)
    names, sources = list(reader.kinds), reader.sources.tolist()
    for pair, *numbers in zip(pairs.tolist(), rows.tolist(), counts.tolist(), strict=True):
        yield (sources[pair // width], names[pair % width]), (numbers[0], numbers[1])


class _ShardReader:
    """Reader of shards: their rows as arrays of ``_ROW``, words as codes.

    ``kinds``, ``seconds``: word -> code.  ``sources``: numbers of the sources, ascending.
    """

    def __init__(
        self, kind: str, second: str | None, exclude: tuple[str, str] | None, sources: Int64
    ) -> None:
        self.kinds: dict[str, int] = {}
        self.seconds: dict[str | None, int] = {None: 0}
        self.sources = sources
        self._kind, self._second, self._exclude = kind, second, exclude
        self._columns = ["source", kind, "digest"]
        self._columns += [second] if second else []
        self._columns += [exclude[0]] if exclude else []

    def read(self, paths: Iterable[Path]) -> Iterator[Any]:
        """Yield the rows of each row group that are to be counted."""
        groups = ((path, known, at) for path in paths for known, at in _row_groups(path))
        with ThreadPoolExecutor(_THREADS) as pool:
            while ahead := list(itertools.islice(groups, _AHEAD)):
                for table in pool.map(self._read_group, ahead):
                    yield self._rows(table)

    def _read_group(self, place: tuple[Path, Any, int]) -> pa.Table:
        """Return the columns of a row group."""
        path, known, group = place
        # threads cannot share a reader
        with pq.ParquetFile(path, metadata=known, pre_buffer=False) as file:
            return file.read_row_group(group, self._columns, use_threads=False).combine_chunks()

    def _rows(self, table: pa.Table) -> Any:
        """Return the rows of a table as ``_ROW[n]``."""
        rows = np.zeros(table.num_rows, _ROW)
        rows["words"] = digest_words(table["digest"].chunk(0))
        rows["kind"] = _word_numbers(table[self._kind].chunk(0), self.kinds)
        rows["source"] = np.searchsorted(self.sources, table["source"].chunk(0).to_numpy())
        if self._second is not None:
            rows["second"] = _word_numbers(table[self._second].chunk(0), self.seconds)
        if self._exclude is None:
            return rows
        column, word = self._exclude
        return rows[~_equals_word(table[column].chunk(0), word)]


def _row_groups(path: Path) -> Iterator[tuple[Any, int]]:
    """Yield the metadata of a Parquet file with the number of each row group."""
    with pq.ParquetFile(path) as file:
        known = file.metadata
    for group in range(known.num_row_groups):
        yield known, group


def _distribute(groups: Iterator[Any], rows: int, folder: Path) -> Iterator[dict[str, Any]]:
    """Yield all rows, about ``rows``, in parts by the digest: name of a field -> its array."""
    # a part is divided once more by other bits, those of the first word
    files = DigestRows(folder, rows, MOST_ROWS * ROW_BYTES, word=1)
    try:
        for each in groups:
            files.add(each.view(np.uint64).reshape(len(each), -1))
    except OSError as error:
        raise CaseError("file.unwritable", path=folder, reason=error.strerror or "") from error
    for part in files.parts():
        read = part.view(_ROW)[:, 0]
        yield {name: np.ascontiguousarray(read[name]) for name in _ROW.names or ()}


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

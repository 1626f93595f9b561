"""Rows with digests, in files by the leading bits of a word of the digest.

Digests are random, so their bits spread the rows over the files evenly. One file at a time is read,
and sorted if asked to: the memory does not depend on the number of rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from piiscan.arrays import Bool, Int, UInt64

#: Bytes of memory for each row of a file while it is sorted.
ROW_BYTES: Final = 100
#: Most files: they are open at the same time.
_MOST_FILES: Final = 256


class DigestRows:
    """Rows ``uint64[n, k]``: a digest of one or two words, then other numbers."""

    def __init__(self, folder: Path | None, rows: int, memory: int, *, word: int = 0) -> None:
        """Prepare for ``rows`` rows, about.

        ``folder``: place of the files, which have no name; None: rows are kept in memory.
        ``memory``: bytes for the rows of one file.  ``word``: the one whose bits choose the file.
        """
        self._word = word
        number = min(-(-rows * ROW_BYTES // memory), _MOST_FILES) if folder else 1
        self._stack = ExitStack()
        self._files: list[IO[bytes]] = []
        if number > 1:
            for _ in range(number):
                file = TemporaryFile(dir=folder)  # noqa: SIM115  (closed by the stack)
                self._files.append(self._stack.enter_context(file))
        self._kept: list[UInt64] = []
        self._width = 1

    def add(self, rows: UInt64) -> None:
        """Add rows."""
        self._width = rows.shape[1]
        if not self._files:
            self._kept.append(rows)
            return
        number = len(self._files)
        part = ((rows[:, self._word] >> np.uint64(48)) * np.uint64(number)) >> np.uint64(16)
        part = part.astype(np.uint16)  # sorted by its digits
        order = np.argsort(part, kind="stable")
        ends = np.cumsum(np.bincount(part, minlength=number))
        for file, chosen in zip(self._files, np.split(rows[order], ends), strict=False):
            file.write(chosen.tobytes())

    def sorted(self) -> Iterator[UInt64]:
        """Yield all rows by the first two words, file by file that has any; then they are gone."""
        return map(_by_digest, self.parts())

    def parts(self) -> Iterator[UInt64]:
        """Yield all rows, file by file that has any; then they are gone."""
        with self._stack:
            for file in self._files:
                file.seek(0)
                read = np.frombuffer(file.read(), np.uint64)
                file.close()
                if len(read):
                    yield read.reshape(-1, self._width)
            if self._kept:
                rows = np.concatenate(self._kept)
                self._kept.clear()
                yield rows


def _by_digest(rows: UInt64) -> UInt64:
    """Return rows by their first two words."""
    rows = rows[np.argsort(rows[:, 0])]
    same, other = (rows[1:, at] == rows[:-1, at] for at in range(2))
    if bool(np.any(same & ~other)):
        rows = rows[np.lexsort((rows[:, 1], rows[:, 0]))]
    return rows


def starts_value(rows: UInt64, words: int) -> Bool:
    """Return True for each row whose first ``words`` words differ from those of the row before."""
    found = np.ones(len(rows), np.bool_)
    found[1:] = (rows[1:, :words] != rows[:-1, :words]).any(axis=1)
    return found


def whole_digests(column: pa.Array) -> tuple[UInt64, Int]:
    """Return the digests of a column as big-endian words (``[n, 2]``), and their rows.

    Their order is that of the bytes. Rows without a digest are left out.
    """
    valid = np.flatnonzero(pc.is_valid(column).to_numpy(zero_copy_only=False))
    return digest_words(column.drop_null().cast(pa.binary(16))).byteswap(), valid


def digest_words(digests: pa.Array) -> UInt64:
    """Return a ``binary(16)`` array as ``uint64[n, 2]``. The words of a null are undefined."""
    data = np.frombuffer(digests.buffers()[1] or b"", np.uint64).reshape(-1, 2)
    return data[digests.offset : digests.offset + len(digests)]


def number_digests(rows: DigestRows, numbers: Int) -> int:
    """Write the number of its digest, from 0 in the order of these, for each subject.

    Rows are two words and the subject. Return how many digests there are.
    """
    first = 0
    for part in rows.sorted():
        codes = first - 1 + np.cumsum(starts_value(part, 2))
        numbers[part[:, 2].astype(np.int64)] = codes
        first = int(codes[-1]) + 1 if len(codes) else first
    return first


def node_type(count: int) -> Any:
    """Return the type of the numbers of ``count`` rows."""
    return np.int32 if count < 1 << 31 else np.int64

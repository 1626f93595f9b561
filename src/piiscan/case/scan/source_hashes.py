"""Source hashes: SHA-256 and SM3 before and after reading, to prove a source unchanged.

Hashing runs in threads parallel to scanning.  A change between both hashes of the same bytes still
shows in the modification time.
"""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from piiscan.errors import SourceError
from piiscan.sources.checksums import sha256_and_sm3, sha256_of

#: Status that must not change: device, inode, size, modification time in nanoseconds.  The change
#: time is left out: a new hard link or a backup program alters it and no byte of the file.
Status = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class SourceHashes:
    """Hashes of a source before reading. ``same``: True if it did not change meanwhile."""

    sha256: str
    sm3: str
    same: bool


class SourceHasher:
    """Hasher of one source, before and after it is read."""

    def __init__(self, path: Path, pool: ThreadPoolExecutor) -> None:
        """Record the file's status and start the first hash in ``pool``."""
        self._path = path
        self._pool = pool
        self._status = _status(path)
        self._before: Future[tuple[str, str]] = pool.submit(sha256_and_sm3, path)
        self._after: Future[str] | None = None

    def hash_again(self) -> None:
        """Start the second hash of the file in the pool, after it was read to its end."""
        self._after = self._pool.submit(sha256_of, self._path)

    def result(self) -> SourceHashes:
        """Wait for both hashes; return the first, and True if the file is unchanged.

        ``hash_again`` must be called first. Raise OSError or SourceError if the file is
        gone.
        """
        if self._after is None:
            raise SourceError("NOT_HASHED", "the source was not read to its end")
        sha256, sm3 = self._before.result()
        same = self._after.result() == sha256 and _status(self._path) == self._status
        return SourceHashes(sha256, sm3, same)


def _status(path: Path) -> Status | None:
    """Return (device, inode, size, modification time) of a file; None if it is missing."""
    try:
        status = os.stat(path)  # noqa: PTH116  (paths may hold bytes that are no UTF-8)
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns

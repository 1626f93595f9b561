"""Proof that an original is what it was before the run: hashes before and after, and its status.

Hashing runs beside scanning in threads of its own.  A change that both hashes miss (made after
reading came by, but before the first hash did) still shows in the file's modification time.
"""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from piiscan.errors import SourceError
from piiscan.sources.checksums import digests, sha256_of

#: What must not change: device, inode, size, modification time in nanoseconds.  Not the change
#: time: a new hard link or a backup program moves it without touching a byte.
Status = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Seal:
    """A source's hashes: SHA-256 and SM3 before, and whether it was the same afterwards."""

    sha256: str
    sm3: str
    same: bool


class Custody:
    """Watches one source from ``begin`` to ``seal``."""

    def __init__(self, path: Path, pool: ThreadPoolExecutor) -> None:
        self._path = path
        self._pool = pool
        self._status = _status(path)
        self._before: Future[tuple[str, str]] = pool.submit(digests, path)
        self._after: Future[str] | None = None

    def end(self) -> None:
        """Hash again: everything has been read."""
        self._after = self._pool.submit(sha256_of, self._path)

    def seal(self) -> Seal:
        """The hashes; ``end`` must have been called.  OSError or SourceError if it went away."""
        if self._after is None:
            raise SourceError("NOT_HASHED", "the source was not read to its end")
        sha256, sm3 = self._before.result()
        same = self._after.result() == sha256 and _status(self._path) == self._status
        return Seal(sha256, sm3, same)


def _status(path: Path) -> Status | None:
    try:
        status = os.stat(path)  # noqa: PTH116  (paths may hold bytes that are no UTF-8)
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns

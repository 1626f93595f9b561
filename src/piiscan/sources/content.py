"""Bytes to be read, wherever they stand: a file on disk or a member of an archive."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

#: Bytes of the three looks that decide what a content is.
HEAD = 256 << 10
WINDOW = 64 << 10


@dataclass(frozen=True, slots=True)
class Window:
    """A look at a content: some bytes and where they stood."""

    start: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Content:
    """Something to read from the start as often as needed, and three looks at it.

    ``windows`` are head, middle and tail (one if the head holds everything).  ``open`` gives a
    new binary stream each time; it only ever reads.
    """

    name: str  # last part of the path or chain, for its extension
    member: str  # chain inside the source, "" for the source itself
    size: int
    windows: tuple[Window, ...]
    open: Callable[[], BinaryIO]
    sha256: str | None = None
    packed: int | None = None  # bytes in the archive
    whole: bytes | None = None  # the bytes, where they are held already

    @property
    def head(self) -> bytes:
        """The first bytes (at most ``HEAD``)."""
        return self.windows[0].data

    @property
    def extension(self) -> str:
        """Lower-case extension without the dot, "" if none.

        >>> Content("名单.CSV", "", 0, (Window(0, b""),), io.BytesIO).extension
        'csv'
        """
        return Path(self.name).suffix[1:].lower()


def open_file(path: Path) -> BinaryIO:
    """``path`` open for reading, its access time untouched where the system allows.

    Sources are evidence: opened O_RDONLY, never O_CREAT (domain.md D.7 E1). O_NOATIME is granted
    only to a file's owner, hence the second try.
    """
    flags = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    flags |= getattr(os, "O_NONBLOCK", 0)  # a fifo put in place of the file must not hang the run
    try:
        handle = os.open(path, flags | getattr(os, "O_NOATIME", 0))
    except PermissionError:
        handle = os.open(path, flags)
    return os.fdopen(handle, "rb", buffering=0)


def middle_start(size: int, seed: int) -> int:
    """Where the middle look begins: somewhere in the second or third quarter, by ``seed``."""
    room = max(size // 2, 1)
    return size // 4 + int(np.random.default_rng([seed, size]).integers(room))


def look(stream: BinaryIO, size: int, *, seed: int) -> tuple[Window, ...]:
    """Head, middle and tail of a seekable stream."""
    head = Window(0, _read(stream, 0, HEAD))
    if size <= HEAD:
        return (head,)
    middle = min(max(middle_start(size, seed), HEAD), size - 1)
    tail = max(size - WINDOW, HEAD)
    starts = [middle, tail] if middle + WINDOW <= tail else [tail]
    return (head, *(Window(start, _read(stream, start, WINDOW)) for start in starts))


def _read(stream: BinaryIO, start: int, count: int) -> bytes:
    stream.seek(start)
    parts = []
    while count > 0 and (part := stream.read(count)):
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def file_content(path: Path, *, seed: int = 0) -> Content:
    """The file at ``path`` as a Content; OSError if it cannot be opened."""
    with open_file(path) as stream:
        size = os.fstat(stream.fileno()).st_size
        windows = look(stream, size, seed=seed)
    return Content(path.name, "", size, windows, lambda: open_file(path))


def held_content(
    data: bytes,
    name: str,
    *,
    member: str,
    seed: int = 0,
    sha256: str | None = None,
    packed: int | None = None,
) -> Content:
    """Bytes already in memory as a Content."""
    windows = look(io.BytesIO(data), len(data), seed=seed)
    return Content(name, member, len(data), windows, lambda: io.BytesIO(data), sha256, packed, data)


def hold(content: Content, limit: int) -> Content | None:
    """The content with its bytes in memory, None if they are more than ``limit``."""
    if content.whole is not None:
        return content
    if content.size > limit:
        return None
    with content.open() as stream:
        parts = []
        while part := stream.read(HEAD):
            parts.append(part)
    data = b"".join(parts)
    return Content(
        content.name,
        content.member,
        len(data),
        content.windows,
        lambda: io.BytesIO(data),
        content.sha256,
        content.packed,
        data,
    )

"""Contents: the bytes of a file on disk or of an archive member, readable from the start again."""

from __future__ import annotations

import errno
import io
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np

from piiscan.arguments import is_stored
from piiscan.errors import SourceError
from piiscan.sources.stores import open_object

#: Bytes of the sample windows (head; middle and tail) from which the format is detected.
HEAD_BYTES = 256 << 10
WINDOW_BYTES = 64 << 10
#: Bytes that are read at once.
PIECE_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Window:
    """Sample window of a content: its first byte's offset, and its bytes."""

    start: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes of a file or an archive member, with sample windows for format detection.

    ``windows`` are head, middle and tail, or the head alone if it covers everything.  ``open``
    returns a new binary stream from the start on each call, for reading only.
    """

    name: str  # last part of the path or of ``member``, for its extension
    member: str  # path inside the source (a.zip!b.csv), "" for the source itself
    size: int
    windows: tuple[Window, ...]
    open: Callable[[], BinaryIO]
    sha256: str | None = None
    packed_size: int | None = None  # bytes in the archive
    data: bytes | None = None  # all bytes, if they are in memory already
    path: Path | None = None  # of a file on disk, for the files beside it
    seekable: bool = True  # False: the streams can only be read from the start

    @property
    def head(self) -> bytes:
        """Return the first bytes (at most ``HEAD_BYTES``)."""
        return self.windows[0].data

    @property
    def extension(self) -> str:
        """Return the file extension in lower case without the dot, "" for a name without one.

        >>> Content("名单.CSV", "", 0, (Window(0, b""),), io.BytesIO).extension
        'csv'
        """
        return Path(self.name).suffix[1:].lower()

    def member_path(self, name: str) -> str:
        """Return the path of member ``name`` inside the source: ``b.zip, c.csv -> b.zip!c.csv``.

        >>> Content("b.zip", "b.zip", 0, (), io.BytesIO).member_path("c.csv")
        'b.zip!c.csv'
        """
        return f"{self.member}!{name}" if self.member else name


def open_file(path: Path) -> BinaryIO:
    """Open a file or an object for reading in binary, without a new access time if possible.

    Sources are evidence: they are opened with O_RDONLY and never with O_CREAT.  The system grants
    O_NOATIME only to the owner of a file, hence the second attempt.  Raise OSError for a device or
    a pipe, which may never end.
    """
    if is_stored(path):
        stream: BinaryIO = open_object(path)
        return stream
    flags = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    flags |= getattr(os, "O_NONBLOCK", 0)  # a fifo that replaces the file must not block the run
    try:
        handle = os.open(path, flags | getattr(os, "O_NOATIME", 0))
    except PermissionError:
        handle = os.open(path, flags)
    mode = os.fstat(handle).st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        os.close(handle)
        raise OSError(errno.EINVAL, "no plain file")
    return os.fdopen(handle, "rb", buffering=0)


def middle_start(size: int, seed: int) -> int:
    """Choose the byte offset of the middle sample window, in the second or third quarter."""
    room = max(size // 2, 1)
    return size // 4 + int(np.random.default_rng([seed, size]).integers(room))


def read_windows(stream: BinaryIO, size: int, *, seed: int) -> tuple[Window, ...]:
    """Read the sample windows of a seekable stream: head, middle and tail, if they differ."""
    first_window = Window(0, _read_bytes(stream, 0, HEAD_BYTES))
    if size <= HEAD_BYTES:
        return (first_window,)
    middle = min(max(middle_start(size, seed), HEAD_BYTES), size - 1)
    tail = max(size - WINDOW_BYTES, HEAD_BYTES)
    starts = [middle, tail] if middle + WINDOW_BYTES <= tail else [tail]
    return (
        first_window,
        *(Window(start, _read_bytes(stream, start, WINDOW_BYTES)) for start in starts),
    )


def _read_bytes(stream: BinaryIO, start: int, count: int) -> bytes:
    """Read up to ``count`` bytes from offset ``start``; fewer at the end of the stream."""
    stream.seek(start)
    return read_up_to(stream, count)


def read_up_to(stream: BinaryIO, count: int) -> bytes:
    """Return the next ``count`` bytes of a stream; fewer only at its end."""
    pieces = []
    while count > 0 and (piece := stream.read(count)):
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)


def read_pieces(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the bytes of a stream in pieces of 1 MiB."""
    while piece := stream.read(PIECE_BYTES):
        yield piece


def file_content(path: Path, *, seed: int = 0) -> Content:
    """Return the file at ``path`` as a Content; raises OSError if it cannot be opened."""
    with open_file(path) as stream:
        size = os.fstat(stream.fileno()).st_size
        windows = read_windows(stream, size, seed=seed)
    return Content(path.name, "", size, windows, lambda: open_file(path), path=path)


def memory_content(
    data: bytes,
    name: str,
    *,
    member: str,
    seed: int = 0,
    sha256: str | None = None,
    packed_size: int | None = None,
) -> Content:
    """Return ``data``, the bytes of an archive member, as a Content."""
    windows = read_windows(io.BytesIO(data), len(data), seed=seed)
    return Content(
        name, member, len(data), windows, lambda: io.BytesIO(data), sha256, packed_size, data
    )


def memory_member(container: Content, name: str, data: bytes, *, seed: int = 0) -> Content:
    """Return ``data`` as the member ``name`` (``folder/a.png``) of a container."""
    path = container.member_path(name)
    return memory_content(data, name.rpartition("/")[2], member=path, seed=seed)


def load_content(content: Content, limit: int) -> Content | None:
    """Read a content into memory; return None if it has more than ``limit`` bytes."""
    if content.data is not None:
        return content
    if content.size > limit:
        return None
    with content.open() as stream:
        data = b"".join(read_pieces(stream))
    in_memory: dict[str, Any] = {
        "open": lambda: io.BytesIO(data),
        "data": data,
        "path": None,
        "seekable": True,
    }
    return replace(content, size=len(data), **in_memory)


def held_content(content: Content, limit: int) -> Content:
    """Read a content into memory; raise SourceError if it has more than ``limit`` bytes."""
    loaded = load_content(content, limit)
    if loaded is None:
        raise SourceError("MEMBER_TOO_LARGE", f"{content.size} bytes to be held")
    return loaded


def read_whole(content: Content, limit: int) -> bytes:
    """Return all bytes of a content; raise SourceError if it has more than ``limit``."""
    data = held_content(content, limit).data
    assert data is not None
    return data

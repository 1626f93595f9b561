"""Members of containers: one pass for digest, size and sample windows, then a Content.

A stream that can be unpacked only once is kept: in memory if it is short, else in a temporary file
without a name, which nobody else can open and which ends with its Content.
"""

from __future__ import annotations

import hashlib
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any, BinaryIO, Final, cast

from piiscan.errors import is_machine_error
from piiscan.sources.block import Trouble
from piiscan.sources.content import (
    HEAD_BYTES,
    WINDOW_BYTES,
    Content,
    Window,
    memory_content,
    middle_start,
    read_pieces,
    read_windows,
)
from piiscan.sources.limits import BudgetUsage

#: First bytes of formats whose readers go to and fro.
_NEED_SEEK: Final = (b"PK", b"\xd0\xcf\x11\xe0", b"7z\xbc\xaf", b"Rar!", b"SQLite format 3")


@dataclass(slots=True)
class Packed:
    """Sizes in bytes of packed members and of the bytes unpacked from them, to compare them."""

    size: int
    unpacked: int = 0


class _RangeStream:
    """Stream over the bytes [start, start + size) of a stream that can seek.

    It closes ``stream``, or shares it under ``lock`` and leaves it open for its ``owner``.
    """

    def __init__(
        self,
        stream: BinaryIO,
        start: int,
        size: int,
        lock: Lock | None = None,
        owner: object = None,
    ) -> None:
        self._stream, self._start, self._size, self._at = stream, start, size, 0
        self._lock, self._owner = lock or Lock(), owner
        self._is_shared = lock is not None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = max(0, offset + (0, self._at, self._size)[whence])
        return self._at

    def read(self, size: int = -1) -> bytes:
        left = max(self._size - self._at, 0)
        size = left if size < 0 else min(size, left)
        with self._lock:
            self._stream.seek(self._start + self._at)
            data = self._stream.read(size) if size else b""
        self._at += len(data)
        return data

    def close(self) -> None:
        self._owner = None
        if not self._is_shared:
            self._stream.close()

    def __enter__(self) -> BinaryIO:
        return cast("BinaryIO", self)

    def __exit__(self, *_: object) -> None:
        self.close()


class _Spool:
    """Temporary file without a name. It is closed when no Content uses it any more."""

    def __init__(self) -> None:
        self.file = cast("BinaryIO", tempfile.TemporaryFile(buffering=0))  # noqa: SIM115
        self.lock = Lock()

    def write(self, data: bytes) -> None:
        """Append all of ``data``."""
        view = memoryview(data)
        while view:
            view = view[self.file.write(view) :]

    def open(self, size: int) -> BinaryIO:
        """Return a read stream over bytes [0, size) of the temporary file.

        The file stays open until the stream is closed.
        """
        return cast("BinaryIO", _RangeStream(self.file, 0, size, self.lock, self))

    def __del__(self) -> None:
        self.file.close()


@dataclass(slots=True)
class MemberScan:
    """First pass over a member: size, digest, sample windows, its bytes if few, and its Trouble.

    ``window_starts`` are the offsets of the sample windows of a member that can be unpacked again;
    the bytes of any other, and of a format that is not read from start to end, are spooled.
    """

    member: str
    usage: BudgetUsage
    packed: Packed
    window_starts: tuple[int, ...] = ()
    size: int = 0
    digest: Any = field(default_factory=hashlib.sha256)
    pieces: list[bytes] | None = field(default_factory=list)
    trouble: Trouble | None = None
    _windows: list[tuple[int, bytearray]] = field(default_factory=list)
    _spool: _Spool | None = None

    def read(self, pieces: Iterable[bytes]) -> bool:
        """Read the ``pieces`` of a member's bytes. Return False if a limit of the budget stops it.

        The errors of ``pieces`` pass; what was read before them remains.
        """
        self._windows = [(start, bytearray()) for start in self.window_starts]
        for piece in pieces:
            self._add(piece)
            if (reason := self._exceeded_limit(len(piece))) is not None:
                self.trouble = Trouble(self.member, reason, f"stopped after {self.size} bytes")
                return False
        return True

    def read_damaged(self, pieces: Iterable[bytes]) -> None:
        """Read the ``pieces`` of a member's bytes. If they raise, set the member's Trouble."""
        try:
            self.read(pieces)
        except Exception as error:  # one bad member must not cost the others
            if is_machine_error(error):
                raise
            detail = f"{type(error).__name__} after {self.size} bytes"
            self.trouble = Trouble(self.member, "CORRUPT", detail)

    def _add(self, piece: bytes) -> None:
        """Add the next bytes to digest and sample windows, and store them (memory, spool file)."""
        self.digest.update(piece)
        for number, (start, collected) in enumerate(self._windows):
            room = (HEAD_BYTES if number == 0 else WINDOW_BYTES) - len(collected)
            begin = start + len(collected) - self.size
            if room > 0 and 0 <= begin < len(piece):
                collected.extend(piece[begin : begin + room])
        self.size += len(piece)
        if self.pieces is not None:
            self.pieces.append(piece)
            if self.size <= self.usage.budget.member_in_memory:
                return
            kept, self.pieces = self.pieces, None
            if not self.window_starts or kept[0].startswith(_NEED_SEEK):
                self._spool = _Spool()
                for each in kept:
                    self._spool.write(each)
        elif self._spool is not None:
            self._spool.write(piece)

    def _exceeded_limit(self, added: int) -> str | None:
        """Add ``added`` bytes to the budget usage.

        Return the reason code of an exceeded limit, else None.
        """
        budget = self.usage.budget
        self.usage.total += added
        self.packed.unpacked += added
        if (reason := self.usage.exceeded()) is not None:
            return reason
        if self.size > budget.member:
            return "MEMBER_TOO_LARGE"
        unpacked = self.packed.unpacked
        if unpacked > budget.ratio_from and unpacked > budget.ratio * max(self.packed.size, 1):
            return "ZIP_RATIO"
        return None

    def opened(
        self, *, seed: int, reopen: Callable[[], BinaryIO] | None = None, seekable: bool = True
    ) -> Iterator[Content | Trouble]:
        """Yield the Content of the bytes read, if any, then the trouble if there is one.

        ``reopen`` unpacks a member with ``window_starts`` again; ``seekable``: so that it can seek.
        """
        if self.size or self.trouble is None:
            yield self._content(seed, reopen, seekable=seekable)
        if self.trouble is not None:
            yield self.trouble

    def _content(
        self, seed: int, reopen: Callable[[], BinaryIO] | None, *, seekable: bool
    ) -> Content:
        """Build the Content of a member; of a damaged member only of its readable bytes."""
        name = self.member.rpartition("!")[2].rpartition("/")[2]
        sha256, size, packed = self.digest.hexdigest(), self.size, self.packed.size
        if self.pieces is not None:
            data = b"".join(self.pieces)
            return memory_content(
                data, name, member=self.member, seed=seed, sha256=sha256, packed_size=packed
            )
        if self._spool is not None:
            spool = self._spool
            with spool.open(size) as stream:
                windows = read_windows(stream, size, seed=seed)
            return Content(
                name, self.member, size, windows, lambda: spool.open(size), sha256, packed
            )
        assert reopen is not None
        found = [Window(start, bytes(data)) for start, data in self._windows if data]
        windows = tuple(
            w for n, w in enumerate(found) if n == 0 or w.start >= found[n - 1].start + WINDOW_BYTES
        )
        open_whole = reopen

        def open_part() -> BinaryIO:
            """Open the member, limited to the bytes that were read before its damage."""
            return limit_stream(open_whole(), left=size)

        whole = self.trouble is None
        return Content(
            name,
            self.member,
            size,
            windows,
            open_whole if whole else open_part,
            sha256,
            packed,
            seekable=seekable and whole,
        )


def window_starts(size: int, seed: int) -> tuple[int, ...]:
    """Return the offsets of the sample windows of a member of ``size`` bytes."""
    return (0, max(middle_start(size, seed), HEAD_BYTES), max(size - WINDOW_BYTES, HEAD_BYTES))


def open_spooled(pieces: Iterable[bytes]) -> Callable[[], BinaryIO]:
    """Write ``pieces`` of bytes to a temporary file. Return the function that opens it."""
    spool, size = _Spool(), 0
    for piece in pieces:
        spool.write(piece)
        size += len(piece)
    return lambda: spool.open(size)


def seekable_content(content: Content) -> Content:
    """Return a content whose streams can seek: itself, or a copy in a temporary file."""
    if content.seekable:
        return content
    with content.open() as stream:
        opened = open_spooled(read_pieces(stream))
    return replace(content, open=opened, data=None, path=None, seekable=True)


class _MemberStream:
    """Stream over a member (at most ``left`` bytes) that also closes the streams below it."""

    def __init__(self, stream: BinaryIO, *underlying: BinaryIO, left: int | None = None) -> None:
        self._streams = (stream, *underlying)
        self._left = left

    def read(self, size: int = -1) -> bytes:
        if self._left is not None:
            size = self._left if size < 0 else min(size, self._left)
        data = self._streams[0].read(size) if size else b""
        if self._left is not None:
            self._left -= len(data)
        return data

    def close(self) -> None:
        for stream in self._streams:
            stream.close()

    def __enter__(self) -> BinaryIO:
        return cast("BinaryIO", self)

    def __exit__(self, *_: object) -> None:
        self.close()


def open_range(stream: BinaryIO, start: int, size: int) -> BinaryIO:
    """Return a stream over the bytes [start, start + size) of ``stream``, which it closes."""
    return cast("BinaryIO", _RangeStream(stream, start, size))


def limit_stream(stream: BinaryIO, *underlying: BinaryIO, left: int | None = None) -> BinaryIO:
    """Return a stream of at most ``left`` bytes that also closes the streams ``underlying``."""
    return cast("BinaryIO", _MemberStream(stream, *underlying, left=left))

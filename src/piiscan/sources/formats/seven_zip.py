"""7z archives: each folder is unpacked once, in order; members go to memory or a private file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from queue import Queue
from threading import Thread
from typing import Any, BinaryIO, Final

from piiscan.errors import SourceError, is_machine_error
from piiscan.sources.archives.member_names import is_split_name, unique_names
from piiscan.sources.archives.spool import MemberScan, Packed, seekable_content
from piiscan.sources.block import Trouble
from piiscan.sources.content import Content
from piiscan.sources.format import Format, Opened, Sample
from piiscan.sources.read_context import ReadContext

#: Bytes after which a password is right, if nothing failed.
_TRIAL_BYTES: Final = 1 << 20


@dataclass(slots=True)
class _Receiver:
    """Writer for py7zr that passes the bytes of one member to its MemberScan.

    Without a scan it is a trial: it drops all bytes and ends the unpacking after ``_TRIAL_BYTES``.
    """

    unpacker: _Unpacker | None = None
    scan: MemberScan | None = None
    size: int = 0

    def create(self, filename: str) -> _Receiver:
        """Begin the member, and hand over the member before it."""
        del filename
        if self.unpacker is not None:
            self.unpacker.hand_over()
            self.unpacker.current = self.scan
        return self

    def write(self, data: bytes) -> int:
        """Pass bytes of the member to its scan; raise SourceError at a limit of the budget."""
        self.size += len(data)
        if self.unpacker is None or self.scan is None:
            is_over = self.size > _TRIAL_BYTES
        else:
            is_over = self.unpacker.stopped or not self.scan.read((bytes(data),))
        if is_over:
            raise SourceError("MEMBER_TOO_LARGE")
        return len(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Do nothing."""
        del offset, whence
        return 0

    def close(self) -> None:
        """Do nothing: it is known later if the member is whole."""


@dataclass(slots=True)
class _Unpacker:
    """Thread that unpacks a 7z archive and hands over one member at a time."""

    archive: Any
    stream: BinaryIO
    scans: dict[int, MemberScan]
    queue: Queue[Any] = field(default_factory=lambda: Queue(1))
    stopped: bool = False
    current: MemberScan | None = None

    def hand_over(self) -> None:
        """Put the scan of the current member into the queue."""
        if self.current is not None:
            self.queue.put(self.current)
            self.current = None

    def members(self) -> Iterator[MemberScan]:
        """Yield the scan of each member in order, a damaged one with its trouble."""
        thread = Thread(target=self._run, daemon=True)
        thread.start()
        try:
            while (item := self.queue.get()) is not None:
                if isinstance(item, BaseException):
                    raise item
                yield item
        finally:
            self.stopped = True
            while thread.is_alive():
                while not self.queue.empty():
                    self.queue.get_nowait()
                thread.join(0.01)

    def _run(self) -> None:
        """Unpack folder after folder; damage loses the later members of its folder."""
        from py7zr.io import MemIO

        try:
            for files, start, end in _folders(self.archive):
                for each in files:
                    if each.id in self.scans:
                        receiver: Any = _Receiver(self, self.scans[each.id])
                        self.archive.worker.register_filelike(each.id, MemIO("x", receiver))
                try:
                    self.archive.worker.extract_single(self.stream, files, None, start, end, None)
                except Exception as error:  # one bad member must not cost the others
                    if is_machine_error(error):
                        raise
                    scan = self.current
                    if scan is not None and scan.trouble is None:
                        detail = f"7z: {type(error).__name__} after {scan.size} bytes"
                        scan.trouble = Trouble(scan.member, "CORRUPT", detail)
                self.hand_over()
                if self.stopped:
                    break
            self.queue.put(None)
        except BaseException as error:  # raised again by the reader
            self.queue.put(error)
            if not isinstance(error, Exception):
                raise


def _folders(archive: Any) -> Iterator[tuple[list[Any], int, int]]:
    """Yield (files, start, end) of each folder, and of the files without bytes."""
    yield [each for each in archive.files if each.emptystream], 0, 0
    streams = archive.header.main_streams
    if streams is None:
        return
    start, positions = archive.worker.src_start, streams.packinfo.packpositions
    at = 0
    for folder in streams.unpackinfo.folders:
        end = at + len(folder.packed_indices or [0])
        yield [*(folder.files or [])], start + positions[at], start + positions[end]
        at = end


def _open_archive(stream: BinaryIO, passwords: tuple[bytes, ...]) -> Any:
    """Open an archive with the password that fits; return None if none does."""
    import py7zr

    for password in (None, *dict.fromkeys(each.decode("utf-8", "replace") for each in passwords)):
        stream.seek(0)
        try:
            archive = py7zr.SevenZipFile(stream, password=password)
        except py7zr.exceptions.PasswordRequired:
            continue
        except Exception as error:
            if password is None or is_machine_error(error):
                raise
            continue
        if not archive.password_protected or (password and _fits(archive, stream)):
            stream.seek(0)
            return py7zr.SevenZipFile(stream, password=password)
    return None


def _fits(archive: Any, stream: BinaryIO) -> bool:
    """Return True if a password fits: the first bytes of the first member can be unpacked."""
    from py7zr.io import MemIO

    trial: Any = _Receiver()
    for files, start, end in _folders(archive):
        first = [each for each in files if not each.emptystream][:1]
        if not first:
            continue
        archive.worker.register_filelike(first[0].id, MemIO("x", trial))
        try:
            archive.worker.extract_single(stream, first, None, start, end, None)
        except SourceError:
            return True
        except Exception as error:
            if is_machine_error(error):
                raise
            return False
        return True
    return True


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the members of a 7z archive in the order of its folders, and a Trouble per problem."""
    content = seekable_content(sample.content)
    with content.open() as stream:
        try:
            archive = _open_archive(stream, context.passwords)
        except Exception as error:
            if is_machine_error(error):
                raise
            reason = "SPLIT_SET" if is_split_name(content.name) else "CORRUPT"
            yield Trouble(content.member, reason, f"7z: {type(error).__name__}")
            return
        if archive is None:
            tried = f"; none of {len(context.passwords)} opens it" if context.passwords else ""
            yield Trouble(content.member, "ENCRYPTED", f"the archive has a password{tried}")
            return
        yield from _read_members(content, archive, stream, context)


def _read_members(content: Content, archive: Any, stream: BinaryIO, context: ReadContext) -> Opened:
    """Yield the members, and a Trouble for each that was not unpacked."""
    files = [each for each in archive.files if not each.is_directory]
    limit = context.budget.members
    names = unique_names([each.filename for each in files[:limit]])
    packed = Packed(content.size)
    scans = {
        each.id: MemberScan(content.member_path(name), context.usage, packed)
        for each, name in zip(files, names, strict=False)
    }
    unread = {id(scan): scan for scan in scans.values()}
    for scan in _Unpacker(archive, stream, scans).members():
        del unread[id(scan)]
        yield from scan.opened(seed=context.seed)
        if context.usage.exceeded() is not None:
            break
    reason = context.usage.exceeded() or "CORRUPT"
    for scan in unread.values():
        yield Trouble(scan.member, reason, "7z: not reached")
    if len(files) > limit:
        detail = f"{len(files) - limit} members over the budget"
        yield Trouble(content.member, "ZIP_MEMBERS", detail)


FORMATS: Final = (
    Format(
        "7z",
        20,
        _open,
        signatures=((0, b"7z\xbc\xaf\x27\x1c"),),
        extensions=("7z",),
        container=True,
        packages=("py7zr",),
        extra="archives",
    ),
)

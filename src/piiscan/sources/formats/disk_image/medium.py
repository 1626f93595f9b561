"""Media: the bytes of a disk as an image has them, in one or many files, packed or not."""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Callable, Iterator, Sequence
from itertools import count, takewhile
from pathlib import Path
from typing import Any, BinaryIO, Final

from piiscan.errors import SourceError
from piiscan.sources.content import PIECE_BYTES, Content, open_file
from piiscan.sources.formats.disk_image.ewf_sections import MendedSegment
from piiscan.sources.formats.disk_image.qcow2_clusters import Qcow2Stream, needs_parent

#: Bytes after which a long work sends a sign of life.
_BEAT: Final = 64 << 20
#: Bytes read from a medium, for each byte of its image, after which a file system is a loop.
_MOST_READ: Final = 1000
_LEAST_READ: Final = 64 << 30
_EWF: Final = struct.Struct("<8sBHH")
_DONE: Final = b"done"
_TOGETHER: Final = ": put all pieces into one folder"
_SECTION: Final = 76
_WAY_OUT: Final = (
    "its own structure is damaged; take another copy, or recover it (ewfrecover, qemu-img)"
)
_NUMBERED: Final = re.compile(r"(.+\.)(\d{2,4}|[a-z]{2})", re.DOTALL)
_EWF_NAME: Final = re.compile(r"(.+\.[EeLlSs])(\d\d|[A-Za-z]{2})", re.DOTALL)
_EXTENT: Final = re.compile(r"(.+)-(?:flat|[fs]\d{3})(\.vmdk)", re.DOTALL | re.IGNORECASE)


class Medium:
    """Readable bytes of a disk. ``beat`` is called now and then, so that nobody waits in vain.

    ``stored``: digests of the medium in the image, by name; ``missing``: pieces that it lacks;
    ``damage``: of its own structure; ``packed``: bytes of the image.
    """

    def __init__(self, stream: Any, size: int, beat: Callable[[], object], packed: int = 0) -> None:
        self.size, self.packed = size, packed
        self._stream, self._beat = stream, beat
        self._read = 0
        self.stored: dict[str, str] = {}
        self.missing = self.damage = ""

    def read(self, start: int, size: int) -> bytes:
        """Return up to ``size`` bytes from ``start``; raise OSError for far too many reads."""
        before = self._read // _BEAT
        self._read += size
        if self._read > max(_MOST_READ * self.packed, _LEAST_READ):
            raise OSError("a file system without end")
        if self._read // _BEAT != before:
            self._beat()
        self._stream.seek(start)
        return bytes(self._stream.read(max(min(size, self.size - start), 0)))

    def digests(self, names: list[str]) -> dict[str, str]:
        """Return name -> digest of all bytes."""
        found = [hashlib.new(name.lower(), usedforsecurity=False) for name in names]
        self._read = 0
        for start in range(0, self.size, PIECE_BYTES):
            piece = self.read(start, PIECE_BYTES)
            for each in found:
                each.update(piece)
        return {name: each.hexdigest() for name, each in zip(names, found, strict=True)}


class _Pieces:
    """Stream over files that follow each other."""

    def __init__(self, streams: list[BinaryIO]) -> None:
        self._streams, self._at = streams, 0
        ends = [0]
        for each in streams:
            ends.append(ends[-1] + each.seek(0, 2))
        self._ends, self.size = ends, ends[-1]

    def seek(self, start: int) -> None:
        self._at = start

    def read(self, size: int) -> bytes:
        pieces = []
        for stream, begin, end in zip(self._streams, self._ends, self._ends[1:], strict=False):
            if begin <= self._at < end and size > 0:
                stream.seek(self._at - begin)
                pieces.append(stream.read(min(size, end - self._at)))
                size -= len(pieces[-1])
                self._at += len(pieces[-1])
        return b"".join(pieces)


def piece_names(name: str) -> Iterator[str]:
    """Yield the name of an image's first piece, then the names of its further pieces.

    >>> from itertools import islice
    >>> [*islice(piece_names("a.dd.001"), 3)], [*islice(piece_names("a.aa"), 2)]
    (['a.dd.001', 'a.dd.002', 'a.dd.003'], ['a.aa', 'a.ab'])
    >>> [*piece_names("a.dd")]
    ['a.dd']
    """
    yield name
    found = _NUMBERED.fullmatch(name)
    if found is None:
        return
    if found[2].isdigit():
        width = len(found[2])
        yield from (f"{found[1]}{n:0{width}}" for n in count(int(found[2]) + 1))
    elif found[2] == "aa":
        letters = "abcdefghijklmnopqrstuvwxyz"
        yield from (found[1] + a + b for a in letters for b in letters if a + b != "aa")


def first_piece(content: Content) -> Path | None:
    """Return the file that begins the image of which a file is a later piece; None for any other.

    It may be missing: ``a.002 -> a.001``, ``a.E02 -> a.E01``, ``a-flat.vmdk -> a.vmdk``.
    """
    place = content.path
    path = place if place is not None else Path(content.name)
    if content.head.startswith((b"EVF\x09\x0d\x0a\xff\0", b"LVF\x09\x0d\x0a\xff\0")):
        number = _EWF.unpack_from(content.head.ljust(_EWF.size, b"\0"))[2]
        found = _EWF_NAME.fullmatch(path.name)
        return path.with_name(f"{found[1]}01") if found and number > 1 else None
    if extent := _EXTENT.fullmatch(path.name):
        first = path.with_name(extent[1] + extent[2])
        return first if place is None or first.is_file() else None
    found = _NUMBERED.fullmatch(path.name)
    if found is None or place is None:
        return None
    last = found[2]
    begins = ("aa",) if not last.isdigit() else (f"{0:0{len(last)}}", f"{1:0{len(last)}}")
    firsts = (path.with_name(found[1] + each) for each in begins if each < last)
    return next((each for each in firsts if each.is_file()), None)


def open_medium(kind: str, content: Content, beat: Callable[[], object]) -> Medium:
    """Open the medium that an image of a ``kind`` has; raise SourceError if that cannot be."""
    try:
        medium = _OPENERS.get(kind, _open_raw)(content, beat)
    except (OSError, ValueError, OverflowError):
        raise SourceError("CORRUPT", f"{kind}: {_WAY_OUT}") from None
    medium.packed = max(medium.packed, content.size)
    return medium


def _open_pieces(content: Content, names: Iterator[str]) -> list[BinaryIO]:
    """Open a content and the files of its folder that follow it, up to the first missing one."""
    place = content.path
    next(names)
    others = () if place is None else map(place.with_name, names)
    return [content.open(), *map(open_file, takewhile(Path.is_file, others))]


def _open_raw(content: Content, beat: Callable[[], object]) -> Medium:
    """Open a raw image in one piece or many."""
    pieces = _Pieces(_open_pieces(content, piece_names(content.name)))
    return Medium(pieces, pieces.size, beat, pieces.size)


def _ewf_names(name: str) -> Iterator[str]:
    """Yield the names of the segments of an E01 image: E01 to E99, EAA to EZZ."""
    found = _EWF_NAME.fullmatch(name)
    yield name
    if found is not None and found[2] == "01":
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        ends = [f"{n:02}" for n in range(2, 100)] + [a + b for a in letters for b in letters]
        yield from (found[1] + (each.lower() if found[1][-1].islower() else each) for each in ends)


def _open_ewf(content: Content, beat: Callable[[], object]) -> Medium:
    """Open an E01 image of one segment or many."""
    streams = _open_pieces(content, _ewf_names(content.name))
    streams[-1].seek(-_SECTION, 2)
    is_whole = streams[-1].read(len(_DONE)) == _DONE
    damage = ""
    try:
        handle = _ewf_handle(streams, is_whole)
    except OSError:
        mended = [MendedSegment(each) for each in streams]
        handle = _ewf_handle(mended, is_whole)
        damages = sum(each.damages for each in mended)
        damage = f"E01: {damages} damaged sections are passed over; compare other copies"
    medium = Medium(handle, handle.get_media_size(), beat)
    medium.stored = dict(handle.get_hash_values())
    medium.packed = sum(each.seek(0, 2) for each in streams)
    medium.damage = damage
    if not is_whole:
        medium.missing = f"E01: the segments behind the first {len(streams)}{_TOGETHER}"
    return medium


def _ewf_handle(streams: Sequence[Any], is_whole: bool) -> Any:
    """Return the handle of an E01 image; raise OSError if its begin or end cannot be read.

    ``is_whole``: True if no segment is missing.
    """
    import pyewf

    handle = pyewf.handle()
    handle.open_file_objects(streams)
    size = handle.get_media_size()
    if not size:
        raise OSError("no medium")
    for at in (0, size - 1)[: 1 + is_whole]:
        handle.seek(at)
        handle.read(1)
    return handle


def _open_qcow2(content: Content, beat: Callable[[], object]) -> Medium:
    """Open a qcow2 image."""
    stream = Qcow2Stream(content.open())
    medium = Medium(stream, stream.size, beat)
    if stream.snapshots:
        medium.missing = f"qcow2: {stream.snapshots} snapshots inside (qemu-img convert -l)"
    return medium


def _open_vhd(content: Content, beat: Callable[[], object]) -> Medium:
    """Open a VHD or VHDX image; raise SourceError if it needs another image."""
    import pyvhdi

    file = pyvhdi.file()
    file.open_file_object(content.open())
    if file.get_parent_identifier() or file.get_parent_filename():
        raise needs_parent("VHD")
    return Medium(file, file.get_media_size(), beat)


def _open_vmdk(content: Content, beat: Callable[[], object]) -> Medium:
    """Open a VMDK image with the extents in its folder; raise SourceError if one is missing."""
    import pyvmdk

    handle = pyvmdk.handle()
    handle.open_file_object(content.open())
    if handle.get_parent_content_identifier() not in (None, 0xFFFFFFFF):
        raise needs_parent("VMDK")
    streams = []
    for extent in handle.extent_descriptors:
        name = (extent.filename or "").replace("\\", "/").rpartition("/")[2]
        place = content.path and content.path.with_name(name or content.name)
        if len(content.head) > len(_SPARSE) and content.head.startswith(_SPARSE):
            streams.append(content.open())  # the file of the descriptor, under whatever name
        elif place and place.is_file():
            streams.append(open_file(place))
        else:
            detail = f"VMDK: extent {len(streams) + 1} of {handle.get_number_of_extents()}"
            raise SourceError("IMAGE_INCOMPLETE", detail + _TOGETHER)
    handle.open_extent_data_files_as_file_objects(streams)
    packed = sum(each.seek(0, 2) for each in streams)
    return Medium(handle, handle.get_media_size(), beat, packed)


_SPARSE: Final = b"KDMV"
_OPENERS: Final = {
    "E01": _open_ewf,
    "qcow2": _open_qcow2,
    "VHD": _open_vhd,
    "VHDX": _open_vhd,
    "VMDK": _open_vmdk,
}

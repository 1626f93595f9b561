"""Slide records: the texts of a ppt file, slide by slide, and the files embedded in it.

[MS-PPT] 2.1.2: the objects that the last save names are the ones that live; older ones stay in the
stream, as deleted slides do.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from piiscan.errors import SourceError
from piiscan.sources.formats.document.flow_reader import FlowReader
from piiscan.sources.formats.document.flow_writer import FlowWriter

_EDIT, _PERSIST = 0x0FF5, 0x1772
_SLIDE, _NOTES, _MASTER, _DOCUMENT, _OBJECT = 0x03EE, 0x03F0, 0x03F8, 0x03E8, 0x1011
_CHARS, _BYTES, _STRING = 0x0FA0, 0x0FA8, 0x0FBA
#: Name of the texts that the last save does not name.
EARLIER: Final = "earlier saves"
_NAMES: Final = {_SLIDE: "slide", _NOTES: "notes", _MASTER: "master", _DOCUMENT: "outline"}
_MAX_RECORDS: Final = 2_000_000
_MAX_DEPTH: Final = 64
_ZLIB: Final = (b"\x78\x01", b"\x78\x9c", b"\x78\xda", b"\x78\x5e")
_BREAKS: Final = str.maketrans({"\r": "\n", "\x0b": "\n", "\0": None})


@dataclass(slots=True)
class SlideFile:
    """Texts of a ppt file by name (``slide 1``), and its embedded files."""

    texts: list[tuple[str, list[str]]] = field(default_factory=list)
    files: list[bytes] = field(default_factory=list)

    def readers(self) -> Iterator[FlowReader]:
        """Yield a FlowReader for each text, read to its end."""
        for name, texts in self.texts:
            reader = FlowReader(name, lambda _: None)
            writer = FlowWriter(reader)
            for text in texts:
                for line in text.split("\n"):
                    if line:
                        writer.add(line, 0)
                    writer.end_paragraph(0)
                writer.end_paragraph(0)
            writer.close()
            reader.close()
            yield reader


def read_slides(stream: Callable[[str], bytes], limit: int) -> SlideFile:
    """Parse a ppt file: return its texts and embedded files, cut at ``limit`` bytes.

    ``stream``: returns the bytes of an OLE stream by its name.

    Raises SourceError.
    """
    data = stream("PowerPoint Document")
    try:
        places = _living(data, stream("Current User"))
    except (struct.error, IndexError) as error:
        raise SourceError("CORRUPT", f"ppt: {type(error).__name__}") from None
    found = SlideFile()
    numbers = dict.fromkeys(_NAMES, 0)
    for place in places:
        kind, _, begin, end = _record(data, place)
        if kind == _OBJECT:
            file = data[begin:end]
            if file[4:6] in _ZLIB:  # packed, after its length
                with suppress(zlib.error):
                    file = zlib.decompressobj().decompress(file[4:], limit)
            found.files.append(file)
        elif kind in _NAMES:
            numbers[kind] += 1
            name = _NAMES[kind] if kind == _DOCUMENT else f"{_NAMES[kind]} {numbers[kind]}"
            texts = list(_texts(data, place))
            if texts:
                found.texts.append((name, texts))
        else:
            found.texts.append(("further text", list(_texts(data, place))))
    known = {text for _, texts in found.texts for text in texts}
    gone = (
        text
        for place in _records(data)
        if place not in places and _record(data, place)[0] not in (_EDIT, _PERSIST)
        for text in _texts(data, place)
    )
    if left := [text for text in dict.fromkeys(gone) if text not in known]:
        found.texts.append((EARLIER, left))
    return found


def _records(data: bytes) -> Iterator[int]:
    """Yield the byte offset of each top-level record."""
    at = 0
    for _ in range(_MAX_RECORDS):
        if at + 8 > len(data):
            break
        yield at
        at = _record(data, at)[3]


def _record(data: bytes, at: int) -> tuple[int, int, int, int]:
    """Parse the record head at offset ``at``: (type, version bits, start, end of its content)."""
    head, kind, size = struct.unpack_from("<HHI", data, at)
    return kind, head, at + 8, min(at + 8 + size, len(data))


def _living(data: bytes, user: bytes) -> list[int]:
    """Return the byte offsets of the records of the last save; of all records if unknown."""
    places: dict[int, int] = {}
    at = struct.unpack_from("<I", user, 16)[0] if len(user) >= 20 else 0
    seen: set[int] = set()
    while at and at not in seen and at + 8 <= len(data):
        seen.add(at)
        kind, _, begin, end = _record(data, at)
        if kind != _EDIT or end - begin < 16:
            break
        at, directory = struct.unpack_from("<II", data, begin + 8)
        kind, _, begin, end = _record(data, directory)
        if kind != _PERSIST:
            break
        while begin + 4 <= end:
            head = struct.unpack_from("<I", data, begin)[0]
            first, count = head & 0xFFFFF, head >> 20
            begin += 4
            for number in range(first, first + count):
                if begin + 4 > end:
                    break
                places.setdefault(number, struct.unpack_from("<I", data, begin)[0])
                begin += 4
    if places:
        return sorted({place for place in places.values() if place + 8 <= len(data)})
    return list(_records(data))


def _texts(data: bytes, place: int) -> Iterator[str]:
    """Yield the texts of the record at offset ``place`` and of all records inside it, in order."""
    waiting = [(place, _record(data, place)[3])]
    count = 0
    while waiting:
        at, end = waiting.pop()
        if at + 8 > end:
            continue
        count += 1
        if count > _MAX_RECORDS or len(waiting) > _MAX_DEPTH:
            return
        kind, head, begin, stop = _record(data, at)
        stop = min(stop, end)
        waiting.append((stop, end))
        if head & 0xF == 0xF:
            waiting.append((begin, stop))
        elif kind in (_CHARS, _STRING):
            yield data[begin:stop].decode("utf-16-le", "replace").translate(_BREAKS)
        elif kind == _BYTES:
            yield data[begin:stop].decode("latin-1").translate(_BREAKS)

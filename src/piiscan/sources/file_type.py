"""What a content is, by its first bytes; the extension only decides between kinds of text."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from typing import Final

from piiscan.sources.content import Content

_MAGIC: Final = (
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (0, b"Rar!\x1a\x07", "rar"),
    (0, b"\x1f\x8b", "gzip"),
    (0, b"BZh", "bzip2"),
    (0, b"\xfd7zXZ\x00", "xz"),
    (0, b"\x28\xb5\x2f\xfd", "zstd"),
    (257, b"ustar", "tar"),
    (0, b"MSCF", "cab"),
    (0, b"%PDF-", "pdf"),
    (0, b"\x89PNG\r\n\x1a\n", "picture"),
    (0, b"\xff\xd8\xff", "picture"),
    (0, b"GIF8", "picture"),
    (0, b"II*\x00", "picture"),
    (0, b"MM\x00*", "picture"),
    (0, b"SQLite format 3\x00", "sqlite"),
    (0, b"\x00\x01\x00\x00Standard Jet DB", "access"),
    (0, b"\x00\x01\x00\x00Standard ACE DB", "access"),
    (0, b"{\\rtf", "rtf"),
    (0, b"PAR1", "parquet"),
    (0, b"!BDN", "pst"),
    (0, b"EVF\x09\x0d\x0a\xff\x00", "disk image"),
    (0, b"KDMV", "disk image"),
    (0, b"QFI\xfb", "disk image"),
    (0, b"\x00\x05\x16\x07", "system file"),
    (0, b"\x00\x00\x00\x01Bud1", "system file"),
)
#: Short or common first bytes, where the second mark must stand too.
_MAGIC_TWO: Final = (
    (b"BM", 6, b"\0\0\0\0", "picture"),
    (b"RIFF", 8, b"WEBP", "picture"),
    (b"", 4, b"ftypheic", "picture"),
)
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: Streams of an OLE file that say what it is (names are UTF-16).
_OLE_STREAMS: Final = (
    ("EncryptedPackage", "encrypted office"),
    ("WordDocument", "doc"),
    ("PowerPoint Document", "ppt"),
    ("__substg1.0", "msg"),
    ("Workbook", "sheet"),
    ("Book", "sheet"),
)
_ZIP_PARTS: Final = (
    ("xl/workbook.xml", "sheet"),
    ("xl/workbook.bin", "sheet"),
    ("word/document.xml", "docx"),
    ("ppt/presentation.xml", "pptx"),
    ("AndroidManifest.xml", "apk"),
)
_OFFICE: Final = ("docx", "pptx", "doc", "ppt", "odt", "rtf")


@dataclass(frozen=True, slots=True)
class Kind:
    """``name`` is what the reader is chosen by: sheet, zip, text, empty, or a kind not yet read."""

    name: str

    @property
    def detail(self) -> str:
        """What to say where it is not read."""
        return f"{'office document ' if self.name in _OFFICE else ''}{self.name}"


def detect_kind(content: Content) -> Kind:
    """The kind of a content: ``text`` for whatever has no mark of its own."""
    head = content.head
    if not head:
        return Kind("empty")
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"):
        return Kind(_zip_kind(content))
    if head.startswith(_OLE):
        return Kind(_ole_kind(content))
    for start, mark, name in _MAGIC:
        if head.startswith(mark, start):
            return Kind(name)
    for first, start, mark, name in _MAGIC_TWO:
        if head.startswith(first) and head.startswith(mark, start):
            return Kind(name)
    return Kind("text")


def _zip_kind(content: Content) -> str:
    """A workbook, an office document, or a plain zip archive."""
    try:
        with content.open() as stream, zipfile.ZipFile(stream) as archive:
            names = set(archive.NameToInfo)
            for part, name in _ZIP_PARTS:
                if part in names:
                    return name
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                return _open_document(archive.read("mimetype"))
    except (zipfile.BadZipFile, OSError, RuntimeError, ValueError, NotImplementedError):
        pass
    return "zip"


def _open_document(mimetype: bytes) -> str:
    if b"opendocument.spreadsheet" in mimetype:
        return "sheet"
    return "odt" if b"opendocument" in mimetype else "epub" if b"epub" in mimetype else "zip"


def _ole_kind(content: Content) -> str:
    """What an OLE file holds, by its stream names; a workbook by its extension if none is seen."""
    data = b"".join(window.data for window in content.windows)
    for stream, name in _OLE_STREAMS:
        if stream.encode("utf-16-le") in data:
            return name
    return "sheet" if content.extension in ("xls", "xlt", "et") else "ole"

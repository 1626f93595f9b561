"""File type detection by the first bytes. The extension only decides between types of text."""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass
from typing import Final

from piiscan.sources.content import Content

_SIGNATURES: Final = (
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
#: Short or common first bytes that need a second signature: first bytes, offset, second, type.
_TWO_PART_SIGNATURES: Final = (
    (b"BM", 6, b"\0\0\0\0", "picture"),
    (b"RIFF", 8, b"WEBP", "picture"),
    (b"", 4, b"ftypheic", "picture"),
)
_OLE_SIGNATURE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: Stream names of an OLE file (stored as UTF-16) and the file type that each one implies.
_OLE_STREAM_TYPES: Final = (
    ("EncryptedPackage", "encrypted office"),
    ("WordDocument", "doc"),
    ("PowerPoint Document", "ppt"),
    ("__substg1.0", "msg"),
    ("Workbook", "sheet"),
    ("Book", "sheet"),
)
_ZIP_PART_TYPES: Final = (
    ("xl/workbook.xml", "sheet"),
    ("xl/workbook.bin", "sheet"),
    ("word/document.xml", "docx"),
    ("ppt/presentation.xml", "pptx"),
    ("AndroidManifest.xml", "apk"),
)
_OFFICE_TYPES: Final = ("docx", "pptx", "doc", "ppt", "odt", "rtf")


@dataclass(frozen=True, slots=True)
class FileType:
    """Type of a file: sheet, zip, text, empty, or the name of a format that no reader supports."""

    name: str

    @property
    def detail(self) -> str:
        """Return the description of the type for the report of an unsupported file."""
        return f"{'office document ' if self.name in _OFFICE_TYPES else ''}{self.name}"


def detect_file_type(content: Content) -> FileType:
    """Return the file type of a content: ``text`` if no signature matches."""
    head = content.head
    if not head:
        return FileType("empty")
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"):
        return FileType(_zip_type(content))
    if head.startswith(_OLE_SIGNATURE):
        return FileType(_ole_type(content))
    for start, signature, name in _SIGNATURES:
        if head.startswith(signature, start):
            return FileType(name)
    for first, start, signature, name in _TWO_PART_SIGNATURES:
        if head.startswith(first) and head.startswith(signature, start):
            return FileType(name)
    return FileType("text")


def _zip_type(content: Content) -> str:
    """Return the type of a zip file: workbook, office document, or plain archive (``zip``)."""
    try:
        with content.open() as stream, zipfile.ZipFile(stream) as archive:
            names = set(archive.NameToInfo)
            for part, name in _ZIP_PART_TYPES:
                if part in names:
                    return name
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                return _opendocument_type(archive.read("mimetype"))
    except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, ValueError, EOFError):
        pass
    return "zip"


def _opendocument_type(mimetype: bytes) -> str:
    """Return the file type for the ``mimetype`` entry of an OpenDocument or epub file."""
    if b"opendocument.spreadsheet" in mimetype:
        return "sheet"
    return "odt" if b"opendocument" in mimetype else "epub" if b"epub" in mimetype else "zip"


def _ole_type(content: Content) -> str:
    """Return the type of an OLE file by its stream names, else by its extension."""
    data = b"".join(window.data for window in content.windows)
    for stream, name in _OLE_STREAM_TYPES:
        if stream.encode("utf-16-le") in data:
            return name
    return "sheet" if content.extension in ("xls", "xlt", "et") else "ole"

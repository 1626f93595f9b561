"""Container kinds: the kind of a zip or OLE file, by the parts inside it."""

from __future__ import annotations

import zipfile
import zlib
from typing import Final

from piiscan.sources.content import Content

ZIP_SIGNATURES: Final = ((0, b"PK\x03\x04"), (0, b"PK\x05\x06"), (0, b"PK\x07\x08"))
OLE_SIGNATURES: Final = ((0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),)
#: Stream names of an OLE file (stored as UTF-16) and the kind that each one implies.
_OLE_STREAM_KINDS: Final = (
    ("EncryptedPackage", "encrypted office"),
    ("WordDocument", "doc"),
    ("PowerPoint Document", "ppt"),
    ("__substg1.0", "msg"),
    ("Workbook", "sheet"),
    ("Book", "sheet"),
)
_ZIP_PART_KINDS: Final = (
    ("xl/workbook.xml", "sheet"),
    ("xl/workbook.bin", "sheet"),
    ("word/document.xml", "docx"),
    ("ppt/presentation.xml", "pptx"),
    ("AndroidManifest.xml", "apk"),
)
_ZIP_FOLDER_KINDS: Final = (("word/", "docx"), ("ppt/", "pptx"))
#: Parts of the entry ``mimetype``.
_MIMETYPE_KINDS: Final = (
    (b"opendocument.spreadsheet", "sheet"),
    (b"opendocument", "odt"),
    (b"epub", "epub"),
)


def zip_kind(content: Content) -> str:
    """Return the kind of a zip file: workbook, office document, or plain archive (``zip``)."""
    try:
        with content.open() as stream, zipfile.ZipFile(stream) as archive:
            names = set(archive.NameToInfo)
            for part, name in _ZIP_PART_KINDS:
                if part in names:
                    return name
            if "[Content_Types].xml" in names:  # with a main part of another name
                for folder, name in _ZIP_FOLDER_KINDS:
                    if any(part.startswith(folder) for part in names):
                        return name
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                mimetype = archive.read("mimetype")
                kinds = (name for part, name in _MIMETYPE_KINDS if part in mimetype)
                return next(kinds, "zip")
    except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, ValueError, EOFError):
        pass
    return "zip"


def ole_kind(content: Content) -> str:
    """Return the kind of an OLE file by its stream names, else by its extension."""
    data = b"".join(window.data for window in content.windows)
    for stream, name in _OLE_STREAM_KINDS:
        if stream.encode("utf-16-le") in data:
            return name
    return "sheet" if content.extension in ("xls", "xlt", "et") else "ole"

"""Formats without a reader: each is known by its first bytes and listed with its name."""

from __future__ import annotations

import struct
from typing import Final

from piiscan.sources.archives.member_names import is_split_name
from piiscan.sources.format import Format, Sample, container_format, unread

#: Name, what opens it, signatures.
_SIGNATURES: Final = (
    ("cab", "unpack with cabextract or 7-Zip", ((0, b"MSCF"),)),
    ("ar", "unpack with ar, a .deb with 7-Zip", ((0, b"!<arch>\n"),)),
    ("compress", "unpack with gzip -d or 7-Zip", ((0, b"\x1f\x9d"),)),
    ("lzip", "unpack with lzip -d", ((0, b"LZIP\x01"),)),
    ("lzop", "unpack with lzop -d", ((0, b"\x89LZO\0\r\n\x1a\n"),)),
    ("lha", "unpack with lha or 7-Zip", tuple((2, b"-lh%d-" % n) for n in range(8))),
    ("ace", "unpack with unace", ((7, b"**ACE**"),)),
    ("wim", "unpack with wimlib or 7-Zip", ((0, b"MSWIM\0\0\0"),)),
    ("VDI image", "convert it with qemu-img convert -O raw", ((64, b"\x7f\x10\xda\xbe"),)),
    ("Ex01 image", "export it as E01 or raw", ((0, b"EVF2\x0d\x0a\x81\0"),)),
    ("L01 image", "export its files, and scan the folder", ((0, b"LVF\x09\x0d\x0a\xff\0"),)),
    ("AFF image", "export it as E01 or raw", ((0, b"AFF10\x0d\x0a\0"),)),
    (
        "HEIC picture",
        "convert to JPEG or PNG",
        ((4, b"ftypheic"), (4, b"ftypheix"), (4, b"ftypmif1"), (4, b"ftypavif")),
    ),
    (
        "access",
        "open with Access or mdbtools and export each table as CSV",
        ((0, b"\x00\x01\x00\x00Standard Jet DB"), (0, b"\x00\x01\x00\x00Standard ACE DB")),
    ),
    ("feather 1", "read with pandas and write as Parquet or CSV", ((0, b"FEA1"),)),
)
_RECORD: Final = struct.Struct("<IHBQI")  # checksum, size, type; number and size of a batch


def _is_leveldb(sample: Sample) -> bool:
    """Return True for a table of LevelDB, or for a journal: batches of changes, one by one."""
    content = sample.content
    if content.windows[-1].data.endswith(b"\x57\xfb\x80\x8b\x24\x75\x47\xdb"):
        return True
    at = batches = 0
    while at + _RECORD.size <= len(content.head) and batches < 3:
        _, size, kind, _, count = _RECORD.unpack_from(content.head, at)
        if kind != 1 or not 12 <= size <= 32761 or not 0 < count < size:
            break
        at, batches = at + 7 + size, batches + 1
    return batches > 2 or (batches > 0 and at == content.size)


FORMATS: Final = (
    Format(
        "empty",
        0,
        unread("EMPTY", "no bytes", lost=False),
        probe=lambda sample: not sample.content.head,
        copied_as_text=True,
    ),
    container_format(
        "apk",
        15,
        unread("NOT_SUPPORTED_YET", "apk: unpack with 7-Zip and scan its files"),
        has_reader=False,
    ),
    *(
        Format(
            name,
            40,
            unread("NOT_SUPPORTED_YET", f"{name}: {hint}"),
            signatures=signatures,
            container=name == "cab" or name.endswith(" image"),
            has_reader=False,
        )
        for name, hint, signatures in _SIGNATURES
    ),
    Format(
        "leveldb",
        40,
        unread("NOT_SUPPORTED_YET", "LevelDB (IndexedDB of browsers and apps): export it to JSON"),
        probe=_is_leveldb,
        has_reader=False,
        extensions=("ldb",),
    ),
    Format(
        "part of an archive",
        45,
        unread("SPLIT_SET", "join the parts first"),
        probe=lambda sample: is_split_name(sample.content.name) and sample.guess is None,
    ),
    Format(
        "system file",
        40,
        unread("SYSTEM_FILE", "an operating system's notes", lost=False),
        signatures=((0, b"\x00\x05\x16\x07"), (0, b"\x00\x00\x00\x01Bud1")),
    ),
)

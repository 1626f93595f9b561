"""Formats without a reader: each is known by its first bytes and listed with its name."""

from __future__ import annotations

from typing import Final

from piiscan.sources.archives.member_names import is_split_name
from piiscan.sources.block import Trouble
from piiscan.sources.format import Format, Opened, Sample, container_format, unread
from piiscan.sources.read_context import ReadContext

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
    ("feather 1", "read with pandas and write as Parquet or CSV", ((0, b"FEA1"),)),
)
#: Kind of file (``unread_kind`` of the wording), and first bytes; (offset, bytes) where not first.
_OTHERS: Final = {
    "program": (
        *(b"MZ\x90", b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"dex\n03", b"\0asm\1"),
        *(b"\x03\0\x08\0", b"\x02\0\x0c\0"),  # compiled XML and resources of Android
    ),
    "media": (
        *(b"ID3", b"OggS", b"fLaC", b"FLV\1", b"MThd", b"#!AMR", b"#!SILK", b"\x02#!SILK"),
        *(b"\x1a\x45\xdf\xa3", b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", b"\xff\xfb", b"\xff\xf3"),
        *((4, b"ftyp"), (8, b"WAVE"), (8, b"AVI ")),
    ),
    "font": (b"\0\1\0\0\0", b"OTTO", b"wOFF", b"wOF2", b"ttcf"),
    "picture": (b"8BPS", b"\0\0\1\0\1\0", b"AC10", b"\xd7\xcd\xc6\x9a"),
    "database": (
        *((16, b"T-DB"), (4, b"\xef\xcd\xab\x89"), (3, b"EXPORT:V"), (2, b"EXPORT:V")),
        *(b"PGDMP", b"TAPE\0\0", b"\x01\x0f\0\0", b"\x1a\0\0\4\0\0", b"\x89HDF\r\n", b"H2encrypt"),
        *(b"PBM\0", b"\xfe\1\t\t", b"\xfe\1\n\t", b"MATLAB 5.0 MAT-file"),
    ),
    "log": (b"regf", b"LfLe", b"MDMP", b"PAGEDU64", b"bitLen"),
    "help": (b"ITSF", b"?_\3\0"),
    "pickle": tuple(
        b"\x80" + each for each in (b"\4\x95", b"\5\x95", b"\3}", b"\3]", b"\2}", b"\2]")
    ),
    "note": (b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d",),
    "sealed": (
        b"\x03\xd9\xa2\x9a",
        b"Salted__",
        b"age-encryption",
        b"\x85\x01\x0c\x03",
    ),
    "shortcut": (b"L\0\0\0\x01\x14\x02\0",),
}
_OTHER_SIGNATURES: Final = {
    each if isinstance(each, tuple) else (0, each): kind
    for kind, found in _OTHERS.items()
    for each in found
}


def _open_other(sample: Sample, context: ReadContext) -> Opened:
    """Yield one Trouble that begins with the kind of the file."""
    del context
    head = sample.content.head
    kinds = (kind for (at, first), kind in _OTHER_SIGNATURES.items() if head.startswith(first, at))
    yield Trouble(sample.content.member, "NOT_SUPPORTED_YET", f"{next(kinds)}: no text")


FORMATS: Final = (
    Format(
        *("other file", 48, _open_other),
        signatures=tuple(_OTHER_SIGNATURES),
        probe=lambda sample: sample.guess is None,
        has_reader=False,
    ),
    Format(
        "empty",
        0,
        unread("EMPTY", "no bytes", lost=False),
        probe=lambda sample: not sample.content.head,
        copied_as_text=True,
    ),
    container_format(
        "iwork",
        20,
        unread("NOT_SUPPORTED_YET", "iwork: export with Numbers, Pages or Keynote as xlsx or docx"),
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

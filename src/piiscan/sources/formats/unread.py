"""Formats without a reader: each is known by its first bytes and listed with its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from piiscan.sources.archives.member_names import is_split_name
from piiscan.sources.format import Format, Sample, unread

_SIGNATURES: Final = (
    ("cab", ((0, b"MSCF"),)),
    ("ar", ((0, b"!<arch>\n"),)),
    ("compress", ((0, b"\x1f\x9d"),)),
    ("lzip", ((0, b"LZIP\x01"),)),
    ("lzop", ((0, b"\x89LZO\0\r\n\x1a\n"),)),
    ("lha", tuple((2, b"-lh%d-" % n) for n in range(8))),
    ("ace", ((7, b"**ACE**"),)),
    ("wim", ((0, b"MSWIM\0\0\0"),)),
    ("iso", ((32769, b"CD001"),)),
    ("HEIC picture", ((4, b"ftypheic"), (4, b"ftypheix"), (4, b"ftypmif1"), (4, b"ftypavif"))),
    ("access", ((0, b"\x00\x01\x00\x00Standard Jet DB"), (0, b"\x00\x01\x00\x00Standard ACE DB"))),
    ("feather 1", ((0, b"FEA1"),)),
    ("disk image", ((0, b"EVF\x09\x0d\x0a\xff\x00"), (0, b"KDMV"), (0, b"QFI\xfb"))),
)
#: Those of them that hold other files.
_CONTAINERS: Final = ("7z", "rar", "gzip", "bzip2", "xz", "zstd", "tar", "cab", "disk image")


def _listed(name: str, rank: int, **more: Any) -> Format:
    """Return a Format that is recognised and listed as not supported."""
    opener = unread("NOT_SUPPORTED_YET", name)
    return Format(name, rank, opener, container=name in _CONTAINERS, has_reader=False, **more)


def _kind(name: str) -> Callable[[Sample], bool]:
    """Return the probe that recognises zip and OLE files of the kind ``name``."""
    return lambda sample: sample.container_kind == name


FORMATS: Final = (
    Format(
        "empty",
        0,
        unread("EMPTY", "no bytes", lost=False),
        probe=lambda sample: not sample.content.head,
        copied_as_text=True,
    ),
    *(_listed(name, 15, probe=_kind(name)) for name in ("apk",)),
    *(_listed(name, 40, signatures=signatures) for name, signatures in _SIGNATURES),
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

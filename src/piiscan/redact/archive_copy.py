"""Zip archives: every member's copy, packed again under its name, in the archive's order."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from piiscan.errors import SourceError
from piiscan.sources.archive import Spending, open_entries
from piiscan.sources.block import Trouble
from piiscan.sources.content import Content

_HELD: Final = 32 << 20
_UTF8: Final = 0x800
#: Extra fields that say again what the entry says: sizes, names, comments, encryption.
_DROPPED: Final = (0x0001, 0x7075, 0x6375, 0x9901)

Copy = Callable[[Content, BinaryIO], Iterable[Trouble]]


class _Entry(zipfile.ZipInfo):
    """An entry whose name stands in the archive as these bytes."""

    raw_name: tuple[bytes, int] | None = None

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - zipfile's name
        if self.raw_name is not None:
            return self.raw_name
        encode: Any = super()._encodeFilenameFlags  # type: ignore[misc]
        return cast("tuple[bytes, int]", encode())


def copy_archive(
    content: Content,
    out: BinaryIO,
    *,
    spending: Spending,
    copy: Copy,
    rename: Callable[[str], str],
    folder: Path,
) -> Iterator[Trouble]:
    """Write the archive anew; a member without a copy is left out and told.

    Dates, attributes, comments and names (in their bytes) stay; a name that ``rename`` changes is
    written in UTF-8.
    """
    with zipfile.ZipFile(out, "w") as made:
        chain = f"{content.member}!" if content.member else ""
        for info, member in open_entries(content, spending):
            if isinstance(member, Trouble):
                if info is None and member.reason == "CORRUPT":
                    raise SourceError(member.reason, member.detail)
                yield member
                continue
            assert info is not None
            with tempfile.SpooledTemporaryFile(_HELD, dir=str(folder)) as held:
                try:
                    yield from copy(member, cast("BinaryIO", held))
                except SourceError as error:
                    yield Trouble(member.member, error.reason, error.detail)
                    continue
                size = held.tell()
                held.seek(0)
                name = member.member.removeprefix(chain)
                with made.open(entry_like(info, name, rename(name), size), "w") as target:
                    shutil.copyfileobj(held, target, 1 << 20)


def entry_like(info: zipfile.ZipInfo, name: str, shown: str, size: int) -> zipfile.ZipInfo:
    """An entry for new bytes with everything that an old one says beside them."""
    entry = _Entry(info.filename if shown == name else shown, info.date_time)
    if shown == name and not info.flag_bits & _UTF8:
        entry.raw_name = info.orig_filename.encode("cp437", "replace"), 0
    entry.compress_type = info.compress_type
    entry.external_attr, entry.internal_attr = info.external_attr, info.internal_attr
    entry.create_system, entry.comment = info.create_system, info.comment
    entry.extra = _extra(info.extra)
    entry.file_size = size
    return entry


def _extra(data: bytes) -> bytes:
    """The extra fields that are still true."""
    kept, at = b"", 0
    while at + 4 <= len(data):
        kind = int.from_bytes(data[at : at + 2], "little")
        end = at + 4 + int.from_bytes(data[at + 2 : at + 4], "little")
        if kind not in _DROPPED:
            kept += data[at:end]
        at = end
    return kept

"""Redacted zip archives: the copy of each member is packed in the original order.

Dates, attributes and comments of the entries are preserved, so the copy differs in findings only.
"""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from piiscan.errors import SourceError, failure_place, is_machine_error
from piiscan.sources.archive import BudgetUsage, open_entries
from piiscan.sources.block import Trouble
from piiscan.sources.content import Content

_MEMORY_BYTES: Final = 32 << 20
_UTF8: Final = 0x800
#: Extra fields that repeat data of the old entry: sizes, name, comment, encryption.
_STALE_FIELDS: Final = (0x0001, 0x7075, 0x6375, 0x9901)

CopyMember = Callable[[Content, BinaryIO], Iterable[Trouble]]


class _RawNameEntry(zipfile.ZipInfo):
    """Zip entry whose file name is written as the given bytes.

    ``raw_name``: the encoded name and the flag bits to set; None writes the name as zipfile does.
    """

    raw_name: tuple[bytes, int] | None = None

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - zipfile's name
        """Return the encoded file name and the flag bits of the entry."""
        if self.raw_name is not None:
            return self.raw_name
        encode: Any = super()._encodeFilenameFlags  # type: ignore[misc]
        return cast("tuple[bytes, int]", encode())


def copy_archive(
    content: Content,
    out: BinaryIO,
    *,
    usage: BudgetUsage,
    copy: CopyMember,
    rename: Callable[[str], str],
    folder: Path,
) -> Iterator[Trouble]:
    """Write a redacted copy of a zip archive to ``out``. Yield a Trouble for each member lost.

    Dates, attributes, comments and the bytes of names are preserved. A name that ``rename``
    changes is written in UTF-8.

    Args:
        content: the archive.
        out: binary file for the copy.
        usage: budget of unpacked bytes and nesting, shared with enclosing archives.
        copy: function that writes the redacted copy of one member.
        rename: function from a member's name to its redacted name.
        folder: folder for temporary files.

    Raises:
        SourceError: the archive is corrupt.
    """
    with zipfile.ZipFile(out, "w") as archive:
        chain = f"{content.member}!" if content.member else ""
        for info, member in open_entries(content, usage):
            if isinstance(member, Trouble):
                if info is None and member.reason == "CORRUPT":
                    raise SourceError(member.reason, member.detail)
                yield member
                continue
            assert info is not None
            with tempfile.SpooledTemporaryFile(_MEMORY_BYTES, dir=str(folder)) as buffer:
                try:
                    yield from copy(member, cast("BinaryIO", buffer))
                except SourceError as error:
                    yield Trouble(member.member, error.reason, error.detail)
                    continue
                except Exception as error:  # one bad member must not cost the others
                    if is_machine_error(error):
                        raise
                    yield Trouble(member.member, "REDACT_FAILED", failure_place(error))
                    continue
                size = buffer.tell()
                buffer.seek(0)
                name = member.member.removeprefix(chain)
                with archive.open(build_entry(info, name, rename(name), size), "w") as target:
                    shutil.copyfileobj(buffer, target, 1 << 20)


def build_entry(info: zipfile.ZipInfo, name: str, new_name: str, size: int) -> zipfile.ZipInfo:
    """Return a zip entry for ``size`` new bytes with the metadata of ``info``.

    If ``new_name`` equals ``name``, the bytes of the original name are preserved.
    """
    entry = _RawNameEntry(info.filename if new_name == name else new_name, info.date_time)
    if new_name == name and not info.flag_bits & _UTF8:
        entry.raw_name = info.orig_filename.encode("cp437", "replace"), 0
    entry.compress_type = info.compress_type
    entry.external_attr, entry.internal_attr = info.external_attr, info.internal_attr
    entry.create_system, entry.comment = info.create_system, info.comment
    entry.extra = _current_fields(info.extra)
    entry.file_size = size
    return entry


def _current_fields(data: bytes) -> bytes:
    """Drop copies of an entry's old size or name from its zip extra fields ``data``."""
    fields, at = b"", 0
    while at + 4 <= len(data):
        kind = int.from_bytes(data[at : at + 2], "little")
        end = at + 4 + int.from_bytes(data[at + 2 : at + 4], "little")
        if kind not in _STALE_FIELDS:
            fields += data[at:end]
        at = end
    return fields

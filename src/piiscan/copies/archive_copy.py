"""Redacted zip archives: the copy of each member is packed in the original order.

Dates, attributes and comments of the entries are preserved, so the copy differs in findings only.
Of the extra fields only times and owners are: others may have anything.
"""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from piiscan.copies.replacer import Replacer
from piiscan.copies.text_map import encode_text
from piiscan.errors import SourceError, failure_place, is_machine_error
from piiscan.sources.archives.archive import AES, open_entries
from piiscan.sources.block import Trouble
from piiscan.sources.content import Content
from piiscan.sources.limits import BudgetUsage

_MEMORY_BYTES: Final = 32 << 20
_UTF8: Final = 0x800
#: Extra fields of known form and their sizes: times (NTFS, Unix), owners.
_PLAIN_FIELDS: Final = {0x000A: (32,), 0x5455: (5, 9, 13), 0x7875: (11, 15), 0x5855: (8, 12)}

CopyMember = Callable[[Content, BinaryIO], Iterable[Trouble]]


def copy_or_lose(
    copy: CopyMember, member: Content, out: BinaryIO
) -> tuple[list[Trouble], Trouble | None]:
    """Copy a member to ``out``. Return its Troubles, and the one with which it is lost, or None.

    Raise an error of the machine.
    """
    troubles: list[Trouble] = []
    try:
        troubles.extend(copy(member, out))
    except Exception as error:  # one bad member must not cost the others
        if is_machine_error(error):
            raise
        if isinstance(error, SourceError):
            return troubles, Trouble(member.member, error.reason, error.detail)
        return troubles, Trouble(member.member, "REDACT_FAILED", failure_place(error))
    return troubles, None


class _RawNameEntry(zipfile.ZipInfo):
    """Zip entry whose file name is written as given bytes, not encoded anew.

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
    replacer: Replacer,
    folder: Path,
    passwords: Sequence[bytes] = (),
) -> Iterator[Trouble]:
    """Write a redacted copy of a zip archive to ``out``. Yield a Trouble for each member lost.

    Dates, attributes and the bytes of names are preserved; comments are redacted. A name that
    ``rename`` changes is written in UTF-8.

    Args:
        content: the archive.
        out: binary file for the copy.
        usage: budget of unpacked bytes and nesting, shared with enclosing archives.
        copy: function that writes the redacted copy of one member.
        rename: function from a member's name to its redacted name.
        replacer: replaces the findings in comments.
        folder: folder for temporary files.
        passwords: of encrypted members, whose copies are not encrypted.

    Raises:
        SourceError: the archive is corrupt.
    """
    with zipfile.ZipFile(out, "w") as archive:
        chain = f"{content.member}!" if content.member else ""
        archive.comment = redact_comment(_archive_comment(content), replacer)
        for info, member in open_entries(content, usage, passwords=passwords):
            if isinstance(member, Trouble):
                if info is None and member.reason in ("CORRUPT", "SPLIT_SET"):
                    raise SourceError(member.reason, member.detail)
                yield member
                continue
            assert info is not None
            with tempfile.SpooledTemporaryFile(_MEMORY_BYTES, dir=str(folder)) as buffer:
                troubles, lost = copy_or_lose(copy, member, cast("BinaryIO", buffer))
                yield from troubles
                if lost is not None:
                    yield lost
                    continue
                size = buffer.tell()
                buffer.seek(0)
                name = member.member.removeprefix(chain)
                entry = build_entry(info, name, rename(name), size, replacer)
                with archive.open(entry, "w") as target:
                    shutil.copyfileobj(buffer, target, 1 << 20)


def _archive_comment(content: Content) -> bytes:
    """Return the comment of a zip archive; b"" if its directory cannot be read."""
    try:
        with content.open() as stream, zipfile.ZipFile(stream) as archive:
            return archive.comment
    except (zipfile.BadZipFile, OSError, ValueError):
        return b""


def redact_comment(comment: bytes, replacer: Replacer) -> bytes:
    """Redact a zip comment in UTF-8 or GB 18030; return b"" for other bytes."""
    for encoding in ("utf-8", "gb18030"):
        try:
            text = comment.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encode_text(replacer.redact_text(text), encoding)[:65535]
    return b""


def build_entry(
    info: zipfile.ZipInfo, name: str, new_name: str, size: int, replacer: Replacer
) -> zipfile.ZipInfo:
    """Build the zip entry of a copied member: ``size`` new bytes, the metadata of ``info``.

    If ``new_name`` equals ``name``, the bytes of the original name are preserved.
    """
    entry = _RawNameEntry(info.filename if new_name == name else new_name, info.date_time)
    if new_name == name and not info.flag_bits & _UTF8:
        entry.raw_name = info.orig_filename.encode("cp437", "replace"), 0
    is_aes = info.compress_type == AES
    entry.compress_type = zipfile.ZIP_DEFLATED if is_aes else info.compress_type
    entry.external_attr, entry.internal_attr = info.external_attr, info.internal_attr
    entry.create_system = info.create_system
    entry.comment = redact_comment(info.comment, replacer)
    entry.extra = _plain_fields(info.extra)
    entry.file_size = size
    return entry


def _plain_fields(data: bytes) -> bytes:
    """Return the extra fields of a zip entry that contain only times or owners."""
    fields, at = b"", 0
    while at + 4 <= len(data):
        kind = int.from_bytes(data[at : at + 2], "little")
        end = at + 4 + int.from_bytes(data[at + 2 : at + 4], "little")
        if end - at - 4 in _PLAIN_FIELDS.get(kind, ()):
            fields += data[at:end]
        at = end
    return fields

"""Attachments: returned forms, stored in the case byte for byte as ``handed/register-0001.xlsx``.

Each has a line in the log with its SHA-256, which ``verify`` compares with the file.  An
attachment is never replaced; the newest of a kind is valid.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from piiscan.case.store.audit_log import AuditLog, now
from piiscan.case.store.plain_files import is_verified, verified_path
from piiscan.case.store.recorded_files import recorded_files
from piiscan.case.store.shards import write_bytes
from piiscan.errors import CaseError
from piiscan.output_files import make_private_folder

FOLDER: Final = "handed"
#: Extensions that the stored name has too; the rest of a name is dropped, as it may name people.
_SUFFIX: Final = re.compile(r"\.[a-z0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class Attachment:
    """An attachment of the case: its kind (``register``), its name below the case, its SHA-256."""

    case: Path = field(repr=False)
    kind: str
    name: str
    sha256: str
    time: str

    @property
    def path(self) -> Path:
        """Return the path of the stored file; raise ChangedFileError if it differs."""
        return verified_path(self.case, self.name, self.sha256)

    def is_intact(self) -> bool:
        """Return True if the stored file is the recorded one."""
        return is_verified(self.case, self.name, self.sha256)

    def content(self) -> bytes:
        """Return the stored bytes; raise ChangedFileError if they differ."""
        return self.path.read_bytes()


def store_attachment(
    case: Path, kind: str, content: bytes, *, suffix: str, log: AuditLog
) -> Attachment:
    """Store ``content`` as a new attachment of ``kind``, log it, and return it.

    Return the newest of its kind without storing if its bytes are equal.  Raise CaseError if the
    file cannot be written.
    """
    earlier = all_attachments(case, kind)
    sha256 = hashlib.sha256(content).hexdigest()
    if earlier and earlier[-1].sha256 == sha256 and earlier[-1].is_intact():
        return earlier[-1]
    ending = suffix.lower() if _SUFFIX.fullmatch(suffix.lower()) else ""
    name = f"{FOLDER}/{kind}-{len(earlier) + 1:04d}{ending}"
    try:
        for folder in (case / FOLDER, case / "tmp"):
            make_private_folder(folder)
        write_bytes(case / name, content, temporary=case / "tmp")
    except OSError as error:
        raise CaseError("file.unwritable", path=case / name, reason=error.strerror) from error
    log.append("handed", moment=now(), kind=kind, file=name, sha256=sha256)
    return all_attachments(case, kind)[-1]


def all_attachments(case: Path, kind: str | None = None) -> list[Attachment]:
    """Return all attachments of ``kind`` (None: of every kind), oldest first."""
    handed = recorded_files(case).of_kind("handed")
    attachments = [
        Attachment(case, str(e.event.get("kind")), e.name, e.sha256, str(e.event.get("time")))
        for e in handed
    ]
    return [each for each in attachments if kind in (None, each.kind)]


def latest_attachment(case: Path, kind: str) -> Attachment | None:
    """Return the newest attachment of ``kind``; None before the first."""
    return next(reversed(all_attachments(case, kind)), None)

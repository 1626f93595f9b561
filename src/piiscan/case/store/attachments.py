"""Sheets that people gave back, kept in the case byte for byte: ``handed/register-0001.xlsx``.

Each has a line in the log with its SHA-256, which is what ``verify`` holds it against.  Nothing
that was handed in is ever replaced; the newest of a kind is the one that counts.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from piiscan.case.store.audit_log import Log, now, read
from piiscan.case.store.shards import write_bytes
from piiscan.errors import CaseError

FOLDER: Final = "handed"
#: Extensions that are kept; the name itself is not, as it may name people.
_SUFFIX: Final = re.compile(r"\.[a-z0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class Handed:
    """A sheet in the case: what it is (``register``), its name below the case, its SHA-256."""

    kind: str
    name: str
    sha256: str
    time: str


def keep(case: Path, kind: str, content: bytes, *, suffix: str, log: Log) -> Handed:
    """The sheet, kept and logged; the newest of its kind itself where it has the same bytes."""
    before = all_handed(case, kind)
    sha256 = hashlib.sha256(content).hexdigest()
    if before and before[-1].sha256 == sha256 and (case / before[-1].name).is_file():
        return before[-1]
    ending = suffix.lower() if _SUFFIX.fullmatch(suffix.lower()) else ""
    name = f"{FOLDER}/{kind}-{len(before) + 1:04d}{ending}"
    try:
        for folder in (case / FOLDER, case / "tmp"):
            folder.mkdir(mode=0o700, exist_ok=True)
        write_bytes(case / name, content, temporary=case / "tmp")
    except OSError as error:
        raise CaseError(f"{case / name} cannot be written: {error.strerror}") from error
    log.append("handed", moment=now(), kind=kind, file=name, sha256=sha256)
    return all_handed(case, kind)[-1]


def all_handed(case: Path, kind: str | None = None) -> list[Handed]:
    """Everything that was handed in, of one kind or of all, oldest first."""
    names = ("kind", "file", "sha256", "time")
    lines = (each for each in read(case / "log.jsonl") if each.get("event") == "handed")
    told = [Handed(*(str(line.get(name)) for name in names)) for line in lines]
    return [each for each in told if kind in (None, each.kind)]


def newest(case: Path, kind: str) -> Handed | None:
    """The sheet of a kind that was handed in last, None if there was none."""
    return next(reversed(all_handed(case, kind)), None)

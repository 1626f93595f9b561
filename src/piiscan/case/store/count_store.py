"""Counts of a case: each a folder ``counts-0001`` … that never changes and is recorded in the log.

``count.json`` has the settings of the count and the SHA-256 of every file in the folder; the log
has the SHA-256 of ``count.json``.  Equal settings over the same manifest are the same count.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from piiscan.case.store.audit_log import AuditLog, now
from piiscan.case.store.case_format import add_format, read_case_json
from piiscan.case.store.shards import publish
from piiscan.errors import CaseError
from piiscan.hashing.digest import file_sha256

NAME: Final = "count.json"


@dataclass(frozen=True, slots=True)
class Count:
    """A finished count: its folder, the SHA-256 of its ``count.json``, the content of that file."""

    path: Path
    sha256: str
    content: Mapping[str, Any] = field(repr=False)

    @property
    def number(self) -> int:
        """Return the number of the count, 1 for the first of the case."""
        return int(self.content["number"])

    @property
    def record_subjects(self) -> Path:
        """Return the path of the Parquet file of record subjects (RECORD_SUBJECTS)."""
        return self.path / "candidates.parquet"

    @property
    def persons(self) -> Path:
        """Return the path of the Parquet file of persons: record, person."""
        return self.path / "persons.parquet"

    def tables(self) -> dict[str, list[dict[str, Any]]]:
        """Return the counted tables by name, rows with English keys."""
        return read_tables(self.path)


def read_tables(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the tables in ``folder`` by name, rows with English keys."""
    return {
        path.stem: json.loads(path.read_text("utf-8"))["rows"]
        for path in sorted(folder.glob("*.json"))
        if path.name != NAME
    }


def count_folder(case: Path, number: int) -> Path:
    """Return the folder of count ``number``.

    >>> count_folder(Path("case"), 2).name
    'counts-0002'
    """
    return case / f"counts-{number:04d}"


def readable_counts(case: Path) -> tuple[list[Count], list[Path]]:
    """Return every finished count, oldest first, and the folders with a damaged ``count.json``."""
    found, damaged = [], []
    for folder in sorted(case.glob("counts-[0-9]*")):
        if (folder / NAME).is_file():
            try:
                found.append(_read(folder / NAME))
            except CaseError:
                damaged.append(folder)
    return found, damaged


def latest_count(case: Path) -> Count | None:
    """Return the newest count, None before the first. Raise CaseError if it cannot be read."""
    folders = [each for each in sorted(case.glob("counts-[0-9]*")) if (each / NAME).is_file()]
    return _read(folders[-1] / NAME) if folders else None


def _read(path: Path) -> Count:
    """Read a ``count.json``; raise CaseError if it is damaged or of another case format."""
    content, sha256 = read_case_json(path, is_part=True)
    return Count(path.parent, sha256, content)


def write_count(
    folder: Path, content: Mapping[str, Any], *, temporary: Path, log: AuditLog
) -> Count:
    """Write ``count.json`` with the hashes of the folder's files; log the event ``count``.

    It is written last. Return the count.
    """
    files = {p.name: file_sha256(p) for p in sorted(folder.iterdir()) if p.name != NAME}
    complete = add_format({**content, "files": files})
    text = json.dumps(complete, ensure_ascii=True, indent=1, sort_keys=True).encode() + b"\n"
    sha256 = hashlib.sha256(text).hexdigest()
    log.append("count", moment=now(), number=content["number"], sha256=sha256)
    publish({folder / NAME: text}, temporary=temporary, also=[folder / name for name in files])
    return Count(folder, sha256, complete)

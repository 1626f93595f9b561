"""The counts of a case: each a folder ``counts-0001`` … that never changes, known to the log.

``count.json`` says what was counted and how, and the SHA-256 of every file beside it; its own
stands in the log.  The same settings over the same manifest are the same count.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from piiscan.case.store.audit_log import Log, now
from piiscan.case.store.manifest import read_described
from piiscan.case.store.shards import write_bytes
from piiscan.errors import CaseError
from piiscan.hashing.digest import file_sha256

#: Version of the layout of a count.
FORMAT: Final = 1
NAME: Final = "count.json"


@dataclass(frozen=True, slots=True)
class Count:
    """A finished count: its folder, its own SHA-256, its content."""

    path: Path
    sha256: str
    content: Mapping[str, Any] = field(repr=False)

    @property
    def number(self) -> int:
        """1 for the first count of the case."""
        return int(self.content["number"])

    @property
    def candidates(self) -> Path:
        """The Parquet file of CANDIDATES."""
        return self.path / "candidates.parquet"

    @property
    def persons(self) -> Path:
        """The Parquet file of persons: record, person."""
        return self.path / "persons.parquet"

    def tables(self) -> dict[str, list[dict[str, Any]]]:
        """The counted tables by name, rows with English keys."""
        return read_tables(self.path)


def read_tables(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """The tables in a folder by name, rows with English keys."""
    return {
        path.stem: json.loads(path.read_text("utf-8"))["rows"]
        for path in sorted(folder.glob("*.json"))
        if path.name != NAME
    }


def count_folder(case: Path, number: int) -> Path:
    """Where a count lies.

    >>> count_folder(Path("case"), 2).name
    'counts-0002'
    """
    return case / f"counts-{number:04d}"


def readable_counts(case: Path) -> tuple[list[Count], list[Path]]:
    """Every finished count, oldest first, and the folders whose ``count.json`` is damaged."""
    found, damaged = [], []
    for folder in sorted(case.glob("counts-[0-9]*")):
        if (folder / NAME).is_file():
            try:
                found.append(_read(folder / NAME))
            except CaseError:
                damaged.append(folder)
    return found, damaged


def latest_count(case: Path) -> Count | None:
    """The newest count, None if there is none; CaseError if it cannot be read."""
    folders = [each for each in sorted(case.glob("counts-[0-9]*")) if (each / NAME).is_file()]
    return _read(folders[-1] / NAME) if folders else None


def _read(path: Path) -> Count:
    content, sha256 = read_described(path, known=FORMAT)
    return Count(path.parent, sha256, content)


def write_count(folder: Path, content: Mapping[str, Any], *, temporary: Path, log: Log) -> Count:
    """The count just written: its files are hashed, the log told, ``count.json`` written last."""
    files = {p.name: file_sha256(p) for p in sorted(folder.iterdir()) if p.name != NAME}
    whole = {"format": FORMAT, **content, "files": files}
    text = json.dumps(whole, ensure_ascii=True, indent=1, sort_keys=True).encode() + b"\n"
    sha256 = hashlib.sha256(text).hexdigest()
    log.append("count", moment=now(), number=content["number"], sha256=sha256)
    write_bytes(folder / NAME, text, temporary=temporary)
    return Count(folder, sha256, whole)

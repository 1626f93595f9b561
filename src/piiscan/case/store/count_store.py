"""Counts of a case: each a folder ``counts-0001`` … that never changes and is recorded in the log.

``count.json`` has the settings of the count and the SHA-256 of every file in the folder; the log
has the SHA-256 of ``count.json``.  Equal settings over the same manifest are the same count.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any, Final, TypeAlias

from piiscan.case.store.audit_log import AuditLog, now
from piiscan.case.store.case_format import add_format, read_case_json
from piiscan.case.store.plain_files import verified_path
from piiscan.case.store.recorded_files import RecordedFile, count_name, recorded_files
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
        return self._file("candidates.parquet")

    @property
    def persons(self) -> Path:
        """Return the path of the Parquet file of persons: record, person."""
        return self._file("persons.parquet")

    def tables(self) -> dict[str, list[dict[str, Any]]]:
        """Return the counted tables by name, rows with English keys."""
        return dict(self.stored_tables())

    def stored_tables(self) -> StoredTables:
        """Return the counted tables, each read when it is asked for."""
        return read_tables(self.path, self.content["files"], self.content["empty"])

    def _file(self, name: str) -> Path:
        """Return the path of a file of the count; raise ChangedFileError if it differs."""
        name, sha256 = f"{self.path.name}/{name}", self.content["files"].get(name, "")
        return verified_path(self.path.parent, name, sha256)


#: Rows of tables by name.
TableMapping: TypeAlias = Mapping[str, list[dict[str, Any]]]


class StoredTables(TableMapping):
    """Tables by name, rows with English keys; each is read or built when it is asked for."""

    def __init__(
        self, tables: Mapping[str, Callable[[], list[dict[str, Any]]]], filled: Iterable[str] = ()
    ) -> None:
        """``tables``: name -> function that returns the rows, called once.

        ``filled``: names of tables that have rows, as is known without reading them.
        """
        self._tables = {name: cache(read) for name, read in tables.items()}
        self._filled = frozenset(filled)

    def has_rows(self, name: str) -> bool:
        """Return True if the table ``name`` has rows; a stored one is not read for it."""
        return name in self._filled or bool(self.get(name))

    def __getitem__(self, name: str) -> list[dict[str, Any]]:
        return self._tables[name]()

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)

    def __or__(self, other: StoredTables) -> StoredTables:
        """Return the tables of both; of one name that of ``other``."""
        filled = (self._filled - other._tables.keys()) | other._filled
        return StoredTables({**self._tables, **other._tables}, filled)


def read_tables(folder: Path, files: Mapping[str, str], empty: Iterable[str]) -> StoredTables:
    """Return the tables among ``files`` by name.

    ``files``: name in ``folder`` -> SHA-256. ``empty``: names of tables without rows, which have no
    file. Raise ChangedFileError if a file differs.
    """
    paths = [
        verified_path(folder.parent, f"{folder.name}/{name}", files[name])
        for name in sorted(files)
        if name.endswith(".json")
    ]
    tables = dict.fromkeys(empty, list) | {path.stem: partial(_read_rows, path) for path in paths}
    return StoredTables(dict(sorted(tables.items())), [path.stem for path in paths])


def _read_rows(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a table's JSON file."""
    rows: list[dict[str, Any]] = json.loads(path.read_bytes())["rows"]
    return rows


def count_folder(case: Path, number: int) -> Path:
    """Return the folder of count ``number``.

    >>> count_folder(Path("case"), 2).name
    'counts-0002'
    """
    return (case / count_name(number)).parent


def latest_count(case: Path) -> Count | None:
    """Return the newest count that the log names, None before the first.

    Raise ChangedFileError if it differs from the log, CaseError if it is of another case format.
    """
    logged = recorded_files(case).of_kind("count")
    if not logged:
        return None
    return read_count(case, max(logged, key=lambda each: int(each.event["number"])))


def count_by_number(case: Path, number: int) -> Count:
    """Return the count ``number`` of a case. Raise CaseError if there is no such count."""
    for each in recorded_files(case).of_kind("count"):
        if int(each.event["number"]) == number:
            return read_count(case, each)
    raise CaseError("count.no_number", case=case, number=number)


def read_count(case: Path, recorded: RecordedFile) -> Count:
    """Return the count that a line of the log names; raise as :func:`latest_count` does."""
    path = verified_path(case, recorded.name, recorded.sha256)
    content, sha256 = read_case_json(path)
    return Count(path.parent, sha256, content)


def write_count(
    folder: Path, content: Mapping[str, Any], *, temporary: Path, log: AuditLog
) -> Count:
    """Write ``count.json`` with the hashes of the folder's files, then log it; return the count."""
    files = {p.name: file_sha256(p) for p in sorted(folder.iterdir()) if p.name != NAME}
    complete = add_format({**content, "files": files})
    text = json.dumps(complete, ensure_ascii=True, indent=1, sort_keys=True).encode() + b"\n"
    sha256 = hashlib.sha256(text).hexdigest()
    publish({folder / NAME: text}, temporary=temporary, also=[folder / name for name in files])
    log.append("count", moment=now(), number=content["number"], sha256=sha256)
    return Count(folder, sha256, complete)

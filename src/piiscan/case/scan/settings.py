"""Scan settings: the options that decide a case's findings, fixed by its first scan."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from piiscan import data
from piiscan.case.store.attachments import latest_attachment
from piiscan.case.store.job_store import JobStore
from piiscan.detect.catalog.catalog import Catalog
from piiscan.errors import CaseError
from piiscan.hashing.key import Key
from piiscan.plugins import pack_digests
from piiscan.progress import Progress
from piiscan.sources.archives.read_options import READ_ALL, ReadOptions
from piiscan.tabular.column_overrides import (
    ATTACHED,
    ColumnKind,
    ColumnOverrides,
    read_overrides,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanOptions:
    """Options of a scan, as :func:`piiscan.scan` describes them."""

    as_of: datetime.date | None = None
    key: Path | None = None
    operator: str = ""
    case_number: str = ""
    reveal: bool = False
    columns: Path | None = None
    register: Path | None = None
    recognizers: Path | None = None
    min_score: float = 0.5
    names: bool = True
    reading: ReadOptions = READ_ALL
    whole_case: bool = False
    workers: int | None = None
    progress: Progress | None = None
    part: str | None = None
    listing: Path | None = None
    quarantine: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """All options on which findings depend, except the sources; the manifest has them."""

    as_of: str
    min_score: float
    names: bool
    reveal: bool
    key: str
    catalogue: str
    data: dict[str, str]
    only: list[str]
    skip: list[str]
    raw: bool
    passwords: dict[str, str | int]
    whole_case: bool

    @classmethod
    def of(
        cls, options: ScanOptions, catalog: Catalog, key: Key, *, as_of: datetime.date
    ) -> Settings:
        """Return the settings of a scan with these options, this catalogue and key."""
        selection, passwords = options.reading.selection, options.reading.passwords
        return cls(
            as_of.isoformat(),
            float(options.min_score),
            options.names,
            options.reveal,
            key.fingerprint,
            catalog.digest,
            data.digests()
            | pack_digests(catalog.folder)
            | {f"watch {name}": sha for name, sha in catalog.watchlist_digests.items()},
            list(selection.only),
            list(selection.skip),
            selection.raw,
            {"sha256": passwords.sha256, "number": passwords.number} if passwords.values else {},
            options.whole_case,
        )

    @property
    def sha256(self) -> str:
        """Return the SHA-256 over all settings, in hexadecimal."""
        text = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def choose_as_of(
    store: JobStore, requested: datetime.date | None, *, today: datetime.date
) -> datetime.date:
    """Return the reference day of a scan: ``requested``, else the case's own, else ``today``."""
    if requested is not None:
        return requested
    stored = store.get("settings")
    return datetime.date.fromisoformat(stored["as_of"]) if stored else today


def store_settings(
    store: JobStore, settings: Settings, part: Mapping[str, Any] | None = None
) -> None:
    """Store the settings of a new case; raise CaseError if an existing case has others.

    The error names the settings that differ.  ``part``: identity of a part of a case; raise
    CaseError if the case is another part, or a merge that was broken off.
    """
    stored = store.get("settings")
    values = asdict(settings)
    if stored is None:
        store.put("settings", values)
        store.put("part", part)
        return
    if store.get("part") != part:
        raise CaseError("part.other_part")
    absent = {"whole_case": False}  # in cases that are older than the option
    differing = [name for name, value in values.items() if (absent | stored).get(name) != value]
    if differing:
        raise CaseError("case.other_options", options=tuple(differing))


def given_overrides(case: Path, columns: Path | None, catalog: Catalog) -> ColumnOverrides | None:
    """Return the corrections of a sheet, else of the newest one of the case; None without one."""
    if columns is None:
        stored = latest_attachment(case, ATTACHED)
        columns = None if stored is None else stored.path
    return None if columns is None else read_overrides(columns, catalog)


def store_overrides(store: JobStore, new: ColumnOverrides | None) -> ColumnOverrides:
    """Store and return the column overrides ``new``; None returns the overrides stored last."""
    if new is not None:
        kinds: dict[str, Any] = {
            key: [[number, list(ids), role] for number, (ids, role) in sorted(columns.items())]
            for key, columns in sorted(new.kinds.items())
        }
        store.put("corrections", {"sha256": new.sha256, "kinds": kinds})
        return new
    stored = store.get("corrections")
    if stored is None:
        return ColumnOverrides()
    read: dict[str, dict[int, ColumnKind]] = {
        key: {number: (tuple(ids), role) for number, ids, role in columns}
        for key, columns in stored["kinds"].items()
    }
    return ColumnOverrides(read, stored["sha256"])

"""What decides the findings of a case: fixed by its first scan, the same for all later ones."""

from __future__ import annotations

import datetime
import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from piiscan import data
from piiscan.case.store.job_store import Ledger
from piiscan.detect.catalog.catalog import Catalog
from piiscan.errors import CaseError
from piiscan.hashing.key import Key
from piiscan.tabular.column_overrides import Corrections, Kind


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything beside the sources on which findings depend; all of it is in the manifest."""

    as_of: str
    min_score: float
    names: bool
    reveal: bool
    key: str
    catalogue: str
    data: dict[str, str]

    @classmethod
    def of(
        cls,
        catalog: Catalog,
        key: Key,
        *,
        as_of: datetime.date,
        min_score: float,
        names: bool,
        reveal: bool,
    ) -> Settings:
        """The settings of a scan with this catalogue and key."""
        return cls(
            as_of.isoformat(),
            float(min_score),
            names,
            reveal,
            key.fingerprint,
            catalog.digest,
            data.digests() | {f"watch {name}": sha for name, sha in catalog.watched.items()},
        )

    @property
    def sha256(self) -> str:
        """SHA-256 over all of them, in hexadecimal."""
        text = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def day_of(ledger: Ledger, wanted: datetime.date | None, *, today: datetime.date) -> datetime.date:
    """``as_of``: as wanted, else the case's own, else ``today`` for a new case."""
    if wanted is not None:
        return wanted
    noted = ledger.get("settings")
    return datetime.date.fromisoformat(noted["as_of"]) if noted else today


def settle(ledger: Ledger, settings: Settings) -> None:
    """Note the settings of a new case; CaseError naming what differs from those of an old one."""
    noted = ledger.get("settings")
    wanted = asdict(settings)
    if noted is None:
        ledger.put("settings", wanted)
        return
    differing = [name for name, value in wanted.items() if noted.get(name) != value]
    if differing:
        raise CaseError(
            f"this case was begun with other options ({', '.join(differing)}); repeat the command"
            " it was begun with, or scan into a new case (--case DIR)"
        )


def settle_corrections(ledger: Ledger, given: Corrections | None) -> Corrections:
    """The corrections that apply now: those given, else those given last, else none."""
    if given is not None:
        kinds: dict[str, Any] = {
            key: [[number, list(ids), role] for number, (ids, role) in sorted(columns.items())]
            for key, columns in sorted(given.kinds.items())
        }
        ledger.put("corrections", {"sha256": given.sha256, "kinds": kinds})
        return given
    noted = ledger.get("corrections")
    if noted is None:
        return Corrections()
    read: dict[str, dict[int, Kind]] = {
        key: {number: (tuple(ids), role) for number, ids, role in columns}
        for key, columns in noted["kinds"].items()
    }
    return Corrections(read, noted["sha256"])

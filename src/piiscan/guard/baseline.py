"""Baseline: findings that a pipeline knows already, so that only new ones fail it.

With a secret of the pipeline a finding is known by a keyed digest of its value. Without one only
numbers by path and kind are stored: unkeyed digests of phone numbers can be enumerated.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from piiscan.errors import PiiscanError
from piiscan.guard.file_findings import FileFinding
from piiscan.output_files import write_aside

_VERSION: Final = 1
#: Fewest characters of a secret.
LEAST_KEY: Final = 16


@dataclass(frozen=True, slots=True)
class Baseline:
    """Known findings: numbers by (path, kind, digest); digest "" without a secret."""

    counts: Counter[tuple[str, str, str]]
    key: str | None = field(default=None, repr=False)

    def known(self, findings: Sequence[FileFinding]) -> list[bool]:
        """Return True for each finding that is known.

        Without a secret all findings of a kind in a file are known up to the stored number, and
        none beyond it, as nothing tells which one is new.
        """
        marks = [_mark(each, self.key) for each in findings]
        if self.key is not None:
            return [mark in self.counts for mark in marks]
        now = Counter(marks)
        return [now[mark] <= self.counts[mark] for mark in marks]


def read_baseline(path: Path, key: str | None) -> Baseline:
    """Read a baseline. Raise PiiscanError for another file, or one written with another secret."""
    try:
        stored: dict[str, Any] = json.loads(path.read_text("utf-8"))
        if stored["version"] != _VERSION:
            raise ValueError
        counts = Counter(
            {
                (each["path"], each["kind"], each.get("digest", "")): int(each["count"])
                for each in stored["findings"]
            }
        )
        fingerprint = stored.get("key")
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise PiiscanError("file.unreadable", path=path, reason=why) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise PiiscanError("check.no_baseline", path=path) from None
    if fingerprint is None:
        return Baseline(counts)
    if key is None or _digest(key, "", "") != fingerprint:
        raise PiiscanError("check.other_key", path=path)
    return Baseline(counts, key)


def write_baseline(path: Path, findings: Sequence[FileFinding], key: str | None) -> None:
    """Write the baseline of ``findings``, sorted, so that changes of it are easy to review."""
    counts = Counter(_mark(each, key) for each in findings)
    rows = [
        {"path": path_, "kind": kind, **({"digest": digest} if digest else {}), "count": count}
        for (path_, kind, digest), count in sorted(counts.items())
    ]
    stored: dict[str, Any] = {"version": _VERSION}
    if key is not None:
        stored["key"] = _digest(key, "", "")
    lines = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in rows)
    head = json.dumps(stored)[:-1]
    with write_aside(path) as file:
        file.write(f'{head}, "findings": [\n{lines}\n]}}\n'.encode("utf-8", "surrogateescape"))


def check_key(key: str | None) -> str | None:
    """Return a secret, None for an empty one. Raise PiiscanError for one that is too short."""
    if key and len(key) < LEAST_KEY:
        raise PiiscanError("check.short_key", least=LEAST_KEY)
    return key or None


def _mark(finding: FileFinding, key: str | None) -> tuple[str, str, str]:
    """Return (path, kind, digest) by which a finding is known."""
    path = f"{finding.file}!{finding.part}" if finding.part else finding.file
    digest = "" if key is None else _digest(key, finding.entity, finding.value)
    return path, finding.entity, digest


def _digest(key: str, kind: str, value: str) -> str:
    """Return the HMAC-SHA256 of a value under a secret: 32 hexadecimal digits."""
    data = f"{kind}\0{value}".encode("utf-8", "surrogateescape")
    return hmac.new(key.encode("utf-8"), data, hashlib.sha256).hexdigest()[:32]

"""Key check: verify a case by its key, or by a log head that was noted elsewhere.

Neither can be made anew by somebody who changes the case: the key and the note are outside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from piiscan.case.integrity.cross_check import Difference
from piiscan.case.store import audit_log
from piiscan.case.store.keyed_checksum import mac_path, manifest_line, read_log_mac
from piiscan.case.store.manifest import all_manifests
from piiscan.hashing.key import load_key


@dataclass(frozen=True, slots=True)
class KeyCheck:
    """Result of a key check: differences, ranges of log lines written with the key, all lines.

    A line outside all ranges was written without the key, or by a run that was broken off; it is
    protected if a later range vouches for it.
    """

    differences: tuple[Difference, ...]
    ranges: tuple[tuple[int, int], ...]
    lines: int

    @property
    def unprotected(self) -> tuple[int, int] | None:
        """Return (first, last) log line after the last range written with the key.

        None if that range contains the last line.
        """
        last = self.ranges[-1][1] if self.ranges else 0
        return (last + 1, self.lines) if last < self.lines else None

    @property
    def gaps(self) -> list[tuple[int, int]]:
        """Return (first, last) log lines between ranges; the next range vouches for them."""
        ends = [0, *(last for _, last in self.ranges)]
        pairs = zip(ends, (first for first, _ in self.ranges), strict=False)
        return [(end + 1, first - 1) for end, first in pairs if end + 1 < first]


def check_key(case: Path, key_file: Path) -> KeyCheck:
    """Compare the keyed checksums of ``case`` with its manifests and its log, under a key.

    Raise CaseError if the key file cannot be used.  Another key is a difference: the case may have
    been made again under it.
    """
    key = load_key(key_file, case=case, create=False)
    log = case / "log.jsonl"
    lines = audit_log.head_at(log, _MANY).lines
    found = list(_check_manifests(case, key.mac_key, key.fingerprint))
    mac = read_log_mac(log)
    ranges: tuple[tuple[int, int], ...] = ()
    if mac is None:
        found.append(Difference("MAC_MISSING", mac_path(log).name))
    elif audit_log.vouched_mac(log, key.mac_key) is None:
        found.append(Difference("MAC_WRONG", mac_path(log).name, "VOUCHED", mac.lines))
    else:
        ranges = mac.ranges
    return KeyCheck(tuple(found), ranges, lines)


#: More lines than a log has.
_MANY = 1 << 62


def _check_manifests(case: Path, mac_key: bytes, fingerprint: str) -> Iterator[Difference]:
    """Yield a difference per manifest of another key, or with a missing or wrong checksum."""
    for manifest in all_manifests(case):
        path, keyed = manifest.path, mac_path(manifest.path)
        if manifest.content["settings"]["key"] != fingerprint:
            yield Difference("KEY_OTHER", path.name)
        elif not keyed.is_file():
            yield Difference("MAC_MISSING", keyed.name)
        elif keyed.read_bytes() != manifest_line(mac_key, path.name, manifest.sha256):
            yield Difference("MAC_WRONG", path.name)


@dataclass(frozen=True, slots=True)
class NotedHead:
    """Noted head that the log still contains: its line, and the names of later events."""

    line: int
    later: tuple[str, ...]


def find_noted_head(case: Path, head: str) -> NotedHead | None:
    """Find the log line whose SHA-256 begins with ``head``; None without one.

    The case may have grown since; a line that was changed, or a log that was shortened, is found
    out here, as every line contains the hash of the one before.
    """
    path = case / "log.jsonl"
    for line, sha256 in enumerate(audit_log.line_hashes(path), 1):
        if sha256.startswith(head):
            later = [each for each in audit_log.read_events(path) if each.get("seq", 0) > line]
            return NotedHead(line, tuple(str(each.get("event")) for each in later))
    return None

"""Key check: verify a case by its key, or by a log head that was noted elsewhere.

Neither can be made anew by somebody who changes the case: the key and the note are outside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from piiscan.case.integrity.cross_check import CrossCheck, Difference
from piiscan.case.store import audit_log
from piiscan.case.store.keyed_checksum import mac_path, manifest_line, read_log_mac
from piiscan.case.store.plain_files import is_plain_file
from piiscan.hashing.key import load_key


@dataclass(frozen=True, slots=True)
class KeyCheck:
    """Result of a key check: differences, lines of the log, and those written without the key.

    Args:
        protected: lines, from the first on, that cannot be changed or taken away without the key;
            0 if that is unknown.
        lines: all lines.
        unkeyed: numbers of the lines written without the key. Nothing vouches for what they say.
    """

    differences: tuple[Difference, ...]
    protected: int
    lines: int
    unkeyed: tuple[int, ...] = ()


def check_key(check: CrossCheck, key_file: Path) -> KeyCheck:
    """Compare the keyed checksums of a case with its manifests and its log, under a key.

    A file is a difference too if only a line without the key names it.  Raise CaseError if the key
    file cannot be used.  Another key is a difference: the case may have been made again under it.
    """
    case, log = check.case, check.case / "log.jsonl"
    key = load_key(key_file, case=case, create=False)
    found = list(_check_manifests(check, key.mac_key, key.fingerprint))
    mac = read_log_mac(log)
    is_vouched = audit_log.vouched_mac(log, key.mac_key) is not None
    if mac is None:
        found.append(Difference("MAC_MISSING", mac_path(log).name))
    elif not is_vouched:
        found.append(Difference("MAC_WRONG", mac_path(log).name, "VOUCHED", mac.lines))
    lines = dict(enumerate(audit_log.keyed_lines(log, key.mac_key), 1))
    found += [
        Difference("MAC_WRONG", log.name, "LINE_MAC", line)
        for line, is_keyed in lines.items()
        if is_keyed is False
    ]
    found += [
        Difference("NOT_KEYED", each.name, "UNKEYED_LINE", each.line)
        for each in check.recorded.files.values()
        if not lines[each.line] and each.kind != "manifest"  # which has a checksum of its own
    ]
    unkeyed = tuple(line for line, is_keyed in lines.items() if not is_keyed)
    return KeyCheck(tuple(found), mac.lines if mac and is_vouched else 0, len(lines), unkeyed)


def _check_manifests(check: CrossCheck, mac_key: bytes, fingerprint: str) -> Iterator[Difference]:
    """Yield a difference per manifest of another key, or with a missing or wrong checksum."""
    for manifest in check.manifests:
        path, keyed = manifest.path, mac_path(manifest.path)
        if manifest.content["settings"]["key"] != fingerprint:
            yield Difference("KEY_OTHER", path.name)
        elif not is_plain_file(check.case, keyed.name):
            yield Difference("MAC_MISSING", keyed.name)
        elif keyed.read_bytes() != manifest_line(mac_key, path.name, manifest.sha256):
            yield Difference("MAC_WRONG", path.name)


@dataclass(frozen=True, slots=True)
class NotedHead:
    """Noted head that the log still contains: its line, and the later lines.

    ``later``: line, event, and the file that the line names (empty for none).
    """

    line: int
    later: tuple[tuple[int, str, str], ...]


def find_noted_head(check: CrossCheck, head: str) -> NotedHead | None:
    """Find the log line whose SHA-256 begins with ``head``; None without one.

    The case may have grown since; a line that was changed, or a log that was shortened, is found
    out here, as every line contains the hash of the one before.
    """
    path = check.case / "log.jsonl"
    names = {each.line: each.name for each in check.recorded.files.values()}
    for line, sha256 in enumerate(audit_log.line_hashes(path), 1):
        if sha256.startswith(head):
            later = [
                (number, str(event.get("event")), names.get(number, ""))
                for number, event in audit_log.read_lines(path)
                if number > line
            ]
            return NotedHead(line, tuple(later))
    return None

"""Audit log: one JSON line an event, appended only, each with the SHA-256 of the line before.

Lines contain numbers, codes, checksums and the operator; never a value, never a path, since file
names can name people.  The file ``log.head`` has the hash of the last line and is written whenever
the log is closed.  Somebody who can write both files can forge both; ``log.mac``, a checksum of the
head under the key of the case, cannot be forged without that key.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from piiscan.case.store.job_store import JobStore
from piiscan.case.store.keyed_checksum import (
    LogMac,
    add_line_mac,
    is_keyed_line,
    mac_path,
    read_log_mac,
)
from piiscan.case.store.plain_files import is_plain_file
from piiscan.case.store.shards import publish, write_bytes
from piiscan.hashing.key import Key, key_at_hand
from piiscan.output_files import make_private_folder

#: ``prev`` of the first line.
FIRST_PREVIOUS: Final = "0" * 64

#: Times are written in China Standard Time, as case files are.
CHINA: Final = datetime.timezone(datetime.timedelta(hours=8))

#: Event of a log that differs from its recorded head.
DIFFERS: Final = "log_differs"
#: Line of an event ``source`` without an escape, that is, without a hidden second key.
_SOURCE_LINE: Final = re.compile(rb'\{"seq": \d+, "time": "[^"\\]*", "event": "source", [^\\]*$')
_HEAD_LINE: Final = re.compile(rb"([0-9a-f]{64})  [^\n]*:(0|[1-9][0-9]{0,11})\n")


@dataclass(frozen=True, slots=True)
class LogHead:
    """State of a log: its number of lines and the SHA-256 of the last one."""

    lines: int
    sha256: str

    def line(self, name: str) -> bytes:
        """Return the content of ``log.head`` for the log file ``name``, in bytes.

        >>> LogHead(3, "00ff").line("log.jsonl").decode().strip()
        '00ff  log.jsonl:3'
        """
        return f"{self.sha256}  {name}:{self.lines}\n".encode()


def now() -> datetime.datetime:
    """Return the present moment; only logs and manifests depend on it, never shards or tables."""
    return datetime.datetime.now(datetime.UTC)


def stamp(moment: datetime.datetime) -> str:
    """Return ``moment`` as text in UTC+8: ``2024-03-05T14:30:00+08:00``.

    >>> stamp(datetime.datetime(2026, 1, 1, 20, 0, tzinfo=datetime.timezone.utc))
    '2026-01-02T04:00:00+08:00'
    """
    return moment.astimezone(CHINA).isoformat(timespec="seconds")


class AuditLog:
    """A log open for appending; the lock of the job store admits one process at a time.

    A torn last line (power cut) gets a line end and remains: the chain continues from its hash.  A
    log that differs from ``log.head`` gets an event that records it, and ``verify`` reports that
    event in every later run.  With a key the same is true of ``log.mac``, which then covers all
    lines, and each line of this session has a checksum of its own; without one it stays as it is.
    """

    def __init__(self, path: Path, key: Key | None = None, *, operator: str = "") -> None:
        """Open the log ``path`` for appending; create it if absent.

        ``operator``: name that each line of this session has; no line has one if it is empty.

        Append the event DIFFERS if the log does not match ``log.head``, or ``log.mac`` if ``key``
        is given.
        """
        lines = _lines(path)
        exists = path.exists() or head_path(path).exists()
        differs = exists and not is_continuation(path)
        self._path = path
        self._by = {"operator": operator} if operator else {}
        self._mac_key = None if key is None else key.mac_key
        self._first = len(lines) + 1
        if self._mac_key is not None and mac_path(path).exists():
            differs |= vouched_mac(path, self._mac_key) is None
        if not path.exists():
            for name, content in self._heads(LogHead(0, FIRST_PREVIOUS)).items():
                write_bytes(name, content, temporary=make_private_folder(path.parent / "tmp"))
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
        number = os.open(path, flags, 0o600)
        self._file = os.fdopen(number, "ab")
        if lines and not lines[-1].endswith(b"\n"):
            self._file.write(b"\n")
            lines[-1] += b"\n"
        self.head = LogHead(len(lines), _hash(lines[-1]) if lines else FIRST_PREVIOUS)
        if differs:
            self.append(DIFFERS, moment=now())

    def append(self, event: str, *, moment: datetime.datetime, **facts: Any) -> LogHead:
        """Append one event line with its ``facts`` to the log; return the new head."""
        return self.append_all(event, [facts], moment=moment)

    def append_all(
        self, event: str, all_facts: Iterable[Mapping[str, Any]], *, moment: datetime.datetime
    ) -> LogHead:
        """Append a line of ``event`` for each of ``all_facts``, at once; return the new head."""
        written = b""
        for facts in all_facts:
            entry = {"seq": self.head.lines + 1, "time": stamp(moment), "event": event}
            entry |= {**self._by, **facts}
            entry["prev"] = self.head.sha256
            line = json.dumps(entry, ensure_ascii=True).encode()
            if self._mac_key is not None:
                line = add_line_mac(self._mac_key, line)
            line += b"\n"
            self.head = LogHead(self.head.lines + 1, _hash(line))
            written += line
        self._file.write(written)
        self._file.flush()
        return self.head

    def close(self) -> None:
        """Close the log, flush it with all files of the case, and write ``log.head``.

        A run that is broken off before the keyed checksum leaves one of fewer lines.
        """
        self._file.close()
        temporary = make_private_folder(self._path.parent / "tmp")
        publish(self._heads(self.head), temporary=temporary, also=[self._path])

    def _heads(self, head: LogHead) -> dict[Path, bytes]:
        """Return path -> content of ``log.head``, and of ``log.mac`` if there is a key.

        A session without a line vouches for nothing new: its checksum stays.
        """
        name = self._path.name
        contents = {head_path(self._path): head.line(name)}
        if self._mac_key is not None and (head.lines >= self._first or head.lines == 0):
            mac = LogMac.of(self._mac_key, head.lines, head.sha256, name)
            contents[mac_path(self._path)] = mac.line(name)
        return contents


@contextmanager
def open_log(case: Path, key: Path | None = None, *, operator: str = "") -> Iterator[AuditLog]:
    """Yield the log of a case for appending; the lock of the job store excludes other writers.

    ``operator``: who works, for each line.  ``key``: file of the case's key; None for the user's
    own if it is that key.  Raise CaseError if the named file is another key.
    """
    with closing(JobStore(case / "ledger.sqlite")) as store:
        known = (store.get("settings") or {}).get("key", "")
        found = key_at_hand(key, case=case, known=known)
        with closing(AuditLog(case / "log.jsonl", found, operator=operator)) as log:
            yield log


def vouched_mac(path: Path, mac_key: bytes) -> LogMac | None:
    """Return the keyed checksum of the log ``path``; None if the log does not match it."""
    found = read_log_mac(path)
    if found is None:
        return None
    head = head_at(path, found.lines)
    return (
        found
        if head.lines == found.lines and found.is_valid(mac_key, head.sha256, path.name)
        else None
    )


def read_events(path: Path) -> list[dict[str, Any]]:
    """Return all events, oldest first; lines that are no JSON object (torn ones) are left out."""
    return [event for _, event in read_lines(path)]


def read_lines(path: Path, *, but_sources: bool = False) -> list[tuple[int, dict[str, Any]]]:
    """Return all events with the number of their line, oldest first, as ``read_events`` does.

    ``but_sources``: True to leave out events ``source``, of which there is one a source.
    """
    events = []
    for number, line in enumerate(_lines(path), 1):
        if but_sources and _SOURCE_LINE.match(line) and line.count(b'"event"') == 1:
            continue
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(entry, dict):
            events.append((number, entry))
    return events


def broken_link(path: Path) -> int | None:
    """Return the number of the first log line that does not match the line before.

    None if all match.
    """
    previous = FIRST_PREVIOUS
    for number, line in enumerate(_lines(path), 1):
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            entry = None
        if not isinstance(entry, dict) or entry.get("prev") != previous:
            return number
        if entry.get("seq") != number:
            return number
        previous = _hash(line)
    return None


def keyed_lines(path: Path, mac_key: bytes) -> list[bool | None]:
    """Return for each line of a log: its keyed checksum is right, is wrong, or is absent (None)."""
    return [is_keyed_line(mac_key, line.removesuffix(b"\n")) for line in _lines(path)]


def line_hashes(path: Path) -> list[str]:
    """Return the SHA-256 of each line of a log: the heads that it had one after the other."""
    return [_hash(line) for line in _lines(path)]


def head_at(path: Path, lines: int) -> LogHead:
    """Return the log's head after its first ``lines`` lines, or after all if it is shorter."""
    first_lines = _lines(path)[:lines]
    return LogHead(len(first_lines), _hash(first_lines[-1]) if first_lines else FIRST_PREVIOUS)


def head_path(path: Path) -> Path:
    """Return the path of the file with the head of a log.

    >>> head_path(Path("log.jsonl")).name
    'log.head'
    """
    return path.with_suffix(".head")


def recorded_head(path: Path) -> LogHead | None:
    """Return the head recorded when the log was closed; None if absent or damaged."""
    head_file = head_path(path)
    if not is_plain_file(head_file.parent, head_file.name):
        return None
    line = head_file.read_bytes()
    match = _HEAD_LINE.fullmatch(line)
    if match is None:
        return None
    head = LogHead(int(match[2]), match[1].decode())
    return head if line == head.line(path.name) else None


def is_continuation(path: Path) -> bool:
    """Return True if the log still begins with the lines that ``log.head`` records."""
    recorded = recorded_head(path)
    return recorded is not None and head_at(path, recorded.lines) == recorded


def _lines(path: Path) -> list[bytes]:
    """Return the lines of a file as bytes with their line ends; none if it is absent or a link."""
    if not is_plain_file(path.parent, path.name):
        return []
    return path.read_bytes().splitlines(keepends=True)


def _hash(line: bytes) -> str:
    """Return the SHA-256 of a line in hexadecimal."""
    return hashlib.sha256(line).hexdigest()

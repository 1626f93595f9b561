"""The run log: one JSON line an event, appended only, each carrying the hash of the line before.

Lines hold numbers, codes and checksums; never a value, never a path (file names can name people).
What no later line holds, the last one, is held by ``log.head`` beside the log, written whenever it
is closed.  Who can write both can forge both: against that helps only a checksum kept elsewhere.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from piiscan.case.store.job_store import Ledger
from piiscan.case.store.shards import write_bytes

#: What the first line points back to.
START: Final = "0" * 64

#: Times are written in China Standard Time, as case files are.
CHINA: Final = datetime.timezone(datetime.timedelta(hours=8))

#: The event of a log that was found other than it was left.
DIFFERS: Final = "log_differs"
_NOTED: Final = re.compile(rb"([0-9a-f]{64})  [^\n]*:(0|[1-9][0-9]{0,11})\n")


@dataclass(frozen=True, slots=True)
class Head:
    """How far a log goes: its number of lines and the SHA-256 of the last."""

    lines: int
    sha256: str

    def line(self, name: str) -> bytes:
        """What ``log.head`` holds of the log ``name``, byte for byte.

        >>> Head(3, "00ff").line("log.jsonl").decode().strip()
        '00ff  log.jsonl:3'
        """
        return f"{self.sha256}  {name}:{self.lines}\n".encode()


def now() -> datetime.datetime:
    """The present moment; only logs and manifests depend on it, never shards or tables."""
    return datetime.datetime.now(datetime.UTC)


def stamp(moment: datetime.datetime) -> str:
    """``moment`` in UTC+8 to the second, ISO 8601.

    >>> stamp(datetime.datetime(2026, 1, 1, 20, 0, tzinfo=datetime.timezone.utc))
    '2026-01-02T04:00:00+08:00'
    """
    return moment.astimezone(CHINA).isoformat(timespec="seconds")


class Log:
    """A log open for appending; one process at a time (the ledger's lock sees to that).

    A torn last line (power cut) is completed by a line end and stays as evidence of itself: the
    chain goes on from its hash.  A log that is not as it was left gets a line that says so, and
    which ``verify`` tells of for ever: writing on must not hide what was done to it.
    """

    def __init__(self, path: Path) -> None:
        lines = _lines(path)
        begun = path.exists() or head_path(path).exists()
        differs = begun and not _goes_on(path, len(lines))
        self._path = path
        if not path.exists():
            self._note(Head(0, START))
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
        number = os.open(path, flags, 0o600)
        self._file = os.fdopen(number, "ab")
        if lines and not lines[-1].endswith(b"\n"):
            self._file.write(b"\n")
            lines[-1] += b"\n"
        self.head = Head(len(lines), _hash(lines[-1]) if lines else START)
        if differs:
            self.append(DIFFERS, moment=now())

    def append(self, event: str, *, moment: datetime.datetime, **facts: Any) -> Head:
        """The new head after one more line."""
        entry = {"seq": self.head.lines + 1, "time": stamp(moment), "event": event, **facts}
        entry["prev"] = self.head.sha256
        line = json.dumps(entry, ensure_ascii=True).encode() + b"\n"
        self._file.write(line)
        self._file.flush()
        self.head = Head(self.head.lines + 1, _hash(line))
        return self.head

    def close(self) -> None:
        """Everything stands on the disk."""
        os.fsync(self._file.fileno())
        self._file.close()
        self._note(self.head)

    def _note(self, head: Head) -> None:
        place = head_path(self._path)
        write_bytes(place, head.line(self._path.name), temporary=place.parent)


@contextmanager
def writing(case: Path) -> Iterator[Log]:
    """The log of a case, to be appended to; the ledger's lock keeps it to one writer."""
    with closing(Ledger(case / "ledger.sqlite")), closing(Log(case / "log.jsonl")) as log:
        yield log


def read(path: Path) -> list[dict[str, Any]]:
    """All events, oldest first; lines that are no JSON object (torn ones) are left out."""
    events = []
    for line in _lines(path):
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict):
            events.append(entry)
    return events


def broken_link(path: Path) -> int | None:
    """The number of the first line that does not follow from the one before, None if all do."""
    previous = START
    for number, line in enumerate(_lines(path), 1):
        try:
            entry = json.loads(line)
        except ValueError:
            entry = None
        if not isinstance(entry, dict) or entry.get("prev") != previous:
            return number
        if entry.get("seq") != number:
            return number
        previous = _hash(line)
    return None


def head_at(path: Path, lines: int) -> Head:
    """The head the log had when it was ``lines`` long (or has, if it is shorter)."""
    kept = _lines(path)[:lines]
    return Head(len(kept), _hash(kept[-1]) if kept else START)


def head_path(path: Path) -> Path:
    """Where the head of a log is noted.

    >>> head_path(Path("log.jsonl")).name
    'log.head'
    """
    return path.with_suffix(".head")


def noted_head(path: Path) -> Head | None:
    """How far the log went when it was closed; None if that was not noted, or is damaged."""
    try:
        line = head_path(path).read_bytes()
    except OSError:
        return None
    found = _NOTED.fullmatch(line)
    if found is None:
        return None
    head = Head(int(found[2]), found[1].decode())
    return head if line == head.line(path.name) else None


def _goes_on(path: Path, lines: int) -> bool:
    """Whether the log still begins as it was when it was closed."""
    noted = noted_head(path)
    return noted is not None and noted.lines <= lines and head_at(path, noted.lines) == noted


def _lines(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines(keepends=True) if path.exists() else []


def _hash(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()

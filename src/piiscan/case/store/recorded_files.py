"""Recorded files: the one authority for the SHA-256 of each file of a case.

| files | authority |
|---|---|
| ``manifest.json``, ``manifest-0002.json`` … | the event ``manifest`` of that generation |
| shards, tables and lists of a scan | the newest manifest that names them |
| ``counts-0001/count.json`` … | the event ``count`` of that number |
| all other files of a count | its ``count.json`` |
| ``handed/`` | the event ``handed`` of that file |
| ``samples-0001/`` … | the event ``sample`` of that file |
| ``parts/`` | the event ``part`` of that file |
| ``report.html``, ``reports/`` … | the newest event ``report`` of that file |

No other line of the log counts.  A second event of the same file (but a report, which is made
anew), and an event that names a file of another kind, are differences and change nothing.  The log
line is written behind the file, so that a file without one is of a run that was broken off.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from piiscan.case.store.audit_log import read_lines
from piiscan.case.store.plain_files import FileFacts, file_facts, is_verified

_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_NUMBER: Final = r"(?:[0-9]{4}|[1-9][0-9]{4,8})"
#: Event -> the files that it can name.
_FILES_OF: Final[Mapping[str, re.Pattern[str]]] = {
    "manifest": re.compile(rf"manifest(?:-{_NUMBER})?\.json"),
    "count": re.compile(rf"counts-{_NUMBER}/count\.json"),
    "handed": re.compile(r"handed/[a-z_]+(?:-[0-9]{4,})+(?:\.[a-z0-9]{1,5})?"),
    "sample": re.compile(rf"samples-{_NUMBER}/(?:results-{_NUMBER}/)?[a-z_]+\.[a-z]+"),
    "part": re.compile(rf"(?:parts/{_NUMBER}/)+(?:log\.jsonl|manifest(?:-{_NUMBER})?\.json)"),
    "report": re.compile(r"report\.(?:html|xlsx|docx)|reports/[^\0]+"),
}  # fmt: skip
#: Events of files that are written anew under the same name.
_REPLACED: Final = "report"


def manifest_name(generation: int) -> str:
    """Return the name of the manifest of a generation.

    >>> manifest_name(1), manifest_name(2)
    ('manifest.json', 'manifest-0002.json')
    """
    return "manifest.json" if generation == 1 else f"manifest-{generation:04d}.json"


def count_name(number: int) -> str:
    """Return the name of the record of count ``number``.

    >>> count_name(2)
    'counts-0002/count.json'
    """
    return f"counts-{number:04d}/count.json"


@dataclass(frozen=True, slots=True)
class RecordedFile:
    """A file of a case that a line of the log names: name in the case, SHA-256, event, line."""

    name: str
    sha256: str
    event: Mapping[str, Any] = field(repr=False)
    line: int

    @property
    def kind(self) -> str:
        """Return the name of the event."""
        return str(self.event["event"])


@dataclass(frozen=True, slots=True)
class RecordedFiles:
    """Files that the lines of a log name, and the lines that name one against the rules.

    ``files``: by name, in the order of the log. ``repeated``, ``foreign``: numbers of lines that
    name a file again, or a file of another kind.
    """

    files: Mapping[str, RecordedFile]
    repeated: tuple[int, ...]
    foreign: tuple[int, ...]

    def of_kind(self, kind: str) -> list[RecordedFile]:
        """Return the files that events ``kind`` name, in the order of the log."""
        return [each for each in self.files.values() if each.kind == kind]


def recorded_files(case: Path) -> RecordedFiles:
    """Return the files that the log of ``case`` names."""
    log = case / "log.jsonl"
    return _read_recorded(log, file_facts(log))


@lru_cache(maxsize=4)
def _read_recorded(log: Path, _: FileFacts | None) -> RecordedFiles:
    """Return the files that a log names; the second argument differs after each writing."""
    files: dict[str, RecordedFile] = {}
    repeated, foreign = [], []
    for line, event in read_lines(log, but_sources=True):
        kind = str(event.get("event"))
        if kind not in _FILES_OF:
            continue
        name, sha256 = _named_file(event), event.get("sha256")
        is_own = _FILES_OF[kind].fullmatch(name) is not None and ".." not in name.split("/")
        if not is_own or not isinstance(sha256, str) or not _SHA256.fullmatch(sha256):
            foreign.append(line)
        elif name in files and kind != _REPLACED:
            repeated.append(line)
        else:
            files.pop(name, None)
            files[name] = RecordedFile(name, sha256, event, line)
    return RecordedFiles(files, tuple(repeated), tuple(foreign))


def finish_renames(case: Path, recorded: RecordedFiles) -> None:
    """Rename the records in ``tmp`` whose renaming a power cut lost."""
    for each in recorded.files.values():
        if not (case / each.name).exists():
            is_verified(case, each.name, each.sha256)


def _named_file(event: Mapping[str, Any]) -> str:
    """Return the name of the file that an event names; empty if it names none."""
    numbered: dict[str, tuple[str, Callable[[int], str]]] = {
        "manifest": ("generation", manifest_name),
        "count": ("number", count_name),
    }
    if event["event"] not in numbered:
        name = event.get("file")
        return name if isinstance(name, str) else ""
    key, name_of = numbered[event["event"]]
    number = event.get(key)
    return name_of(number) if type(number) is int and 0 < number < 10**9 else ""

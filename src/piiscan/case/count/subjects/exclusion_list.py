"""An exclusion list as it was given, read strictly: kind, pattern, reason, author of each line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from piiscan.case.count.subjects.exclusions import Excluded, Line
from piiscan.forms.reader import Faults, Row, read_content
from piiscan.forms.schema import Form, load_form

#: What a list is called among the sheets handed in.
KIND: Final = "exclusions"

_SHA256: Final = re.compile(r"[0-9a-f]{64}")
#: A value -> digests of all that it can be, 16 bytes each; none if it is nothing known.
DigestsOf = Callable[[str], Sequence[bytes]]


@cache
def exclusion_form() -> Form:
    """The form of the list."""
    return load_form(Path(__file__).with_name("exclusion_list.toml"))


def read_exclusions(content: bytes, name: str) -> list[Line]:
    """The lines of a list; CaseError naming every cell that cannot be used."""
    sheet = read_content(content, name, exclusion_form())
    faults = Faults(sheet)
    lines = [_line(row, faults) for row in sheet.rows]
    faults.refuse()
    return lines


def _line(row: Row, faults: Faults) -> Line:
    kind = exclusion_form()["kind"].code_of(row.cells["kind"])
    if kind is None:
        faults.add(row, "kind", "is none of value, path, column, checksum")
    for column in ("pattern", "reason", "author"):
        if not row.cells[column].strip():
            faults.add(row, column, "is empty")
    pattern = row.cells["pattern"].strip()
    if kind == "sha256":
        pattern = pattern.lower()
        if pattern and not _SHA256.fullmatch(pattern):
            faults.add(row, "pattern", "is no SHA-256 (64 hexadecimal digits)")
    if kind == "column" and "#" not in pattern and pattern:
        faults.add(row, "pattern", "names no column: PATH#HEADING is expected")
    return Line(row.number, kind or "", pattern, row.cells["reason"], row.cells["author"])


def make_ready(
    lines: Sequence[Line],
    sources: Iterable[Mapping[str, Any]],
    parts: Iterable[Mapping[str, Any]],
    digests_of: DigestsOf,
) -> tuple[Excluded, list[Line]]:
    """The list against a case, and the lines that fit nothing in it.

    ``sources``: rows with ``source``, ``path``, ``sha256``; ``parts``: with ``source``, ``member``,
    ``sha256`` and the ``headers`` of their columns.  The first line that fits counts.
    """
    paths = {each["source"]: each["path"] for each in sources}
    sums = {each["source"]: each["sha256"] for each in sources}
    idle: list[Line] = []
    digests: list[bytes] = []
    numbers: list[int] = []
    whole: dict[int, int] = {}
    members: dict[tuple[int, str], int] = {}
    columns: list[tuple[int, str, int]] = []
    parts = list(parts)
    for line in lines:
        before = len(digests) + len(whole) + len(members) + len(columns)
        if line.kind == "value":
            found = digests_of(line.pattern)
            digests += found
            numbers += [line.number] * len(found)
        elif line.kind == "column":
            columns += _columns(line, paths, parts)
        else:
            for source, path in paths.items():
                own: str | None = path if line.kind == "path" else sums[source]
                if _fits(line.pattern, own):
                    whole.setdefault(source, line.number)
            for part in parts:
                if part["member"] and _fits(line.pattern, _name(line.kind, part, paths)):
                    members.setdefault((part["source"], part["member"]), line.number)
        if before == len(digests) + len(whole) + len(members) + len(columns):
            idle.append(line)
    words = np.frombuffer(b"".join(digests), np.uint64).reshape(-1, 2)
    return Excluded(words, np.array(numbers, np.int32), whole, members, columns), idle


def _columns(
    line: Line, paths: Mapping[int, str], parts: Iterable[Mapping[str, Any]]
) -> list[tuple[int, str, int]]:
    path, _, heading = line.pattern.rpartition("#")
    return [
        (part["source"], header, line.number)
        for part in parts
        for header in part["headers"]
        if header == heading
        and (_fits(path, paths[part["source"]]) or _fits(path, _name("path", part, paths)))
    ]


def _name(kind: str, part: Mapping[str, Any], paths: Mapping[int, str]) -> str | None:
    """What a pattern of that kind is held against for a part of a source."""
    if kind == "sha256":
        return str(part["sha256"]) if part["sha256"] else None
    member = part["member"]
    return paths[part["source"]] + (member if member.startswith("#") else f"!{member}")


def _fits(pattern: str, name: str | None) -> bool:
    return bool(name) and fnmatchcase(str(name), pattern)

"""Parser of exclusion lists: kind, pattern, reason and author of each line, read strictly.

``path | dump/测试*.csv | 测试数据 | 张三 -> ExclusionLine``
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from piiscan.case.count.subjects.exclusions import ExclusionIndex, ExclusionLine
from piiscan.errors import CellError
from piiscan.forms.reader import Row, SheetErrors, read_content
from piiscan.forms.schema import Form, load_form

#: Kind of this sheet among the attachments of a case.
KIND: Final = "exclusions"

_SHA256: Final = re.compile(r"[0-9a-f]{64}")
#: Function from a value to the digests of its readings, 16 bytes each; empty if unknown.
DigestFunction = Callable[[str], Sequence[bytes]]


@cache
def exclusion_form() -> Form:
    """Return the form of the exclusion list."""
    return load_form(Path(__file__).with_name("exclusion_list.toml"))


def read_exclusions(content: bytes, name: str) -> list[ExclusionLine]:
    """Return the lines of an exclusion list (``content`` of the file ``name``).

    Raise CaseError with every invalid cell.
    """
    sheet = read_content(content, name, exclusion_form())
    errors = SheetErrors(sheet)
    lines = [_read_line(row, errors) for row in sheet.rows]
    errors.raise_if_any()
    return lines


def _read_line(row: Row, errors: SheetErrors) -> ExclusionLine:
    """Return a sheet row as :class:`ExclusionLine`; add each invalid cell to ``errors``."""
    kind = exclusion_form()["kind"].code_of(row.cells["kind"])
    if kind is None:
        errors.add(row, "kind", CellError("cell.unknown_exclusion"))
    for column in ("pattern", "reason", "author"):
        if not row.cells[column].strip():
            errors.add(row, column, CellError("cell.empty"))
    pattern = row.cells["pattern"].strip()
    if kind == "sha256":
        pattern = pattern.lower()
        if pattern and not _SHA256.fullmatch(pattern):
            errors.add(row, "pattern", CellError("cell.no_sha256"))
    if kind == "column" and "#" not in pattern and pattern:
        errors.add(row, "pattern", CellError("cell.no_column"))
    return ExclusionLine(row.number, kind or "", pattern, row.cells["reason"], row.cells["author"])


def match_exclusions(
    lines: Sequence[ExclusionLine],
    sources: Iterable[Mapping[str, Any]],
    parts: Iterable[Mapping[str, Any]],
    value_digests: DigestFunction,
) -> tuple[ExclusionIndex, list[ExclusionLine]]:
    """Match an exclusion list with a case; return the index, and the lines that match nothing.

    The first line that matches a value, source, member or column counts.

    Args:
        lines: lines of the list, in order.
        sources: rows with ``source``, ``path``, ``sha256``.
        parts: rows with ``source``, ``member``, ``sha256`` and the ``headers`` of their columns.
        value_digests: function from a value to its digests in the case.
    """
    paths = {each["source"]: each["path"] for each in sources}
    sums = {each["source"]: each["sha256"] for each in sources}
    unused: list[ExclusionLine] = []
    digests: list[bytes] = []
    numbers: list[int] = []
    source_lines: dict[int, int] = {}
    member_lines: dict[tuple[int, str], int] = {}
    columns: list[tuple[int, str, int]] = []
    parts = list(parts)
    for line in lines:
        before = len(digests) + len(source_lines) + len(member_lines) + len(columns)
        if line.kind == "value":
            found = value_digests(line.pattern)
            digests += found
            numbers += [line.number] * len(found)
        elif line.kind == "column":
            columns += _match_columns(line, paths, parts)
        else:
            for source, path in paths.items():
                target: str | None = path if line.kind == "path" else sums[source]
                if _matches(line.pattern, target):
                    source_lines.setdefault(source, line.number)
            for part in parts:
                if part["member"] and _matches(line.pattern, _part_target(line.kind, part, paths)):
                    member_lines.setdefault((part["source"], part["member"]), line.number)
        if before == len(digests) + len(source_lines) + len(member_lines) + len(columns):
            unused.append(line)
    words = np.frombuffer(b"".join(digests), np.uint64).reshape(-1, 2)
    return ExclusionIndex(
        words, np.array(numbers, np.int32), source_lines, member_lines, columns
    ), unused


def _match_columns(
    line: ExclusionLine, paths: Mapping[int, str], parts: Iterable[Mapping[str, Any]]
) -> list[tuple[int, str, int]]:
    """Return (source, header, line number) of each column that ``PATH#HEADER`` matches."""
    path, _, heading = line.pattern.rpartition("#")
    return [
        (part["source"], header, line.number)
        for part in parts
        for header in part["headers"]
        if header == heading
        and (
            _matches(path, paths[part["source"]])
            or _matches(path, _part_target("path", part, paths))
        )
    ]


def _part_target(kind: str, part: Mapping[str, Any], paths: Mapping[int, str]) -> str | None:
    """Return the text of a part that a pattern of ``kind`` is compared with: checksum or path.

    ``a.zip`` with member ``名单.csv -> a.zip!名单.csv``. Return None if the part has no checksum.
    """
    if kind == "sha256":
        return str(part["sha256"]) if part["sha256"] else None
    member = part["member"]
    return paths[part["source"]] + (member if member.startswith("#") else f"!{member}")


def _matches(pattern: str, name: str | None) -> bool:
    """Return True if the path or checksum ``name`` is not empty and fits ``pattern``."""
    return bool(name) and fnmatchcase(str(name), pattern)

"""``piiscan overlap``: find the keys that several cases with one digest key share."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from piiscan.case.compare.shared_keys import CROSS_MATRIX, write_counted_keys
from piiscan.case.count.reopen import reopen_count, require_count
from piiscan.case.store.case import Case
from piiscan.case.store.connection import connect
from piiscan.errors import CaseError
from piiscan.output_files import make_private_folder

Row = dict[str, Any]
_MEMORY: Final = "800MB"


def overlap(cases: Sequence[str | Path | Case]) -> list[Row]:
    """Return the rows of ``cross_matrix`` over the newest counts of two or more cases.

    Raise CaseError if a case is given twice or has no count, or if digest keys or key orders
    differ: the same person would then have other digests.
    """
    opened = [each if isinstance(each, Case) else Case.open(each) for each in cases]
    _check_comparable(opened)
    names = case_names(opened)
    temporary = make_private_folder(opened[0].path / "tmp")
    with tempfile.TemporaryDirectory(
        prefix="overlap-", dir=temporary, ignore_cleanup_errors=True
    ) as folder:
        key_files = []
        for number, case in enumerate(opened):
            key_files.append(Path(folder, f"{number}.parquet"))
            with reopen_count(case, require_count(case)) as connection:
                write_counted_keys(connection, key_files[-1])
        with connect(Path(folder), memory=_MEMORY) as connection:
            rows = CROSS_MATRIX.rows_from(connection, key_files)
    paths = [case.source_names() for case in opened]
    return [_with_names(row, names, paths) for row in rows]


def _check_comparable(cases: Sequence[Case]) -> None:
    """Raise CaseError unless the cases differ, have counts, and share digest key and key order."""
    first = cases[0]
    seen: set[str] = set()
    for case in cases:
        if case.manifest.sha256 in seen:
            raise CaseError("compare.given_twice", case=case.path)
        seen.add(case.manifest.sha256)
        require_count(case)
        if case.manifest.content["settings"]["key"] != first.manifest.content["settings"]["key"]:
            raise CaseError("compare.other_key_than", case=case.path, first=first.path)
        if _key_order(case) != _key_order(first):
            raise CaseError("compare.other_key_order", case=case.path, first=first.path)


def _key_order(case: Case) -> str:
    """Return the key order of the newest count as text, without orders for single paths."""
    return str(require_count(case).content["asked"]["key_priority"]).partition("; ")[0]


def case_names(cases: Sequence[Case]) -> list[str]:
    """Return a display name per case: its case number if no other case has it, else its folder."""
    numbers = [case.manifest.content["case_number"].strip() for case in cases]
    return [
        number if number and numbers.count(number) == 1 else str(case.path)
        for number, case in zip(numbers, cases, strict=True)
    ]


def _with_names(row: Row, names: Sequence[str], paths: Sequence[Mapping[int, str]]) -> Row:
    """Return a row of ``cross_matrix`` with case names for case numbers, and paths for sources."""
    result = dict(row)
    for end in ("one", "other"):
        number = row[f"{end}_case"]
        if number is None:
            continue
        result[f"{end}_case"] = names[number]
        if row["scope_kind"] == "source":
            result[end] = f"{row[end]} {paths[number][int(row[end])]}"
    return result

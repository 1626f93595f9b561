"""``piiscan overlap``: which people stand in several cases that were made with one key."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from piiscan.case.compare.shared_keys import crossing, keep_keys
from piiscan.case.count.reopen import count_of, reopened
from piiscan.case.store.case import Case
from piiscan.case.store.connection import connect
from piiscan.errors import CaseError

Row = dict[str, Any]
_MEMORY: Final = "800MB"


def overlap(cases: Sequence[str | Path | Case]) -> list[Row]:
    """``cross_matrix`` over the newest counts of two or more cases, their names filled in.

    CaseError if a case is given twice or was not counted, if keys differ, or the order of keys
    that they were counted by: then the same person is not the same digest.
    """
    opened = [each if isinstance(each, Case) else Case.open(each) for each in cases]
    _check(opened)
    names = case_names(opened)
    (opened[0].path / "tmp").mkdir(mode=0o700, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="overlap-", dir=opened[0].path / "tmp"))
    try:
        kept = []
        for number, case in enumerate(opened):
            kept.append(folder / f"{number}.parquet")
            with reopened(case, count_of(case)) as base:
                keep_keys(base, kept[-1])
        with connect(folder, memory=_MEMORY) as base:
            rows = crossing(base, kept)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    paths = [case.source_names() for case in opened]
    return [_named(row, names, paths) for row in rows]


def _check(cases: Sequence[Case]) -> None:
    first = cases[0]
    seen: set[str] = set()
    for case in cases:
        if case.manifest.sha256 in seen:
            raise CaseError(f"{case.path} is given twice; name different cases")
        seen.add(case.manifest.sha256)
        count_of(case)
        if case.manifest.content["settings"]["key"] != first.manifest.content["settings"]["key"]:
            raise CaseError(
                f"{case.path} was made with another key than {first.path}, so nothing in it can be"
                " compared; scan it again with that key (--key FILE)"
            )
        if _order(case) != _order(first):
            raise CaseError(
                f"{case.path} was counted by another order of keys than {first.path}; count both"
                " with the same --key-by"
            )


def _order(case: Case) -> str:
    """The order of keys that a case was counted by, without orders for some of its sources."""
    return str(count_of(case).content["asked"]["key_priority"]).partition("; ")[0]


def case_names(cases: Sequence[Case]) -> list[str]:
    """What each case is called: its number if it has one of its own, else its folder."""
    numbers = [case.manifest.content["case_number"].strip() for case in cases]
    return [
        number if number and numbers.count(number) == 1 else str(case.path)
        for number, case in zip(numbers, cases, strict=True)
    ]


def _named(row: Row, names: Sequence[str], paths: Sequence[Mapping[int, str]]) -> Row:
    told = dict(row)
    for end in ("one", "other"):
        number = row[f"{end}_case"]
        if number is None:
            continue
        told[f"{end}_case"] = names[number]
        if row["scope_kind"] == "source":
            told[end] = f"{row[end]} {paths[number][int(row[end])]}"
    return told

"""Two counts of one case: figures by suspect and group, ladder and reasons that differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from piiscan.arguments import checked
from piiscan.case.compare.count_differences import (
    SIDES,
    ladder_differences,
    reason_differences,
)
from piiscan.case.store.case import Case
from piiscan.case.store.count_store import count_by_number

Row = dict[str, Any]
_SCOPES: Final = ("total", "suspect", "group")
_FIGURES: Final = ("by_rows", "by_keys", "by_persons")


@dataclass(frozen=True, slots=True)
class CountChanges:
    """Changes from one count of a case to a later one.

    ``figures``: rows of ``by_suspect`` that differ, with each figure before (``there``) and after
    (``here``). ``steps``, ``reasons``: rows of the ladder and its reasons that differ.
    ``settings``: names of the settings that differ.
    """

    figures: Sequence[Row]
    steps: Sequence[Row]
    reasons: Sequence[Row]
    settings: Sequence[str]


@checked
def compare_counts(case: str | Path | Case, earlier: int, later: int) -> CountChanges:
    r"""Compare two counts of a case by their numbers, down to suspects and groups.

    Raise CaseError if there is no such count, ChangedFileError if a file of one changed.

    >>> import piiscan
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     dump = Path(place, "dump.csv")
    ...     _ = dump.write_text("姓名,手机号\n张三,13912345678\n", "utf-8")
    ...     case = piiscan.scan(dump, case=Path(place, "case"), key=Path(place, "my.key"))
    ...     _ = piiscan.count(case), piiscan.count(case, key_by=["phone"])
    ...     piiscan.compare_counts(case, 1, 2).settings
    ['key_priority']
    """
    opened = Case.of(case)
    counts = {
        "here": count_by_number(opened.path, later),
        "there": count_by_number(opened.path, earlier),
    }
    tables = {side: each.tables() for side, each in counts.items()}
    figures: dict[tuple[Any, ...], Row] = {}
    for side in SIDES:
        for row in tables[side]["by_suspect"]:
            named = {name: row[name] for name in ("scope_kind", "scope", "entry")}
            figure = figures.setdefault(tuple(named.values()), named)
            figure |= {f"{name}_{side}": row[name] for name in _FIGURES}
    asked = {side: each.content["asked"] for side, each in counts.items()}
    return CountChanges(
        [
            row
            for row in figures.values()
            if any(row.get(f"{name}_here") != row.get(f"{name}_there") for name in _FIGURES)
        ],
        [row for row in ladder_differences(tables, _SCOPES) if row["difference"]],
        [row for row in reason_differences(tables, _SCOPES) if row["difference"]],
        [
            name
            for name in sorted({*asked["here"], *asked["there"]})
            if asked["here"].get(name) != asked["there"].get(name)
        ],
    )

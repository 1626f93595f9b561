"""``piiscan compare``: a count against another case, or against the list of an earlier opinion."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from piiscan.case.compare.count_differences import (
    SIDES,
    create_side_views,
    ladder_differences,
    one_sided_counts,
    one_sided_records,
    reason_differences,
    select_one_sided,
    totals,
    write_keys,
    write_values,
)
from piiscan.case.count.count import count
from piiscan.case.count.reopen import reopen_count, require_count
from piiscan.case.count.subjects.elements import Element, element_of
from piiscan.case.export.list_file import ListLayout, write_list
from piiscan.case.export.list_lines import build_lines, create_finding_view, listed_kinds
from piiscan.case.lookup.value_queries import case_key
from piiscan.case.scan.scan import scan
from piiscan.case.store.case import Case, check_output_path
from piiscan.case.store.connection import connect
from piiscan.errors import CaseError
from piiscan.output_files import temporary_folder
from piiscan.wording.words import Language

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Differences of two counts.

    ``unit``: key or value. ``steps``, ``reasons``: both ladders and their reject reasons.
    ``totals``: distinct values by kind, in both and in one only. ``one_sided``: why values are in
    one only. ``files``: side -> list of its rows.
    """

    unit: str
    steps: list[Row]
    reasons: list[Row]
    totals: list[Row]
    one_sided: list[Row]
    files: Mapping[str, Path] = field(default_factory=dict)


def compare(
    case: str | Path | Case,
    earlier: Path,
    *,
    key: str | Path | None = None,
    out: Path | None = None,
    recognizers: Path | None = None,
    language: Language = "zh",
) -> Comparison:
    """Compare the newest count of ``case`` with ``earlier``: another case, or a list.

    A list is scanned and counted with the settings of the case, in a temporary case. With ``out``,
    rows in one count only are written, masked, to ``NAME.here.xlsx`` and ``NAME.earlier.xlsx``.
    Raise CaseError if the keys differ, a case has no count, or the list cannot be read.
    """
    opened = Case.of(case)
    require_count(opened)
    if out is not None:
        check_output_path(opened, out)
    with (
        temporary_folder(opened.path / "tmp", "compare-") as folder,
        _earlier_case(opened, earlier, folder, key, recognizers) as earlier_case,
    ):
        cases = {"here": opened, "there": earlier_case}
        return _compare_cases(cases, folder, out, language, is_list=not earlier.is_dir())


@contextmanager
def _earlier_case(
    case: Case, earlier: Path, folder: Path, key: str | Path | None, recognizers: Path | None
) -> Iterator[Case]:
    """Yield the case at ``earlier``, or a temporary case scanned and counted from a list."""
    settings = case.manifest.content["settings"]
    if earlier.is_dir():
        other = Case.open(earlier)
        if other.manifest.content["settings"]["key"] != settings["key"]:
            raise CaseError("compare.other_key", case=earlier)
        require_count(other)
        yield other
        return
    if not earlier.is_file():
        raise CaseError("list.missing", path=earlier)
    case_key(case, key)  # otherwise scan would create a missing key
    scanned = scan(
        earlier,
        case=folder / "case",
        as_of=datetime.date.fromisoformat(settings["as_of"]),
        key=key,
        recognizers=recognizers,
        min_score=settings["min_score"],
        names=settings["names"],
    )
    order = require_count(case).content["asked"]["key_priority"].partition("; ")[0]
    count(scanned, key_by=[order], policies=())
    yield scanned


def _compare_cases(
    cases: Mapping[str, Case], folder: Path, out: Path | None, language: Language, *, is_list: bool
) -> Comparison:
    """Return the comparison of two cases; write a list per case of its one-sided records.

    The lists are written next to ``out``; None: no lists. ``is_list``: True if the earlier case
    was made from a list.
    """
    kinds = _value_kinds(cases["there"])
    sides = {side: folder / f"{side}.parquet" for side in SIDES}
    for side, case in cases.items():
        with reopen_count(case, require_count(case)) as connection:
            if kinds and case.shards("findings"):
                write_values(connection, sides[side], case.shards("findings"), kinds)
            else:
                write_keys(connection, sides[side])
    sha256 = {
        side: {each["source"]: each["sha256"] for each in case.manifest.content["sources"]}
        for side, case in cases.items()
    }
    shared_sources = {}
    for side, other in (SIDES, SIDES[::-1]):
        other_hashes = set(sha256[other].values())  # a list counts as known to both
        shared_sources[side] = {
            n: is_list or sha in other_hashes for n, sha in sha256[side].items()
        }
    with connect(folder, memory="512MB") as connection:
        create_side_views(connection, sides, shared_sources)
        records = {side: one_sided_records(connection, side) for side in SIDES}
        unit = "value" if kinds else "key"
        tables = {side: require_count(case).tables() for side, case in cases.items()}
        found = Comparison(
            unit,
            ladder_differences(tables),
            reason_differences(tables),
            totals(connection),
            one_sided_counts(connection),
        )
    if out is None:
        return found
    files = {}
    for side, case in cases.items():
        name = "here" if side == "here" else "earlier"
        files[side] = out.with_name(f"{out.stem}.{name}{out.suffix}")
        _write_one_sided(case, records[side], files[side], folder, language)
    return replace(found, files=files)


def _value_kinds(earlier_case: Case) -> list[str]:
    """Return the personal entities by which to compare a list without any key by value.

    Return an empty list if the earlier case has a key.
    """
    (ladder,) = [
        row["count"]
        for row in require_count(earlier_case).tables()["ladder"]
        if (row["scope_kind"], row["step"]) == ("total", "R3")
    ]
    if ladder:
        return []
    owner_classes = earlier_case.manifest.content["whose"]
    kinds = {row["entity"] for row in earlier_case.tables()["kinds"]}
    return sorted(
        k for k in kinds if element_of(k, owner_classes.get(k, "none")) <= Element.PERSONAL
    )


def _write_one_sided(
    case: Case, records: Any, out: Path, temporary: Path, language: Language
) -> None:
    """Write the list file ``out``: a line per record of ``records``, which only ``case`` has."""
    with reopen_count(case, require_count(case)) as connection:
        select_one_sided(connection, records)
        create_finding_view(connection, case.shards("findings"), text="masked")
        owner_classes = case.manifest.content["whose"]
        kinds = listed_kinds(connection, owner_classes, all_kinds=False)
        words = case.words(language)
        layout = ListLayout.of_case(case, kinds, rejects=True, clear=False, words=words)
        write_list(
            out, layout, build_lines(connection, kinds, whole_records=True), temporary=temporary
        )

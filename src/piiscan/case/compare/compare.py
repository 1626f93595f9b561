"""``piiscan compare``: a count against another case, or against the list of an earlier opinion."""

from __future__ import annotations

import datetime
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from piiscan.case.compare.count_differences import (
    alone,
    choose_alone,
    open_sides,
    tell_keys,
    tell_values,
    totals,
    why,
)
from piiscan.case.count.count import count
from piiscan.case.count.reopen import count_of, reopened
from piiscan.case.count.subjects.elements import Element, element_of
from piiscan.case.export.list_file import Layout, write_list
from piiscan.case.export.list_lines import lines, open_values, wanted_kinds
from piiscan.case.lookup.value_queries import secret_of
from piiscan.case.scan.scan import scan
from piiscan.case.store.case import Case, check_free
from piiscan.case.store.case_words import words_of
from piiscan.case.store.connection import connect
from piiscan.errors import CaseError
from piiscan.pages.wording import Language

Row = dict[str, Any]
SIDES: Final = ("here", "there")


@dataclass(frozen=True, slots=True)
class Compared:
    """The difference of two counts.

    ``unit``: key or value; ``steps`` and ``reasons``: ladders and why rows fell, side by side;
    ``totals`` and ``why`` as in ``count_differences``; ``files``: by side the rows
    that stand there alone.
    """

    unit: str
    steps: list[Row]
    reasons: list[Row]
    totals: list[Row]
    why: list[Row]
    files: Mapping[str, Path] = field(default_factory=dict)


def compare(
    case: str | Path | Case,
    earlier: Path,
    *,
    key: str | Path | None = None,
    out: Path | None = None,
    recognizers: Path | None = None,
    language: Language = "zh",
) -> Compared:
    """The newest count of ``case`` against ``earlier``: another case of the same key, or a list.

    A list is scanned and counted beside, as this case was, and forgotten.  ``out``: the rows that
    stand on one side only, masked, as ``NAME.here.xlsx`` and ``NAME.earlier.xlsx``.  CaseError if
    keys differ, a case was not counted, or the list cannot be read.
    """
    opened = case if isinstance(case, Case) else Case.open(case)
    count_of(opened)
    (opened.path / "tmp").mkdir(mode=0o700, exist_ok=True)
    if out is not None:
        check_free(opened, out)
    folder = Path(tempfile.mkdtemp(prefix="compare-", dir=opened.path / "tmp"))
    try:
        with _other(opened, earlier, folder, key, recognizers) as there:
            cases = {"here": opened, "there": there}
            return _compared(cases, folder, out, language, listed=not earlier.is_dir())
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _other(
    case: Case, earlier: Path, folder: Path, key: str | Path | None, recognizers: Path | None
) -> Iterator[Case]:
    """The case that ``earlier`` is, or that is made of the list it is."""
    settings = case.manifest.content["settings"]
    if earlier.is_dir():
        other = Case.open(earlier)
        if other.manifest.content["settings"]["key"] != settings["key"]:
            raise CaseError(
                f"{earlier} was made with another key, so its digests say nothing here; scan it"
                " again with this case's key (--key FILE)"
            )
        count_of(other)
        yield other
        return
    if not earlier.is_file():
        raise CaseError(f"{earlier}: no such list")
    secret_of(case, key)  # or a key that is not there would be made
    made = scan(
        earlier,
        case=folder / "case",
        as_of=datetime.date.fromisoformat(settings["as_of"]),
        key=key,
        recognizers=recognizers,
        min_score=settings["min_score"],
        names=settings["names"],
    )
    order = count_of(case).content["asked"]["key_priority"].partition("; ")[0]
    count(made, key_by=[order], policies=())
    yield made


def _compared(
    cases: Mapping[str, Case], folder: Path, out: Path | None, language: Language, *, listed: bool
) -> Compared:
    kinds = _value_kinds(cases["there"])
    sides = {side: folder / f"{side}.parquet" for side in SIDES}
    for side, case in cases.items():
        with reopened(case, count_of(case)) as base:
            if kinds and case.shards("findings"):
                tell_values(base, sides[side], case.shards("findings"), kinds)
            else:
                tell_keys(base, sides[side])
    sha256 = {side: _sources(case) for side, case in cases.items()}
    known = {}
    for side, other in (SIDES, SIDES[::-1]):
        others = set(sha256[other].values())  # a list is no source that a case could lack
        known[side] = {n: listed or sha in others for n, sha in sha256[side].items()}
    with connect(folder, memory="512MB") as base:
        open_sides(base, sides, known)
        records = {side: alone(base, side) for side in SIDES}
        unit = "value" if kinds else "key"
        found = Compared(unit, _steps(cases), _reasons(cases), totals(base), why(base))
    if out is None:
        return found
    files = {}
    for side, case in cases.items():
        name = "here" if side == "here" else "earlier"
        files[side] = out.with_name(f"{out.stem}.{name}{out.suffix}")
        _write(case, records[side], files[side], folder, language)
    return replace(found, files=files)


def _value_kinds(there: Case) -> list[str]:
    """The kinds to compare by value: those of an earlier list in which nothing has a key."""
    (ladder,) = [
        row["count"]
        for row in count_of(there).tables()["ladder"]
        if (row["scope_kind"], row["step"]) == ("total", "R3")
    ]
    if ladder:
        return []
    whose = there.manifest.content["whose"]
    kinds = {row["entity"] for row in there.tables()["kinds"]}
    return sorted(k for k in kinds if element_of(k, whose.get(k, "none")) <= Element.PERSONAL)


def _sources(case: Case) -> dict[int, str]:
    return {each["source"]: each["sha256"] for each in case.manifest.content["sources"]}


def _steps(cases: Mapping[str, Case]) -> list[Row]:
    """The ladder of both, side by side."""
    told: dict[str, Row] = {}
    for side, case in cases.items():
        for row in count_of(case).tables()["ladder"]:
            if row["scope_kind"] == "total":
                told.setdefault(row["step"], {"step": row["step"]})[side] = row["count"]
    return [row | {"difference": row["here"] - row["there"]} for row in told.values()]


def _reasons(cases: Mapping[str, Case]) -> list[Row]:
    """Why rows fell, side by side; steps in order."""
    told: dict[tuple[str, str, str], Row] = {}
    for side, case in cases.items():
        for row in count_of(case).tables()["ladder_reasons"]:
            if row["scope_kind"] == "total" and not row["kept"]:
                key = (row["step"], row["reason"], row["where"] or "")
                names = {"step": row["step"], "reason": row["reason"], "where": row["where"]}
                told.setdefault(key, names | dict.fromkeys(SIDES, 0))[side] = row["count"]
    rows = [told[key] for key in sorted(told)]
    return [row | {"difference": row["here"] - row["there"]} for row in rows]


def _write(case: Case, records: Any, out: Path, temporary: Path, language: Language) -> None:
    with reopened(case, count_of(case)) as base:
        choose_alone(base, records)
        open_values(base, case.shards("findings"), text="masked")
        whose = case.manifest.content["whose"]
        kinds = wanted_kinds(base, whose, all_kinds=False)
        layout = Layout(words_of(case, language), kinds, True, case.source_names(), case.shown())
        write_list(out, layout, lines(base, kinds, whole_records=True), temporary=temporary)

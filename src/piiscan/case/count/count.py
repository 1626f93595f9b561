"""A case -> a count: records, keys, the ladder, doubts; as often as wanted, never rescanned."""

from __future__ import annotations

import datetime
import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from piiscan.case.count.count_database import Files, Period, board
from piiscan.case.count.count_inputs import Asked, Basis, Given, asked_of, basis_of
from piiscan.case.count.counted_findings import Findings, young_keys
from piiscan.case.count.person_linking import write_persons
from piiscan.case.count.subjects.key_priority import Priorities
from piiscan.case.count.subjects.record_subjects import gather
from piiscan.case.count.tables.all_tables import count_tables
from piiscan.case.count.tier_inputs import weigh
from piiscan.case.flow.flow_tables import flow_tables
from piiscan.case.report.table_files import write_tables
from piiscan.case.store.audit_log import Log, writing
from piiscan.case.store.case import Case
from piiscan.case.store.case_words import words_of
from piiscan.case.store.count_store import Count, count_folder, latest_count, write_count
from piiscan.case.store.manifest import tool_facts
from piiscan.case.store.shards import flush_all
from piiscan.case.tiers.tier_cells import with_rules

#: The rules that a count is weighed by unless others are named.
POLICIES: Final = ("tier-cn-2017",)

#: Columns that name members of archives.
_MEMBERS: Final = ("member", "file_member")


def count(
    case: str | Path | Case,
    *,
    key_by: Sequence[str] = (),
    register: str | Path | None = None,
    exclude: str | Path | None = None,
    policies: Sequence[str] = POLICIES,
    profile: str | Path | None = None,
    since: datetime.date | None = None,
    until: datetime.date | None = None,
    key: str | Path | None = None,
) -> Count:
    """The count of a case: made, or the newest one if nothing it depends on has changed.

    ``key_by``: the order of keys (``default``, ``account``, ``phone_code``, or kinds joined by
    ``>``), for some sources as ``PATTERN=ORDER``.  ``register``: the register of seized items,
    filled in; the newest the case was given by default.  ``exclude``: an exclusion list; lines
    that name values need the case's ``key``.  ``policies``: names or files of rules; ``profile``:
    what a person says the material is.  ``since``, ``until``: the days that are counted.

    CountError for settings that cannot be used; CaseError if the case or a sheet cannot be read,
    or the case is being written; CatalogError for a rule that is broken.
    """
    opened = case if isinstance(case, Case) else Case.open(case)
    files = {"register": register, "exclude": exclude, "profile": profile, "key": key}
    given = Given(
        Priorities.parse(list(key_by)),
        Period(since, until),
        tuple(policies),
        **{name: None if file is None else Path(file) for name, file in files.items()},
    )
    with writing(opened.path) as log:
        asked = asked_of(opened, given, log=log)
        return _count(opened, asked, log=log)


def _count(case: Case, asked: Asked, *, log: Log) -> Count:
    depends = {
        "manifest": case.manifest.sha256,
        "asked": asked.facts(),
        "code": tool_facts()["code_sha256"],
    }
    settings = hashlib.sha256(json.dumps(depends, sort_keys=True).encode()).hexdigest()
    last = latest_count(case.path)
    if last is not None and last.content["settings_sha256"] == settings:
        return last
    number = 1 if last is None else last.number + 1
    folder = count_folder(case.path, number)
    if folder.exists():  # what a broken run left
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700)
    _work(case, folder, asked)
    content = {
        "number": number,
        "settings_sha256": settings,
        **depends,
        "words": asked.rules.words(),
        "tool": tool_facts(),
    }
    flush_all(sorted(folder.iterdir()))
    return write_count(folder, content, temporary=case.path / "tmp", log=log)


def _work(case: Case, folder: Path, asked: Asked) -> None:
    """Everything in the count's folder but ``count.json``."""
    basis = basis_of(case, asked)
    files = Files(
        folder / "candidates.parquet", folder / "persons.parquet", tuple(case.shards("ledger"))
    )
    temporary = case.path / "tmp"
    gather(basis.sources, basis.desk, files.candidates, temporary=temporary)
    write_persons(files.candidates, files.persons, temporary=temporary)
    with board(files, basis.placed, period=asked.period, temporary=temporary) as base:
        tables = _tables(base, case, asked, basis)
    words = with_rules(words_of(case, "zh"), asked.rules.words())
    write_tables(tables, folder, words, temporary=temporary)


def _tables(base: Any, case: Case, asked: Asked, basis: Basis) -> dict[str, list[dict[str, Any]]]:
    findings = Findings(
        {source.source: source.findings for source in basis.sources},
        case.manifest.content["counters"]["hits"],
        [(source, heading) for source, heading, _ in basis.desk.excluded.columns],
    )
    shown = case.shown()
    tables = count_tables(base, findings, period=asked.period)
    year = datetime.date.fromisoformat(case.manifest.content["settings"]["as_of"]).year
    tables |= weigh(
        base,
        asked.rules,
        paths=basis.paths,
        shown=shown,
        parts=basis.parts,
        counted=tables,
        young=young_keys(base, findings, year=year - 14),
    )
    tables |= flow_tables(base, case, list(findings.shards.values()))
    tables |= basis.tables(base, case)
    return {name: _shown(rows, shown) for name, rows in tables.items()}


def _shown(rows: list[dict[str, Any]], shown: Mapping[str, str]) -> list[dict[str, Any]]:
    """The rows with members of archives as they may be shown."""
    told = []
    for row in rows:
        names = {name: shown[row[name]] for name in _MEMBERS if row.get(name) in shown}
        told.append({**row, **names} if names else row)
    return told

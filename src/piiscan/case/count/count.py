"""The count of a case: record subjects, persons and tables, computed from the stored findings.

A case can be counted again with other settings without a new scan.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq

from piiscan.arguments import checked, existing_or_none
from piiscan.case.count.by_suspect import BY_SUSPECT, unread_by_suspect
from piiscan.case.count.count_database import CountFiles, Period, open_count_database
from piiscan.case.count.count_inputs import (
    CountInputs,
    CountRequest,
    PreparedCase,
    prepare_case,
    read_request,
)
from piiscan.case.count.counted_findings import FindingShards, count_under_14
from piiscan.case.count.dealing_money import DEALING_MONEY
from piiscan.case.count.person_linking import write_persons
from piiscan.case.count.subjects.key_priority import KeyPriorities
from piiscan.case.count.subjects.record_subjects import write_record_subjects
from piiscan.case.count.tables.all_tables import count_tables
from piiscan.case.count.tables.photo_table import PHOTOS
from piiscan.case.count.tier_inputs import assessment_tables
from piiscan.case.flow.flow_tables import flow_tables
from piiscan.case.flow.parties import create_parties
from piiscan.case.flow.transfers import create_transfers
from piiscan.case.report.report_contents import REPORT_TABLES
from piiscan.case.report.table_files import write_tables
from piiscan.case.store.audit_log import AuditLog, open_log
from piiscan.case.store.case import Case
from piiscan.case.store.case_words import case_words
from piiscan.case.store.count_store import Count, count_folder, latest_count, write_count
from piiscan.case.store.manifest import tool_facts
from piiscan.case.tiers.tier_cells import add_rule_names
from piiscan.output_files import make_private_folder

#: Policies of a count if the caller names none.
DEFAULT_POLICIES: Final = ("tier-cn-2017",)

#: Columns that name members of archives.
_MEMBERS: Final = ("member", "file_member")


@checked
def count(
    case: str | Path | Case,
    *,
    key_by: Sequence[str] = (),
    register: str | Path | None = None,
    exclude: str | Path | None = None,
    policies: Sequence[str] = DEFAULT_POLICIES,
    profile: str | Path | None = None,
    since: datetime.date | None = None,
    until: datetime.date | None = None,
    internal_sales: bool = False,
    key: str | Path | None = None,
) -> Count:
    r"""Count a case. Return the newest count instead if nothing it depends on has changed.

    Raise CountError for unusable settings. Raise CaseError if the case or a sheet cannot be read,
    or if another process writes the case. Raise CatalogError for a broken rule file.

    Args:
        case: folder of the case, or the opened case.
        key_by: order of the key kinds: ``default``, ``account``, ``phone_code``, ``phone``, or
            kinds joined by ``>``. ``PATTERN=ORDER`` sets the order for some sources.
        register: filled-in register of the seized items. Default: the newest one stored in the
            case.
        exclude: exclusion list. Lines that name values need ``key``; so do aliases.
        policies: names of shipped policies, or policy files.
        profile: returned category sheet or TOML file, in which a person states the kind of
            information per source. Default: the newest category sheet stored in the case.
        since: first day that is counted, or None.
        until: last day that is counted, or None.
        internal_sales: True if what members of a joint group pass to each other is sold.
        key: file of the digest key of the case. Without it, names in ledgers and chats are not
            compared with those of the register.

    >>> import piiscan
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     dump = Path(place, "dump.csv")
    ...     _ = dump.write_text("姓名,手机号\n张三,13912345678\n", "utf-8")
    ...     case = piiscan.scan(dump, case=Path(place, "case"), key=Path(place, "my.key"))
    ...     piiscan.count(case).tables()["units"][0]["U1d"]
    1
    """
    opened = Case.of(case, key=key)
    given = {"register": register, "exclude": exclude, "profile": profile}
    files = {name: existing_or_none(file) for name, file in given.items()}
    inputs = CountInputs(
        KeyPriorities.parse(list(key_by)),
        Period(since, until),
        tuple(policies),
        internal_sales,
        **files,
        key=None if key is None else Path(key),
    )
    with open_log(opened.path, opened.key) as log:
        request = read_request(opened, inputs, log=log)
        return _count(opened, request, log=log)


def _count(case: Case, request: CountRequest, *, log: AuditLog) -> Count:
    """Return the newest count if its settings are the same; else write a new count and return it.

    The settings are a SHA-256 over the manifest, the request and the program code.
    """
    depends = {
        "manifest": case.manifest.sha256,
        "asked": request.facts(),
        "code": tool_facts()["code_sha256"],
    }
    settings = hashlib.sha256(json.dumps(depends, sort_keys=True).encode()).hexdigest()
    last = latest_count(case.path)
    if last is not None and last.content["settings_sha256"] == settings:
        return last
    number = 1 if last is None else last.number + 1
    folder = count_folder(case.path, number)
    if folder.exists():  # left by an interrupted run
        shutil.rmtree(folder)
    make_private_folder(folder)
    _write_count_files(case, folder, request)
    content = {
        "number": number,
        "settings_sha256": settings,
        **depends,
        "words": request.rules.words(),
        "tool": tool_facts(),
    }
    return write_count(folder, content, temporary=case.path / "tmp", log=log)


def _write_count_files(case: Case, folder: Path, request: CountRequest) -> None:
    """Write record subjects, persons and all tables to the count's folder, not ``count.json``."""
    prepared = prepare_case(case, request)
    files = CountFiles(
        folder / "candidates.parquet", folder / "persons.parquet", tuple(case.shards("ledger"))
    )
    temporary = case.path / "tmp"
    write_record_subjects(
        prepared.sources, prepared.context, files.record_subjects, temporary=temporary
    )
    write_persons(files.record_subjects, files.persons, temporary=temporary)
    with open_count_database(
        files, prepared.attribution, period=request.period, temporary=temporary
    ) as connection:
        tables = _build_tables(connection, case, request, prepared)
    words = add_rule_names(case_words(case, "zh"), request.rules.words())
    write_tables(REPORT_TABLES, tables, folder, words, temporary=temporary)


def _build_tables(
    connection: Any, case: Case, request: CountRequest, prepared: PreparedCase
) -> dict[str, list[dict[str, Any]]]:
    """Return all tables of the count, by name, with display names for archive members."""
    findings = FindingShards(
        {source.source: source.findings for source in prepared.sources},
        case.manifest.content["counters"]["hits"],
        [(source, heading) for source, heading, _ in prepared.context.exclusion_index.column_lines],
        list(prepared.context.judgements.rows()),
    )
    display_names = case.shown()
    tables = count_tables(connection, findings, period=request.period)
    as_of = case.manifest.content["settings"]["as_of"]
    parties = create_parties(connection, request.flow)
    create_transfers(connection, parties, request.flow)
    shards = [source.records for source in prepared.sources if source.records is not None]
    tables |= assessment_tables(
        connection,
        request.rules,
        paths=prepared.paths,
        display_names=display_names,
        parts=prepared.parts,
        counted_tables=tables,
        under_14=count_under_14(connection, findings),
        records=[path for path in shards if "under_14" in pq.read_schema(path).names],
        as_of=as_of,
        flow=request.flow,
    )
    shards = list(findings.shards.values())
    tables |= flow_tables(connection, case, shards, parties=parties, settings=request.flow)
    tables |= prepared.tables(connection, case)
    tables[DEALING_MONEY.name] = DEALING_MONEY.rows_from(tables, request.rules.policies)
    unread = unread_by_suspect(connection, case.stored("errors"))
    tables[BY_SUSPECT.name] = BY_SUSPECT.rows_from(tables, unread)
    errors = case.stored("errors").to_pylist()
    tables[PHOTOS.name] = PHOTOS.rows_from(errors, prepared.parts, prepared.paths, display_names)
    return {name: _mask_members(rows, display_names) for name, rows in tables.items()}


def _mask_members(
    rows: list[dict[str, Any]], display_names: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return ``rows`` with display names in place of archive members that contain personal data."""
    masked = []
    for row in rows:
        names = {
            name: display_names[row[name]] for name in _MEMBERS if row.get(name) in display_names
        }
        masked.append({**row, **names} if names else row)
    return masked

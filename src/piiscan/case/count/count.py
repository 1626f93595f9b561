"""The count of a case: record subjects, persons and tables, computed from the stored findings.

A case can be counted again with other settings without a new scan.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from piiscan.arguments import checked, existing_or_none
from piiscan.case.count.carried_subjects import CarriedSubjects
from piiscan.case.count.count_database import MOST_SMALL, PERSONS, Period, Relation
from piiscan.case.count.count_inputs import CountInputs, CountRequest, read_request
from piiscan.case.count.count_memory import CountMemory, release_memory
from piiscan.case.count.counted_sources import SourceParts, SourceRecords, prepare_sources
from piiscan.case.count.record_count import (
    IS_YOUNG,
    STATE,
    Tables,
    count_tables,
    counted_case,
)
from piiscan.case.count.shipped_rules import DEFAULT_POLICIES
from piiscan.case.count.subjects.exclusion_list import KIND as EXCLUSIONS
from piiscan.case.count.subjects.key_priority import KeyPriorities, split_priorities
from piiscan.case.count.subjects.record_batches import FINDING_COLUMNS
from piiscan.case.count.subjects.record_flags import RECORD_COLUMNS
from piiscan.case.count.subjects.record_subjects import (
    CountContext,
    CountSource,
    record_subjects,
)
from piiscan.case.flow.parties import CODE_MINUTES
from piiscan.case.lookup.value_queries import case_key
from piiscan.case.report.report_contents import REPORT_TABLES
from piiscan.case.report.table_files import write_tables
from piiscan.case.store.attachments import all_attachments
from piiscan.case.store.audit_log import AuditLog
from piiscan.case.store.case import Case
from piiscan.case.store.count_store import Count, count_folder, latest_count, write_count
from piiscan.case.store.manifest import tool_facts
from piiscan.case.store.shards import SourceRows, write_shard
from piiscan.case.tiers import shipped_policies
from piiscan.case.tiers.category_sheet import is_sheet
from piiscan.case.tiers.composition import KIND as PROFILE
from piiscan.case.tiers.policy import KIND as POLICY
from piiscan.case.tiers.sensitivity import shipped_sensitivities
from piiscan.case.tiers.tier_cells import add_rule_names
from piiscan.errors import CaseError, CountError
from piiscan.output_files import make_private_folder
from piiscan.plugins import replaced_packs
from piiscan.schemas import PARTS, RECORD_SUBJECTS

#: Least rows of a row group of record subjects and of persons, for any memory.
_ROW_GROUP: Final = 8_192


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
    code_minutes: int = CODE_MINUTES,
    key: str | Path | None = None,
    memory: str | None = None,
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
        code_minutes: minutes within which a verification code belongs to the phone before it.
        key: file of the digest key of the case. Without it, names in ledgers and chats are not
            compared with those of the register.
        memory: memory that the count may take above that of the loaded program, ``2GB``; the rest
            is spilled into the case. Default: a quarter of the machine's.

    >>> import piiscan
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     dump = Path(place, "dump.csv")
    ...     _ = dump.write_text("姓名,手机号\n张三,13912345678\n", "utf-8")
    ...     case = piiscan.scan(dump, case=Path(place, "case"), key=Path(place, "my.key"))
    ...     piiscan.count(case).tables()["units"][0]["U1d"]
    1
    """
    opened, granted = Case.of(case, key=key), CountMemory.of(memory)
    given = {"register": register, "exclude": exclude, "profile": profile}
    files = {name: existing_or_none(file) for name, file in given.items()}
    inputs = CountInputs(
        KeyPriorities.parse(list(key_by)),
        Period(since, until),
        tuple(policies),
        internal_sales,
        code_minutes,
        **files,
        key=None if key is None else Path(key),
    )
    return _count_logged(opened, inputs, granted)


@checked
def recount(
    case: str | Path | Case, *, key: str | Path | None = None, memory: str | None = None
) -> Count:
    r"""Count a case with the settings of its newest count, and its newest register and judgements.

    Key order, period, exclusion list, policies, category file and limits are those of that count;
    a case that was never counted gets the defaults. Raise as :func:`count`, and CaseError without
    the key that it had, or a file of its settings.

    >>> import piiscan
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     dump = Path(place, "dump.csv")
    ...     _ = dump.write_text("姓名,手机号\n张三,13912345678\n", "utf-8")
    ...     case = piiscan.scan(dump, case=Path(place, "case"), key=Path(place, "my.key"))
    ...     first = piiscan.count(case, key_by=["phone"])
    ...     piiscan.recount(case).number == first.number
    True
    """
    opened, granted = Case.of(case, key=key), CountMemory.of(memory)
    return _count_logged(opened, repeated_inputs(opened, key), granted)


def repeated_inputs(case: Case, key: str | Path | None = None) -> CountInputs:
    """Return the inputs of the newest count of a case; the defaults before the first.

    Raise CaseError without the key that it had, or a file of its settings.
    """
    last, file = latest_count(case.path), None if key is None else Path(key)
    if last is None:
        return CountInputs(KeyPriorities.parse([]), key=file)
    asked = last.content["asked"]
    if asked["birthdays_read"] or asked["parties_compared"]:
        case_key(case)  # without it the count would be another one
    since, until = (
        asked[name] and datetime.date.fromisoformat(asked[name]) for name in ("since", "until")
    )
    return CountInputs(
        KeyPriorities.parse(split_priorities(asked["key_priority"])),
        Period(since, until),
        tuple(_policies(case, asked)),
        asked["internal_sales"],
        asked["code_minutes"],
        exclude=_stored_file(case, EXCLUSIONS, asked["exclusions"]),
        profile=_stored_file(case, PROFILE, asked["profile"]),
        key=file,
    )


def _count_logged(case: Case, inputs: CountInputs, memory: CountMemory) -> Count:
    """Count a case with ``inputs`` while no other process writes it."""
    with case.open_log() as log:
        return _count(case, read_request(case, inputs, log=log), memory, log=log)


def _stored_file(case: Case, kind: str, sha256: str | None) -> Path | None:
    """Return the attachment with this SHA-256; None for None, or for a newer category sheet."""
    found = [each for each in all_attachments(case.path, kind) if each.sha256 == sha256]
    if sha256 is not None and not found:
        raise CaseError("count.file_lost", kind=kind)
    if not found or (kind == PROFILE and is_sheet(found[-1].name)):
        return None  # the newest sheet in the case is the default
    return found[-1].path


def _policies(case: Case, asked: Mapping[str, Any]) -> list[str]:
    """Return the policies of a count in their order: names of shipped ones, else stored files."""
    own = {each.sha256: str(each.path) for each in all_attachments(case.path, POLICY)}
    shipped, levels = shipped_policies(), shipped_sensitivities()
    found = []
    for name in dict.fromkeys((*asked["policies"], *asked["rules"])):
        if (sha256 := asked["rules"][name]["sha256"]) in own:
            found.append(own[sha256])
        elif name in shipped:
            found.append(name)
        elif name not in levels:
            raise CaseError("count.file_lost", kind=POLICY)
    return found


def _count(case: Case, request: CountRequest, memory: CountMemory, *, log: AuditLog) -> Count:
    """Return the newest count if its settings are the same; else write a new count and return it.

    The settings are a SHA-256 over the manifest, the request and the program code.
    """
    tool = tool_facts()
    if (formats := case.manifest.content["tool"].get("formats", [])) != tool["formats"]:
        names = tuple(f"{each['distribution']} {each['version']}" for each in formats)
        raise CountError("count.other_formats", formats=names or ("-",))
    if packs := replaced_packs(case.manifest.content["settings"]["data"]):
        raise CountError("count.other_pack", packs=tuple(packs))
    depends = {
        "manifest": case.manifest.sha256,
        "asked": request.facts(),
        "code": tool["code_sha256"],
    }
    settings = hashlib.sha256(json.dumps(depends, sort_keys=True).encode()).hexdigest()
    last = latest_count(case.path)
    if last is not None and last.content["settings_sha256"] == settings:
        return last
    carried = CarriedSubjects.find(case, last, depends["asked"], tool)
    number = 1 if last is None else last.number + 1
    folder = count_folder(case.path, number)
    _remove(folder)
    make_private_folder(folder)
    spill = case.path / "tmp" / "count"
    _remove(spill)
    try:
        tables = counted_tables(case, folder, request, memory, spill, carried)
        words = add_rule_names(case.words("zh"), request.rules.tiers.words())
        write_tables(REPORT_TABLES, tables, folder, words, temporary=case.path / "tmp")
    except BaseException:  # a count that fails or is interrupted leaves the case as it was
        _remove(folder)
        raise
    finally:
        _remove(spill)
    content = {
        "number": number,
        "settings_sha256": settings,
        **depends,
        "empty": sorted(name for name, rows in tables.items() if not rows),
        "carried": carried.facts(),
        "words": request.rules.tiers.words(),
        "tool": tool,
    }
    return write_count(folder, content, temporary=case.path / "tmp", log=log)


def _remove(folder: Path) -> None:
    """Remove a folder if it exists."""
    if folder.exists():
        shutil.rmtree(folder)


def counted_tables(
    case: Case,
    folder: Path,
    request: CountRequest,
    memory: CountMemory,
    spill: Path,
    carried: CarriedSubjects,
) -> Tables:
    """Write record subjects and persons to the count's folder; return all tables.

    ``spill``: folder for data that does not fit in ``memory``. ``carried``: record subjects of the
    count before, for sources that are not read again.
    """
    rules, temporary = request.rules, case.path / "tmp"
    hits = case.manifest.content["counters"]["hits"]
    part_rows = case.stored("parts").to_pylist()
    sources = case.manifest.content["sources"]
    matched = SourceParts.of(sources, part_rows, rules, request.register)
    attribution = matched.attribution
    numbers: dict[int, dict[str, int]] = {}
    for row in attribution.select(["place", "source", "member"]).to_pylist():
        numbers.setdefault(row["source"], {})[row["member"]] = row["place"]
    prepared = prepare_sources(
        _read_sources(case, memory.batch, carried.last), matched, part_rows, numbers, rules
    )

    def store(name: str, schema: pa.Schema, tables: Iterator[pa.Table]) -> Relation:
        """Write ``tables`` to a file of the count; return their rows if they are few."""
        path = folder / f"{name}.parquet"
        if hits > MOST_SMALL:
            write_shard(path, schema, tables, temporary=temporary, rows=_ROW_GROUP)
            release_memory()
            return [path]
        rows = pa.concat_tables([schema.empty_table(), *tables]).unify_dictionaries()
        write_shard(path, schema, iter([rows]), temporary=temporary)
        return rows

    relations = {
        "candidates": store(
            "candidates", RECORD_SUBJECTS, _all_subjects(carried, prepared, matched.context)
        ),
        "findings": case.shards("findings"),
        **_record_rows(case),
        "ledger": case.shards("ledger"),
        "messages": case.shards("sendings"),
    }
    facts = counted_case(
        matched,
        relations,
        has_register=request.register is not None,
        hits=hits,
        errors=case.stored("errors"),
        files=case.stored("files"),
        alarms=[row for path in case.shards("alarms") for row in pq.read_table(path).to_pylist()],
        display_names=case.shown(),
    )
    return count_tables(
        relations,
        attribution,
        facts,
        rules,
        store_persons=partial(store, "persons", PERSONS),
        temporary=spill,
        memory=memory,
    )


def _all_subjects(
    carried: CarriedSubjects, sources: Iterable[CountSource], context: CountContext
) -> Iterator[pa.Table]:
    """Yield the record subjects of the count before, then those of the other ``sources``."""
    first = 0, 0
    for table in carried.tables():
        yield table
        first = table["record"][-1].as_py() + 1, table["subject"][-1].as_py() + 1
    yield from record_subjects(sources, context, first)


def _record_rows(case: Case) -> dict[str, Relation]:
    """Return the views of RECORDS: facts of rows, and who is under fourteen; if few, in memory."""
    paths = case.shards("records")
    if case.manifest.content["counters"]["hits"] > MOST_SMALL or not paths:
        return {"young_records": paths, "facts": paths}
    columns = list(dict.fromkeys((*STATE["young_records"].names, *STATE["facts"].names)))
    rows = pa.concat_tables([pq.read_table(path, columns=columns) for path in paths])
    rows = rows.unify_dictionaries()
    return {"young_records": rows.filter(IS_YOUNG), "facts": rows}


def _read_sources(case: Case, rows: int, last: int) -> Iterator[SourceRecords]:
    """Yield each source behind ``last`` with a shard of findings, in the order of the manifest.

    ``rows``: most rows of findings or records that are read at once.
    """
    shards, record_shards = (
        {number: path for number, path in case.source_shards(kind).items() if number > last}
        for kind in ("findings", "records")
    )
    findings = SourceRows(shards, FINDING_COLUMNS, rows)
    records = SourceRows(record_shards, RECORD_COLUMNS, rows)
    parts = PARTS.empty_table()
    for each in case.manifest.content["sources"]:
        number = each["source"]
        if number in shards:
            yield SourceRecords(
                number,
                each["path"],
                parts,
                findings.of(number),
                records.of(number),
                each["sha256"],
            )

"""Scan tables: the counted tables of a case, built from the job store and the shards.

T1 sources, T2 kinds, T3 combinations, roles, T5 kinds by source, T6 verdicts and reasons, T12
provinces, birth decades, sexes and carriers, parts read, T14 unread parts.  Rows are small and
have English keys.

Numbers of findings come from the counts taken while scanning.  Only distinct values need every
digest and are counted from the shards (:mod:`piiscan.case.scan.distinct_counts`).
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from piiscan.case.scan.distinct_counts import count_all_distinct
from piiscan.case.store.job_store import Source
from piiscan.detect.attributes.coarse_summary import parse_summary

Row = dict[str, Any]

#: Classes of kinds, in the order of the tables.
CLASSES: Final = ("person", "link", "device", "organisation", "none", "masked", "damaged")
#: Entities that are a class of their own: never valid, never part of a record.
OWN_CLASS: Final = {"MASKED": "masked", "DAMAGED": "damaged"}


@dataclass(frozen=True, slots=True)
class TableInputs:
    """Inputs of the tables.

    ``troubles``: rows of ERRORS that belong to no source.  ``display_names``: name -> masked name.
    ``owner_class``: entity -> person, device, organisation, link or none.
    """

    case: Path
    sources: Sequence[Source]
    troubles: Sequence[Mapping[str, Any]]
    display_names: Mapping[str, str]
    owner_class: Mapping[str, str]

    def display(self, name: str) -> str:
        """Return the masked name of a path or member; unchanged without personal data."""
        return self.display_names.get(name, name)

    def shards(self, kind: str) -> dict[int, Path]:
        """Return source -> the Parquet file of its findings or records, if it has one."""
        return {
            source.source: self.case / name
            for source in self.sources
            for name in source.outcome.files
            if name.startswith(f"{kind}/")
        }


def build_tables(inputs: TableInputs) -> dict[str, list[Row]]:
    """Build every table by name, rows in a fixed order."""
    tally = count_all_distinct(
        inputs.shards("findings"),
        inputs.shards("records"),
        hits=sum(entry[-1] for source in inputs.sources for entry in source.outcome.counts),
        temporary=inputs.case / "tmp",
    )
    return {
        "kinds": _kinds(inputs, tally.distinct),
        "combinations": _combinations(tally.combinations),
        "roles": _roles(inputs),
        "provinces": _coarse(tally.coarse, "province"),
        "births": _coarse(tally.coarse, "decade"),
        "sexes": _coarse(tally.coarse, "sex"),
        "carriers": _coarse(tally.coarse, "carrier"),
        "sources": _sources(inputs, tally.records),
        "by_source": _by_source(inputs, tally.by_source),
        "reasons": _reasons(inputs),
        "parts": _parts(inputs),
        "unread": _unread(inputs),
    }


def _combinations(counts: Sequence[tuple[str, int, int]]) -> list[Row]:
    """Build the table ``combinations`` (T3): entities in one record, most frequent first."""
    return [
        {"combination": name.split("+"), "records": number, "distinct_records": distinct}
        for name, number, distinct in sorted(counts, key=lambda row: (-row[1], row[0]))
    ]


def _roles(inputs: TableInputs) -> list[Row]:
    """Build the table ``roles``: a row per role and entity, with findings by verdict.

    Entities without a role are left out.
    """
    verdicts: dict[tuple[str, str], Counter[str]] = {}
    for source in inputs.sources:
        for entity, _, verdict, _, role, hits in source.outcome.counts:
            if role is not None and entity not in OWN_CLASS:
                verdicts.setdefault((role, entity), Counter())[verdict] += hits
    rows: list[Row] = [
        {
            "role": role,
            "entity": entity,
            "hits": counter.total(),
            "valid": counter.total() - counter["refuted"],
            "refuted": counter["refuted"],
        }
        for (role, entity), counter in verdicts.items()
    ]
    return sorted(rows, key=lambda row: (row["role"], -row["hits"], row["entity"]))


def _kinds(inputs: TableInputs, distinct: Mapping[str, int]) -> list[Row]:
    """Build the table ``kinds`` (T2): a row per entity with its counts, by owner class."""
    verdicts: dict[str, Counter[str]] = {}
    for source in inputs.sources:
        for entity, _, verdict, _, _, hits in source.outcome.counts:
            verdicts.setdefault(entity, Counter())[verdict] += hits
    rows = [
        _count_row(class_of(entity, inputs.owner_class), entity, counter, distinct.get(entity, 0))
        for entity, counter in verdicts.items()
    ]
    order = {name: number for number, name in enumerate(CLASSES)}
    return sorted(rows, key=lambda row: (order[row["class"]], -row["hits"], row["entity"]))


def _coarse(counts: Mapping[tuple[str, str], tuple[int, int]], name: str) -> list[Row]:
    """Build a table of T12: valid values by province, birth decade, sex or carrier.

    A value has one entry, except masked ones and waybills that two recognizers accept.  Those
    entries differ in the column counted here, or only one of them has it.
    """
    total: Counter[tuple[str, str | int]] = Counter()
    distinct: Counter[tuple[str, str | int]] = Counter()
    for (entity, word), (hits, number) in counts.items():
        attributes = parse_summary(word)
        if name == "decade" and "birth_year" in attributes:
            attributes["decade"] = int(attributes["birth_year"]) // 10 * 10
        if name in attributes:
            total[entity, attributes[name]] += hits
            distinct[entity, attributes[name]] += number
    rows: list[Row] = [
        {name: value, "entity": entity, "hits": hits, "distinct": distinct[entity, value]}
        for (entity, value), hits in total.items()
    ]
    if name == "decade":
        return sorted(rows, key=lambda row: (row["entity"], row[name]))
    return sorted(rows, key=lambda row: (-row["distinct"], row["entity"], row[name]))


def class_of(entity: str, owner_class: Mapping[str, str]) -> str:
    """Return the class under which tables list an entity: ``person``, ``link``, ``masked``.

    >>> class_of("MASKED", {"MASKED": "link"}), class_of("CN_MOBILE", {"CN_MOBILE": "person"})
    ('masked', 'person')
    """
    return OWN_CLASS.get(entity) or owner_class.get(entity, "none")


def _count_row(class_: str, entity: str, verdicts: Counter[str], distinct: int) -> Row:
    """Build a row of counts for an entity: hits, valid, verified, refuted, distinct.

    Masked and damaged values are neither valid nor refuted.
    """
    hits = verdicts.total()
    row: Row = {"class": class_, "entity": entity, "hits": hits}
    if class_ in OWN_CLASS.values():
        return row | {"valid": None, "verified": None, "refuted": None, "distinct": distinct}
    refuted = verdicts["refuted"]
    row |= {"valid": hits - refuted, "verified": verdicts["verified"], "refuted": refuted}
    return row | {"distinct": distinct}


def _sources(inputs: TableInputs, records: Mapping[int, int]) -> list[Row]:
    """Build the table ``sources`` (T1): a row per source with size, counts and checksums."""
    rows = []
    for source in inputs.sources:
        outcome = source.outcome
        rows.append(
            {
                "source": source.source,
                "path": inputs.display(source.path),
                "size": source.size,
                "mtime": modification_time(source.mtime_ns).isoformat(timespec="seconds"),
                "sha256": outcome.sha256 or None,
                "sm3": outcome.sm3 or None,
                "state": source.state,
                "parts": len(outcome.parts),
                "rows": sum(part["rows"] for part in outcome.parts),
                "hits": sum(entry[-1] for entry in outcome.counts),
                "records": records.get(source.source, 0),
                "unread": sum(bool(error["lost"]) for error in outcome.errors),
            }
        )
    return rows


def modification_time(mtime_ns: int) -> datetime.datetime:
    """Return a modification time in UTC, to the microsecond; it may be before 1970.

    >>> modification_time(-1_000_000_000).isoformat()
    '1969-12-31T23:59:59+00:00'
    """
    start = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    return start + datetime.timedelta(microseconds=mtime_ns // 1000)


def _by_source(inputs: TableInputs, distinct: Mapping[tuple[int, str], int]) -> list[Row]:
    """Build the table of T5: a row of counts per source and entity."""
    rows = []
    for source in inputs.sources:
        verdicts: dict[str, Counter[str]] = {}
        for entity, _, verdict, _, _, hits in source.outcome.counts:
            verdicts.setdefault(entity, Counter())[verdict] += hits
        for entity, counter in sorted(verdicts.items()):
            number = distinct.get((source.source, entity), 0)
            tally = _count_row(class_of(entity, inputs.owner_class), entity, counter, number)
            rows.append({"source": source.source, "path": inputs.display(source.path), **tally})
    return rows


def _reasons(inputs: TableInputs) -> list[Row]:
    """Build the table ``reasons`` (T6): findings by entity, verdict and reason."""
    total: Counter[tuple[str, str, str]] = Counter()
    for source in inputs.sources:
        for entity, _, verdict, reason, _, hits in source.outcome.counts:
            total[entity, verdict, reason or ""] += hits
    return [
        {"entity": entity, "verdict": verdict, "reason": reason or None, "hits": hits}
        for (entity, verdict, reason), hits in sorted(total.items())
    ]


def _parts(inputs: TableInputs) -> list[Row]:
    """Build the table ``parts``: a row per part with kind, encoding, delimiter and columns."""
    import json

    rows = []
    for source in inputs.sources:
        for part in source.outcome.parts:
            row = {"source": source.source, "path": inputs.display(source.path)}
            row |= {"member": inputs.display(part["member"])}
            names = ("kind", "encoding", "delimiter", "header_row", "rows", "sha256", "size")
            row |= {name: part[name] for name in names}
            rows.append(row | {"columns": json.loads(part["columns"])})
    return rows


def _unread(inputs: TableInputs) -> list[Row]:
    """Build the table T14: a row per part not read or read with a trouble.

    Troubles outside of any source come first.
    """
    rows = [_error(None, inputs.display(t["member"]), "", t) for t in inputs.troubles]
    for source in inputs.sources:
        path = inputs.display(source.path)
        rows += [
            _error(source.source, path, inputs.display(error["member"]), error)
            for error in source.outcome.errors
        ]
    return rows


def _error(source: int | None, path: str, member: str, error: Mapping[str, Any]) -> Row:
    """Build one row of T14 from a trouble of a source or of none."""
    row: Row = {"source": source, "path": path, "member": member}
    return row | {name: error[name] for name in ("row", "reason", "detail", "lost")}

"""The counted tables of a case: small rows with English keys, from ledger and shards.

T1 sources, T2 kinds, T3 combinations, roles, T5 kinds by source, T6 verdicts and reasons, T12
provinces, birth decades, sexes and carriers, parts read, T14 what was not read (domain.md D.8).

Hits come from the counts taken while scanning; only what needs every digest, the distinct values,
is counted from the shards (:mod:`piiscan.case.scan.distinct_counts`).
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from piiscan.case.scan.distinct_counts import tally_all
from piiscan.case.store.job_store import Source
from piiscan.detect.attributes.coarse import split_word

Row = dict[str, Any]

#: Order of the classes that kinds are listed in.
CLASSES: Final = ("person", "link", "device", "organisation", "none", "masked", "damaged")
#: Kinds that are a class of their own: never valid, never part of a record.
APART: Final = {"MASKED": "masked", "DAMAGED": "damaged"}


@dataclass(frozen=True, slots=True)
class Counted:
    """What the tables are made from.

    ``troubles``: rows of ERRORS that belong to no source; ``shown``: names that are shown masked;
    ``whose``: entity -> person, device, organisation, link or none.
    """

    case: Path
    sources: Sequence[Source]
    troubles: Sequence[Mapping[str, Any]]
    shown: Mapping[str, str]
    whose: Mapping[str, str]

    def show(self, name: str) -> str:
        """A path or member as it may be shown."""
        return self.shown.get(name, name)

    def shards(self, kind: str) -> dict[int, Path]:
        """Source -> the Parquet file of its findings or records, where it has one."""
        return {
            source.source: self.case / name
            for source in self.sources
            for name in source.outcome.files
            if name.startswith(f"{kind}/")
        }


def count_all(counted: Counted) -> dict[str, list[Row]]:
    """Every table by name, rows in a fixed order."""
    tally = tally_all(
        counted.shards("findings"),
        counted.shards("records"),
        hits=sum(entry[-1] for source in counted.sources for entry in source.outcome.counts),
        temporary=counted.case / "tmp",
    )
    return {
        "kinds": _kinds(counted, tally.distinct),
        "combinations": _combinations(tally.combinations),
        "roles": _roles(counted),
        "provinces": _coarse(tally.coarse, "province"),
        "births": _coarse(tally.coarse, "decade"),
        "sexes": _coarse(tally.coarse, "sex"),
        "carriers": _coarse(tally.coarse, "carrier"),
        "sources": _sources(counted, tally.records),
        "by_source": _by_source(counted, tally.by_source),
        "reasons": _reasons(counted),
        "parts": _parts(counted),
        "unread": _unread(counted),
    }


def _combinations(counts: Sequence[tuple[str, int, int]]) -> list[Row]:
    """T3: which kinds stand together in a record; most frequent first."""
    return [
        {"combination": name.split("+"), "records": number, "distinct_records": distinct}
        for name, number, distinct in sorted(counts, key=lambda row: (-row[1], row[0]))
    ]


def _roles(counted: Counted) -> list[Row]:
    """Whose the values are: role by kind, as columns and texts say; kinds without one left out."""
    verdicts: dict[tuple[str, str], Counter[str]] = {}
    for source in counted.sources:
        for entity, _, verdict, _, role, hits in source.outcome.counts:
            if role is not None and entity not in APART:
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


def _kinds(counted: Counted, distinct: Mapping[str, int]) -> list[Row]:
    """T2: kinds and counts, by class, most frequent first."""
    verdicts: dict[str, Counter[str]] = {}
    for source in counted.sources:
        for entity, _, verdict, _, _, hits in source.outcome.counts:
            verdicts.setdefault(entity, Counter())[verdict] += hits
    rows = [
        _tally(class_of(entity, counted.whose), entity, counter, distinct.get(entity, 0))
        for entity, counter in verdicts.items()
    ]
    order = {name: number for number, name in enumerate(CLASSES)}
    return sorted(rows, key=lambda row: (order[row["class"]], -row["hits"], row["entity"]))


def _coarse(counts: Mapping[tuple[str, str], tuple[int, int]], name: str) -> list[Row]:
    """T12: valid values by province, birth decade, sex or carrier; most distinct ones first.

    A value has one word, but for masked ones and waybills that two recognizers take for theirs,
    and those two differ in the column that is counted here or are the only one that has it.
    """
    total: Counter[tuple[str, str | int]] = Counter()
    distinct: Counter[tuple[str, str | int]] = Counter()
    for (entity, word), (hits, number) in counts.items():
        told = split_word(word)
        if name == "decade" and "birth_year" in told:
            told["decade"] = int(told["birth_year"]) // 10 * 10
        if name in told:
            total[entity, told[name]] += hits
            distinct[entity, told[name]] += number
    rows: list[Row] = [
        {name: value, "entity": entity, "hits": hits, "distinct": distinct[entity, value]}
        for (entity, value), hits in total.items()
    ]
    if name == "decade":
        return sorted(rows, key=lambda row: (row["entity"], row[name]))
    return sorted(rows, key=lambda row: (-row["distinct"], row["entity"], row[name]))


def class_of(entity: str, whose: Mapping[str, str]) -> str:
    """Which class of kinds an entity is listed in.

    >>> class_of("MASKED", {"MASKED": "link"}), class_of("CN_MOBILE", {"CN_MOBILE": "person"})
    ('masked', 'person')
    """
    return APART.get(entity) or whose.get(entity, "none")


def _tally(class_: str, entity: str, verdicts: Counter[str], distinct: int) -> Row:
    """One row of counts; masked and damaged values are neither valid nor refuted."""
    hits = verdicts.total()
    row: Row = {"class": class_, "entity": entity, "hits": hits}
    if class_ in APART.values():
        return row | {"valid": None, "verified": None, "refuted": None, "distinct": distinct}
    refuted = verdicts["refuted"]
    row |= {"valid": hits - refuted, "verified": verdicts["verified"], "refuted": refuted}
    return row | {"distinct": distinct}


def _sources(counted: Counted, records: Mapping[int, int]) -> list[Row]:
    """T1: the list of sources with their checksums."""
    rows = []
    for source in counted.sources:
        outcome = source.outcome
        rows.append(
            {
                "source": source.source,
                "path": counted.show(source.path),
                "size": source.size,
                "mtime": moment_of(source.mtime_ns).isoformat(timespec="seconds"),
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


def moment_of(mtime_ns: int) -> datetime.datetime:
    """A modification time in UTC, to the microsecond; files can be older than 1970.

    >>> moment_of(-1_000_000_000).isoformat()
    '1969-12-31T23:59:59+00:00'
    """
    start = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    return start + datetime.timedelta(microseconds=mtime_ns // 1000)


def _by_source(counted: Counted, distinct: Mapping[tuple[int, str], int]) -> list[Row]:
    """T5: kinds and counts of each source."""
    rows = []
    for source in counted.sources:
        verdicts: dict[str, Counter[str]] = {}
        for entity, _, verdict, _, _, hits in source.outcome.counts:
            verdicts.setdefault(entity, Counter())[verdict] += hits
        for entity, counter in sorted(verdicts.items()):
            number = distinct.get((source.source, entity), 0)
            tally = _tally(class_of(entity, counted.whose), entity, counter, number)
            rows.append({"source": source.source, "path": counted.show(source.path), **tally})
    return rows


def _reasons(counted: Counted) -> list[Row]:
    """T6: how many of each kind got which verdict, and why."""
    total: Counter[tuple[str, str, str]] = Counter()
    for source in counted.sources:
        for entity, _, verdict, reason, _, hits in source.outcome.counts:
            total[entity, verdict, reason or ""] += hits
    return [
        {"entity": entity, "verdict": verdict, "reason": reason or None, "hits": hits}
        for (entity, verdict, reason), hits in sorted(total.items())
    ]


def _parts(counted: Counted) -> list[Row]:
    """What of each source was read, and as what."""
    import json

    rows = []
    for source in counted.sources:
        for part in source.outcome.parts:
            row = {"source": source.source, "path": counted.show(source.path)}
            row |= {"member": counted.show(part["member"])}
            names = ("kind", "encoding", "delimiter", "header_row", "rows", "sha256", "size")
            row |= {name: part[name] for name in names}
            rows.append(row | {"columns": json.loads(part["columns"])})
    return rows


def _unread(counted: Counted) -> list[Row]:
    """T14: what was not read or read with a doubt; first what lies outside of any source."""
    rows = [_error(None, counted.show(t["member"]), "", t) for t in counted.troubles]
    for source in counted.sources:
        path = counted.show(source.path)
        rows += [
            _error(source.source, path, counted.show(error["member"]), error)
            for error in source.outcome.errors
        ]
    return rows


def _error(source: int | None, path: str, member: str, error: Mapping[str, Any]) -> Row:
    row: Row = {"source": source, "path": path, "member": member}
    return row | {name: error[name] for name in ("row", "reason", "detail", "lost")}

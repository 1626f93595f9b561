"""U3: distinct values of each kind in each scope.

A few sources are counted in memory, more than fit there by DuckDB; both give the same numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from piiscan.case.count.count_database import scope_name, scopes
from piiscan.case.count.counted_findings import Findings, view_counted
from piiscan.hashing.distinct_digests import Digests, count_distinct, read_digests

Row = dict[str, Any]

#: Findings counted in memory: 40 bytes each.
IN_MEMORY: Final = 16_000_000
_REFUTED: Final = ("verdict", "refuted")


def elements(base: Any, findings: Findings) -> list[Row]:
    """By scope and kind: occurrences and distinct values; refuted and excluded ones left out."""
    if not findings.shards:
        return []
    whole = view_counted(base, findings)
    if whole and findings.hits <= IN_MEMORY and not _divided(base):
        return _in_memory(base, findings.shards)
    return _by_duckdb(base)


def _divided(base: Any) -> bool:
    """Whether parts of one source belong to different scopes."""
    told = " or ".join(
        f"count(distinct coalesce({scope_name(kind)}, '')) > 1" for kind in scopes(base)
    )
    query = f"select count(*) from (select {told} as divided from placed group by source)"
    return bool(base.execute(f"{query} where divided").fetchone()[0])


def _in_memory(base: Any, findings: Mapping[int, Path]) -> list[Row]:
    numbers: dict[str, int] = {}
    read = {
        source: read_digests(path, "entity", numbers=numbers, leave_out=_REFUTED)
        for source, path in findings.items()
    }
    rows: list[Row] = []
    for kind in scopes(base):
        query = (
            f"select distinct {scope_name(kind)} as scope, source from placed"
            " where headline and scope is not null order by all"
        )
        members: dict[str, list[Digests]] = {}
        for scope, source in base.execute(query).fetchall():
            if source in read:
                members.setdefault(scope, []).append(read[source])
        for scope, parts in members.items():
            hits: Counter[int] = Counter()
            for part in parts:
                known = part.kinds[part.kinds >= 0]
                hits.update(dict(enumerate(np.bincount(known).tolist())))
            distinct = count_distinct(parts, numbers=numbers)
            rows += [
                _row(kind, scope, entity, hits[numbers[entity]], distinct[entity])
                for entity in sorted(distinct)
            ]
    return rows


def _by_duckdb(base: Any) -> list[Row]:
    base.execute(
        "create temp table element as select p.*, f.entity, f.digest, f.hits from"
        " (select place, entity, digest, count(*) as hits from counted group by all) f"
        " join placed p using (place)"
    )
    rows: list[Row] = []
    for kind in scopes(base):
        query = (
            f"select scope, entity, sum(hits)::bigint, count(*) from (select {scope_name(kind)} as"
            " scope, entity, digest, sum(hits) as hits from element where headline"
            " and scope is not null group by all) group by all order by all"
        )
        rows += [_row(kind, *each) for each in base.execute(query).fetchall()]
    return rows


def _row(kind: str, scope: str, entity: str, hits: int, distinct: int) -> Row:
    return {
        "scope_kind": kind,
        "scope": scope,
        "entity": entity,
        "hits": hits,
        "distinct": distinct,
    }

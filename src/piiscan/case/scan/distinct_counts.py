"""Distinct counts over all shards of a case: values, records, combinations.

A few large sources are counted in memory.  Many sources, or too many findings for memory, are
counted by DuckDB, which spills inside the case.  Both give the same numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from piiscan.case.store.connection import connect
from piiscan.hashing.distinct_digests import count_distinct, count_pairs, read_digests

#: Most findings counted in memory, at 40 bytes each.
MAX_IN_MEMORY: Final = 8_000_000
#: Most sources counted in memory; one takes longer than DuckDB needs for it.
_MAX_SOURCES: Final = 64
_REFUTED: Final = ("verdict", "refuted")


@dataclass(frozen=True, slots=True)
class DistinctCounts:
    """Numbers of distinct valid values by entity and by source, and of distinct records.

    ``coarse``: (entity, coarse attributes as stored) -> findings and distinct values.
    ``combinations``: name, records, distinct records, unordered.  ``records``: source -> records.
    """

    distinct: Mapping[str, int]
    by_source: Mapping[tuple[int, str], int]
    coarse: Mapping[tuple[str, str], tuple[int, int]]
    combinations: list[tuple[str, int, int]]
    records: Mapping[int, int]


def count_all_distinct(
    findings: Mapping[int, Path], records: Mapping[int, Path], *, hits: int, temporary: Path
) -> DistinctCounts:
    """Count distinct values and records over all shards (source number -> path).

    ``hits`` is the number of all findings.  DuckDB spills to ``temporary``.
    """
    if hits <= MAX_IN_MEMORY and len(findings) <= _MAX_SOURCES:
        combinations, per_source = _count_records(records)
        return DistinctCounts(*_count_findings(findings), combinations, per_source)
    with connect(temporary) as connection:
        return _count_in_duckdb(
            connection, *([*map(str, dict.fromkeys(f.values()))] for f in (findings, records))
        )


def _count_findings(
    findings: Mapping[int, Path],
) -> tuple[dict[str, int], dict[tuple[int, str], int], dict[tuple[str, str], tuple[int, int]]]:
    """Return distinct values by entity, by (source, entity) and by coarse attribute.

    The shards are read into memory.
    """
    numbers: dict[str, int] = {}
    words: dict[str | None, int] = {}
    parts = read_digests(
        findings, "entity", numbers=numbers, second=("coarse", words), exclude=_REFUTED
    )
    pairs, distinct = count_pairs(list(parts.values()), numbers=numbers, second=words)
    by_source = {
        (source, entity): number
        for source, part in parts.items()
        for entity, number in (
            distinct if len(parts) == 1 else count_distinct([part], numbers=numbers)
        ).items()
    }
    coarse = {(entity, word): found for (entity, word), found in pairs.items() if word is not None}
    return distinct, by_source, coarse


def _count_records(
    records: Mapping[int, Path],
) -> tuple[list[tuple[str, int, int]], dict[int, int]]:
    """Return (combination, records, distinct records) rows, and source -> records.

    The shards are read into memory.
    """
    numbers: dict[str, int] = {}
    parts = read_digests(records, "combination", numbers=numbers)
    distinct = count_distinct(list(parts.values()), numbers=numbers)
    total: Counter[int] = Counter()
    for part in parts.values():
        total.update(dict(enumerate(np.bincount(part.kinds).tolist())))
    combinations = [(name, total[numbers[name]], number) for name, number in distinct.items()]
    return combinations, {source: len(part.kinds) for source, part in parts.items()}


def _count_in_duckdb(connection: Any, findings: list[str], records: list[str]) -> DistinctCounts:
    """Return numbers of distinct values and records over the shards, computed by DuckDB.

    ``findings`` and ``records``: paths of Parquet shards.
    """
    by_source = connection.execute(
        "select source, entity, count(*) from (select distinct source, entity, digest"
        " from read_parquet(?) where verdict <> 'refuted') group by source, entity",
        [findings],
    ).fetchall()
    distinct = connection.execute(
        "select entity, count(*) from (select distinct entity, digest from read_parquet(?)"
        " where verdict <> 'refuted') group by entity",
        [findings],
    ).fetchall()
    coarse = connection.execute(
        "select entity, coarse, sum(n)::bigint, count(*) from (select entity, coarse, digest,"
        " count(*) n from read_parquet(?) where verdict <> 'refuted' and coarse is not null"
        " group by entity, coarse, digest) group by entity, coarse",
        [findings],
    ).fetchall()
    combinations, per_source = [], []
    if records:
        combinations = connection.execute(
            "select combination, sum(n)::bigint, count(*) from (select combination, digest,"
            " count(*) n from read_parquet(?) group by combination, digest) group by combination",
            [records],
        ).fetchall()
        per_source = connection.execute(
            "select source, count(*) from read_parquet(?) group by source", [records]
        ).fetchall()
    return DistinctCounts(
        dict(distinct),
        {(source, entity): number for source, entity, number in by_source},
        {(entity, word): (hits, number) for entity, word, hits, number in coarse},
        combinations,
        dict(per_source),
    )

"""Counts over every shard of a case: distinct values, records, combinations.

A few large sources are counted in memory; many, or more findings than fit there, by DuckDB, which
spills inside the case.  Both give the same numbers.
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

#: Findings counted in memory: 40 bytes each.
IN_MEMORY: Final = 8_000_000
#: Sources so counted: opening one takes longer than DuckDB needs for it.
_FEW: Final = 64
_REFUTED: Final = ("verdict", "refuted")


@dataclass(frozen=True, slots=True)
class Tally:
    """Distinct values that are not refuted, by entity and by (source, entity); records.

    ``coarse``: (entity, coarse attributes as the shards have them) -> hits and distinct values.
    ``combinations``: name, records, distinct records, in no order; ``records``: by source.
    """

    distinct: Mapping[str, int]
    by_source: Mapping[tuple[int, str], int]
    coarse: Mapping[tuple[str, str], tuple[int, int]]
    combinations: list[tuple[str, int, int]]
    records: Mapping[int, int]


def tally_all(
    findings: Mapping[int, Path], records: Mapping[int, Path], *, hits: int, temporary: Path
) -> Tally:
    """The counts over the shards of findings and records, given by source.

    ``hits`` is the number of findings in all; DuckDB spills to ``temporary``.
    """
    if hits <= IN_MEMORY and len(findings) <= _FEW:
        combinations, per_source = _records(records)
        return Tally(*_distinct(findings), combinations, per_source)
    with connect(temporary) as base:
        return _ask(base, [str(p) for p in findings.values()], [str(p) for p in records.values()])


def _distinct(
    findings: Mapping[int, Path],
) -> tuple[dict[str, int], dict[tuple[int, str], int], dict[tuple[str, str], tuple[int, int]]]:
    numbers: dict[str, int] = {}
    words: dict[str | None, int] = {}
    parts = {
        source: read_digests(
            path, "entity", numbers=numbers, beside=("coarse", words), leave_out=_REFUTED
        )
        for source, path in findings.items()
    }
    pairs, distinct = count_pairs(list(parts.values()), numbers=numbers, beside=words)
    by_source = {
        (source, entity): number
        for source, part in parts.items()
        for entity, number in (
            distinct if len(parts) == 1 else count_distinct([part], numbers=numbers)
        ).items()
    }
    coarse = {(entity, word): found for (entity, word), found in pairs.items() if word is not None}
    return distinct, by_source, coarse


def _records(records: Mapping[int, Path]) -> tuple[list[tuple[str, int, int]], dict[int, int]]:
    numbers: dict[str, int] = {}
    parts = {
        source: read_digests(path, "combination", numbers=numbers)
        for source, path in records.items()
    }
    distinct = count_distinct(list(parts.values()), numbers=numbers)
    total: Counter[int] = Counter()
    for part in parts.values():
        total.update(dict(enumerate(np.bincount(part.kinds).tolist())))
    combinations = [(name, total[numbers[name]], number) for name, number in distinct.items()]
    return combinations, {source: len(part.kinds) for source, part in parts.items()}


def _ask(base: Any, findings: list[str], records: list[str]) -> Tally:
    """The same from DuckDB."""
    by_source = base.execute(
        "select source, entity, count(*) from (select distinct source, entity, digest"
        " from read_parquet(?) where verdict <> 'refuted') group by source, entity",
        [findings],
    ).fetchall()
    distinct = base.execute(
        "select entity, count(*) from (select distinct entity, digest from read_parquet(?)"
        " where verdict <> 'refuted') group by entity",
        [findings],
    ).fetchall()
    coarse = base.execute(
        "select entity, coarse, sum(n)::bigint, count(*) from (select entity, coarse, digest,"
        " count(*) n from read_parquet(?) where verdict <> 'refuted' and coarse is not null"
        " group by entity, coarse, digest) group by entity, coarse",
        [findings],
    ).fetchall()
    combinations, per_source = [], []
    if records:
        combinations = base.execute(
            "select combination, sum(n)::bigint, count(*) from (select combination, digest,"
            " count(*) n from read_parquet(?) group by combination, digest) group by combination",
            [records],
        ).fetchall()
        per_source = base.execute(
            "select source, count(*) from read_parquet(?) group by source", [records]
        ).fetchall()
    return Tally(
        dict(distinct),
        {(source, entity): number for source, entity, number in by_source},
        {(entity, word): (hits, number) for entity, word, hits, number in coarse},
        combinations,
        dict(per_source),
    )

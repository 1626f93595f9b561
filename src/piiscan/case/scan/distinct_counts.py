"""Distinct counts over all shards of a case: values, records, combinations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from piiscan.hashing.distinct_digests import count_shards

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

    ``hits``: number of all findings, which is at least that of the records.  What does not fit into
    memory is written to ``temporary`` for the time.
    """
    values = count_shards(
        findings, "entity", rows=hits, temporary=temporary, second="coarse", exclude=_REFUTED
    )
    kept = count_shards(records, "combination", rows=hits, temporary=temporary)
    rows: Counter[str] = Counter()
    by_source: Counter[int] = Counter()
    for (source, name), (number, _) in kept.by_source.items():
        rows[name] += number
        by_source[source] += number
    return DistinctCounts(
        values.kinds,
        {place: number for place, (_, number) in values.by_source.items()},
        {(kind, word): found for (kind, word), found in values.pairs.items() if word is not None},
        [(name, rows[name], number) for name, number in kept.kinds.items()],
        by_source,
    )

"""Element table (U3): occurrences and distinct values of each entity in each scope.

NumPy counts small cases in memory. DuckDB counts larger ones. Both return the same numbers.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import numpy as np

from piiscan.case.count.count_database import scope_sql
from piiscan.case.count.counted_findings import create_counted_view
from piiscan.case.count.table_context import TableContext
from piiscan.case.store.common_columns import CODE, ENTITY, SCOPE, SCOPE_KIND
from piiscan.hashing.distinct_digests import Digests, count_distinct, read_digests
from piiscan.pages.report_table import ReportTable, number

Row = dict[str, Any]

#: Most findings that are counted in memory, at 40 bytes each.
MAX_IN_MEMORY: Final = 16_000_000
#: Most sources that are counted in memory; one takes longer than DuckDB needs for it.
_MAX_SOURCES: Final = 64
_REFUTED: Final = ("verdict", "refuted")


def _element_table(context: TableContext) -> list[Row]:
    """Return a row per scope and entity: counted findings and distinct values.

    Refuted and excluded findings are left out.
    """
    if "findings" not in context.case.views:
        return []
    all_counted = context.once(create_counted_view)
    case = context.case
    if (
        all_counted
        and case.shards
        and not context.small
        and case.hits <= MAX_IN_MEMORY
        and len(case.shards) <= _MAX_SOURCES
        and not _has_split_sources(context)
    ):
        return _count_in_memory(context)
    return _count_by_duckdb(context)


def _has_split_sources(context: TableContext) -> bool:
    """Return True if parts of one source are in different scopes (items, suspects …)."""
    conditions = " or ".join(
        f"count(distinct coalesce({scope_sql(kind)}, '')) > 1" for kind in context.scopes
    )
    query = f"select count(*) from (select {conditions} as divided from placed group by source)"
    return bool(context.connection.execute(f"{query} where divided").fetchone()[0])


def _count_in_memory(context: TableContext) -> list[Row]:
    """Return a row per scope and entity, computed in NumPy: findings and distinct values."""
    numbers: dict[str, int] = {}
    read = read_digests(context.case.shards, "entity", numbers=numbers, exclude=_REFUTED)
    rows: list[Row] = []
    for kind in context.scopes:
        query = (
            f"select distinct {scope_sql(kind)} as scope, source from placed"
            " where headline and scope is not null order by all"
        )
        digests_by_scope: dict[str, list[Digests]] = {}
        for scope, source in context.connection.execute(query).fetchall():
            if source in read:
                digests_by_scope.setdefault(scope, []).append(read[source])
        for scope, digest_sets in digests_by_scope.items():
            hits: Counter[int] = Counter()
            for digests in digest_sets:
                known = digests.kinds[digests.kinds >= 0]
                hits.update(dict(enumerate(np.bincount(known).tolist())))
            distinct = count_distinct(digest_sets, numbers=numbers)
            rows += [
                _row(kind, scope, entity, hits[numbers[entity]], distinct[entity])
                for entity in sorted(distinct)
            ]
    return rows


def _count_by_duckdb(context: TableContext) -> list[Row]:
    """Return a row per scope and entity, computed by DuckDB from the view ``counted``."""
    context.connection.execute(
        "create temp table element as select place, entity, digest, count(*) as hits"
        " from counted where headline group by all"
    )
    found = context.by_scope(
        "select kind, scope, entity, sum(hits)::bigint, count(*) from (select kind, scope, entity,"
        " digest, sum(hits) as hits from element join scoped using (place)"
        " where kind in ({kinds}) group by all) group by all order by all"
    )
    return [_row(*each) for each in found]


def _row(kind: str, scope: str, entity: str, hits: int, distinct: int) -> Row:
    """Return one row of the table ``elements``."""
    return {
        "scope_kind": kind,
        "scope": scope,
        "entity": entity,
        "hits": hits,
        "distinct": distinct,
    }


ELEMENTS: Final = ReportTable(
    "elements",
    (SCOPE_KIND, SCOPE, ENTITY, CODE, number("hits"), number("distinct")),
    section="T4",
    made_by="count",
    build=_element_table,
)

"""Element table (U3): occurrences and distinct values of each entity in each scope."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa

from piiscan.arrays import Int64
from piiscan.case.count.counted_findings import create_counted_view
from piiscan.case.count.digest_rows import DigestRows, starts_value, whole_digests
from piiscan.case.count.table_context import TableContext
from piiscan.case.store.common_columns import CODE, ENTITY, SCOPE, SCOPE_KIND
from piiscan.pages.report_table import ReportTable, number

Row = dict[str, Any]

_QUERY: Final = "select place, entity, digest from counted where headline"
#: Bits of the number of an entity, behind that of the part.
_ENTITY_BITS: Final = np.uint64(16)


def _element_table(context: TableContext) -> list[Row]:
    """Return a row per scope and entity: counted findings and distinct values.

    Refuted and excluded findings are left out.
    """
    if "findings" not in context.case.views:
        return []
    context.once(create_counted_view)
    connection, entities = context.connection, dict[str, int]()
    files = DigestRows(connection.folder, context.case.hits, connection.memory.arrays)

    def distribute(batch: pa.RecordBatch) -> None:
        """Add the digests of a batch to the files, with part and entity."""
        words, valid = whole_digests(batch["digest"])
        words_of = batch["entity"].dictionary_encode()
        numbers = [
            entities.setdefault(name, len(entities)) for name in words_of.dictionary.to_pylist()
        ]
        entity = np.array(numbers, np.uint64)[words_of.indices.to_numpy()[valid]]
        place = batch["place"].to_numpy()[valid].astype(np.uint64)
        files.add(np.column_stack((words, place << _ENTITY_BITS | entity)))

    connection.read(_QUERY, distribute)
    scopes = {kind: _scope_numbers(context, kind) for kind in context.scopes}
    counts = {
        kind: np.zeros((len(names) * len(entities), 2), np.int64)
        for kind, (names, _) in scopes.items()
    }
    for rows in files.sorted():
        digest = np.cumsum(starts_value(rows, 2)) - 1
        place = (rows[:, 2] >> _ENTITY_BITS).astype(np.int64)
        entity = (rows[:, 2] & np.uint64((1 << int(_ENTITY_BITS)) - 1)).astype(np.int64)
        for kind, (_, of_place) in scopes.items():
            number = of_place[place] * len(entities) + entity
            chosen = of_place[place] >= 0
            size = len(counts[kind])
            counts[kind][:, 0] += np.bincount(number[chosen], minlength=size)
            distinct = np.unique(digest[chosen] * size + number[chosen])
            counts[kind][:, 1] += np.bincount(distinct % size, minlength=size)
    return [
        _row(kind, scope, entity, *counts[kind][at * len(entities) + entities[entity]].tolist())
        for kind, (names, _) in scopes.items()
        for at, scope in enumerate(names)
        for entity in sorted(entities)
        if counts[kind][at * len(entities) + entities[entity], 0]
    ]


def _scope_numbers(context: TableContext, kind: str) -> tuple[list[str], Int64]:
    """Return the scopes of a kind in their order, and the number of that of each part, -1 for none.

    The numbers are ``int64[parts]``.
    """
    query = f"select place, scope from scoped where kind = '{kind}'"
    found = context.connection.execute(query).fetchall()
    ((end,),) = context.connection.execute("select max(place) + 1 from placed").fetchall()
    names = sorted({scope for _, scope in found})
    numbers = {name: number for number, name in enumerate(names)}
    places = np.full(end, -1, np.int64)
    for place, scope in found:
        places[place] = numbers[scope]
    return names, places


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

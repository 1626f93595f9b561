"""Element table (U3): occurrences and distinct values of each entity in each scope."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa

from piiscan.case.count.counted_findings import create_counted_view
from piiscan.case.count.table_context import TableContext
from piiscan.case.count.value_groups import group_values, scope_numbers
from piiscan.case.store.common_columns import CODE, ENTITY, SCOPE, SCOPE_KIND
from piiscan.hashing.digest_rows import DigestRows, whole_digests
from piiscan.pages.report_table import ReportTable, number

Row = dict[str, Any]

_QUERY: Final = "select place, entity, digest from counted where headline"
#: Number by which that of a part is multiplied; the number of an entity is added.
_PLACE: Final = np.uint64(1 << 16)


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
        files.add(np.column_stack((words, place * _PLACE + entity)))

    connection.read(_QUERY, distribute)
    scopes = {kind: scope_numbers(connection, kind) for kind in context.scopes}
    counts = {
        kind: np.zeros((len(names) * len(entities), 2), np.int64)
        for kind, (names, _) in scopes.items()
    }
    for rows in files.sorted():
        place, entity = (each.astype(np.int64) for each in np.divmod(rows[:, 2], _PLACE))
        for kind, (_, of_place) in scopes.items():
            size, scope = len(counts[kind]), of_place[place]
            label = np.where(scope < 0, -1, scope * len(entities) + entity)
            chosen, _, distinct = group_values(rows, label, size)
            for column, each in enumerate((label[chosen], distinct)):
                counts[kind][:, column] += np.bincount(each, minlength=size)
    return [
        _row(kind, scope, entity, *counts[kind][at * len(entities) + entities[entity]].tolist())
        for kind, (names, _) in scopes.items()
        for at, scope in enumerate(names)
        for entity in sorted(entities)
        if counts[kind][at * len(entities) + entities[entity], 0]
    ]


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

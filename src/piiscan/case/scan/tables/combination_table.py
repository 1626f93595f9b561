"""Table of combinations (T3): entities that occur together in a record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from piiscan.case.scan.distinct_counts import DistinctCounts
from piiscan.case.scan.tables.scan_table_inputs import Row, TableInputs
from piiscan.pages import report_table
from piiscan.pages.report_table import ReportTable, TableColumn, number
from piiscan.wording.words import Words

#: Entities in the order of case files: 姓名+身份证号+手机号+住址.
_ENTITY_ORDER: Final = {
    entity: place
    for place, entity in enumerate(
        ("PERSON", "CN_RESIDENT_ID", "CN_MOBILE", "CN_LANDLINE", "CN_ADDRESS", "CN_BANK_CARD")
    )
}


def _combinations(_: TableInputs, counts: DistinctCounts) -> list[Row]:
    """Build the table ``combinations`` (T3): entities in one record, most frequent first."""
    return [
        {"combination": name.split("+"), "records": records, "distinct_records": distinct}
        for name, records, distinct in sorted(
            counts.combinations, key=lambda row: (-row[1], row[0])
        )
    ]


def _combination_name(entities: Sequence[str], _: report_table.Row, words: Words) -> str:
    """Return the names of ``entities`` in the order of case files."""
    ordered = sorted(entities, key=lambda e: (_ENTITY_ORDER.get(e, len(_ENTITY_ORDER)), e))
    return " + ".join(words.name("entities", entity) for entity in ordered)


#: Column of entities that occur together.
COMBINATION: Final = TableColumn("combination", wording=_combination_name)
COMBINATIONS: Final = ReportTable(
    "combinations",
    (
        COMBINATION,
        number("records"),
        number("distinct_records"),
    ),
    section="T3",
    build=_combinations,
    notes=("page.rules.records",),
    row_group="combination_rows",
    page_rows=40,
)

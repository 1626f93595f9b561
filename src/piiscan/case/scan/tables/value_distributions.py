"""Tables of value distributions (T12): provinces, age bands, sexes and carriers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from piiscan.case.scan.tables.scan_table_inputs import Row
from piiscan.case.store.common_columns import CODE, ENTITY
from piiscan.detect.attributes.coarse_summary import parse_summary
from piiscan.detect.attributes.identity_numbers import AGE_BANDS
from piiscan.pages.report_table import ReportTable, TableColumn, coded, number, text


def _coarse(counts: Mapping[tuple[str, str], tuple[int, int]], name: str) -> list[Row]:
    """Build a table of T12: valid values by province, age band, sex or carrier.

    A value has one entry, except masked ones and waybills that two recognizers accept.  Those
    entries differ in the column counted here, or only one of them has it.
    """
    total: Counter[tuple[str, str]] = Counter()
    distinct: Counter[tuple[str, str]] = Counter()
    for (entity, word), (hits, values) in counts.items():
        attributes = parse_summary(word)
        if name in attributes:
            total[entity, attributes[name]] += hits
            distinct[entity, attributes[name]] += values
    rows: list[Row] = [
        {name: value, "entity": entity, "hits": hits, "distinct": distinct[entity, value]}
        for (entity, value), hits in total.items()
    ]
    if name == "age_band":
        return sorted(rows, key=lambda row: (row["entity"], AGE_BANDS.index(row[name])))
    return sorted(rows, key=lambda row: (-row["distinct"], row["entity"], row[name]))


def _distribution(name: str, column: TableColumn, max_rows: int = 40) -> ReportTable:
    """Declare the table ``name``: valid values by the attribute of ``column``."""
    return ReportTable(
        name,
        (column, ENTITY, CODE, number("hits"), number("distinct")),
        section="T12",
        build=lambda _, counts: _coarse(counts.coarse, column.name),
        notes=(f"page.about.{name}",),
        max_rows=max_rows,
        page_rows=40,
    )


PROVINCES: Final = _distribution("provinces", text("province"), max_rows=10)
AGES: Final = _distribution("ages", coded("age_band", "age_band"), max_rows=12)
SEXES: Final = _distribution("sexes", coded("sex", "sex"))
CARRIERS: Final = _distribution("carriers", text("carrier"), max_rows=10)

"""Tables of value distributions (T12): provinces, birth decades, sexes and carriers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final

from piiscan.case.scan.distinct_counts import DistinctCounts
from piiscan.case.scan.tables.scan_table_inputs import Row, TableInputs
from piiscan.case.store.common_columns import CODE, ENTITY
from piiscan.detect.attributes.coarse_summary import parse_summary
from piiscan.pages import report_table
from piiscan.pages.report_table import ReportTable, TableColumn, coded, number, text
from piiscan.wording.words import Words


def _coarse(counts: Mapping[tuple[str, str], tuple[int, int]], name: str) -> list[Row]:
    """Build a table of T12: valid values by province, birth decade, sex or carrier.

    A value has one entry, except masked ones and waybills that two recognizers accept.  Those
    entries differ in the column counted here, or only one of them has it.
    """
    total: Counter[tuple[str, str | int]] = Counter()
    distinct: Counter[tuple[str, str | int]] = Counter()
    for (entity, word), (hits, values) in counts.items():
        attributes = parse_summary(word)
        if name == "decade" and "birth_year" in attributes:
            attributes["decade"] = int(attributes["birth_year"]) // 10 * 10
        if name in attributes:
            total[entity, attributes[name]] += hits
            distinct[entity, attributes[name]] += values
    rows: list[Row] = [
        {name: value, "entity": entity, "hits": hits, "distinct": distinct[entity, value]}
        for (entity, value), hits in total.items()
    ]
    if name == "decade":
        return sorted(rows, key=lambda row: (row["entity"], row[name]))
    return sorted(rows, key=lambda row: (-row["distinct"], row["entity"], row[name]))


def _builder(name: str) -> Callable[[TableInputs, DistinctCounts], list[Row]]:
    """Return the function that builds the table of the attribute ``name``."""
    return lambda _, counts: _coarse(counts.coarse, name)


def _decade_name(value: Any, _: report_table.Row, words: Words) -> str:
    """Return the name of a decade: ``1980 -> 1980 年代``."""
    return words("page.decade", year=value)


PROVINCES: Final = ReportTable(
    "provinces",
    (text("province"), ENTITY, CODE, number("hits"), number("distinct")),
    section="T12",
    build=_builder("province"),
    notes=("page.about.provinces",),
    max_rows=10,
    page_rows=40,
)
BIRTHS: Final = ReportTable(
    "births",
    (
        TableColumn("decade", wording=_decade_name),
        ENTITY,
        CODE,
        number("hits"),
        number("distinct"),
    ),
    section="T12",
    build=_builder("decade"),
    notes=("page.about.births",),
    max_rows=12,
    page_rows=40,
)
SEXES: Final = ReportTable(
    "sexes",
    (coded("sex", "sex"), ENTITY, CODE, number("hits"), number("distinct")),
    section="T12",
    build=_builder("sex"),
    notes=("page.about.sexes",),
    page_rows=40,
)
CARRIERS: Final = ReportTable(
    "carriers",
    (text("carrier"), ENTITY, CODE, number("hits"), number("distinct")),
    section="T12",
    build=_builder("carrier"),
    notes=("page.about.carriers",),
    max_rows=10,
    page_rows=40,
)

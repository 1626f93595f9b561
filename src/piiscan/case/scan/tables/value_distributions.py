"""Tables of value distributions (T12): provinces, age bands, sexes and carriers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

from piiscan.case.scan.distinct_counts import DistinctCounts
from piiscan.case.scan.tables.scan_table_inputs import Row, TableInputs
from piiscan.case.store.common_columns import CODE, ENTITY
from piiscan.detect.attributes.coarse_summary import parse_summary
from piiscan.detect.attributes.identity_numbers import AGE_BANDS
from piiscan.pages.report_table import ReportTable, coded, number, text


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


def _builder(name: str) -> Callable[[TableInputs, DistinctCounts], list[Row]]:
    """Return the function that builds the table of the attribute ``name``."""
    return lambda _, counts: _coarse(counts.coarse, name)


PROVINCES: Final = ReportTable(
    "provinces",
    (text("province"), ENTITY, CODE, number("hits"), number("distinct")),
    section="T12",
    build=_builder("province"),
    notes=("page.about.provinces",),
    max_rows=10,
    page_rows=40,
)
AGES: Final = ReportTable(
    "ages",
    (coded("age_band", "age_band"), ENTITY, CODE, number("hits"), number("distinct")),
    section="T12",
    build=_builder("age_band"),
    notes=("page.about.ages",),
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

"""Scan tables: the counted tables of a case, built from the job store and the shards.

Rows are small and have English keys.  Numbers of findings come from the counts taken while
scanning.  Only distinct values need every digest and are counted from the shards
(:mod:`piiscan.case.scan.distinct_counts`).
"""

from __future__ import annotations

from typing import Final

from piiscan.case.scan.distinct_counts import count_all_distinct
from piiscan.case.scan.tables.coverage_table import COVERAGE
from piiscan.case.scan.tables.kind_tables import BY_SOURCE, COMBINATIONS, KINDS, REASONS, ROLES
from piiscan.case.scan.tables.scan_table_inputs import Row, TableInputs
from piiscan.case.scan.tables.source_tables import HOLDER_ACCOUNTS, PARTS, SOURCES
from piiscan.case.scan.tables.unread_table import UNREAD
from piiscan.case.scan.tables.value_distributions import AGES, CARRIERS, PROVINCES, SEXES
from piiscan.pages.report_table import ReportTable

#: The tables of a scan, in the order in which its files are written.
SCAN_TABLES: Final[tuple[ReportTable, ...]] = (
    KINDS, COMBINATIONS, ROLES, PROVINCES, AGES, SEXES, CARRIERS, SOURCES, BY_SOURCE, REASONS,
    PARTS, COVERAGE, UNREAD, HOLDER_ACCOUNTS,
)  # fmt: skip


def build_tables(inputs: TableInputs) -> dict[str, list[Row]]:
    """Build every table by name, rows in a fixed order."""
    counts = count_all_distinct(
        inputs.shards("findings"),
        inputs.shards("records"),
        hits=sum(entry[-1] for source in inputs.sources for entry in source.outcome.counts),
        temporary=inputs.case / "tmp",
    )
    return {table.name: table.rows_from(inputs, counts) for table in SCAN_TABLES}

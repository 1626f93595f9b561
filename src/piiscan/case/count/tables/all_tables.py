"""All tables of a count that come from its database alone, by name."""

from __future__ import annotations

from typing import Any, Final

from piiscan.case.count.count_database import Period
from piiscan.case.count.counted_findings import FindingShards
from piiscan.case.count.tables.business_lines import BUSINESS
from piiscan.case.count.tables.conflict_table import CONFLICT_PLACES, CONFLICTS
from piiscan.case.count.tables.contained import CONTAINED
from piiscan.case.count.tables.count_table_inputs import CountTableInputs
from piiscan.case.count.tables.distinct_combinations import DISTINCT_COMBINATIONS
from piiscan.case.count.tables.elements_by_scope import ELEMENTS
from piiscan.case.count.tables.ladder import LADDER
from piiscan.case.count.tables.reasons import LADDER_REASONS
from piiscan.case.count.tables.transactions import MONEY, MONTHS, PARTIES, STATUSES, create_traded
from piiscan.case.count.tables.units import PEOPLE, SHARED, UNITS
from piiscan.case.count.tallies import Tallies
from piiscan.pages.report_table import ReportTable

Row = dict[str, Any]

#: The tables in the order in which they are built: CONFLICTS must be before CONFLICT_PLACES.
DATABASE_TABLES: Final[tuple[ReportTable, ...]] = (
    LADDER, BUSINESS, LADDER_REASONS, UNITS, ELEMENTS, PEOPLE, SHARED, CONFLICTS, CONFLICT_PLACES,
    STATUSES, PARTIES, MONTHS, MONEY, DISTINCT_COMBINATIONS, CONTAINED,
)  # fmt: skip


def count_tables(
    connection: Any, findings: FindingShards, *, period: Period
) -> dict[str, list[Row]]:
    """Return the tables ``ladder``, ``units``, ``elements``, ``conflicts`` … of a count, by name.

    ``findings``: findings shards of all sources.
    """
    inputs = CountTableInputs(connection, Tallies(connection), findings, period)
    create_traded(connection, period)
    return {table.name: table.rows_from(inputs) for table in DATABASE_TABLES}

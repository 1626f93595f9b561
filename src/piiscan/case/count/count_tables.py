"""All tables of a count, each built from one context."""

from __future__ import annotations

from typing import Any, Final

from piiscan.case.count.by_suspect import BY_SUSPECT
from piiscan.case.count.dealing_money import DEALING_MONEY
from piiscan.case.count.table_context import TableContext
from piiscan.case.count.tables.alarm_table import ALARM_TABLE
from piiscan.case.count.tables.business_lines import BUSINESS
from piiscan.case.count.tables.conflict_table import CONFLICT_PLACES, CONFLICTS
from piiscan.case.count.tables.contained import CONTAINED
from piiscan.case.count.tables.distinct_combinations import DISTINCT_COMBINATIONS
from piiscan.case.count.tables.elements_by_scope import ELEMENTS
from piiscan.case.count.tables.exclusion_table import EXCLUSION_TABLE
from piiscan.case.count.tables.judged_table import JUDGED_TABLE
from piiscan.case.count.tables.ladder import LADDER
from piiscan.case.count.tables.photo_table import PHOTOS
from piiscan.case.count.tables.reasons import LADDER_REASONS
from piiscan.case.count.tables.transactions import MONEY, MONTHS, PARTIES, STATUSES
from piiscan.case.count.tables.under_age import UNDER_AGE
from piiscan.case.count.tables.units import PEOPLE, SHARED, UNITS
from piiscan.case.count.tier_inputs import TIER_BUILDERS
from piiscan.case.flow.edges import FLOW_EDGES
from piiscan.case.flow.flow_tables import FLOW_TABLES
from piiscan.case.flow.list_overlaps import FLOW_MATRIX
from piiscan.case.tiers.crossings import TIER_CROSSINGS
from piiscan.case.tiers.rule_times import RULE_TIMES
from piiscan.pages.report_table import ReportTable

#: All tables in the order in which they are built. A table reads those before it in ``tables``.
#: Ratios come before the flow: both fill the tables of moves.
COUNT_TABLES: Final[tuple[ReportTable, ...]] = (
    LADDER, BUSINESS, LADDER_REASONS, UNITS, ELEMENTS, PEOPLE, SHARED, CONFLICTS, CONFLICT_PLACES,
    STATUSES, PARTIES, MONTHS, MONEY, DISTINCT_COMBINATIONS, CONTAINED,
    *(table for table in TIER_BUILDERS if table not in (TIER_CROSSINGS, RULE_TIMES)),
    UNDER_AGE, FLOW_MATRIX, FLOW_EDGES,
    *(table for table in FLOW_TABLES if table not in (FLOW_MATRIX, FLOW_EDGES)),
    DEALING_MONEY, TIER_CROSSINGS, RULE_TIMES, EXCLUSION_TABLE, JUDGED_TABLE, ALARM_TABLE,
    BY_SUSPECT, PHOTOS,
)  # fmt: skip
#: Columns that name members of archives.
_MEMBERS: Final = ("member", "file_member")


def build_tables(context: TableContext) -> dict[str, list[dict[str, Any]]]:
    """Return all tables of the count, by name, with display names for archive members."""
    for table in COUNT_TABLES:
        build = TIER_BUILDERS.get(table) or table.rows_from
        context.tables[table.name] = build(context)
    return {name: _mask_members(rows, context) for name, rows in context.tables.items()}


def _mask_members(rows: list[dict[str, Any]], context: TableContext) -> list[dict[str, Any]]:
    """Return ``rows`` with display names in place of archive members that contain personal data."""
    display_names = context.case.display_names
    masked = []
    for row in rows:
        names = {
            name: display_names[row[name]] for name in _MEMBERS if row.get(name) in display_names
        }
        masked.append({**row, **names} if names else row)
    return masked

"""All tables of a count, by name."""

from __future__ import annotations

from typing import Any

from piiscan.case.count.count_database import Period
from piiscan.case.count.counted_findings import FindingShards
from piiscan.case.count.tables.conflict_table import conflict_counts, conflict_places
from piiscan.case.count.tables.elements_by_scope import element_table
from piiscan.case.count.tables.ladder import ladder_table
from piiscan.case.count.tables.reasons import ladder_reasons
from piiscan.case.count.tables.transactions import transaction_tables
from piiscan.case.count.tables.units import shared_keys, subjects_by_role, unit_table
from piiscan.case.count.tallies import Tallies

Row = dict[str, Any]


def count_tables(
    connection: Any, findings: FindingShards, *, period: Period
) -> dict[str, list[Row]]:
    """Return the tables ``ladder``, ``units``, ``elements``, ``conflicts`` … of a count, by name.

    ``findings``: findings shards of all sources.
    """
    tallies = Tallies(connection)
    return {
        "ladder": ladder_table(tallies),
        "ladder_reasons": ladder_reasons(connection, tallies),
        "units": unit_table(tallies),
        "elements": element_table(connection, findings),
        "people": subjects_by_role(connection),
        "shared": shared_keys(connection),
        "conflicts": conflict_counts(connection),
        "conflict_places": conflict_places(connection),
        **transaction_tables(connection, period),
    }

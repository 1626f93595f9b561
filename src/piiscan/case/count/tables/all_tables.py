"""Every table of a count, by name."""

from __future__ import annotations

from typing import Any

from piiscan.case.count.count_database import Period
from piiscan.case.count.counted_findings import Findings
from piiscan.case.count.tables.conflict_table import conflict_places, conflicts
from piiscan.case.count.tables.elements_by_scope import elements
from piiscan.case.count.tables.ladder import ladder
from piiscan.case.count.tables.reasons import reasons
from piiscan.case.count.tables.transactions import trade
from piiscan.case.count.tables.units import people, shared, units
from piiscan.case.count.tallies import Tallies

Row = dict[str, Any]


def count_tables(base: Any, findings: Findings, *, period: Period) -> dict[str, list[Row]]:
    """The tables of the board ``base``; ``findings``: of all sources."""
    tallies = Tallies(base)
    return {
        "ladder": ladder(tallies),
        "ladder_reasons": reasons(base, tallies),
        "units": units(tallies),
        "elements": elements(base, findings),
        "people": people(base),
        "shared": shared(base),
        "conflicts": conflicts(base),
        "conflict_places": conflict_places(base),
        **trade(base, period),
    }

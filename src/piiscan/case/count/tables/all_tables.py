"""Every table of a count, by name."""

from __future__ import annotations

from typing import Any

from piiscan.evidence.count.board import Period
from piiscan.evidence.count.counted import Findings
from piiscan.evidence.count.doubts import conflict_places, conflicts
from piiscan.evidence.count.elements_by_scope import elements
from piiscan.evidence.count.ladder import ladder
from piiscan.evidence.count.reasons import reasons
from piiscan.evidence.count.tallies import Tallies
from piiscan.evidence.count.trade import trade
from piiscan.evidence.count.units import people, shared, units

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

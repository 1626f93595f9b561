"""The count ladder R0 to R6, for each scope (domain.md D.4).

Every number has two companions: without public business information, and in layers that are
outside the headline until they are confirmed.
"""

from __future__ import annotations

from typing import Any, Final

from piiscan.case.count.tallies import Tallies, Tally

Row = dict[str, Any]

#: Step -> what is counted there (see :mod:`piiscan.case.count.tallies`); R0 is what was read.
STEPS: Final = {
    "R1": "found",
    "R2": "named",
    "R3": "passed",
    "R4": "rows",
    "R5": "keys",
    "R6": "persons",
}


def ladder(tallies: Tallies) -> list[Row]:
    """T4: a row a scope and step: how many are left, and how many fell since the step before."""
    rows: list[Row] = []
    for kind in tallies.kinds:
        for scope, read in sorted(tallies.read(kind).items()):
            before = read
            rows.append(_row(kind, scope, "R0", read, None))
            for step, name in STEPS.items():
                here = tallies.of(kind, name).get(scope, Tally())
                rows.append(_row(kind, scope, step, here, before.count - here.count))
                before = here
    return rows


def _row(kind: str, scope: str, step: str, tally: Tally, fell: int | None) -> Row:
    return {
        "scope_kind": kind,
        "scope": scope,
        "step": step,
        "count": tally.count,
        "fell": fell,
        "without_business": None if step == "R0" else tally.without,
        "unconfirmed": tally.unconfirmed,
    }

"""Level table: persons beside the numbers of administrative rules, never part of a ratio of art. 5.

``face-cn-2025: 120,000 persons with confirmed face features, to be filed from 100,000 on``
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, Final

from piiscan.case.store.common_columns import SCOPE, SCOPE_KIND
from piiscan.case.tiers.assessment import names_in
from piiscan.case.tiers.policy import Policy
from piiscan.case.tiers.ratios import format_ratio
from piiscan.case.tiers.tier_cells import CONTESTED, NOTE, POLICY, TIER
from piiscan.pages.report_table import ReportTable, coded, numbers, text


def level_rows(
    policies: Iterable[Policy], persons: Mapping[str, int], by_category: Mapping[str, int]
) -> list[dict[str, Any]]:
    """Return a row per level and unit of each rule, for one scope.

    Args:
        policies: the rules of levels.
        persons: unit -> number of all persons: by key (U2), estimated (U4).
        by_category: categories joined by ``+`` (records by ``|``) -> keys.
    """
    found = []
    for policy in policies:
        assert policy.levels is not None
        counted = set(policy.levels.counted)
        some = sum(n for key, n in by_category.items() if counted & names_in(key))
        for line in policy.lines:
            found += [
                {
                    "policy": policy.id,
                    "effective": str(policy.effective or "") or None,
                    "tier": line.id,
                    "unit": unit,
                    "count": count,
                    "threshold": line.threshold,
                    "ratio": format_ratio(Fraction(count, line.threshold)),
                    "basis": line.basis,
                    "contested": line.contested,
                    "note": line.id if line.note else None,
                }
                for unit, count in ({"U2": some} if counted else persons).items()
            ]
    return found


TIER_LEVELS: Final = ReportTable(
    "tier_levels",
    (
        SCOPE_KIND,
        SCOPE,
        POLICY,
        text("effective"),
        TIER,
        coded("unit", "unit"),
        *numbers("count", "threshold", "ratio"),
        text("basis"),
        CONTESTED,
        NOTE,
    ),
    section="T10",
    made_by="count",
    notes=("tiers.levels",),
)

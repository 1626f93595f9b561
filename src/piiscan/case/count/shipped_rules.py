"""Shipped rules: those of a count if the caller names none."""

from __future__ import annotations

from functools import cache
from typing import Final

from piiscan.case.count.count_rules import CountRules, TierRules
from piiscan.case.tiers import choose_policies, load_sensitivity
from piiscan.case.tiers.sensitivity import shipped_sensitivities
from piiscan.detect.catalog.catalog import load
from piiscan.detect.catalog.role_classes import RoleClasses

#: Policies of a count if the caller names none.
DEFAULT_POLICIES: Final = ("tier-cn-2017",)


@cache
def shipped_rules(policies: tuple[str, ...] = DEFAULT_POLICIES) -> CountRules:
    """Return the rules of a count under shipped policies and the words of the shipped catalogue.

    >>> shipped_rules().owner_classes["CN_MOBILE"]
    'person'
    """
    catalog = load()
    chosen, levels = choose_policies(policies, DEFAULT_POLICIES)
    sensitivities = tuple(map(load_sensitivity, shipped_sensitivities()))
    return CountRules(
        tiers=TierRules(chosen, sensitivities, levels=levels),
        owner_classes=catalog.owner_classes,
        role_classes=RoleClasses.of(catalog),
    )

"""What counted records weigh under a rule's lines, and which information is sensitive.

Counts come in, ratios under a named rule go out: several readings side by side, never a verdict
(domain.md D.1, D.2, E9).  Rules, their bases and their contested lines are files of ``data``.
"""

from piiscan.case.tiers.assessment import Assessment, Figure, Scenario, assess, scenarios_of
from piiscan.case.tiers.category_mapping import categories_of
from piiscan.case.tiers.composition import (
    NOTHING,
    Composition,
    Profile,
    load_profile,
    propose,
)
from piiscan.case.tiers.policy import Policy, load_policy, shipped_policies
from piiscan.case.tiers.sensitivity import Sensitivity, classify, load_sensitivity

__all__ = [
    "NOTHING",
    "Assessment",
    "Composition",
    "Figure",
    "Policy",
    "Profile",
    "Scenario",
    "Sensitivity",
    "assess",
    "categories_of",
    "classify",
    "load_policy",
    "load_profile",
    "load_sensitivity",
    "propose",
    "scenarios_of",
    "shipped_policies",
]

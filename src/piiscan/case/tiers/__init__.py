"""Tiers: counts as ratios to the thresholds of a rule, and kinds of sensitive information.

Input are counts, output are ratios under a named rule (法释〔2017〕10号 art. 5 and others). Several
readings are printed side by side, never a verdict. Rules, their legal bases and their contested
lines are files in ``data``.
"""

from piiscan.case.tiers.assessment import Assessment, CategoryRatio, Scenario, assess, scenarios_of
from piiscan.case.tiers.category_mapping import categories_of
from piiscan.case.tiers.category_sheet import load_profile
from piiscan.case.tiers.composition import (
    NO_COMPOSITION,
    Composition,
    Profile,
    propose_categories,
    suggesting_headers,
)
from piiscan.case.tiers.policy import Policy, choose_policies, load_policy, shipped_policies
from piiscan.case.tiers.sensitivity import Sensitivity, classify, load_sensitivity

__all__ = [
    "NO_COMPOSITION",
    "Assessment",
    "CategoryRatio",
    "Composition",
    "Policy",
    "Profile",
    "Scenario",
    "Sensitivity",
    "assess",
    "categories_of",
    "choose_policies",
    "classify",
    "load_policy",
    "load_profile",
    "load_sensitivity",
    "propose_categories",
    "scenarios_of",
    "shipped_policies",
    "suggesting_headers",
]

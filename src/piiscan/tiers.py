"""Tiers: counts as ratios of the thresholds in a dated rule (法释〔2017〕10号), per interpretation.

Public names of :mod:`piiscan.case.tiers`. The module computes ratios and gives no verdict.
"""

from piiscan.case.tiers import (
    Assessment,
    Policy,
    Scenario,
    assess,
    categories_of,
    load_policy,
    scenarios_of,
    shipped_policies,
)

__all__ = [
    "Assessment",
    "Policy",
    "Scenario",
    "assess",
    "categories_of",
    "load_policy",
    "scenarios_of",
    "shipped_policies",
]

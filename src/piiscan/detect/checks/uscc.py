"""Unified social credit codes (GB 32100-2015): MOD 31-3, with an organisation code inside.

``9 1 110000 600037341 L``: registering department, kind of organisation, region, organisation code
(GB 11714-1997), check character.  Digits and capitals without I, O, S, V and Z.

Both check characters must be right, so one chance value in 341 passes.
"""

from __future__ import annotations

from dataclasses import replace

from piiscan.data import KNOWN, regions
from piiscan.detect.arithmetic.check_steps import (
    CheckSteps,
    Step,
    decide,
    length_step,
    region_step,
    weighted_sum_step,
)
from piiscan.detect.arithmetic.weighted_sums import GB_11714, GB_32100
from piiscan.detect.checks.check_numbers import STATE_REGION
from piiscan.detect.checks.identity_kernels import CREDIT_DEPARTMENTS


def steps(value: str, *, as_of: int) -> CheckSteps:
    """Return the check steps of a credit code: department, region, both check characters.

    >>> steps("91110000600037341L", as_of=20261231).outcome.verdict
    'VERIFIED'
    """
    del as_of
    if len(value) != 18:
        return decide(length_step(value, "18", "CHECK_FAIL"))
    if not GB_32100.values.keys() >= set(value):
        return decide(Step("alphabet", False, reason="CHECK_FAIL"))
    known, code = ord(value[0]) in CREDIT_DEPARTMENTS, {"code": value[0]}
    return decide(
        Step("department", known or None, code, reason="PREFIX_UNALLOTTED", strength="LOW"),
        _region_step(value[2:8]),
        weighted_sum_step("mod_11", GB_11714, value[8:16], value[16]),
        weighted_sum_step("mod_31", GB_32100, value[:17], value[17]),
    )


def _region_step(code: str) -> Step:
    """Return the step of the registrar's region; an unknown one never fails."""
    number = int(code) if code.isdigit() else 0
    step = region_step(code, KNOWN if number == STATE_REGION else int(regions()[number]))
    if step.passed is False:
        return replace(step, passed=None, strength="LOW")
    return replace(step, strength="MEDIUM")

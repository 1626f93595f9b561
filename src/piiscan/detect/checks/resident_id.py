"""Resident identity numbers of 18 characters (GB 11643-1999): region, birth date, MOD 11-2.

``430104 19050615 001 6``: region when first assigned (GB/T 2260), birth date, serial (odd for
men), check character.

A number keeps its region code.  Any code that was ever in force is therefore valid for any birth
year.  No table of codes is complete, so an unknown county in a known prefecture only costs a level.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from piiscan.data import regions
from piiscan.detect.arithmetic.check_steps import (
    CheckSteps,
    Step,
    birth_step,
    decide,
    is_digits,
    length_step,
    region_step,
    weighted_sum_step,
)
from piiscan.detect.arithmetic.weighted_sums import GB_11643
from piiscan.detect.checks.check_numbers import INFANT_YEARS


def steps(value: str, *, as_of: int) -> CheckSteps:
    """Return the check steps of a resident identity number: region, birth date, check character.

    >>> steps("11010519491231002X", as_of=20261231).outcome.verdict
    'VERIFIED'
    """
    return identity_steps(
        value, lambda head: [region_step(head, int(regions()[int(head)]))], as_of=as_of
    )


def identity_steps(
    value: str, head_steps: Callable[[str], list[Step]], *, as_of: int
) -> CheckSteps:
    """Return the check steps of a number in the form of GB 11643: first six digits, birth, check.

    A wrong check character outweighs a birth in the future, a recent birth an unknown county.
    """
    if not is_digits(value[:17], 17):
        return decide(length_step(value, "18", "CHECK_FAIL"))
    if len(value) != 18:
        return decide(length_step(value, "18"))
    heads, birth = head_steps(value[:6]), birth_step(value[6:14], as_of=as_of)
    if birth.passed and int(value[6:14]) > as_of - INFANT_YEARS * 10_000:
        birth = replace(birth, reason="BIRTH_RECENT", strength="LOW", verdict="VERIFIED")
    summed = weighted_sum_step("mod_11_2", GB_11643, value[:17], value[17])
    faults = [step for step in (*heads, birth, summed) if step.passed is False]
    faults.sort(key=lambda step: step.reason == "DATE_FUTURE")
    return decide(*heads, birth, summed, order=(*faults, birth, *heads))

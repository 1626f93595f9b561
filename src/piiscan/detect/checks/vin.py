"""Vehicle identification numbers: 17 characters, the ninth a check digit (GB 16735, ISO 3779).

``1M8 GDM9A X K P 042788``: maker, model, check digit, model year, plant, serial.  Digits and
capitals without I, O and Q.

China and North America require the check digit, Europe does not.  One in eleven serial numbers of
17 characters passes it by chance, so a VIN without context must also have a usual form.
"""

from __future__ import annotations

from dataclasses import replace

from piiscan.detect.arithmetic.check_steps import (
    CheckSteps,
    Step,
    decide,
    length_step,
    weighted_sum_step,
)
from piiscan.detect.arithmetic.weighted_sums import GB_16735
from piiscan.detect.checks.device_kernels import VIN_EUROPE, VIN_MAKERS


def steps(value: str, *, as_of: int) -> CheckSteps:
    """Return the check steps of a VIN: alphabet, check digit in ninth place, maker's region.

    >>> steps("WVWZZZ1KZ7W000000", as_of=20261231).outcome
    Outcome(verdict='PLAUSIBLE', reason='CHECK_UNUSED', strength='LOW')
    """
    del as_of
    if len(value) != 17:
        return decide(length_step(value, "17"))
    if not GB_16735.values.keys() >= set(value):
        return decide(Step("alphabet", False, reason="LENGTH_WRONG"))
    if len(set(value)) == 1 and value[0] != "1":
        return decide(Step("filler", False, reason="FILLER"))
    known, lettered = ord(value[0]) in VIN_MAKERS, not value.isdigit()
    usual = known and lettered and value[9] not in "0UZ" and value[13:].isdigit()
    maker = Step(
        "maker",
        known or None,
        {"code": value[:3]},
        reason="" if usual else "SHAPE_UNUSUAL",
        strength="" if usual else "LOW",
        verdict="" if usual else "VERIFIED",
    )
    summed = weighted_sum_step("vin", GB_16735, value, value[8])
    if len(set(value)) == 1:  # seventeen ones are known as a test
        summed = replace(summed, reason="TEST_LIKE", verdict="VERIFIED")
    elif not summed.passed and lettered and ord(value[0]) in VIN_EUROPE:
        summed = replace(
            summed, name="vin_free", passed=None, reason="CHECK_UNUSED", strength="LOW"
        )
    return decide(maker, summed, order=(summed, maker))

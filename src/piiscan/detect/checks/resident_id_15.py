"""Resident identity numbers of 15 digits (GB 11643-1989, issued to 1999): no check digit.

``430104 050615 001``: region, birth date YYMMDD of the 1900s, serial.

One in thirty business licences, Hainan's IMSI and Fujian's IMEI have the same form.  Such a number
counts only under its own label or word.
"""

from __future__ import annotations

from piiscan.data import regions
from piiscan.detect.arithmetic.check_steps import (
    CheckSteps,
    Step,
    birth_step,
    decide,
    is_digits,
    length_step,
    region_step,
)


def steps(value: str, *, as_of: int) -> CheckSteps:
    """Return the check steps of a 15-digit identity number: region code, birth date of the 1900s.

    >>> [step.name for step in steps("430104050615001", as_of=20261231).steps]
    ['region', 'birth', 'no_check_digit']
    """
    if not is_digits(value, 15):
        return decide(length_step(value, "15"))
    return decide(
        region_step(value[:6], int(regions()[int(value[:6])])),
        birth_step(f"19{value[6:12]}", as_of=as_of),
        Step("no_check_digit", None),
    )

"""Residence permits of Hong Kong, Macau and Taiwan people (2018): an identity number, MOD 11-2.

``810000 19050615 001 6``: 810000 Hong Kong, 820000 Macau or 830000 Taiwan, birth date, serial,
check character.
"""

from __future__ import annotations

from piiscan.data import KNOWN, NO_PROVINCE
from piiscan.detect.arithmetic.check_steps import CheckSteps, region_step
from piiscan.detect.checks.resident_id import identity_steps

_REGIONS = ("810000", "820000", "830000")


def steps(value: str, *, as_of: int) -> CheckSteps:
    """Return the check steps of a residence permit number: region, birth date, check character.

    >>> steps("810000190506150016", as_of=20261231).outcome.verdict
    'VERIFIED'
    """
    level = KNOWN if value[:6] in _REGIONS else NO_PROVINCE
    return identity_steps(value, lambda head: [region_step(head, level)], as_of=as_of)

"""Foreign permanent residents' identity cards (2023): like an identity number, MOD 11-2.

``9 11 124 19810803 002 4``: 9, province, country (ISO 3166-1), birth date, serial, check character.

One in a few thousand all-digit company codes passes MOD 11-2 and reads as a birth date.  The
country must therefore be one of ISO 3166-1 and not China itself.
"""

from __future__ import annotations

from typing import Final

from piiscan.data import PROVINCES, countries
from piiscan.detect.arithmetic.check_steps import CheckSteps, Step
from piiscan.detect.checks.resident_id import identity_steps

_CHINA: Final = 156


def steps(value: str, *, as_of: int) -> CheckSteps:
    """Return the check steps of a foreigner's card: head and country, birth, check character.

    >>> [step.name for step in steps("911124198108030024", as_of=20261231).steps]
    ['province', 'country', 'birth', 'mod_11_2']
    """
    return identity_steps(value, _head_steps, as_of=as_of)


def _head_steps(head: str) -> list[Step]:
    """Return the steps of the first six digits: 9 and a province, a country other than China."""
    province = head[0] == "9" and int(head[1:3]) in PROVINCES
    country = bool(countries()[0][int(head[3:])]) and int(head[3:]) != _CHINA
    return [
        Step("province", province, {"code": head[1:3]}, reason="PROVINCE_UNKNOWN"),
        Step("country", country, {"code": head[3:]}, reason="COUNTRY_UNKNOWN"),
    ]

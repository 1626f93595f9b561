"""Foreign permanent resident cards of 2004 to 2023: three letters of a country, twelve digits.

``USA 11 00 050615 01``: country, province, two digits, birth date YYMMDD, two digits.  The last is
perhaps a check digit, but its rule was never published.  Such a number counts only under its own
label or word.
"""

from __future__ import annotations

from piiscan.data import PROVINCES, country_codes
from piiscan.detect.arithmetic.check_steps import (
    CheckSteps,
    Step,
    decide,
    is_day,
    is_digits,
    length_step,
)


def steps(value: str, *, as_of: int) -> CheckSteps:
    """Return the check steps of a foreigner's 2004 card: province, birth date, country.

    >>> [step.passed for step in steps("USA110005061501", as_of=20261231).steps]
    [True, True, True, None]
    """
    del as_of
    letters = value[:3]
    if not is_digits(value[3:], 12) or not all("A" <= letter <= "Z" for letter in letters):
        return decide(length_step(value, "3+12"))
    first, second, third = (ord(letter) - 65 for letter in letters)
    known = bool(country_codes()[(first * 26 + second) * 26 + third])
    province, day = value[3:5], value[7:13]
    return decide(
        Step("province", int(province) in PROVINCES, {"code": province}, reason="PROVINCE_UNKNOWN"),
        Step(
            "birth_short",
            is_day(f"20{day}"),  # the number has no century
            {"date": f"{day[:2]}-{day[2:4]}-{day[4:]}"},
            reason="DATE_IMPOSSIBLE",
        ),
        Step("country", known or None, {"code": letters}, reason="COUNTRY_UNKNOWN", strength="LOW"),
        Step("no_check_digit", None),
    )

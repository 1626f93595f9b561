"""Landline numbers: area code, 7 or 8 digits of which the first is 2 to 8, perhaps an extension.

Old dumps have seven digits where the numbering plan now has eight, so four-digit area codes accept
both.  ``+86(731)80000001转801 -> 0731-80000001;ext=801``
"""

from __future__ import annotations

import re

from piiscan.data import area_codes
from piiscan.detect.arithmetic.check_steps import (
    CheckSteps,
    Step,
    decide,
    is_likely_day,
    length_step,
)

#: Canonical form: an area code of three digits has eight after it, one of four seven or eight.
_FORM = re.compile(
    r"(?P<area>\d{3}(?=-\d{8}(?!\d))|\d{4})-(?P<line>[1-9]\d{6,7})(?:;.*)?", re.ASCII
)


def steps(value: str, *, as_of: int) -> CheckSteps:
    """Return the check steps of a landline number: area code, subscriber number.

    >>> [step.name for step in steps("0731-80000001", as_of=20261231).steps]
    ['area', 'subscriber']
    """
    del as_of
    form = _FORM.fullmatch(value)
    if form is None:
        return decide(length_step(value, "3+8, 4+7, 4+8"))
    code, line = form["area"], form["line"]
    known = bool(area_codes()[int(code[1:])]) and (len(code) == 3 or code[1] != "0")
    area = Step(
        "area" if known else "area_none",
        known or None,
        {"code": code},
        reason="AREA_CODE_UNKNOWN",
        strength="LOW",
    )
    name, reason = "subscriber", ""
    if is_likely_day(line):
        name, reason = "subscriber_date", "LOOKS_LIKE_DATE"
    elif line[0] in "19":
        name, reason = "subscriber_service", "PREFIX_UNALLOTTED"
    values: dict[str, str | int] = {"code": line, "count": len(line)}
    last = Step(name, None if reason else True, values, reason=reason, strength="LOW")
    return decide(area, last)

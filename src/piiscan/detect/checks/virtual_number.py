"""Privacy numbers on waybills: a shared host number and an extension (11 + 3 to 6 digits).

Thousands share the host, so it identifies no person; the value has both.  It is LOW with an
unallotted prefix.
``18412000001转1234 -> 18412000001;ext=1234``
"""

from __future__ import annotations

from typing import Final

from piiscan.detect.arithmetic.check_steps import CheckSteps, Step, decide, is_digits, length_step
from piiscan.detect.checks.mobile import prefix_step

_HOST: Final = 11


def steps(value: str, *, as_of: int) -> CheckSteps:
    """Return the check steps of a privacy number: prefix of the host, digits of the extension.

    >>> [step.passed for step in steps("18412000001;ext=1234", as_of=20261231).steps]
    [True, True]
    """
    del as_of
    host, _, extension = value.partition(";ext=")
    if not is_digits(host, _HOST):
        return decide(length_step(value, "11+3-6"))
    values: dict[str, str | int] = {"code": extension, "count": len(extension)}
    if len(extension) < 3:
        last = Step("extension", False, values, reason="LENGTH_WRONG")
    else:
        last = Step("extension", True, values, reason="VIRTUAL_NUMBER", verdict="PLAUSIBLE")
    return decide(prefix_step(host), last)

"""Privacy numbers on waybills: a shared host number and an extension (11 + 3 to 6 digits).

Thousands share the host, so it identifies no person; the value has both.
``18412000001转1234 -> 18412000001;ext=1234``
"""

from __future__ import annotations

from functools import partial
from typing import Final

from piiscan.detect.arithmetic.check_steps import CheckSteps, Step, decide, is_digits, length_step
from piiscan.detect.checks import canonical_rows, judge_rows
from piiscan.detect.checks.check_numbers import VIRTUAL_NUMBER_CHECK
from piiscan.detect.checks.mobile import prefix_step

_HOST: Final = 11

#: Format privacy numbers as ``host;ext=NNNN``, without country code or trunk 0.
canonical: Final = partial(canonical_rows, VIRTUAL_NUMBER_CHECK)
#: Judge privacy numbers: plausible; LOW with an unallotted prefix; refuted if too short. Numbers
#: with an allotted prefix have the reason VIRTUAL_NUMBER.
check: Final = partial(judge_rows, VIRTUAL_NUMBER_CHECK)


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

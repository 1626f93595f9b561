"""Tracking numbers with a check digit: UPS (1Z), FedEx Express (12 digits), DHL Express (10).

``1Z 5R8939 0357567127``
"""

from __future__ import annotations

from typing import Final

from piiscan.detect.arithmetic.check_steps import CheckSteps, decide, length_step, weighted_sum_step
from piiscan.detect.arithmetic.weighted_sums import DHL, FEDEX, UPS

#: Sum of each length, and the place at which its characters start.
_SUMS: Final = {18: (UPS, 2), 12: (FEDEX, 0), 10: (DHL, 0)}


def steps(value: str, *, as_of: int) -> CheckSteps:
    """Return the check steps of a tracking number: its check digit.

    >>> steps("1Z5R89390357567127", as_of=20261231).outcome.verdict
    'VERIFIED'
    """
    del as_of
    row, first = _SUMS.get(len(value), (UPS, 0))
    known = {*UPS.values} if len(value) == 18 else {*DHL.values}
    if len(value) not in _SUMS or not known.issuperset(value):
        return decide(length_step(value, "10, 12, 18", "LENGTH_WRONG"))
    return decide(weighted_sum_step("tracking", row, value[first:-1], value[-1]))

"""Mobile numbers that a spreadsheet shows as ``1.38E+10``: the last digits are lost."""

from __future__ import annotations

from piiscan.detect.arithmetic.check_steps import CheckSteps, Step, decide


def steps(value: str, *, as_of: int) -> CheckSteps:
    """Return the check step of a rounded mobile number: undecided, its lost digits are unknown."""
    del value, as_of
    return decide(Step("damaged_sci", None, reason="DAMAGED_SCI"))

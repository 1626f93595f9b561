"""Masked numbers: visible digits of a phone, identity or card number; a link, never a record.

The value has ``*`` for every mask character and no separators, so that masks by different programs
look the same: ``199-xxxx-0008 -> 199****0008``.
"""

from __future__ import annotations

from typing import Final

from piiscan.detect.arithmetic.check_steps import CheckSteps, Step, decide

MASKED_STEP: Final = Step("masked", None, reason="MASKED")


def steps(value: str, *, as_of: int) -> CheckSteps:
    """Return the check step of a masked number: undecided, its digits are hidden."""
    del value, as_of
    return decide(MASKED_STEP)

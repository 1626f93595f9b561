"""ICCID numbers of China (ITU-T E.118): 8986 and 15 or 16 more; Luhn can verify, never refute.

Operators print hexadecimal letters in some places and pad 19 digits with an F.  A failed Luhn sum
therefore only makes the number plausible.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from piiscan.detect.arithmetic.check_steps import CheckSteps, Step, decide, length_step, luhn_step

_LONGEST: Final = 20
_LETTERS: Final = 2  # values with more letters are hexadecimal text


def steps(value: str, *, as_of: int) -> CheckSteps:
    """Return the check steps of an ICCID: network, and Luhn (never failed) if it is all digits.

    >>> [step.name for step in steps("89861100000000000032", as_of=20261231).steps]
    ['network', 'luhn']
    """
    del as_of
    letters = sum(char >= "A" for char in value)
    if not _LONGEST - 1 <= len(value) <= _LONGEST:
        return decide(length_step(value, "19-20"))
    if letters > _LETTERS:
        return decide(Step("alphabet", False, reason="CHECK_FAIL"))
    network = Step("network", True, {"code": value[:6]})
    if letters:
        return decide(network, Step("no_check_digit", None, reason="LUHN_FAIL"))
    summed = luhn_step(value)
    return decide(network, replace(summed, passed=summed.passed or None))

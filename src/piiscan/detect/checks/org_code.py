"""Organisation codes (GB 11714-1997): eight digits or capitals and a check character, X for ten.

``60003734 1``
"""

from __future__ import annotations

from typing import Final

from piiscan.detect.arithmetic.check_steps import CheckSteps, decide, length_step, weighted_sum_step
from piiscan.detect.arithmetic.weighted_sums import GB_11714

_LENGTH: Final = 9


def steps(value: str, *, as_of: int) -> CheckSteps:
    """Return the check step of an organisation code: its check character (GB 11714-1997).

    >>> steps("600037341", as_of=20261231).outcome.verdict
    'VERIFIED'
    """
    del as_of
    if len(value) != _LENGTH or not GB_11714.values.keys() >= set(value):
        return decide(length_step(value, str(_LENGTH), "CHECK_FAIL"))
    return decide(weighted_sum_step("mod_11", GB_11714, value[:8], value[8]))

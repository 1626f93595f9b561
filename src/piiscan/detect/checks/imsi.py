"""IMSI numbers (ITU-T E.212): 15 digits that begin with a network of China.

``460 07 0000000005``: country, network, subscriber.
"""

from __future__ import annotations

from typing import Final

from piiscan.detect.arithmetic.check_steps import CheckSteps, Step, decide, is_digits, length_step
from piiscan.detect.checks.device_kernels import NETWORKS

_LENGTH: Final = 15
_CHINA: Final = 460
_NEIGHBOURS: Final = (454, 455, 466)  # Hong Kong, Macau, Taiwan


def steps(value: str, *, as_of: int) -> CheckSteps:
    """Return the check steps of an IMSI: country and network; there is no check digit.

    >>> [step.passed for step in steps("460070000000005", as_of=20261231).steps]
    [True, None]
    """
    del as_of
    if not is_digits(value, _LENGTH):
        return decide(length_step(value, str(_LENGTH)))
    home = int(value[:3]) == _CHINA and int(value[3:5]) in NETWORKS
    neighbour = int(value[:3]) in _NEIGHBOURS
    network = Step(
        "network",
        True if home else None if neighbour else False,
        {"code": value[:5]},
        reason="PREFIX_UNALLOTTED",
        strength="LOW" if neighbour else "",
    )
    return decide(network, Step("no_check_digit", None))

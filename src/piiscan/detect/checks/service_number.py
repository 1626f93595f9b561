"""Service numbers of organisations: 400 and 800 lines, and 95xxx; never a person's number."""

from __future__ import annotations

from piiscan.data import service_numbers
from piiscan.detect.arithmetic.check_steps import CheckSteps, Step, decide, is_digits


def steps(value: str, *, as_of: int) -> CheckSteps:
    """Return the check step of a service number: 95xxx in use; undecided for 400 and 800 lines.

    >>> steps("95000", as_of=20261231).outcome
    Outcome(verdict='PLAUSIBLE', reason='PREFIX_UNALLOTTED', strength='LOW')
    """
    del as_of
    if len(value) >= 10:
        return decide(Step("service", None, {"code": value[:3]}, reason="ORG_ONLY"))
    code = {"code": value}
    if is_digits(value, 5) and service_numbers()[int(value[2:])]:
        return decide(Step("service", True, code, reason="ORG_ONLY", verdict="PLAUSIBLE"))
    return decide(Step("service", None, code, reason="PREFIX_UNALLOTTED", strength="LOW"))

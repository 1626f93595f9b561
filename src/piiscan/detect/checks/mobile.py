"""Mobile numbers of mainland China: eleven digits with an allotted prefix (MIIT, 2023-03-31).

There is no check digit.  A prefix that was not allotted then lowers the score but does not refute,
because the table ages.  Test lines and fillers are marked, so that a count can exclude them.
"""

from __future__ import annotations

from piiscan.data import mobile_prefixes
from piiscan.detect.arithmetic.check_steps import CheckSteps, Step, decide, is_digits, length_step
from piiscan.detect.checks.device_kernels import KEYBOARD_MOBILE

_SERVICE_LINE = "13800138000"  # China Mobile's, on forms and in manuals


def steps(value: str, *, as_of: int) -> CheckSteps:
    """Return the check steps of a mobile number: allotted prefix; there is no check digit.

    >>> [step.name for step in steps("13912345678", as_of=20261231).steps]
    ['prefix', 'no_check_digit']
    """
    del as_of
    head = value[:11]
    if is_digits(head, 11) and (len(set(head)) == 1 or int(head) == KEYBOARD_MOBILE):
        return decide(Step("filler", False, reason="FILLER"))
    if not is_digits(value, 11) or not "13" <= value[:2] <= "19":
        return decide(length_step(value, "11"))
    test = value == _SERVICE_LINE or value.endswith("00000000")
    return decide(
        prefix_step(value), Step("no_check_digit", None, reason="TEST_LIKE" if test else "")
    )


def prefix_step(value: str) -> Step:
    """Return the check step of a mobile number's prefix: passed if the prefix is allotted.

    >>> prefix_step("15412345678").name
    'prefix_none'
    """
    known = bool(mobile_prefixes()[int(value[:5])])
    return Step(
        "prefix" if known else "prefix_none",
        known or None,
        {"code": value[:3]},
        reason="PREFIX_UNALLOTTED",
        strength="LOW",
    )

"""Mobile numbers of mainland China: eleven digits with an allotted prefix (MIIT, 2023-03-31).

There is no check digit.  A prefix that was not allotted then lowers the score but does not refute,
because the table ages.  Test lines and fillers are marked, so that a count can exclude them.
"""

from __future__ import annotations

from piiscan.arrays import Int32, UInt8
from piiscan.data import mobile_prefixes
from piiscan.detect.arithmetic.check_steps import Step, is_digits, length_step
from piiscan.detect.checks import Judgement, judge_rows
from piiscan.detect.checks.check_kernels import MOBILE_CHECK
from piiscan.detect.checks.device_kernels import KEYBOARD_MOBILE


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge mobile numbers: plausible; LOW if the prefix is unallotted; refuted if malformed.

    >>> import numpy as np
    >>> value = np.frombuffer(b"1541234567819900000008", np.uint8).reshape(2, 11)
    >>> check(value, np.full(2, 11, np.int32), as_of=20261231).strength.tolist()
    [1, 0]
    """
    return judge_rows(MOBILE_CHECK, chars, length, as_of)


def steps(value: str, *, as_of: int) -> list[Step]:
    """Return the check steps of a mobile number: allotted prefix; there is no check digit.

    >>> [step.name for step in steps("13912345678", as_of=20261231)]
    ['prefix', 'no_check_digit']
    """
    del as_of
    if value.isascii() and value.isdigit() and _is_filler(int(value)):
        return [Step("filler", False)]
    if not is_digits(value, 11) or not "13" <= value[:2] <= "19":
        return [length_step(value, "11")]
    return [prefix_step(value), Step("no_check_digit", None)]


def _is_filler(number: int) -> bool:
    """Return True if a number is typed filler: 12345678901 or eleven equal digits."""
    alike = number % 11_111_111_111 == 0 and number < 111_111_111_110
    return number == KEYBOARD_MOBILE or alike


def prefix_step(value: str) -> Step:
    """Return the check step of a mobile number's prefix: passed if the prefix is allotted.

    >>> prefix_step("15412345678").name
    'prefix_none'
    """
    known = bool(mobile_prefixes()[int(value[:5])])
    return Step("prefix" if known else "prefix_none", known or None, {"code": value[:3]})

"""Mobile numbers of mainland China: eleven digits with an allotted prefix (MIIT, 2023-03-31).

There is no check digit.  A prefix that was not allotted then is worth less, not nothing: the
table ages.  Lines for tests and fillers are marked, so that a count can set them apart.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.compiled import kernel
from piiscan.data import mobile_prefixes
from piiscan.detect.checks import (
    REASON,
    Bool,
    Int8,
    Int16,
    Int32,
    Judgement,
    Strength,
    UInt8,
    Verdict,
)
from piiscan.detect.checks.numerals import number, widened
from piiscan.detect.checks.working import Step, is_digits, length_step

_SERVICE_LINE: Final = 13_800_138_000
_KEYBOARD: Final = 12_345_678_901
_ALIKE: Final = 11_111_111_111

_FILLER: Final = REASON["FILLER"]
_LENGTH_WRONG: Final = REASON["LENGTH_WRONG"]
_PREFIX_UNALLOTTED: Final = REASON["PREFIX_UNALLOTTED"]
_TEST_LIKE: Final = REASON["TEST_LIKE"]
_REFUTED: Final = int(Verdict.REFUTED)
_LOW: Final = int(Strength.LOW)


def prefix_known(digits: UInt8) -> Bool:
    """Whether the number in the first columns of ``digits`` begins with an allotted prefix."""
    first = number(digits[:5])
    return np.take(mobile_prefixes(), first, mode="clip")


@kernel
def _judge(
    chars: UInt8, length: Int32, allotted: Bool, verdict: Int8, reason: Int16, strength: Int8
) -> None:  # pragma: no cover - compiled
    for row in range(len(chars)):
        spelt = 0
        digits = True
        for place in range(11):
            digit = int(chars[row, place]) - 48
            digits &= 0 <= digit <= 9
            spelt = spelt * 10 + digit
        if digits and (spelt == _KEYBOARD or spelt % _ALIKE == 0):
            reason[row] = _FILLER
            verdict[row] = _REFUTED
        elif not digits or length[row] != 11 or not 13_000_000_000 <= spelt < 20_000_000_000:
            reason[row] = _LENGTH_WRONG
            verdict[row] = _REFUTED
        elif not allotted[spelt // 1_000_000]:
            reason[row] = _PREFIX_UNALLOTTED
            strength[row] = _LOW
        elif spelt == _SERVICE_LINE or spelt % 100_000_000 == 0:
            reason[row] = _TEST_LIKE


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Plausible; LOW with an unallotted prefix, refuted where it is no mobile number at all.

    >>> value = np.frombuffer(b"1541234567819900000008", np.uint8).reshape(2, 11)
    >>> check(value, np.full(2, 11, np.int32), as_of=20261231).strength.tolist()
    [1, 0]
    """
    del as_of
    judged = Judgement.of(len(chars))
    rows = widened(chars, 11)
    _judge(rows, length, mobile_prefixes(), judged.verdict, judged.reason, judged.strength)
    return judged


def steps(value: str, *, as_of: int) -> list[Step]:
    """Whether the prefix is allotted; there is no check digit.

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
    return number == _KEYBOARD or (number % _ALIKE == 0 and number < 10 * _ALIKE)


def prefix_step(value: str) -> Step:
    """What the table of allotted prefixes says of a number's first digits.

    >>> prefix_step("15412345678").name
    'prefix_none'
    """
    known = bool(mobile_prefixes()[int(value[:5])])
    return Step("prefix" if known else "prefix_none", known or None, {"code": value[:3]})

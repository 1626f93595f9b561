"""Mobile numbers of mainland China: eleven digits with an allotted prefix (MIIT, 2023-03-31).

There is no check digit.  A prefix that was not allotted then lowers the score but does not refute,
because the table ages.  Test lines and fillers are marked, so that a count can exclude them.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from piiscan.arrays import Bool, Int8, Int16, Int32, UInt8, UInt64
from piiscan.bundles import empty_rows
from piiscan.data import mobile_prefixes
from piiscan.detect.arithmetic.check_steps import Step, is_digits, length_step
from piiscan.detect.arithmetic.digits import are_digits, eight_digits, number, pad_columns
from piiscan.detect.checks import REASON, Judgement, Strength, Verdict
from piiscan.jit import inlined, kernel, unaligned_words

_FIRST: Final = np.uint64(13_000_000_000)
_LAST: Final = np.uint64(19_999_999_999)
_SERVICE_LINE: Final = np.uint64(13_800_138_000)
_KEYBOARD: Final = np.uint64(12_345_678_901)
_ELEVEN_ONES: Final = np.uint64(11_111_111_111)
_HUNDRED_MILLION: Final = np.uint64(100_000_000)

_FILLER: Final = REASON["FILLER"]
_LENGTH_WRONG: Final = REASON["LENGTH_WRONG"]
_PREFIX_UNALLOTTED: Final = REASON["PREFIX_UNALLOTTED"]
_TEST_LIKE: Final = REASON["TEST_LIKE"]
_REFUTED: Final = int(Verdict.REFUTED)
_PLAUSIBLE: Final = int(Verdict.PLAUSIBLE)
_LOW: Final = int(Strength.LOW)


def prefix_known(digits: UInt8) -> Bool:
    """Return a mask of mobile numbers (digit columns) with an allotted five-digit prefix."""
    first = number(digits[:5])
    return np.take(mobile_prefixes(), first, mode="clip")


@inlined
def judge_one(
    words: UInt64, at: int, length: Any, allotted: Bool
) -> tuple[int, int, int]:  # pragma: no cover - compiled
    """Judge one mobile number that begins at byte ``at``: (verdict, reason, strength).

    ``words``: eight characters from every position on.  ``allotted``: bool[100_000] by prefix.
    """
    first = np.uint64(at)
    one, two = words[first], words[first + np.uint64(3)]
    digits = are_digits(one) and are_digits(two)
    head = np.uint64(eight_digits(one))
    spelt = head * np.uint64(1000) + eight_digits(two) % np.uint32(1000)
    if digits and (spelt == _KEYBOARD or spelt % _ELEVEN_ONES == 0):
        return _REFUTED, _FILLER, 0
    if not digits or length != 11 or spelt < _FIRST or spelt > _LAST:
        return _REFUTED, _LENGTH_WRONG, 0
    if not allotted[head // np.uint64(1000)]:
        return _PLAUSIBLE, _PREFIX_UNALLOTTED, _LOW
    if spelt == _SERVICE_LINE or spelt % _HUNDRED_MILLION == 0:
        return _PLAUSIBLE, _TEST_LIKE, 0
    return _PLAUSIBLE, 0, 0


@kernel
def _judge(
    words: UInt64,
    width: int,
    length: Int32,
    allotted: Bool,
    verdict: Int8,
    reason: Int16,
    strength: Int8,
) -> None:  # pragma: no cover - compiled
    """Write verdict, reason and strength of every mobile number (rows of ``width`` bytes)."""
    for row in range(len(length)):
        verdict[row], reason[row], strength[row] = judge_one(
            words, row * width, np.int64(length[row]), allotted
        )


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge mobile numbers: plausible; LOW if the prefix is unallotted; refuted if malformed.

    >>> value = np.frombuffer(b"1541234567819900000008", np.uint8).reshape(2, 11)
    >>> check(value, np.full(2, 11, np.int32), as_of=20261231).strength.tolist()
    [1, 0]
    """
    del as_of
    judged, rows = empty_rows(Judgement, len(chars)), pad_columns(chars, 11)
    _judge(
        unaligned_words(rows.reshape(-1)), rows.shape[1], length, mobile_prefixes(),
        judged.verdict, judged.reason, judged.strength,
    )  # fmt: skip
    return judged


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
    alike = int(_ELEVEN_ONES)
    return number == int(_KEYBOARD) or (number % alike == 0 and number < 10 * alike)


def prefix_step(value: str) -> Step:
    """Return the check step of a mobile number's prefix: passed if the prefix is allotted.

    >>> prefix_step("15412345678").name
    'prefix_none'
    """
    known = bool(mobile_prefixes()[int(value[:5])])
    return Step("prefix" if known else "prefix_none", known or None, {"code": value[:3]})

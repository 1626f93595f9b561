"""Mobile numbers of mainland China: eleven digits with an allotted prefix (MIIT, 2023-03-31).

There is no check digit.  A prefix that was not allotted then is worth less, not nothing: the
table ages.  Lines for tests and fillers are marked, so that a count can set them apart.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.data import mobile_prefixes
from piiscan.detect.checks import Bool, Int32, Judgement, Strength, UInt8, Verdict
from piiscan.detect.checks.numerals import digit_columns, number

_SERVICE_LINE: Final = 38_00138_000  # 13800138000 without its 1
_KEYBOARD: Final = 23_4567_8901  # 12345678901 without its 1


def prefix_known(digits: UInt8) -> Bool:
    """Whether the number in the first columns of ``digits`` begins with an allotted prefix."""
    first = number(digits[:5])
    return np.take(mobile_prefixes(), first, mode="clip")


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Plausible; LOW with an unallotted prefix, refuted where it is no mobile number at all.

    >>> value = np.frombuffer(b"1541234567819900000008", np.uint8).reshape(2, 11)
    >>> check(value, np.full(2, 11, np.int32), as_of=20261231).strength.tolist()
    [1, 0]
    """
    del as_of
    digits = digit_columns(chars, 11)
    judged = Judgement.of(len(chars))
    rest = number(digits[1:], np.int64)
    filler = (rest == _KEYBOARD) | (rest == digits[0] * np.int64(1_111_111_111))
    judged.mark(filler, "FILLER", verdict=Verdict.REFUTED)
    wrong = (digits[0] != 1) | (digits[1] < 3) | (digits[1] > 9)
    judged.mark(wrong | (length != 11), "LENGTH_WRONG", verdict=Verdict.REFUTED)
    unknown = ~prefix_known(digits)
    judged.mark(unknown, "PREFIX_UNALLOTTED", strength=Strength.LOW)
    judged.mark((rest == _SERVICE_LINE) | (rest % 100_000_000 == 0), "TEST_LIKE")
    return judged

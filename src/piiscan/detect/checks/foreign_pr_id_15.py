"""Foreign permanent resident cards of 2004 to 2023: three letters of a country, twelve digits.

Digits 1 and 2 are a province, 5 to 10 a birth date (YYMMDD).  The last is perhaps a check digit,
but its rule was never published.  Such a number counts only under its own label or word.
"""

from __future__ import annotations

from piiscan.arrays import Int32, UInt8
from piiscan.data import PROVINCES, country_codes
from piiscan.detect.arithmetic.check_steps import Step, is_day, is_digits, length_step
from piiscan.detect.checks import Judgement, judge_rows
from piiscan.detect.checks.check_kernels import FOREIGN_PR_ID_15_CHECK


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge foreigners' 2004 cards: plausible if province and date exist; LOW by unknown country.

    >>> import numpy as np
    >>> value = np.frombuffer(b"USA110005061501", np.uint8)[None]
    >>> check(value, np.array([15], np.int32), as_of=20261231).verdict.tolist()
    [1]
    """
    return judge_rows(FOREIGN_PR_ID_15_CHECK, chars, length, as_of)


def steps(value: str, *, as_of: int) -> list[Step]:
    """Return the check steps of a foreigner's 2004 card: province, birth date, country.

    >>> [step.passed for step in steps("USA110005061501", as_of=20261231)]
    [True, True, True, None]
    """
    del as_of
    letters = value[:3]
    if not is_digits(value[3:], 12) or not all("A" <= letter <= "Z" for letter in letters):
        return [length_step(value, "3+12")]
    first, second, third = (ord(letter) - 65 for letter in letters)
    known = bool(country_codes()[(first * 26 + second) * 26 + third])
    real = is_day(f"20{value[7:13]}")
    return [
        Step("province", int(value[3:5]) in PROVINCES, {"code": value[3:5]}),
        Step("birth_short", real, {"date": f"{value[7:9]}-{value[9:11]}-{value[11:13]}"}),
        Step("country", known or None, {"code": letters}),
        Step("no_check_digit", None),
    ]

"""Foreign permanent resident cards of 2004 to 2023: three letters of a country, twelve digits.

Digits 1 and 2 are a province, 5 to 10 a birth date (YYMMDD).  The last is perhaps a check digit,
but its rule was never published.  Such a number counts only under its own label or word.
"""

from __future__ import annotations

import numpy as np

from piiscan.arrays import Int32, UInt8
from piiscan.data import PROVINCES, country_codes
from piiscan.detect.arithmetic.check_steps import Step, is_day, is_digits, length_step
from piiscan.detect.arithmetic.digits import all_digits, columns, number, real_date
from piiscan.detect.checks import Judgement, Strength, Verdict
from piiscan.detect.checks.resident_id import is_province


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge foreigners' 2004 cards: plausible if province and date exist; LOW by unknown country.

    >>> value = np.frombuffer(b"USA110005061501", np.uint8)[None]
    >>> check(value, np.array([15], np.int32), as_of=20261231).verdict.tolist()
    [1]
    """
    del as_of  # the number has no century
    codes = columns(chars, 15)
    digits = codes[3:] - np.uint8(48)
    judged = Judgement.of(len(chars))
    letters = codes[:3] - np.uint8(65)
    wrong = (length != 15) | ~all_digits(digits) | (np.maximum.reduce(letters, axis=0) > 25)
    judged.mark(wrong, "LENGTH_WRONG", verdict=Verdict.REFUTED)
    nowhere = ~is_province(number(digits[:2]))
    judged.mark(nowhere, "PROVINCE_UNKNOWN", verdict=Verdict.REFUTED)
    year, month, day = 2000 + number(digits[4:6]), digits[6] * 10 + digits[7], digits[8] * 10
    day += digits[9]
    # 29 February: 2000 and 1900 differ, and the number has no century
    judged.mark(~real_date(year, month, day), "DATE_IMPOSSIBLE", verdict=Verdict.REFUTED)
    place = (letters[0].astype(np.int32) * 26 + letters[1]) * 26 + letters[2]
    strange = ~np.take(country_codes(), place, mode="clip")
    judged.mark(strange, "COUNTRY_UNKNOWN", strength=Strength.LOW)
    return judged


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

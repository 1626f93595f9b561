"""Vehicle identification numbers: 17 characters, the ninth a check digit (GB 16735, ISO 3779).

China and North America require the check digit, Europe does not.  One in eleven serial numbers of
17 characters passes it by chance, so a VIN without context must also have a usual form.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Bool, Int32, UInt8
from piiscan.detect.arithmetic.check_steps import Step, length_step, weighted_sum_step
from piiscan.detect.arithmetic.digits import all_digits, columns, weighted_sum
from piiscan.detect.checks import Judgement, Strength, Verdict

#: Value of each character by its ASCII code, 99 for I, O, Q and all others.
_VALUES: Final = np.full(256, 99, np.uint8)
_VALUES[48:58] = np.arange(10)
_VALUES[list(b"ABCDEFGHJKLMNPRSTUVWXYZ")] = [*range(1, 9), *range(1, 6), 7, 9, *range(2, 10)]
_WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_EXPECTED: Final = np.frombuffer(b"0123456789X", np.uint8)
#: Regions of makers of cars on Chinese roads: North America, Oceania, South America, Japan, Korea,
#: China and Europe (ISO 3780).
_MAKERS: Final = np.isin(np.arange(256), list(b"123456789JKLSTUVWXYZ"))
_EUROPE: Final = np.isin(np.arange(256), list(b"STUVWXYZ"))
#: Characters that are no model year (GB 16735 table 1).
_NO_YEAR: Final = np.isin(np.arange(256), list(b"0UZ"))


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge VINs: verified by the check digit, plausible if a European one is wrong.

    LOW without letters or with an unusual form: no model year, letters in the last four characters,
    a maker in a region that sells hardly any cars to China.

    >>> value = np.frombuffer(b"1M8GDM9AXKP042788", np.uint8)[None]
    >>> check(value, np.array([17], np.int32), as_of=20261231).verdict.tolist()
    [2]
    """
    del as_of
    codes = columns(chars, 17)
    values = _VALUES[codes]
    shaped = (np.maximum.reduce(values, axis=0) < 10) & (length == 17)
    right = codes[8] == _EXPECTED[weighted_sum(values, _WEIGHTS) % 11]
    lettered = (codes >= ord("A")).any(axis=0)
    judged = Judgement.of(len(chars), Verdict.VERIFIED)
    same = (codes == codes[0]).all(axis=0)
    judged.mark(~shaped, "LENGTH_WRONG", verdict=Verdict.REFUTED)
    judged.mark(same & (codes[0] == ord("1")), "TEST_LIKE")  # seventeen ones are a well-known test
    judged.mark(same, "FILLER", verdict=Verdict.REFUTED)
    free = _EUROPE[codes[0]] & lettered
    judged.mark(~right & ~free, "CHECK_FAIL", verdict=Verdict.REFUTED)
    judged.mark(~right, "CHECK_UNUSED", verdict=Verdict.PLAUSIBLE, strength=Strength.LOW)
    judged.mark(~lettered | ~_is_usual(codes), "SHAPE_UNUSUAL", strength=Strength.LOW)
    return judged


def _is_usual(codes: UInt8) -> Bool:
    """Return a mask of the VINs with a usual maker, model year and serial number in China."""
    usual = _MAKERS[codes[0]] & ~_NO_YEAR[codes[9]]
    usual &= all_digits(codes[13:17] - np.uint8(48))
    result: Bool = usual
    return result


def steps(value: str, *, as_of: int) -> list[Step]:
    """Return the check steps of a VIN: alphabet, check digit in ninth place, maker's region.

    >>> [step.passed for step in steps("1M8GDM9AXKP042788", as_of=20261231)]
    [True, True]
    """
    del as_of
    codes = value.encode("ascii", "replace")
    numbers = [int(_VALUES[code]) for code in codes]
    if len(value) != 17:
        return [length_step(value, "17")]
    if max(numbers) > 9:
        return [Step("alphabet", False)]
    if len(set(value)) == 1 and value[0] != "1":  # seventeen ones are known as a test
        return [Step("filler", False)]
    weighed = weighted_sum_step(
        "vin",
        value,
        numbers,
        _WEIGHTS,
        modulus=11,
        expected=lambda rest: chr(_EXPECTED[rest]),
        actual=value[8],
    )
    free = bool(_EUROPE[codes[0]]) and not value.isdigit()
    if not weighed.passed and free:
        weighed = Step("vin_free", None, weighed.values, weighed.rows)
    return [Step("maker", bool(_MAKERS[codes[0]]) or None, {"code": value[:3]}), weighed]

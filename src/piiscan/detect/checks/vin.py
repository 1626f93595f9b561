"""Vehicle identification numbers: 17 characters, the ninth a check digit (GB 16735, ISO 3779).

``check = "0123456789X"[sum(value * weight) % 11]``; A to H are 1 to 8, J to N
1 to 5, P 7, R 9, S to Z 2 to 9.  Weights 8 7 6 5 4 3 2 10 0 9 8 7 6 5 4 3 2.

China and North America require the check digit, Europe does not.  One in eleven serial numbers of
17 characters passes it by chance, so a VIN without context must also have a usual form.
"""

from __future__ import annotations

from piiscan.arrays import Int32, UInt8
from piiscan.detect.arithmetic.check_steps import Step, length_step, weighted_sum_step
from piiscan.detect.checks import Judgement, judge_rows
from piiscan.detect.checks.check_kernels import VIN_CHECK
from piiscan.detect.checks.device_kernels import VIN_EUROPE, VIN_MAKERS, VIN_VALUES, VIN_WEIGHTS


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge VINs: verified by the check digit, plausible if a European one is wrong.

    LOW without letters or with an unusual form: no model year, letters in the last four characters,
    a maker in a region that sells hardly any cars to China.

    >>> import numpy as np
    >>> value = np.frombuffer(b"1M8GDM9AXKP042788", np.uint8)[None]
    >>> check(value, np.array([17], np.int32), as_of=20261231).verdict.tolist()
    [2]
    """
    return judge_rows(VIN_CHECK, chars, length, as_of)


def steps(value: str, *, as_of: int) -> list[Step]:
    """Return the check steps of a VIN: alphabet, check digit in ninth place, maker's region.

    >>> [step.passed for step in steps("1M8GDM9AXKP042788", as_of=20261231)]
    [True, True]
    """
    del as_of
    codes = value.encode("ascii", "replace")
    numbers = [VIN_VALUES.get(code, 99) for code in codes]
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
        VIN_WEIGHTS,
        modulus=11,
        expected=lambda rest: "0123456789X"[rest],
        actual=value[8],
    )
    free = codes[0] in VIN_EUROPE and not value.isdigit()
    if not weighed.passed and free:
        weighed = Step("vin_free", None, weighed.values, weighed.rows)
    return [Step("maker", codes[0] in VIN_MAKERS or None, {"code": value[:3]}), weighed]

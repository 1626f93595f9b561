"""Foreign permanent residents' identity cards (2023): 9, province, country, birth, MOD 11-2.

One in a few thousand all-digit company codes passes MOD 11-2 and reads as a birth date.  The
country must therefore be one of ISO 3166-1 and not China itself.
"""

from __future__ import annotations

from typing import Final

from piiscan.arrays import Int32, UInt8
from piiscan.data import PROVINCES, countries
from piiscan.detect.arithmetic.check_steps import Step, birth_step, is_digits, length_step
from piiscan.detect.checks import Judgement, judge_rows
from piiscan.detect.checks.check_kernels import FOREIGN_PR_ID_CHECK
from piiscan.detect.checks.resident_id import mod_11_2_step

_CHINA: Final = 156


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge foreigners' cards: verified by province, country, birth date and check character.

    >>> import numpy as np
    >>> value = np.frombuffer(b"911124198108030024", np.uint8)[None]
    >>> check(value, np.array([18], np.int32), as_of=20261231).verdict.tolist()
    [2]
    """
    return judge_rows(FOREIGN_PR_ID_CHECK, chars, length, as_of)


def steps(value: str, *, as_of: int) -> list[Step]:
    """Return the check steps of a foreigner's card: head and country, birth, check character.

    >>> [step.name for step in steps("911124198108030024", as_of=20261231)]
    ['province', 'country', 'birth', 'mod_11_2']
    """
    if not is_digits(value[:17], 17) or len(value) != 18:
        return [length_step(value, "18")]
    province = value[0] == "9" and int(value[1:3]) in PROVINCES
    country = bool(countries()[0][int(value[3:6])]) and int(value[3:6]) != _CHINA
    return [
        Step("province", province, {"code": value[1:3]}),
        Step("country", country, {"code": value[3:6]}),
        birth_step(value[6:14], as_of=as_of),
        mod_11_2_step(value),
    ]

"""IMEI numbers (3GPP TS 23.003, GSMA TS.06): Luhn over 15 digits and a reporting body's prefix.

IMEISV (16 digits) and MEID (14 characters, from A to F or 99 on) have no check digit here.  They
count only under their label.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Int32, UInt8
from piiscan.detect.arithmetic.check_steps import Step, length_step, luhn_step
from piiscan.detect.arithmetic.digits import all_digits, digit_columns, is_among, luhn, number
from piiscan.detect.checks import Judgement, Strength, Verdict
from piiscan.detect.checks.check_kernels import MAX_IMEI

_IMEI: Final = 15
_MEID: Final = 14
#: Two-digit prefixes of bodies that allot or allotted type codes (GSMA TS.06, Annex).
_BODIES: Final = np.isin(
    np.arange(100), (1, 10, 30, 33, 35, 44, 45, 49, 50, 51, 52, 53, 54, 86, 91, 98, 99)
)
_CHINA_NETWORK: Final = 460  # such a number is an IMSI even if Luhn passes
_KEYBOARD: Final = (1234567, 123456)  # 1234567…, 0123456…


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge IMEIs: verified by Luhn and prefix; plausible as IMEISV or MEID.

    An unknown prefix makes an IMEI plausible.  Other values are refuted.

    >>> value = np.frombuffer(b"860000000000009", np.uint8)[None]
    >>> check(value, np.array([15], np.int32), as_of=20261231).verdict.tolist()
    [2]
    """
    del as_of
    digits = digit_columns(chars, MAX_IMEI)
    capital = (digits[0] >= 17) & (digits[0] <= 22)  # A to F
    meid = (length == _MEID) & (capital | ((digits[0] == 9) & (digits[1] == 9)))
    plain = all_digits(digits[:_IMEI]) & (length == _IMEI)
    version = all_digits(digits) & (length == MAX_IMEI)
    judged = Judgement.of(len(chars), Verdict.VERIFIED)
    judged.mark(~(plain | version | meid), "LENGTH_WRONG", verdict=Verdict.REFUTED)
    judged.verdict[meid] = Verdict.PLAUSIBLE
    judged.strength[meid] = Strength.LOW
    same = (digits[:_MEID] == digits[0]).all(axis=0)
    judged.mark(same & ~meid, "FILLER", verdict=Verdict.REFUTED)
    network = number(digits[:3]) == _CHINA_NETWORK
    judged.mark(network & ~meid, "PREFIX_UNALLOTTED", verdict=Verdict.REFUTED)
    right = luhn(np.where(plain[:, None], chars, np.uint8(48)), length, _IMEI)
    judged.mark(plain & ~right, "LUHN_FAIL", verdict=Verdict.REFUTED)
    judged.verdict[version & (judged.reason == 0)] = Verdict.PLAUSIBLE
    judged.strength[version & (judged.reason == 0)] = Strength.LOW
    numbers = plain | version
    typed = is_among(number(digits[:7]), _KEYBOARD) | (number(digits[:2]) == 0)
    judged.mark(numbers & typed, "TEST_LIKE", strength=Strength.LOW)
    body = _BODIES[np.minimum(number(digits[:2]), 99)]
    judged.mark(
        numbers & ~body, "PREFIX_UNALLOTTED", verdict=Verdict.PLAUSIBLE, strength=Strength.LOW
    )
    return judged


def steps(value: str, *, as_of: int) -> list[Step]:
    """Return the check steps of an IMEI: reporting body, and Luhn over 15 digits.

    IMEISV and MEID have no Luhn digit.

    >>> [step.passed for step in steps("860000000000009", as_of=20261231)]
    [True, True]
    """
    del as_of
    if len(value) == _MEID and (value[0] in "ABCDEF" or value[:2] == "99"):
        return [Step("meid", True), Step("no_check_digit", None)]
    if not value.isascii() or not value.isdigit() or len(value) not in (_IMEI, MAX_IMEI):
        return [length_step(value, "15, 16")]
    if len(set(value[:_MEID])) == 1:
        return [Step("filler", False)]
    if int(value[:3]) == _CHINA_NETWORK:
        return [Step("is_imsi", False, {"code": value[:3]})]
    body = Step("body", bool(_BODIES[int(value[:2])]) or None, {"code": value[:2]})
    last = luhn_step(value) if len(value) == _IMEI else Step("no_check_digit", None)
    return [body, last]

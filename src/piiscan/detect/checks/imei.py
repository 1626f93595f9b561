"""IMEI numbers (3GPP TS 23.003, GSMA TS.06): Luhn over 15 digits and a reporting body's prefix.

IMEISV (16 digits) and MEID (14 characters, from A to F or 99 on) have no check digit here.  They
count only under their label.
"""

from __future__ import annotations

from typing import Final

from piiscan.arrays import Int32, UInt8
from piiscan.detect.arithmetic.check_steps import Step, length_step, luhn_step
from piiscan.detect.checks import Judgement, judge_rows
from piiscan.detect.checks.check_kernels import IMEI_CHECK
from piiscan.detect.checks.device_kernels import IMEI_BODIES

_IMEI: Final = 15
_IMEISV: Final = 16
_MEID: Final = 14
_CHINA_NETWORK: Final = 460  # such a number is an IMSI even if Luhn passes


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge IMEIs: verified by Luhn and prefix; plausible as IMEISV or MEID.

    An unknown prefix makes an IMEI plausible.  Other values are refuted.

    >>> import numpy as np
    >>> value = np.frombuffer(b"860000000000009", np.uint8)[None]
    >>> check(value, np.array([15], np.int32), as_of=20261231).verdict.tolist()
    [2]
    """
    return judge_rows(IMEI_CHECK, chars, length, as_of)


def steps(value: str, *, as_of: int) -> list[Step]:
    """Return the check steps of an IMEI: reporting body, and Luhn over 15 digits.

    IMEISV and MEID have no Luhn digit.

    >>> [step.passed for step in steps("860000000000009", as_of=20261231)]
    [True, True]
    """
    del as_of
    if len(value) == _MEID and (value[0] in "ABCDEF" or value[:2] == "99"):
        return [Step("meid", True), Step("no_check_digit", None)]
    if not value.isascii() or not value.isdigit() or len(value) not in (_IMEI, _IMEISV):
        return [length_step(value, "15, 16")]
    if len(set(value[:_MEID])) == 1:
        return [Step("filler", False)]
    if int(value[:3]) == _CHINA_NETWORK:
        return [Step("is_imsi", False, {"code": value[:3]})]
    body = Step("body", int(value[:2]) in IMEI_BODIES or None, {"code": value[:2]})
    last = luhn_step(value) if len(value) == _IMEI else Step("no_check_digit", None)
    return [body, last]

"""IMEI numbers (3GPP TS 23.003, GSMA TS.06): Luhn over 15 digits and a reporting body's prefix.

IMEISV (16 digits) and MEID (14 characters, from A to F or 99 on) have no check digit here.  They
count only under their label.
"""

from __future__ import annotations

from typing import Final

from piiscan.detect.arithmetic.check_steps import CheckSteps, Step, decide, length_step, luhn_step
from piiscan.detect.checks.device_kernels import IMEI_BODIES

_IMEI: Final = 15
_IMEISV: Final = 16
_MEID: Final = 14
_CHINA_NETWORK: Final = 460  # such a number is an IMSI even if Luhn passes
_TYPED: Final = ("1234567", "0123456", "00")  # along the keyboard
_NO_CHECK_DIGIT: Final = Step("no_check_digit", None, strength="LOW")


def steps(value: str, *, as_of: int) -> CheckSteps:
    """Return the check steps of an IMEI: reporting body, and Luhn over 15 digits.

    IMEISV and MEID have no Luhn digit.

    >>> steps("860000000000009", as_of=20261231).outcome.verdict
    'VERIFIED'
    """
    del as_of
    if len(value) == _MEID and (value[0] in "ABCDEF" or value[:2] == "99"):
        return decide(Step("meid", True), _NO_CHECK_DIGIT)
    if not value.isascii() or not value.isdigit() or len(value) not in (_IMEI, _IMEISV):
        return decide(length_step(value, "15, 16"))
    if len(set(value[:_MEID])) == 1:
        return decide(Step("filler", False, reason="FILLER"))
    if int(value[:3]) == _CHINA_NETWORK:
        return decide(Step("is_imsi", False, {"code": value[:3]}, reason="PREFIX_UNALLOTTED"))
    last = luhn_step(value) if len(value) == _IMEI else _NO_CHECK_DIGIT
    known, code = int(value[:2]) in IMEI_BODIES, {"code": value[:2]}
    reason, verdict = "PREFIX_UNALLOTTED", "" if known else "PLAUSIBLE"
    if value.startswith(_TYPED):
        reason, verdict = "TEST_LIKE", "VERIFIED" if last.passed else "PLAUSIBLE"
    body = Step("body", known or None, code, reason=reason, strength="LOW", verdict=verdict)
    return decide(body, last)

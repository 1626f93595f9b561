"""Waybill numbers of couriers: no public check digit; times, days and barcodes are refuted.

Thirteen digits can be milliseconds since 1970 or a retail barcode, eight a day, ten seconds.  Old
forms without the carrier's letters are LOW.
"""

from __future__ import annotations

from piiscan.data import KNOWN, regions
from piiscan.detect.arithmetic.check_steps import CheckSteps, Step, decide, is_likely_day
from piiscan.detect.arithmetic.weighted_sums import EAN_13
from piiscan.detect.checks.check_numbers import (
    CHINA_BARCODES_FROM,
    CHINA_BARCODES_TO,
    EPOCH_FROM,
    EPOCH_TO,
)


def steps(value: str, *, as_of: int) -> CheckSteps:
    """Return the check steps of a waybill number: it is no time, barcode or day.

    >>> [step.name for step in steps("1689145200002", as_of=20261231).steps]
    ['epoch']
    """
    del as_of
    size, plain = len(value), value[:1].isdigit()
    if value.isascii() and value.isdigit():
        if size in (10, 13) and EPOCH_FROM <= int(value[:7]) < EPOCH_TO:
            return decide(Step("epoch", False, reason="EPOCH_TIME"))
        china = CHINA_BARCODES_FROM <= int(value[:3]) <= CHINA_BARCODES_TO
        if size == 13 and china and EAN_13.check_char(value[:12]) == value[12]:
            return decide(Step("barcode", False, {"code": value[:3]}, reason="EAN_BARCODE"))
        if is_likely_day(value):
            return decide(Step("not_a_number_but_a_day", False, reason="LOOKS_LIKE_DATE"))
    strength = ""
    if value.isdigit() and size == 15 and value[:2] in ("43", "46"):
        known = regions()[int(value[:6])] == KNOWN or "460000" <= value[:6] < "460210"
        strength = "" if known else "MEDIUM"
    old = (size <= 12 or size == 18) if plain else size in (10, 14) or value.startswith("DN")
    return decide(
        Step("carrier_form", True, {"count": size}),
        Step("no_check_digit", None, strength="LOW" if old else strength),
    )

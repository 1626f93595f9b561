"""Bank card numbers (ISO/IEC 7812, 14 to 19 digits): issuer and length from a table, and Luhn.

Luhn alone passes one number in ten, so the issuer decides the strength.  A listed issuer with this
length is HIGH.  An unlisted 62 (China UnionPay), or an international scheme with its length, is
MEDIUM.  Any other number is LOW, also one of a listed issuer with another
length.  A failed Luhn refutes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from piiscan.arrays import Int32
from piiscan.data import bins
from piiscan.detect.arithmetic.check_steps import CheckSteps, Step, decide, length_step, luhn_step
from piiscan.detect.checks.check_numbers import MAX_CARD, MIN_CARD

#: International schemes: first four digits (from, to) and length, by their IIN ranges.
_SCHEMES: Final = (
    (4000, 4999, 16),  # Visa
    (5100, 5599, 16),  # Mastercard
    (2221, 2720, 16),  # Mastercard
    (3400, 3499, 15),  # American Express
    (3700, 3799, 15),  # American Express
    (3528, 3589, 16),  # JCB
    (3000, 3059, 14),  # Diners Club
    (3600, 3699, 14),  # Diners Club
    (3800, 3899, 14),  # Diners Club
    (6011, 6011, 16),  # Discover
    (6440, 6599, 16),  # Discover
)


def _scheme_lengths() -> Int32:
    """Return card lengths by first four digits: int32[10_000], bit ``n`` for n digits."""
    lengths = np.zeros(10_000, np.int32)
    for low, high, length in _SCHEMES:
        lengths[low : high + 1] |= 1 << length
    lengths[6200:6300] |= sum(1 << length for length in range(16, 20))  # China UnionPay
    return lengths


#: Card lengths of the schemes by first four digits: int32[10_000], bit ``n`` for n digits.
SCHEME_LENGTHS: Final = _scheme_lengths()


def steps(value: str, *, as_of: int) -> CheckSteps:
    """Return the check steps of a bank card number: issuer with its card lengths, Luhn.

    >>> steps("6217000000000006", as_of=20261231).outcome
    Outcome(verdict='PLAUSIBLE', reason='BIN_LENGTH', strength='LOW')
    """
    del as_of
    if not value.isascii() or not value.isdigit() or not MIN_CARD <= len(value) <= MAX_CARD:
        return decide(length_step(value, "14-19"))
    if len(value) == 16 and value[0] == "1":  # microseconds since 1970
        return decide(Step("epoch", False, reason="EPOCH_TIME"), luhn_step(value))
    lengths = int(bins().lengths(np.array([int(value[:10])], np.int64))[0])
    values: dict[str, str | int] = {
        "code": value[:6],
        "count": len(value),
        "wanted": "、".join(str(n) for n in range(MAX_CARD + 1) if lengths >> n & 1),
    }
    if lengths >> len(value) & 1:
        issuer = Step("issuer", True, values)
    elif lengths:
        issuer = _doubt("issuer_length", values, "BIN_LENGTH")
    elif SCHEME_LENGTHS[int(value[:4])] >> len(value) & 1:
        issuer = Step("issuer_scheme", None, values, reason="BIN_UNKNOWN", strength="MEDIUM")
    else:
        issuer = _doubt("issuer_none", values, "BIN_UNKNOWN")
    return decide(issuer, luhn_step(value))


def _doubt(name: str, values: Mapping[str, str | int], reason: str) -> Step:
    """Return the step of an issuer for which Luhn alone verifies no number."""
    return Step(name, None, values, reason=reason, strength="LOW", verdict="PLAUSIBLE")

"""Ratios as text: exact fractions, printed with two decimal places.

Rounded half-up, but never across a whole line: a ratio below 1 (or 10) is not printed as 1.00.
"""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from typing import Final

PLACES: Final = Decimal("0.01")
#: Whole ratios that rounding must not cross.
LINES: Final = (1, 10)


def format_ratio(ratio: Fraction) -> str:
    """Return the ratio with two decimal places.

    >>> format_ratio(Fraction(7967, 5000)), format_ratio(Fraction(7967, 2500))
    ('1.59', '3.19')
    >>> format_ratio(Fraction(4300, 500)), format_ratio(Fraction(1, 200))
    ('8.60', '0.01')
    >>> format_ratio(Fraction(4999, 5000)), format_ratio(Fraction(49999, 5000))
    ('0.99', '9.99')
    """
    # Enough digits for the whole part and a remainder: exact before rounding.
    context = Context(prec=len(str(int(ratio))) + 40)
    value = context.divide(Decimal(ratio.numerator), Decimal(ratio.denominator))
    rounded = value.quantize(PLACES, ROUND_HALF_UP, context)
    if any(ratio < line <= rounded for line in LINES):
        rounded = value.quantize(PLACES, ROUND_DOWN, context)
    return str(rounded)

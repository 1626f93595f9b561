"""Ratios as figures: exact fractions, shown with two places.

Rounded half-up, but never across a whole line: what is below 1 (or 10) is not shown as 1.00.
"""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from typing import Final

PLACES: Final = Decimal("0.01")
#: Lines that rounding must not cross.
LINES: Final = (1, 10)


def show(ratio: Fraction) -> str:
    """The ratio with two places.

    >>> show(Fraction(7967, 5000)), show(Fraction(7967, 2500)), show(Fraction(4300, 500))
    ('1.59', '3.19', '8.60')
    >>> show(Fraction(4999, 5000)), show(Fraction(1, 200)), show(Fraction(49999, 5000))
    ('0.99', '0.01', '9.99')
    """
    # As many digits as the whole part needs, and a remainder that decides: exact before rounding.
    context = Context(prec=len(str(int(ratio))) + 40)
    value = context.divide(Decimal(ratio.numerator), Decimal(ratio.denominator))
    rounded = value.quantize(PLACES, ROUND_HALF_UP, context)
    if any(ratio < line <= rounded for line in LINES):
        rounded = value.quantize(PLACES, ROUND_DOWN, context)
    return str(rounded)


def spell(ratio: Fraction) -> str:
    """The ratio as a fraction of whole numbers.

    >>> spell(Fraction(11, 10)), spell(Fraction(2))
    ('11/10', '2')
    """
    return str(ratio)

"""Macau identity cards: seven digits and a check digit in brackets, whose rule is not public."""

from __future__ import annotations

from functools import partial
from typing import Final

from piiscan.detect.checks import canonical_rows
from piiscan.detect.checks.check_numbers import MO_ID_CHECK

#: Bracket the last digit of Macau card numbers: ``12345678 -> 1234567(8)``.
canonical: Final = partial(canonical_rows, MO_ID_CHECK)

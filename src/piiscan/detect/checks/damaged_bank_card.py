"""Card numbers that a spreadsheet has rounded: ``6.217E+18``, or nineteen digits ending in 0000."""

from __future__ import annotations

from functools import partial
from typing import Final

from piiscan.detect.checks import judge_rows
from piiscan.detect.checks.check_numbers import DAMAGED_BANK_CARD_CHECK

#: Judge rounded bank cards: plausible (DAMAGED_…); refuted by unlisted issuer or valid Luhn.
check: Final = partial(judge_rows, DAMAGED_BANK_CARD_CHECK)

"""Card numbers broken by a line end: as other cards, but the issuer must be listed.

Two numbers on two lines form a Luhn number in one case of ten.  Only the issuer's prefix and the
card length separate them from a card.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from piiscan.detect.checks import judge_rows
from piiscan.detect.checks.check_numbers import LISTED_CARD_CHECK

#: Judge bank card numbers as :func:`bank_card.check` does, but LOW if the issuer is unlisted.
check: Final = partial(judge_rows, LISTED_CARD_CHECK)

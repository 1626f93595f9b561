"""Card numbers broken by a line end: as other cards, but the issuer must be listed.

Two numbers on two lines form a Luhn number in one case of ten.  Only the issuer's prefix and the
card length separate them from a card.
"""

from __future__ import annotations

from piiscan.arrays import Int32, UInt8
from piiscan.detect.checks import Judgement, judge_rows
from piiscan.detect.checks.check_kernels import LISTED_CARD_CHECK


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge bank card numbers as :func:`bank_card.check` does, but LOW if the issuer is unlisted.

    >>> import numpy as np
    >>> value = np.frombuffer(b"4111111111111111", np.uint8)[None]
    >>> check(value, np.array([16], np.int32), as_of=20261231).strength.tolist()
    [1]
    """
    return judge_rows(LISTED_CARD_CHECK, chars, length, as_of)

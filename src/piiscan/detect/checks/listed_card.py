"""Bank card numbers that a line end breaks: as others, but the issuer must be a listed one.

Two numbers on two lines make a Luhn number in one case of ten (domain A.5): only the issuer's
number and its length tell them from a card.
"""

from __future__ import annotations

from piiscan.arrays import Int32, UInt8
from piiscan.detect.checks import Judgement, Strength, bank_card


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """As :func:`bank_card.check`, LOW where the issuer is in no table.

    >>> import numpy as np
    >>> value = np.frombuffer(b"4111111111111111", np.uint8)[None]
    >>> check(value, np.array([16], np.int32), as_of=20261231).strength.tolist()
    [1]
    """
    judged = bank_card.check(chars, length, as_of=as_of)
    judged.strength[judged.strength != Strength.KEEP] = Strength.LOW
    return judged

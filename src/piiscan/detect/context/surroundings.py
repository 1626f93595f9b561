"""Surroundings of a candidate that contradict it: tokens, decimal numbers, amounts, letters.

No finding starts or ends inside a hash, base64 or UUID run, or inside a decimal number.  None
touches a currency sign.  ``¥13800138000`` -> AMOUNT_SIGN, ``13800138000元`` -> AMOUNT_UNIT,
``13800138000件。`` too.
The matcher itself rejects parts of longer digit runs.
"""

from __future__ import annotations

from typing import NamedTuple

from piiscan.arrays import Bool, UInt8
from piiscan.detect.matching.alphabet import KIND_LETTER, SKIP, Alphabet


class SurroundingBytes(NamedTuple):
    """Classes of the folded bytes next to a candidate: arrays of 256 entries.

    Attributes:
        kind: kind of the character
        currency: True for a currency sign (¥)
        unit: True for a unit of money or measure (元)
        scale: True for a number word before a unit (万)
        quantity: True for a unit of quantities (件), if no word begins with it
        neutral: True if the byte cannot contradict a candidate next to it
    """

    kind: UInt8
    currency: Bool
    unit: Bool
    scale: Bool
    quantity: Bool
    neutral: Bool

    @classmethod
    def of(cls, alphabet: Alphabet) -> SurroundingBytes:
        """Build the classes of the bytes of ``alphabet``."""
        neutral = ~(alphabet.currency | alphabet.unit | alphabet.scale | alphabet.measure)
        neutral &= (alphabet.kind != KIND_LETTER) & ~alphabet.count
        neutral[[SKIP, ord(" "), ord("-"), ord("."), ord("%")]] = False
        unit = alphabet.unit | alphabet.measure
        return cls(alphabet.kind, alphabet.currency, unit, alphabet.scale, alphabet.count, neutral)

"""Table of weighted check sums: one row a number, read by the compiled checks and by `steps`.

``check = checks[sum(value * weight) % len(checks)]``; the rows are in capitals.
``43010419050615001 -> sum 193, 193 % 11 = 6, "10X98765432"[6] = 6``
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from piiscan.data import IDENTITY_CHECKS, IDENTITY_WEIGHTS

_DIGITS: Final = "0123456789"
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _by_place(chars: str) -> dict[str, int]:
    """Return the place of each character: ``"AB" -> {"A": 0, "B": 1}``."""
    return {char: place for place, char in enumerate(chars)}


@dataclass(frozen=True, slots=True)
class WeightedSum:
    """A weighted check sum.

    Attributes:
        weights: one weight a character
        checks: check character by remainder; as many as the modulus
        values: value of each character
    """

    weights: tuple[int, ...]
    checks: str
    values: Mapping[str, int]

    def check_char(self, body: str) -> str:
        """Return the check character of ``body``; ``body`` may have fewer characters than weights.

        >>> GB_11643.check_char("43010419050615001")
        '6'
        """
        pairs = zip(body, self.weights, strict=False)
        total = sum(self.values[char] * weight for char, weight in pairs)
        return self.checks[total % len(self.checks)]


def _taiwan_letters() -> dict[str, int]:
    """Return the addend of each county letter: its number's first digit, and nine times its second.

    The letters have numbers from 10 on, I and O the last two: A is 10 and adds 1 + 9 * 0.
    """
    numbers = enumerate("ABCDEFGHJKLMNPQRSTUVXYWZIO", start=10)
    return {letter: (number // 10 + number % 10 * 9) % 10 for number, letter in numbers}


#: Resident identity numbers.
GB_11643: Final = WeightedSum(IDENTITY_WEIGHTS, IDENTITY_CHECKS, _by_place(_DIGITS))
#: Organisation codes (GB 11714-1997): digits and letters, A is 10.
GB_11714: Final = WeightedSum(
    (3, 7, 9, 10, 5, 8, 4, 2), "0X987654321", _by_place(_DIGITS + _LETTERS)
)
#: Unified social credit codes, MOD 31-3 (GB 32100-2015): ``3**place % 31``; no I, O, S, V and Z.
GB_32100: Final = WeightedSum(
    tuple(3**place % 31 for place in range(17)),
    "0YXWUTRQPNMLKJHGFEDCBA987654321",
    _by_place("0123456789ABCDEFGHJKLMNPQRTUWXY"),
)
#: A to H, J to R, S to Z.
_VIN_LETTERS: Final = (*range(1, 9), *range(1, 6), 7, 9, *range(2, 10))
#: Vehicle identification numbers (GB 16735, ISO 3779); the check character is in ninth place.
GB_16735: Final = WeightedSum(
    (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2),
    "0123456789X",
    _by_place(_DIGITS) | dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", _VIN_LETTERS, strict=True)),
)
#: Hong Kong identity cards: ``·`` for the missing letter before a single one, A for ten.
HK_ID: Final = WeightedSum(
    (9, 8, 7, 6, 5, 4, 3, 2), "0A987654321", _by_place(_DIGITS + _LETTERS + "·")
)
#: Taiwan identity numbers: letter and eight digits.
TW_ID: Final = WeightedSum(
    (1, 8, 7, 6, 5, 4, 3, 2, 1), "0987654321", _by_place(_DIGITS) | _taiwan_letters()
)
#: International postal items (UPU S10).
S10: Final = WeightedSum((8, 6, 4, 2, 3, 5, 9, 7), "50987654321", _by_place(_DIGITS))
#: UPS tracking numbers behind 1Z: A is 2, J is 1.
UPS: Final = WeightedSum(
    (1, 2) * 7 + (1,),
    "0987654321",
    _by_place(_DIGITS) | {letter: (place + 2) % 10 for place, letter in enumerate(_LETTERS)},
)
#: FedEx Express, eleven digits; remainder 10 is 0.
FEDEX: Final = WeightedSum((3, 1, 7) * 3 + (3, 1), "01234567890", _by_place(_DIGITS))
#: DHL Express: nine digits as a number, modulo 7.
DHL: Final = WeightedSum((2, 3, 1, 5, 4, 6, 2, 3, 1), "0123456", _by_place(_DIGITS))
#: Retail barcodes (GS1 EAN-13).
EAN_13: Final = WeightedSum((1, 3) * 6, "0987654321", _by_place(_DIGITS))
#: Fields of machine-readable passports (ICAO Doc 9303 part 3): digits and letters, A is 10.
MRZ: Final = WeightedSum((7, 3, 1) * 13, _DIGITS, _by_place(_DIGITS + _LETTERS) | {"<": 0})
#: Unified business numbers of Taiwan: weights of a sum of the products' digits, modulo 5.
TW_UBN_WEIGHTS: Final = (1, 2, 1, 2, 1, 2, 4, 1)

"""Telephone numbers outside the mainland, by libphonenumber, in international form.

``00855 92 123 456 -> +85592123456``; with the region PH, ``0917 123 4567 -> +639171234567``.
Eight digits that are also a day (``20230101``) are refused where only a label of the region makes
them a number.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np

from piiscan.arrays import Int32, UInt8

_WIDTH: Final = 16  # + and at most 15 digits


@lru_cache(1 << 16)
def international(digits: str, region: str | None) -> str:
    """Return a number with ``+`` and its country code; "" if it is not valid.

    ``digits``: with country code, after 00 or nothing, or the national form in ``region``.  Numbers
    of the mainland are not read here.

    >>> international("0085592123456", None), international("09171234567", "PH")
    ('+85592123456', '+639171234567')
    """
    import phonenumbers

    text = digits if region else f"+{digits.removeprefix('00')}"
    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return ""
    if parsed.country_code == 86 or not phonenumbers.is_valid_number(parsed):
        return ""
    if region and phonenumbers.region_code_for_number(parsed) != region:
        return ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


@lru_cache(1 << 16)
def region_of(value: str) -> str | None:
    """Return the ISO code of the region of an international number, None if unknown.

    >>> region_of("+85291234567"), region_of("+639171234567")
    ('HK', 'PH')
    """
    import phonenumbers

    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(value))
    except phonenumbers.NumberParseException:
        return None


def canonical(chars: UInt8, length: Int32, *, region: str | None = None) -> tuple[UInt8, Int32]:
    """Write valid numbers as ``+CCNNNNNNNN``; others keep their digits.

    ``region``: ISO code of the place whose national form the digits are.
    """
    del length
    given = np.ascontiguousarray(chars).view(f"S{chars.shape[1]}")[:, 0].tolist()
    found = [international(each.decode(), region) or each.decode() for each in given]
    width = max([_WIDTH, *map(len, found)])
    padded = b"".join(text.encode().ljust(width, b"\0") for text in found)
    values = np.frombuffer(padded, np.uint8).reshape(len(found), width)
    return values.copy(), np.array([len(text) for text in found], np.int32)

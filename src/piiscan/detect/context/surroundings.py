"""Surroundings of a candidate that contradict it: tokens, decimal numbers, amounts, letters.

No finding starts or ends inside a hash, base64 or UUID run, or inside a decimal number.  None
touches a currency sign.  ``¥13800138000`` -> AMOUNT_SIGN, ``13800138000元`` -> AMOUNT_UNIT,
``13800138000件。`` too.
The matcher itself rejects parts of longer digit runs.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np

from piiscan.arrays import Bool, Int64, UInt8
from piiscan.detect.matching.alphabet import KIND_HAN, KIND_HAN_DIGIT, KIND_LETTER, SKIP, Alphabet
from piiscan.jit import inner

CLEAR: Final = 0
GLUED: Final = 1  # letters on both sides: low
DECIMAL: Final = 2  # part of a decimal number: low
AMOUNT_UNIT: Final = 3  # 元 after it: low
AMOUNT_SIGN: Final = 4  # ¥ before it: refused
INSIDE_TOKEN: Final = 5  # inside a hash, UUID or base64 run: refused
_CURRENCIES: Final = (
    "RMB CNY CNH USD HKD EUR JPY GBP KRW TWD rmb cny cnh usd hkd eur jpy gbp krw twd"
)
_MEASURES: Final = "kg km mg ml mL mm cm ms us ns px KB kB MB GB TB Hz kHz MHz bytes byte"


class SurroundingBytes(NamedTuple):
    """Meaning of each folded byte next to a candidate; the arrays have 256 entries.

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
        """Return the meanings of the bytes of ``alphabet``."""
        neutral = ~(alphabet.currency | alphabet.unit | alphabet.scale | alphabet.measure)
        neutral &= (alphabet.kind != KIND_LETTER) & ~alphabet.count
        neutral[[SKIP, ord(" "), ord("-"), ord("."), ord("%")]] = False
        unit = alphabet.unit | alphabet.measure
        return cls(alphabet.kind, alphabet.currency, unit, alphabet.scale, alphabet.count, neutral)


def _word_numbers(words: str) -> Int64:
    """Convert blank-separated words to big-endian integers, as the kernel reads letters."""
    return np.array([int.from_bytes(word.encode(), "big") for word in words.split()], np.int64)


_CURRENCY_NUMBERS: Final = _word_numbers(_CURRENCIES)
_UNIT_WORDS: Final = f"{_CURRENCIES} {_MEASURES}".split()
_UNIT_NUMBERS: Final = _word_numbers(f"{_CURRENCIES} {_MEASURES}")
_FIRST_LETTERS: Final = np.isin(np.arange(256), [ord(each[0]) for each in _UNIT_WORDS])
_LAST_LETTERS: Final = np.isin(np.arange(256), [ord(each[-1]) for each in _CURRENCIES.split()])
_NUMBER_SIEVE: Final = np.isin(np.arange(1021), _UNIT_NUMBERS % 1021)  # rejects most words quickly
_FORWARD: Final[Any] = np.int64(1)  # a literal would compile _is_unit_word twice
_BACKWARD: Final[Any] = np.int64(-1)
#: Code points to read on each side of a span to find its run.
_MAX_RUN: Final = 96


@inner
def _is_inside_token(  # noqa: C901 - one pass over a run, kept in one kernel
    folded: UInt8, start: int, end: int, kind: UInt8
) -> bool:  # pragma: no cover - compiled
    """Return True if the span is part of a longer run that looks like a hash, UUID or random key.

    run := { letter | digit | "+" | "-" | "_" }, at most 96 code points on each side, with a letter
    or digit outside the span
    hash := 32 hex digits or more; uuid := 36 hex digits and 4 dashes
    key := 20 characters or more that often change between letters and digits
    """
    left = start
    while start - left < _MAX_RUN and (
        _is_alnum(kind[folded[left - 1]]) or _is_joiner(folded[left - 1])
    ):
        left -= 1
    right = end
    while right - end < _MAX_RUN and (_is_alnum(kind[folded[right]]) or _is_joiner(folded[right])):
        right += 1
    outside = False  # ``----`` around a span does not make it a part of anything
    for place in range(left, right):
        outside |= not start <= place < end and _is_alnum(kind[folded[place]])
    if not outside:
        return False
    hex_run = dashes = turns = upper = lower = digit = 0
    all_hex = True
    span_hex = 0
    for place in range(left, right):
        byte = folded[place]
        is_digit = 48 <= byte <= 57
        is_hex = is_digit or 65 <= byte <= 70 or 97 <= byte <= 102
        if is_hex:
            hex_run += 1
            if place >= start:
                span_hex = max(span_hex, hex_run)
        else:
            if place < end:
                hex_run = 0
                span_hex = 0
            else:
                hex_run = -1000
            if byte == 45:
                dashes += 1
            else:
                all_hex = False
        digit += is_digit
        upper += 65 <= byte <= 90
        lower += 97 <= byte <= 122
        if place > left and is_digit != (48 <= folded[place - 1] <= 57):
            turns += 1
    if span_hex >= 32 and upper + lower > 0:
        return True
    if all_hex and dashes == 4 and right - left == 36:
        return True
    touched = kind[folded[start - 1]] == 2 or kind[folded[end]] == 2
    if touched and turns >= 4 and right - left >= 20:
        return True
    return right - left >= 40 and turns >= 6 and upper > 0 and lower > 0 and digit > 0


@inner
def _is_alnum(kind: int) -> bool:  # pragma: no cover - compiled
    """Return True if a byte of this ``kind`` is a digit or a Latin letter."""
    return kind == 1 or kind == 2


@inner
def _is_joiner(byte: int) -> bool:  # pragma: no cover - compiled
    """Return True if ``byte`` is ``+``, ``-`` or ``_``, which join the parts of a token."""
    return byte == 43 or byte == 45 or byte == 95


@inner
def _is_decimal(folded: UInt8, start: int, end: int, kind: UInt8) -> bool:  # pragma: no cover
    """Return True if the digits are part of a decimal number: ``12.345``, ``5e5``.

    The item number ``1.`` of a list and the ending ``.0`` do not count.
    """
    if folded[end] | 32 == 101:
        return bool(kind[folded[end + 1 + (folded[end + 1] in (43, 45))]] == 1)
    if folded[end] == 46 and kind[folded[end + 1]] == 1:
        return not (folded[end + 1] == 48 and kind[folded[end + 2]] != 1)
    if folded[start - 1] != 46 or kind[folded[start - 2]] != 1:
        return False
    before = start - 2
    while kind[folded[before]] == 1:
        before -= 1
    return not (start - before <= 5 and (folded[before] == 0 or folded[before] == 10))


@inner
def _classify(
    folded: UInt8, first: int, last: int, meaning: SurroundingBytes
) -> int:  # pragma: no cover - compiled
    """Return the surroundings code (CLEAR … INSIDE_TOKEN) of the span ``folded[first:last]``."""
    kind = meaning.kind
    begins = kind[folded[first]]
    ends = kind[folded[last - 1]]
    before = kind[folded[first - 1]]
    after = kind[folded[last]]
    number = begins == 1 and ends == 1
    sign = first - 1 - (folded[first - 1] == 32)
    joined = folded[first - 1] == 45 or folded[last] == 45
    touched = _is_alnum(begins) and (before == 2 or after == 2 or joined)
    if touched and _is_inside_token(folded, first, last, kind):
        return INSIDE_TOKEN
    if number and meaning.currency[folded[sign]]:
        return AMOUNT_SIGN
    if begins == 1 and before == 2 and after == 2:
        return GLUED
    if number and folded[last] == 46 and _is_page_name(folded, first, last):
        return GLUED
    if number and _is_decimal(folded, first, last, kind):
        return DECIMAL
    signed = folded[first] == 43 and ends == 1  # +85212345678
    if (number or signed) and _is_amount(folded, first, last, meaning):
        return AMOUNT_UNIT
    return CLEAR


@inner
def _is_page_name(folded: UInt8, first: int, last: int) -> bool:  # pragma: no cover - compiled
    """Return True if the number is the name of a web page: ``/item/19900000008.html``."""
    before = folded[first - 1]
    one, two, three = folded[last + 1] | 32, folded[last + 2] | 32, folded[last + 3] | 32
    page = one == 104 and two == 116 and three == 109  # htm
    page |= one == 112 and two == 104 and three == 112  # php
    return bool(page and (before == 47 or before == 45 or before == 95))


@inner
def _is_amount(
    folded: UInt8, first: int, last: int, meaning: SurroundingBytes
) -> bool:  # pragma: no cover - compiled
    """Return True if a unit or currency code is joined to the number: 元, 万元, 件, ``%``, RMB."""
    kind, unit, scale, quantity = meaning.kind, meaning.unit, meaning.scale, meaning.quantity
    if unit[folded[last]]:
        return True
    at = last + (folded[last] == 32)
    byte = folded[at]
    if scale[byte] and (unit[folded[at + 1]] or quantity[folded[at + 1]]):
        return True
    if quantity[byte] and kind[folded[at + 1]] not in (KIND_HAN, KIND_HAN_DIGIT):
        return True
    if at > last and unit[byte] and kind[folded[at + 1]] not in (KIND_HAN, KIND_HAN_DIGIT):
        return True  # no unit if a name starts with it
    if byte == 37 and not (
        _is_hex(folded[at + 1]) and _is_hex(folded[at + 2])
    ):  # a percent sign, but not %2C of a URL
        return True
    if kind[byte] == KIND_LETTER and _is_unit_word(folded, at, _FORWARD, kind):
        return True
    at = first - 1 - (folded[first - 1] == 32)
    return kind[folded[at]] == KIND_LETTER and _is_unit_word(folded, at, _BACKWARD, kind)


@inner
def _is_hex(byte: int) -> bool:  # pragma: no cover - compiled
    """Return True if ``byte`` is a hexadecimal digit."""
    return 48 <= byte <= 57 or 65 <= byte <= 70 or 97 <= byte <= 102


@inner
def _is_unit_word(
    folded: UInt8, at: int, step: int, kind: UInt8
) -> bool:  # pragma: no cover - compiled
    """Return True if the letters from ``at`` on are a unit or currency code.

    With ``step`` -1 the letters end at ``at``, and only currency codes count.
    """
    if not (_FIRST_LETTERS[folded[at]] if step > 0 else _LAST_LETTERS[folded[at]]):
        return False
    number_of_word = 0
    count = 0
    while kind[folded[at]] == KIND_LETTER:
        if count == 5:
            return False
        number_of_word = (
            number_of_word << 8 | folded[at]
            if step > 0
            else number_of_word | folded[at] << 8 * count
        )
        count += 1
        at += step
    if not _NUMBER_SIEVE[number_of_word % 1021]:
        return False
    for number in range(len(_CURRENCY_NUMBERS) if step < 0 else len(_UNIT_NUMBERS)):
        if number_of_word == _UNIT_NUMBERS[number]:  # currency codes come first in the list
            return True
    return False


@inner
def write_surroundings(
    folded: UInt8, start: Int64, end: Int64, meaning: SurroundingBytes, codes: UInt8
) -> None:  # pragma: no cover - compiled
    """Write each span's surroundings code (CLEAR … INSIDE_TOKEN) to ``codes``."""
    neutral = meaning.neutral
    for index in range(len(start)):
        before = folded[start[index] - 1]
        after = folded[end[index]]
        codes[index] = CLEAR
        if neutral[before] and neutral[after]:
            continue  # both neighbours are neutral: the usual case
        codes[index] = _classify(folded, start[index], end[index], meaning)

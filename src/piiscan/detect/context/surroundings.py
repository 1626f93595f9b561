"""What stands around a candidate and speaks against it: tokens, decimals, amounts, letters.

No finding starts or ends inside a longer run of digits (the scan sees to that), inside a hex,
base64 or UUID run, inside a decimal number, or beside a currency sign (domain rules A.0, E).
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from piiscan.arrays import Bool, Int64, UInt8
from piiscan.detect.matching.alphabet import KIND_HAN, KIND_HAN_DIGIT, KIND_LETTER, SKIP, Alphabet
from piiscan.detect.matching.matcher import Candidates
from piiscan.jit import inner, kernel

CLEAR: Final = 0
GLUED: Final = 1  # letters on both sides: low
DECIMAL: Final = 2  # part of a decimal number: low
AMOUNT_UNIT: Final = 3  # 元 behind it: low
AMOUNT_SIGN: Final = 4  # ¥ in front of it: refused
INSIDE_TOKEN: Final = 5  # inside a hash, UUID or base64 run: refused
_CURRENCIES: Final = (
    "RMB CNY CNH USD HKD EUR JPY GBP KRW TWD rmb cny cnh usd hkd eur jpy gbp krw twd"
)
_MEASURES: Final = "kg km mg ml mL mm cm ms us ns px KB kB MB GB TB Hz kHz MHz bytes byte"


def _spelt(words: str) -> Int64:
    """Each word as one number, as the kernel reads letters."""
    return np.array([int.from_bytes(word.encode(), "big") for word in words.split()], np.int64)


_CODES: Final = _spelt(_CURRENCIES)
_WORDS: Final = f"{_CURRENCIES} {_MEASURES}".split()
_UNITS: Final = _spelt(f"{_CURRENCIES} {_MEASURES}")
_FIRST: Final = np.isin(np.arange(256), [ord(each[0]) for each in _WORDS])
_LAST: Final = np.isin(np.arange(256), [ord(each[-1]) for each in _CURRENCIES.split()])
_SIEVE: Final = np.isin(np.arange(1021), _UNITS % 1021)  # most words are none
_ON: Final[Any] = np.int64(1)  # a literal would compile _letters twice
_BACK: Final[Any] = np.int64(-1)
#: How far a run is followed to either side of a span.
_FARTHEST: Final = 96


@inner
def _in_token(  # noqa: C901 - one pass over a run, kept in one kernel
    folded: UInt8, start: int, end: int, kind: UInt8
) -> bool:  # pragma: no cover - compiled
    """Whether the span is a part of a longer run that looks like a hash, UUID or random key."""
    left = start
    while start - left < _FARTHEST and (_alnum(kind[folded[left - 1]]) or _joins(folded[left - 1])):
        left -= 1
    right = end
    while right - end < _FARTHEST and (_alnum(kind[folded[right]]) or _joins(folded[right])):
        right += 1
    if left == start and right == end:
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
def _alnum(kind: int) -> bool:  # pragma: no cover - compiled
    return kind == 1 or kind == 2


@inner
def _joins(byte: int) -> bool:  # pragma: no cover - compiled
    return byte == 43 or byte == 45 or byte == 95


@inner
def _decimal(folded: UInt8, start: int, end: int, kind: UInt8) -> bool:  # pragma: no cover
    """Whether digits go on across a full stop, other than as ``1.`` of a list or ``.0``; or e5."""
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
def _closer(
    folded: UInt8,
    first: int,
    last: int,
    kind: UInt8,
    currency: Bool,
    unit: Bool,
    scale: Bool,
) -> int:  # pragma: no cover - compiled
    begins = kind[folded[first]]
    ends = kind[folded[last - 1]]
    before = kind[folded[first - 1]]
    after = kind[folded[last]]
    number = begins == 1 and ends == 1
    sign = first - 1 - (folded[first - 1] == 32)
    joined = folded[first - 1] == 45 or folded[last] == 45
    touched = _alnum(begins) and (before == 2 or after == 2 or joined)
    if touched and _in_token(folded, first, last, kind):
        return INSIDE_TOKEN
    if number and currency[folded[sign]]:
        return AMOUNT_SIGN
    if begins == 1 and before == 2 and after == 2:
        return GLUED
    if number and folded[last] == 46 and _page(folded, first, last):
        return GLUED
    if number and _decimal(folded, first, last, kind):
        return DECIMAL
    if number and _amount(folded, first, last, kind, unit, scale):
        return AMOUNT_UNIT
    return CLEAR


@inner
def _page(folded: UInt8, first: int, last: int) -> bool:  # pragma: no cover - compiled
    """Whether the number names a page: ``/item/19900000008.html``."""
    ahead = folded[first - 1]
    one, two, three = folded[last + 1] | 32, folded[last + 2] | 32, folded[last + 3] | 32
    page = one == 104 and two == 116 and three == 109  # htm
    page |= one == 112 and two == 104 and three == 112  # php
    return bool(page and (ahead == 47 or ahead == 45 or ahead == 95))


@inner
def _amount(
    folded: UInt8, first: int, last: int, kind: UInt8, unit: Bool, scale: Bool
) -> bool:  # pragma: no cover - compiled
    """Whether a unit or the code of a currency is joined to the number: 元, 万元, kg, RMB."""
    if unit[folded[last]]:
        return True
    at = last + (folded[last] == 32)
    there = folded[at]
    if scale[there] and unit[folded[at + 1]]:
        return True
    if at > last and unit[there] and kind[folded[at + 1]] not in (KIND_HAN, KIND_HAN_DIGIT):
        return True  # not of a name that begins with it
    if there == 37 and not (_hex(folded[at + 1]) and _hex(folded[at + 2])):  # not %2C of an URL
        return True
    if kind[there] == KIND_LETTER and _letters(folded, at, _ON, kind):
        return True
    at = first - 1 - (folded[first - 1] == 32)
    return kind[folded[at]] == KIND_LETTER and _letters(folded, at, _BACK, kind)


@inner
def _hex(byte: int) -> bool:  # pragma: no cover - compiled
    return 48 <= byte <= 57 or 65 <= byte <= 70 or 97 <= byte <= 102


@inner
def _letters(folded: UInt8, at: int, step: int, kind: UInt8) -> bool:  # pragma: no cover - compiled
    """Whether the letters from ``at`` on (step -1: up to it) are a unit or a currency's code."""
    if not (_FIRST[folded[at]] if step > 0 else _LAST[folded[at]]):
        return False
    spelt = 0
    count = 0
    while kind[folded[at]] == KIND_LETTER:
        if count == 5:
            return False
        spelt = spelt << 8 | folded[at] if step > 0 else spelt | folded[at] << 8 * count
        count += 1
        at += step
    if not _SIEVE[spelt % 1021]:
        return False
    for number in range(len(_CODES) if step < 0 else len(_UNITS)):
        if spelt == _UNITS[number]:  # the codes come first
            return True
    return False


@kernel
def _look(
    folded: UInt8,
    start: Int64,
    end: Int64,
    plain: Bool,
    kind: UInt8,
    currency: Bool,
    unit: Bool,
    scale: Bool,
    seen: UInt8,
) -> None:  # pragma: no cover - compiled
    for index in range(len(start)):
        ahead = folded[start[index] - 1]
        behind = folded[end[index]]
        if plain[ahead] and plain[behind]:
            continue  # nothing near it can speak against it: the usual case
        seen[index] = _closer(folded, start[index], end[index], kind, currency, unit, scale)


def unremarkable(alphabet: Alphabet) -> Bool:
    """The bytes that say nothing about what they stand beside: ``bool[256]``."""
    plain = ~(alphabet.currency | alphabet.unit | alphabet.scale | alphabet.measure)
    plain &= alphabet.kind != KIND_LETTER
    plain[[SKIP, ord(" "), ord("-"), ord("."), ord("%")]] = False
    return plain


def look(folded: UInt8, candidates: Candidates, alphabet: Alphabet) -> UInt8:
    """What speaks against each candidate: ``uint8[k]`` of the codes above."""
    seen = np.zeros(len(candidates.start), np.uint8)
    plain = unremarkable(alphabet)
    _look(
        folded,
        candidates.start,
        candidates.end,
        plain,
        alphabet.kind,
        alphabet.currency,
        alphabet.unit | alphabet.measure,
        alphabet.scale,
        seen,
    )
    return seen

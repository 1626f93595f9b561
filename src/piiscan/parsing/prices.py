"""Prices as people write them, in fen; what cannot be read is said to be so, never guessed."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Final

#: Not a number of yuan: another currency, a range, a word.
UNREADABLE: Final = -2
#: No price is told.
NONE: Final = -1
#: What ``decimal128(18, 2)`` holds.
_MOST: Final = 10**16

_PLAIN: Final = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,2}0*)?")
_SIGN: Final = r"(?:¥|￥|rmb|cny|人民币)?"
_AMOUNT: Final = r"(?P<amount>[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_TIMES: Final = r"(?P<times>万|萬|千|百|w|k)?"
_UNIT: Final = r"(?P<unit>元整?|圆整?|圓|块钱?|塊|角|毛钱?|分钱?|yuan|rmb|cny|人民币|¥)?"
_SMALL: Final = r"(?P<small>[0-9](?:角|毛)?(?:[0-9]分)?)?"
_EACH: Final = (
    r"(?:(?:/|每|一|1)?(?:条|個|个|号|只|张|份|套|组|人|位|次|笔|单|piece|pc|each|record|ea))?"
)
_PRICE: Final = re.compile(rf"{_SIGN}{_AMOUNT}{_TIMES}{_UNIT}{_SMALL}{_EACH}")
_WORDS: Final = re.compile(r"(?P<number>[零〇一二两兩三四五六七八九十百千]+)(?:元|块钱?|圆)整?")
_FACTORS: Final = {
    None: 1,
    "百": 100,
    "千": 1000,
    "k": 1000,
    "万": 10_000,
    "萬": 10_000,
    "w": 10_000,
}
_DIGITS: Final = {char: n for n, char in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
    "兩": 2,
}
_PLACES: Final = {"十": 10, "百": 100, "千": 1000}
_FREE: Final = frozenset(["免费", "免費", "free"])


def read_price(text: str, *, factor: int = 100) -> int:
    """The price in fen, UNREADABLE or, for an empty cell, NONE.

    ``factor``: how many fen one of the column's units is (元 100, 万元 1,000,000, 分 1).

    >>> [read_price(each) for each in ("4元", "￥４．００", "1,200", "4 yuan/条", "四元", "3块5")]
    [400, 400, 120000, 400, 400, 350]
    >>> read_price("20-30"), read_price("$5"), read_price("1,20"), read_price("0.004")
    (-2, -2, -2, -2)
    """
    if _PLAIN.fullmatch(text):
        return _fen(Decimal(text), factor)
    plain = "".join(unicodedata.normalize("NFKC", text).lower().split())
    if not plain:
        return NONE
    if plain in _FREE:
        return 0
    found = _PRICE.fullmatch(plain)
    if found is not None:
        return _from_match(found, factor)
    words = _WORDS.fullmatch(plain)
    number = None if words is None else _count(words["number"])
    return UNREADABLE if number is None else _fen(Decimal(number), 100)


def unit_of(header: str) -> int | None:
    """How many fen the unit is that a column name tells (金额(万元)); None for another currency.

    >>> unit_of("金额（万元）"), unit_of("单价"), unit_of("price_usd")
    (1000000, 100, None)
    """
    plain = unicodedata.normalize("NFKC", header).lower()
    if re.search(r"美元|美金|usd|usdt|港币|港元|hkd|欧元|eur|日元|jpy|\$", plain):
        return None
    for word, factor in (("万元", 1_000_000), ("萬元", 1_000_000), ("千元", 100_000)):
        if word in plain:
            return factor
    return 1 if re.search(r"[(\[【]分[)\]】]|_fen$|_cents?$", plain) else 100


def _from_match(found: re.Match[str], factor: int) -> int:
    amount = Decimal(found["amount"].replace(",", "") or "0")
    times, unit, small = _FACTORS[found["times"]], found["unit"] or "", found["small"]
    if unit[:1] in ("角", "毛"):
        own = 10
    elif unit[:1] == "分":
        own = 1
    else:
        own = 100 if unit or times > 1 else factor
    value = amount * times * own
    if small:
        if unit[:1] not in ("块", "塊", "元") or "." in found["amount"] or times > 1:
            return UNREADABLE
        value += int(small[0]) * 10 + (int(small[-2]) if small.endswith("分") else 0)
    return _fen(value, 1)


def _fen(value: Decimal, factor: int) -> int:
    """Whole fen, or UNREADABLE: 0.004 yuan is no price that could be shown as 0.00."""
    fen = value * factor
    return int(fen) if fen == fen.to_integral_value() and fen < _MOST else UNREADABLE


def _count(words: str) -> int | None:
    """A number below ten thousand in Chinese words; None for what is no regular one (三百五)."""
    if len(words) == 1 and words in _DIGITS:
        return _DIGITS[words]
    total, digit, last = 0, None, 10_000
    for at, char in enumerate(words):
        if char in _DIGITS:
            if digit:
                return None
            digit = _DIGITS[char]
            continue
        place = _PLACES[char]
        if place >= last or (digit is None and not (place == 10 and at == 0)):
            return None
        total += (1 if digit is None else digit) * place
        digit, last = None, place
    if digit and last > 10 and words[-2] not in "零〇":
        return None
    return total + (digit or 0) if total else None

"""Prices as people write them, parsed to fen; a price that cannot be parsed is never guessed.

price := [sign] amount [times] [unit] [remainder] [per item]
3块5 -> 350 fen    4元/条 -> 400    1.2万 -> 1200000    20-30 -> UNREADABLE
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Final

#: Result for a text that is not a number of yuan: another currency, a range, a word.
UNREADABLE: Final = -2
#: Result for an empty cell.
NONE: Final = -1
#: Limit of ``decimal128(18, 2)``.
_MAX_FEN: Final = 10**16

_PLAIN: Final = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,2}0*)?")
_SIGN: Final = r"(?:¥|￥|rmb|cny|人民币)?"
_AMOUNT: Final = r"(?P<amount>[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_TIMES: Final = r"(?P<times>万|萬|千|百|w|k)?"
_UNIT: Final = r"(?P<unit>元整?|圆整?|圓|块钱?|塊|角|毛钱?|分钱?|yuan|rmb|cny|人民币|¥)?"
_REMAINDER: Final = r"(?P<small>[0-9](?:角|毛)?(?:[0-9]分)?)?"
_PER_ITEM: Final = (
    r"(?:(?:/|每|一|1)?(?:条|個|个|号|只|张|份|套|组|人|位|次|笔|单|piece|pc|each|record|ea))?"
)
_PRICE: Final = re.compile(rf"{_SIGN}{_AMOUNT}{_TIMES}{_UNIT}{_REMAINDER}{_PER_ITEM}")
_CHINESE_PRICE: Final = re.compile(
    r"(?P<number>[零〇一二两兩三四五六七八九十百千]+)(?:元|块钱?|圆)整?"
)
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
_FREE_WORDS: Final = frozenset(["免费", "免費", "free"])


def parse_price(text: str, *, factor: int = 100) -> int:
    """Parse a price to fen; return UNREADABLE if it is unclear, NONE if the cell is empty.

    ``factor``: fen per unit of the column (元 100, 万元 1,000,000, 分 1).

    >>> [parse_price(each) for each in ("4元", "￥４．００", "1,200", "4 yuan/条", "四元", "3块5")]
    [400, 400, 120000, 400, 400, 350]
    >>> parse_price("20-30"), parse_price("$5"), parse_price("1,20"), parse_price("0.004")
    (-2, -2, -2, -2)
    """
    if _PLAIN.fullmatch(text):
        return _to_whole_fen(Decimal(text), factor)
    normalized = "".join(unicodedata.normalize("NFKC", text).lower().split())
    if not normalized:
        return NONE
    if normalized in _FREE_WORDS:
        return 0
    found = _PRICE.fullmatch(normalized)
    if found is not None:
        return _price_from_match(found, factor)
    chinese = _CHINESE_PRICE.fullmatch(normalized)
    number = None if chinese is None else _parse_chinese_number(chinese["number"])
    return UNREADABLE if number is None else _to_whole_fen(Decimal(number), 100)


def fen_per_unit(header: str) -> int | None:
    """Return the fen per unit that a column name implies (金额(万元)); None for other currencies.

    >>> fen_per_unit("金额（万元）"), fen_per_unit("单价"), fen_per_unit("price_usd")
    (1000000, 100, None)
    """
    normalized = unicodedata.normalize("NFKC", header).lower()
    if re.search(r"美元|美金|usd|usdt|港币|港元|hkd|欧元|eur|日元|jpy|\$", normalized):
        return None
    for word, factor in (("万元", 1_000_000), ("萬元", 1_000_000), ("千元", 100_000)):
        if word in normalized:
            return factor
    return 1 if re.search(r"[(\[【]分[)\]】]|_fen$|_cents?$", normalized) else 100


def _price_from_match(found: re.Match[str], factor: int) -> int:
    """Return the price in fen of a match of the pattern ``_PRICE``."""
    amount = Decimal(found["amount"].replace(",", "") or "0")
    times, unit, remainder = _FACTORS[found["times"]], found["unit"] or "", found["small"]
    if unit[:1] in ("角", "毛"):
        fen_each = 10
    elif unit[:1] == "分":
        fen_each = 1
    else:
        fen_each = 100 if unit or times > 1 else factor
    value = amount * times * fen_each
    if remainder:
        if unit[:1] not in ("块", "塊", "元") or "." in found["amount"] or times > 1:
            return UNREADABLE
        value += int(remainder[0]) * 10 + (int(remainder[-2]) if remainder.endswith("分") else 0)
    return _to_whole_fen(value, 1)


def _to_whole_fen(value: Decimal, factor: int) -> int:
    """Convert a price to whole fen; UNREADABLE if a fraction of a fen is left (0.004 元)."""
    fen = value * factor
    return int(fen) if fen == fen.to_integral_value() and fen < _MAX_FEN else UNREADABLE


def _parse_chinese_number(words: str) -> int | None:
    """Return a number below 10,000 in Chinese words; None if it is irregular (三百五)."""
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

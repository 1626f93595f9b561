"""Plausibility: how likely characters are in Chinese text, to choose between encodings."""

from __future__ import annotations

from functools import cache
from typing import Final

from piiscan.data import word_lists

_MAX_CHARS: Final = 4000

#: Frequent characters of names, addresses, column names and everyday text, in both scripts.
_FREQUENT: Final = frozenset(word_lists("frequent_hanzi")["frequent"])


@cache
def _common_characters() -> frozenset[str]:
    """Return the 3,755 level-1 characters of GB 2312 and 5,401 frequent characters of Big5."""
    gb = bytes(
        x for lead in range(0xB0, 0xD8) for trail in range(0xA1, 0xFF) for x in (lead, trail)
    )
    trails = [*range(0x40, 0x7F), *range(0xA1, 0xFF)]
    big5 = bytes(x for lead in range(0xA4, 0xC7) for trail in trails for x in (lead, trail))
    return frozenset(gb.decode("gb2312", "ignore")) | frozenset(big5.decode("big5", "ignore"))


def character_weight(char: str) -> float:
    """Return the plausibility of one character: 2 if frequent, -4 if it does not occur in text."""
    code = ord(char)
    if char in _FREQUENT:
        return 2.0
    if 0x4E00 <= code <= 0x9FFF:
        return 1.0 if char in _common_characters() else -1.0
    if code == 0xFFFD or 0xE000 <= code <= 0xF8FF or code < 0xA0:
        return -4.0
    if 0x3000 <= code <= 0x303F or 0xFF00 <= code <= 0xFFEF or 0x2010 <= code <= 0x203F:
        return 1.0
    return 0.0 if 0x3040 <= code <= 0x30FF else -1.0


def plausibility(text: str) -> float:
    """Return the mean plausibility (-4 to 2) of the non-ASCII characters of ``text``, 0 if none.

    >>> plausibility("张三") > plausibility("张三".encode("gbk").decode("cp950", "replace"))
    True
    """
    chars = [char for char in text if char > "\x7f"][:_MAX_CHARS]
    return sum(map(character_weight, chars)) / len(chars) if chars else 0.0


def decodes(data: bytes, codec: str) -> bool:
    """Return True if ``codec`` decodes all of ``data`` without an error."""
    try:
        data.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def is_mostly_text(data: bytes) -> bool:
    """Return True if more than half of ``data``'s bytes are in lines of text."""
    return 2 * sum(len(line) for line in data.split(b"\n") if is_good_text(line)) > len(data)


def is_good_text(data: bytes) -> bool:
    """Return True if ``data`` is ASCII, UTF-8 or plausible GBK."""
    if not data or decodes(data, "utf-8"):
        return bool(data)
    return decodes(data, "gb18030") and plausibility(data[:4096].decode("gb18030", "ignore")) > 0

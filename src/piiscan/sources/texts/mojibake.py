"""Mojibake: find and repair text that was decoded in a wrong encoding: ``寮犱紵 -> 张伟``.

UTF-8 as Western text ``å¼\u00a0ä¼Ÿ``, also twice; GBK as Western text ``ÕÅÎ°``; UTF-8 as GBK
``寮犱紵`` -> 张伟. Only what can be repaired without loss is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import numpy as np
import pyarrow as pa

from piiscan.arrays import Int64, UInt8
from piiscan.arrow_strings import string_buffers
from piiscan.sources.encoding.encoding_kernels import mark_garbled
from piiscan.sources.encoding.plausibility import plausibility

#: Bytes 80 to BF as characters of Latin-1 or Windows-1252.
_HIGH: Final = (
    "[\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192"
    "\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
)


def _gbk_class(leads: range, trails: range) -> str:
    """Return a regex class of the GBK characters with these lead and trail bytes."""
    pairs = (bytes((lead, trail)).decode("gbk", "ignore") for lead in leads for trail in trails)
    return f"[{''.join(sorted(pair for pair in pairs if not pair.isascii()))}]"


#: Two Hanzi in UTF-8 as three characters of GBK: 张伟 as 寮犱紵.
_UTF8_IN_GBK: Final = (
    _gbk_class(range(0xE4, 0xEA), range(0x80, 0xC0))
    + _gbk_class(range(0x80, 0xC0), range(0xE4, 0xEA))
    + _gbk_class(range(0x80, 0xC0), range(0x80, 0xC0))
)
_UTF8_AS_WESTERN: Final = re.compile(f"[\u00c2-\u00ef]{_HIGH}(?:{_HIGH}|[\u00c0-\u00ff])*")
_GBK_PAIR: Final = "[\u00a1-\u00a9\u00b0-\u00f7][\u00a1-\u00fe]"
_GBK_AS_WESTERN: Final = re.compile(rf"(?:{_GBK_PAIR})+(?:[ -~]+(?:{_GBK_PAIR})+)*")
_UTF8_AS_GBK: Final = re.compile(rf"(?m)^(?=[^\r\n]*?{_UTF8_IN_GBK})[^\r\n]*")
_NOT_ASCII: Final = re.compile(r"[^\x00-\x7f]+")
#: Least plausibility of a repaired text, and how much more plausible it is than what it was.
_REPAIRED: Final = 1.0
_BETTER: Final = 0.5
#: Beginning of mojibake.
MOJIBAKE: Final = re.compile(
    f"[\u00c2-\u00ef]{_HIGH}|[\u00b0-\u00f7][\u00a1-\u00fe]{{3}}|{_UTF8_IN_GBK}"
)


def _gbk_flags() -> UInt8:
    """Return, by BMP code point, bits 1, 2, 4: its possible places in UTF-8 read as GBK."""
    flags = np.zeros(0x10000, np.uint8)
    trails, leads = range(0x80, 0xC0), range(0xE4, 0xEA)
    for bit, first, second in ((1, leads, trails), (2, trails, leads), (4, trails, trails)):
        for char in _gbk_class(first, second)[1:-1]:
            flags[ord(char)] |= bit
    return flags


_GBK_FLAGS: Final = _gbk_flags()


def garbled_rows(texts: pa.Array) -> Int64:
    """Return the indices of the texts that may be mojibake: ``寮犱紵``.

    >>> garbled_rows(pa.array(["张伟", "寮犱紵", "å¼\u00a0ä¼Ÿ", None])).tolist()
    [1, 2]
    """
    ends, data = string_buffers(texts)
    found = np.zeros(len(texts), np.uint8)
    mark_garbled(data, ends.astype(np.int64, copy=False), _GBK_FLAGS, found)
    return np.flatnonzero(found)


def _utf8_as_western(found: re.Match[str]) -> str | None:
    """Repair UTF-8 that was decoded as Western text, once or twice; None if not plausible."""
    data = bytearray()
    for char in found[0]:
        try:
            data += char.encode("cp1252")
        except UnicodeEncodeError:
            if ord(char) > 255:
                return None
            data.append(ord(char))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if plausibility(text) > 0:
        return text
    twice = _UTF8_AS_WESTERN.sub(lambda each: _utf8_as_western(each) or each[0], text)
    return twice if plausibility(twice) > 0 else None


def _gbk_as_western(found: re.Match[str]) -> str | None:
    """Repair GBK that was decoded as Latin-1: ``ÕÅÈý -> 张三``; None if not plausible."""
    text = found[0].encode("latin-1").decode("gb18030", "replace")
    hanzi = sum(char > "\x7f" for char in text)
    return text if hanzi >= 2 and plausibility(text) > _REPAIRED else None


def _utf8_as_gbk(found: re.Match[str]) -> str | None:
    """Repair UTF-8 that was decoded as GBK: the whole line, or runs of Hanzi in it."""
    line = _utf8_of_gbk(found[0])
    if line is not None:
        return line
    return _NOT_ASCII.sub(lambda each: _utf8_of_gbk(each[0]) or each[0], found[0])


def _utf8_of_gbk(text: str) -> str | None:
    """Decode the GBK bytes of ``text`` as UTF-8; None unless that is more plausible."""
    try:
        repaired = text.encode("gb18030").decode("utf-8")
    except UnicodeError:
        return None
    quality = plausibility(repaired)
    return repaired if quality >= _REPAIRED and quality > plausibility(text) + _BETTER else None


#: Pattern of each kind, and its repair: None if the text is none.
REPAIRS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str | None]], ...]] = (
    (_UTF8_AS_WESTERN, _utf8_as_western),
    (_GBK_AS_WESTERN, _gbk_as_western),
    (_UTF8_AS_GBK, _utf8_as_gbk),
)

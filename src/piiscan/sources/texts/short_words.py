"""Short words: two or three Hanzi in base64 or hex, recognised by the other cells of a column.

``5byg5Lyf`` and ``d5c5ceb0`` may be any code; below 姓名, or among cells of the kind, they are
张伟.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from piiscan.sources.block import DATA, CountNames, Table

_HEX_WORD: Final = r"(?:0[xX])?(?:[0-9a-fA-F]{2}){2,}|[xX]'(?:[0-9a-fA-F]{2}){2,}'"
_BASE64_WORD: Final = r"[A-Za-z0-9+/]{4,}={0,2}"
_WORD: Final = rf"^\s*(?:{_HEX_WORD}|{_BASE64_WORD})\s*$"
_HEX: Final = re.compile(_HEX_WORD)
_BASE64: Final = re.compile(_BASE64_WORD)
_HANZI: Final = re.compile(r"[一-龥]{1,8}(?:·[一-龥]{1,12})?")
#: Longest word, in characters; longer ones are told by themselves.
_MAX_WORD: Final = 64
_MIN_SHARE: Final = 0.8


def _hanzi(data: bytes) -> str | None:
    """Decode bytes that are only common Hanzi, in UTF-8 or GBK; None for other bytes."""
    for codec in ("utf-8", "gb2312"):
        try:
            text = data.decode(codec)
            text.encode("gb2312")
        except UnicodeError:
            continue
        if _HANZI.fullmatch(text):
            return text
    return None


def short_text(word: str) -> str | None:
    """Decode a word of hex or base64 to Hanzi: ``5byg5Lyf -> 张伟``; None for another word.

    >>> short_text("5byg5Lyf"), short_text("X'D5C5CEB0'"), short_text("1234")
    ('张伟', '张伟', None)
    """
    word = word.strip()
    if not 4 <= len(word) <= _MAX_WORD or word.isdigit():
        return None
    if _HEX.fullmatch(word):
        digits = word.lower().removeprefix("0x").removeprefix("x").strip("'")
        text = _hanzi(bytes.fromhex(digits))
        if text is not None:
            return text
    if len(word) % 4 or not _BASE64.fullmatch(word):
        return None
    try:
        return _hanzi(base64.b64decode(word, validate=True))
    except binascii.Error:
        return None


def short_columns(table: Table, count_names: CountNames) -> frozenset[int]:
    """Return the numbers of a table's columns whose sample cells are short words.

    Four of five cells are words of the kind, and two have more than one Hanzi; one is enough below
    a known name.
    """
    sample = table.sample
    if not sample.split:
        return frozenset()
    data = None if sample.kinds is None else pa.array(sample.kinds == DATA)
    found = set()
    for number, column in enumerate(sample.columns):
        cells = pc.drop_null(column if data is None else column.filter(data))
        cells = cells.filter(pc.not_equal(pc.utf8_trim_whitespace(cells), ""))
        least = max(_MIN_SHARE * len(cells), 1)
        if (pc.sum(pc.match_substring_regex(cells, _WORD)).as_py() or 0) < least:
            continue
        texts = [text for cell in cells.to_pylist() if (text := short_text(cell)) is not None]
        name = (table.headers or [])[number : number + 1]
        known = any(each and count_names([each]) for each in name)
        telling = len({text for text in texts if len(text) > 1})
        if len(texts) >= least and telling >= (1 if known else 2):
            found.add(number)
    return frozenset(found)

r"""Decoded cells: the text that escapes, entities, base64 or hex in a cell stand for.

``\u5f20``, ``%E5%BC%A0``, ``&#24352;``, ``138<b>0013</b>8000`` -> 张, 张, 张, 13800138000.
A cell that changes is no image of its bytes any more: its place is the cell, not the character.
Decoded text is never longer than what stands for it.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from piiscan.sources.block import Block, Table, Trouble
from piiscan.sources.encoding.detector import plausibility

#: Views within views (JSON in a string in a string).
_ROUNDS: Final = 3
#: Cells with none of these are not looked at further.
_TRIGGER: Final = (
    r"\\[ux][0-9a-fA-F]{2}|%u?[0-9a-fA-F]{2}|&#?[0-9a-zA-Z]{2,8};|=[0-9A-F]{2}=[0-9A-F]{2}|=\?"
    r"|[0-9\p{Han}]</?[a-zA-Z]|[A-Za-z0-9+/_-]{15}[A-Za-z0-9+/=_-]"
    r"|\x00[\x20-\x7e]\x00"
    r"|[\x{C2}-\x{EF}][\x{80}-\x{BF}\x{2018}-\x{203A}\x{152}-\x{178}\x{20AC}]"
)
_ESCAPES: Final = re.compile(r"(?:\\u[0-9a-fA-F]{4})+|(?:%u[0-9a-fA-F]{4})+")
_BYTEA: Final = re.compile(r"\\x(?:[0-9a-fA-F]{2}){4,}(?![0-9a-fA-F])")
_BYTE_ESCAPES: Final = re.compile(r"(?:\\x[0-9a-fA-F]{2})+")
_PERCENT: Final = re.compile(r"(?:%[0-9a-fA-F]{2})+")
_ENTITY: Final = re.compile(r"&(?:#[0-9]{2,7}|#[xX][0-9a-fA-F]{2,6}|[a-zA-Z]{2,8});")
_INLINE_TAG: Final = re.compile(
    r"(?<=[\d\u4e00-\u9fff])(?:</?(?:a|b|i|u|em|font|mark|span|strong|wbr)(?:\s[^<>]{0,200})?/?>)+"
    r"(?=[\d\u4e00-\u9fff])",
    re.IGNORECASE,
)
_QUOTED_PRINTABLE: Final = re.compile(r"(?:=[89A-F][0-9A-F](?:=[0-9A-F]{2}|[0-9])*){2,}")
_MAIL_WORD: Final = re.compile(r"=\?([\w-]{2,20})\?([bBqQ])\?([^?\s]{1,2000})\?=")
_BASE64: Final = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{12,}={0,2}(?![A-Za-z0-9+/=_-])")
_HEX: Final = re.compile(r"(?<![0-9a-zA-Z])(?:0[xX])?(?:[0-9a-fA-F]{2}){8,}(?![0-9a-zA-Z])")
_WIDE: Final = re.compile(r"(?:\x00[\x20-\x7e]){4,}\x00?|(?:[\x20-\x7e]\x00){4,}")
_MOJIBAKE: Final = re.compile(
    "[\u00c2-\u00ef][\u0080-\u00bf\u0152-\u0178\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
    "[\u0080-\u00ff\u0152-\u0178\u02c6\u02dc\u2013-\u203a\u20ac\u2122]*"
)


def _text_of(data: bytes) -> str | None:
    """Return bytes as text, UTF-8 or GBK; None if they are no plausible text."""
    for codec in ("utf-8", "gb18030"):
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        plain = all(char >= " " or char in "\t\r\n" for char in text) and "\x7f" not in text
        if plain and (text.isascii() or plausibility(text) > 0.3):
            return text
    return None


def _of_bytes(pairs: str) -> str | None:
    """Return the text of bytes in hexadecimal."""
    return _text_of(bytes.fromhex(pairs))


def _escapes(found: re.Match[str]) -> str | None:
    """Return the characters of escapes such as ``%u5f20``; a rare one has two of them."""
    units = found[0].replace("\\u", "").replace("%u", "")
    return bytes.fromhex(units).decode("utf-16-be", "replace").replace("\0", "\ufffd")


def _base64(found: re.Match[str]) -> str | None:
    """Return the text of a base64 word; None if it is another word."""
    word = found[0]
    if word.isdigit() or len(word) % 4 == 1 or not re.search(r"[A-Z]", word + word.swapcase()):
        return None
    try:
        padded = word.rstrip("=") + "=" * (-len(word.rstrip("=")) % 4)
        text = _text_of(base64.b64decode(padded.replace("-", "+").replace("_", "/"), validate=True))
    except (ValueError, binascii.Error):
        return None
    return text if text is not None and len(text) > 2 else None


def _hex(found: re.Match[str]) -> str | None:
    """Return the text of a run of hexadecimal digits; of decimal digits alone only digits."""
    word = found[0].removeprefix("0x").removeprefix("0X")
    text = _of_bytes(word)
    return text if text is None or not word.isdigit() or text.isdigit() else None


def _mail_word(found: re.Match[str]) -> str | None:
    """Return an encoded word of a mail header: ``=?utf-8?B?5byg?=``."""
    charset, kind, data = found.groups()
    try:
        if kind in "bB":
            return base64.b64decode(data + "=" * (-len(data) % 4)).decode(charset, "replace")
        return binascii.a2b_qp(data.replace("_", " ").encode()).decode(charset, "replace")
    except (ValueError, LookupError):
        return None


def _mojibake(found: re.Match[str]) -> str | None:
    """Return UTF-8 that was once read as Western text, repaired."""
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
    return text if plausibility(text) > 0 else None


_VIEWS: Final[tuple[tuple[str, re.Pattern[str], Callable[[re.Match[str]], str | None]], ...]] = (
    ("bytea", _BYTEA, lambda found: _of_bytes(found[0][2:])),
    ("escapes", _ESCAPES, _escapes),
    ("escapes", _BYTE_ESCAPES, lambda found: _of_bytes(found[0].replace("\\x", ""))),
    ("percent", _PERCENT, lambda found: _of_bytes(found[0].replace("%", ""))),
    ("entities", _ENTITY, lambda found: html.unescape(found[0]).replace("\xa0", " ")),
    ("tags", _INLINE_TAG, lambda _: ""),
    ("mail words", _MAIL_WORD, _mail_word),
    (
        "quoted-printable",
        _QUOTED_PRINTABLE,
        lambda found: _text_of(binascii.a2b_qp(found[0].encode())),
    ),
    ("hex", _HEX, _hex),
    ("base64", _BASE64, _base64),
    ("mojibake", _MOJIBAKE, _mojibake),
    ("utf-16", _WIDE, lambda found: found[0].replace("\0", "")),
)


def decode_text(text: str) -> tuple[str, list[str]]:
    r"""Return the text with everything decoded, and the names of the views that changed it.

    >>> decode_text(r"\u5f20\u4e09 &#49;&#51;8<b>0013</b>8000")
    ('张三 13800138000', ['escapes', 'entities', 'tags'])
    """
    views: list[str] = []
    for _ in range(_ROUNDS):
        before = text
        for name, pattern, decode in _VIEWS:
            decoded = pattern.sub(lambda found: _or_same(found, decode), text)  # noqa: B023
            if decoded != text:
                text = decoded
                views.append(name)
        if text == before:
            break
    return text, list(dict.fromkeys(views))


def _or_same(found: re.Match[str], decode: Callable[[re.Match[str]], str | None]) -> str:
    """Return the decoded text, or what was found if it is none."""
    text = decode(found)
    return found[0] if text is None or len(text) > len(found[0]) else text


def with_decoded_cells(table: Table) -> Table:
    """Return the table with decoded cells in sample and blocks; a Trouble tells of each view."""

    def blocks() -> Iterator[Block | Trouble]:
        """Yield the blocks, then the number of cells by view."""
        counts: Counter[str] = Counter()
        for block in table.blocks():
            yield block if isinstance(block, Trouble) else decode_block(block, counts)
        for name, count in counts.items():
            yield Trouble(table.member, "DECODED", f"{name}: {count}", lost=False)

    return replace(
        table,
        sample=decode_block(table.sample, Counter()),
        blocks=blocks,
        siblings=tuple(
            replace(each, sample=decode_block(each.sample, Counter())) for each in table.siblings
        ),
    )


def decode_block(block: Block, counts: Counter[str]) -> Block:
    """Return the block with its cells decoded; add the cells by view to ``counts``.

    A piece of a long record stays as it is, since its place is one of characters.
    """
    if block.own_range is not None:
        return block
    columns, starts = list(block.columns), block.byte_starts
    for number, column in enumerate(block.columns):
        matches = pc.match_substring_regex(column, _TRIGGER).fill_null(False)
        found = np.flatnonzero(matches.to_numpy(zero_copy_only=False))
        if not len(found):
            continue
        texts = column.take(pa.array(found)).to_pylist()
        decoded = [decode_text(text) for text in texts]
        changed = [at for at, (_, views) in enumerate(decoded) if views]
        if not changed:
            continue
        counts.update(view for at in changed for view in decoded[at][1])
        rows = found[changed]
        mask = np.zeros(len(column), np.bool_)
        mask[rows] = True
        new = pa.array([decoded[at][0] for at in changed], column.type)
        columns[number] = pc.replace_with_mask(column, pa.array(mask), new)
        if starts is not None:
            starts = list(starts)
            places = starts[number].copy()
            places[rows] = np.where(places[rows] >= 0, -2 - places[rows], places[rows])
            starts[number] = places
    return replace(block, columns=columns, byte_starts=starts)

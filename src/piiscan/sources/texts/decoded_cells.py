r"""Decoded cells: the text that escapes, entities, base64, hex or mojibake in a cell encode.

``\u5f20``, ``%E5%BC%A0``, ``&#24352;``, ``138<b>0013</b>8000`` -> 张, 张, 张, 13800138000.
A cell that changes is no image of its bytes any more: its place is the cell, not the character.
Decoded text is never longer than what stands for it, except what gzip has packed.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from piiscan.arrays import Int64
from piiscan.arrow_strings import string_buffers
from piiscan.sources.block import Block, CountNames, Table, Trouble, with_blocks
from piiscan.sources.coded_cells.coded_kernels import mark_coded
from piiscan.sources.encoding.plausibility import plausibility
from piiscan.sources.read_state import ReadState
from piiscan.sources.texts.literals import literal_text
from piiscan.sources.texts.mojibake import MOJIBAKE, REPAIRS, garbled_rows
from piiscan.sources.texts.short_words import short_columns, short_text

#: Views within views (JSON in a string in a string).
_ROUNDS: Final = 3
#: Cells with none of these are not looked at further.
_TRIGGER: Final = (
    r"\\[uxU][0-9a-fA-F]{2}|~\{[!-~]|%u?[0-9a-fA-F]{2}|&#?[0-9a-zA-Z]{2,8};|=[0-9A-F]{2}=[0-9A-F]{2}|=\?"
    r"|[0-9\p{Han}]</?[a-zA-Z]|[A-Za-z0-9+/_-]{15}[A-Za-z0-9+/=_-]"
    r"|[:=：\"'] ?[56][A-Za-z0-9+/]{3}[56][A-Za-z0-9+/]{3}"
    r"|\x00[\x20-\x7e]\x00|\p{Han} \p{Han} \p{Han}"
)
_HEX_SIGNS: Final = frozenset("0123456789abcdefABCDEFxX'")
#: Cells of a dump that may be expressions of literals.
_EXPRESSION: Final = r"(?s)^\s*[NE]?(?:'.*(?:\|\||\+)|[A-Za-z_][\w.$]*\s*\().*['\")]\s*$"
#: Characters that packed texts of one block may have, and those of one cell.
_MAX_UNPACKED: Final = 32 << 20
_MAX_UNPACKED_CELL: Final = 256 << 10
#: Escapes of UTF-16; \U before four digits is that of NSLog.
_ESCAPES: Final = re.compile(r"(?:\\{1,8}(?:u|U(?!000))[0-9a-fA-F]{4})+|(?:%u[0-9a-fA-F]{4})+")
#: Hanzi with a space behind each, as programs that recognise texts write them.
_SPACED: Final = re.compile(
    r"(?<![\u4e00-\u9fff])[\u4e00-\u9fff](?: [\u4e00-\u9fff]){2,}(?![\u4e00-\u9fff])"
)
_HZ: Final = re.compile(r"~\{(?:[!-w][!-~])+~\}")
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
#: Two or more Hanzi in base64 behind a label or in quotes: each has four characters.
_LABELLED: Final = re.compile(
    r"(?<=[:=：\"'])( ?)((?:[56][A-Za-z0-9+/]{3}){2,})(?![A-Za-z0-9+/=_-])"
)
_PACKED: Final = re.compile(
    r"(?<![A-Za-z0-9+/_-])(?:H4sI|eJ|eN|eA)[A-Za-z0-9+/_-]{16,}={0,2}(?![A-Za-z0-9+/=_-])"
)
_BASE64: Final = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{12,}={0,2}(?![A-Za-z0-9+/=_-])")
_HEX: Final = re.compile(
    r"(?<![0-9a-zA-Z])(?:[xX]'(?:[0-9a-fA-F]{2}){8,}'|(?:0[xX])?(?:[0-9a-fA-F]{2}){8,})(?![0-9a-zA-Z])"
)
_WIDE: Final = re.compile(r"(?:\x00[\x20-\x7e]){4,}\x00?|(?:[\x20-\x7e]\x00){4,}")


def _text_of(data: bytes, *, common: bool = False) -> str | None:
    """Decode bytes as UTF-8 or GBK; None if the text is not plausible.

    ``common``: GBK with rare Hanzi is none, as codes and tokens decode to such.
    """
    for codec in ("utf-8", "gb18030"):
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        plain = all(char >= " " or char in "\t\r\n" for char in text) and "\x7f" not in text
        if plain and (text.isascii() or plausibility(text) > 0.3):
            if not common or codec == "utf-8":
                return text
            others = [char for char in text if not char.isascii()]
            frequent = "".join(others).encode("gb2312", "ignore")  # two bytes of each
            return text if len(frequent) / (2 * len(others)) >= 0.9 else None
    return None


def _of_bytes(pairs: str) -> str | None:
    """Return the text of bytes in hexadecimal; None if it is not plausible."""
    return _text_of(bytes.fromhex(pairs))


def _escapes(found: re.Match[str]) -> str | None:
    """Return the characters of matched UTF-16 escapes such as ``%u5f20``."""
    units = re.sub(r"\\+[uU]|%u", "", found[0])
    return bytes.fromhex(units).decode("utf-16-be", "replace").replace("\0", "\ufffd")


def _base64(found: re.Match[str]) -> str | None:
    """Decode a matched base64 word to text; None for other words, as numbers with letters."""
    word = found[0]
    letters = sum(map(str.isalpha, word))
    if len(word) % 4 == 1 or 2 * letters < len(word):
        return None
    data = _bytes_of_base64(word)
    text = None if data is None else _text_of(data, common=True)
    return text if text is not None and len(text) > 2 else None


def _bytes_of_base64(word: str) -> bytes | None:
    """Decode a base64 word, standard or URL-safe; None for other words."""
    padded = word.rstrip("=") + "=" * (-len(word.rstrip("=")) % 4)
    try:
        return base64.b64decode(padded.replace("-", "+").replace("_", "/"), validate=True)
    except (ValueError, binascii.Error):
        return None


def _labelled(found: re.Match[str]) -> str | None:
    """Return the Hanzi of a short base64 word after a label; None for another word."""
    text = short_text(found[2])
    return None if text is None else found[1] + text


def _unpacked(found: re.Match[str]) -> str | None:
    """Return the text that a base64 word contains in gzip or zlib; None for other words."""
    data = _bytes_of_base64(found[0])
    try:
        stream = zlib.decompressobj(47)  # gzip or zlib
        text = _text_of(stream.decompress(data or b"", _MAX_UNPACKED_CELL))
    except zlib.error:
        return None
    return text if stream.eof else None


def _hex(found: re.Match[str]) -> str | None:
    """Decode hexadecimal digits to text; decimal digits alone only to digits."""
    word = found[0].lower().removeprefix("0x").removeprefix("x").strip("'")
    text = _text_of(bytes.fromhex(word), common=True)
    return text if text is None or not word.isdigit() or text.isdigit() else None


def _mail_word(found: re.Match[str]) -> str | None:
    """Decode a word of a mail header: ``=?utf-8?B?5byg?= -> 张``."""
    charset, kind, data = found.groups()
    try:
        if kind in "bB":
            return base64.b64decode(data + "=" * (-len(data) % 4)).decode(charset, "replace")
        return binascii.a2b_qp(data.replace("_", " ").encode()).decode(charset, "replace")
    except (ValueError, LookupError):
        return None


_VIEWS: Final[tuple[tuple[str, re.Pattern[str], Callable[[re.Match[str]], str | None]], ...]] = (
    ("bytea", _BYTEA, lambda found: _of_bytes(found[0][2:])),
    ("escapes", _ESCAPES, _escapes),
    ("escapes", _BYTE_ESCAPES, lambda found: _of_bytes(found[0].replace("\\x", ""))),
    ("spaces", _SPACED, lambda found: found[0].replace(" ", "")),
    ("hz", _HZ, lambda found: found[0].encode("latin-1").decode("hz", "replace")),
    ("percent", _PERCENT, lambda found: _of_bytes(found[0].replace("%", ""))),
    ("entities", _ENTITY, lambda found: html.unescape(found[0]).replace("\xa0", " ")),
    ("tags", _INLINE_TAG, lambda _: ""),
    ("mail words", _MAIL_WORD, _mail_word),
    (
        "quoted-printable",
        _QUOTED_PRINTABLE,
        lambda found: _text_of(binascii.a2b_qp(found[0].encode())),
    ),
    ("gzip", _PACKED, _unpacked),
    ("hex", _HEX, _hex),
    ("base64", _LABELLED, _labelled),
    ("base64", _BASE64, _base64),
    *(("mojibake", pattern, repair) for pattern, repair in REPAIRS),
    ("utf-16", _WIDE, lambda found: found[0].replace("\0", "")),
)


@dataclass(slots=True)
class Ranges:
    """Source ranges of a decoded text: character i stands for ``[begins[i], ends[i])``.

    Characters of one decoded word share its range. ``views``: name of the outermost view of each
    character, empty for one that stands for itself.
    """

    begins: list[int]
    ends: list[int]
    views: list[str]

    @classmethod
    def of(cls, text: str) -> Ranges:
        """Return the ranges of a text that stands for itself."""
        size = len(text)
        return cls(list(range(size)), list(range(1, size + 1)), [""] * size)

    def replace(self, at: int, old: int, new: int, view: str) -> None:
        """Replace ``old`` characters from ``at`` on by ``new`` others that ``view`` decoded."""
        end = at + old
        first, last = self.begins[at], self.ends[end - 1]
        outer = set(self.views[at:end])
        self.begins[at:end] = [first] * new
        self.ends[at:end] = [last] * new
        known = outer.pop() if len(outer) == 1 else "mixed"
        self.views[at:end] = [known or view] * new


def decode_text(text: str, ranges: Ranges | None = None) -> tuple[str, list[str]]:
    r"""Decode everything in a text. Return it and the names of the views that changed it.

    ``ranges``: of the characters of ``text``; changed to those of the decoded text.

    >>> decode_text(r"\u5f20\u4e09 &#49;&#51;8<b>0013</b>8000")
    ('张三 13800138000', ['escapes', 'entities', 'tags'])
    """
    views: list[str] = []
    for _ in range(_ROUNDS):
        before = text
        for name, pattern, decode in _VIEWS:
            if name == "mojibake" and text.isascii():
                continue
            view = _View(name, decode, ranges)
            decoded = pattern.sub(view.replace, text)
            if decoded != text:
                text = decoded
                views.append(name)
        if text == before:
            break
    return text, list(dict.fromkeys(views))


@dataclass(slots=True)
class _View:
    """One pass over a text."""

    name: str
    decode: Callable[[re.Match[str]], str | None]
    ranges: Ranges | None
    shift: int = 0  # characters that the text has gained so far

    def replace(self, found: re.Match[str]) -> str:
        """Return the decoded match; the match itself if it is not decoded, or too long."""
        text = self.decode(found)
        if text is None or (len(text) > len(found[0]) and self.name != "gzip"):
            return found[0]
        if self.ranges is not None and text != found[0]:
            at = found.start() + self.shift
            self.ranges.replace(at, len(found[0]), len(text), self.name)
            self.shift += len(text) - len(found[0])
        return text


def coded_rows(texts: pa.Array, *, expressions: bool = False) -> Int64:
    r"""Return the indices of the texts that may be encoded: ``int64[n]``.

    ``expressions``: also of those that may be expressions of literals in SQL.

    >>> coded_rows(pa.array(["&#24352;", "430104199003071234", "MTM4MDAxMzgwMDA="])).tolist()
    [0, 2]
    """
    ends, data = string_buffers(texts)
    found = np.zeros(len(texts), np.uint8)
    mark_coded(data, ends.astype(np.int64, copy=False), expressions, found)
    return np.flatnonzero(found)


@dataclass(slots=True)
class CellDecoder:
    """Decoder of the cells of one table. ``counts``: number of decoded cells by view."""

    short: frozenset[int]  # columns of short words in hex or base64
    sql: bool  # cells may be expressions of literals
    counts: Counter[str] = field(default_factory=Counter)
    room: int = 0  # characters by which the packed texts of the block may still grow
    plain: list[pa.Array] = field(default_factory=list)  # columns known to encode nothing

    @classmethod
    def of(cls, table: Table, count_names: CountNames) -> CellDecoder:
        """Return the decoder of ``table``; ``count_names`` counts known column names in cells."""
        return cls(short_columns(table, count_names), table.kind == "sql")

    def ranges(self, number: int, text: str) -> tuple[str, Ranges]:
        """Return the decoded text of a cell in column ``number``, and its ranges in ``text``."""
        if number in self.short and (short := short_text(text)) is not None:
            view = "hex" if set(text) <= _HEX_SIGNS else "base64"
            return short, Ranges([0] * len(short), [len(text)] * len(short), [view] * len(short))
        value = literal_text(text) if self.sql else None
        if value is None:
            ranges = Ranges.of(text)
            return decode_text(text, ranges)[0], ranges
        size = len(value)
        ranges = Ranges([0] * size, [len(text)] * size, ["expression"] * size)
        return decode_text(value, ranges)[0], ranges

    def _column(self, number: int, cells: pa.Array) -> tuple[list[int], list[str]]:
        """Decode a column. Return (indices of changed rows, their new texts)."""
        if cells.null_count == len(cells) or any(cells is each for each in self.plain):
            return [], []
        if number in self.short:
            found = np.flatnonzero(cells.is_valid().to_numpy(zero_copy_only=False))
        else:
            found = coded_rows(cells, expressions=self.sql)
            if len(garbled := garbled_rows(cells)):
                found = np.union1d(found, garbled)
            if not len(found):
                return [], []
            some = cells.take(pa.array(found))
            trigger = pc.match_substring_regex(some, _TRIGGER)
            if self.sql:
                trigger = pc.or_(trigger, pc.match_substring_regex(some, _EXPRESSION))
            pairs = enumerate(zip(trigger.to_pylist(), some.to_pylist(), strict=True))
            # RE2 would take a millisecond to build the pattern of mojibake for each column
            found = found[[at for at, (hit, text) in pairs if hit or MOJIBAKE.search(text or "")]]
        rows: list[int] = []
        texts: list[str] = []
        for row, text in zip(found.tolist(), cells.take(pa.array(found)).to_pylist(), strict=True):
            decoded, views = self._decode(number, text)
            self.room -= max(len(decoded) - len(text), 0)
            if self.room < 0:
                self.counts[""] += 1
            elif views:
                self.counts.update(views)
                rows.append(row)
                texts.append(decoded)
        return rows, texts

    def _decode(self, number: int, text: str) -> tuple[str, list[str]]:
        """Decode a cell. Return its text and the names of the views that changed it."""
        if number in self.short and (short := short_text(text)) is not None:
            return short, ["hex" if set(text) <= _HEX_SIGNS else "base64"]
        value = literal_text(text) if self.sql else None
        decoded, views = decode_text(text if value is None else value)
        return decoded, views if value is None else ["expression", *views]

    def block(self, block: Block) -> Block:
        """Return ``block`` with its cells decoded.

        A piece of a long record stays as it is, since its place is one of characters.
        """
        if block.own_range is not None:
            return block
        columns, starts, self.room = list(block.columns), block.byte_starts, _MAX_UNPACKED
        for number, column in enumerate(block.columns):
            rows, texts = self._column(number, column)
            if not rows:
                continue
            mask = np.zeros(len(column), np.bool_)
            mask[rows] = True
            new = pa.array(texts, column.type)
            columns[number] = pc.replace_with_mask(column, pa.array(mask), new)
            if starts is not None:
                starts = list(starts)
                places = starts[number].copy()
                places[rows] = np.where(places[rows] >= 0, -2 - places[rows], places[rows])
                starts[number] = places
        if columns == block.columns:
            return block
        return replace(block, columns=columns, byte_starts=starts)


def with_decoded_cells(table: Table, count_names: CountNames) -> Table:
    """Return a table whose sample and blocks are decoded; Troubles count cells by view.

    ``count_names``: function that counts the known column names in a list of cells.
    """
    tables = (table, *table.siblings)
    decoders = [CellDecoder.of(each, count_names) for each in tables]
    samples = [cells.block(each.sample) for each, cells in zip(tables, decoders, strict=True)]
    for cells, each, sample in zip(decoders, tables, samples, strict=True):
        pairs = zip(each.sample.columns, sample.columns, strict=True)
        cells.plain = [old for old, new in pairs if old is new and not cells.counts[""]]

    def decode(blocks: Iterator[Block | Trouble], reading: ReadState) -> Iterator[Block | Trouble]:
        """Yield the decoded blocks, then a Trouble per view."""
        counts = reading.stage("decoded", Counter[str])
        cells = [replace(each, counts=counts) for each in decoders]
        for block in blocks:
            yield block if isinstance(block, Trouble) else cells[block.table].block(block)
        if packed := counts.pop("", 0):
            yield Trouble(table.member, "ZIP_TOTAL", f"{packed} packed cells over the budget")
        for name, count in counts.items():
            yield Trouble(table.member, "DECODED", f"{name}: {count}", lost=False)

    siblings = zip(table.siblings, samples[1:], strict=True)
    return replace(
        with_blocks(table, decode),
        sample=samples[0],
        siblings=tuple(replace(each, sample=sample) for each, sample in siblings),
    )

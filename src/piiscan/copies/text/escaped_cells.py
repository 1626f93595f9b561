r"""Escaped cells: text maps of cells with doubled quotes, backslashes or hexadecimal bytes.

Every way to decode such a cell is tried. The one that gives the text which the reader read is
used, so no cell is changed on a guess. ``'O''Neil' -> O'Neil``, ``\xe5\xbc\xa0 -> 张``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from piiscan.copies.text_map import TextMap

#: Character, start byte, end byte.
_CharRange = tuple[str, int, int]
_LETTERS: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b"}
_SQL_ESCAPES: Final = _LETTERS | {"0": "\0", "Z": "\x1a"}
_COPY_ESCAPES: Final = _LETTERS | {"f": "\f", "v": "\v"}
_CODE: Final = re.compile(rb"\\(x[0-9A-Fa-f]{1,2}|[0-7]{1,3})")
_HEX: Final = re.compile(rb"(?:0x|[xX]')([0-9A-Fa-f]+)")


def match_quoted(data: bytes, at: int, text: str) -> TextMap | None:
    """Map the quoted CSV cell at byte ``at`` to its bytes; None if it is not ``text``.

    ``data``: UTF-8. ``at``: offset after the opening quote.
    """
    return _match(_read_quoted(data, at, b'"'), text)


def match_sql_value(data: bytes, at: int, text: str) -> TextMap | None:
    """Map the SQL value at byte ``at`` to its bytes; None if no decoding gives ``text``.

    ``data``: UTF-8. ``at``: offset of the value, after an opening quote if there is one. Tried in
    order: quoted with and without backslashes, COPY format, hexadecimal.
    """
    quote = data[at - 1 : at]
    readings: list[Iterator[_CharRange]] = []
    if quote in (b"'", b'"'):
        readings = [_read_quoted(data, at, quote, escapes=True), _read_quoted(data, at, quote)]
    readings.append(_read_copy_cell(data, at))
    for reading in readings:
        found = _match(reading, text)
        if found is not None:
            return found
    return _match_hex(data, at, text)


def _match(steps: Iterator[_CharRange], text: str) -> TextMap | None:
    """Build a text map if ``steps`` spell ``text``; else None."""
    begins, ends = [], []
    for expected in text:
        step = next(steps, None)
        if step is None or step[0] != expected:
            return None
        begins.append(step[1])
        ends.append(step[2])
    return TextMap(text, begins, ends)


def read_char(data: bytes, at: int) -> tuple[str, int]:
    """Return (character, end offset) of the UTF-8 character at byte ``at``; "" at the end."""
    lead = data[at] if at < len(data) else -1
    if lead < 0:
        return "", at
    width = 1 if lead < 0x80 else 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    return data[at : at + width].decode("utf-8", "replace")[:1], at + width


def _read_quoted(
    data: bytes, at: int, quote: bytes, *, escapes: bool = False
) -> Iterator[_CharRange]:
    """Yield (character, start, end) of a quoted cell, in bytes, up to its closing quote.

    A doubled quote is one character. ``escapes``: backslash escapes of MySQL are decoded.
    """
    while at < len(data):
        char, end = read_char(data, at)
        if escapes and char == "\\":
            char, end = read_char(data, end)
            char = _SQL_ESCAPES.get(char, char)
        elif data[at : at + 1] == quote:
            if data[at + 1 : at + 2] != quote:
                return
            end += 1
        yield char, at, end
        at = end


def _read_copy_cell(data: bytes, at: int) -> Iterator[_CharRange]:
    r"""Yield (character, start, end) of a COPY cell, in bytes, up to a tab or line feed.

    Octal and hexadecimal escapes are bytes of UTF-8: ``\xe5\xbc\xa0 -> 张``.
    """
    while at < len(data) and data[at] not in (9, 10):
        begin = at
        if data[at] != 92:
            char, at = read_char(data, at)
            yield char, begin, at
            continue
        code = _CODE.match(data, at)
        if code is None:
            char, at = read_char(data, at + 1)
            yield _COPY_ESCAPES.get(char, char), begin, at
            continue
        code_bytes = b""
        while code is not None and (not code_bytes or not _is_one_character(code_bytes)):
            digits = code[1]
            value = int(digits[1:], 16) if digits[:1] == b"x" else int(digits, 8)
            code_bytes += bytes([value & 255])
            at = code.end()
            code = _CODE.match(data, at)
        yield code_bytes.decode("utf-8", "replace")[:1], begin, at


def _is_one_character(code_bytes: bytes) -> bool:
    """Return True if ``code_bytes`` is one complete character of UTF-8."""
    return len(read_char(code_bytes, 0)[0].encode()) == len(code_bytes) and read_char(
        code_bytes, 0
    )[1] <= len(code_bytes)


def _match_hex(data: bytes, at: int, text: str) -> TextMap | None:
    """Map the hexadecimal value ``0xE5BCA0`` at byte ``at`` to its bytes; None if not ``text``."""
    found = _HEX.match(data, at)
    if found is None:
        return None
    digits = found[1]
    try:
        if bytes.fromhex(digits.decode()).decode("utf-8") != text:
            return None
    except ValueError:
        return None
    sizes = [2 * len(char.encode()) for char in text]
    begins, offset = [], found.start(1)
    for size in sizes:
        begins.append(offset)
        offset += size
    ends = [begin + size for begin, size in zip(begins, sizes, strict=True)]
    return TextMap(text, begins, ends, _hex_encoder(digits))


def _hex_encoder(digits: bytes) -> Callable[[str], bytes]:
    """Return a function that writes text in hexadecimal, upper or lower case like ``digits``."""
    upper = digits.upper() == digits
    return lambda new: (new.encode().hex().upper() if upper else new.encode().hex()).encode()

r"""Value scanner (kernels): find the start and end of one value of an SQL row, in any dialect.

    value := string | number | NULL | hex | [charset] string | name "(" … ")" | string "::" type | …
    string := "'" (byte | "''" | "\" byte)* "'"

    N'张三' -> 张三    CAST(N'2020-01-01' AS date) -> 2020-01-01    NULL -> empty cell

The text is decoded to UTF-8 before, so a backslash or quote is never half of another character.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import UInt8
from piiscan.jit import inner
from piiscan.sources.rows.cell_scanner import QUOTE_BYTES, QUOTE_LINES

#: Styles of a value: as it is, with backslashes, with doubled quotes, in hexadecimal, in COPY.
PLAIN, SLASHED, DOUBLED_QUOTES, HEX, COPIED = 0, 1, 2, 3, 4
#: Status of a scan: value found, cut off by the end of the text, not SQL.
DONE, MORE, BROKEN = 1, 0, -1

#: Maximum bytes of an expression (a value that is neither a string nor a word).
_MAX_EXPRESSION_BYTES: Final = 64 << 10

_LF, _SLASH, _QUOTE, _DOUBLE, _OPEN, _CLOSE, _COMMA = 10, 92, 39, 34, 40, 41, 44


def _hash(name: str) -> int:
    """Return the hash of a lower-case function name, as :func:`_is_wrapper` computes it."""
    value = 0
    for byte in name.encode():
        value = (value * 31 + byte) & 0xFFFFFFF
    return value


#: Functions whose first string is the value: CAST(N'…' AS date), TO_DATE('…','yyyy-mm-dd').
_WRAPPERS: Final = np.array(
    [
        _hash(name)
        for name in (
            *("cast", "convert", "try_cast", "to_date", "to_timestamp", "to_clob", "to_nchar"),
            *("str_to_date", "unistr", "to_char", "date", "datetime", "to_number"),
        )
    ],
    np.int64,
)


@inner
def is_blank(byte: int) -> bool:
    """Return True if the byte is white space in SQL."""
    return byte == 32 or 9 <= byte <= 13


@inner
def is_word_byte(byte: int) -> bool:
    """Return True if the byte may be part of a name or number."""
    return 48 <= byte <= 57 or 65 <= byte <= 90 or 97 <= byte <= 122 or byte == 95 or byte >= 128


@inner
def scan_string(text: UInt8, i: int, slashes: bool, final: bool) -> tuple[int, int, int]:
    """Find the closing quote of the SQL string at ``i``: return (status, offset, style)."""
    quote = text[i]
    n = text.size
    style = PLAIN
    lines = 0
    j = i + 1
    while j < n:
        c = text[j]
        if c == quote:
            if j + 1 == n and not final:
                return MORE, j, style
            if j + 1 < n and text[j + 1] == quote:
                style = max(style, DOUBLED_QUOTES) if style != SLASHED else SLASHED
                j += 1
            else:
                return DONE, j, style
        elif c == _SLASH and slashes:
            style = SLASHED
            j += 1
        elif c == _LF:
            lines += 1
            if lines >= QUOTE_LINES:
                return BROKEN, j, style
        if j - i > QUOTE_BYTES:
            return BROKEN, j, style
        j += 1
    return (BROKEN if final else MORE), n, style


@inner
def skip_blanks(text: UInt8, i: int) -> int:
    """Return the first offset from ``i`` on that is not white space."""
    while i < text.size and is_blank(text[i]):
        i += 1
    return i


@inner
def skip_comment(text: UInt8, i: int, slashes: bool, final: bool) -> tuple[int, int]:
    """Skip the comment at ``i``: return (DONE, offset after it), else (MORE or BROKEN, ``i``).

    MORE: the text is cut off.  BROKEN: there is no comment.
    """
    n = text.size
    c = text[i]
    # MySQL's "#", or "--"
    if c == 35 and slashes or c == 45 and i + 1 < n and text[i + 1] == 45:  # noqa: RUF021
        j = i
        while j < n and text[j] != _LF:
            j += 1
        return (DONE if j < n or final else MORE), j
    if c == 47 and i + 1 < n and text[i + 1] == 42:  # /*
        j = i + 2
        while j + 1 < n and not (text[j] == 42 and text[j + 1] == 47):  # */
            j += 1
            if j - i > QUOTE_BYTES:
                return BROKEN, i
        if j + 1 < n:
            return DONE, j + 2
        return (BROKEN if final else MORE), i
    return BROKEN, i


@inner
def _is_wrapper(text: UInt8, i: int, stop: int) -> bool:
    """Return True if the name [i, stop) is a function such as TO_DATE around a string value."""
    value = 0
    for j in range(i, stop):
        c = int(text[j])
        value = (value * 31 + (c + 32 if 65 <= c <= 90 else c)) & 0xFFFFFFF
    for k in range(_WRAPPERS.size):  # noqa: SIM110 - numba has no any()
        if _WRAPPERS[k] == value:
            return True
    return False


@inner
def _end_expression(text: UInt8, i: int, slashes: bool, final: bool) -> tuple[int, int, int, int]:
    """Find the end of an SQL expression: (status, end, first string's quotes or -1).

    The quotes are those of its first string, -1 if there is none.
    """
    n = text.size
    depth = 0
    first, last = -1, -1
    j = i
    while j < n:
        c = text[j]
        if c in (_QUOTE, _DOUBLE):
            status, stop, _ = scan_string(text, j, slashes, final)
            if status != DONE:
                return status, j, -1, -1
            if first < 0 and c == _QUOTE:
                first, last = j, stop
            j = stop
        elif c == _OPEN:
            depth += 1
        elif c == _CLOSE and depth > 0:
            depth -= 1
        elif depth == 0 and c in (_COMMA, _CLOSE):
            return DONE, j, first, last
        elif c == 59 and depth == 0:  # ;
            return BROKEN, j, -1, -1
        if j - i > _MAX_EXPRESSION_BYTES:
            return BROKEN, j, -1, -1
        j += 1
    return (BROKEN if final else MORE), n, -1, -1


@inner
def _is_null(text: UInt8, i: int, stop: int) -> bool:
    """Return True if the bytes [i, stop) are NULL in any case."""
    return (
        stop - i == 4
        and text[i] | 32 == 110  # n
        and text[i + 1] | 32 == 117  # u
        and text[i + 2] | 32 == 108  # l
        and text[i + 3] | 32 == 108  # l
    )


@inner
def _scan_expression(
    text: UInt8, i: int, name: int, slashes: bool, final: bool
) -> tuple[int, int, int, int, int]:
    """Scan an SQL value at ``i`` that is no string: (status, start, end, style, next offset).

    ``name`` is the end of the word at ``i``.
    """
    status, end, first, last = DONE, name, -1, -1
    if text[name] != _COMMA and text[name] != _CLOSE:
        status, end, first, last = _end_expression(text, i, slashes, final)
    if status != DONE:
        return status, i, i, PLAIN, end
    stop = end
    while stop > i and is_blank(text[stop - 1]):
        stop -= 1
    is_call = first >= 0 and name > i and text[name] == _OPEN and text[stop - 1] == _CLOSE
    if is_call and _is_wrapper(text, i, name):
        _, _, style = scan_string(text, first, slashes, True)
        return DONE, first + 1, last, style, end
    if _is_null(text, i, stop):
        return DONE, i, i, PLAIN, end
    is_hex = stop - i > 3 and text[i] == 48 and text[i + 1] | 32 == 120  # 0x
    return DONE, i, stop, HEX if is_hex else PLAIN, end


@inner
def _skip_charset(text: UInt8, i: int) -> int:
    """Return the offset after a character set name before a literal (_utf8mb4'…'), else ``i``."""
    j = i
    if j < text.size and text[j] == 95:  # _
        while j < text.size and is_word_byte(text[j]):
            j += 1
        j = skip_blanks(text, j)
        if j + 1 < text.size and (text[j] == _QUOTE or text[j + 1] | 32 in (_QUOTE, 120)):
            return j
    return i


@inner
def scan_value(text: UInt8, i: int, slashes: bool, final: bool) -> tuple[int, int, int, int, int]:
    """Scan the SQL value at ``i`` (not blank): (status, start, end, style, next offset).

    The next offset is that of the comma or bracket after the value.  A string with N, E, X or
    _binary before it, in a CAST or TO_DATE, or with ::type after it, is the string itself.  Any
    other expression is its own text; NULL is an empty cell.
    """
    n = text.size
    i = _skip_charset(text, i)
    j = i
    while j < n and is_word_byte(text[j]):
        j += 1
    name = j
    if j > i and (text[i] > 57 or text[i] < 48):
        j = skip_blanks(text, j)
    if j >= n:
        return (BROKEN if final else MORE), i, i, PLAIN, n
    c = text[j]
    if c != _QUOTE and c != _DOUBLE:
        return _scan_expression(text, i, name, slashes, final)
    letter = text[i] | 32 if name == i + 1 else 0
    status, stop, style = scan_string(text, j, slashes or letter == 101, final)  # E
    if status != DONE:
        return status, i, i, PLAIN, stop
    after = skip_blanks(text, stop + 1)
    if after >= n:
        return (BROKEN if final else MORE), i, i, PLAIN, n
    if letter == 120:  # X
        return DONE, i, stop + 1, HEX, after
    if text[after] == _COMMA or text[after] == _CLOSE:
        return DONE, j + 1, stop, style, after
    if text[after] == 58:  # PostgreSQL's ::type
        status, end, _, _ = _end_expression(text, after, slashes, final)
        return status, j + 1, stop, style, end
    return _scan_expression(text, i, i, slashes, final)

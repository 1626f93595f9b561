r"""Value scanner (kernels): find the start and end of one value of an SQL row, in any dialect.

    value := string | number | NULL | hex | [charset] string | name "(" … ")" | string "::" type | …
    string := "'" (byte | "''" | "\" byte)* "'"

    N'张三' -> 张三    CAST(N'2020-01-01' AS date) -> 2020-01-01    NULL -> empty cell

The text is decoded to UTF-8 before, so a backslash or quote is never half of another character.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Int64, UInt8
from piiscan.jit import inner
from piiscan.sources.rows.row_kernels import QUOTE_BYTES, QUOTE_LINES

#: Styles of a value: as it is, with backslashes, with doubled quotes, in hexadecimal, in COPY.
PLAIN, SLASHED, DOUBLED_QUOTES, HEX, COPIED = 0, 1, 2, 3, 4
#: Also: E'\u5f20', UNISTR('\5f20') and U&'\5f20', '\xe5bca0' (bytea), UNHEX('e5bca0').
ESCAPED, UNICODE, BYTEA, DIGITS = 5, 6, 7, 8
#: Status of a scan: value found, cut off by the end of the text, not SQL.
DONE, MORE, BROKEN = 1, 0, -1

#: Maximum bytes of an expression (a value that is neither a string nor a word).
_MAX_EXPRESSION_BYTES: Final = 64 << 10

_LF, _SLASH, _QUOTE, _DOUBLE, _OPEN, _CLOSE, _COMMA = 10, 92, 39, 34, 40, 41, 44
_DOLLAR, _AND, _SEMICOLON, _COLON = 36, 38, 59, 58


def hash_lower(name: str) -> int:
    """Return the hash of a lower-case name, as :func:`hash_word` computes it."""
    value = 0
    for byte in name.encode():
        value = (value * 31 + byte) & 0xFFFFFFF
    return value


#: Functions whose first string is the value: CAST(N'…' AS date), TO_DATE('…','yyyy-mm-dd').
_WRAPPERS: Final = np.array(
    [
        hash_lower(name)
        for name in (
            *("cast", "convert", "try_cast", "to_date", "to_timestamp", "to_clob", "to_nchar"),
            *("str_to_date", "unistr", "to_char", "date", "datetime", "to_number"),
            *("unhex", "hextoraw"),
        )
    ],
    np.int64,
)
_UNISTR: Final = hash_lower("unistr")
_HEXERS: Final = (hash_lower("unhex"), hash_lower("hextoraw"))
#: Words that end a value outside brackets: SET a = 1 WHERE …, SELECT 'x' AS a FROM …
_ENDS: Final = np.array(
    [
        hash_lower(name)
        for name in (
            *("where", "from", "union", "and", "on", "as", "returning", "limit", "order"),
            *("output", "option", "go", "or", "when"),
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
def hash_word(text: UInt8, i: int, stop: int) -> int:
    """Return the hash of the word [i, stop) in lower case."""
    value = 0
    for j in range(i, stop):
        c = int(text[j])
        value = (value * 31 + (c + 32 if 65 <= c <= 90 else c)) & 0xFFFFFFF
    return value


@inner
def _contains(hashes: Int64, value: int) -> bool:
    """Return True if ``value`` is one of ``hashes``."""
    for k in range(hashes.size):  # noqa: SIM110 - numba has no any()
        if hashes[k] == value:
            return True
    return False


@inner
def ends_value(text: UInt8, i: int) -> bool:
    """Return True if a word at ``i`` ends a value outside brackets, such as WHERE."""
    j = i
    while j < text.size and j - i < 12 and is_word_byte(text[j]):
        j += 1
    return j > i and _contains(_ENDS, hash_word(text, i, j))


@inner
def _end_expression(
    text: UInt8, i: int, slashes: bool, final: bool, loose: bool
) -> tuple[int, int, int, int]:
    """Find the end of an SQL expression: (status, end, first string's quotes or -1).

    The quotes are those of its first string, -1 if there is none.  ``loose``: a semicolon, a word
    such as WHERE, and the end of the text end it, too.
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
        elif c == _SEMICOLON and depth == 0:
            return (DONE if loose else BROKEN), j, first if loose else -1, last if loose else -1
        elif loose and depth == 0 and is_blank(c) and ends_value(text, skip_blanks(text, j)):
            return DONE, j, first, last
        if j - i > _MAX_EXPRESSION_BYTES:
            return BROKEN, j, -1, -1
        j += 1
    if loose and final and depth == 0:
        return DONE, n, first, last
    return (BROKEN if final else MORE), n, -1, -1


@inner
def _is_one_call(text: UInt8, i: int, stop: int, first: int, slashes: bool) -> bool:
    """Return True if the bracket at ``i`` closes at the end, and none is before string ``first``.

    CAST('a' AS char), but not TO_CLOB('a')||TO_CLOB('b') and not CAST(CONCAT('a','b') AS char).
    """
    depth = 0
    j = i
    while j < stop:
        c = text[j]
        if c in (_QUOTE, _DOUBLE):
            _, j, _ = scan_string(text, j, slashes, True)
        elif c == _OPEN:
            depth += 1
            if depth > 1 and j < first:
                return False
        elif c == _CLOSE:
            depth -= 1
            if depth == 0:
                return j == stop - 1
        j += 1
    return False


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
    text: UInt8, i: int, name: int, slashes: bool, final: bool, loose: bool
) -> tuple[int, int, int, int, int]:
    """Scan an SQL value at ``i`` that is no string: (status, start, end, style, next offset).

    ``name`` is the end of the word at ``i``.
    """
    status, end, first, last = DONE, name, -1, -1
    if name >= text.size or (text[name] != _COMMA and text[name] != _CLOSE):
        status, end, first, last = _end_expression(text, i, slashes, final, loose)
    if status != DONE:
        return status, i, i, PLAIN, end
    stop = end
    while stop > i and is_blank(text[stop - 1]):
        stop -= 1
    is_call = first >= 0 and name > i and text[name] == _OPEN and text[stop - 1] == _CLOSE
    function = hash_word(text, i, name) if is_call else 0
    is_wrapper = is_call and _contains(_WRAPPERS, function)
    if is_wrapper and _is_one_call(text, name, stop, first, slashes):
        _, _, style = scan_string(text, first, slashes, True)
        style = UNICODE if function == _UNISTR else DIGITS if function in _HEXERS else style
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
def _scan_dollars(text: UInt8, i: int, final: bool) -> tuple[int, int, int]:
    """Scan the string in dollars at ``i``: (status, start, end), BROKEN if there is none.

    $$张三$$, $a$张三$a$ -> 张三
    """
    n = text.size
    j = i + 1
    while j < n and is_word_byte(text[j]):
        j += 1
    if j >= n or text[j] != _DOLLAR:
        return BROKEN, i, i
    start, width = j + 1, j + 1 - i
    j = start
    while j + width <= n and j - i < QUOTE_BYTES:
        k = 0
        while k < width and text[j + k] == text[i + k]:
            k += 1
        if k == width:
            return DONE, start, j
        j += 1
    return (BROKEN if final or j - i >= QUOTE_BYTES else MORE), i, i


@inner
def _scan_q_string(text: UInt8, i: int, final: bool) -> tuple[int, int]:
    """Find the end of Oracle's string whose quote is at ``i``: (status, offset of the quote).

    q'[张三]' -> 张三
    """
    n = text.size
    if i + 1 >= n:
        return (BROKEN if final else MORE), i
    close = text[i + 1]
    for k in range(4):
        if close == b"[({<"[k]:
            close = b"])}>"[k]
    j = i + 2
    while j + 1 < n and j - i < QUOTE_BYTES:
        if text[j] == close and text[j + 1] == _QUOTE:
            return DONE, j + 1
        j += 1
    return (BROKEN if final or j - i >= QUOTE_BYTES else MORE), i


@inner
def scan_value(  # noqa: C901 - a branch for each kind of string
    text: UInt8, i: int, slashes: bool, final: bool, loose: bool
) -> tuple[int, int, int, int, int]:
    """Scan the SQL value at ``i`` (not blank): (status, start, end, style, next offset).

    The next offset is that of the comma or bracket after the value, if ``loose`` also of a
    semicolon or word.  A string with N, E, X or _binary before it, in a CAST or TO_DATE, or with
    ::type after it, is the string itself.  Any other expression is its own text; NULL is an empty
    cell.
    """
    n = text.size
    i = _skip_charset(text, i)
    j = i
    while j < n and is_word_byte(text[j]):
        j += 1
    name = j
    if j > i and (text[i] > 57 or text[i] < 48):
        j = skip_blanks(text, j)
    if j >= n and not (loose and final):
        return (BROKEN if final else MORE), i, i, PLAIN, n
    c = text[j] if j < n else 0
    letter = text[i] | 32 if name == i + 1 else 0
    start, stop, style, status = j + 1, j, PLAIN, BROKEN
    if letter == 117 and c == _AND and j + 1 < n and text[j + 1] == _QUOTE:  # U&
        status, stop, _ = scan_string(text, j + 1, False, final)
        start, style = j + 2, UNICODE
    elif letter == 113 and c == _QUOTE:  # q
        status, stop = _scan_q_string(text, j, final)
        start = j + 2
    elif c == _DOLLAR and j == i:
        status, start, stop = _scan_dollars(text, i, final)
        if status == BROKEN:
            return _scan_expression(text, i, name, slashes, final, loose)
    elif c != _QUOTE and c != _DOUBLE:
        return _scan_expression(text, i, name, slashes, final, loose)
    else:
        status, stop, style = scan_string(text, j, slashes or letter == 101, final)  # E
    if status != DONE:
        return status, i, i, PLAIN, stop
    end, width = stop, 1
    if letter == 113 and c == _QUOTE:
        end = stop - 1
    elif c == _DOLLAR:
        width = start - i
    elif letter == 101 and style == SLASHED and not slashes:
        style = ESCAPED
    elif style == PLAIN and stop - start > 3 and text[start] == _SLASH and text[start + 1] == 120:
        style = BYTEA  # \x
    after = skip_blanks(text, stop + width)
    if after >= n and not (loose and final):
        return (BROKEN if final else MORE), i, i, PLAIN, n
    if letter == 120:  # X
        return DONE, i, stop + 1, HEX, after
    if after >= n or text[after] == _COMMA or text[after] == _CLOSE:
        return DONE, start, end, style, after
    if text[after] == _COLON:  # PostgreSQL's ::type
        status, after, _, _ = _end_expression(text, after, slashes, final, loose)
        return status, start, end, style, after
    if loose and (
        text[after] == _SEMICOLON or (after > stop + width and is_word_byte(text[after]))
    ):
        return DONE, start, end, style, after
    return _scan_expression(text, i, i, slashes, final, loose)

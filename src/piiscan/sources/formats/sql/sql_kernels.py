# mypy: ignore-errors
# cython: infer_types=True
r"""Kernels of SQL dumps: the rows of INSERT statements and COPY blocks, found in one pass.

    rows := row ("," row)* [";"];  row := "(" value ("," value)* ")";  blanks and comments between
    copy := (value (TAB value)* LF)* "\." LF
    value := string | number | NULL | hex | [charset] string | name "(" … ")" | string "::" type | …
    string := "'" (byte | "''" | "\" byte)* "'"

    VALUES ('张三',13800138000),('李四',NULL); -> 2 rows of 2 cells
    N'张三' -> 张三    CAST(N'2020-01-01' AS date) -> 2020-01-01    O\'Brien -> O'Brien

The text is decoded to UTF-8 before, so a backslash or quote is never half of another character.
Parameters: ``text`` (UTF-8 bytes) and its ``size``, ``i`` (byte offset), ``slashes`` (a backslash
escapes a quote), ``final`` (the text is complete).
"""

from typing import TYPE_CHECKING

import cython
from cython.cimports.libc.stdint import int64_t, uint8_t
from cython.cimports.piiscan.kernel_arrays import *
from cython.cimports.piiscan.sources.rows.tokenizer import (
    BARE,
    MAX_CELLS,
    QUOTE_BYTES,
    QUOTE_LINES,
    REWRITTEN,
)  # fmt: skip

from piiscan import arrays

if TYPE_CHECKING:
    from piiscan.sources.formats.sql import row_buffer

#: Maximum bytes of an expression (a value that is neither a string nor a word).
_MAX_EXPRESSION_BYTES = cython.declare(int64_t, 64 << 10)

#: Hashes of functions whose first string is the value, and of words that end a value.
_WRAPPERS = cython.declare(int64_t[15])
_ENDS = cython.declare(int64_t[14])
#: [code point]: 1 for those of GB 2312, the usual ones of names and addresses.
_HANZI = cython.declare(uint8_t[0x10000])


@cython.cfunc
@cython.nogil
def _is_blank(byte: uint8_t) -> cython.bint:
    """Return True if the byte is white space in SQL."""
    return byte == 32 or 9 <= byte <= 13


@cython.cfunc
@cython.nogil
def _is_word_byte(byte: uint8_t) -> cython.bint:
    """Return True if the byte may be part of a name or number."""
    return 48 <= byte <= 57 or 65 <= byte <= 90 or 97 <= byte <= 122 or byte == 95 or byte >= 128


@cython.cfunc
@cython.nogil
def _hash_word(text: UInt8, i: int64_t, stop: int64_t) -> int64_t:
    """Return the hash of the word [i, stop) in lower case."""
    value: int64_t = 0
    byte: uint8_t
    for j in range(i, stop):
        byte = text[j]
        if 65 <= byte <= 90:
            byte += 32
        value = (value * 31 + byte) & 0xFFFFFFF
    return value


def _hash_name(name: bytes) -> int:
    """Return the hash of a word."""
    return _hash_word(name, 0, len(name))


def _fill_tables() -> None:
    """Fill the tables of words and of Hanzi."""
    # CAST(N'…' AS date), TO_DATE('…','yyyy-mm-dd')
    wrappers = (
        b"cast convert try_cast to_date to_timestamp to_clob to_nchar str_to_date unistr to_char"
        b" date datetime to_number unhex hextoraw"
    )
    # outside brackets: SET a = 1 WHERE …, SELECT 'x' AS a FROM …
    ends = b"where from union and on as returning limit order output option go or when"
    for number, name in enumerate(wrappers.split()):
        _WRAPPERS[number] = _hash_name(name)
    for number, name in enumerate(ends.split()):
        _ENDS[number] = _hash_name(name)
    rows = bytes(x for a in range(0xA1, 0xF8) for b in range(0xA1, 0xFF) for x in (a, b))
    for code in map(ord, rows.decode("gb2312", "ignore")):
        _HANZI[code] = 1


_fill_tables()
_UNISTR = cython.declare(int64_t, _hash_name(b"unistr"))
_UNHEX = cython.declare(int64_t, _hash_name(b"unhex"))
_HEXTORAW = cython.declare(int64_t, _hash_name(b"hextoraw"))
_WHERE = cython.declare(int64_t, _hash_name(b"where"))
_AND = cython.declare(int64_t, _hash_name(b"and"))


@cython.cfunc
@cython.nogil
def _contains(hashes: Int64, count: cython.int, value: int64_t) -> cython.bint:
    """Return True if ``value`` is one of ``hashes``."""
    k: cython.int = 0
    while k < count and hashes[k] != value:
        k += 1
    return k < count


@cython.cfunc
@cython.nogil
def _skip_word(text: UInt8, size: int64_t, i: int64_t) -> int64_t:
    """Return the offset after the word at ``i``."""
    while i < size and _is_word_byte(text[i]):
        i += 1
    return i


@cython.cfunc
@cython.nogil
def _skip_blanks(text: UInt8, size: int64_t, i: int64_t) -> int64_t:
    """Return the first offset from ``i`` on that is not white space."""
    while i < size and _is_blank(text[i]):
        i += 1
    return i


@cython.cfunc
@cython.nogil
def _scan_string(
    text: UInt8, size: int64_t, i: int64_t, slashes: cython.bint, final: cython.bint
) -> tuple[cython.int, int64_t, cython.int]:
    """Find the closing quote of the SQL string at ``i``: return (status, offset, style)."""
    quote: uint8_t = text[i]
    style: cython.int = PLAIN
    lines: int64_t = 0
    j: int64_t = i + 1
    while j < size:
        byte = text[j]
        if byte == quote:
            if j + 1 == size and not final:
                return MORE, j, style
            if j + 1 < size and text[j + 1] == quote:
                if style == PLAIN:
                    style = DOUBLED_QUOTES
                j += 1
            else:
                return DONE, j, style
        elif byte == 92 and slashes:  # \
            style = SLASHED
            j += 1
        elif byte == 10:
            lines += 1
            if lines >= QUOTE_LINES:
                return BROKEN, j, style
        if j - i > QUOTE_BYTES:
            return BROKEN, j, style
        j += 1
    return (BROKEN if final else MORE), size, style


@cython.cfunc
@cython.nogil
def _skip_comment(
    text: UInt8, size: int64_t, i: int64_t, slashes: cython.bint, final: cython.bint
) -> tuple[cython.int, int64_t]:
    """Skip the comment at ``i``: return (DONE, offset after it), else (MORE or BROKEN, ``i``).

    MORE: the text is cut off.  BROKEN: there is no comment.
    """
    byte: uint8_t = text[i]
    # MySQL's "#", or "--"
    if (byte == 35 and slashes) or (byte == 45 and i + 1 < size and text[i + 1] == 45):
        j = i
        while j < size and text[j] != 10:
            j += 1
        return (DONE if j < size or final else MORE), j
    if byte == 47 and i + 1 < size and text[i + 1] == 42:  # /*
        j = i + 2
        while j + 1 < size and not (text[j] == 42 and text[j + 1] == 47):  # */
            j += 1
            if j - i > QUOTE_BYTES:
                return BROKEN, i
        if j + 1 < size:
            return DONE, j + 2
        return (BROKEN if final else MORE), i
    return BROKEN, i


@cython.cfunc
@cython.nogil
def _ends_value(text: UInt8, size: int64_t, i: int64_t) -> cython.bint:
    """Return True if a word at ``i`` ends a value outside brackets, such as WHERE."""
    j: int64_t = _skip_word(text, min(size, i + 12), i)
    return j > i and _contains(_ENDS, 14, _hash_word(text, i, j))


@cython.cfunc
@cython.nogil
def _end_expression(
    text: UInt8,
    size: int64_t,
    i: int64_t,
    slashes: cython.bint,
    final: cython.bint,
    loose: cython.bint,
) -> tuple[cython.int, int64_t, int64_t, int64_t]:
    """Find the end of an SQL expression: (status, end, first string's quotes or -1).

    The quotes are those of its first string, -1 if there is none.  ``loose``: a semicolon, a word
    such as WHERE, and the end of the text end it, too.
    """
    depth: int64_t = 0
    first: int64_t = -1
    last: int64_t = -1
    j: int64_t = i
    while j < size:
        byte = text[j]
        if byte == 39 or byte == 34:  # ' "
            status, stop, _style = _scan_string(text, size, j, slashes, final)
            if status != DONE:
                return status, j, -1, -1
            if first < 0 and byte == 39:
                first = j
                last = stop
            j = stop
        elif byte == 40:  # (
            depth += 1
        elif byte == 41 and depth > 0:  # )
            depth -= 1
        elif depth == 0 and (byte == 44 or byte == 41):  # , )
            return DONE, j, first, last
        elif byte == 59 and depth == 0:  # ;
            if loose:
                return DONE, j, first, last
            return BROKEN, j, -1, -1
        elif (
            loose
            and depth == 0
            and _is_blank(byte)
            and _ends_value(text, size, _skip_blanks(text, size, j))
        ):
            return DONE, j, first, last
        if j - i > _MAX_EXPRESSION_BYTES:
            return BROKEN, j, -1, -1
        j += 1
    if loose and final and depth == 0:
        return DONE, size, first, last
    return (BROKEN if final else MORE), size, -1, -1


@cython.cfunc
@cython.nogil
def _is_one_call(
    text: UInt8, size: int64_t, i: int64_t, stop: int64_t, first: int64_t, slashes: cython.bint
) -> cython.bint:
    """Return True if the bracket at ``i`` closes at the end, and none is before string ``first``.

    CAST('a' AS char), but not TO_CLOB('a')||TO_CLOB('b') and not CAST(CONCAT('a','b') AS char).
    """
    depth: int64_t = 0
    j: int64_t = i
    while j < stop:
        byte = text[j]
        if byte == 39 or byte == 34:  # ' "
            _status, j, _style = _scan_string(text, size, j, slashes, True)
        elif byte == 40:  # (
            depth += 1
            if depth > 1 and j < first:
                return False
        elif byte == 41:  # )
            depth -= 1
            if depth == 0:
                return j == stop - 1
        j += 1
    return False


@cython.cfunc
@cython.nogil
def _is_null(text: UInt8, i: int64_t, stop: int64_t) -> cython.bint:
    """Return True if the bytes [i, stop) are NULL in any case."""
    return (
        stop - i == 4
        and text[i] | 32 == 110  # n
        and text[i + 1] | 32 == 117  # u
        and text[i + 2] | 32 == 108  # l
        and text[i + 3] | 32 == 108  # l
    )


@cython.cfunc
@cython.nogil
def _scan_expression(
    text: UInt8,
    size: int64_t,
    i: int64_t,
    name: int64_t,
    slashes: cython.bint,
    final: cython.bint,
    loose: cython.bint,
) -> tuple[cython.int, int64_t, int64_t, cython.int, int64_t]:
    """Scan an SQL value at ``i`` that is no string: (status, start, end, style, next offset).

    ``name`` is the end of the word at ``i``.
    """
    status: cython.int = DONE
    style: cython.int = PLAIN
    end: int64_t = name
    first: int64_t = -1
    last: int64_t = -1
    if name >= size or (text[name] != 44 and text[name] != 41):  # , )
        status, end, first, last = _end_expression(text, size, i, slashes, final, loose)
    if status != DONE:
        return status, i, i, PLAIN, end
    stop = end
    while stop > i and _is_blank(text[stop - 1]):
        stop -= 1
    if first >= 0 and name > i and text[name] == 40 and text[stop - 1] == 41:  # ( )
        function = _hash_word(text, i, name)
        if _contains(_WRAPPERS, 15, function) and _is_one_call(
            text, size, name, stop, first, slashes
        ):
            status, stop, style = _scan_string(text, size, first, slashes, True)
            if function == _UNISTR:
                style = UNICODE
            elif function == _UNHEX or function == _HEXTORAW:
                style = DIGITS
            return DONE, first + 1, last, style, end
    if _is_null(text, i, stop):
        return DONE, i, i, PLAIN, end
    if stop - i > 3 and text[i] == 48 and text[i + 1] | 32 == 120:  # 0x
        style = HEX
    return DONE, i, stop, style, end


@cython.cfunc
@cython.nogil
def _skip_charset(text: UInt8, size: int64_t, i: int64_t) -> int64_t:
    """Return the offset after a character set name before a literal (_utf8mb4'…'), else ``i``."""
    if i < size and text[i] == 95:  # _
        j = _skip_blanks(text, size, _skip_word(text, size, i))
        if j + 1 < size and (
            text[j] == 39 or text[j + 1] | 32 == 39 or text[j + 1] | 32 == 120  # ' x
        ):
            return j
    return i


@cython.cfunc
@cython.nogil
def _scan_dollars(
    text: UInt8, size: int64_t, i: int64_t, final: cython.bint
) -> tuple[cython.int, int64_t, int64_t]:
    """Scan the string in dollars at ``i``: (status, start, end), BROKEN if there is none.

    $$张三$$, $a$张三$a$ -> 张三
    """
    k: int64_t
    j: int64_t = _skip_word(text, size, i + 1)
    if j >= size or text[j] != 36:  # $
        return BROKEN, i, i
    start = j + 1
    width = j + 1 - i
    j = start
    while j + width <= size and j - i < QUOTE_BYTES:
        k = 0
        while k < width and text[j + k] == text[i + k]:
            k += 1
        if k == width:
            return DONE, start, j
        j += 1
    return (BROKEN if final or j - i >= QUOTE_BYTES else MORE), i, i


@cython.cfunc
@cython.nogil
def _scan_q_string(
    text: UInt8, size: int64_t, i: int64_t, final: cython.bint
) -> tuple[cython.int, int64_t]:
    """Find the end of Oracle's string whose quote is at ``i``: (status, offset of the quote).

    q'[张三]' -> 张三
    """
    close: uint8_t
    if i + 1 >= size:
        return (BROKEN if final else MORE), i
    close = text[i + 1]
    if close == 40:  # ( )
        close = 41
    elif close == 91 or close == 123 or close == 60:  # [ ] { } < >
        close += 2
    j = i + 2
    while j + 1 < size and j - i < QUOTE_BYTES:
        if text[j] == close and text[j + 1] == 39:  # '
            return DONE, j + 1
        j += 1
    return (BROKEN if final or j - i >= QUOTE_BYTES else MORE), i


@cython.cfunc
@cython.nogil
def _scan_value(
    text: UInt8,
    size: int64_t,
    i: int64_t,
    slashes: cython.bint,
    final: cython.bint,
    loose: cython.bint,
) -> tuple[cython.int, int64_t, int64_t, cython.int, int64_t]:
    """Scan the SQL value at ``i`` (not blank): (status, start, end, style, next offset).

    The next offset is that of the comma or bracket after the value, if ``loose`` also of a
    semicolon or word.  A string with N, E, X or _binary before it, in a CAST or TO_DATE, or with
    ::type after it, is the string itself.  Any other expression is its own text; NULL is an empty
    cell.
    """
    width: int64_t = 1
    byte: uint8_t = 0
    letter: cython.int = 0
    style: cython.int = PLAIN
    i = _skip_charset(text, size, i)
    name = j = _skip_word(text, size, i)
    if j > i and (text[i] > 57 or text[i] < 48):
        j = _skip_blanks(text, size, j)
    if j >= size and not (loose and final):
        return (BROKEN if final else MORE), i, i, PLAIN, size
    if j < size:
        byte = text[j]
    if name == i + 1:
        letter = text[i] | 32
    start = j + 1
    if letter == 117 and byte == 38 and j + 1 < size and text[j + 1] == 39:  # U&'
        status, stop, _style = _scan_string(text, size, j + 1, False, final)
        start = j + 2
        style = UNICODE
    elif letter == 113 and byte == 39:  # q'
        status, stop = _scan_q_string(text, size, j, final)
        start = j + 2
    elif byte == 36 and j == i:  # $
        status, start, stop = _scan_dollars(text, size, i, final)
        if status == BROKEN:
            return _scan_expression(text, size, i, name, slashes, final, loose)
    elif byte != 39 and byte != 34:  # ' "
        return _scan_expression(text, size, i, name, slashes, final, loose)
    else:
        status, stop, style = _scan_string(text, size, j, slashes or letter == 101, final)  # E
    if status != DONE:
        return status, i, i, PLAIN, stop
    end = stop
    if letter == 113 and byte == 39:
        end = stop - 1
    elif byte == 36:
        width = start - i
    elif letter == 101 and style == SLASHED and not slashes:
        style = ESCAPED
    elif style == PLAIN and stop - start > 3 and text[start] == 92 and text[start + 1] == 120:
        style = BYTEA  # \x
    after = _skip_blanks(text, size, stop + width)
    if after >= size and not (loose and final):
        return (BROKEN if final else MORE), i, i, PLAIN, size
    if letter == 120:  # X
        return DONE, i, stop + 1, HEX, after
    if after >= size or text[after] == 44 or text[after] == 41:  # , )
        return DONE, start, end, style, after
    if text[after] == 58:  # PostgreSQL's ::type
        status, after, _first, _last = _end_expression(text, size, after, slashes, final, loose)
        return status, start, end, style, after
    if loose and (text[after] == 59 or (after > stop + width and _is_word_byte(text[after]))):  # ;
        return DONE, start, end, style, after
    return _scan_expression(text, size, i, i, slashes, final, loose)


@cython.cfunc
@cython.nogil
def _is_plain_utf8(text: UInt8, start: int64_t, end: int64_t) -> cython.bint:
    """Return True if the bytes are UTF-8 without control characters except tab and line ends."""
    i: int64_t = start
    k: int64_t
    width: int64_t
    while i < end:
        lead = text[i]
        if lead < 128:
            if (lead < 32 and lead != 9 and lead != 10 and lead != 13) or lead == 127:
                return False
            i += 1
            continue
        width = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
        if lead < 0xC2 or lead > 0xF4 or i + width > end:
            return False
        for k in range(1, width):
            if text[i + k] & 0xC0 != 0x80:
                return False
        second = text[i + 1]
        if (
            (lead == 0xE0 and second < 0xA0)
            or (lead == 0xED and second > 0x9F)
            or (lead == 0xF0 and second < 0x90)
            or (lead == 0xF4 and second > 0x8F)
        ):
            return False
        i += width
    return True


@cython.cfunc
@cython.nogil
def _nibble(byte: uint8_t) -> cython.int:
    """Return the value of a hexadecimal digit in ASCII, -1 if the byte is none."""
    if 48 <= byte <= 57:
        return byte - 48
    byte |= 32
    return byte - 87 if 97 <= byte <= 102 else -1


@cython.cfunc
@cython.nogil
def _copy_raw(text: UInt8, start: int64_t, end: int64_t, target: UInt8Out) -> int64_t:
    """Copy ``text[start:end]`` unchanged to the same place in ``target``; return ``end``."""
    for k in range(start, end):
        target[k] = text[k]
    return end


@cython.cfunc
@cython.nogil
def _write_utf8(code: int64_t, target: UInt8Out, o: int64_t) -> int64_t:
    """Write a code point as UTF-8 to ``target`` at ``o``; return the offset after it."""
    if code < 0x80:
        target[o] = cython.cast(uint8_t, code)
        return o + 1
    if code < 0x800:
        target[o] = cython.cast(uint8_t, 0xC0 | code >> 6)
    elif code < 0x10000:
        target[o] = cython.cast(uint8_t, 0xE0 | code >> 12)
        o += 1
        target[o] = cython.cast(uint8_t, 0x80 | code >> 6 & 63)
    else:
        target[o] = cython.cast(uint8_t, 0xF0 | code >> 18)
        target[o + 1] = cython.cast(uint8_t, 0x80 | code >> 12 & 63)
        o += 2
        target[o] = cython.cast(uint8_t, 0x80 | code >> 6 & 63)
    target[o + 1] = cython.cast(uint8_t, 0x80 | code & 63)
    return o + 2


@cython.cfunc
@cython.nogil
def _hex_number(text: UInt8, i: int64_t, width: int64_t, end: int64_t) -> int64_t:
    """Return the number of ``width`` hexadecimal digits at ``i``, -1 if there are fewer."""
    value: int64_t = 0
    digit: cython.int
    for k in range(i, i + width):
        digit = _nibble(text[k]) if k < end else -1
        if digit < 0:
            return -1
        value = value * 16 + digit
    return value


@cython.cfunc
@cython.nogil
def _write_utf16(text: UInt8, i: int64_t, stop: int64_t, target: UInt8Out, o: int64_t) -> int64_t:
    """Write UTF-16-LE in hexadecimal digits as UTF-8; return its end, -1 if it is no such text.

    Only ASCII and GB 2312 count: other bytes are rather binary.
    """
    low: int64_t
    high: int64_t
    code: int64_t
    is_ascii: cython.bint
    if stop - i < 8 or (stop - i) % 4 != 0:
        return -1
    while i < stop:
        low = _hex_number(text, i, 2, stop)
        high = _hex_number(text, i + 2, 2, stop)
        code = high * 256 + low
        is_ascii = 32 <= code < 127 or code == 9 or code == 10 or code == 13
        if low < 0 or high < 0 or not (is_ascii or _HANZI[code]):
            return -1
        o = _write_utf8(code, target, o)
        i += 4
    return o


@cython.cfunc
@cython.nogil
def _write_unhexed(
    text: UInt8, start: int64_t, end: int64_t, style: cython.int, target: UInt8Out
) -> int64_t:
    """Write the text of hexadecimal digits to ``target``; copy the literal if it is binary.

    ``style``: HEX (0x… or X'…'), BYTEA or DIGITS.  Return the end of the written text.
    """
    first: int64_t = start if style == DIGITS else start + 2
    stop: int64_t = end - 1 if style == HEX and text[start] != 48 else end  # X'…'
    i: int64_t = first
    o: int64_t = start
    has_controls: cython.bint = False
    while i + 1 < stop:
        byte = _hex_number(text, i, 2, stop)
        if byte < 0:
            break
        has_controls |= byte < 32
        target[o] = cython.cast(uint8_t, byte)
        o += 1
        i += 2
    if i != stop:
        return _copy_raw(text, start, end, target)
    is_utf8 = _is_plain_utf8(target, start, o)
    if not is_utf8 or has_controls:
        wide = _write_utf16(text, first, stop, target, start)
        if wide >= 0:
            return wide
        if not is_utf8:
            return _copy_raw(text, start, end, target)
        for k in range(start, o):
            target[k] = cython.cast(uint8_t, _hex_number(text, first + 2 * (k - start), 2, stop))
    return o


@cython.cfunc
@cython.nogil
def _unescape_letter(byte: uint8_t, is_copy: cython.bint) -> uint8_t:
    """Return the byte that a backslash and this letter mean (``n`` -> LF), else the letter."""
    if byte == 110:  # n -> LF
        return 10
    if byte == 116:  # t -> TAB
        return 9
    if byte == 114:  # r -> CR
        return 13
    if byte == 98:  # b -> backspace
        return 8
    if is_copy:
        return 12 if byte == 102 else 11 if byte == 118 else byte  # f, v
    return 0 if byte == 48 else 26 if byte == 90 else byte  # 0, Z


@cython.cfunc
@cython.nogil
def _parse_numeric_escape(text: UInt8, i: int64_t, end: int64_t) -> tuple[int64_t, int64_t]:
    r"""Parse the escape of ``\x41`` or ``\101`` (COPY); ``i`` is the byte after the backslash.

    Return (byte or -1 if it is none, next offset).
    """
    value: int64_t = -1
    j: int64_t = i
    if text[i] == 120:  # x
        j += 1
        while j < end and j < i + 3 and _nibble(text[j]) >= 0:
            value = max(value, 0) * 16 + _nibble(text[j])
            j += 1
        return value, j
    while j < end and j < i + 3 and 48 <= text[j] <= 55:  # 0-7
        value = max(value, 0) * 8 + text[j] - 48
        j += 1
    return (value & 255 if value >= 0 else -1), j


@cython.cfunc
@cython.nogil
def _write_unicode(
    text: UInt8, start: int64_t, end: int64_t, style: cython.int, target: UInt8Out
) -> int64_t:
    r"""Write a string with ``\u5f20`` (ESCAPED) or ``\5f20`` (UNICODE); return its end.

    Of ESCAPED also ``\xe5``, ``\345`` and ``\n``.
    """
    i: int64_t = start
    o: int64_t = start
    high: int64_t = 0  # first half of a surrogate pair
    width: int64_t
    while i < end:
        byte = text[i]
        if byte != 92 or i + 1 >= end:  # \
            if byte == 39 and i + 1 < end and text[i + 1] == 39:  # '
                i += 1
            target[o] = byte
            o += 1
            i += 1
            continue
        letter = text[i + 1]
        at = i + 2
        if style == ESCAPED:
            width = 4 if letter == 117 else 8 if letter == 85 else 0  # u U
        elif letter == 43:  # +
            width = 6
        else:
            width = 4
            at = i + 1
        code = _hex_number(text, at, width, end) if width > 0 else -1
        if 0 <= code < 0x110000:
            i = at + width
            if 0xD800 <= code < 0xDC00:
                high = code
                continue
            if 0xDC00 <= code < 0xE000 and high != 0:
                code = 0x10000 + (high - 0xD800) * 1024 + code - 0xDC00
            high = 0
            o = _write_utf8(code, target, o)
            continue
        if style == ESCAPED:
            value, i = _parse_numeric_escape(text, i + 1, end)
            if value < 0:
                value = _unescape_letter(letter, True)
                i += 1
        else:
            value = letter
            i += 2
        target[o] = cython.cast(uint8_t, value)
        o += 1
    return o if _is_plain_utf8(target, start, o) else _copy_raw(text, start, end, target)


@cython.cfunc
@cython.nogil
def _write_unescaped(
    text: UInt8, start: int64_t, end: int64_t, style: cython.int, target: UInt8Out
) -> int64_t:
    r"""Write SQL value [start, end) without escapes to ``target[start:]``; return its end.

    0xE5BCA0 -> 张    COPY: a\tb -> a<TAB>b
    """
    quote: uint8_t
    if style == HEX or style == BYTEA or style == DIGITS:
        return _write_unhexed(text, start, end, style, target)
    if style == ESCAPED or style == UNICODE:
        return _write_unicode(text, start, end, style, target)
    quote = text[start - 1] if start > 0 else 0
    o = start
    i = start
    while i < end:
        byte = text[i]
        if byte == 92 and style != DOUBLED_QUOTES and i + 1 < end:  # \
            value = -1
            if style == COPIED:
                value, after = _parse_numeric_escape(text, i + 1, end)
            if value >= 0:
                target[o] = cython.cast(uint8_t, value)
                i = after
            else:
                target[o] = _unescape_letter(text[i + 1], style == COPIED)
                i += 2
        else:
            if byte == quote and style != COPIED and i + 1 < end and text[i + 1] == quote:
                i += 1
            target[o] = text[i]
            i += 1
        o += 1
    if style == COPIED and not _is_plain_utf8(target, start, o):
        return _copy_raw(text, start, end, target)
    return o


@cython.cfunc
@cython.nogil
def _unescape_row(
    text: UInt8,
    unescaped: UInt8Out,
    first: int64_t,
    cell: int64_t,
    out: cython.pointer[RowArraysOut],
) -> cython.void:
    """Write the cells [first, cell) of a row to ``unescaped``; update their ends and styles."""
    for k in range(first, cell):
        if out.styles[k] != PLAIN:
            end = _write_unescaped(text, out.starts[k], out.ends[k], out.styles[k], unescaped)
            if end == out.ends[k] and out.styles[k] >= HEX:
                out.styles[k] = BARE
            else:
                out.styles[k] = REWRITTEN
            out.ends[k] = end


@cython.cfunc
@cython.nogil
def _add_cell(
    out: cython.pointer[RowArraysOut],
    cell: int64_t,
    start: int64_t,
    end: int64_t,
    style: cython.int,
) -> cython.void:
    """Write a cell to ``out``."""
    out.starts[cell] = start
    out.ends[cell] = end
    out.styles[cell] = style


@cython.cfunc
@cython.nogil
def _add_record(
    out: cython.pointer[RowArraysOut],
    counts: cython.pointer[Counts],
    cell: int64_t,
    begin: int64_t,
    head: int64_t,
) -> cython.void:
    """Write and count a record of the cells up to ``cell``: first cell, offset, head."""
    out.firsts[counts.records] = counts.cells
    out.begins[counts.records] = begin
    out.heads[counts.records] = head
    counts.records += 1
    counts.cells = cell


@cython.cfunc
@cython.nogil
def _skip_gap(
    text: UInt8,
    size: int64_t,
    i: int64_t,
    slashes: cython.bint,
    final: cython.bint,
    gaps: int64_t,
    out: cython.pointer[RowArraysOut],
) -> tuple[cython.int, int64_t, int64_t]:
    """Skip blanks and comments at ``i``; return (DONE or MORE, next offset, gap count).

    Comments are written to ``out`` as gaps.
    """
    while True:
        i = _skip_blanks(text, size, i)
        if i >= size:
            return MORE, i, gaps
        if text[i] != 45 and text[i] != 47 and text[i] != 35:  # - / #
            return DONE, i, gaps
        status, j = _skip_comment(text, size, i, slashes, final)
        if status == MORE:
            return MORE, i, gaps
        if status == BROKEN:
            return DONE, i, gaps
        out.gap_begins[gaps] = i
        out.gap_ends[gaps] = j
        gaps += 1
        i = j


@cython.cfunc
@cython.nogil
def _scan_plain_row(
    text: UInt8,
    size: int64_t,
    i: int64_t,
    slashes: cython.bint,
    cell: int64_t,
    starts: Int32Out,
    ends: Int32Out,
    styles: UInt8Out,
) -> tuple[int64_t, int64_t]:
    """Scan a row without escapes at ``i``; return (next offset, cell count), else (-1, -1).

    A simple row has texts without escapes, numbers and NULL.  Most rows of most dumps are simple,
    and this loop is several times faster than the general one.
    """
    limit: int64_t = cell + MAX_CELLS - 1
    longest: int64_t = min(size, i + QUOTE_BYTES)
    j: int64_t = i + 1
    while j < longest and cell < limit:
        byte = text[j]
        start = j
        if byte == 39:  # '
            start = j + 1
            j += 1
            if j + 1 < longest and text[j] == 92 and text[j + 1] == 120:  # bytea
                return -1, -1
            while j < longest and text[j] != 39 and text[j] != 92 and text[j] != 10:  # ' \
                j += 1
            if j + 1 >= longest or text[j] == 10 or (text[j] == 92 and slashes):
                return -1, -1
            while text[j] == 92:  # a backslash that is an ordinary character
                while j < longest and text[j] != 39 and text[j] != 10:
                    j += 1
                if j + 1 >= longest or text[j] == 10:
                    return -1, -1
            stop = j
            j += 1
        else:
            # a number: digits, "." and "-"
            while j < longest and (48 <= text[j] <= 57 or text[j] == 46 or text[j] == 45):
                j += 1
            stop = j
            if j == start:
                # NULL in capitals
                if j + 4 >= longest or text[j] != 78 or text[j + 1] != 85:
                    return -1, -1
                if text[j + 2] != 76 or text[j + 3] != 76:
                    return -1, -1
                j += 4
        if j >= longest:
            return -1, -1
        starts[cell] = start
        ends[cell] = stop
        styles[cell] = PLAIN
        cell += 1
        byte = text[j]
        j += 1
        if byte == 41:  # )
            return j, cell
        if byte != 44:  # ,
            return -1, -1
        if j < longest and text[j] == 32:
            j += 1
    return -1, -1


@cython.cfunc
@cython.nogil
def _scan_row(
    text: UInt8,
    size: int64_t,
    i: int64_t,
    slashes: cython.bint,
    final: cython.bint,
    cell: int64_t,
    gaps: int64_t,
    out: cython.pointer[RowArraysOut],
) -> tuple[cython.int, int64_t, int64_t, int64_t]:
    """Scan any SQL row whose bracket opens at ``i``; return (status, next offset, cells, gaps)."""
    limit: int64_t = cell + MAX_CELLS - 1
    j: int64_t = i + 1
    while cell < limit:
        status, j, gaps = _skip_gap(text, size, j, slashes, final, gaps, out)
        if status == MORE:
            return (BROKEN if final else MORE), j, cell, gaps
        status, start, end, style, j = _scan_value(text, size, j, slashes, final, False)
        if status != DONE:
            return status, j, cell, gaps
        _add_cell(out, cell, start, end, style)
        cell += 1
        status, j, gaps = _skip_gap(text, size, j, slashes, final, gaps, out)
        if status == MORE:
            return (BROKEN if final else MORE), j, cell, gaps
        if text[j] == 41:  # )
            return DONE, j + 1, cell, gaps
        if text[j] != 44:  # ,
            return BROKEN, j, cell, gaps
        j += 1
    return BROKEN, j, cell, gaps


@cython.cfunc
@cython.nogil
def _skip_name(text: UInt8, size: int64_t, i: int64_t) -> int64_t:
    """Return the offset after the name at ``i``, with its dots and quotes; ``i`` if none."""
    j: int64_t = i
    close: uint8_t
    while j < size:
        byte = text[j]
        if byte == 96 or byte == 34 or byte == 91:  # ` " [
            close = 93 if byte == 91 else byte  # ]
            j += 1
            while j < size and text[j] != close and text[j] != 10:
                j += 1
            if j >= size or text[j] == 10:
                return i
            j += 1
        elif _is_word_byte(byte):
            j = _skip_word(text, size, j)
        else:
            return i
        if j >= size or text[j] != 46:  # .
            return j
        j += 1
    return i


def scan_items(
    text: arrays.UInt8,
    unescaped: arrays.UInt8,
    i: int64_t,
    named: cython.bint,
    flags: tuple,
    cell: int64_t,
    out: row_buffer.RowArrays,
    names: arrays.Int32,
) -> tuple[int, int, int]:
    """Scan ``a = 1, b = 'x' WHERE c = 2`` (``named``) or ``'x' AS a, 1`` into cells from ``cell``.

    Return (status, offset after it, cells).  ``names``: start and end of each cell's name, equal
    if there is none.  ``flags``: (slashes, final).
    """
    source: UInt8 = uint8(text)
    size: int64_t = len(text)
    target: UInt8Out = uint8_out(unescaped)
    rows: RowArraysOut = row_arrays_out(out)
    bounds: Int32Out = int32_out(names)
    slashes: cython.bint = flags[0]
    final: cython.bint = flags[1]
    with cython.nogil:
        found = _scan_items(
            source, size, target, i, named, slashes, final, cell, cython.address(rows), bounds
        )
    return found


@cython.cfunc
@cython.nogil
def _scan_items(
    text: UInt8,
    size: int64_t,
    unescaped: UInt8Out,
    i: int64_t,
    named: cython.bint,
    slashes: cython.bint,
    final: cython.bint,
    cell: int64_t,
    out: cython.pointer[RowArraysOut],
    names: Int32Out,
) -> tuple[cython.int, int64_t, int64_t]:
    """Scan assignments or a SELECT list; return (status, offset after it, cells)."""
    more: cython.int = BROKEN if final else MORE
    first: int64_t = cell
    j: int64_t = i
    end: int64_t = i
    while cell - first < MAX_CELLS - 1:
        j = _skip_blanks(text, size, j)
        name = stop = j
        if named:
            stop = _skip_name(text, size, j)
            k = _skip_blanks(text, size, stop)
            if k >= size and not final:
                return more, i, first
            if stop == j or k >= size or text[k] != 61:  # =
                break
            j = _skip_blanks(text, size, k + 1)
        if j >= size:
            return more, i, first
        status, start, after, style, j = _scan_value(text, size, j, slashes, final, True)
        if status != DONE:
            return status, i, first
        j = _skip_blanks(text, size, j)
        if not named:
            k = _skip_word(text, size, j)
            if k - j == 2 and text[j] | 32 == 97 and text[j + 1] | 32 == 115:  # as
                name = _skip_blanks(text, size, k)
                stop = _skip_name(text, size, name)
                j = _skip_blanks(text, size, stop)
            elif j < size and not _ends_value(text, size, j):
                name = j
                stop = _skip_name(text, size, j)
                j = _skip_blanks(text, size, stop)
        if j >= size and not final:
            return more, i, first
        _add_cell(out, cell, start, after, style)
        names[2 * (cell - first)] = name
        names[2 * (cell - first) + 1] = stop
        cell += 1
        end = j
        if j < size and text[j] == 44:  # ,
            j += 1
            continue
        k = _skip_word(text, size, j)
        word = _hash_word(text, j, k)
        if not named or (word != _WHERE and word != _AND):
            break
        j = k
    if cell == first:
        return BROKEN, i, first
    _unescape_row(text, unescaped, first, cell, out)
    return DONE, end, cell


@cython.cfunc
@cython.nogil
def _skip_go(text: UInt8, size: int64_t, i: int64_t) -> int64_t:
    """Return the offset after blanks and ``GO`` lines (SQL Server) at ``i``."""
    while True:
        i = _skip_blanks(text, size, i)
        if not (
            i + 2 < size
            and text[i] | 32 == 103  # g
            and text[i + 1] | 32 == 111  # o
            and (text[i + 2] == 10 or text[i + 2] == 13)
        ):
            return i
        i += 2


@cython.cfunc
@cython.nogil
def _find_head(
    text: UInt8, size: int64_t, i: int64_t, heads: cython.pointer[Heads], last_head: int64_t
) -> int64_t:
    """Return the index of the statement head at ``i``, -1 if none; ``last_head`` is tried first."""
    attempt: int64_t
    h: int64_t
    for attempt in range(-1, heads.count):
        h = last_head if attempt < 0 else attempt
        begin = heads.offsets[h]
        end = heads.offsets[h + 1]
        if i + end - begin < size and end > begin:
            k = begin
            while k < end and heads.data[k] == text[i + k - begin]:
                k += 1
            if k == end:
                return h
    return -1


def scan_rows(
    text: arrays.UInt8,
    unescaped: arrays.UInt8,
    position: tuple,
    flags: tuple,
    packed_heads: tuple,
    counts: tuple,
    out: row_buffer.RowArrays,
) -> tuple[int, int, int, int, int, int, int, int]:
    """Scan INSERT rows from ``position`` on, also of following statements with known heads.

    Return (reason of the end, offset, expected, head slot, scanned to, records, cells, gaps).

    Args:
        unescaped: Copy of ``text`` for the cells without escapes.
        position: (offset, ROW or AFTER_ROW, slot of the statement head).
        flags: (slashes, final).
        packed_heads: Bytes of all known heads, offset of each, number of each.
        counts: Numbers of records, cells and gaps in ``out``.
    """
    source: UInt8 = uint8(text)
    size: int64_t = len(text)
    target: UInt8Out = uint8_out(unescaped)
    i: int64_t = position[0]
    expected: cython.int = position[1]
    slot: int64_t = position[2]
    slashes: cython.bint = flags[0]
    final: cython.bint = flags[1]
    heads: Heads = heads_of(packed_heads)
    rows: RowArraysOut = row_arrays_out(out)
    number: Counts
    number.records, number.cells, number.gaps = counts
    with cython.nogil:
        found = _scan_rows(
            source, size, target, i, expected, slot, slashes, final,
            cython.address(heads), cython.address(number), cython.address(rows),
        )  # fmt: skip
    return (
        found[0], found[1], found[2], found[3], found[4],
        number.records, number.cells, number.gaps,
    )  # fmt: skip


@cython.cfunc
@cython.nogil
def _scan_rows(
    text: UInt8,
    size: int64_t,
    unescaped: UInt8Out,
    i: int64_t,
    expected: cython.int,
    slot: int64_t,
    slashes: cython.bint,
    final: cython.bint,
    heads: cython.pointer[Heads],
    counts: cython.pointer[Counts],
    out: cython.pointer[RowArraysOut],
) -> tuple[cython.int, int64_t, cython.int, int64_t, int64_t]:
    """Scan INSERT rows at ``i``; return (reason, offset, expected, head slot, scanned to)."""
    while True:
        if expected == ROW and i < size and text[i] == 40:  # (
            k, cell = _scan_plain_row(
                text, size, i, slashes, counts.cells, out.starts, out.ends, out.styles
            )
            if k >= 0:
                _add_record(out, counts, cell, i, heads.numbers[slot])
                i = k
                expected = AFTER_ROW
                if i + 1 < size and text[i] == 44:  # ,
                    i += 1
                    expected = ROW
                    if text[i] == 10:
                        i += 1
                    continue
        status, j, gaps = _skip_gap(text, size, i, slashes, final, counts.gaps, out)
        if status == MORE:
            if not final:
                reason = CUT_OFF
            elif expected == AFTER_ROW:
                reason = ENDED
            else:
                reason = NOT_A_ROW
            return reason, i, expected, slot, size
        if expected == ROW:
            if j + 3 < size and text[j] | 32 == 114 and text[j + 3] == 40:  # ROW(
                j += 3
            if text[j] != 40:  # (
                counts.gaps = gaps
                return NOT_A_ROW, j, expected, slot, j
            status, k, cell, row_gaps = _scan_row(
                text, size, j, slashes, final, counts.cells, gaps, out
            )
            if status == MORE:
                return CUT_OFF, i, expected, slot, size
            if status == BROKEN:
                counts.gaps = gaps
                return NOT_A_ROW, j, expected, slot, k
            _unescape_row(text, unescaped, counts.cells, cell, out)
            _add_record(out, counts, cell, j, heads.numbers[slot])
            counts.gaps = row_gaps
            i = k
            expected = AFTER_ROW
            continue
        counts.gaps = gaps
        if text[j] == 44:  # ,
            i = j + 1
            expected = ROW
            continue
        end = j + 1 if text[j] == 59 else j  # ;
        j = _skip_go(text, size, end)
        h = _find_head(text, size, j, heads, slot)
        if h < 0:
            return ENDED, end, expected, slot, end
        i = j + heads.offsets[h + 1] - heads.offsets[h]
        slot = h
        expected = ROW


def scan_copy(
    text: arrays.UInt8,
    unescaped: arrays.UInt8,
    i: int64_t,
    final: cython.bint,
    head: int64_t,
    delimiter: cython.int,
    csv: cython.bint,
    counts: tuple,
    out: row_buffer.RowArrays,
) -> tuple[int, int, int, int]:
    r"""Scan the lines of a COPY block from byte ``i`` on, up to its end mark.

    Return (reason of the end, offset, records, cells).  ``delimiter``: its byte; ``csv``: quotes
    may hold delimiters and lines.
    """
    source: UInt8 = uint8(text)
    size: int64_t = len(text)
    target: UInt8Out = uint8_out(unescaped)
    rows: RowArraysOut = row_arrays_out(out)
    number: Counts
    number.records, number.cells, number.gaps = counts
    with cython.nogil:
        if csv:
            found = _scan_copy_csv(
                source, size, target, i, final, head, delimiter,
                cython.address(number), cython.address(rows),
            )  # fmt: skip
        else:
            found = _scan_copy(
                source, size, target, i, final, head, delimiter,
                cython.address(number), cython.address(rows),
            )  # fmt: skip
    return found[0], found[1], number.records, number.cells


@cython.cfunc
@cython.nogil
def _scan_copy(
    text: UInt8,
    size: int64_t,
    unescaped: UInt8Out,
    i: int64_t,
    final: cython.bint,
    head: int64_t,
    delimiter: cython.int,
    counts: cython.pointer[Counts],
    out: cython.pointer[RowArraysOut],
) -> tuple[cython.int, int64_t]:
    """Scan the lines of a COPY block; return (reason of the end, offset)."""
    while i < size:
        first = cell = counts.cells
        start = j = i
        style = PLAIN
        while j < size and text[j] != 10:
            if text[j] == delimiter and cell - first < MAX_CELLS - 1:
                _add_cell(out, cell, start, j, style)
                cell += 1
                start = j + 1
                style = PLAIN
            elif text[j] == 92:  # \
                style = COPIED
                if j + 1 < size and text[j + 1] != 10:
                    j += 1
            j += 1
        if j >= size and not final:
            return CUT_OFF, i
        end = j - 1 if j > start and text[j - 1] == 13 else j
        if cell == first and end - start == 2 and text[start] == 92 and text[start + 1] == 46:
            return ENDED, min(j + 1, size)
        _add_cell(out, cell, start, end, style)
        cell += 1
        for k in range(first, cell):
            start = out.starts[k]
            if out.ends[k] - start == 2 and text[start] == 92 and text[start + 1] == 78:  # \N
                out.ends[k] = start
                out.styles[k] = PLAIN
        _unescape_row(text, unescaped, first, cell, out)
        _add_record(out, counts, cell, i, head)
        i = min(j + 1, size)
    return (NOT_A_ROW if final else CUT_OFF), i


@cython.cfunc
@cython.nogil
def _scan_copy_csv(
    text: UInt8,
    size: int64_t,
    unescaped: UInt8Out,
    i: int64_t,
    final: cython.bint,
    head: int64_t,
    delimiter: cython.int,
    counts: cython.pointer[Counts],
    out: cython.pointer[RowArraysOut],
) -> tuple[cython.int, int64_t]:
    """Scan the lines of a COPY block in CSV; return (reason of the end, offset)."""
    while i < size:
        first = cell = counts.cells
        j = i
        while True:
            start = j
            style = PLAIN
            stop = -1
            if j < size and text[j] == 34:  # "
                status, end, style = _scan_string(text, size, j, False, final)
                if status == MORE:
                    return CUT_OFF, i
                if status == DONE:
                    start = j + 1
                    stop = end
                    j = end + 1
            while j < size and text[j] != 10 and text[j] != delimiter:
                j += 1
            if j >= size and not final:
                return CUT_OFF, i
            last = j
            if last > start and text[last - 1] == 13 and (j >= size or text[j] == 10):
                last -= 1
            if stop < 0:
                stop = last
                style = PLAIN
            elif stop + 1 < last:  # with text after the quotes
                start -= 1
                stop = last
                style = PLAIN
            _add_cell(out, cell, start, stop, style)
            cell += 1
            if j >= size or text[j] == 10 or cell - first >= MAX_CELLS - 1:
                break
            j += 1
        while j < size and text[j] != 10:  # of a row with too many cells
            j += 1
        if cell - first == 1 and stop - start == 2 and text[start] == 92 and text[start + 1] == 46:
            return ENDED, min(j + 1, size)
        _unescape_row(text, unescaped, first, cell, out)
        _add_record(out, counts, cell, i, head)
        i = min(j + 1, size)
    return (NOT_A_ROW if final else CUT_OFF), i

# mypy: ignore-errors
# cython: infer_types=True
"""Kernels of context: words, surroundings, roles, names of columns and list fields at candidates.

收件人手机13800138000 -> word 手机, nearness LABEL, surroundings CLEAR, role recipient
"""

from typing import TYPE_CHECKING

import cython
import numpy as np
from cython.cimports.libc.stdint import int16_t, int32_t, int64_t, uint8_t, uint16_t, uint64_t
from cython.cimports.libc.string import memchr, memcpy
from cython.cimports.piiscan.detect.checks import HIGH, LOW, MEDIUM, PLAUSIBLE, REFUTED
from cython.cimports.piiscan.kernel_arrays import *

from piiscan import arrays
from piiscan.detect.context.separators import SEPARATOR_STARTS, SEPARATORS
from piiscan.detect.matching.alphabet import ZERO_WIDTH, base_points

if TYPE_CHECKING:
    from piiscan.detect.context import context_words, list_fields
    from piiscan.detect.matching import matcher

#: Most words around a candidate: before it, and in all.
_MAX_BEFORE = cython.declare(cython.int, 8)
_MAX_WORDS = cython.declare(cython.int, 12)

#: Code points to read on each side of a span to find its run.
_MAX_RUN = cython.declare(int64_t, 96)
_CURRENCIES = "RMB CNY CNH USD HKD EUR JPY GBP KRW TWD rmb cny cnh usd hkd eur jpy gbp krw twd"
_MEASURES = "kg km mg ml mL mm cm ms us ns px KB kB MB GB TB Hz kHz MHz bytes byte"
_UNITS = f"{_CURRENCIES} {_MEASURES}".split()
_CURRENCY_COUNT = cython.declare(cython.int, len(_CURRENCIES.split()))
_UNIT_COUNT = cython.declare(cython.int, len(_UNITS))

#: Most blanks and quotes between a name and its sign, and between the sign and the value.
_MAX_KEY_GAP = cython.declare(int64_t, 4)
#: Most characters that are read as one value.
_MAX_VALUE = cython.declare(int64_t, 24)

# Indices of separators; dashes, before ``::``, mark a list anywhere.
_DOUBLE_COLON = cython.declare(cython.int, SEPARATORS.index("::"))
_BAR = cython.declare(cython.int, SEPARATORS.index("|"))
_TAB = cython.declare(cython.int, SEPARATORS.index("\t"))
_COLON = cython.declare(cython.int, SEPARATORS.index(":"))
#: Digits of a chosen number: shorter ones are codes, longer ones identifiers.
_MIN_DIGITS = cython.declare(int64_t, 6)
_MAX_DIGITS = cython.declare(int64_t, 12)
#: Code points read of a field, or back in a line.
_MAX_FIELD = cython.declare(int64_t, 64)

#: Base character of each code point of the BMP, 0 if zero-width.
_BASES = cython.declare(uint16_t[65536])
#: [nearness]: nearness of the same word if another context word is between it and the value.
_BEHIND_A_WORD = cython.declare(uint8_t[5])
#: Units and currency codes as numbers, first letter highest; currency codes come first.
_UNIT_NUMBERS = cython.declare(int64_t[64])
#: [byte]: 1 for the first letters of units, and the last letters of currency codes.
_FIRST_LETTERS = cython.declare(uint8_t[256])
_LAST_LETTERS = cython.declare(uint8_t[256])
#: [byte]: 1 if a separator may start with it, if dates, amounts or telephone numbers have it
#: inside, if it ends a field.
_SEPARATOR_STARTS = cython.declare(uint8_t[256])
_NUMBER_SIGNS = cython.declare(uint8_t[256])
_FIELD_ENDS = cython.declare(uint8_t[256])
#: [byte]: 1 for what may end a cell of an inline table: a delimiter, a quote.
_ENDS_CELL = cython.declare(uint8_t[256])


def _fill_tables() -> None:
    """Fill the tables of characters, units and separators."""
    bases = np.arange(65536, dtype=np.uint16)
    other = {point: base for point, base in base_points().items() if point >= 0xA0}
    bases[list(other)] = list(other.values())
    bases[[point for point in ZERO_WIDTH if point < 65536]] = 0
    memcpy(_BASES, uint16(bases), 2 * 65536)
    for level, behind in enumerate((NONE, NEAR, NEAR, FAR_LABEL, FAR_LABEL)):
        _BEHIND_A_WORD[level] = behind
    for number, unit in enumerate(_UNITS):
        _UNIT_NUMBERS[number] = int.from_bytes(unit.encode(), "big")
        _FIRST_LETTERS[ord(unit[0])] = 1
        if number < _CURRENCY_COUNT:
            _LAST_LETTERS[ord(unit[len(unit) - 1])] = 1
    for byte in range(256):
        _SEPARATOR_STARTS[byte] = bool(SEPARATOR_STARTS[byte])
        _NUMBER_SIGNS[byte] = byte in b".-/+"
        _ENDS_CELL[byte] = byte in b" \t,;|/-\"'"
        _FIELD_ENDS[byte] = byte < 33 or byte >= 127 or byte in b"|:,;"


_fill_tables()

#: 叫 in UTF-8, between a role word and a name.
_CALLED = cython.declare(int64_t, 0xE58FAB)
#: Lowest score of a finding that begins or ends a party.
_REPORTED = cython.declare(cython.double, 0.5)

_FoundWord = cython.struct(number=int32_t, level=uint8_t, begin=int64_t)  # begin: code point
#: A role word before a span: its role and last code point; ``direct``: nothing else is between;
#: ``soft``: it counts only because it is direct; ``near``: few Hanzi are between; ``keyed``: it is
#: a part of a key.
_FoundRole = cython.struct(
    role=int16_t,
    end=int64_t,
    direct=cython.bint,
    soft=cython.bint,
    near=cython.bint,
    keyed=cython.bint,
)
#: The person whom the values are about; ``scanned``: end of the text searched for a blank line.
_Party = cython.struct(
    role=int16_t,
    end=int64_t,
    scanned=int64_t,
    line_empty=cython.bint,
    named=cython.bint,
    strict=cython.bint,
    soft=cython.bint,
    keyed=cython.bint,
)
#: Characters between two places, by kind.
_Gap = cython.struct(
    size=int64_t,
    han=int64_t,
    letters=int64_t,
    digits=int64_t,
    commas=int64_t,
    stops=int64_t,
    lines=int64_t,
)


@cython.cfunc
@cython.nogil
@cython.inline
def _is_latin(byte: cython.int) -> cython.bint:
    """Return True if ``byte`` is a Latin letter."""
    return 97 <= byte | 32 <= 122


@cython.cfunc
@cython.nogil
def _base_before(data: UInt8, at: int64_t, floor: int64_t) -> tuple[cython.int, cython.int]:
    """Return (base character, size in bytes) of the character that ends at byte ``at``.

    The base is 0 for a zero-width character, which is skipped, and -1 for an unknown one.
    """
    byte: cython.int = data[at - 1]
    if byte < 0x80:
        return byte, 1
    if at - floor >= 3 and 0xE0 <= data[at - 3] < 0xF0:
        return _BASES[
            ((data[at - 3] & 0x0F) << 12) | ((data[at - 2] & 0x3F) << 6) | (byte & 0x3F)
        ], 3
    if at - floor >= 2 and 0xC0 <= data[at - 2] < 0xE0:
        return _BASES[((data[at - 2] & 0x1F) << 6) | (byte & 0x3F)], 2
    if at - floor >= 4 and data[at - 4] == 0xF3 and data[at - 3] == 0xA0 and data[at - 2] < 0x88:
        return 0, 4  # tags and variation selectors
    return -1, 1


@cython.cfunc
@cython.nogil
@cython.inline
def _may_fold(data: UInt8, at: int64_t, floor: int64_t) -> cython.bint:
    """Return True if the character ending at byte ``at`` may fold to another one.

    Common Hanzi never do.
    """
    if at - floor >= 3 and (data[at - 3] == 0xE1 or data[at - 3] == 0xE2 or data[at - 3] == 0xEF):
        return True
    if at - floor >= 2 and 0xC0 <= data[at - 2] < 0xE0:
        return True
    return at - floor >= 4 and data[at - 4] == 0xF3


@cython.cfunc
@cython.nogil
def _is_after_letter(data: UInt8, at: int64_t, floor: int64_t) -> cython.bint:
    """Return True if a Latin letter precedes byte ``at``, ignoring zero-width characters."""
    while at > floor:
        character = _base_before(data, at, floor)
        if character[0] != 0:
            return _is_latin(character[0])
        at -= character[1]
    return False


@cython.cfunc
@cython.nogil
@cython.inline
def _retreat(data: UInt8, at: int64_t, floor: int64_t, points: int64_t) -> int64_t:
    """Return the byte offset ``points`` code points before ``at``, but not before ``floor``.

    For malformed UTF-8 it may be before ``floor``: no word ends there.
    """
    while points > 0:
        at -= 1
        while at > floor and data[at] & 0xC0 == 0x80:
            at -= 1
        points -= 1
    return at


@cython.cfunc
@cython.nogil
def _step(steps: Int32, node: int64_t, point: cython.int) -> int64_t:
    """Return the trie node one code point ``point`` further, 0 if there is none.

    The UTF-8 bytes of ``point`` are read backwards.
    """
    if point < 0x80:
        return trie_step(steps, node, point + 32 if 65 <= point <= 90 else point)
    node = trie_step(steps, node, 0x80 | (point & 0x3F))
    if node == 0:
        return 0
    if point < 0x800:
        return trie_step(steps, node, 0xC0 | (point >> 6))
    node = trie_step(steps, node, 0x80 | ((point >> 6) & 0x3F))
    return trie_step(steps, node, 0xE0 | (point >> 12)) if node != 0 else 0


@cython.cfunc
@cython.nogil
def _word_before(
    data: UInt8,
    at: int64_t,
    floor: int64_t,
    trie: cython.pointer[WordTrie],
    in_name: cython.bint = False,
) -> tuple[int64_t, int64_t]:
    """Find the longest context word that ends at byte ``at``: (number or -1, code points).

    Read no byte below ``floor``.  A word that starts with a Latin letter needs a non-letter before
    it; ``in_name``: a small letter before a capital will do, as in userPhone.
    """
    node: int64_t = 0
    found: int64_t = -1
    points: int64_t = 0
    crossed: int64_t = 0
    while at > floor:
        base = data[at - 1]
        if base < 0x80 or not _may_fold(data, at, floor):  # byte by byte: the usual case
            at -= 1
            node = trie_step(trie.steps, node, base + 32 if 65 <= base <= 90 else base)
        else:
            character = _base_before(data, at, floor)
            base = character[0]
            at -= character[1]
            if base == 0:
                crossed += 1
                continue
            node = _step(trie.steps, node, base) if base > 0 else 0
        if node == 0:
            break
        if data[at] & 0xC0 == 0x80:
            continue
        crossed += 1  # the first byte completes a character
        if trie.word_at[node] >= 0 and not (
            _is_latin(base)
            and _is_after_letter(data, at, floor)
            and not (in_name and 65 <= base <= 90 and 97 <= data[at - 1] <= 122)
        ):
            found = trie.word_at[node]
            points = crossed
    return found, points


@cython.cfunc
@cython.nogil
def _is_inside_token(folded: UInt8, start: int64_t, end: int64_t, kind: UInt8) -> cython.bint:
    """Return True if the span is part of a longer run that looks like a hash, UUID or random key.

    run := { letter | digit | "+" | "-" | "_" }, at most 96 code points on each side, with a letter
    or digit outside the span
    hash := 32 hex digits or more; uuid := 36 hex digits and 4 dashes
    key := 20 characters or more that often change between letters and digits
    """
    left: int64_t = start
    right: int64_t = end
    place: int64_t
    byte: cython.int
    outside: cython.bint = False  # ``----`` around a span does not make it a part of anything
    is_digit: cython.bint
    was_digit: cython.bint = False
    touched: cython.bint
    all_hex: cython.bint = True
    span_hex: int64_t = 0
    hex_run: int64_t = 0
    dashes: int64_t = 0
    turns: int64_t = 0
    upper: int64_t = 0
    lower: int64_t = 0
    digit: int64_t = 0
    while start - left < _MAX_RUN and _is_in_run(folded[left - 1], kind):
        left -= 1
        outside |= _is_alnum(kind[folded[left]])
    while right - end < _MAX_RUN and _is_in_run(folded[right], kind):
        outside |= _is_alnum(kind[folded[right]])
        right += 1
    if not outside:
        return False
    for place in range(left, right):
        byte = folded[place]
        is_digit = 48 <= byte <= 57
        if _is_hex(byte):
            hex_run += 1
            if place >= start:
                span_hex = max(span_hex, hex_run)
        else:
            if place < end:
                hex_run = 0
                span_hex = 0
            else:
                hex_run = -1000
            if byte == 45:
                dashes += 1
            else:
                all_hex = False
        digit += is_digit
        upper += 65 <= byte <= 90
        lower += 97 <= byte <= 122
        turns += place > left and is_digit != was_digit
        was_digit = is_digit
    if span_hex >= 32 and upper + lower > 0:
        return True
    if all_hex and dashes == 4 and right - left == 36:
        return True
    touched = kind[folded[start - 1]] == KIND_LETTER or kind[folded[end]] == KIND_LETTER
    if touched and turns >= 4 and right - left >= 20:
        return True
    return right - left >= 40 and turns >= 6 and upper > 0 and lower > 0 and digit > 0


@cython.cfunc
@cython.nogil
@cython.inline
def _is_in_run(byte: uint8_t, kind: UInt8) -> cython.bint:
    """Return True if ``byte`` is a letter, digit or a joiner in tokens: ``+``, ``-``, ``_``."""
    return _is_alnum(kind[byte]) or byte == 43 or byte == 45 or byte == 95


@cython.cfunc
@cython.nogil
@cython.inline
def _is_alnum(kind: cython.int) -> cython.bint:
    """Return True if a byte of this ``kind`` is a digit or a Latin letter."""
    return kind == KIND_DIGIT or kind == KIND_LETTER


@cython.cfunc
@cython.nogil
@cython.inline
def _is_hex(byte: cython.int) -> cython.bint:
    """Return True if ``byte`` is a hexadecimal digit."""
    return 48 <= byte <= 57 or 65 <= byte <= 70 or 97 <= byte <= 102


@cython.cfunc
@cython.nogil
def _is_decimal(folded: UInt8, start: int64_t, end: int64_t, kind: UInt8) -> cython.bint:
    """Return True if the digits are part of a decimal number: ``12.345``, ``5e5``.

    The item number ``1.`` of a list and the ending ``.0`` do not count.
    """
    before: int64_t
    if folded[end] | 32 == 101:
        before = end + 1 + (folded[end + 1] == 43 or folded[end + 1] == 45)
        return kind[folded[before]] == KIND_DIGIT
    if folded[end] == 46 and kind[folded[end + 1]] == KIND_DIGIT:
        return not (folded[end + 1] == 48 and kind[folded[end + 2]] != KIND_DIGIT)
    if folded[start - 1] != 46 or kind[folded[start - 2]] != KIND_DIGIT:
        return False
    before = start - 2
    while kind[folded[before]] == KIND_DIGIT:
        before -= 1
    return not (start - before <= 5 and (folded[before] == 0 or folded[before] == 10))


@cython.cfunc
@cython.nogil
def _is_page_name(folded: UInt8, first: int64_t, last: int64_t) -> cython.bint:
    """Return True if the number is the name of a web page: ``/item/19900000008.html``."""
    before: cython.int = folded[first - 1]
    if before != 47 and before != 45 and before != 95:
        return False
    if folded[last + 1] | 32 == 104:  # htm
        return folded[last + 2] | 32 == 116 and folded[last + 3] | 32 == 109
    return (  # php
        folded[last + 1] | 32 == 112
        and folded[last + 2] | 32 == 104
        and folded[last + 3] | 32 == 112
    )


@cython.cfunc
@cython.nogil
def _is_amount(
    folded: UInt8, first: int64_t, last: int64_t, meaning: cython.pointer[SurroundingBytes]
) -> cython.bint:
    """Return True if a unit or currency code is joined to the number: 元, 万元, 件, ``%``, RMB."""
    kind: UInt8 = meaning.kind
    at: int64_t = last + (folded[last] == 32)
    byte: uint8_t = folded[at]
    if meaning.unit[folded[last]]:
        return True
    if byte != 0:
        after = folded[at + 1]
        if meaning.scale[byte] and (meaning.unit[after] or meaning.quantity[after]):
            return True
        if meaning.quantity[byte] and not is_han(kind[after]):
            return True
        if at > last and meaning.unit[byte] and not is_han(kind[after]):
            return True  # no unit if a name starts with it
        if byte == 37 and not (_is_hex(after) and _is_hex(folded[at + 2])):
            return True  # a percent sign, but not %2C of a URL
        if kind[byte] == KIND_LETTER and _is_unit_word(folded, at, 1, kind):
            return True
    at = first - 1 - (folded[first - 1] == 32)
    return kind[folded[at]] == KIND_LETTER and _is_unit_word(folded, at, -1, kind)


@cython.cfunc
@cython.nogil
def _is_unit_word(folded: UInt8, at: int64_t, step: cython.int, kind: UInt8) -> cython.bint:
    """Return True if the letters from ``at`` on are a unit or currency code.

    With ``step`` -1 the letters end at ``at``, and only currency codes count.
    """
    word: int64_t = 0
    count: cython.int = 0
    letter: int64_t
    if not (_FIRST_LETTERS[folded[at]] if step > 0 else _LAST_LETTERS[folded[at]]):
        return False
    while kind[folded[at]] == KIND_LETTER:
        if count == 5:
            return False
        letter = folded[at]
        word = word << 8 | letter if step > 0 else word | letter << 8 * count
        count += 1
        at += step
    for number in range(_CURRENCY_COUNT if step < 0 else _UNIT_COUNT):
        if word == _UNIT_NUMBERS[number]:
            return True
    return False


@cython.cfunc
@cython.nogil
def _classify(
    folded: UInt8, first: int64_t, last: int64_t, meaning: cython.pointer[SurroundingBytes]
) -> uint8_t:
    """Return the surroundings code (CLEAR … INSIDE_TOKEN) of the span ``folded[first:last]``."""
    kind: UInt8 = meaning.kind
    begins: cython.int = kind[folded[first]]
    ends: cython.int = kind[folded[last - 1]]
    before: cython.int = kind[folded[first - 1]]
    after: cython.int = kind[folded[last]]
    number: cython.bint = begins == KIND_DIGIT and ends == KIND_DIGIT
    touched: cython.bint = (
        before == KIND_LETTER
        or after == KIND_LETTER
        or folded[first - 1] == 45
        or folded[last] == 45
    )
    signed: cython.bint = folded[first] == 43 and ends == KIND_DIGIT  # +85212345678
    if touched and _is_alnum(begins) and _is_inside_token(folded, first, last, kind):
        return INSIDE_TOKEN
    if number and meaning.currency[folded[first - 1 - (folded[first - 1] == 32)]]:
        return AMOUNT_SIGN
    if begins == KIND_DIGIT and before == KIND_LETTER and after == KIND_LETTER:
        return GLUED
    if number and folded[last] == 46 and _is_page_name(folded, first, last):
        return GLUED
    if number and _is_decimal(folded, first, last, kind):
        return DECIMAL
    if (number or signed) and _is_amount(folded, first, last, meaning):
        return AMOUNT_UNIT
    return CLEAR


@cython.cfunc
@cython.nogil
def surroundings_into(
    folded: UInt8,
    start: Int64,
    end: Int64,
    count: cython.Py_ssize_t,
    meaning: cython.pointer[SurroundingBytes],
    codes: UInt8Out,
) -> cython.void:
    """Write each span's surroundings code (CLEAR … INSIDE_TOKEN) to ``codes``."""
    for row in range(count):
        codes[row] = CLEAR
        if not (meaning.neutral[folded[start[row] - 1]] and meaning.neutral[folded[end[row]]]):
            codes[row] = _classify(folded, start[row], end[row], meaning)


@cython.cfunc
@cython.nogil
def _is_position_allowed(
    folded: UInt8, first: int64_t, last: int64_t, position: cython.int, flags: UInt8
) -> cython.bint:
    """Return True if role word ``folded[first:last + 1]`` is where ``position`` requires it.

    In ``13900000008(收)`` the bracketed word belongs to the number before it: always False.
    """
    before: cython.int = flags[folded[first - 1]]
    after: cython.int = flags[folded[last + 1]]
    if position == DIRECT_ONLY:
        return False
    if before & ROLE_ROUND_OPEN and after & ROLE_ROUND_CLOSE:
        place = first - 2
        while flags[folded[place]] & ROLE_BLANK:
            place -= 1
        return not flags[folded[place]] & ROLE_DIGIT
    if position == ANYWHERE:
        return True
    if position == LEADING:
        return not before & ROLE_WORD
    if (before | after) & ROLE_WORD:
        return False
    if position == SET_OFF:
        return True
    place = first - 1
    while flags[folded[place]] & (ROLE_BLANK | ROLE_OPEN):
        place -= 1
    if flags[folded[place]] & ROLE_LINE:
        return True
    place = last + 1
    while flags[folded[place]] & ROLE_BLANK:
        place += 1
    return not flags[folded[place]] & (ROLE_LINE | ROLE_WORD)


@cython.cfunc
@cython.nogil
def _measure_gap(folded: UInt8, marks: UInt8, first: int64_t, last: int64_t) -> _Gap:
    """Count what is between two places; a longer gap than MAX_ROLE_GAP has ``size`` only."""
    gap: _Gap
    mark: cython.int
    gap.size = last - first
    gap.han = gap.letters = gap.digits = gap.commas = gap.stops = gap.lines = 0
    if gap.size <= MAX_ROLE_GAP:
        for place in range(first, last):
            mark = marks[folded[place]]
            gap.han += mark & GAP_HAN != 0
            gap.letters += mark & GAP_LETTER != 0
            gap.digits += mark & GAP_DIGIT != 0
            gap.commas += mark & GAP_COMMA != 0
            gap.stops += mark & GAP_STOP != 0
            gap.lines += mark & GAP_LINE != 0
    return gap


@cython.cfunc
@cython.nogil
def _is_direct(gap: cython.pointer[_Gap], exact: cython.bint, nearness: cython.int) -> cython.bint:
    """Return True if a role word is directly before a span: ``客户138…``, ``业主姓名：张三``.

    Up to three Hanzi, a name that was not found, may be before a number (not ``exact``):
    ``业主车站138…``.  ``nearness``: that of the word of the span.
    """
    labelled: cython.bint = nearness >= LABEL
    if gap.size > MAX_ROLE_GAP or gap.stops or gap.lines > 1 or gap.digits > 1:
        return False
    if gap.commas:
        return labelled and not exact and gap.commas == 1 and gap.han <= 7 and gap.letters == 0
    if gap.letters == 0 and gap.han <= (0 if exact else 5 if nearness >= NEAREST else 3):
        return True
    return labelled and gap.han <= (4 if exact else 8) and gap.letters <= 12


@cython.cfunc
@cython.nogil
@cython.inline
def _is_exact(
    folded: UInt8,
    spans: cython.pointer[RoleSpans],
    row: int64_t,
    search: cython.pointer[RoleSearch],
) -> cython.bint:
    """Return True for a name or a text of Hanzi, which no Hanzi may part from its role word."""
    begins: cython.bint = search.marks[folded[spans.start[row]]] & GAP_HAN != 0
    return begins or search.names[spans.recognizer[row]]


@cython.cfunc
@cython.nogil
@cython.inline
def _is_prose(
    folded: UInt8,
    gap: cython.pointer[_Gap],
    behind: int64_t,
    role: int16_t,
    nearness: cython.int,
    search: cython.pointer[RoleSearch],
) -> cython.bint:
    """Return True if words follow a word for staff that are no label: ``老师我换号了138…``."""
    return (
        search.strict[role]
        and gap.han > 0
        and nearness < NEAREST
        and search.marks[folded[behind]] & GAP_HAN != 0
    )


@cython.cfunc
@cython.nogil
def _role_before(
    texts: cython.pointer[FoldedTexts],
    spans: cython.pointer[RoleSpans],
    row: int64_t,
    floor: int64_t,
    word_ends: Int64,
    end: int64_t,
    search: cython.pointer[RoleSearch],
    out: cython.pointer[_FoundRole],
) -> cython.void:
    """Find the nearest role word before a span, not before ``floor``; its role is -1 for none.

    Args:
        end: number of word ends before the span
    """
    folded: UInt8 = texts.folded
    first: int64_t = spans.start[row]
    text: int64_t = spans.text[row]
    byte: int64_t = spans.byte_start[row]
    mapped: int64_t = first
    out.role = -1
    while end > 0:
        end -= 1
        place = word_ends[end]
        if place < floor or first - place > MAX_ROLE_DISTANCE:
            break
        if not search.last_pairs[folded[place] << 8 | folded[place - 1]]:
            continue
        byte = _retreat(texts.data, byte, texts.offsets[text], mapped - place - 1)
        mapped = place + 1
        word = _word_before(texts.data, byte, texts.offsets[text], cython.address(search.trie))
        number = word[0]
        if (
            number < 0
            or _is_in_name(folded, place)
            or not _is_position_allowed(
                folded, max(mapped - word[1], 1), place, search.position[number], search.flags
            )
        ):
            continue
        gap = _measure_gap(folded, search.marks, mapped, first)
        out.direct = _is_direct(
            cython.address(gap), _is_exact(folded, spans, row, search), spans.nearness[row]
        ) and not _is_prose(
            folded, cython.address(gap), mapped, search.role[number], spans.nearness[row], search
        )
        out.near = gap.size <= MAX_ROLE_GAP and gap.han <= 3
        out.near &= not search.marks[folded[mapped]] & GAP_HAN
        out.role, out.end, out.soft = search.role[number], place, False
        out.role = _outer_role(texts, place + 1, byte, word[1], text, out.role, search)
        floor = place + 1
        break
    if search.marks[folded[first - 1]] & GAP_JOIN:
        _direct_role(texts, spans, row, floor, search, out)


@cython.cfunc
@cython.nogil
@cython.inline
def _is_in_name(folded: UInt8, place: int64_t) -> cython.bint:
    """Return True if a Latin letter at ``place`` is a part of a longer name of a key."""
    return _is_latin(folded[place]) and (_is_latin(folded[place + 1]) or folded[place + 1] == 95)


@cython.cfunc
@cython.nogil
def _outer_role(
    texts: cython.pointer[FoldedTexts],
    end: int64_t,
    byte: int64_t,
    length: int64_t,
    text: int64_t,
    role: int16_t,
    search: cython.pointer[RoleSearch],
) -> int16_t:
    """Return the role of the word before a word in brackets: 借款人（甲方）, but 甲方（出租人）.

    ``end``, ``byte``: end of the word in brackets, with ``length`` characters and ``role``.
    """
    if not search.flags[texts.folded[end]] & ROLE_ROUND_CLOSE:
        return role
    if not search.flags[texts.folded[end - length - 1]] & ROLE_ROUND_OPEN:
        return role
    byte = _retreat(texts.data, byte, texts.offsets[text], length + 1)
    word = _word_before(texts.data, byte, texts.offsets[text], cython.address(search.trie))
    return role if word[0] < 0 or search.side[search.role[word[0]]] else search.role[word[0]]


@cython.cfunc
@cython.nogil
def _direct_role(
    texts: cython.pointer[FoldedTexts],
    spans: cython.pointer[RoleSpans],
    row: int64_t,
    floor: int64_t,
    search: cython.pointer[RoleSearch],
    out: cython.pointer[_FoundRole],
) -> cython.void:
    """Find the nearest role word directly before a span, from ``floor`` on, wherever it is.

    No word sieve has these words: it would have too many.
    """
    folded: UInt8 = texts.folded
    first: int64_t = spans.start[row]
    text: int64_t = texts.offsets[spans.text[row]]
    byte: int64_t = spans.byte_start[row]
    place: int64_t = first
    mark: cython.int
    how: cython.int
    most: cython.int = 3
    gap: _Gap
    word: tuple[int64_t, int64_t]
    if spans.nearness[row] >= NEAREST:
        most = 8 if spans.nearness[row] >= LABEL else 5
    exact: cython.bint = _is_exact(folded, spans, row, search)
    if exact:
        most = 4 if spans.nearness[row] >= LABEL else 0
    gap.size = gap.han = gap.letters = gap.digits = gap.commas = gap.stops = gap.lines = 0
    if exact and byte - text >= 3 and _hanzi(texts.data, byte - 3) == _CALLED:
        place -= 1
        byte -= 3
    while place > floor:
        place -= 1
        last = byte
        byte = _retreat(texts.data, byte, text, 1)
        mark = search.marks[folded[place]]
        if (
            mark & (GAP_HAN | GAP_LETTER)
            and search.last_bytes[texts.data[max(last - 2, 0)] << 8 | texts.data[last - 1]]
            and not _is_in_name(folded, place)
            and _is_direct(cython.address(gap), exact, spans.nearness[row])
        ):
            word = _word_before(texts.data, last, text, cython.address(search.trie))
            how = NEVER_DIRECT if word[0] < 0 else search.glued[word[0]]
            begin = place + 1 - word[1]
            if not (
                begin < floor
                or how == NEVER_DIRECT
                or folded[begin - 1] == 64  # @所有人
                or (how == DIRECT_NAMED and not search.names[spans.recognizer[row]])
                or (gap.commas and (how != DIRECT or search.strict[search.role[word[0]]]))
                or (DIRECT < how < DIRECT_NAMED and search.flags[folded[begin - 1]] & ROLE_WORD)
                or (how == DIRECT_STEP and (gap.han or gap.letters))
                or (how == DIRECT_STEP and word[1] == 1 and gap.size > exact)
                or (
                    search.flags[folded[place + 1]] & ROLE_CLOSE
                    and (how == DIRECT_STEP or not search.flags[folded[begin - 1]] & ROLE_OPEN)
                )
                or _is_prose(
                    folded,
                    cython.address(gap),
                    place + 1,
                    search.role[word[0]],
                    spans.nearness[row],
                    search,
                )
            ):
                out.role, out.end = search.role[word[0]], place
                out.role = _outer_role(
                    texts, place + 1, last, word[1], spans.text[row], out.role, search
                )
                out.direct = out.soft = True
                return
        gap.han += mark & GAP_HAN != 0
        gap.letters += mark & GAP_LETTER != 0
        gap.digits += mark & GAP_DIGIT != 0
        gap.commas += mark & GAP_COMMA != 0
        gap.size += 1
        if (
            mark & (GAP_STOP | GAP_LINE)
            or gap.digits > 1
            or gap.commas > 1
            or gap.han > most
            or gap.letters > (12 if most > 3 else 0)
            or gap.size > MAX_ROLE_GAP
        ):
            return


@cython.cfunc
@cython.nogil
def _role_of_key(
    texts: cython.pointer[FoldedTexts],
    spans: cython.pointer[RoleSpans],
    row: int64_t,
    floor: int64_t,
    search: cython.pointer[RoleSearch],
    out: cython.pointer[_FoundRole],
) -> cython.void:
    """Find the role of the Latin key directly before a span: ``"driverPhone": "138…"``.

        key := part { part }, parted by ``_ - .`` or a capital, with a role word as one of its
        parts, the first ones first, or at its start with a noun behind it: sjrdh, username

    ``out.keyed`` is True behind a key that is more than the role word.
    """
    folded: UInt8 = texts.folded
    data: UInt8 = texts.data
    place: int64_t = spans.start[row] - 1
    sign: int64_t = -1
    while place > floor and spans.start[row] - place <= 8 and search.marks[folded[place]] & GAP_KEY:
        if folded[place] == 58 or folded[place] == 61 or folded[place] == 62:
            sign = place
        place -= 1
    if sign < 0 or not search.marks[folded[place]] & (GAP_LETTER | GAP_DIGIT):
        return
    stop = place + 1
    while place >= floor and stop - place <= MAX_ROLE_GAP and _is_in_key(folded[place], search):
        place -= 1
    begin = place + 1
    byte = _retreat(
        data, spans.byte_start[row], texts.offsets[spans.text[row]], spans.start[row] - stop
    )
    head = byte - (stop - begin)
    while byte > head and 48 <= data[byte - 1] <= 57:
        byte -= 1
    for place in range(head, byte):
        if data[place] >= 0x80:
            return
    place = head
    while place + 1 < byte:
        if place == head or not _is_latin(data[place - 1]) or _is_part(data, place):
            finish = byte
            while finish > place + 1:
                if (
                    finish == byte
                    or not _is_latin(data[finish])
                    or _is_part(data, finish)
                    or _is_noun(data, finish, byte, search)
                ):
                    word = _word_before(data, finish, place, cython.address(search.trie))
                    if word[0] >= 0 and word[1] == finish - place:
                        out.role, out.end = search.role[word[0]], spans.start[row] - 1
                        out.direct = True
                        out.keyed = place > head or finish < head + (stop - begin)
                        out.soft = False
                        return
                finish -= 1
        place += 1


@cython.cfunc
@cython.nogil
@cython.inline
def _is_in_key(byte: uint8_t, search: cython.pointer[RoleSearch]) -> cython.bint:
    """Return True if a key may have the byte: a letter, a digit, ``_``, ``-`` or ``.``."""
    return (
        search.marks[byte] & (GAP_LETTER | GAP_DIGIT) != 0 or byte == 95 or byte == 45 or byte == 46
    )


@cython.cfunc
@cython.nogil
@cython.inline
def _is_part(data: UInt8, at: int64_t) -> cython.bint:
    """Return True if a part of a key begins at byte ``at``: a capital behind a small letter."""
    return 65 <= data[at] <= 90 and 97 <= data[at - 1] <= 122


@cython.cfunc
@cython.nogil
@cython.inline
def _is_noun(
    data: UInt8, first: int64_t, last: int64_t, search: cython.pointer[RoleSearch]
) -> cython.bint:
    """Return True if the rest of a key is a noun: name, phone, xm, dh."""
    word: tuple[int64_t, int64_t] = _word_before(data, last, first, cython.address(search.nouns))
    return word[0] >= 0 and word[1] == last - first


@cython.cfunc
@cython.nogil
def _bracketed_role(
    texts: cython.pointer[FoldedTexts],
    spans: cython.pointer[RoleSpans],
    row: int64_t,
    words: cython.pointer[RoleSearch],
) -> int16_t:
    """Return the role whose word stands in round brackets behind a span, -1 for none."""
    end: int64_t = spans.end[row]
    place: int64_t = end + 1
    if not words.flags[texts.folded[end]] & ROLE_ROUND_OPEN:
        return -1
    while place - end <= 8 and words.flags[texts.folded[place]] & ROLE_WORD:
        place += 1
    if not words.flags[texts.folded[place]] & ROLE_ROUND_CLOSE:
        return -1
    byte = skip_code_points(
        texts.data, spans.byte_end[row], texts.offsets[spans.text[row] + 1], place - end
    )
    word = _word_before(texts.data, byte, spans.byte_end[row], cython.address(words.trie))
    return words.role[word[0]] if word[0] >= 0 and word[1] == place - end - 1 else -1


@cython.cfunc
@cython.nogil
def _joins_names(data: UInt8, first: int64_t, last: int64_t) -> cython.bint:
    """Return True if the bytes between two names join them: 、 和 与 及 跟."""
    return last - first == 3 and _hanzi(data, first) in (
        0xE38081,
        0xE5928C,
        0xE4B88E,
        0xE58F8A,
        0xE8B79F,
    )


@cython.cfunc
@cython.nogil
@cython.inline
def _hanzi(data: UInt8, first: int64_t) -> int64_t:
    """Return the three bytes from ``first`` on as a number."""
    return data[first] << 16 | data[first + 1] << 8 | data[first + 2]


@cython.cfunc
@cython.nogil
def _is_ended(
    folded: UInt8, flags: UInt8, first: int64_t, party: cython.pointer[_Party]
) -> cython.bint:
    """Return True if a blank line or MAX_ROLE_DISTANCE is between a party and ``first``."""
    flag: cython.int
    if first - party.end > MAX_ROLE_DISTANCE:
        return True
    while party.scanned < first:
        flag = flags[folded[party.scanned]]
        if flag & ROLE_LINE:
            if party.line_empty:
                return True
            party.line_empty = True
        elif not flag & ROLE_BLANK:
            party.line_empty = False
        party.scanned += 1
    return False


@cython.cfunc
@cython.nogil
def _is_attached(
    gap: cython.pointer[_Gap], before: cython.int, keyed: cython.bint, labelled: cython.bint
) -> cython.bint:
    """Return True if a number is directly behind the name of a party: ``张三，电话138…``.

    Behind the name of a key only a blank, a quote or a bracket (``before``) may precede it.
    """
    if gap.size > MAX_ROLE_GAP or gap.stops or gap.letters:
        return False
    if keyed:
        return before & GAP_KEY != 0 and gap.han == 0 and gap.commas == 0 and gap.lines == 0
    if gap.han == 0 and gap.lines == 0:
        return True
    return labelled and gap.han <= 8 and gap.lines <= 1


@cython.cfunc
@cython.nogil
def _set_party(
    party: cython.pointer[_Party],
    found: cython.pointer[_FoundRole],
    is_name: cython.bint,
    search: cython.pointer[RoleSearch],
) -> cython.void:
    """Begin the party of a role word before a name or another value."""
    party.role = found.role
    party.end = party.scanned = found.end
    party.line_empty = False
    party.keyed = found.keyed
    party.named = is_name
    party.strict = search.strict[found.role] or (found.keyed and not is_name)
    party.soft = found.soft and search.person[found.role]


@cython.cfunc
@cython.nogil
def roles_into(
    texts: cython.pointer[FoldedTexts],
    parts: cython.pointer[RoleSpans],
    word_ends: Int64,
    end_count: int64_t,
    search: cython.pointer[RoleSearch],
    isolated: Int64,
    isolated_count: int64_t,
) -> cython.bint:
    """Write the role of each span of three parts: patterns, names, isolated spans.

    Return True if one of ``isolated``, starts of spans that are in no part, may have a role too.

    Spans of a part are ordered by start.  Only winners that are reported begin or end a party.

        name: of the role word or key directly before it, of the bracket behind it, of the names
        that it is joined to; else that of a party without a name, or nobody's
        value: of the role word or key before it, of the bracket behind it, else of the party

    A blank line, another text, a name without a role or MAX_ROLE_DISTANCE ends a party.  Staff has
    only numbers to reach it by, directly behind its name: ``快递员张三 138…``.  A parent or contact
    has others only directly behind his name: ``家属李四138…，住…``.
    """
    folded: UInt8 = texts.folded
    spans: cython.pointer[RoleSpans]
    party: _Party
    now: _Party
    found: _FoundRole
    gap: _Gap
    next_row: int64_t[3]
    part: cython.int
    at: int64_t
    text: int64_t = -1
    ends: int64_t = 0  # word ends before the span
    covered: int64_t = 0  # end of the last reported span
    covered_byte: int64_t = 0
    first: int64_t
    which: int64_t
    role: int16_t = -1
    last_role: int16_t = -1
    bracket: int16_t
    labelled: cython.bint
    is_name: cython.bint
    after_name: cython.bint = False
    reaches: cython.bint = False
    party.role = -1
    next_row[0] = next_row[1] = next_row[2] = 0
    while True:
        spans = cython.NULL
        for part in range(3):
            if next_row[part] < parts[part].rows and (
                spans == cython.NULL or parts[part].start[next_row[part]] < spans.start[at]
            ):
                spans, at = cython.address(parts[part]), next_row[part]
        if spans == cython.NULL:
            return reaches
        next_row[spans.part] += 1
        first, which = spans.start[at], spans.recognizer[at]
        if spans.text[at] != text:
            text = spans.text[at]
            party.role = last_role = -1
            covered, covered_byte = texts.starts[text], texts.offsets[text]
            after_name = False
        if first < covered:  # overlaps a reported span
            spans.role[at] = -1 if search.without_role[which] else last_role
            continue
        while ends < end_count and word_ends[ends] < first:
            ends += 1
        is_name = search.names[which]
        labelled = spans.nearness[at] >= LABEL
        found.role = -1
        found.direct = found.keyed = found.near = False
        if first > covered:
            _role_before(texts, spans, at, covered, word_ends, ends, search, cython.address(found))
            if not (found.role >= 0 and found.direct):
                _role_of_key(texts, spans, at, covered, search, cython.address(found))
        bracket = -1
        if not (found.role >= 0 and found.direct):
            bracket = _bracketed_role(texts, spans, at, search)
        now = party
        if now.role >= 0 and _is_ended(folded, search.flags, first, cython.address(now)):
            now.role = -1
        role = -1
        if found.role >= 0 and found.direct:
            role = found.role
            _set_party(cython.address(now), cython.address(found), is_name, search)
        elif bracket >= 0:
            role = bracket
            if is_name:
                found.role, found.end, found.soft = bracket, first, False
                _set_party(cython.address(now), cython.address(found), is_name, search)
        elif (
            is_name and after_name and _joins_names(texts.data, covered_byte, spans.byte_start[at])
        ):
            role = last_role
        elif found.role >= 0:
            if search.strict[found.role] or (is_name and not found.near):
                now.role = -1
            else:
                _set_party(cython.address(now), cython.address(found), is_name, search)
                if _is_ended(folded, search.flags, first, cython.address(now)):
                    now.role = -1
                role = now.role
        elif now.role >= 0:
            gap = _measure_gap(folded, search.marks, covered, first)
            if now.soft and gap.stops:
                now.role = -1
            elif now.strict:
                if (
                    not is_name
                    and search.reaches[which]
                    and _is_attached(
                        cython.address(gap), search.marks[folded[first - 1]], now.keyed, labelled
                    )
                ):
                    role = now.role
                elif not search.without_role[which]:
                    now.role = -1
            elif not is_name:
                if (
                    not (now.keyed and not search.marks[folded[first - 1]] & GAP_KEY)
                    and (not now.soft or not search.lends[now.role] or after_name)
                ) or (now.soft and search.reaches[which]):
                    role = now.role
            elif gap.size <= MAX_ROLE_GAP and gap.han <= (
                3 if not now.named or (after_name and _opens(folded, search.flags, covered)) else 0
            ):
                role = now.role
                now.named = True
            else:
                now.role = -1
        spans.role[at] = -1 if search.without_role[which] else role
        if spans.winner[at] == at and spans.score[at] >= _REPORTED:
            party, last_role, after_name = now, role, is_name
            covered, covered_byte = spans.end[at], spans.byte_end[at]
            if is_name:
                covered = _behind_bracket(folded, search.flags, covered)
            if party.role >= 0 and not reaches:
                while isolated_count > 0 and isolated[0] < covered:
                    isolated += 1
                    isolated_count -= 1
                reaches = isolated_count > 0 and isolated[0] < min(
                    texts.starts[text + 1], party.end + MAX_ROLE_DISTANCE + 1
                )


@cython.cfunc
@cython.nogil
@cython.inline
def _opens(folded: UInt8, flags: UInt8, place: int64_t) -> cython.bint:
    """Return True if a round bracket opens at ``place``, as before another name: 张三（绰号老四."""
    return flags[folded[place]] & ROLE_ROUND_OPEN != 0


@cython.cfunc
@cython.nogil
def _behind_bracket(folded: UInt8, flags: UInt8, end: int64_t) -> int64_t:
    """Return the end of the bracket with up to eight letters directly behind ``end``, else it."""
    place: int64_t = end + 1
    if flags[folded[end]] & ROLE_ROUND_OPEN:
        while place - end <= 8 and flags[folded[place]] & (ROLE_WORD | ROLE_DIGIT) == ROLE_WORD:
            place += 1
        if flags[folded[place]] & ROLE_ROUND_CLOSE:
            return place + 1
    return end


@cython.cfunc
@cython.nogil
def _words_before(
    texts: cython.pointer[FoldedTexts],
    begin: int64_t,
    at: int64_t,
    floor: int64_t,
    ends: uint64_t,
    search: cython.pointer[ContextSearch],
    found: cython.pointer[_FoundWord],
) -> cython.int:
    """Write the context words before ``begin``, nearest first; return their number (at most 8).

    The search walks over folded text.  The byte offset ``at`` follows only where a word may end.

        window := { word | gap | digit | other }, at most WINDOW code points, no stop byte
        LABEL: only gap bytes, at most MAX_GAP, between the word and ``begin``
        NEAREST: no number of four digits or more between them; otherwise NEAR

    Args:
        begin: code point at which the candidate starts in the folded text
        at: byte offset of ``begin``
        floor: byte offset at which the text starts
        ends: bit i is set if a word may end at ``begin - 1 - i``
        found: output
    """
    folded: UInt8 = texts.folded
    flags: UInt8 = search.flags
    count: cython.int = 0
    place: int64_t = begin - 1
    mapped: int64_t = begin - 1  # code point that ends at byte ``at``
    gaps: cython.int = 0
    digits: cython.int = 0
    flag: cython.int
    only_gap: cython.bint = True
    no_number_between: cython.bint = True
    first_break: cython.bint = True
    while begin - place <= WINDOW and count < _MAX_BEFORE and ends >> (begin - 1 - place) != 0:
        flag = flags[folded[place]]
        if (
            ends >> (begin - 1 - place) & 1
            and flag & FLAG_WORD_END
            and not flag & flags[folded[place + 1]] & (FLAG_LETTER | FLAG_DIGIT)
        ):
            at = _retreat(texts.data, at, floor, mapped - place)
            mapped = place
            word = _word_before(texts.data, at, floor, cython.address(search.trie))
            if word[0] >= 0:
                place = max(place - word[1], 0)  # malformed UTF-8 has more characters than that
                found[count].number = word[0]
                found[count].begin = place + 1
                if only_gap and gaps <= MAX_GAP:
                    found[count].level = LABEL
                else:
                    found[count].level = NEAREST if no_number_between else NEAR
                count += 1
                digits = 0
                continue
        if flag & FLAG_DIGIT:
            only_gap = False
            digits += 1
            if digits >= 4:
                no_number_between = False
            place -= 1
            continue
        digits = 0
        if flag & FLAG_STOP:
            if not (flag & FLAG_LINE and only_gap and first_break):
                break
            first_break = False
        elif flag & FLAG_GAP:
            gaps += 1
        elif not flag & FLAG_SKIPPED:
            only_gap = False
        place -= 1
    return count


@cython.cfunc
@cython.nogil
def _words_after(
    texts: cython.pointer[FoldedTexts],
    finish: int64_t,
    floor: int64_t,
    limit: int64_t,
    ends: uint64_t,
    search: cython.pointer[ContextSearch],
    found: cython.pointer[_FoundWord],
    count: cython.int,
) -> cython.int:
    """Append the context words after ``finish`` to ``found``; return the new count, at most 12.

    Words in brackets directly after the candidate are NEAR: ``13800138000（手机）``.  All others
    are NONE and can only contradict.  Here a word may also end inside a word or number.

    Args:
        floor: byte offset of ``finish``
        ends: bit i is set if a word may end at ``finish + i``
    """
    folded: UInt8 = texts.folded
    place: int64_t = finish
    mapped: int64_t = finish
    at: int64_t = floor
    flag: cython.int
    in_brackets: cython.bint = folded[place] == 40 or folded[place] == 91
    while place - finish < WINDOW_AFTER and count < _MAX_WORDS:
        byte = folded[place]
        flag = search.flags[byte]
        if flag & FLAG_STOP:
            break
        place += 1
        if byte == 41 or byte == 93:
            in_brackets = False
        if flag & FLAG_WORD_END and (
            ends >> (place - 1 - finish) & 1
            or flag & search.flags[folded[place]] & (FLAG_LETTER | FLAG_DIGIT)
        ):
            at = skip_code_points(texts.data, at, limit, place - mapped)
            mapped = place
            word = _word_before(texts.data, at, floor, cython.address(search.trie))
            if word[0] >= 0:
                found[count].number = word[0]
                found[count].begin = place - word[1]
                found[count].level = NEAR if in_brackets else NONE
                count += 1
    return count


@cython.cfunc
@cython.nogil
def _is_process_id(
    folded: UInt8, data: UInt8, begin: int64_t, finish: int64_t, at: int64_t
) -> cython.bint:
    """Return True if the label is a program name: ``QQ[10018]``, ``QQ.10018``, ``wx.request``.

    The candidate has at most 5 characters and ``[``, ``(`` or ``.`` follows a Latin letter before
    it, or it is a word of letters behind such a ``.``.  ``at``: byte offset of ``begin``.
    """
    before: uint8_t = data[at - 1]
    if not (_is_latin(folded[begin - 2]) and (before == 91 or before == 40 or before == 46)):
        return False
    if finish - begin <= 5:
        return True
    for place in range(begin, finish):
        if not _is_latin(folded[place]):
            return False
    return before == 46


@cython.cfunc
@cython.nogil
def _implied_account(
    folded: UInt8,
    finish: int64_t,
    found: cython.pointer[_FoundWord],
    before_count: cython.int,
    total: cython.int,
    search: cython.pointer[ContextSearch],
    recognizer: int64_t,
) -> int16_t:
    """Return the recognizer of the account that a number is as well, -1 for none.

    A label of the account is directly before the number, or says so directly before or after it:
    ``微信：13800138000``, ``13800138000（微信同号）``.  ``recognizer``: that of the number.
    """
    number: cython.int
    account: int64_t
    place: int64_t
    is_before: cython.bint
    only_gap: cython.bint
    for number in range(total):
        is_before = number < before_count
        if is_before and found[number].level != LABEL:
            continue
        account = search.accounts.implied[found[number].number * 2 + (not is_before)]
        if (
            account < 0
            or not (
                search.accounts.numbers[account * search.groups + recognizer // 64]
                >> cython.cast(uint64_t, recognizer % 64)
            )
            & 1
        ):
            continue
        if is_before:
            return account
        only_gap = found[number].begin - finish <= MAX_GAP
        for place in range(finish, found[number].begin):
            only_gap &= search.flags[folded[place]] & (FLAG_GAP | FLAG_SKIPPED) != 0
        if only_gap:
            return account
    return -1


@cython.cfunc
@cython.nogil
def context_into(
    texts: cython.pointer[FoldedTexts],
    candidates: cython.pointer[Candidates],
    located: cython.pointer[Offsets],
    word_ends: Int64,
    end_count: int64_t,
    labelled: Bool,
    search: cython.pointer[ContextSearch],
    out: cython.pointer[ContextOut],
) -> cython.void:
    """Search the words around each span once, and choose those that concern each recognizer."""
    found: _FoundWord[12]
    before_count: cython.int = 0
    total: cython.int = 0
    number: cython.int
    level: cython.int
    next_end: int64_t = 0
    last_begin: int64_t = -1
    last_finish: int64_t = -1
    row: cython.Py_ssize_t
    begin: int64_t
    finish: int64_t
    recognizer: int64_t
    bit: uint64_t
    bits: UInt64
    same_start: cython.bint
    at: int64_t
    one: uint64_t = 1
    anywhere: uint64_t = 0
    ends: uint64_t
    implies: cython.bint = False
    for row in range(candidates.rows):
        out.word[row] = out.against[row] = out.implied[row] = out.label[row] = -1
        out.nearness[row] = NONE
    if search.words == 0:
        return  # a catalogue without context words
    if memchr(texts.folded, SKIP, texts.length) != cython.NULL:
        anywhere = ~anywhere  # words may end before zero-width characters
    for row in range(candidates.rows):
        begin = candidates.start[row]
        finish = candidates.end[row]
        while next_end < end_count and word_ends[next_end] < begin - WINDOW:
            next_end += 1
        if next_end == end_count or word_ends[next_end] >= finish + WINDOW_AFTER:
            continue  # no word can end anywhere near: the usual case in tables
        same_start = last_begin == begin
        if not same_start:
            ends = anywhere
            at = next_end
            while at < end_count and word_ends[at] < begin:
                ends |= one << (begin - 1 - word_ends[at])
                at += 1
            before_count = _words_before(
                texts, begin, located.byte_start[row],
                texts.offsets[located.text[row]], ends, search, found,
            )  # fmt: skip
        if not same_start or finish != last_finish:
            ends = anywhere
            at = next_end
            while at < end_count and word_ends[at] < finish:
                at += 1
            while at < end_count and word_ends[at] < finish + WINDOW_AFTER:
                ends |= one << (word_ends[at] - finish)
                at += 1
            total = _words_after(
                texts, finish, located.byte_end[row],
                texts.offsets[located.text[row] + 1], ends, search, found, before_count,
            )  # fmt: skip
            implies = False
            for number in range(total):
                at = found[number].number * 2 + (number >= before_count)
                implies |= search.accounts.implied[at] >= 0
        last_begin = begin
        last_finish = finish
        recognizer = candidates.recognizer[row]
        if implies:
            out.implied[row] = _implied_account(
                texts.folded, finish, found, before_count, total, search, recognizer
            )
        if (
            before_count > 0
            and found[0].level == LABEL
            and search.accounts.is_label[found[0].number]
        ):
            out.label[row] = found[0].begin
        if labelled[recognizer]:
            continue  # the column header outweighs any word
        bit = recognizer % 64
        for number in range(total):
            level = found[number].level
            bits = search.recognizer_bits + found[number].number * 2 * search.groups
            bits += recognizer // 64
            if level > NONE and bits[0] >> bit & 1 and out.nearness[row] == NONE:
                if number > 0:
                    level = _BEHIND_A_WORD[level]
                if level == LABEL and _is_process_id(
                    texts.folded, texts.data, begin, finish, located.byte_start[row]
                ):
                    level = NEAREST
                out.word[row] = found[number].number
                out.nearness[row] = level
            if bits[search.groups] >> bit & 1 and out.against[row] < 0:
                if number >= before_count or level != NEAR:  # NEAR: it has a number of its own
                    out.against[row] = found[number].number


@cython.cfunc
@cython.nogil
def labelled_into(
    source: UInt8,
    lows: UInt8,
    spans: cython.pointer[Candidates],
    words: cython.pointer[ContextSearch],
    sieve: cython.pointer[WordSieve],
    labelled: BoolOut,
) -> cython.void:
    """Read the bytes before each span backwards over gaps, to a word that may be its label."""
    gaps: cython.int
    for row in range(spans.rows):
        place = spans.start[row] - 1
        gaps = 0
        first_break = True
        labelled[row] = False
        while spans.start[row] - place <= WINDOW and gaps <= MAX_GAP:
            byte = source[place]
            if words.endings[spans.recognizer[row] * 256 + byte] and may_end_word(
                source, lows, place, sieve, spans.recognizer[row]
            ):
                labelled[row] = True
                break
            if words.flags[byte] & FLAG_STOP:
                if not (words.flags[byte] & FLAG_LINE and first_break):
                    break
                first_break = False
            elif words.flags[byte] & FLAG_GAP:
                gaps += 1
            elif not words.flags[byte] & FLAG_SKIPPED:
                break
            place -= 1


@cython.cfunc
@cython.nogil
def labels_into(
    name: Int32,
    rows: cython.Py_ssize_t,
    other: Bool,
    first: int32_t,
    which: Int16,
    verdicts: Int8,
    keyed_cells: Bool,
    numeric: Bool,
    out: cython.pointer[ContextOut],
    strengths: Int8Out,
) -> cython.void:
    """Make the name before each candidate its label, or contradict the candidate by it."""
    row: cython.Py_ssize_t
    is_labelled: cython.bint
    for row in range(rows):
        if name[row] == NO_NAME:
            continue
        is_labelled = out.nearness[row] == LABEL
        if other[name[row]]:
            if verdicts[row] == PLAUSIBLE and not is_labelled and numeric[which[row]]:
                out.against[row] = first + name[row]
            continue
        if not is_labelled:
            out.word[row] = first + name[row]
        out.nearness[row] = KEYED
        if keyed_cells[which[row]]:
            strengths[row] = HIGH


@cython.cfunc
@cython.nogil
def names_into(
    keyed: cython.pointer[KeyedValues],
    starts: Int64,
    which: Int16,
    rows: cython.Py_ssize_t,
    columns: Bool,
    recognizers: int64_t,
    others: Bool,
    out: Int32Out,
) -> cython.void:
    """Find the keyed value at the start of each candidate, and its name if that counts."""
    at: cython.Py_ssize_t = 0
    name: int64_t
    for row in range(rows):
        while at < keyed.rows and keyed.place[at] < starts[row]:
            at += 1
        out[row] = NO_NAME
        if at < keyed.rows and keyed.place[at] == starts[row]:
            name = keyed.name[at]
            if others[name] or columns[name * recognizers + which[row]]:
                out[row] = name


@cython.cfunc
@cython.nogil
def keyed_into(
    texts: cython.pointer[FoldedTexts],
    signs: Int64,
    sign_count: int64_t,
    flags: UInt8,
    trie: cython.pointer[WordTrie],
    counts: Bool,
    out: cython.pointer[KeyedValuesOut],
) -> int64_t:
    """Read the name before each sign and the value after it."""
    folded: UInt8 = texts.folded
    count: int64_t = 0
    text: int64_t = 0
    mapped: int64_t = texts.starts[0]
    at: int64_t = texts.offsets[0]
    for index in range(sign_count):
        sign = signs[index]
        if sign >= texts.starts[text + 1]:
            text = text_at(texts.starts, texts.texts, text, sign)
            mapped = texts.starts[text]
            at = texts.offsets[text]
        last = texts.starts[text + 1] - 1
        around = _around_sign(folded, flags, texts.starts[text], sign, last)
        end = around[0]
        place = around[1]
        if end < 0:
            continue
        at = byte_at(texts, text, end, mapped, at)
        mapped = end
        name = _word_before(texts.data, at, texts.offsets[text], trie, True)
        start = max(end - name[1], 1)
        if name[0] < 0 or not _starts_name(folded, flags, start, folded[sign] == 62):
            continue
        if count > 0 and out.place[count - 1] < start < out.stop[count - 1]:
            out.stop[count - 1] = start
        if not counts[name[0]]:
            continue
        run = KEY_HANZI if flags[folded[place]] & KEY_HANZI else KEY_LATIN
        stop = place
        while stop < last and stop - place <= _MAX_VALUE and flags[folded[stop]] & run:
            stop += 1
        out.place[count] = place
        out.stop[count] = stop
        out.name_end[count] = end
        out.name[count] = name[0]
        count += 1
    return count


@cython.cfunc
@cython.nogil
def header_lines_into(
    texts: cython.pointer[FoldedTexts],
    trie: cython.pointer[WordTrie],
    kind: UInt8,
    flags: UInt8,
    out: Int64Out,
    room: int64_t,
) -> int64_t:
    """Write the starts of lines that may be the names of an inline table; return their number.

    ``姓名,手机``: two cells or more, no run of three digits, no sentence, at most MAX_HEADER code
    points, a cell that ends with a name of ``trie``, and a line behind it.  A written line end
    (backslash, n) ends a line too.
    """
    folded: UInt8 = texts.folded
    count: int64_t = 0
    text: int64_t = 0
    mapped: int64_t = texts.starts[0]
    at: int64_t = texts.offsets[0]
    stop: int64_t
    start: int64_t
    place: int64_t
    digits: cython.int
    cells: cython.int
    line: cython.pointer[cython.const[uint8_t]] = folded
    slash: cython.pointer[cython.const[uint8_t]] = folded
    begin: int64_t = 0
    while begin < texts.length:
        if (line != cython.NULL and line - folded < begin) or begin == 0:
            line = _next_byte(folded, 10, begin, texts.length)
        if (slash != cython.NULL and slash - folded < begin) or begin == 0:
            slash = _next_byte(folded, 92, begin, texts.length)
            while slash != cython.NULL and slash[1] != 110:
                slash = _next_byte(folded, 92, slash - folded + 1, texts.length)
        if line == cython.NULL and slash == cython.NULL:
            break
        if slash == cython.NULL or (line != cython.NULL and line < slash):
            stop = line - folded
            begin = stop + 1
        else:
            stop = slash - folded
            begin = stop + 2
        if folded[begin] == 0:
            continue
        start = stop
        digits = cells = 0
        while stop - start <= MAX_HEADER and digits < 3:
            byte = folded[start - 1]
            if byte == 0 or byte == 10 or (byte == 110 and folded[start - 2] == 92):
                break
            digits = digits + 1 if kind[byte] == KIND_DIGIT else 0
            if byte > 127 and flags[byte] & FLAG_STOP:
                digits = 3
            cells += _ENDS_CELL[byte]
            start -= 1
        if cells == 0 or digits == 3 or stop - start > MAX_HEADER:
            continue
        if start >= texts.starts[text + 1]:
            text = text_at(texts.starts, texts.texts, text, start)
            mapped = texts.starts[text]
            at = texts.offsets[text]
        for place in range(start + 1, stop + 1):
            byte = folded[place]
            if (place < stop and not _ENDS_CELL[byte]) or _ENDS_CELL[folded[place - 1]]:
                continue
            at = byte_at(texts, text, place, mapped, at)
            mapped = place
            name = _word_before(texts.data, at, texts.offsets[text], trie, True)
            if name[0] >= 0 and name[1] <= place - start:
                if count < room:
                    out[count] = start
                count += 1
                break
    return count


@cython.cfunc
@cython.nogil
def _next_byte(
    folded: UInt8, byte: cython.int, begin: int64_t, length: int64_t
) -> cython.pointer[cython.const[uint8_t]]:
    """Return the next ``byte`` from ``begin`` on, NULL for none."""
    if begin >= length:
        return cython.NULL
    return cython.cast(
        cython.pointer[cython.const[uint8_t]], memchr(folded + begin, byte, length - begin)
    )


@cython.cfunc
@cython.nogil
def _around_sign(
    folded: UInt8, flags: UInt8, first: int64_t, sign: int64_t, last: int64_t
) -> tuple[int64_t, int64_t]:
    """Return the end of the name before a sign and the start of the value after it.

    Return (-1, -1) if there is no name or no value.
    """
    end: int64_t = sign
    place: int64_t = sign + 1
    while end > first and sign - end < _MAX_KEY_GAP and flags[folded[end - 1]] & KEY_QUOTE:
        end -= 1
    while (
        place < last
        and place - sign <= _MAX_KEY_GAP
        and flags[folded[place]] & (KEY_QUOTE | KEY_SIGN)
    ):
        place += 1
    if end == first or place == last:
        return -1, -1
    if not flags[folded[end - 1]] & KEY_NAME_END or not flags[folded[place]] & KEY_NAME_END:
        return -1, -1
    return end, place


@cython.cfunc
@cython.nogil
def _starts_name(folded: UInt8, flags: UInt8, start: int64_t, is_tag: cython.bint) -> cython.bint:
    """Return True if a name can start at ``start``: a Latin one is no part of a longer name.

    ``is_tag``: the sign after it is ``>``, so the name follows ``<``.
    """
    while is_tag and flags[folded[start - 1]] & KEY_HANZI:
        start -= 1
    before = folded[start - 1]
    if is_tag:
        return before == 60
    if not flags[folded[start]] & KEY_LATIN:
        return True
    if 65 <= folded[start] <= 90 and 97 <= before <= 122:
        return True
    return before != 45 and before != 95 and not flags[before] & KEY_LATIN


@cython.cfunc
@cython.nogil
def neighbours_into(
    folded: UInt8,
    spans: cython.pointer[Candidates],
    verdicts: Int8,
    strengths: Int8Out,
    out: cython.pointer[ContextOut],
    levels: Int8,
    beside: Bool,
    recognizers: int64_t,
    flags: UInt8,
    kind: UInt8,
    series: Bool,
    anchored: Bool,
    numeric: Bool,
) -> cython.void:
    """Let low candidates profit by the candidate next to them.

    ``运单123456789012、123456789013``: the second inherits the word of the first, of the same
    recognizer.  A recognizer with ``beside`` is MEDIUM next to one of those.
    """
    which: int64_t
    level: cython.int
    for row in range(spans.rows):
        which = spans.recognizer[row]
        level = strengths[row] if strengths[row] != 0 else levels[which]
        if verdicts[row] == REFUTED or (anchored[which] and not numeric[which]):
            continue
        if level != LOW and not anchored[which]:
            continue
        if out.nearness[row] >= NEAREST:
            continue
        for other in range(row - 1, -1, -1):
            if spans.start[other] < spans.start[row] - 28:
                break
            if spans.end[other] > spans.start[row]:
                continue
            if spans.recognizer[other] == which and out.nearness[other] >= NEAREST:
                if anchored[which]:
                    if (
                        spans.start[row] - spans.end[other] == 1
                        and series[folded[spans.end[other]]]
                    ):
                        out.nearness[row], out.word[row] = out.nearness[other], out.word[other]
                elif _is_gap(folded, spans.end[other], spans.start[row], 8, flags, kind):
                    out.nearness[row], out.word[row] = NEAREST, out.word[other]
                break
            if beside[which * recognizers + spans.recognizer[other]]:
                if verdicts[other] != REFUTED and _is_gap(
                    folded, spans.end[other], spans.start[row], NEIGHBOUR_GAP, flags, kind
                ):
                    strengths[row] = MEDIUM
                    break
        other = row + 1
        while other < spans.rows and spans.start[other] <= spans.end[row] + NEIGHBOUR_GAP:
            if (
                beside[which * recognizers + spans.recognizer[other]]
                and spans.start[other] >= spans.end[row]
                and verdicts[other] != REFUTED
                and _is_gap(folded, spans.end[row], spans.start[other], NEIGHBOUR_GAP, flags, kind)
            ):
                strengths[row] = MEDIUM
                break
            other += 1


@cython.cfunc
@cython.nogil
def _is_gap(
    folded: UInt8, first: int64_t, last: int64_t, most: int64_t, flags: UInt8, kind: UInt8
) -> cython.bint:
    """Return True if ``folded[first:last]`` may stand between neighbours: no number, no sentence.

    It has at most ``most`` characters, at least one.  Hanzi are allowed from eight on.
    """
    if not 0 < last - first <= most:
        return False
    for place in range(first, last):
        if flags[folded[place]] & FLAG_STOP or _is_alnum(kind[folded[place]]):
            return False
        if most < 8 and is_han(kind[folded[place]]):
            return False
    return True


def mark_unrefuted(
    first: arrays.Int64,
    fields: list_fields.ListFields,
    candidates: matcher.Candidates,
    refuted: arrays.Bool,
    keep: arrays.Bool,
) -> None:
    """Set ``keep`` to True for each field whose account is an unrefuted candidate.

    ``first`` is the first candidate that starts at the account of each field.
    """
    firsts: Int64 = int64(first)
    listed: ListFields = list_fields_of(fields)
    spans: Candidates = candidates_of(candidates)
    is_refuted: Bool = boolean(refuted)
    out: BoolOut = boolean_out(keep)
    with cython.nogil:
        for field in range(listed.rows):
            at = firsts[field]
            while at < spans.rows and spans.start[at] == listed.begin[field]:
                if (
                    spans.end[at] == listed.end[field]
                    and spans.recognizer[at] == listed.account[field]
                    and not is_refuted[at]
                ):
                    out[field] = True
                at += 1


def label_fields(
    fields: list_fields.ListFields,
    candidates: matcher.Candidates,
    follows: arrays.Bool,
    first: int32_t,
    out: context_words.Context,
) -> None:
    """Write LABEL and the separator's word number for each candidate that starts at a field.

    Only recognizer pairs allowed by ``follows[value, account]`` count.  ``first``: word number of
    the first separator.  Fields and candidates are both ordered by start.
    """
    listed: ListFields = list_fields_of(fields)
    spans: Candidates = candidates_of(candidates)
    recognizers: int64_t = follows.shape[1]
    allowed: Bool = boolean(follows)
    context: ContextOut = context_out(out)
    field: cython.Py_ssize_t = 0
    with cython.nogil:
        for row in range(spans.rows):
            while field < listed.rows and listed.place[field] < spans.start[row]:
                field += 1
            at = field
            while at < listed.rows and listed.place[at] == spans.start[row]:
                if (
                    context.nearness[row] != LABEL
                    and allowed[spans.recognizer[row] * recognizers + listed.account[at]]
                ):
                    context.nearness[row] = LABEL
                    context.word[row] = first + listed.separator[at]
                at += 1


@cython.cfunc
@cython.nogil
def _skip_separator(text: UInt8, at: int64_t) -> tuple[int64_t, cython.int]:
    """Return (offset after the separator at ``at``, index in SEPARATORS); (-1, 0) for none.

    separator := [blanks] ("---" | "----") [blanks] | "::" | ":" | "|" | TAB
    """
    first: uint8_t = text[at]
    place: int64_t = at
    dashes: cython.int = 0
    if first == 124:
        return at + 1, _BAR
    if first == 9:
        return at + 1, _TAB
    if first == 58:
        if text[at + 1] == 58:
            return at + 2, _DOUBLE_COLON
        return at + 1, _COLON
    while place - at < 2 and text[place] == 32:
        place += 1
    while dashes < 5 and text[place + dashes] == 45:
        dashes += 1
    if dashes != 3 and dashes != 4:
        return -1, 0
    place += dashes
    place += text[place] == 32
    place += text[place] == 32
    return place, 4 - dashes


@cython.cfunc
@cython.nogil
@cython.inline
def _is_line_end(byte: uint8_t) -> cython.bint:
    """Return True if ``byte`` ends a line or a text."""
    return byte == 0 or byte == 10 or byte == 13


@cython.cfunc
@cython.nogil
def _starts_line(
    text: UInt8, begin: int64_t, kind: UInt8, colon_separator: cython.bint
) -> cython.bint:
    """Return True if the account at ``begin`` is the first field of its line or follows its label.

    A later field of a table follows a separator; the text after it is only the next column.
    ``colon_separator``: a colon follows the account; then a blank or a Hanzi may precede it.
    """
    at: int64_t = begin - 1
    while text[at] == 34 or text[at] == 39 or (colon_separator and text[at] == 32):
        at -= 1
    if text[at] == 58:
        return kind[text[at - 1]] == KIND_HAN or kind[text[at - 1]] == KIND_LETTER
    return _is_line_end(text[at]) or (colon_separator and kind[text[at]] == KIND_HAN)


@cython.cfunc
@cython.nogil
def _may_be_secret(text: UInt8, place: int64_t, separator: cython.int, kind: UInt8) -> cython.bint:
    """Return True if the field at ``place`` can be a chosen secret rather than a number or a word.

    ``abc12345`` -> True, ``2024-01-05`` -> False.  Digits alone need 6 to 12 digits, and the end of
    the line unless dashes separate them.  After ``|`` letters alone need the end of the line too.
    """
    digits: int64_t = 0
    letters: int64_t = 0
    signs: int64_t = 0
    at: int64_t = place
    ended: cython.bint
    while at - place < _MAX_FIELD and not _FIELD_ENDS[text[at]]:
        byte = text[at]
        if byte == 45 and text[at + 1] == 45 and text[at + 2] == 45:
            break
        digits += kind[byte] == KIND_DIGIT
        letters += kind[byte] == KIND_LETTER
        signs += _NUMBER_SIGNS[byte]
        at += 1
    others = at - place - digits - letters - signs
    ended = separator < _DOUBLE_COLON or _is_line_end(text[at])
    if digits > 0 and letters == 0 and others == 0:
        return signs == 0 and _MIN_DIGITS <= digits <= _MAX_DIGITS and ended
    if letters > 0 and digits + signs + others == 0 and (separator == _BAR or separator == _TAB):
        return ended and separator == _BAR
    return True


def find_fields(
    text: arrays.UInt8,
    candidates: matcher.Candidates,
    accounts: arrays.Bool,
    opens: arrays.Bool,
    kind: arrays.UInt8,
    chained: cython.bint,
    out: list_fields.ListFields,
) -> int:
    """Write the list fields one separator after an account; return their number, -1 if too many.

    Args:
        candidates: possible accounts, ordered by start
        accounts: ``bool[recognizer]``, True for accounts
        opens: ``bool[65536]``, True for the first two bytes of a possible value
        kind: kind of each folded byte
        chained: True to allow every separator, also outside the start of a line
        out: output; no field is ``sure``
    """
    length: int64_t = len(text)
    source: UInt8 = uint8(text)
    spans: Candidates = candidates_of(candidates)
    is_account: Bool = boolean(accounts)
    may_open: Bool = boolean(opens)
    kinds: UInt8 = uint8(kind)
    fields: ListFieldsOut = list_fields_out(out)
    with cython.nogil:
        count = fields_into(
            source, length, cython.address(spans), is_account, may_open, kinds, chained,
            cython.address(fields),
        )  # fmt: skip
    return count


@cython.cfunc
@cython.nogil
def fields_into(
    text: UInt8,
    length: int64_t,
    candidates: cython.pointer[Candidates],
    accounts: Bool,
    opens: Bool,
    kind: UInt8,
    chained: cython.bint,
    out: cython.pointer[ListFieldsOut],
) -> int64_t:
    """Find the list fields after accounts; return -1 if ``out`` is too short."""
    count: int64_t = 0
    for row in range(candidates.rows):
        at = candidates.end[row]
        if not _SEPARATOR_STARTS[text[at]] or not accounts[candidates.recognizer[row]]:
            continue
        separator = _skip_separator(text, at)
        beyond = separator[0]
        number = separator[1]
        if beyond < 0 or beyond + 1 >= length:
            continue
        if not opens[text[beyond] << 8 | text[beyond + 1]]:
            continue
        if (
            number >= _DOUBLE_COLON
            and not chained
            and not _starts_line(
                text, candidates.start[row], kind, number == _DOUBLE_COLON or number == _COLON
            )
        ):
            continue
        if not _may_be_secret(text, beyond, number, kind):
            continue
        if count == out.rows:
            return -1
        out.place[count] = beyond
        out.begin[count] = candidates.start[row]
        out.end[count] = at
        out.account[count] = candidates.recognizer[row]
        out.separator[count] = number
        out.sure[count] = False
        count += 1
    return count


def find_line_accounts(
    text: arrays.UInt8,
    word_ends: arrays.Int64,
    kind: arrays.UInt8,
    begin: arrays.Int64,
    end: arrays.Int64,
) -> int:
    """Write spans of letters and digits from line start to ``---``; return their number.

    ``word_ends``: code points at which a word may end.  ``begin`` and ``end``: outputs, [begin,
    end).
    """
    source: UInt8 = uint8(text)
    end_count: int64_t = len(word_ends)
    ends: Int64 = int64(word_ends)
    kinds: UInt8 = uint8(kind)
    begins: Int64Out = int64_out(begin)
    finishes: Int64Out = int64_out(end)
    with cython.nogil:
        count = line_accounts_into(source, ends, end_count, kinds, begins, finishes)
    return count


@cython.cfunc
@cython.nogil
def line_accounts_into(
    source: UInt8,
    ends: Int64,
    end_count: int64_t,
    kinds: UInt8,
    begins: Int64Out,
    finishes: Int64Out,
) -> int64_t:
    """Find the run of letters and digits before each ``---`` that begins its line."""
    count: int64_t = 0
    for number in range(end_count):
        at = ends[number]
        if source[at] != 45 or source[at - 1] != 45:
            continue
        while source[at] == 45:
            at -= 1
        if source[at] == 32:
            at -= 1
        last = at + 1
        while last - at <= _MAX_FIELD and _is_alnum(kinds[source[at]]):
            at -= 1
        first = at + 1
        while source[at] == 34 or source[at] == 39:
            at -= 1
        if first < last and _is_line_end(source[at]):
            begins[count] = first
            finishes[count] = last
            count += 1
    return count

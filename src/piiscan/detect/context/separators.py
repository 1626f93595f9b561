"""Separators of credential lists, and the fields after them that can be a chosen secret.

``13800138000----abc12345`` -> separator ``----``, field ``abc12345``.  The kernels know no
identifier: they read only the ends of accounts and the layout of lines.

    separator := [blanks] ("---" | "----") [blanks] | "::" | ":" | "|" | TAB
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Bool, Int64, UInt8
from piiscan.detect.context.list_fields import ListFields
from piiscan.detect.matching.alphabet import KIND_DIGIT, KIND_HAN, KIND_LETTER
from piiscan.detect.matching.matcher import Candidates
from piiscan.jit import inner, kernel

#: Separators of the fields of a list, as findings name them.
SEPARATORS: Final = ("----", "---", "::", "|", "\t", ":")
#: Endings of a line account: last character, optional blank, dashes (``10001 ---``).
ACCOUNT_ENDINGS: Final = tuple(
    f"{char}{blank}---" for char in "0123456789abcdefghijklmnopqrstuvwxyz" for blank in ("", " ")
)
_DOUBLE_COLON: Final = 2  # index of ``::``; dashes, before it, mark a list anywhere
_BAR: Final = 3
_TAB: Final = 4
_COLON: Final = 5
#: Digits of a chosen number: shorter ones are codes, longer ones identifiers.
_MIN_DIGITS: Final = 6
_MAX_DIGITS: Final = 12
_MAX_FIELD: Final = 64  # code points read of a field, or back in a line

SEPARATOR_STARTS: Final = np.zeros(256, np.bool_)  # bytes with which a separator may start
SEPARATOR_STARTS[[ord(char) for char in "-:| \t"]] = True
_NUMBER_SIGNS: Final = np.zeros(256, np.bool_)  # signs inside dates, amounts and telephone numbers
_NUMBER_SIGNS[[ord(char) for char in ".-/+"]] = True
_FIELD_ENDS: Final = np.zeros(256, np.bool_)  # bytes that end a field
_FIELD_ENDS[:33] = _FIELD_ENDS[127:] = True
_FIELD_ENDS[[ord(char) for char in "|:,;"]] = True


@inner
def _skip_separator(text: UInt8, at: int) -> tuple[int, int]:  # pragma: no cover - compiled
    """Return (offset after the separator at ``at``, index in SEPARATORS); (-1, 0) for none."""
    first = text[at]
    if first == 124:
        return at + 1, _BAR
    if first == 9:
        return at + 1, _TAB
    if first == 58:
        return (at + 2, _DOUBLE_COLON) if text[at + 1] == 58 else (at + 1, _COLON)
    place = at
    while place - at < 2 and text[place] == 32:
        place += 1
    dashes = 0
    while dashes < 5 and text[place + dashes] == 45:
        dashes += 1
    if dashes != 3 and dashes != 4:
        return -1, 0
    place += dashes
    for _ in range(2):
        place += text[place] == 32
    return place, 4 - dashes


@inner
def _starts_line(
    text: UInt8, begin: int, kind: UInt8, colon_separator: bool
) -> bool:  # pragma: no cover
    """Return True if the account at ``begin`` is the first field of its line or follows its label.

    A later field of a table follows a separator; the text after it is only the next column.
    ``colon_separator``: a colon follows the account; then a blank or a Hanzi may precede it.
    """
    at = begin - 1
    while text[at] == 34 or text[at] == 39 or (colon_separator and text[at] == 32):
        at -= 1
    if text[at] == 58:
        return bool(kind[text[at - 1]] == KIND_HAN or kind[text[at - 1]] == KIND_LETTER)
    return text[at] in (0, 10, 13) or (colon_separator and kind[text[at]] == KIND_HAN)


@inner
def _may_be_secret(
    text: UInt8, place: int, separator: int, kind: UInt8
) -> bool:  # pragma: no cover - compiled
    """Return True if the field at ``place`` can be a chosen secret rather than a number or a word.

    ``abc12345`` -> True, ``2024-01-05`` -> False.  Digits alone need 6 to 12 digits, and the end of
    the line unless dashes separate them.  After ``|`` letters alone need the end of the line too.
    """
    digits = letters = signs = others = 0
    at = place
    while at - place < _MAX_FIELD and not _FIELD_ENDS[text[at]]:
        byte = text[at]
        if byte == 45 and text[at + 1] == 45 and text[at + 2] == 45:
            break
        digits += kind[byte] == KIND_DIGIT
        letters += kind[byte] == KIND_LETTER
        signs += _NUMBER_SIGNS[byte]
        at += 1
    others = at - place - digits - letters - signs
    ended = separator < _DOUBLE_COLON or text[at] in (0, 10, 13)
    if digits > 0 and letters == 0 and others == 0:
        return signs == 0 and _MIN_DIGITS <= digits <= _MAX_DIGITS and ended
    only_word = letters > 0 and digits + signs + others == 0
    if only_word and separator in (_BAR, _TAB):
        return ended and separator == _BAR
    return True


@kernel
def find_fields(
    text: UInt8,
    candidates: Candidates,
    accounts: Bool,
    opens: Bool,
    kind: UInt8,
    chained: bool,
    out: ListFields,
) -> int:  # pragma: no cover - compiled
    """Write the list fields one separator after an account; return their number, -1 if too many.

    Args:
        candidates: possible accounts, ordered by start
        accounts: ``bool[recognizer]``, True for accounts
        opens: ``bool[65536]``, True for the first two bytes of a possible value
        kind: kind of each folded byte
        chained: True to allow every separator, also outside the start of a line
        out: output; no field is ``sure``
    """
    recognizer, start, finish, _ = candidates
    count = 0
    for row in range(len(start)):
        at = finish[row]
        if not SEPARATOR_STARTS[text[at]] or not accounts[recognizer[row]]:
            continue
        beyond, number = _skip_separator(text, at)
        if beyond < 0 or beyond + 1 >= len(text):
            continue
        if not opens[(np.uint32(text[beyond]) << np.uint32(8)) | text[beyond + 1]]:
            continue
        if number >= _DOUBLE_COLON and not chained:
            colon = number in (_DOUBLE_COLON, _COLON)
            if not _starts_line(text, start[row], kind, colon):
                continue
        if not _may_be_secret(text, beyond, number, kind):
            continue
        if count == len(out.place):
            return -1
        out.place[count] = beyond
        out.begin[count] = start[row]
        out.end[count] = at
        out.account[count] = recognizer[row]
        out.separator[count] = number
        out.sure[count] = False
        count += 1
    return count


@kernel
def find_line_accounts(
    text: UInt8, word_ends: Int64, kind: UInt8, begin: Int64, end: Int64
) -> int:  # pragma: no cover - compiled
    """Write spans of letters and digits from line start to ``---``; return their number.

    ``word_ends``: code points at which a word may end.  ``begin`` and ``end``: outputs, [begin,
    end).
    """
    count = 0
    for number in range(len(word_ends)):
        at = word_ends[number]
        if text[at] != 45 or text[at - 1] != 45:
            continue
        while text[at] == 45:
            at -= 1
        if text[at] == 32:
            at -= 1
        last = at + 1
        while last - at <= _MAX_FIELD and kind[text[at]] in (KIND_DIGIT, KIND_LETTER):
            at -= 1
        first = at + 1
        while text[at] == 34 or text[at] == 39:
            at -= 1
        if first < last and text[at] in (0, 10, 13):
            begin[count] = first
            end[count] = last
            count += 1
    return count

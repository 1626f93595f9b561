"""Separators of lists, and which fields behind them can be a secret that someone chose.

The usage of lists of accounts that are sold; the kernels know no identifier, only where accounts
end and how lines of lists and tables look.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Bool, Int16, Int64, UInt8
from piiscan.detect.matching.alphabet import KIND_DIGIT, KIND_HAN, KIND_LETTER
from piiscan.jit import inner, kernel

#: What joins the fields of a list, as it is named in findings.
SEPARATORS: Final = ("----", "---", "::", "|", "\t", ":")
#: What ends where an account that is found behind words only, such as a QQ number, may end.
LEADS: Final = tuple(
    f"{char}{blank}---" for char in "0123456789abcdefghijklmnopqrstuvwxyz" for blank in ("", " ")
)
_DASHES: Final = 2  # the first separators, which mean a list wherever they stand
_BAR: Final = 3
_TAB: Final = 4
_COLON: Final = 5
#: A field of digits alone is a chosen number if it has so many: fewer are codes, more identifiers.
_LEAST: Final = 6
_MOST: Final = 12
_FARTHEST: Final = 64  # a field is looked at, and a line walked back, no farther than this

ENDS: Final = np.zeros(256, np.bool_)  # bytes behind an account that a separator may begin with
ENDS[[ord(char) for char in "-:| \t"]] = True
_NUMERIC: Final = np.zeros(256, np.bool_)  # signs inside dates, amounts and telephone numbers
_NUMERIC[[ord(char) for char in ".-/+"]] = True
_CLOSES: Final = np.zeros(256, np.bool_)  # what ends a field
_CLOSES[:33] = _CLOSES[127:] = True
_CLOSES[[ord(char) for char in "|:,;"]] = True


@inner
def _beyond(text: UInt8, at: int) -> tuple[int, int]:  # pragma: no cover - compiled
    """The place behind the one separator at ``at``, and its number; -1 where there is none."""
    first = text[at]
    if first == 124:
        return at + 1, _BAR
    if first == 9:
        return at + 1, _TAB
    if first == 58:
        return (at + 2, _DASHES) if text[at + 1] == 58 else (at + 1, _COLON)
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
def _leads(text: UInt8, begin: int, kind: UInt8, colon: bool) -> bool:  # pragma: no cover
    """Whether an account is the first field of its line, or stands behind its label.

    A later field of a table has a separator in front of it; what follows is just its next column.
    """
    at = begin - 1
    while text[at] == 34 or text[at] == 39 or (colon and text[at] == 32):
        at -= 1
    if text[at] == 58:
        return bool(kind[text[at - 1]] == KIND_HAN or kind[text[at - 1]] == KIND_LETTER)
    return text[at] in (0, 10, 13) or (colon and kind[text[at]] == KIND_HAN)


@inner
def _can_be_chosen(
    text: UInt8, place: int, separator: int, kind: UInt8
) -> bool:  # pragma: no cover - compiled
    """Whether the field at ``place`` can be a secret that someone chose, not a number or a word.

    Digits alone, or behind a bar letters alone, count where no further column follows.
    """
    digits = letters = signs = others = 0
    at = place
    while at - place < _FARTHEST and not _CLOSES[text[at]]:
        byte = text[at]
        if byte == 45 and text[at + 1] == 45 and text[at + 2] == 45:
            break
        digits += kind[byte] == KIND_DIGIT
        letters += kind[byte] == KIND_LETTER
        signs += _NUMERIC[byte]
        at += 1
    others = at - place - digits - letters - signs
    ended = separator < _DASHES or text[at] in (0, 10, 13)
    if digits > 0 and letters == 0 and others == 0:
        return signs == 0 and _LEAST <= digits <= _MOST and ended
    only_word = letters > 0 and digits + signs + others == 0
    if only_word and separator in (_BAR, _TAB):
        return ended and separator == _BAR
    return True


@kernel
def find_fields(
    text: UInt8,
    recognizer: Int16,
    start: Int64,
    finish: Int64,
    accounts: Bool,
    opens: Bool,
    kind: UInt8,
    chained: bool,
    place: Int64,
    begin: Int64,
    end: Int64,
    account: Int16,
    separator: Int16,
) -> int:  # pragma: no cover - compiled
    """Fill in the fields one separator behind ``accounts``; gives how many, -1: no room."""
    count = 0
    for row in range(len(start)):
        at = finish[row]
        if not ENDS[text[at]] or not accounts[recognizer[row]]:
            continue
        beyond, number = _beyond(text, at)
        if beyond < 0 or beyond + 1 >= len(text):
            continue
        if not opens[(np.uint32(text[beyond]) << np.uint32(8)) | text[beyond + 1]]:
            continue
        if number >= _DASHES and not chained:
            colon = number in (_DASHES, _COLON)
            if not _leads(text, start[row], kind, colon):
                continue
        if not _can_be_chosen(text, beyond, number, kind):
            continue
        if count == len(place):
            return -1
        place[count] = beyond
        begin[count] = start[row]
        end[count] = at
        account[count] = recognizer[row]
        separator[count] = number
        count += 1
    return count


@kernel
def find_bare(
    text: UInt8, ends: Int64, kind: UInt8, begin: Int64, end: Int64
) -> int:  # pragma: no cover - compiled
    """The letters and digits that fill a line up to its first ``---``, by where words may end."""
    count = 0
    for number in range(len(ends)):
        at = ends[number]
        if text[at] != 45 or text[at - 1] != 45:
            continue
        while text[at] == 45:
            at -= 1
        if text[at] == 32:
            at -= 1
        last = at + 1
        while last - at <= _FARTHEST and kind[text[at]] in (KIND_DIGIT, KIND_LETTER):
            at -= 1
        first = at + 1
        while text[at] == 34 or text[at] == 39:
            at -= 1
        if first < last and text[at] in (0, 10, 13):
            begin[count] = first
            end[count] = last
            count += 1
    return count

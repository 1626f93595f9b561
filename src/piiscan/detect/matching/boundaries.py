"""Boundary rules: the neighbours that a recognizer's ``boundary`` key allows next to a span.

The matcher checks the simple rules itself (digits, letters). The rules here read further: hex
fingerprints next to a MAC address, line ends next to a number that is broken over lines, and
numbers after an extension.

    boundary group: AA:BB:CC:DD:EE:FF alone -> True, AA:BB:CC:DD:EE:FF:01 -> False
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from piiscan.arrays import Bool, Int64, UInt8
from piiscan.detect.matching.alphabet import (
    CIRCLED_DIGIT,
    HAN_DIGIT,
    KIND_DIGIT,
    KIND_LETTER,
)
from piiscan.jit import inner, kernel

#: Most positions of a message's head.
_MAX_HEAD: Final = 120
#: Numbers of the boundary rules, for the kernels; see recognizers/README.md.
BOUNDARIES: Final = {
    "none": 0,
    "digit": 1,
    "word": 2,
    "mail": 3,
    "group": 4,
    "label": 5,
    "lines": 6,
    "quoted": 7,
    "tail": 8,
    "sole": 9,
    "run": 10,
    "head": 11,
}


@kernel
def _is_word_char(folded: UInt8, at: int, kind: UInt8) -> bool:  # pragma: no cover - compiled
    """Return True if there is an ASCII letter or digit at ``at``."""
    return at < len(folded) and (kind[folded[at]] == KIND_DIGIT or kind[folded[at]] == KIND_LETTER)


@inner
def _is_word_pair(folded: UInt8, at: int, kind: UInt8) -> bool:  # pragma: no cover - compiled
    """Return True if there are two ASCII letters or digits at ``at``."""
    return _is_word_char(folded, at, kind) and _is_word_char(folded, at + 1, kind)


@inner
def _is_numeral(byte: int) -> bool:  # pragma: no cover - compiled
    """Return True if ``byte`` is a digit: 0, 零, ⓪."""
    return bool(
        48 <= byte <= 57
        or HAN_DIGIT <= byte < HAN_DIGIT + 10
        or CIRCLED_DIGIT <= byte < CIRCLED_DIGIT + 10
    )


@inner
def _is_long_group(folded: UInt8, at: Any, step: int) -> bool:  # pragma: no cover - compiled
    """Return True if 14 digits or more begin at ``at``, or end there with ``step`` -1.

    They are a number of their own: an identity number, a card.
    """
    count = 0
    while count < 14 and 48 <= folded[at] <= 57:
        count += 1
        at += step
    return count == 14


@inner
def _is_whole_run(
    folded: UInt8, start: Any, end: Any, dressed: bool
) -> bool:  # pragma: no cover - compiled
    """Return True if the groups of a number are not part of a longer row of groups.

    ``138-0013-8000`` in ``138-0013-8000-1390`` -> False.  A blank between two numbers is no such
    sign, except before or after further groups of four: ``4301 0419 8811 2217``.  If ``dressed``,
    no sign of the number and no digit in any script may join it to others, and no letter follows;
    a group of 14 digits or more is no part of it: ``138 00138000 430104190506150016``.
    """
    sign = end - 1
    while sign > start and _is_numeral(folded[sign]):
        sign -= 1
    byte = folded[sign]
    if dressed and (_is_numeral(folded[start - 1]) or _is_numeral(folded[end])):
        return False
    if dressed and 97 <= folded[end] | 32 <= 122:
        return False
    if sign == start or byte == 40 or byte == 41:  # no sign, or a bracket
        return True
    before, after = folded[start - 1] == byte, folded[end] == byte
    before &= 48 <= folded[start - 2] <= 57
    after &= 48 <= folded[end + 1] <= 57
    if dressed:
        before = before and not _is_long_group(folded, start - 2, -1)
        after = after and not _is_long_group(folded, end + 1, 1)
    if dressed or byte != 32:
        return not (before or after)
    if after and folded[end + 5] == 32 and _is_numeral(folded[end + 6]):
        after = _is_numeral(folded[end + 4]) and _is_numeral(folded[end + 2])
    else:
        after = False
    before &= start > 5 and folded[start + 4] == 32
    before = before and _is_numeral(folded[start - 5]) and not _is_numeral(folded[start - 6])
    return not (before or after)


@inner
def _ends_head(folded: UInt8, start: Any, end: Any) -> bool:  # pragma: no cover - compiled
    """Return True if the span stands in brackets at the end of the head of a message.

    ``2023-04-01 10:00:01 name(10001)`` and ``name(10001) 2023-04-01 10:00``.
    """
    if folded[start - 1] != 40 or folded[end] != 41:  # ( )
        return False
    after = end + 1
    if folded[after] == 58:  # :
        after += 1
    while folded[after] == 32:
        after += 1
    if 48 <= folded[after] <= 57 and _has_time(folded, after):
        return True
    begin = start - 1
    while folded[begin - 1] not in (0, 10, 13) and start - begin < _MAX_HEAD:
        begin -= 1
    if folded[begin] == 91:  # [
        begin += 1
    ends = folded[end + 1] in (0, 10, 13, 32, 58)
    return ends and 48 <= folded[begin] <= 57 and _has_time(folded, begin)


@inner
def _has_time(folded: UInt8, at: Any) -> bool:  # pragma: no cover - compiled
    """Return True if the text at ``at`` begins with a day and an hour: 2023-04-01 10:00."""
    for colon in range(at + 8, at + 22):
        byte = folded[colon]
        if byte == 0 or byte == 10 or byte == 13:
            return False
        if byte == 58:
            return bool(48 <= folded[colon - 1] <= 57 and 48 <= folded[colon + 1] <= 57)
    return False


@inner
def _fits_as_number(
    folded: UInt8, start: Any, end: Any, rule: int
) -> bool:  # pragma: no cover - compiled
    """Return True if a number fits the rule sole (9), run (10) or head (11)."""
    if rule == 11:
        return _ends_head(folded, start, end)
    return _is_whole_run(folded, start, end, rule == 10)


@inner
def fits_boundary(
    folded: UInt8, start: Any, end: Any, rule: int, kind: UInt8
) -> bool:  # pragma: no cover - compiled
    """Return True if the span [``start``, ``end``) fits boundary ``rule``.

    Rules: group (4), lines (6), quoted (7), tail (8), sole (9), run (10), head (11).
    ``kind``: kind of each folded byte.
    """
    byte_before, byte_after = folded[start - 1], folded[end]
    if rule > 8:
        return _fits_as_number(folded, start, end, rule)
    if rule == 8:  # no further number after - . / :, nor after a comma if the last one has one
        if byte_after not in (44, 45, 46, 47, 58) or kind[folded[end + 1]] != KIND_DIGIT:
            return True
        sign = end - 1
        while kind[folded[sign]] == KIND_DIGIT:
            sign -= 1
        return bool(byte_after == 44 and folded[sign] != 44)
    if rule == 4:  # no further hex pair on either side, with the same separator
        if byte_after in (45, 46, 58) and _is_word_pair(folded, end + 1, kind):
            return _is_word_char(folded, end + 3, kind)
        pair_before = (
            byte_before in (45, 46, 58) and start > 3 and _is_word_pair(folded, start - 3, kind)
        )
        return not pair_before or _is_word_char(folded, start - 4, kind)
    if byte_before in (9, 44, 59, 124) and byte_after in (9, 44, 59, 124):
        return False  # last field of a row and first of the next
    starts_line, ends_line = byte_before in (10, 13), byte_after in (10, 13)
    left, right = start - 1, end
    while folded[left] in (9, 10, 13, 32):
        left -= 1
    while folded[right] in (9, 10, 13, 32):
        right += 1
    if folded[left] == 0 and folded[right] == 0:  # the span fills its cell
        return True
    if rule == 7:
        return folded[left] in (34, 39, 40, 91) and folded[right] in (34, 39, 41, 93)
    return not (
        (starts_line or folded[left] == 0) and (ends_line or folded[right] == 0)
    )  # two lines of a list


@kernel
def _fit_boundaries(
    folded: UInt8, start: Int64, end: Int64, rules: UInt8, kind: UInt8, fits: Bool
) -> None:  # pragma: no cover - compiled
    """Set ``fits`` to False for spans that break the boundary rule group, lines or quoted."""
    for row in range(len(start)):
        rule = rules[row]
        if rule == 4 or rule > 5:
            fits[row] = fits_boundary(folded, start[row], end[row], rule, kind)


def fit_boundaries(folded: UInt8, start: Int64, end: Int64, rules: UInt8, kind: UInt8) -> Bool:
    """Return ``bool[k]``: True if span i fits boundary rule ``rules[i]``.

    The simple rules always fit: the matcher has checked them.
    """
    fits = np.ones(len(start), np.bool_)
    _fit_boundaries(folded, start, end, rules, kind, fits)
    return fits

"""Boundaries: what may stand beside a span, by the rule that its recognizer names.

The rules that a match meets everywhere (digits, letters) are decided where it is found; here are
those that look further: fingerprints beside a MAC address, and lines beside a broken number.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from piiscan.arrays import Bool, Int64, UInt8
from piiscan.detect.matching.alphabet import KIND_DIGIT, KIND_LETTER
from piiscan.jit import inner, kernel

#: Which neighbours end a span, as numbers for the kernel.
BOUNDARIES: Final = {
    "none": 0,
    "digit": 1,
    "word": 2,
    "mail": 3,
    "group": 4,
    "label": 5,
    "lines": 6,
    "quoted": 7,
}


@kernel
def _word(folded: UInt8, at: int, kind: UInt8) -> bool:  # pragma: no cover - compiled
    return at < len(folded) and (kind[folded[at]] == KIND_DIGIT or kind[folded[at]] == KIND_LETTER)


@inner
def _pair(folded: UInt8, at: int, kind: UInt8) -> bool:  # pragma: no cover - compiled
    return _word(folded, at, kind) and _word(folded, at + 1, kind)


@inner
def set_off(
    folded: UInt8, at: Any, end: Any, rule: int, kind: UInt8
) -> bool:  # pragma: no cover - compiled
    """Whether the span may stand alone under ``rule``: group (4), lines (6) or quoted (7)."""
    ahead, behind = folded[at - 1], folded[end]
    if rule == 4:  # no further pair of hex digits on either side, behind the same mark
        if behind in (45, 46, 58) and _pair(folded, end + 1, kind):
            return _word(folded, end + 3, kind)
        pair = ahead in (45, 46, 58) and at > 3 and _pair(folded, at - 3, kind)
        return not pair or _word(folded, at - 4, kind)
    if ahead in (9, 44, 59, 124) and behind in (9, 44, 59, 124):
        return False  # the last field of a row and the first of the next
    begins, ends = ahead in (10, 13), behind in (10, 13)
    left, right = at - 1, end
    while folded[left] in (9, 10, 13, 32):
        left -= 1
    while folded[right] in (9, 10, 13, 32):
        right += 1
    if folded[left] == 0 and folded[right] == 0:  # all of its cell
        return True
    if rule == 7:
        return folded[left] in (34, 39, 40, 91) and folded[right] in (34, 39, 41, 93)
    return not ((begins or folded[left] == 0) and (ends or folded[right] == 0))  # no list of lines


@kernel
def _stand(
    folded: UInt8, start: Int64, end: Int64, rules: UInt8, kind: UInt8, free: Bool
) -> None:  # pragma: no cover - compiled
    for row in range(len(start)):
        rule = rules[row]
        if rule == 4 or rule > 5:
            free[row] = set_off(folded, start[row], end[row], rule, kind)


def stand(folded: UInt8, start: Int64, end: Int64, rules: UInt8, kind: UInt8) -> Bool:
    """Whether each span may stand alone under its rule; the plain rules are not asked about."""
    free = np.ones(len(start), np.bool_)
    _stand(folded, start, end, rules, kind, free)
    return free

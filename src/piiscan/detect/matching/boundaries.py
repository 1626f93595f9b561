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
from piiscan.detect.matching.alphabet import KIND_DIGIT, KIND_LETTER
from piiscan.jit import inner, kernel

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
def fits_boundary(
    folded: UInt8, start: Any, end: Any, rule: int, kind: UInt8
) -> bool:  # pragma: no cover - compiled
    """Return True if the span [``start``, ``end``) fits boundary ``rule``.

    Rules: group (4), lines (6), quoted (7), tail (8). ``kind``: kind of each folded byte.
    """
    byte_before, byte_after = folded[start - 1], folded[end]
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

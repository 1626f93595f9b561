"""What stands around a candidate and speaks against it: tokens, decimals, amounts, letters.

No finding starts or ends inside a longer run of digits (the scan sees to that), inside a hex,
base64 or UUID run, inside a decimal number, or beside a currency sign (domain rules A.0, E).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from piiscan.compiled import kernel
from piiscan.detect.alphabet import KIND_LETTER, Alphabet, UInt8
from piiscan.detect.candidates import Candidates

CLEAR: Final = 0
GLUED: Final = 1  # letters on both sides: low
DECIMAL: Final = 2  # part of a decimal number: low
AMOUNT_UNIT: Final = 3  # 元 behind it: low
AMOUNT_SIGN: Final = 4  # ¥ in front of it: refused
INSIDE_TOKEN: Final = 5  # inside a hash, UUID or base64 run: refused
#: How far a run is followed to either side of a span.
_FARTHEST: Final = 96


@kernel
def _in_token(  # noqa: C901 - one pass over a run, kept in one kernel
    folded: UInt8, start: int, end: int, kind: UInt8
) -> bool:  # pragma: no cover - compiled
    """Whether the span is a part of a longer run that looks like a hash, UUID or random key."""
    left = start
    while start - left < _FARTHEST and (_alnum(kind[folded[left - 1]]) or _joins(folded[left - 1])):
        left -= 1
    right = end
    while right - end < _FARTHEST and (_alnum(kind[folded[right]]) or _joins(folded[right])):
        right += 1
    if left == start and right == end:
        return False
    hex_run = dashes = turns = upper = lower = digit = 0
    all_hex = True
    span_hex = 0
    for place in range(left, right):
        byte = folded[place]
        is_digit = 48 <= byte <= 57
        is_hex = is_digit or 65 <= byte <= 70 or 97 <= byte <= 102
        if is_hex:
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
        if place > left and is_digit != (48 <= folded[place - 1] <= 57):
            turns += 1
    if span_hex >= 32 and upper + lower > 0:
        return True
    if all_hex and dashes == 4 and right - left == 36:
        return True
    touched = kind[folded[start - 1]] == 2 or kind[folded[end]] == 2
    if touched and turns >= 4 and right - left >= 20:
        return True
    return right - left >= 40 and turns >= 6 and upper > 0 and lower > 0 and digit > 0


@kernel
def _alnum(kind: int) -> bool:  # pragma: no cover - compiled
    return kind == 1 or kind == 2


@kernel
def _joins(byte: int) -> bool:  # pragma: no cover - compiled
    return byte == 43 or byte == 45 or byte == 95


@kernel
def _decimal(folded: UInt8, start: int, end: int, kind: UInt8) -> bool:  # pragma: no cover
    """Whether digits go on across a full stop, other than as ``1.`` of a list or ``.0``."""
    if folded[end] == 46 and kind[folded[end + 1]] == 1:
        return not (folded[end + 1] == 48 and kind[folded[end + 2]] != 1)
    if folded[start - 1] != 46 or kind[folded[start - 2]] != 1:
        return False
    before = start - 2
    while kind[folded[before]] == 1:
        before -= 1
    return not (start - before <= 5 and (folded[before] == 0 or folded[before] == 10))


@kernel
def _closer(
    folded: UInt8,
    first: int,
    last: int,
    kind: UInt8,
    currency: npt.NDArray[np.bool_],
    unit: npt.NDArray[np.bool_],
) -> int:  # pragma: no cover - compiled
    begins = kind[folded[first]]
    ends = kind[folded[last - 1]]
    before = kind[folded[first - 1]]
    after = kind[folded[last]]
    number = begins == 1 and ends == 1
    sign = first - 1 - (folded[first - 1] == 32)
    joined = folded[first - 1] == 45 or folded[last] == 45
    touched = _alnum(begins) and (before == 2 or after == 2 or joined)
    if touched and _in_token(folded, first, last, kind):
        return INSIDE_TOKEN
    if number and currency[folded[sign]]:
        return AMOUNT_SIGN
    if begins == 1 and before == 2 and after == 2:
        return GLUED
    if number and _decimal(folded, first, last, kind):
        return DECIMAL
    if number and unit[folded[last]]:
        return AMOUNT_UNIT
    return CLEAR


@kernel
def _look(
    folded: UInt8,
    start: npt.NDArray[np.int64],
    end: npt.NDArray[np.int64],
    plain: npt.NDArray[np.bool_],
    kind: UInt8,
    currency: npt.NDArray[np.bool_],
    unit: npt.NDArray[np.bool_],
    seen: UInt8,
) -> None:  # pragma: no cover - compiled
    for index in range(len(start)):
        ahead = folded[start[index] - 1]
        behind = folded[end[index]]
        if plain[ahead] and plain[behind]:
            continue  # nothing near it can speak against it: the usual case
        seen[index] = _closer(folded, start[index], end[index], kind, currency, unit)


def look(folded: UInt8, candidates: Candidates, alphabet: Alphabet) -> UInt8:
    """What speaks against each candidate: ``uint8[k]`` of the codes above."""
    seen = np.zeros(len(candidates.start), np.uint8)
    plain = ~(alphabet.currency | alphabet.unit | (alphabet.kind == KIND_LETTER))
    plain[[ord(" "), ord("-"), ord(".")]] = False
    _look(
        folded,
        candidates.start,
        candidates.end,
        plain,
        alphabet.kind,
        alphabet.currency,
        alphabet.unit,
        seen,
    )
    return seen

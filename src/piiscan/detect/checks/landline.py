"""Landline numbers: area code, 7 or 8 digits of which the first is 2 to 8, perhaps an extension.

Old dumps have seven digits where the numbering plan now has eight, so four-digit area codes accept
both.  ``+86(731)80000001转801 -> 0731-80000001;ext=801``
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Int32, UInt8
from piiscan.data import area_codes
from piiscan.detect.arithmetic.check_steps import Step, is_day, length_step
from piiscan.detect.arithmetic.digits import digit_at, is_day_at, number_at
from piiscan.detect.checks import REASON, Judgement, Strength, Verdict
from piiscan.jit import inner, kernel

_WIDTH: Final = 24
_EXTENSION: Final = np.frombuffer(b";ext=", np.uint8)
_HYPHEN: Final = ord("-")
_LENGTH_WRONG: Final = REASON["LENGTH_WRONG"]
_AREA_CODE_UNKNOWN: Final = REASON["AREA_CODE_UNKNOWN"]
_LOOKS_LIKE_DATE: Final = REASON["LOOKS_LIKE_DATE"]
_PREFIX_UNALLOTTED: Final = REASON["PREFIX_UNALLOTTED"]
_REFUTED: Final = int(Verdict.REFUTED)
_LOW: Final = int(Strength.LOW)


def canonical(chars: UInt8, length: Int32) -> tuple[UInt8, Int32]:
    """Format landline numbers as ``0AC-NNNNNNNN`` or ``0AC-NNNNNNNN;ext=EEE``.

    >>> text = np.frombuffer(b"+86(731)80000001?801", np.uint8)[None]
    >>> canonical(text, np.array([20], np.int32))[0].tobytes().rstrip(bytes(1))
    b'0731-80000001;ext=801'
    """
    value = np.zeros((len(chars), _WIDTH + 8), np.uint8)
    sizes = np.empty(len(chars), np.int32)
    digits, marks = np.empty((2, _WIDTH), np.uint8)
    _format(chars, length, digits, marks, value, sizes)
    return value, sizes


@kernel
def _format(
    chars: UInt8, length: Int32, digits: UInt8, marks: UInt8, value: UInt8, sizes: Int32
) -> None:  # pragma: no cover - compiled
    """Write the canonical form of each row of ``chars`` to ``value``, its length to ``sizes``.

    ``digits``, ``marks``: scratch, the digits of a row and 1 for each one after a gap. A gap after
    7 or 8 digits of the subscriber part ends it; else up to 8 of the remaining digits count.
    """
    for row in range(len(chars)):
        count = _read_national(chars, row, length[row], digits, marks)
        area = 3 if digits[1] == 49 or digits[1] == 50 else 4
        size = min(count - area, 8)
        if marks[area + 7] == 1:
            size = 7
        elif marks[area + 8] == 1:
            size = 8
        extended = count > area + size
        for place in range(_WIDTH):
            shift = (place >= area) + len(_EXTENSION) * (place >= area + size)
            value[row, place + shift] = digits[place]
        value[row, area] = _HYPHEN
        if extended:
            for place in range(len(_EXTENSION)):
                value[row, area + size + 1 + place] = _EXTENSION[place]
        sizes[row] = count + 1 + len(_EXTENSION) * extended


@inner
def _read_national(
    chars: UInt8, row: int, length: int, digits: UInt8, marks: UInt8
) -> int:  # pragma: no cover - compiled
    """Write digits and gap marks of a row; 86 or 0086 becomes trunk 0. Return their number."""
    digits[:] = marks[:] = 0
    count = 0
    for place in range(length):
        is_digit = 48 <= chars[row, place] <= 57
        if is_digit and count < _WIDTH:
            digits[count] = chars[row, place]
            marks[count] = place > 0 and not 48 <= chars[row, place - 1] <= 57
            count += 1
    first = 2 if digits[0] == 48 and digits[1] == 48 else 0
    if digits[first] != 56 or digits[first + 1] != 54:
        return count
    trunk = digits[first + 2] != 48
    moved = first + (1 if trunk else 2)
    for place in range(_WIDTH):
        inside = place + moved < _WIDTH
        digits[place] = digits[place + moved] if inside else 0
        marks[place] = marks[place + moved] if inside else 0
    if trunk:
        digits[0] = 48
    return count - moved


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge landlines: plausible; LOW with an unknown area code or a date as subscriber number.

    >>> value = np.frombuffer(b"0731-80000001", np.uint8)[None]
    >>> check(value, np.array([13], np.int32), as_of=20261231).reason.tolist()
    [0]
    """
    del as_of
    judged = Judgement.of(len(chars))
    _judge(chars, length, area_codes(), judged)
    return judged


@kernel
def _judge(
    chars: UInt8, length: Int32, area_codes: UInt8, judged: Judgement
) -> None:  # pragma: no cover - compiled
    """Write the judgement of each landline (a row of ``chars``) to ``judged``."""
    for row in range(len(chars)):
        short = digit_at(chars, row, 3) > 9  # the hyphen follows three digits
        first = 4 if short else 5
        eight = digit_at(chars, row, first + 7) <= 9
        wrong = digit_at(chars, row, first) < 1 or length[row] < 12 or (short and not eight)
        for place in range(first, first + 7):
            wrong |= digit_at(chars, row, place) > 9
        area = number_at(chars, row, 1, 2 if short else 3)
        known = area_codes[min(area, len(area_codes) - 1)] > 0
        begins = digit_at(chars, row, first)
        if wrong:
            judged.verdict[row], judged.reason[row] = _REFUTED, _LENGTH_WRONG
            continue
        if not known or not (short or area >= 100):  # the digits 0022 are not the area code 022
            judged.reason[row] = _AREA_CODE_UNKNOWN
        elif eight and is_day_at(chars, row, first):
            judged.reason[row] = _LOOKS_LIKE_DATE
        elif begins == 1 or begins == 9:  # service numbers, not subscriber lines
            judged.reason[row] = _PREFIX_UNALLOTTED
        else:
            continue
        judged.strength[row] = _LOW


def steps(value: str, *, as_of: int) -> list[Step]:
    """Return the check steps of a landline number: area code, subscriber number.

    >>> [step.name for step in steps("0731-80000001", as_of=20261231)]
    ['area', 'subscriber']
    """
    del as_of
    area, _, rest = value.partition("-")
    line = rest.partition(";")[0]
    short = len(area) == 3
    if not line.isdigit() or len(line) not in ((8,) if short else (7, 8)) or line[0] == "0":
        return [length_step(value, "3+8, 4+7, 4+8")]
    known = bool(area_codes()[int(area[1:])]) and (short or int(area[1:]) >= 100)
    values: dict[str, str | int] = {"code": line, "count": len(line)}
    if len(line) == 8 and "1900" <= line[:4] <= "2099" and is_day(line):
        last = Step("subscriber_date", None, values)
    elif line[0] in "19":
        last = Step("subscriber_service", None, values)
    else:
        last = Step("subscriber", True, values)
    return [Step("area" if known else "area_none", known or None, {"code": area}), last]

"""Landline numbers: area code, 7 or 8 digits of which the first is 2 to 8, perhaps an extension.

Old dumps have seven digits where the numbering plan now has eight, so four-digit area codes accept
both.  ``+86(731)80000001转801 -> 0731-80000001;ext=801``
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Bool, Int32, UInt8
from piiscan.data import area_codes
from piiscan.detect.arithmetic.check_steps import Step, is_day, length_step
from piiscan.detect.arithmetic.digits import compact, digit_columns, is_among, number, real_date
from piiscan.detect.checks import Judgement, Strength, Verdict

_WIDTH: Final = 24
_EXTENSION: Final = np.frombuffer(b";ext=", np.uint8)


def canonical(chars: UInt8, length: Int32) -> tuple[UInt8, Int32]:
    """Format landline numbers as ``0AC-NNNNNNNN`` or ``0AC-NNNNNNNN;ext=EEE``.

    >>> text = np.frombuffer(b"+86(731)80000001?801", np.uint8)[None]
    >>> canonical(text, np.array([20], np.int32))[0].tobytes().rstrip(bytes(1))
    b'0731-80000001;ext=801'
    """
    here = np.arange(chars.shape[1]) < length[:, None]
    digit = (chars >= 48) & (chars <= 57) & here
    digits, count = compact(chars, digit, _WIDTH)
    follows_gap = np.zeros_like(digit)
    follows_gap[:, 1:] = digit[:, 1:] & ~digit[:, :-1]
    marks, _ = compact(follows_gap.astype(np.uint8), digit, _WIDTH)
    digits, marks, count = _national(digits, marks, count)
    area = np.where(is_among(digits[:, 1], (49, 50)), 3, 4)
    subscriber_length = _subscriber(marks, area, count)
    value = np.zeros((len(chars), _WIDTH + 8), np.uint8)
    rows = np.arange(len(chars))
    ext = count > area + subscriber_length
    for place in range(_WIDTH):
        shift = (place >= area).astype(np.int32) + len(_EXTENSION) * (
            place >= area + subscriber_length
        )
        value[rows, place + shift] = digits[:, place]
    value[rows, area] = ord("-")
    for place, char in enumerate(_EXTENSION):
        value[rows[ext], (area + subscriber_length + 1 + place)[ext]] = char
    return value, (count + 1 + len(_EXTENSION) * ext).astype(np.int32)


def _national(digits: UInt8, marks: UInt8, count: Int32) -> tuple[UInt8, UInt8, Int32]:
    """Replace 86 or 0086 by trunk 0.  Return landline digits, gap marks and digit counts."""
    long = (digits[:, :4] == np.frombuffer(b"0086", np.uint8)).all(axis=1)
    short = (digits[:, :2] == np.frombuffer(b"86", np.uint8)).all(axis=1)
    drop = np.where(long, 4, np.where(short, 2, 0))
    add = (drop > 0) & (np.take_along_axis(digits, drop[:, None], axis=1)[:, 0] != 48)
    places = np.arange(_WIDTH) + (drop - add)[:, None]
    inside = (places >= 0) & (places < _WIDTH)
    places = np.clip(places, 0, _WIDTH - 1)
    moved = np.take_along_axis(digits, places, axis=1) * inside
    moved[add, 0] = 48
    shifted = np.take_along_axis(marks, places, axis=1) * inside
    return moved, shifted, (count - drop + add).astype(np.int32)


def _subscriber(marks: UInt8, area: Int32, count: Int32) -> Int32:
    """Return the length of the subscriber part of each landline number: 7 or 8 digits at most.

    A gap mark after 7 or 8 digits decides; else up to 8 of the remaining digits count.
    """
    at = np.take_along_axis(marks, np.stack([area + 7, area + 8], axis=1), axis=1)
    plain = np.minimum(count - area, 8)
    result: Int32 = np.where(at[:, 0] == 1, 7, np.where(at[:, 1] == 1, 8, plain)).astype(np.int32)
    return result


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge landlines: plausible; LOW with an unknown area code or a date as subscriber number.

    >>> value = np.frombuffer(b"0731-80000001", np.uint8)[None]
    >>> check(value, np.array([13], np.int32), as_of=20261231).reason.tolist()
    [0]
    """
    del as_of
    digits = digit_columns(chars, 13)
    short = digits[3] > 9  # the hyphen follows three digits
    subscriber = np.where(short, digits[4:12], digits[5:13])
    judged = Judgement.of(len(chars))
    eight = subscriber[7] <= 9
    wrong = (subscriber[:7] > 9).any(axis=0) | (subscriber[0] < 1) | (length < 12)
    wrong |= short & ~eight
    judged.mark(wrong, "LENGTH_WRONG", verdict=Verdict.REFUTED)
    three, four = number(digits[1:3]), number(digits[1:4])
    known = np.take(area_codes(), np.where(short, three, four), mode="clip") > 0
    known &= short | (four >= 100)  # the four digits 0022 are not the area code 022
    judged.mark(~known, "AREA_CODE_UNKNOWN", strength=Strength.LOW)
    judged.mark(eight & _is_date(subscriber), "LOOKS_LIKE_DATE", strength=Strength.LOW)
    # 1 and 9 begin service numbers, not subscriber lines.
    service = (subscriber[0] == 1) | (subscriber[0] == 9)
    judged.mark(service, "PREFIX_UNALLOTTED", strength=Strength.LOW)
    return judged


def _is_date(subscriber: UInt8) -> Bool:
    """Return a mask of eight-digit subscriber numbers that are a day of 1900 to 2099."""
    year = number(subscriber[:4])
    century = (year >= 1900) & (year <= 2099)
    return century & real_date(
        year, subscriber[4] * 10 + subscriber[5], subscriber[6] * 10 + subscriber[7]
    )


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

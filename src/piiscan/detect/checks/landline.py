"""Landline numbers: area code, 7 or 8 digits of which the first is 2 to 8, perhaps an extension.

Old dumps have seven digits where the numbering plan now has eight, so four-digit area codes accept
both.  ``+86(731)80000001转801 -> 0731-80000001;ext=801``
"""

from __future__ import annotations

from piiscan.arrays import Int32, UInt8
from piiscan.data import area_codes
from piiscan.detect.arithmetic.check_steps import Step, is_day, length_step
from piiscan.detect.checks import Judgement, canonical_rows, judge_rows
from piiscan.detect.checks.check_kernels import (
    LANDLINE_CHECK,
)


def canonical(chars: UInt8, length: Int32) -> tuple[UInt8, Int32]:
    """Format landline numbers as ``0AC-NNNNNNNN`` or ``0AC-NNNNNNNN;ext=EEE``.

    >>> import numpy as np
    >>> text = np.frombuffer(b"+86(731)80000001?801", np.uint8)[None]
    >>> canonical(text, np.array([20], np.int32))[0].tobytes().rstrip(bytes(1))
    b'0731-80000001;ext=801'
    """
    return canonical_rows(LANDLINE_CHECK, chars, length)


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge landlines: plausible; LOW with an unknown area code or a date as subscriber number.

    >>> import numpy as np
    >>> value = np.frombuffer(b"0731-80000001", np.uint8)[None]
    >>> check(value, np.array([13], np.int32), as_of=20261231).reason.tolist()
    [0]
    """
    return judge_rows(LANDLINE_CHECK, chars, length, as_of)


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

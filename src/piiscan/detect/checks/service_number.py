"""Service numbers of organisations: 400 and 800 lines, and 95xxx; never a person's number."""

from __future__ import annotations

import numpy as np

from piiscan.arrays import Int32, UInt8
from piiscan.data import service_numbers
from piiscan.detect.arithmetic.check_steps import Step
from piiscan.detect.arithmetic.digits import digit_columns, number
from piiscan.detect.checks import Judgement, Strength


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge service numbers: plausible, reason ORG_ONLY; LOW for an unlisted 95xxx.

    >>> value = np.frombuffer(b"9533895000", np.uint8).reshape(2, 5)
    >>> check(value, np.full(2, 5, np.int32), as_of=20261231).strength.tolist()
    [0, 1]
    """
    del as_of
    judged = Judgement.of(len(chars))
    short = length < 10
    known = np.take(service_numbers(), number(digit_columns(chars, 5)[2:]), mode="clip")
    judged.mark(short & ~known, "PREFIX_UNALLOTTED", strength=Strength.LOW)
    judged.mark(np.ones(len(chars), np.bool_), "ORG_ONLY")
    return judged


def steps(value: str, *, as_of: int) -> list[Step]:
    """Return the check step of a service number: 95xxx in use; undecided for 400 and 800 lines.

    >>> [step.passed for step in steps("95338", as_of=20261231)]
    [True]
    """
    del as_of
    if len(value) >= 10:
        return [Step("service", None, {"code": value[:3]})]
    known = value[2:5].isdigit() and bool(service_numbers()[int(value[2:5])])
    return [Step("service", known or None, {"code": value})]

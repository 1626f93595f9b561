"""Service numbers of organisations: 400 and 800 lines, and 95xxx; never a person's number."""

from __future__ import annotations

from piiscan.arrays import Int32, UInt8
from piiscan.data import service_numbers
from piiscan.detect.arithmetic.check_steps import Step
from piiscan.detect.checks import Judgement, judge_rows
from piiscan.detect.checks.check_kernels import SERVICE_NUMBER_CHECK


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge service numbers: plausible, reason ORG_ONLY; LOW for an unlisted 95xxx.

    >>> import numpy as np
    >>> value = np.frombuffer(b"9533895000", np.uint8).reshape(2, 5)
    >>> check(value, np.full(2, 5, np.int32), as_of=20261231).strength.tolist()
    [0, 1]
    """
    return judge_rows(SERVICE_NUMBER_CHECK, chars, length, as_of)


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

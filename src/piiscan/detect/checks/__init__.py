"""Checks of identifiers, over matrices of canonical values.

A check is ``check(chars, length, *, as_of) -> Judgement``, beside it may be
``canonical(chars, length)``; recognizers/README.md has the contract.  A check NAME with a number
``NAME_CHECK`` (check_numbers) has a compiled judge of one value; any other is a module.
``steps(value, *, as_of)`` of its module is the same rule in plain Python, for ``explain`` and for
the tests.
``110105194912310021 (wrong check digit) -> REFUTED, CHECK_FAIL``
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from functools import cache, partial
from importlib import import_module
from importlib.util import find_spec
from typing import Final, NamedTuple

import numpy as np

from piiscan.arrays import Bool, Int8, Int16, Int32, UInt8
from piiscan.bundles import empty_rows
from piiscan.detect.arithmetic.check_steps import CheckSteps
from piiscan.detect.checks import check_numbers
from piiscan.detect.checks.check_kernels import (
    makes_canonical,
    write_canonical_values,
    write_judgements,
)
from piiscan.detect.checks.check_numbers import (
    CANONICAL_ROOM,
    NO_CHECK,
    PYTHON_CHECK,
    REGION_PHONE_CHECK,
)


class Verdict(IntEnum):
    """Result of a check: failed, nothing to check, passed."""

    REFUTED = 0
    PLAUSIBLE = 1
    VERIFIED = 2


class Strength(IntEnum):
    """Base level of a value without context; KEEP leaves it to the recognizer's ``bare``."""

    KEEP = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3


class Reason(IntEnum):
    """Reason code of a finding; vocabulary.yaml has its Chinese and English name."""

    CHECK_FAIL = 1
    DATE_IMPOSSIBLE = 2
    DATE_FUTURE = 3
    DATE_BEFORE_1900 = 4
    REGION_UNKNOWN = 5
    PROVINCE_UNKNOWN = 6
    PREFIX_UNALLOTTED = 7
    AREA_CODE_UNKNOWN = 8
    LENGTH_WRONG = 9
    BIN_UNKNOWN = 10
    BIN_LENGTH = 11
    LUHN_FAIL = 12
    COUNTRY_UNKNOWN = 13
    TLD_UNKNOWN = 14
    EMAIL_SYNTAX = 15
    SYSTEM_MAILBOX = 16
    TEST_LIKE = 17
    FILLER = 18
    LOOKS_LIKE_DATE = 19
    EPOCH_TIME = 20
    EAN_BARCODE = 21
    MASKED = 22
    DAMAGED_SCI = 23
    DAMAGED_15SIG = 24
    VIRTUAL_NUMBER = 25
    ORG_ONLY = 26
    SYSTEM_ACCOUNT = 27
    # set by the engine from the surroundings of a candidate
    GLUED = 28
    INSIDE_TOKEN = 29
    DECIMAL = 30
    AMOUNT = 31
    CONTEXT_AGAINST = 32
    NO_CONTEXT = 33
    LOST = 34
    NOT_LABELLED = 35
    # later additions; the order above must not change, so that numbers keep their meaning
    BIRTH_RECENT = 36
    PLACEHOLDER = 37
    PLAIN_WORD = 38
    CHECK_UNUSED = 39
    SHAPE_UNUSUAL = 40
    PRIVATE_ADDRESS = 41
    OUT_OF_RANGE = 42
    CHANCE = 43
    MIXED_CELL = 44


#: Names of the reason codes by number; 0 is no reason.
REASONS: Final = ("", *Reason.__members__)
REASON: Final = {name: number for number, name in enumerate(REASONS)}


class Judgement(NamedTuple):
    """Result of a check, one entry a row; ``strength`` overrides the recognizer's base level."""

    verdict: Int8
    reason: Int16
    strength: Int8

    @classmethod
    def of(cls, rows: int, verdict: Verdict = Verdict.PLAUSIBLE) -> Judgement:
        """Return ``rows`` judgements with the same ``verdict`` and no reason.

        >>> Judgement.of(2).verdict.tolist()
        [1, 1]
        """
        return cls(
            np.full(rows, verdict, np.int8), np.zeros(rows, np.int16), np.zeros(rows, np.int8)
        )

    def mark(
        self,
        where: Bool,
        reason: str,
        *,
        verdict: Verdict | None = None,
        strength: Strength | None = None,
    ) -> None:
        """Set reason code ``reason`` where the mask ``where`` is True and no reason is set yet.

        ``verdict`` and ``strength``, if given, are set for the same rows.
        """
        if not where.any():
            return
        unmarked = where & (self.reason == 0)
        self.reason[unmarked] = REASON[reason]
        if verdict is not None:
            self.verdict[unmarked] = verdict
        if strength is not None:
            self.strength[unmarked] = strength


def judge_rows(number: int, chars: UInt8, length: Int32, as_of: int) -> Judgement:
    """Judge each value (row of ``chars``) by the compiled judge of check ``number``.

    >>> from piiscan.detect.checks.check_numbers import QQ_NUMBER_CHECK
    >>> value = np.frombuffer(b"10000", np.uint8)[None]
    >>> judge_rows(QQ_NUMBER_CHECK, value, np.array([5], np.int32), 20261231).strength.tolist()
    [1]
    """
    judged = empty_rows(Judgement, len(chars))
    write_judgements(number, np.ascontiguousarray(chars), length, as_of, judged)
    return judged


def canonical_rows(number: int, chars: UInt8, length: Int32) -> tuple[UInt8, Int32]:
    """Return the canonical form of each value by check ``number``, padded with 0, and the lengths.

    >>> from piiscan.detect.checks.check_numbers import MASKED_CHECK
    >>> value = np.frombuffer(b"199-xxxx-0008", np.uint8)[None]
    >>> canonical_rows(MASKED_CHECK, value, np.array([13], np.int32))[1].tolist()
    [11]
    """
    made = np.empty((len(chars), chars.shape[1] + CANONICAL_ROOM), np.uint8)
    sizes = np.empty(len(chars), np.int32)
    write_canonical_values(number, np.ascontiguousarray(chars), length, made, sizes)
    return made, sizes


class CheckFunctions(NamedTuple):
    """Functions of a check; None for one that it does not have."""

    check: Callable[..., Judgement] | None = None
    canonical: Callable[..., tuple[UInt8, Int32]] | None = None
    steps: Callable[..., CheckSteps] | None = None


def check_number(name: str, region: str | None = None) -> int:
    """Return the number of the compiled check ``name``, PYTHON_CHECK if it has none.

    ``region``: place whose national forms of telephone numbers are checked.
    """
    if name == "foreign_phone" and region is not None:
        return REGION_PHONE_CHECK
    number: int = getattr(check_numbers, f"{name.upper()}_CHECK", PYTHON_CHECK)
    return PYTHON_CHECK if number in (NO_CHECK, REGION_PHONE_CHECK) else number


@cache
def load_check(name: str, region: str | None = None) -> CheckFunctions:
    """Return the functions of the check ``name``: those of its module, else the compiled ones.

    Raise ImportError if there are neither. A ``region`` is passed to ``canonical`` of the module.

    >>> load_check("mo_id").steps is None, load_check("hk_id").steps is None
    (True, False)
    """
    number = check_number(name, region)
    if number == PYTHON_CHECK or find_spec(f"{__name__}.{name}"):
        module = import_module(f"{__name__}.{name}")
        check, canonical, steps = (getattr(module, each, None) for each in CheckFunctions._fields)
    else:
        check = canonical = steps = None
    if canonical is not None and region is not None:
        canonical = partial(canonical, region=region)
    if number != PYTHON_CHECK:
        check = partial(judge_rows, number)
        if canonical is None and makes_canonical(number):
            canonical = partial(canonical_rows, number)
    return CheckFunctions(check, canonical, steps)

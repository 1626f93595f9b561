"""Check steps: one check worked out for one value, stage by stage, for ``piiscan explain``.

A check module can have ``steps(value, *, as_of) -> list[Step]`` beside its ``check``: the same
rule for one value, from the same constants.  If ``check`` refutes a value, at least one step has
not passed; otherwise no step has failed (tests/detect/arithmetic/test_check_steps.py).
``430104190506150016 -> region, birth, mod_11_2``
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Final

import numpy as np

from piiscan.data import KNOWN, NO_COUNTY, NO_PROVINCE
from piiscan.detect.arithmetic.digits import real_date


@dataclass(frozen=True, slots=True, repr=False)
class Step:
    """One stage of a check.  Its repr shows no value.

    ``name`` is its key in the wording; ``values`` fill its sentence.  ``passed`` is None if the
    stage decides nothing.  ``rows`` is the written-out arithmetic: (row name, one cell a
    character).
    """

    name: str
    passed: bool | None
    values: Mapping[str, str | int] = field(default_factory=dict)
    rows: tuple[tuple[str, tuple[str, ...]], ...] = ()


def steps_of(check: str | None, value: str, *, as_of: int) -> list[Step]:
    """Return the steps of the check module ``check`` for one canonical value.

    The list is empty if there is no check or it has no steps.

    >>> [step.name for step in steps_of("bank_card", "6217000000000000004", as_of=20261231)]
    ['issuer', 'luhn']
    """
    if check is None:
        return []
    steps = getattr(import_module(f"piiscan.detect.checks.{check}"), "steps", None)
    return steps(value, as_of=as_of) if steps is not None else []


def is_digits(value: str, count: int) -> bool:
    """Return True if ``value`` consists of ``count`` ASCII digits."""
    return len(value) == count and value.isascii() and value.isdigit()


def length_step(value: str, wanted: str) -> Step:
    """Return the failed step of a length check; ``wanted`` is the right length, for people."""
    return Step("form", False, {"count": len(value), "wanted": wanted})


def weighted_sum_step(
    name: str,
    chars: str,
    numbers: Sequence[int],
    weights: Sequence[int],
    *,
    modulus: int,
    expected: Callable[[int], str],
    actual: str,
) -> Step:
    """Return the step of a weighted check sum, written out character by character.

    Args:
        name: key of the step in the wording.
        chars, numbers: the characters and their numeric values.
        weights: one weight a character.
        modulus: modulus of the sum.
        expected: function from the remainder to the expected check character.
        actual: the check character of the value.

    >>> step = weighted_sum_step(
    ...     "mod_11", "12", (1, 2), (3, 7), modulus=11, expected=str, actual="6"
    ... )
    >>> step.passed, step.values["total"], step.values["rest"]
    (True, 17, 6)
    """
    products = [int(number) * int(weight) for number, weight in zip(numbers, weights, strict=True)]
    total = sum(products)
    expected_char = expected(total % modulus)
    rows = [("character", tuple(chars))]
    if [str(number) for number in numbers] != list(chars):
        rows.append(("number", tuple(str(number) for number in numbers)))
    rows.append(("weight", tuple(str(weight) for weight in weights)))
    rows.append(("product", tuple(str(product) for product in products)))
    values: dict[str, str | int] = {
        "total": total,
        "modulus": modulus,
        "rest": total % modulus,
        "expected": expected_char,
        "actual": actual,
    }
    return Step(name, expected_char == actual, values, tuple(rows))


def luhn_step(value: str) -> Step:
    """Return the step of the Luhn check of ``value``, written out (ISO/IEC 7812-1 Annex B).

    Every second digit from the right is doubled.

    >>> luhn_step("79927398713").values["total"]
    70
    """
    doubled = [
        int(digit) * (2 if (len(value) - place) % 2 == 0 else 1)
        for place, digit in enumerate(value)
    ]
    summed = [number // 10 + number % 10 for number in doubled]
    total = sum(summed)
    rows = (
        ("character", tuple(value)),
        ("doubled", tuple(map(str, doubled))),
        ("summed", tuple(map(str, summed))),
    )
    return Step("luhn", total % 10 == 0, {"total": total, "rest": total % 10}, rows)


_LEVELS: Final = {KNOWN: "region", NO_COUNTY: "region_no_county", NO_PROVINCE: "region_none"}


def region_step(code: str, level: int, *, needed: bool = True) -> Step:
    """Return the step of a six-digit region code, known at ``level`` (KNOWN … NO_PROVINCE).

    An unknown province fails the step if ``needed``, else it only leaves the step undecided.
    """
    name = _LEVELS.get(level, "region_no_prefecture")
    passed = None if level != KNOWN else True
    if level == NO_PROVINCE and needed:
        passed = False
    return Step(name, passed, {"code": code})


def birth_step(day: str, *, as_of: int) -> Step:
    """Return the step of a birth date YYYYMMDD: failed if it is no day or after ``as_of``."""
    shown = f"{day[:4]}-{day[4:6]}-{day[6:]}"
    values: dict[str, str | int] = {"date": shown, "as_of": iso_date(as_of)}
    if not is_day(day):
        return Step("birth_impossible", False, values)
    if int(day) > as_of:
        return Step("birth_future", False, values)
    return Step("birth", True, values) if int(day) >= 19000101 else Step("birth_old", None, values)


def is_day(day: str) -> bool:
    """Return True if the eight digits ``day`` (YYYYMMDD) are a day of the calendar.

    >>> is_day("19000229"), is_day("20000229")
    (False, True)
    """
    year, month, date = int(day[:4]), int(day[4:6]), int(day[6:8])
    real = real_date(np.array([year]), np.array([month], np.uint8), np.array([date], np.uint8))
    return bool(real[0])


def iso_date(day: int) -> str:
    """Return the day yyyymmdd, an integer, as text: ``20240131 -> "2024-01-31"``."""
    return f"{day // 10_000:04}-{day // 100 % 100:02}-{day % 100:02}"

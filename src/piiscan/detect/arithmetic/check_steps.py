"""Check steps: one check worked out for one value, for ``piiscan explain``, and its outcome.

A check module can have ``steps(value, *, as_of) -> CheckSteps`` beside its compiled ``check``: the
same rule for one value, in plain Python.  Tests compare both.
``430104190506150016 -> region, birth, mod_11_2: VERIFIED``
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from piiscan.data import KNOWN, NO_COUNTY, NO_PREFECTURE, NO_PROVINCE
from piiscan.detect.arithmetic.weighted_sums import WeightedSum


@dataclass(frozen=True, slots=True, repr=False)
class Step:
    """One stage of a check.  Its repr shows no value.

    Attributes:
        name: key in the wording
        passed: None if the stage decides nothing
        values: fields of its sentence
        rows: written-out arithmetic as (row name, one cell a character)
        reason, strength: of the outcome, by name, unless the step has passed
        verdict: of the outcome; a passed step decides only with one
    """

    name: str
    passed: bool | None
    values: Mapping[str, str | int] = field(default_factory=dict)
    rows: tuple[tuple[str, tuple[str, ...]], ...] = ()
    reason: str = ""
    strength: str = ""
    verdict: str = ""


class Outcome(NamedTuple):
    """Verdict, reason and strength of a check for one value, by name; KEEP: by the recognizer."""

    verdict: str
    reason: str = ""
    strength: str = "KEEP"


class CheckSteps(NamedTuple):
    """Steps of a check for one value, as ``explain`` shows them, and its outcome."""

    steps: tuple[Step, ...]
    outcome: Outcome


def decide(*steps: Step, order: Iterable[Step] = ()) -> CheckSteps:
    """Return ``steps`` with the outcome of the first failed one, else of the first that decides.

    A step decides if it has a verdict, or a reason or strength and has not passed.  ``order``: as
    shown by default.  A step without a verdict, or none that decides, makes the value REFUTED if
    it has failed, VERIFIED if a check sum has passed, else PLAUSIBLE.

    >>> decide(Step("prefix", None, reason="PREFIX_UNALLOTTED", strength="LOW")).outcome
    Outcome(verdict='PLAUSIBLE', reason='PREFIX_UNALLOTTED', strength='LOW')
    """
    verdict = "VERIFIED" if any(step.rows and step.passed for step in steps) else "PLAUSIBLE"
    for step in sorted(order or steps, key=lambda step: step.passed is not False):
        if step.verdict or (not step.passed and (step.reason or step.strength)):
            own = "REFUTED" if step.passed is False else step.verdict or verdict
            return CheckSteps(steps, Outcome(own, step.reason, step.strength or "KEEP"))
    return CheckSteps(steps, Outcome(verdict))


def is_digits(value: str, count: int) -> bool:
    """Return True if ``value`` consists of ``count`` ASCII digits."""
    return len(value) == count and value.isascii() and value.isdigit()


def length_step(value: str, wanted: str, reason: str = "LENGTH_WRONG") -> Step:
    """Return the failed step of a length check; ``wanted`` is the right length, for people."""
    return Step("form", False, {"count": len(value), "wanted": wanted}, reason=reason)


def weighted_sum_step(name: str, row: WeightedSum, chars: str, actual: str) -> Step:
    """Return the step of a weighted check sum of ``chars``, written out character by character.

    ``name``: key in the wording.  ``actual``: check character of the value.

    >>> from piiscan.detect.arithmetic.weighted_sums import GB_11643
    >>> step = weighted_sum_step("mod_11_2", GB_11643, "11010519491231002", "X")
    >>> step.passed, step.values["total"], step.values["rest"]
    (True, 167, 2)
    """
    numbers = [row.values[char] for char in chars]
    products = [number * weight for number, weight in zip(numbers, row.weights, strict=True)]
    total, modulus = sum(products), len(row.checks)
    expected = row.checks[total % modulus]
    rows = [("character", tuple(chars))]
    if (spelt := tuple(map(str, numbers))) != tuple(chars):
        rows.append(("number", spelt))
    rows.append(("weight", tuple(map(str, row.weights))))
    rows.append(("product", tuple(map(str, products))))
    values: dict[str, str | int] = {
        "total": total,
        "modulus": modulus,
        "rest": total % modulus,
        "expected": expected,
        "actual": actual,
    }
    return Step(name, expected == actual, values, tuple(rows), reason="CHECK_FAIL")


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
    values = {"total": total, "rest": total % 10}
    return Step("luhn", total % 10 == 0, values, rows, reason="LUHN_FAIL")


_LEVELS: Final = {
    KNOWN: ("region", True, ""),
    NO_COUNTY: ("region_no_county", None, "MEDIUM"),
    NO_PREFECTURE: ("region_no_prefecture", None, "LOW"),
}


def region_step(code: str, level: int) -> Step:
    """Return the step of a six-digit region code, known at ``level`` (KNOWN … NO_PROVINCE).

    An unknown province fails, an unknown county or prefecture lowers the strength.
    """
    if level == NO_PROVINCE:
        return Step("region_none", False, {"code": code}, reason="PROVINCE_UNKNOWN")
    name, passed, strength = _LEVELS[level]
    return Step(name, passed, {"code": code}, reason="REGION_UNKNOWN", strength=strength)


def birth_step(day: str, *, as_of: int) -> Step:
    """Return the step of a birth date YYYYMMDD: failed if it is no day or after ``as_of``."""
    shown = f"{day[:4]}-{day[4:6]}-{day[6:]}"
    values: dict[str, str | int] = {"date": shown, "as_of": iso_date(as_of)}
    if not is_day(day):
        return Step("birth_impossible", False, values, reason="DATE_IMPOSSIBLE")
    if int(day) > as_of:
        return Step("birth_future", False, values, reason="DATE_FUTURE")
    if int(day) >= 19000101:
        return Step("birth", True, values)
    return Step(
        "birth_old", None, values, reason="DATE_BEFORE_1900", strength="LOW", verdict="PLAUSIBLE"
    )


def is_day(day: str) -> bool:
    """Return True if the eight digits ``day`` (YYYYMMDD) are a day of the calendar.

    >>> is_day("19000229"), is_day("20000229")
    (False, True)
    """
    try:
        datetime.date(int(day[:4]), int(day[4:6]), int(day[6:]))
    except ValueError:
        return False
    return True


def is_likely_day(digits: str) -> bool:
    """Return True if eight digits are a day of 1900 to 2099, and perhaps no number."""
    return len(digits) == 8 and digits[:2] in ("19", "20") and is_day(digits)


def iso_date(day: int) -> str:
    """Return the day yyyymmdd, an integer, as text: ``20240131 -> "2024-01-31"``."""
    return f"{day // 10_000:04}-{day // 100 % 100:02}-{day % 100:02}"

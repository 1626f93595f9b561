"""Check steps: the arithmetic is written out, strange values are answered, no value is shown.

Their outcome is compared with the compiled check in tests/detect/checks/test_twins.py.
"""

from __future__ import annotations

import pytest

from piiscan.detect.arithmetic.check_steps import CheckSteps, Outcome, Step, decide, steps_of
from piiscan.wording.words import Words
from tests.detect.checks.matrix import module
from tests.detect.checks.test_twins import AS_OF, WITH_STEPS, values

#: Fields of sentences that the attributes of a value fill.
OF_ATTRIBUTES = dict.fromkeys(
    ("place", "country", "courier", "bank", "carrier", "city", "department"), "-"
)


@pytest.mark.parametrize("check", WITH_STEPS)
def test_every_step_fills_its_words_and_writes_its_arithmetic_out(check: str) -> None:
    words = Words("en")
    for value in values(check, 200):
        for step in steps_of(check, value, as_of=AS_OF):
            assert words(f"step.{step.name}.title")
            assert words(f"step.{step.name}.told", **OF_ATTRIBUTES, **step.values)
            assert step.values.get("wanted", "") != value
            assert len({len(cells) for _, cells in step.rows}) <= 1
            rows = dict(step.rows)
            if "product" in rows:
                pairs = zip(rows.get("number", rows["character"]), rows["weight"], strict=True)
                products = [int(number) * int(weight) for number, weight in pairs]
                assert list(map(str, products)) == list(rows["product"])
                assert sum(products) == step.values["total"]


@pytest.mark.parametrize("check", WITH_STEPS)
@pytest.mark.parametrize("value", ["", "x", "0" * 40, "９" * 18, "(", "-", ";ext=", "é(1)"])
def test_strange_values_are_answered_too(check: str, value: str) -> None:
    assert isinstance(module(check).steps(value, as_of=AS_OF), CheckSteps)


def test_the_first_failed_step_decides_then_the_first_with_an_outcome() -> None:
    low = Step("country", None, reason="COUNTRY_UNKNOWN", strength="LOW")
    wrong, late = (Step("mod_11", False, reason=reason) for reason in ("CHECK_FAIL", "DATE_FUTURE"))
    summed = Step("mod_11", True, rows=(("character", ("1",)),), reason="CHECK_FAIL")
    unsure = Step("issuer_none", None, reason="BIN_UNKNOWN", verdict="PLAUSIBLE")
    assert decide(low, wrong, late).outcome == Outcome("REFUTED", "CHECK_FAIL")
    assert decide(wrong, late, order=(late, wrong)).outcome == Outcome("REFUTED", "DATE_FUTURE")
    assert decide(low, summed).outcome == Outcome("VERIFIED", "COUNTRY_UNKNOWN", "LOW")
    assert decide(unsure, summed).outcome == Outcome("PLAUSIBLE", "BIN_UNKNOWN")
    assert decide(summed).outcome == Outcome("VERIFIED")
    assert decide(Step("no_check_digit", None)).outcome == Outcome("PLAUSIBLE")


def test_a_step_shows_no_value_in_its_repr() -> None:
    assert "4301" not in repr(Step("region", True, {"code": "430104"}))


def test_a_check_without_steps_and_no_check_have_none() -> None:
    assert steps_of("password", "x", as_of=AS_OF) == steps_of(None, "x", as_of=AS_OF) == ()

"""Steps that are read out agree with the check: some step failed exactly where it refutes."""

from __future__ import annotations

import pkgutil
import random
from importlib import import_module
from typing import Any

import numpy as np
import pytest

import piiscan.detect.checks
from piiscan.detect.arithmetic.check_steps import Step, steps_of
from piiscan.detect.checks import Verdict

AS_OF = 20261231
WITH_STEPS = sorted(
    name
    for _, name, _ in pkgutil.iter_modules(piiscan.detect.checks.__path__)
    if hasattr(import_module(f"piiscan.detect.checks.{name}"), "steps")
)
#: Values that pass or nearly pass; the test turns each of their characters into others.
SEEDS = {
    "bank_card": [
        "6217000000000000004",
        "4111111111111111",
        "9999000000000004",
        "6225880000000001",
    ],
    "biz_licence": ["430104000012345", "100000000000017"],
    "damaged_mobile": ["1.38E+10"],
    "foreign_pr_id": ["911124198108030024"],
    "foreign_pr_id_15": ["USA110005061501"],
    "hk_id": ["AB123456(9)", "A123456(3)"],
    "hmt_permit": ["810000190506150016", "830000199001010018"],
    "iccid": ["89861100000000000032", "8986110000000000003", "8986A1B0000000000003"],
    "imei": ["860000000000009", "8600000000000012", "A1000000000001", "460000000000000"],
    "imsi": ["460070000000005", "454000000000000"],
    "landline": ["0731-80000001", "010-80000001;ext=801", "0731-8000000"],
    "masked": ["199****0008"],
    "masked_id": ["430104********0016", "4301**************"],
    "mobile": ["13800138000", "15412345678", "11111111111", "12345678901"],
    "org_code": ["600037341"],
    "passport_mrz": ["E00000001", "E000000019CHN8001014M3001019<<<<<<<<<<<<<<05"],
    "resident_id": ["11010519491231002X", "430104190506150016", "430104189906150016"],
    "resident_id_15": ["430104050615001"],
    "s10": ["RB123456785GB"],
    "service_number": ["95338", "95000", "4008123123"],
    "tw_id": ["A123456789", "F131104093"],
    "tw_ubn": ["04595252", "10458574", "20000101"],
    "uscc": ["91110000600037341L", "91430100MA0000007Q"],
    "vin": ["1M8GDM9AXKP042788", "WVWZZZ1JZXW000001", "11111111111111111"],
    "virtual_number": ["18412000001;ext=1234", "18412000001;ext=12"],
    "waybill": ["1689145200002", "6901028075862", "SF1234567890123", "20230712", "123456789012"],
}


def mutations(seed: str, chance: random.Random) -> list[str]:
    """The seed and neighbours: one or two characters turned into others of their kind."""
    found = [seed]
    for _ in range(400):
        chars = list(seed)
        for place in chance.sample(range(len(chars)), chance.choice((1, 1, 2))):
            if chars[place].isdigit():
                chars[place] = chance.choice("0123456789")
            elif chars[place].isalpha() and chars[place].isupper():
                chars[place] = chance.choice("ABCDEFGHJKLMNPQRTUWXY")
        found.append("".join(chars))
    return found


def refuted(check: str, values: list[str]) -> list[bool]:
    width = max(map(len, values)) + 4
    chars = np.zeros((len(values), width), np.uint8)
    for row, value in enumerate(values):
        chars[row, : len(value)] = list(value.encode())
    length = np.array([len(value) for value in values], np.int32)
    module: Any = import_module(f"piiscan.detect.checks.{check}")
    verdict = module.check(chars, length, as_of=AS_OF).verdict
    return [bool(each == Verdict.REFUTED) for each in verdict]


def test_every_check_with_steps_is_compared_below() -> None:
    assert set(SEEDS) == set(WITH_STEPS)


@pytest.mark.parametrize("check", sorted(SEEDS))
def test_a_step_fails_exactly_where_the_check_refutes(check: str) -> None:
    chance = random.Random(7)
    values = [value for seed in SEEDS[check] for value in mutations(seed, chance)]
    for value, wrong in zip(values, refuted(check, values), strict=True):
        steps = steps_of(check, value, as_of=AS_OF)
        assert steps
        assert any(step.passed is False for step in steps) == wrong, (value, steps)


@pytest.mark.parametrize("check", sorted(SEEDS))
def test_arithmetic_is_written_out_in_full(check: str) -> None:
    for seed in SEEDS[check]:
        for step in steps_of(check, seed, as_of=AS_OF):
            widths = {len(cells) for _, cells in step.rows}
            assert len(widths) <= 1
            rows = dict(step.rows)
            if "product" in rows:
                numbers = rows.get("number", rows["character"])
                products = [
                    int(number) * int(weight)
                    for number, weight in zip(numbers, rows["weight"], strict=True)
                ]
                assert list(map(str, products)) == list(rows["product"])
                assert sum(products) == step.values["total"]


@pytest.mark.parametrize("check", sorted(SEEDS))
@pytest.mark.parametrize("value", ["", "x", "0" * 40, "９" * 18, "(", "-", ";ext=", "é(1)"])
def test_strange_values_are_answered_too(check: str, value: str) -> None:
    assert isinstance(steps_of(check, value, as_of=AS_OF), list)


def test_a_step_shows_no_value_in_its_repr() -> None:
    assert "4301" not in repr(Step("region", True, {"code": "430104"}))


def test_a_check_without_steps_and_no_check_have_none() -> None:
    assert steps_of("password", "x", as_of=AS_OF) == steps_of(None, "x", as_of=AS_OF) == []

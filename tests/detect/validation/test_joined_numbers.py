"""Two numbers in one run of digits, and checks of one value where it stands."""

import dataclasses
import datetime
from functools import cache

import numpy as np
import pyarrow as pa
import pytest

from piiscan import find
from piiscan.detect.catalog import catalog
from piiscan.detect.checks import REASONS, Strength, Verdict
from piiscan.detect.engine import Engine
from piiscan.detect.validation.joined_numbers import JoinedNumbers
from piiscan.errors import CatalogError
from piiscan.finding import engine_for
from tests.detect.checks.matrix import judge
from tests.detect.checks.test_twins import values

IDENTITY = "430104190506150016"
IDENTITY_X = "11010519491231002X"
MOBILE = "19900000018"
CARD = "6217000000000000004"


def found(text: str) -> list[tuple[str, str]]:
    """The texts of the numbers found in a text, by entity."""
    return [(each.entity, each.text) for each in find(text)]


@pytest.mark.parametrize("around", ["", "张三", "（", "id:", "\u200b"])
@pytest.mark.parametrize("identity", [IDENTITY, IDENTITY_X, IDENTITY_X.lower()])
def test_an_identity_number_and_a_mobile_number_are_two(around: str, identity: str) -> None:
    one, two = ("CN_RESIDENT_ID", identity), ("CN_MOBILE", MOBILE)
    assert found(around + identity + MOBILE)[-2:] == [one, two]
    assert found(around + MOBILE + identity)[-2:] == [two, one]


def test_zero_width_characters_do_not_hide_them() -> None:
    text = IDENTITY[:5] + "\u200b" + IDENTITY[5:] + MOBILE
    assert [each.value for each in find(text)] == [IDENTITY, MOBILE]


def test_a_card_and_another_number_are_two() -> None:
    card = ("CN_BANK_CARD", CARD)
    assert found(CARD + MOBILE) == [card, ("CN_MOBILE", MOBILE)]
    assert found(IDENTITY + CARD) == [("CN_RESIDENT_ID", IDENTITY), card]


@pytest.mark.parametrize(
    "text",
    [
        "430104190506150017" + MOBILE,  # check character
        IDENTITY + "14100000018",  # prefix not allotted
        IDENTITY + MOBILE + "1",
        "a" + IDENTITY + MOBILE,
        IDENTITY + MOBILE + "b",
        IDENTITY_X + "X" + MOBILE[1:],
        "202405061200001234" + MOBILE,  # a time
        MOBILE + MOBILE,
    ],
)
def test_other_runs_stay_whole(text: str) -> None:
    assert found(text) == []


def test_random_runs_stay_whole() -> None:
    digits = np.random.default_rng(7).integers(48, 58, (100_000, 29)).astype(np.uint8)
    texts = pa.array([row.tobytes().decode() for row in digits])
    table = engine_for(datetime.date(2026, 1, 1)).find_table(texts, names=False)
    assert table.num_rows == 0


def test_joined_numbers_need_a_compiled_check() -> None:
    rules = [each for each in catalog.load().recognizers if each.joined]
    assert len(JoinedNumbers.of(rules, *np.zeros((2, 256), np.uint8)).parts) > 1
    other = dataclasses.replace(rules[0], check="crypto_address")
    with pytest.raises(CatalogError, match="compiled"):
        JoinedNumbers.of([other, *rules], *np.zeros((2, 256), np.uint8))


DAY = 20_261_125
CHECKS = ("resident_id", "mobile", "uscc", "bank_card", "imei", "waybill", "qq_number", "s10")


@cache
def engine() -> Engine:
    return Engine(catalog.load(), as_of=datetime.date(2026, 11, 25))


def said(check: str, value: str) -> tuple[int, int, int] | None:
    """The judgement of the value where it stands in a text; None if nothing takes it for one."""
    whole = engine()
    text = f"QQ：{value}" if check == "qq_number" else value
    for resolved in whole.resolve_one(text, whole.column(None)):
        found, judged = resolved.candidates, resolved.validated.judgement
        for row, which in enumerate(found.recognizer):
            is_whole = found.end[row] - found.start[row] == len(value)
            if is_whole and whole.catalog.recognizers[which].check == check:
                return int(judged.verdict[row]), int(judged.reason[row]), int(judged.strength[row])
    return None


@pytest.mark.parametrize("check", CHECKS)
def test_a_value_alone_is_judged_as_in_its_column(check: str) -> None:
    drawn = values(check, 200)
    alone = [said(check, value) for value in drawn]
    assert alone.count(None) <= 100
    for each, together in zip(alone, judge(check, drawn, as_of=DAY), strict=True):
        if each is not None:
            assert (Verdict(each[0]).name, REASONS[each[1]], Strength(each[2]).name) == together

"""Canonical values: one spelling for every way a number is written."""

from __future__ import annotations

import random

import pytest

from tests.detect.checks.matrix import canonical, judge
from tests.oracles.numbers import (
    hk_value,
    hmt_phone_value,
    landline_value,
    masked_value,
    mrz_value,
    virtual_value,
)
from tests.oracles.values import passport_mrz

COUNTRIES = ("", "", "+86", "+86 ", "0086-", "(+86)", "86-")


def landline_texts(rng: random.Random) -> list[str]:
    texts = []
    for _ in range(1500):
        country = rng.choice(COUNTRIES)
        area = rng.choice(("010", "021", "0731", "0310", "0755"))
        area = area[1:] if country and rng.random() < 0.5 else area
        area = f"({area})" if rng.random() < 0.2 else area
        head = f"{rng.randint(2, 8)}{rng.randint(0, 99):02}"
        # Three-digit area codes have eight digits; seven run on into what follows otherwise.
        head += rng.choice(("0", "9")) if area.strip("(0)")[:1] in "12" else rng.choice(("", "5"))
        sub = head + rng.choice(("", "-")) + f"{rng.randint(0, 9999):04}"
        ext = rng.choice(("", "", "转", "-", "*", "#", "ext"))
        texts.append(country + area + rng.choice(("", "-")) + sub + ext + "801"[: 3 * bool(ext)])
    return texts


def test_landlines_come_out_part_by_part() -> None:
    texts = landline_texts(random.Random(7))
    kept = [text.replace(" ", "") for text in texts]
    assert canonical("landline", kept) == [landline_value(text) for text in texts]
    assert sum(";ext=" in landline_value(text) for text in texts) > 500


def test_virtual_numbers_keep_host_and_extension() -> None:
    rng = random.Random(8)
    digits = [
        rng.choice(("", "0", "86", "0086")) + f"1{rng.randint(10**9, 10**10 - 1)}"
        + str(rng.randint(100, 999_999))
        for _ in range(500)
    ]  # fmt: skip
    assert canonical("virtual_number", digits) == [virtual_value(text) for text in digits]


@pytest.mark.parametrize("name", ["masked", "masked_id"])
def test_masks_are_all_written_with_stars(name: str) -> None:
    rng = random.Random(9)
    texts = [
        f"{rng.randint(100, 999)}" + rng.choice("*xX×•●#") * rng.randint(3, 9)
        + rng.choice(("", "-", " ")) + f"{rng.randint(10, 99)}" + rng.choice(("", "X", "x"))
        for _ in range(500)
    ]  # fmt: skip
    assert canonical(name, texts) == [masked_value(text) for text in texts]


def test_numbers_of_hong_kong_macau_and_taiwan_are_international() -> None:
    rng = random.Random(10)
    texts = [
        rng.choice(("886", "00886", "8860", "0")) + f"9{rng.randrange(10**8):08d}"
        for _ in range(200)
    ]
    texts += [
        rng.choice(("852", "00853")) + f"{rng.randint(2, 9)}{rng.randrange(10**7):07d}"
        for _ in range(200)
    ]
    assert canonical("hmt_phone", texts) == [hmt_phone_value(text) for text in texts]


def test_hong_kong_numbers_get_their_brackets() -> None:
    texts = ["A123456(3)", "AB123456(9)", "A1234563", "AB1234569", "C123456A", "C123456(A)"]
    assert canonical("hk_id", texts) == [hk_value(text) for text in texts]


def test_a_machine_readable_line_gives_its_number_or_nothing() -> None:
    rng = random.Random(10)
    lines = [passport_mrz(rng) for _ in range(500)]
    values = canonical("passport_mrz", lines)
    assert values == [mrz_value(line) for line in lines]
    numbers = [len(value) < 10 for value in values]
    assert 150 < sum(numbers) < 350
    verdicts = [verdict for verdict, _, _ in judge("passport_mrz", values, as_of=20261125)]
    assert verdicts == ["VERIFIED" if good else "REFUTED" for good in numbers]

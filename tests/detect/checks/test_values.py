"""Canonical values: one spelling for every way a number is written."""

from __future__ import annotations

import random

import pytest

from tests.detect.checks.matrix import canonical
from tests.oracles.numbers import hk_value, landline_value, masked_value, virtual_value

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


def test_hong_kong_numbers_get_their_brackets() -> None:
    texts = ["A123456(3)", "AB123456(9)", "A1234563", "AB1234569", "C123456A", "C123456(A)"]
    assert canonical("hk_id", texts) == [hk_value(text) for text in texts]

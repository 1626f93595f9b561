"""Prices of cells in fen: what is written, or that it cannot be read."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piiscan.parsing.prices import NONE, UNREADABLE, fen_per_unit, parse_price


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("4", 400), ("4元", 400), ("¥4.00", 400), ("￥４", 400), ("RMB 4", 400), ("4 yuan/条", 400),
        ("4元/条", 400), ("4块一个", 400), ("1,200", 120_000), ("1，200.50元", 120_050),
        ("1.2万", 1_200_000), ("3w", 3_000_000), ("66.9200", 6_692), ("5毛", 50), ("4块5", 450),
        ("12元5角", 1_250), ("12元5角8分", 1_258), ("四元", 400), ("十五元", 1_500),
        ("两百块", 20_000),
        ("一百二十元", 12_000), ("三百零五元", 30_500), ("免费", 0), ("0", 0), (" 80 ", 8_000),
    ],
)  # fmt: skip
def test_a_price_is_read_as_it_is_written(text: str, fen: int) -> None:
    assert parse_price(text) == fen


@pytest.mark.parametrize(
    "text",
    ["20-30", "$5", "5美元", "1,20", "0.004", "-5", "1e3", "4.0.0", "三百五元", "约4元", "5元/千条",
     "价格48", "4元到5元", "abc", "9" * 17, "5USDT", "1.5.2023", "二三元"],
)  # fmt: skip
def test_what_is_no_plain_price_is_said_to_be_unreadable(text: str) -> None:
    assert parse_price(text) == UNREADABLE


def test_an_empty_cell_is_no_price() -> None:
    assert parse_price("") == parse_price(" \u3000") == NONE


@given(st.decimals(0, 10**9, places=2))
def test_every_amount_comes_back(amount: Decimal) -> None:
    assert parse_price(f"{amount:f}") == parse_price(f"{amount:,f}元") == int(amount * 100)


@pytest.mark.parametrize(
    ("header", "unit"),
    [
        ("单价", 100),
        ("金额（万元）", 1_000_000),
        ("价格(分)", 1),
        ("amount_fen", 1),
        ("price_usd", None),
    ],
)
def test_the_unit_is_read_from_the_column_name(header: str, unit: int | None) -> None:
    assert fen_per_unit(header) == unit


def test_a_unit_in_the_cell_goes_before_that_of_the_column() -> None:
    assert parse_price("3", factor=1_000_000) == 3_000_000
    assert parse_price("300元", factor=1_000_000) == 30_000

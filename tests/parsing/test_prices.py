"""Prices and times of cells: every common way of writing one, nothing guessed."""

import datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from piiscan.parsing import times
from piiscan.parsing.prices import NONE, UNREADABLE, fen_per_unit, parse_price
from piiscan.parsing.times import parse_time, parse_times, to_datetime


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


MOMENT = datetime.datetime.fromisoformat("2023-07-01 22:05")


@pytest.mark.parametrize(
    "text",
    [
        "2023-07-01 22:05", "2023/7/1 22:05:00", "2023.7.1 22:05", "2023-07-01T22:05:00",
        "2023年7月1日 22:05", "2023年07月01日22时05分", "20230701220500", "20230701 22:05",
        "202307012205", "2023-7-1 10:05 PM", "2023/7/1 下午10:05",
        "２０２３－０７－０１　２２：０５",
        "2023-07-01 22:05:00.000", "2023-07-01T14:05:00Z", "2023-07-01T22:05:00+08:00",
        "2023-07-01 16:05:00+0200", "1688220300", "1688220300000", "45108.92013888889",
        " 2023-07-01  22:05 ", "2023年7月1日 星期六 22:05",
    ],
)  # fmt: skip
def test_one_moment_is_read_however_it_is_written(text: str) -> None:
    assert to_datetime(parse_time(text) or 0) == MOMENT


@pytest.mark.parametrize("text", ["2023-07-01", "2023/7/1", "2023年7月1日", "20230701", "45108"])
def test_a_day_alone_is_its_midnight(text: str) -> None:
    assert to_datetime(parse_time(text) or 0) == datetime.datetime.fromisoformat("2023-07-01")


@pytest.mark.parametrize(
    "text",
    ["", " ", "7/1/2023", "23-07-01", "2023-07", "2023-02-30", "2023-13-01", "昨天", "13800138000",
     "2023-07-01 25:00", "2023-07-01 22:60", "430104190506150016", "12", "2023-07-01-02",
     "1800-01-01", "2023-07-01 22", "2023/7/1 上午22:05", "0", "99999", "2023--07-01"],
)  # fmt: skip
def test_what_cannot_be_told_is_no_time(text: str) -> None:
    assert parse_time(text) is None


FIRST, LAST = (datetime.datetime.fromisoformat(each) for each in ("1900-01-01", "2099-12-31"))


@given(st.datetimes(FIRST, LAST))
@settings(max_examples=200, deadline=None)
def test_every_moment_comes_back(moment: datetime.datetime) -> None:
    moment = moment.replace(microsecond=0)
    for form in ("%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y年%m月%d日 %H时%M分%S秒"):
        assert to_datetime(parse_time(moment.strftime(form)) or 0) == moment


@given(st.text("0123456789-/: 年月日T.", max_size=20))
@settings(max_examples=300, deadline=None)
def test_nothing_breaks_it(text: str) -> None:
    parse_time(text)


def test_a_column_is_read_with_its_gaps() -> None:
    cells = pa.array(["2023-07-01", None, "", "2023年7月1日"], pa.string()).slice(1)
    assert parse_times(cells).tolist() == [times.NONE, times.NONE, 1_688_169_600]

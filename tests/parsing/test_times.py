"""Times of cells: every common way of writing one, nothing guessed."""

from __future__ import annotations

import datetime

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from piiscan.parsing.times import NONE, parse_time, parse_times, to_datetime

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
    assert parse_times(cells).tolist() == [NONE, NONE, 1_688_169_600]

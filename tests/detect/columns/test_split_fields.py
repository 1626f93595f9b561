"""An address or a name split over columns is one finding, told of its last cell."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from piiscan import find_frame

ADDRESS = {
    "省": ["湖南省", "湖南省", "湖北省", "", "湖南省"],
    "市": ["长沙市", "长沙市", "武汉市", None, "长沙市"],
    "区县": ["岳麓区", "岳麓区", "武昌区", "", "岳麓区"],
    "详细地址": ["示例路1号", "湖南省长沙市岳麓区示例路1号", "示例路1号", "示例路1号", ""],
}


def rows(table: dict[str, Any], entity: str) -> list[tuple[Any, ...]]:
    return [
        (each["row"], each["column"], each["start"], each["end"], each["text"], each["value"])
        for each in find_frame(pa.table(table)).to_pylist()
        if each["entity"] == entity
    ]


def test_the_value_of_an_address_is_that_of_all_its_cells() -> None:
    assert rows(ADDRESS, "CN_ADDRESS") == [
        (0, "详细地址", 0, 5, "示例路1号", "湖南省长沙市岳麓区示例路1号"),
        (1, "详细地址", 0, 14, "湖南省长沙市岳麓区示例路1号", "湖南省长沙市岳麓区示例路1号"),
        (2, "详细地址", 0, 5, "示例路1号", "湖北省武汉市武昌区示例路1号"),
        (3, "详细地址", 0, 5, "示例路1号", "示例路1号"),
    ]
    context = find_frame(pa.table(ADDRESS))["context"].to_pylist()
    assert set(context) == {"省+市+区县+详细地址"}


def test_parts_down_to_a_room_are_an_address_and_parts_down_to_a_county_are_none() -> None:
    parts = {"省": ["湖南省"], "市": ["长沙市"], "区": ["岳麓区"]}
    assert rows(parts, "CN_ADDRESS") == []
    home = {**parts, "小区": ["示例小区"], "楼栋": ["3栋"], "房号": ["501室"]}
    assert rows(home, "CN_ADDRESS") == [
        (0, "房号", 0, 4, "501室", "湖南省长沙市岳麓区示例小区3栋501室")
    ]


@pytest.mark.parametrize(
    ("first", "last", "value"),
    [("张", "三", "张三"), ("欧阳", "娜娜", "欧阳娜娜"), ("Li", "Lei", "LiLei")],
)
def test_surname_and_given_name_are_one_name(first: str, last: str, value: str) -> None:
    table = {"姓": [first], "名": [last], "电话": ["13800138000"]}
    assert rows(table, "PERSON") == [(0, "名", 0, len(last), last, value)]


def test_two_people_in_one_row_have_an_address_each() -> None:
    table = {
        f"{who}{part}": [cell]
        for who, town in (("收件人", "长沙市"), ("寄件人", "武汉市"))
        for part, cell in (("省份", "某省"), ("城市", town), ("地址", "示例路1号"))
    }
    found = find_frame(pa.table(table)).to_pylist()
    assert [(each["column"], each["value"], each["role"]) for each in found] == [
        ("收件人地址", "某省长沙市示例路1号", "recipient"),
        ("寄件人地址", "某省武汉市示例路1号", "sender"),
    ]


def test_a_phone_in_the_last_cell_keeps_its_place() -> None:
    table = {"省": ["湖南省"], "市": ["长沙市"], "详细地址": ["电话13800138000"], "备注": [""]}
    assert rows(table, "CN_MOBILE") == [(0, "详细地址", 2, 13, "13800138000", "13800138000")]


def test_a_phone_in_a_part_is_told_of_its_own_column_only() -> None:
    table = {"省": ["湖南省13800138000"], "市": ["长沙市"], "详细地址": ["示例路1号"]}
    assert [row[1] for row in rows(table, "CN_MOBILE")] == ["省"]

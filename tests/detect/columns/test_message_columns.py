"""Columns of messages and trades, and fields split over columns."""

from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pytest

import piiscan
from piiscan import find_frame
from piiscan.detect.catalog.catalog import load
from piiscan.detect.catalog.headers import label_of
from piiscan.detect.columns.column_types import ColumnType
from piiscan.detect.columns.message_columns import message_columns, own_columns
from piiscan.detect.columns.transaction_columns import with_transactions

CALLS = ["本机号码", "对方号码", "通话时长"]


def columns(own: list[str | None]) -> list[pa.Array]:
    return [pa.array(own), pa.array(["13900139000"] * len(own)), pa.array(["60"] * len(own))]


@pytest.mark.parametrize(
    ("headers", "own", "found"),
    [
        (CALLS, ["13800138000"] * 9, (0,)),
        (CALLS, ["13800138000", "13800138001", None] * 3, (0,)),
        (CALLS, [f"1380013800{n}" for n in range(9)], ()),  # a list of subscribers
        (["本机号码", "姓名", "地址"], ["13800138000"] * 9, ()),
        (["机主账号", "发送者", "内容"], ["wxid_a"] * 9, (0,)),
        (["本机账号信息", "id", "type"], [f"{n}" for n in range(9)], (0,)),
    ],
)
def test_who_holds_the_device(
    headers: list[str | None], own: list[str | None], found: tuple[int, ...]
) -> None:
    assert own_columns(headers, columns(own)) == found


@pytest.mark.parametrize(
    "headers",
    [
        "群名称,发送人姓名,发送人ID,发送时间,消息类型,消息内容",  # DingTalk
        "会话ID,会话标题,发送者昵称,发送者ID,发送时间,文本内容",
        "消息ID,发送方,接收方,消息时间,消息类型,消息内容",  # WeCom
        "msgid,action,from,tolist,roomid,msgtime,msgtype,content",
        "序号,本机号码,对方号码,对方姓名,收发类型,时间,短信内容,删除状态",  # forensic tools
        "应用,机主账号,好友账号,好友昵称,发送者账号,发送者昵称,接收者账号,发送时间,消息内容",
        "#,Chat #,Identifier,Source,Participants,From,To,Body,Timestamp: Time,Attachment #1",
        "localId,TalkerId,Type,SubType,IsSender,CreateTime,StrContent,StrTime,NickName,Sender",
    ],
)
def test_sheets_of_messages(headers: str) -> None:
    found = message_columns(headers.split(","))
    assert {"time", "content"} <= found.keys()
    assert {"sender", "peer"} & found.keys()


@pytest.mark.parametrize(
    "headers", ["folder,filename,md5", "author,title,content", "path,name,size"]
)
def test_other_tables(headers: str) -> None:
    assert message_columns(headers.split(",")) == {}


def test_roles_of_messages_and_of_the_own_device(tmp_path: Path) -> None:
    """A message is nobody's; the name beside a number is its speaker's."""
    book = openpyxl.Workbook()
    for row in [["手机型号", "X60"], ["IMEI", "860123456789014"], ["本机号码", "13800138000"]]:
        book.worksheets[0].append(row)
    book.save(tmp_path / "a.xlsx")
    rows = [
        "方向,对方号码,联系人,短信内容,时间",
        "接收,13900139000,周涛,身份证11010119900307002X办好了,2023-05-01 08:00:00",
        "发送,13900139000,周涛,好的,2023-05-01 08:05:00",
    ]
    (tmp_path / "b.csv").write_text("\n".join(rows), "utf-8")
    cells = "张小明,13900139000,2023-05-03 10:00:00,接收,李建国13800138001\n"
    (tmp_path / "c.csv").write_text(f"联系人,号码,时间,类型,内容\n{cells}", "utf-8")
    paths = [tmp_path / name for name in ("a.xlsx", "b.csv", "c.csv")]
    found = piiscan.scan(paths, case=tmp_path / "case", key=tmp_path / "key").findings()
    roles = {(row["source"], row["entity"], row["role"]) for row in found.to_pylist()}
    assert {each for each in roles if each[0] == 1} == {(1, "IMEI", "own"), (1, "CN_MOBILE", "own")}
    assert {(2, "PERSON", "listener"), (2, "CN_RESIDENT_ID", None)} <= roles
    assert {(3, "CN_MOBILE", "listener"), (3, "CN_MOBILE", None)} <= roles
    types = pa.array(["投诉", "咨询"])
    assert not message_columns(["联系人", "号码", "时间", "类型", "内容"], [types] * 5)


def trades(*headers: str) -> list[str | None]:
    catalog = load()
    types = [ColumnType(header, label_of(catalog, header), 0, 0) for header in headers]
    return [column.transaction for column in with_transactions(catalog, types)]


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("进价", "price_obtained"), ("售价(元)", "price_sold"), ("价格", "price"),
        ("Amount", "price"),
        ("单价", "price_unit"), ("买家", "buyer"), ("下家", "buyer"), ("上家", "seller"),
        ("来源", "source"),
        ("获取时间", "time_obtained"), ("Sold At", "time_sold"), ("sold_at", "time_sold"),
        ("日期", "time"),
        ("状态", "status"), ("是否售出", "sold_flag"), ("渠道", "channel"), ("备注", None),
        ("手机号", None),
    ],
)  # fmt: skip
def test_a_column_name_says_what_it_tells_of_a_trade(header: str, kind: str | None) -> None:
    assert trades("微信号", header)[1] == kind


def test_prices_and_buyers_of_goods_are_none_of_the_rows() -> None:
    assert trades("收件人", "商品名称", "金额", "买家", "日期") == [None] * 5
    assert trades("运单号", "金额", "状态") == [None] * 3


@pytest.mark.parametrize(
    ("cell", "statuses"),
    [
        ("已售", {"sold"}), ("已 售", {"sold"}), ("未售", {"kept"}), ("not sold", {"kept"}),
        ("SOLD", {"sold"}),
        ("已购", {"obtained"}), ("收", {"obtained"}), ("应收", set()),
        ("已售，号主找回", {"sold", "recovered"}),
        ("购入/卖出", {"obtained", "sold"}), ("正常", set()), ("soldier", set()),
        ("退回", {"recovered"}),
    ],
)  # fmt: skip
def test_a_status_cell_says_what_became_of_the_row(cell: str, statuses: set[str]) -> None:
    assert load().transaction_terms.statuses(cell) == statuses


def test_rules_of_ones_own_add_names(tmp_path: Path) -> None:
    (tmp_path / "ledger.yaml").write_text("columns: {buyer: [老板]}\n", "utf-8")
    ledger = load(tmp_path).transaction_terms
    assert ledger.columns["老板"] == ledger.columns["买家"] == "buyer"
    assert load(tmp_path).digest != load().digest


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("朋友介绍", "source"),
        ("QQ：123456 微信：abc", "source"),
        ("姓名：张三 身份证号：430104199003071234 电话：13800138000", None),
        ('{"name": "张三", "phone": "13800138000"}', None),
        ("张三，430104199003071234，13800138000", None),
    ],
)
def test_a_column_of_whole_records_is_no_party_of_the_trade(cell: str, kind: str | None) -> None:
    column = ColumnType("来源", None, 0, 0)
    typed = with_transactions(load(), [column], [pa.array([cell, None])])
    assert [each.transaction for each in typed] == [kind]


def test_what_became_of_a_message_is_not_what_became_of_a_row() -> None:
    catalog = load()
    headers = ["对方号码", "内容", "状态", "金额"]
    types = [ColumnType(header, None, 1, 0) for header in headers]
    kinds = [column.transaction for column in with_transactions(catalog, types)]
    assert kinds == [None, None, None, "price"]
    stock = with_transactions(catalog, [types[2], types[3]])
    assert [column.transaction for column in stock] == ["status", "price"]


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
    found = [(0, "名", 0, len(last), last, value)]
    assert rows(table, "PERSON") == found
    assert rows({"名": [last], "姓": [first], "电话": ["13800138000"]}, "PERSON") == found


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

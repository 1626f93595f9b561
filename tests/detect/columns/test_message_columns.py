"""Columns of the device's holder: in messages and calls of one device, in no list of people."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pyarrow as pa
import pytest

from piiscan.detect.columns.message_columns import message_columns, own_columns
from tests.case.dump import scan_dump

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


def test_a_record_of_the_own_device_is_own_in_all_its_columns(tmp_path: Path) -> None:
    page = tmp_path / "page.xlsx"
    book = openpyxl.Workbook()
    for row in [["手机型号", "X60"], ["IMEI", "860123456789014"], ["本机号码", "13800138000"]]:
        book.worksheets[0].append(row)
    book.save(page)
    assert dict(roles(page)) == {"IMEI": "own", "CN_MOBILE": "own"}


def test_a_message_is_nobodys_and_the_name_beside_a_number_is_its_owners(tmp_path: Path) -> None:
    rows = [
        "方向,对方号码,联系人,短信内容,时间",
        "接收,13900139000,周涛,身份证11010119900307002X办好了,2023-05-01 08:00:00",
        "发送,13900139000,周涛,好的,2023-05-01 08:05:00",
    ]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(rows), "utf-8")
    found = roles(path)
    assert ("PERSON", "speaker") in found
    assert ("CN_RESIDENT_ID", None) in found


def test_a_type_that_says_received_and_sent_makes_a_table_of_messages(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    head = "联系人,号码,时间,类型,内容"
    path.write_text(
        f"{head}\n张小明,13900139000,2023-05-03 10:00:00,接收,李建国13800138001\n", "utf-8"
    )
    assert ("CN_MOBILE", None) in roles(path)
    assert ("CN_MOBILE", "speaker") in roles(path)
    headers, types = head.split(","), pa.array(["投诉", "咨询"])
    assert not message_columns(headers, [types] * 5)


def roles(path: Path) -> set[tuple[str, str | None]]:
    """Return kind and role of what a scan finds in a file."""
    case = scan_dump([path], path.parent / "case")
    return {(row["entity"], row["role"]) for row in case.findings().to_pylist()}

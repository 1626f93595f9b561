"""Databases of known programs are chats: time, speaker, chat, direction, text of each message."""

import datetime
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import lz4.block
import openpyxl
import pytest
from backports import zstd

from piiscan.detect.columns.message_columns import message_columns
from piiscan.sources import packed_texts
from piiscan.sources.packed_texts import read_lz4, read_protobuf, read_typedstream, read_zstd
from piiscan.sources.table_profiles import ProfiledRows, find_profile, own_accounts, time_text
from tests.sources import tables
from tests.sources.chat_databases import PROGRAMS, Message, entry, make, write
from tests.sources.formats.five import found_values
from tests.sources.tables import Source, cells_of, lost, read_all

START: Final = 1_683_345_601  # 2023-05-06 12:00:01 in China
TEXTS: Final = (
    "资料 13800138001 张三",
    "[转账] ¥4800",
    "发你了 客户.csv",
    "好" * 200,
    "13900139001",
)


def people(program: str) -> tuple[str, dict[str, str], str]:
    """Own account, others with nicknames, and a group (none for short messages)."""
    if program.startswith("qq"):
        return "87654321", {"12345678": "小芳", "23456789": "老王"}, "10086001@chatroom"
    if program.startswith("sms"):
        return "", {"+8613700137000": "小芳", "10690000": "银行"}, ""
    return "wxid_aqiang99", {"wxid_fang123": "小芳", "wxid_wang45": "老王"}, "2468@chatroom"


def conversation(program: str) -> tuple[list[Message], dict[str, str], str]:
    own, accounts, group = people(program)
    (one, other), found = accounts, []
    for at, text in enumerate(TEXTS):
        found.append(Message(START + at, one, one if at % 2 else own, not at % 2, text))
        if group:
            found.append(Message(START + 9 + at, group, other, False, f"群里：{text}"))
            found.append(Message(START + 19 + at, group, own, True, f"我说：{text}"))
    return found, accounts, own


def read_messages(source: Source) -> tuple[list[tuple[Any, ...]], list[Any]]:
    """Time, chat, speaker, direction and text of each row of a table of messages; the troubles."""
    kinds = ("time", "peer", "sender", "direction", "content")
    found = []
    tables, troubles = read_all(source)
    for table, blocks in tables:
        if columns := message_columns(table.headers or []):
            for row in cells_of(blocks):
                filled = (
                    [row[at] for at in columns.get(kind, ()) if at < len(row) and row[at]]
                    for kind in kinds
                )
                found.append(tuple(cells[0] if cells else None for cells in filled))
    return found, troubles


@dataclass(frozen=True)
class Stored:
    """A table of a database."""

    name: str
    columns: tuple[str, ...]


def moment(seconds: int) -> str:
    china = datetime.timezone(datetime.timedelta(hours=8))
    return datetime.datetime.fromtimestamp(seconds, china).strftime("%Y-%m-%d %H:%M:%S")


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_message_is_told_whole_and_once(tmp_path: Path, program: str) -> None:
    messages, accounts, own = conversation(program)
    path = make(tmp_path, program, messages, accounts, own)
    rows, troubles = read_messages(path)
    assert lost(troubles) == []
    wanted = []
    for m in messages:
        chat = m.chat.removesuffix("@chatroom") if program.startswith("qq") else m.chat
        wanted.append((moment(m.time), chat, m.own, m.text))
    found = [(t, peer, way in ("1", "发送"), text) for t, peer, _, way, text in rows]
    assert sorted(found) == sorted(wanted)
    others = {(text, who) for _, peer, who, way, text in rows if way in ("0", "接收") and who}
    assert {(m.text, m.speaker) for m in messages if m.in_group and not m.own} <= others
    places, _ = found_values(path)
    assert {m.text: len(places[m.text]) for m in messages} == {m.text: 1 for m in messages}


def test_the_time_beside_the_stored_one() -> None:
    assert time_text("1683345601.5") == time_text(1_683_345_601_000_000) == "2023-05-06 12:00:01"
    assert time_text(705_038_401, "apple") == "2023-05-06 12:00:01"
    assert [time_text(each) for each in (0, -1, "x", None, "nan", float("inf"), 10**400)] == [
        None
    ] * 7


def test_accounts_of_folders() -> None:
    assert own_accounts("C:\\a\\xwechat_files\\wxid_abc12_9f0e\\db_storage\\x.db") == {"wxid_abc12"}
    assert own_accounts("/a.zip!WeChat Files/wxid_abc12/Msg/MSG.db") == {"wxid_abc12"}
    assert own_accounts("/Tencent Files/12345678/nt_qq/nt_db/nt_msg.db") == {"12345678"}
    assert own_accounts("/com.tencent.mobileqq/databases/12345678.db") == {"12345678"}
    assert own_accounts("/dump/20230506.db") == set()
    assert own_accounts("/WeChat Files/Applet/x/y.db") == own_accounts("/x/MSG.db") == set()


def test_packed_texts() -> None:
    assert read_protobuf(entry(1, "13800138000") + entry(2, 5)) == "13800138000"
    assert read_protobuf(entry(3, entry(1, 1) + entry(2, "张三" * 30))) == "张三" * 30
    assert read_protobuf(entry(3, entry(2, "1" * 49)) + entry(4, b"\xff\xfe\x01")) == "1" * 49
    for read in (read_lz4, read_zstd, read_typedstream, read_protobuf):
        assert [read(each) for each in (b"", b"\xff\xff\x00", b"\x28\xb5\x2f\xfd\x01")] == [
            None
        ] * 3


@pytest.mark.parametrize(("reader", "module"), [("lz4", "lz4.block"), ("zstd", "backports.zstd")])
def test_a_missing_package_is_told(monkeypatch: Any, reader: str, module: str) -> None:
    packed = {"lz4": lz4.block.compress, "zstd": zstd.compress}[reader](b"a" * 99)
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.delattr(sys.modules[module.partition(".")[0]], module.partition(".")[2])
    profile = find_profile("MSG", ["IsSender", "StrContent", "CreateTime", "CompressContent"])
    assert profile is not None
    table = Stored("MSG", ("IsSender", "StrContent", "CreateTime", "CompressContent"))
    profiled = ProfiledRows(
        replace(profile, decoded={"CompressContent": reader}), table, "", lambda _: iter(()), {}
    )
    cells = profiled.cells((1, "", START, packed), ["1", "", str(START), None])
    assert cells[3] is None
    assert [each.rpartition(": ")[2] for each in profiled.missing] == ["archives"]


def test_a_value_that_cannot_be_unpacked_is_listed(tmp_path: Path, monkeypatch: Any) -> None:
    columns = "IsSender INT, StrContent TEXT, CreateTime INT, CompressContent BLOB"
    rows = [(1, "", START, b"\xff\xff\x00\x01")]
    path = write(tmp_path / "a.db", {"MSG": (columns, rows)})
    _, troubles = found_values(path)
    assert lost(troubles) == ["BINARY_VALUES"]


def test_a_table_that_others_refer_to_may_be_missing(tmp_path: Path) -> None:
    columns = "handle_id INT, is_from_me INT, text TEXT, date INT"
    path = write(
        tmp_path / "a.db", {"message": (columns, [(1, 0, "张三", 5), (None, 1, "x", None)])}
    )
    rows, troubles = read_messages(path)
    assert [row[-1] for row in rows] == ["张三", "x"]
    assert troubles == []


def test_contacts_and_calls(tmp_path: Path) -> None:
    path = write(tmp_path / "contacts2.db", {
        "raw_contacts": ("_id INTEGER PRIMARY KEY, display_name TEXT", [(1, "张三"), (2, "李四")]),
        "mimetypes": ("_id INTEGER PRIMARY KEY, mimetype TEXT", [(5, "phone"), (7, "name")]),
        "data": ("_id INTEGER PRIMARY KEY, mimetype_id INT, raw_contact_id INT, data1 TEXT", [
            (1, 7, 1, "张三"), (2, 5, 1, "13800138001"), (3, 5, 2, "13800138002"),
        ]),
        "calls": ("number TEXT, date INT, duration INT, type INT, name TEXT", [
            ("13800138001", START * 1000, 60, 1, None), ("13800138002", START * 1000, 0, 3, "李四"),
        ]),
    })  # fmt: skip
    found = {table.member: (table, cells_of(blocks)) for table, blocks in read_all(path)[0]}
    table, rows = found["#data"]
    assert table.headers is not None
    assert table.headers[-2:] == ["类别", "姓名"]
    assert [row[4:] for row in rows] == [["name"], ["phone", "张三"], ["phone", "李四"]]
    table, rows = found["#calls"]
    assert [row[-2:] for row in rows] == [[moment(START), "呼入"], [moment(START), "未接"]]
    assert packed_texts.READERS


def test_the_row_of_the_owner_is_his_own(tmp_path: Path) -> None:
    contacts = [("wxid_fang123", "小芳", "备注"), ("wxid_aqiang99", "阿强", None)]
    path = write(tmp_path / "EnMicroMsg.db", {
        "rcontact": ("username TEXT, nickname TEXT, conRemark TEXT", contacts),
        "userinfo": ("id INTEGER PRIMARY KEY, type INT, value TEXT", [(2, 3, "wxid_aqiang99")]),
    })  # fmt: skip
    places, troubles = found_values(path)
    assert troubles == []
    assert places["小芳"] == [("#rcontact", 1, "昵称")]
    assert places["wxid_aqiang99\n阿强"] == [("#rcontact", 2, "本机账号信息")]
    assert "阿强" not in places
    columns = "UserName TEXT, NickName TEXT, Remark TEXT"
    path = write(
        tmp_path / "WeChat Files/wxid_aqiang99/Msg/MicroMsg.db", {"Contact": (columns, contacts)}
    )
    assert found_values(path)[0]["wxid_aqiang99\n阿强"] == [("#Contact", 2, "本机账号信息")]


def test_messages_and_calls_in_xml_are_those_of_a_database() -> None:
    start = f'date="{START}000"'
    rows, troubles = read_messages(
        f'<?xml version="1.0"?><smses count="2"><sms address="13700137000" {start} type="1" '
        f'body="打包2000" contact_name="小芳"/><sms address="13700137000" {start} type="2" '
        'body="王五 13900139001"/></smses>'
    )
    assert troubles == []
    assert rows == [
        (moment(START), "13700137000", None, "接收", "打包2000"),
        (moment(START), "13700137000", None, "发送", "王五 13900139001"),
    ]
    ((table, blocks),) = read_all(
        f'<?xml version="1.0"?><calls><call number="1" duration="9" {start} type="2" name="小芳"/>'
        f'<call number="2" duration="9" {start} type="3"/></calls>'
    )[0]
    assert table.headers == [
        "对方号码", "通话时长", "date (原值)", "type", "对方姓名", "通话时间", "方向",
    ]  # fmt: skip
    assert [row[-1] for row in cells_of(blocks)] == ["呼出", "未接"]


def test_an_exported_table_is_that_of_the_database(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(tables, "NAMES", frozenset(["talker", "content", "createTime"]))
    book = openpyxl.Workbook()
    for row in (
        ["msgId", "type", "isSend", "createTime", "talker", "content"],
        [1, 1, 0, START * 1000, "2468@chatroom", "wxid_fang123:\n打包2000"],
        [2, 1, 1, START * 1000, "2468@chatroom", "[转账] ¥4800", "旁注"],
    ):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    rows, troubles = read_messages(tmp_path / "a.xlsx")
    assert troubles == []
    assert [row[1:] for row in rows[1:]] == [
        ("2468@chatroom", "wxid_fang123", "0", "打包2000"),
        ("2468@chatroom", None, "1", "[转账] ¥4800"),
    ]
    places, _ = found_values(tmp_path / "a.xlsx")
    assert len(places["旁注"]) == 1

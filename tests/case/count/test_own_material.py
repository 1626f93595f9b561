"""The holder's own contacts, calls and messages count once the register confirms them."""

import json
from pathlib import Path

import openpyxl
import pytest

from piiscan import count
from piiscan.case.count.own_material import find_own_parts
from tests.case.dump import scan_dump
from tests.case.literal_rows import assert_conserved, only, steps
from tests.case.scanned import scan_files
from tests.sources.tables import database

PHONE = "13700137999"
CALLS = ["本机号码", "对方号码", "对方姓名", "通话类型", "通话时间", "通话时长"]
MESSAGES = ["本机号码", "对方号码", "收发类型", "时间", "短信内容"]
DAY = "2024-01-01 08:00:00"
SHEETS: dict[str, list[list[str]]] = {
    "本机信息": [["项目", "内容"], ["本机号码", PHONE], ["微信账号", "wxid_aqiang99aqiang"]],
    "通讯录": [["姓名", "电话号码"], *(["张伟", f"1390013002{n}"] for n in range(3))],
    "通话记录": [
        CALLS, *([PHONE, f"1380013812{n}", "王芳", "呼出", DAY, "9"] for n in range(4)),
    ],
    "短信": [
        MESSAGES, *([PHONE, f"1360013602{n}", "接收", DAY, "我是李娜，明天见"] for n in range(5)),
        [PHONE, "13500135021", "接收", DAY, "客户王建国 电话13912345678"],
    ],
    "名单": [["姓名", "手机号"], *(["赵芳", f"1370013702{n}"] for n in range(2))],
}  # fmt: skip


def test_the_holders_own_material_counts_once_the_register_confirms_it(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in SHEETS.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    (tmp_path / "dump").mkdir()
    book.save(tmp_path / "dump" / "手机.xlsx")
    case = scan_dump([tmp_path / "dump"], tmp_path / "case")
    path = case.manifest.content["sources"][0]["path"]

    def counted(name: str, cells: str) -> tuple[list[int | None], list[int | None]]:
        register = tmp_path / f"{name}.csv"
        register.write_text(f"路径,嫌疑人,角色,数据层,账号被获取\n{path},甲某,{cells}\n", "utf-8")
        tables = count(case, register=register).tables()
        assert_conserved(tables)
        entries = only(tables, "by_suspect", scope="甲某", entry="unconfirmed")
        assert [row["by_rows"] for row in entries] == [8] * (name == "proposed")
        return steps(tables)[:5], steps(tables, column="unconfirmed")[:5]

    # 3 contacts, 4 calls and 1 person in a message; «我是李娜» is no record
    assert counted("proposed", "获取,,") == ([3, 3, 2, 2, 2], [13, 13, 8, 8, 8])
    assert counted("confirmed", "获取,现存,")[0] == [16, 16, 10, 10, 10]
    assert counted("obtained", "获取,,是")[1] == [0] * 5


OWN = ["own", None]
PLAIN = [None, None]


@pytest.mark.parametrize(
    ("parts", "own"),
    [
        ([("JC/通讯录.csv", "", PLAIN), ("JC/通话.csv", "", OWN)], {1, 2}),
        ([("JC/通讯录.csv", "", PLAIN), ("JC2/通话.csv", "", OWN)], {2}),
        ([("JC/用户通讯录.csv", "", ["user", None]), ("JC/通话.csv", "", OWN)], {2}),
        ([("通讯录.csv", "", PLAIN)], set()),  # somebody's: nothing names a holder
        ([("a/contacts2.db", "#raw_contacts", PLAIN), ("a/mmssms.db", "#sms", PLAIN)], {1, 2}),
        ([("a/contacts2.db", "#data", PLAIN), ("a/EnMicroMsg.db", "#rcontact", PLAIN)], {1}),
        ([("r.xlsx", "#微信", OWN), ("r.xlsx", "#微信好友", PLAIN)], {2}),  # a chat is no list
        ([("r.zip", "b/通讯录.xlsx#Sheet1", PLAIN), ("r.zip", "b/本机.csv", OWN)], {1}),
        ([(f"话单/{n}.csv", "#通话", OWN) for n in range(4)], set()),  # of many telephones
        ([("短信.xlsx", "#客户", PLAIN), ("短信.xlsx", "#Sheet1", OWN)], {2}),
    ],
)  # fmt: skip
def test_own_is_what_names_the_holder(
    parts: list[tuple[str, str, list[str | None]]], own: set[int]
) -> None:
    numbers = {path: at for at, (path, _, _) in enumerate(parts)}
    rows = [
        {"source": numbers[path], "member": member,
         "columns": json.dumps([{"header": "列", "role": role} for role in roles])}
        for path, member, roles in parts
    ]  # fmt: skip
    found = find_own_parts(rows, {number: path for path, number in numbers.items()})
    assert {at for at, row in enumerate(rows, 1) if (row["source"], row["member"]) in found} == own


def test_deleted_rows_count_once_the_register_confirms_them_and_never_twice(tmp_path: Path) -> None:
    rows = [(f"张{c}丰", f"1371{n}45210{n}") for n, c in enumerate("三四五六七")]
    create = "CREATE TABLE t (id INTEGER PRIMARY KEY, 姓名 TEXT, 手机号 TEXT)"
    again = "INSERT INTO t (姓名, 手机号) VALUES ('张三丰', '13710452100')"  # deleted and live
    data = database(
        *("PRAGMA secure_delete=OFF", create),
        rows=[*rows, ("李一鸣", "13711452199"), ("李一鸣", "13711452199")],
        table="t (姓名, 手机号)",
        after=["DELETE FROM t WHERE id < 6", again],
    )
    case = scan_files(tmp_path, {"a.db": data})
    path = case.manifest.content["sources"][0]["path"]

    def counted(name: str, rows: str) -> tuple[list[int | None], list[int | None]]:
        register = tmp_path / f"{name}.csv"
        register.write_text(f"路径,嫌疑人,数据层\n{rows}", "utf-8")
        tables = count(case, register=register).tables()
        assert_conserved(tables)
        return steps(tables)[:6], steps(tables, column="unconfirmed")[:6]

    live = f"{path},甲某,\n"
    assert counted("proposed", live) == ([3, 3, 3, 3, 2, 2], [4, 4, 4, 4, 4, 4])
    deleted = f"{path}!#deleted rows of t,甲某,已删除\n"
    assert counted("confirmed", live + deleted) == ([7, 7, 7, 7, 6, 6], [0] * 6)

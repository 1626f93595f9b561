"""Aliases and groups are sheets of the register, read as strictly as the register itself."""

import datetime
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from piiscan import CaseError
from piiscan.case.register import Alias, Register, read_register
from piiscan.case.register.party_sheets import resolve_aliases
from piiscan.case.register.register import draft_register
from tests.case.scanned import write_files
from tests.filled_sheets import fill_in

UNKNOWN_WORD = "is none of the words that may stand here; see the second sheet"


def book(tmp_path: Path, sheets: dict[str, Sequence[Sequence[object]]] | None = None) -> Path:
    """A drafted register with rows in its further sheets."""
    draft_register([write_files(tmp_path / "d", {"a.csv": "姓名\n张三\n"})], tmp_path / "r.xlsx")
    opened = openpyxl.load_workbook(tmp_path / "r.xlsx")
    for title, rows in (sheets or {}).items():
        for row in rows:
            opened[title].append(list(row))
    opened.save(tmp_path / "r.xlsx")
    return tmp_path / "r.xlsx"


def read(path: Path) -> Register:
    return read_register(path.read_bytes(), path.name)


def test_a_draft_has_empty_sheets_for_aliases_and_groups(tmp_path: Path) -> None:
    register = read(book(tmp_path))
    assert (register.aliases, register.members) == ((), ())
    sheets = openpyxl.load_workbook(tmp_path / "r.xlsx").sheetnames
    assert sheets == ["检材登记表", "填表说明", "别名", "同案人员组", "聊天往来"]


def test_aliases_and_members_are_read(tmp_path: Path) -> None:
    aliases = [["王某", "昵称", "小芳"], ["王某", "手机", "138 0013 8000"], ["李某", "", "老李"]]
    groups = [
        ["一组", "共同犯罪", "王某", "2024-01-01", "2024年3月5日", "主犯"],
        ["公司", "单位", "李某", "", "", ""],
    ]
    filled = book(tmp_path, {"别名": aliases, "同案人员组": groups})
    register = read(filled)
    assert [(a.name, a.kind, a.alias) for a in register.aliases] == [
        ("王某", "nickname", "小芳"),
        ("王某", "phone", "138 0013 8000"),
        ("李某", "alias", "老李"),
    ]
    first, second = register.members
    days = datetime.date(2024, 1, 1), datetime.date(2024, 3, 5)
    assert (first.group, first.kind, first.member, first.since, first.until, first.role) == (
        "一组", "joint", "王某", *days, "主犯",
    )  # fmt: skip
    assert (second.kind, second.since, second.until, second.role) == ("unit", None, None, None)
    earlier = openpyxl.load_workbook(filled)
    earlier["同案人员组"].title = "共同犯罪组"  # as earlier versions call it
    earlier.save(filled)
    assert read(filled).members == register.members
    assert "王某" not in repr(register) + repr(register.aliases) + repr(register.members)


def test_every_fault_names_sheet_row_and_column(tmp_path: Path) -> None:
    rows = [["王某", "谁", "小芳"], ["李某", "", "小 芳"], ["", "", "x"], ["张某", "", ""]]
    with pytest.raises(CaseError) as caught:
        read(book(tmp_path / "1", {"别名": rows}))
    assert str(caught.value).split("\n") == [
        f"r.xlsx, sheet 别名, row 2, 别名类型: {UNKNOWN_WORD}",
        "r.xlsx, sheet 别名, row 3, 别名: the same alias belongs to another person in row 2",
        "r.xlsx, sheet 别名, row 4, 姓名: is empty",
        "r.xlsx, sheet 别名, row 5, 别名: is empty",
    ]
    group = [["一组", "", "王某", "2024-03-01", "2024-02-01"], ["一组", "", "李某", "去年"]]
    with pytest.raises(CaseError) as caught:
        read(book(tmp_path / "2", {"同案人员组": group}))
    assert [line.partition(": ")[0] for line in str(caught.value).split("\n")] == [
        "r.xlsx, sheet 同案人员组, row 2, 止",
        "r.xlsx, sheet 同案人员组, row 3, 起",
    ]


def test_a_sheet_of_aliases_that_lost_a_column_is_refused(tmp_path: Path) -> None:
    path = book(tmp_path)
    opened = openpyxl.load_workbook(path)
    opened["别名"]["C1"] = "其他"
    opened.save(path)
    with pytest.raises(CaseError, match="别名"):
        read(path)


def test_aliases_of_aliases_are_one_person_whatever_their_order() -> None:
    rows = [
        Alias("小芳", "phone", "1"),
        Alias("王某", "nickname", "小芳"),
        Alias("1", "account", "x"),
    ]
    assert set(resolve_aliases(rows).values()) == {"王某"}
    circle = [Alias("甲", "alias", "乙"), Alias("乙", "alias", "甲")]
    assert resolve_aliases(circle) == {"甲": "甲", "乙": "甲"}


def test_a_suspect_under_another_name_has_his_own(tmp_path: Path) -> None:
    path = book(tmp_path, {"别名": [["王某", "", "小芳"]]})
    fill_in(
        path, lambda row: {"嫌疑人": "小 芳"} if row["路径"] == (tmp_path / "d").as_posix() else {}
    )
    (row,) = read(path).provenance([(1, f"{(tmp_path / 'd').as_posix()}/a.csv")]).to_pylist()
    assert row["suspect"] == "王某"

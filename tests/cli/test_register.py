"""The register on the command line: drafted, filled in, given back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest


@pytest.fixture
def dump(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "dump" / "张三-手机1"
    folder.mkdir(parents=True)
    (folder / "13800138000.csv").write_text("手机号\n13900139000\n", "utf-8")
    return folder.parent


def fill(heading: str, text: str) -> None:
    """Fill in one cell of the last row, which is the file's."""
    book = openpyxl.load_workbook("register.xlsx")
    sheet = book.worksheets[0]
    column = next(cell.column for cell in sheet[1] if cell.value == heading)
    sheet.cell(sheet.max_row, column).value = text
    book.save("register.xlsx")


def scan(call: Any, *more: str) -> Any:
    return call("scan", "dump", "--case", "case", "--key", "key", "--no-names",
                "--register", "register.xlsx", *more)  # fmt: skip


def test_a_draft_says_how_to_go_on_and_is_not_overwritten(dump: Path, call: Any) -> None:
    called = call("register", "dump")
    assert called.code == 0
    assert "piiscan scan ... --register register.xlsx" in called.out
    assert "1 行有按名称得出的建议" in called.out
    again = call("register", "dump")
    assert (again.code, "不会覆盖" in again.err) == (2, True)
    english = call("register", "dump", "-o", "e.xlsx", "--lang", "en")
    assert "1 files" in english.out
    assert openpyxl.load_workbook("e.xlsx").sheetnames == [
        *("register", "how to fill in", "aliases", "joint groups")
    ]


def test_what_is_lacking_is_told_and_paths_are_masked(dump: Path, call: Any) -> None:
    call("register", "dump")
    called = scan(call)
    assert called.code == 0
    assert "登记表已存入案卷：3 行" in called.out
    assert "1 行的建议尚未确认" in called.err
    assert "有 1 个来源没有登记" in called.err
    assert "138****8000.csv" in called.err
    assert "13800138000" not in called.out + called.err
    assert call("verify", "case").code == 0


def test_a_checksum_that_differs_is_code_3(dump: Path, call: Any) -> None:
    call("register", "dump")
    fill("MD5", "0" * 32)
    called = scan(call)
    assert called.code == 3
    assert "不一致 1 项，未填 3 项" in called.out
    assert "不一致" in called.out
    assert "13800138000" not in called.out + called.err
    assert "1 different" in scan(call, "--lang", "en").out


def test_a_cell_that_cannot_be_used_is_told_in_the_users_language(dump: Path, call: Any) -> None:
    call("register", "dump")
    fill("时间", "三月某日")
    called = scan(call)
    assert called.code == 2
    assert "register.xlsx，工作表 检材登记表，第 4 行，“时间”：不是日期" in called.err
    assert "三月某日" not in called.err
    assert "row 4, 时间: is no date" in scan(call, "--lang", "en").err


def test_a_register_that_is_not_there_is_wrong_usage(dump: Path, call: Any) -> None:
    called = call("scan", "dump", "--case", "case", "--register", "none.xlsx")
    assert (called.code, "没有这个文件" in called.err) == (2, True)

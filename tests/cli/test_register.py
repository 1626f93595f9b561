"""The register on the command line: drafted, filled in, given back."""

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.filled_sheets import fill_in


@pytest.fixture
def dump(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "dump" / "张三-手机1"
    folder.mkdir(parents=True)
    (folder / "13800138000.csv").write_text("手机号\n13900139000\n", "utf-8")
    return folder.parent


def fill(heading: str, text: str) -> None:
    """Fill in one cell of the row of the file."""
    path = Path("register.xlsx")
    fill_in(path, lambda row: {heading: text} if row["路径"].endswith(".csv") else {})


def scan(call: Any, *more: str) -> Any:
    return call("scan", "dump", "--case", "case", "--key", "key", "--no-names",
                "--register", "register.xlsx", *more)  # fmt: skip


def test_a_draft_says_how_to_go_on(dump: Path, call: Any) -> None:
    called = call("register", "dump")
    told = ("piiscan scan ... --register register.xlsx", "1 行有按名称得出的建议")
    assert (called.code, called.lacks(*told)) == (0, [])
    english = call("register", "dump", "-o", "e.xlsx", "--lang", "en")
    assert "1 files" in english.out
    assert openpyxl.load_workbook("e.xlsx").sheetnames == [
        *("register", "how to fill in", "aliases", "joint groups", "dealings in chats")
    ]


def test_what_is_lacking_is_told_and_paths_are_masked(dump: Path, call: Any) -> None:
    call("register", "dump")
    called = scan(call)
    told = (
        "登记表已存入案卷：3 行",
        "1 行的建议尚未确认",
        "有 1 个来源没有登记",
        "138****8000.csv",
    )
    assert (called.code, called.lacks(*told)) == (0, [])
    assert "13800138000" not in called.out + called.err
    assert call("verify", "case").code == 0


def test_a_checksum_that_differs_is_code_3(dump: Path, call: Any) -> None:
    call("register", "dump")
    fill("MD5", "0" * 32)
    called = scan(call)
    assert (called.code, called.lacks("不一致 1 项，未填 3 项")) == (3, [])
    assert "13800138000" not in called.out + called.err
    assert "1 different" in scan(call, "--lang", "en").out


def test_a_cell_that_cannot_be_used_is_told_in_the_users_language(dump: Path, call: Any) -> None:
    call("register", "dump")
    fill("时间", "三月某日")
    called = scan(call)
    told = "register.xlsx，工作表 检材登记表，第 4 行，“时间”：不是日期"
    assert (called.code, called.lacks(told)) == (2, [])
    assert "三月某日" not in called.err
    assert "row 4, 时间: is no date" in scan(call, "--lang", "en").err

"""``piiscan sample`` on the command line: what is written, told, and refused."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pytest

NAMES = ("张小明", "王建国", "李丽华", "赵志强", "刘秀英")


@pytest.fixture(scope="module")
def made(count_dump: Any) -> Path:
    rows = [f"{NAMES[n % 5]},1990000{1200 + n}" for n in range(12)]
    return count_dump("\n".join(["姓名,手机号", *rows]) + "\n")


@pytest.fixture
def case(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the case, beside its dump and its key."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path / "case"


def fill(path: Path, result: str, **others: str) -> None:
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    columns = {cell.value: cell.column for cell in sheet[1]}
    for number in range(2, sheet.max_row + 1):
        for name, text in {"核实结果": result, **others}.items():
            sheet.cell(number, columns[name]).value = text
    book.save(path)


def test_a_sample_tells_how_it_was_drawn(case: Path, call: Any) -> None:
    called = call("sample", case, "-o", "s.xlsx", "--size", 5, "--seed", "7")
    assert called.code == 0
    assert "已写入 5 条：s.xlsx" in called.out
    assert "SHA-256(SEED|SOURCE|MEMBER|ROW|GROUP)" in called.out
    assert "SEED = 7" in called.out
    assert "不推算到条数" in called.out


def test_what_comes_back_is_printed_with_bounds(case: Path, call: Any) -> None:
    call("sample", case, "-o", "s.xlsx", "--size", 5)
    fill(Path("s.xlsx"), "实", 核实方式="电话", 核实人="甲", 核实时间="今天")
    called = call("sample", case, "--take", "s.xlsx", "--lang", "en")
    assert called.code == 0
    assert called.err == ""
    assert "54.93" in called.out  # 0.05 ** (1 / 5)
    assert "5 records have a result" in called.out
    assert "Nothing is deleted" in called.out


def test_results_without_a_verifier_are_told(case: Path, call: Any) -> None:
    call("sample", case, "-o", "s.xlsx", "--size", 5)
    fill(Path("s.xlsx"), "实")
    assert "其中 5 条未填核实方式、核实人或核实时间" in call("sample", case, "--take", "s.xlsx").err


def test_one_by_one_has_no_bounds_and_nothing_drawn(case: Path, call: Any) -> None:
    called = call("sample", case, "--each", "--step", "R3", "-o", "e.xlsx")
    assert "已写入 12 条" in called.out
    assert "逐一核实：R3 计入的记录，全部列出" in called.out
    assert "SEED" not in called.out


def test_what_another_reading_would_not_sample_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dump").mkdir()
    rows = [f"{NAMES[n % 5]},wxid_abcdefghijkl{n:02d}" for n in range(9)]
    (tmp_path / "dump" / "a.csv").write_text("\n".join(["姓名,微信号", *rows]) + "\n", "utf-8")
    call("scan", "dump", "--case", "case", "--key", "key")
    call("count", "case")
    called = call("sample", "case", "-o", "s.xlsx")
    assert "有 9 条，在其他口径下应逐一核实" in called.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "须给出要写入的文件"),
        (("-o", "dump"), "已存在"),
        (("-o", "x.xlsx", "--by", "people"), "total, source, suspect, item, kind"),
        (("-o", "x.xlsx", "--singly"), "没有可供核实的记录"),
        (("-o", "x.xlsx", "--policy", "tier-1999"), "没有这个规则"),
        (("--take", "none.xlsx"), "none.xlsx"),
        (("--take", "dump/a.csv"), "编号"),
    ],
)
def test_what_cannot_be_done_is_refused(
    case: Path, call: Any, words: tuple[str, ...], told: str
) -> None:
    called = call("sample", case, *words)
    assert called.code == 2
    assert told in called.err
    assert not Path("x.xlsx").exists()

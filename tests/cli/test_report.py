"""``piiscan report`` writes workbooks and folders of tables."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from tests.cli.test_case import ROWS, case, dump  # noqa: F401


@pytest.fixture(scope="module")
def made(count_dump: Any) -> Path:
    return count_dump(ROWS)


@pytest.fixture
def counted(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the case and its key."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path / "case"


def test_a_workbook_goes_into_the_case_and_its_log(counted: Path, call: Any) -> None:
    told = call("report", counted, "--format", "xlsx")
    sha256 = hashlib.sha256((counted / "report.xlsx").read_bytes()).hexdigest()
    assert told.code == 0
    assert f"{sha256}，已记入日志" in told.out
    last = json.loads((counted / "log.jsonl").read_text("utf-8").splitlines()[-1])
    assert (last["event"], last["file"], last["sha256"]) == ("report", "report.xlsx", sha256)
    assert call("verify", counted).code == 0


def test_a_workbook_goes_where_told_in_the_language_told(counted: Path, call: Any) -> None:
    log = (counted / "log.jsonl").read_bytes()
    assert call("report", counted, "--format", "xlsx", "--lang", "en", "-o", "new/a.xlsx").code == 0
    assert CalamineWorkbook.from_path("new/a.xlsx").sheet_names[:2] == ["Cover", "T0 Main figures"]
    assert (counted / "log.jsonl").read_bytes() == log


def test_a_folder_of_tables_has_each_as_csv_and_json(counted: Path, call: Any) -> None:
    (tables,) = call("report", counted, "--format", "json").json
    assert tables.keys() >= {"ladder", "units", "tiers", "sensitivity", "inventory", "checksums"}
    assert call("report", counted, "--format", "csv", "-o", "t").code == 0
    assert {p.name for p in Path("t").iterdir()} == {
        f"{name}.{suffix}" for name in tables for suffix in ("csv", "json")
    }
    for name, rows in tables.items():
        assert json.loads(Path(f"t/{name}.json").read_text("utf-8"))["rows"] == rows
        assert Path(f"t/{name}.csv").read_bytes().startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("form", ["xlsx", "json", "html"])
def test_the_cases_own_files_are_not_written_over(form: str, counted: Path, call: Any) -> None:
    before = (counted / "manifest.json").read_bytes()
    told = call("report", counted, "--format", form, "-o", counted / "manifest.json")
    assert told.code == 2
    assert "案卷自己的文件" in told.err
    assert (counted / "manifest.json").read_bytes() == before


def test_a_statement_is_written_and_what_is_lacking_is_told(counted: Path, call: Any) -> None:
    told = call("report", counted, "--format", "docx", "--field", "委托单位=某局")
    assert told.code == 0
    assert "已记入日志" in told.out
    assert "未填写，留有空线：检验人一、检验人二、单位" in told.err
    assert call("verify", counted).code == 0


def test_the_template_that_ships_can_be_changed_and_given_back(counted: Path, call: Any) -> None:
    assert call("report", counted, "--format", "template", "-o", "模板.docx").code == 0
    options = ["--format", "docx", "--template", "模板.docx", "-o", "说明.docx"]
    told = call("report", counted, *options)
    assert told.code == 0
    own = call("report", counted, "--format", "docx", "-o", "own.docx")
    assert own.code == 0
    assert Path("说明.docx").read_bytes() == Path("own.docx").read_bytes()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--format", "docx", "--template", "none.docx"], "没有这个文件"),
        (["--format", "docx", "--field", "x"], "名称=内容"),
        (["--format", "xlsx", "--field", "a=b"], "--format docx"),
        (["--format", "template"], "写到哪个文件"),
        (["--format", "docx", "--template", "key"], "不是 .docx 文档"),
    ],
)
def test_what_cannot_be_a_statement_says_why(
    options: list[str], told: str, counted: Path, call: Any
) -> None:
    called = call("report", counted, *options)
    assert called.code == 2
    assert told in called.err


def test_a_statement_needs_a_count(case: Path, call: Any) -> None:  # noqa: F811
    called = call("report", case, "--format", "docx")
    assert called.code == 2
    assert "piiscan count" in called.err

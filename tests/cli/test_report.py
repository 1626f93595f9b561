"""``piiscan report`` writes workbooks and folders of tables."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook


@pytest.fixture
def case(counted: Any) -> Path:
    return counted()


def test_a_workbook_goes_into_the_case_and_its_log(case: Path, call: Any) -> None:
    told = call("report", case, "--format", "xlsx")
    sha256 = hashlib.sha256((case / "report.xlsx").read_bytes()).hexdigest()
    assert told.code == 0
    assert f"{sha256}，已记入日志" in told.out
    last = json.loads((case / "log.jsonl").read_text("utf-8").splitlines()[-1])
    assert (last["event"], last["file"], last["sha256"]) == ("report", "report.xlsx", sha256)
    assert call("verify", case).code == 0


def test_a_workbook_goes_where_told_in_the_language_told(case: Path, call: Any) -> None:
    log = (case / "log.jsonl").read_bytes()
    assert call("report", case, "--format", "xlsx", "--lang", "en", "-o", "new/a.xlsx").code == 0
    assert CalamineWorkbook.from_path("new/a.xlsx").sheet_names[:2] == ["Cover", "T0 Main figures"]
    assert (case / "log.jsonl").read_bytes() == log


def test_a_folder_of_tables_has_each_as_csv_and_json(case: Path, call: Any) -> None:
    (tables,) = call("report", case, "--format", "json").json
    assert tables.keys() >= {"ladder", "units", "tiers", "sensitivity", "inventory", "checksums"}
    assert call("report", case, "--format", "csv", "-o", "t").code == 0
    assert {p.name for p in Path("t").iterdir()} == {
        f"{name}.{suffix}" for name in tables for suffix in ("csv", "json")
    }
    for name, rows in tables.items():
        assert json.loads(Path(f"t/{name}.json").read_text("utf-8"))["rows"] == rows
        assert Path(f"t/{name}.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_a_statement_is_written_and_what_is_lacking_is_told(case: Path, call: Any) -> None:
    told = call("report", case, "--format", "docx", "--field", "委托单位=某局")
    assert told.lacks("已记入日志", "未填写，留有空线：检验人一、检验人二、单位") == []
    assert told.code == 0
    assert call("verify", case).code == 0


def test_the_template_that_ships_can_be_changed_and_given_back(case: Path, call: Any) -> None:
    assert call("report", case, "--format", "template", "-o", "模板.docx").code == 0
    options = ["report", case, "--format", "docx", "-o"]
    assert call(*options, "说明.docx", "--template", "模板.docx").code == 0
    assert call(*options, "own.docx").code == 0
    assert Path("说明.docx").read_bytes() == Path("own.docx").read_bytes()


def test_a_pdf_is_printed_by_a_browser_of_the_machine_or_its_lack_is_told(
    counted: Any, call: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    counted()
    programs = tmp_path / "programs"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    told = call("report", "case", "--format", "pdf", "-o", "a.pdf")
    assert (told.code, told.lacks("浏览器", "LibreOffice")) == (2, [])
    browser = programs / "chromium"
    browser.write_text("#!/bin/sh\necho %PDF-1.4 > report.pdf\n", "utf-8")
    browser.chmod(0o755)
    assert call("report", "case", "--format", "pdf", "-o", "a.pdf").code == 0
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")

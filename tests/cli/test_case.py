"""From a dump to a counted case on the command line: scan, report, verify, columns."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from piiscan.cli import progress_bar

ROWS = """姓名,身份证号,手机号
张三,430104190506150016,13800138000
李四,430104190506150017,13900139000
"""
ID = "430104190506150016"


@pytest.fixture
def dump(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "dump"
    folder.mkdir()
    (folder / "sale.csv").write_text(ROWS, "utf-8")
    return folder


@pytest.fixture
def case(dump: Path, call: Any) -> Path:
    called = call("scan", dump, "--case", "case", "--key", "key", "--as-of", "2026-01-01")
    assert (called.code, called.err) == (0, "")
    return dump.parent / "case"


def test_a_scan_says_what_it_did_and_what_comes_next(dump: Path, call: Any) -> None:
    told = call("scan", dump, "--case", "case", "--key", "key", "--lang", "en").out
    assert "Scanned 1 sources" in told
    assert "2 rows; 6 hits" in told
    assert "piiscan report case" in told


def test_no_clear_value_is_told_or_kept(case: Path, call: Any) -> None:
    said = "".join(
        call("report", case, "--format", form).out for form in ("terminal", "csv", "json")
    )
    kept = b"".join(each.read_bytes() for each in case.rglob("*") if each.is_file())
    for value in (ID, "13800138000"):
        assert value not in said
        assert value.encode() not in kept


def test_input_that_is_not_read_is_code_1_and_listed(dump: Path, call: Any) -> None:
    (dump / "broken.zip").write_bytes(b"PK\x03\x04 broken")
    called = call("scan", dump, "--case", "case", "--key", "key")
    assert called.code == 1
    assert "1 处输入未能读取" in called.err
    assert "broken.zip" in call("report", "case").out


def test_a_case_that_cannot_be_made_is_code_2(dump: Path, call: Any) -> None:
    called = call("scan", dump, "--case", dump / "case", "--key", "key")
    assert called.code == 2
    assert "位于来源" in called.err
    assert not (dump / "case").exists()


def test_a_scan_of_nothing_there_is_wrong_usage(dump: Path, call: Any) -> None:
    called = call("scan", "nowhere", "--case", "case")
    assert called.code == 2
    assert not Path("case").exists()


def test_the_case_knows_operator_number_and_day(dump: Path, call: Any) -> None:
    call("scan", dump, "--case", "case", "--key", "key", "--as-of", "2025-12-31",
         "--operator", "检查员甲", "--case-number", "2025-1", "--no-names")  # fmt: skip
    manifest = json.loads(Path("case/manifest.json").read_text("utf-8"))
    assert (manifest["operator"], manifest["case_number"]) == ("检查员甲", "2025-1")
    assert manifest["settings"]["as_of"] == "2025-12-31"
    assert manifest["settings"]["names"] is False


def test_clear_values_are_kept_only_with_reveal(dump: Path, call: Any) -> None:
    call("scan", dump, "--case", "case", "--key", "key", "--reveal")
    assert list(Path("case/clear").glob("*.parquet"))


def test_the_terminal_shows_kinds_combinations_and_the_page(case: Path, call: Any) -> None:
    told = call("report", case)
    assert told.code == 0
    assert "居民身份证号码" in told.out
    assert str(case / "report.html") in told.out.replace("\n", "")
    english = call("report", case, "--lang", "en").out
    assert "Resident" in english


def test_json_has_every_table_with_english_keys(case: Path, call: Any) -> None:
    (tables,) = call("report", case, "--format", "json").json
    kinds = {row["entity"]: row for row in tables["kinds"]}
    assert (kinds["CN_RESIDENT_ID"]["hits"], kinds["CN_RESIDENT_ID"]["valid"]) == (2, 1)
    called = call("report", case, "--format", "json", "-o", "out.json")
    assert called.code == 0
    assert json.loads(Path("out.json").read_text("utf-8")) == tables
    assert Path("out.json").stat().st_mode & 0o777 == 0o600


def test_csv_opens_in_a_spreadsheet(case: Path, call: Any) -> None:
    printed = call("report", case, "--format", "csv").out
    assert printed.startswith("\ufeff")
    assert len(list(csv.reader(io.StringIO(printed)))) == 1 + 3
    call("report", case, "--format", "csv", "-o", "tables")
    written = Path("tables/kinds.csv").read_bytes()
    assert written.startswith(b"\xef\xbb\xbf")
    assert {each.stem for each in Path("tables").iterdir()} >= {"kinds", "combinations", "sources"}


def test_the_page_goes_into_the_case_or_where_told(case: Path, call: Any) -> None:
    assert call("report", case, "--format", "html", "-o", "page.html").code == 0
    page = Path("page.html").read_text("utf-8")
    assert page.lstrip().lower().startswith("<!doctype html>")
    assert not re.search(r"(?:src|href)=[\"']?https?:", page)
    assert call("report", case, "--format", "html", "--lang", "en").code == 0
    assert call("verify", case).code == 0


def test_nothing_is_written_into_a_source(case: Path, dump: Path, call: Any) -> None:
    called = call("report", case, "--format", "json", "-o", dump / "sale.csv")
    assert called.code == 2
    assert (dump / "sale.csv").read_text("utf-8") == ROWS


@pytest.mark.parametrize(
    ("words", "told"),
    [(["--format", "pdf"], "terminal, csv, json, html"), (["-o", "x"], "--format csv")],
)
def test_a_report_that_cannot_be_made_says_which_can(
    words: list[str], told: str, case: Path, call: Any
) -> None:
    called = call("report", case, *words)
    assert called.code == 2
    assert told in called.err


def test_what_is_no_case_is_told_how_to_become_one(dump: Path, call: Any) -> None:
    Path("empty").mkdir()
    called = call("report", "empty")
    assert called.code == 2
    assert "请用同样的命令再次扫描" in called.err


def test_an_untouched_case_verifies(case: Path, call: Any) -> None:
    called = call("verify", case)
    assert (called.code, called.err) == (0, "")
    assert "校验一致" in called.out


@pytest.mark.parametrize("touched", ["dump/sale.csv", "case/findings/000001.parquet"])
def test_what_was_touched_is_named_and_code_3(touched: str, case: Path, call: Any) -> None:
    path = case.parent / touched
    path.write_bytes(path.read_bytes() + b" ")
    called = call("verify", case)
    assert called.code == 3
    assert "已变" in called.out
    assert "1 处不符" in called.err
    assert Path(touched).name in called.out
    recorded, found = (
        line.rpartition("：")[2] for line in called.out.splitlines() if "SHA-256" in line
    )
    assert found == hashlib.sha256(path.read_bytes()).hexdigest() != recorded
    assert call("verify", case, "--lang", "en").out.count("has changed") == 1


def test_an_unfinished_case_does_not_verify(dump: Path, call: Any) -> None:
    Path("half").mkdir()
    called = call("verify", "half")
    assert called.code == 3
    assert "扫描未完成" in called.out


def test_columns_are_written_corrected_and_given_back(dump: Path, call: Any) -> None:
    called = call("columns", dump, "-o", "columns.xlsx")
    assert called.code == 0
    assert "1 张表分为 1 组" in called.out
    again = call("columns", dump, "-o", "columns.xlsx")
    assert again.code == 2
    assert "不会覆盖" in again.err
    scanned = call("scan", dump, "--case", "case", "--key", "key", "--columns", "columns.xlsx")
    assert scanned.code == 0


def test_columns_that_cannot_all_be_read_are_code_1(dump: Path, call: Any) -> None:
    (dump / "broken.zip").write_bytes(b"PK\x03\x04 broken")
    assert call("columns", dump, "-o", "columns.xlsx").code == 1


def test_progress_is_quiet_where_stderr_is_no_terminal() -> None:
    with progress_bar.show_progress("scanning") as told:
        assert told is None


def test_progress_shows_rate_and_remaining_time_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    with progress_bar.show_progress("scanning") as told:
        assert told is not None
        told(1_000_000, 4_000_000)
    assert "scanning" in screen.getvalue()
    assert "1.0/4.0 MB" in screen.getvalue()

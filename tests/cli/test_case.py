"""From a dump to a counted case on the command line: scan, report, verify, columns."""

import csv
import hashlib
import io
import json
import re
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from piiscan.cli import progress_bar
from piiscan.progress import RunState
from piiscan.wording.words import Words

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
    told = call("scan", dump, "--case", "case", "--key", "key", "--lang", "en")
    assert told.lacks("Scanned 1 sources", "2 rows; 6 hits", "piiscan report case") == []


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
    assert (called.code, called.lacks("1 处输入未能读取")) == (1, [])
    assert "broken.zip" in call("report", "case").out


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
    assert (told.code, told.lacks("居民身份证号码")) == (0, [])
    assert str(case / "report.html") in told.out.replace("\n", "")
    assert "Resident" in call("report", case, "--lang", "en").out


def test_tables_are_printed_or_written_as_json_and_csv(case: Path, call: Any) -> None:
    (tables,) = call("report", case, "--format", "json").json
    kinds = {row["entity"]: row for row in tables["kinds"]}
    assert (kinds["CN_RESIDENT_ID"]["hits"], kinds["CN_RESIDENT_ID"]["valid"]) == (2, 1)
    assert call("report", case, "--format", "json", "-o", "out.json").code == 0
    assert json.loads(Path("out.json").read_text("utf-8")) == tables
    assert Path("out.json").stat().st_mode & 0o777 == 0o600
    printed = call("report", case, "--format", "csv").out
    assert printed.startswith("\ufeff")
    assert len(list(csv.reader(io.StringIO(printed)))) == 1 + 3


def test_the_page_goes_into_the_case_or_where_told(case: Path, call: Any) -> None:
    assert call("report", case, "--format", "html", "-o", "page.html").code == 0
    page = Path("page.html").read_text("utf-8")
    assert page.lstrip().lower().startswith("<!doctype html>")
    assert not re.search(r"(?:src|href)=[\"']?https?:", page)
    assert call("report", case, "--format", "html", "--lang", "en").code == 0
    assert call("verify", case).code == 0


def test_a_statement_needs_a_count(case: Path, call: Any) -> None:
    called = call("report", case, "--format", "docx")
    assert (called.code, called.lacks("piiscan count")) == (2, [])


@pytest.mark.parametrize("touched", ["dump/sale.csv", "case/findings/000001.parquet"])
def test_what_was_touched_is_named_and_code_3(touched: str, case: Path, call: Any) -> None:
    path = case.parent / touched
    path.write_bytes(path.read_bytes() + b" ")
    called = call("verify", case)
    assert (called.code, called.lacks("已变", "1 处不符", Path(touched).name)) == (3, [])
    recorded, found = (
        line.rpartition("：")[2] for line in called.out.splitlines() if "SHA-256" in line
    )
    assert found == hashlib.sha256(path.read_bytes()).hexdigest() != recorded
    assert call("verify", case, "--lang", "en").out.count("has changed") == 1


def test_an_unfinished_case_does_not_verify(dump: Path, call: Any) -> None:
    Path("half").mkdir()
    called = call("verify", "half")
    assert (called.code, called.lacks("扫描未完成")) == (3, [])


def test_columns_are_written_corrected_and_given_back(dump: Path, call: Any) -> None:
    called = call("columns", dump, "-o", "columns.xlsx")
    assert (called.code, called.lacks("1 张表分为 1 组")) == (0, [])
    scanned = call("scan", dump, "--case", "case", "--key", "key", "--columns", "columns.xlsx")
    assert scanned.code == 0
    (dump / "broken.zip").write_bytes(b"PK\x03\x04 broken")
    assert call("columns", dump, "-o", "again.xlsx").code == 1


def test_progress_is_a_line_now_and_then_where_stderr_is_no_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(progress_bar, "_PERIOD", 1)
    log = tmp_path / "night.log"
    log.write_text("earlier\n")
    with progress_bar.show_progress(Words("en", {}), "read", log=log) as told:
        told(RunState("read", 1_000_000, 4_000_000, 0.25, "a/138****8000.csv"))
        time.sleep(1.5)
    line = capsys.readouterr().err
    assert re.fullmatch(
        r"[0-9:]{8} scanning  1\.0/4\.0 MB, [0-9.,]+ MB/s  0:00:01 passed  about 0:00:03 left"
        r"  a/138\*{4}8000\.csv\n",
        line,
    )
    assert log.read_text() == "earlier\n" + line


def test_a_log_file_lies_outside_the_evidence(dump: Path, call: Any) -> None:
    done = call("scan", dump, "--case", "case", "--key", "key", "--log", dump / "night.log")
    assert done.code == 2
    assert "night.log" in done.err
    assert not (dump / "night.log").exists()


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
    with progress_bar.show_progress(Words("en", {}), "read") as told:
        told(RunState("read", 1_000_000, 4_000_000, 0.25))
    assert "scanning" in screen.getvalue()
    assert "1.0/4.0 MB" in screen.getvalue()

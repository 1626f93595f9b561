"""One command makes everything, and again only what an edited sheet changes."""

from __future__ import annotations

import stat
from pathlib import Path

import openpyxl
import pytest

from piiscan.cli.whole import ask
from piiscan.cli.wording import Wording
from piiscan.errors import CaseError
from piiscan.run.whole import NAMES, Whole, run_whole
from tests.run.dump import write_dump


def work(source: Path, out: Path) -> Whole:
    return run_whole(source, out, key=out.parent / "test.key")


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    return write_dump(tmp_path / "dump")


def test_one_call_leaves_sheets_case_and_page(dump: Path, tmp_path: Path) -> None:
    steps: list[str] = []
    done = run_whole(dump, tmp_path / "out", key=tmp_path / "test.key", told=steps.append)
    assert steps == ["register", "columns", "exclusions", "scan", "count", "page"]
    assert {path.name for path in done.folder.iterdir()} == {*NAMES["zh"].values(), "drafts.json"}
    assert stat.S_IMODE(done.folder.stat().st_mode) == 0o700
    assert done.given_back == ()
    assert done.case.verify() == []
    assert done.count.number == 1


def test_a_second_call_does_again_only_what_a_sheet_changes(dump: Path, tmp_path: Path) -> None:
    first = work(dump, tmp_path / "out")
    same = work(dump, tmp_path / "out")
    assert (same.count, same.case.manifest) == (first.count, first.case.manifest)
    book = openpyxl.load_workbook(first.files["register"])
    sheet = book.worksheets[0]
    places = {cell.value: cell.column for cell in sheet[1]}
    sheet.cell(2, places["嫌疑人"]).value = "李某某"
    book.save(first.files["register"])
    again = work(dump, tmp_path / "out")
    assert again.given_back == ("register",)
    assert again.case.manifest == first.case.manifest  # nothing was scanned again
    assert again.count.number == 2
    suspects = {r["scope"] for r in again.count.tables()["ladder"] if r["scope_kind"] == "suspect"}
    assert suspects == {"李某某"}


def test_the_work_folder_is_not_the_evidence_nor_anything_else(dump: Path, tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="lies inside the source"):
        work(dump, dump / "out")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("mine", "utf-8")
    with pytest.raises(CaseError, match="no work folder"):
        work(dump, tmp_path / "other")
    assert [path.name for path in (tmp_path / "other").iterdir()] == ["letter.txt"]


def test_who_gives_no_arguments_is_asked(dump: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["", f"'{dump}'", "", "2026-001", "某某"])
    monkeypatch.setattr("builtins.input", lambda _: next(answers))
    for stream in ("stdin", "stdout"):
        monkeypatch.setattr(f"sys.{stream}.isatty", lambda: True, raising=False)
    assert ask(Wording("zh")) == [
        "run", str(dump), "--case-number", "2026-001", "--operator", "某某",
    ]  # fmt: skip


def test_where_nobody_can_be_asked_nobody_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    assert ask(Wording("zh")) is None

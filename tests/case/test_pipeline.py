"""One command makes everything, and again only what an edited sheet changes."""

import hashlib
import stat
import zipfile
from pathlib import Path

import openpyxl
import pytest

from piiscan import Case, CaseError, count, register_rows, store_register
from piiscan.case.pipeline import FILE_NAMES, PipelineResult, newer_form, run
from piiscan.cli import main
from piiscan.cli.run import ask_arguments
from piiscan.progress import RunState
from piiscan.wording.words import Words
from tests.case.dump import write_dump


def work(source: Path, out: Path) -> PipelineResult:
    return run(source, out, key=out.parent / "test.key")


def edit(form: Path, heading: str, text: str) -> dict[str, str]:
    """Write a cell into the first row of a form; return the row as it was."""
    book = openpyxl.load_workbook(form)
    headings, cells = (list(line) for line in book.worksheets[0].iter_rows(max_row=2))
    row = {head.value: cell.value for head, cell in zip(headings, cells, strict=True)}
    cells[list(row).index(heading)].value = text
    book.save(form)
    return row


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    return write_dump(tmp_path / "dump")


def test_one_call_leaves_sheets_case_and_page(dump: Path, tmp_path: Path) -> None:
    told: list[RunState] = []
    done = run(dump, tmp_path / "out", key=tmp_path / "test.key", progress=told.append)
    stages = ["register", "columns", "exclusions", "read", "tables", "categories", "count", "page"]
    assert list(dict.fromkeys(each.stage for each in told)) == stages
    assert [each.share for each in told] == sorted(each.share for each in told)
    assert {path.name for path in done.folder.iterdir()} == {
        *FILE_NAMES["zh"].values(),
        "drafts.json",
    }
    assert stat.S_IMODE(done.folder.stat().st_mode) == 0o700
    assert done.returned_forms == ()
    assert done.open_proposals == 0
    assert done.case.verify() == []
    assert done.count.number == 1


def test_a_second_call_does_again_only_what_a_sheet_changes(dump: Path, tmp_path: Path) -> None:
    first = work(dump, tmp_path / "out")
    same = work(dump, tmp_path / "out")
    assert (same.count, same.case.manifest) == (first.count, first.case.manifest)
    edit(first.files["register"], "嫌疑人", "李某某")
    assert newer_form(first.case, "register") == first.files["register"]
    again = work(dump, tmp_path / "out")
    assert newer_form(again.case, "register") is None
    assert again.returned_forms == ("register",)
    assert again.case.manifest == first.case.manifest  # nothing was scanned again
    assert again.count.number == 2
    suspects = {r["scope"] for r in again.count.tables()["ladder"] if r["scope_kind"] == "suspect"}
    assert suspects == {"李某某"}
    rows = register_rows(again.case)
    rows["register"][0]["suspect"] = "王某某"
    store_register(again.case, rows)  # as the page does; it is later than the file
    work(dump, tmp_path / "out")
    assert register_rows(again.case)["register"][0]["suspect"] == "王某某"


def test_a_confirmed_category_counts_and_a_wrong_cell_is_named(tmp_path: Path) -> None:
    (tmp_path / "dump").mkdir()
    stays = [f"2024-03-{1 + n % 28:02d} 14:00,1380013{n:04d}" for n in range(30)]
    text = "入住时间,手机号\n" + "\n".join(stays)
    (tmp_path / "dump" / "酒店.csv").write_text(text + "\n", "utf-8")
    first = work(tmp_path / "dump", tmp_path / "out")
    assert first.open_categories == 1
    row = edit(first.files["categories"], "确认", "也许")
    assert (row["类别"], row["确认"]) == ("住宿信息", "待查")
    assert "第（四）项" in row["依据"]
    with pytest.raises(CaseError, match=r"类别确认表\.xlsx.*row 2, 确认: is none of the words"):
        work(tmp_path / "dump", tmp_path / "out")
    edit(first.files["categories"], "确认", "是")
    again = work(tmp_path / "dump", tmp_path / "out")
    assert again.returned_forms == ("categories",)
    assert again.open_categories == 0
    tables = again.count.tables()
    lodging = [
        (row["unit"], row["count"], row["tier"])
        for row in tables["tiers"]
        if (row["scope_kind"], row["category"]) == ("total", "lodging")
        and (row["insider"], row["row_tier"]) == (False, "highest")
    ]
    assert lodging == [(unit, 30, "safety") for unit in ("U1", "U1d", "U2")]
    ladder = [row["count"] for row in tables["ladder"] if row["scope_kind"] == "total"]
    assert ladder[2] == 30  # a phone alone is none, a stay of a phone is
    assert count(again.case).number == again.count.number  # the stored sheet is the default


def test_page_and_workbook_are_kept_in_the_case_and_the_statement_names_them(
    dump: Path, tmp_path: Path
) -> None:
    done = work(dump, tmp_path / "out")
    with zipfile.ZipFile(done.files["statement"]) as statement:
        told = statement.read("word/document.xml").decode()
    for name, kind in (("report.html", "page"), ("report.xlsx", "workbook")):
        content = (done.case.path / name).read_bytes()
        assert content == done.files[kind].read_bytes()
        assert hashlib.sha256(content).hexdigest() in told
    assert {stat.S_IMODE(path.stat().st_mode) for path in done.files.values()} == {0o700, 0o600}


def test_the_command_line_says_what_comes_next(
    dump: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (dump / "张三-手机1").mkdir()
    (dump / "张三-手机1" / "a.csv").write_text("姓名\n张三\n", "utf-8")
    out, key = tmp_path / "out", tmp_path / "test.key"
    chosen = ["--as-of", "2026-01-01", "--policy", "platform-cn-2019"]
    arguments = ["run", str(dump), "-o", str(out), "--key", str(key), *chosen, "--lang", "zh"]
    assert main(arguments, {}) == 1
    told = capsys.readouterr().out
    assert " ".join(chosen) in told
    case = Case.open(out / "案卷")
    counted = case.count()
    assert counted is not None
    assert case.manifest.content["settings"]["as_of"] == "2026-01-01"
    assert "platform-cn-2019" in counted.content["asked"]["rules"]
    assert work(dump, out).open_proposals == 1  # it is asked for as long as nobody confirms it
    assert f"piiscan run {dump} -o {out} --key {key}" in told
    assert "登记表中有 1 行是程序按文件夹、文件名推测的" in told
    assert "有 1 处内容没有读到" in told
    for name in FILE_NAMES["zh"].values():
        assert f"  {name}  " in told


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
    assert ask_arguments(Words("zh")) == [
        "run", str(dump), "--case-number", "2026-001", "--operator", "某某",
    ]  # fmt: skip


def test_where_nobody_can_be_asked_nobody_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    assert ask_arguments(Words("zh")) is None


@pytest.mark.parametrize("content", [None, b"", b"\n", "无".encode()])
def test_material_without_any_record_gives_all_reports(
    tmp_path: Path, content: bytes | None
) -> None:
    seized = tmp_path / "seized"
    seized.mkdir()
    if content is not None:
        (seized / "a.txt").write_bytes(content)
    done = run(seized, tmp_path / "out", key=tmp_path / "key")
    assert all(path.exists() for path in done.files.values())
    assert done.case.verify() == []

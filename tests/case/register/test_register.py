"""From folders to a register, filled in by hand and office programs, to a case that keeps it."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from piiscan import Case, CaseError
from piiscan.case.register import read_register
from piiscan.case.register.register import check_register, draft_register
from piiscan.case.store import audit_log as logs
from piiscan.case.store.attachments import all_attachments
from tests import office
from tests.case.dump import scan_dump, write_dump
from tests.filled_sheets import fill_in, sheet_rows
from tests.often import often


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    folder = write_dump(tmp_path / "dump")
    (folder / "张三-手机1").mkdir()
    (folder / "张三-手机1" / "=cmd 😀 a  b.csv").write_text("姓名\n张三\n", "utf-8")
    return folder


@pytest.fixture
def book(dump: Path, tmp_path: Path) -> Path:
    draft_register([dump], tmp_path / "register.xlsx")
    return tmp_path / "register.xlsx"


def fill(book: Path, dump: Path, rows: dict[str, dict[str, str]]) -> None:
    """Fill in cells by heading; paths are below the dump, "" is the dump itself."""
    cells = {f"{dump}/{name}".rstrip("/"): changes for name, changes in rows.items()}
    known = {row["路径"] for row in sheet_rows(book)}
    added = [{"路径": path, **changes} for path, changes in cells.items() if path not in known]
    fill_in(book, lambda row: cells.get(row["路径"], {}), add=added)


def filled(book: Path, dump: Path) -> Path:
    sale = (dump / "sale.csv").read_bytes()
    bought = {"状态": "已确认", "角色": "购买", "来自": "上家甲", "时间": "2024年3月5日"}
    sums = {
        "MD5": hashlib.md5(sale, usedforsecurity=False).hexdigest().upper(),
        "SHA-256": hashlib.sha256(sale).hexdigest(),
        "SM3": "a" * 64,
    }
    rows = {
        "": {"检材编号": "JC-1", "嫌疑人": "李四"},
        "张三-手机1": bought,
        "sale.csv": {"角色": "出售", "去向": "买家乙", "价格（元）": "1,200.50", **sums},
        "old.zip!内层/13812345678.csv": {"数据层": "恢复"},
    }
    fill(book, dump, rows)
    return book


def told(case: Case, book: Path) -> list[dict[str, Any]]:
    register = read_register(book.read_bytes(), book.name)
    sources = [(each["source"], each["path"]) for each in case.manifest.content["sources"]]
    return list(register.provenance(sources).to_pylist())


def test_a_draft_lists_folders_and_files_and_reads_none(dump: Path, tmp_path: Path) -> None:
    done = draft_register([dump], tmp_path / "r.xlsx")
    assert (done.files, done.folders, done.proposals, done.files_listed) == (7, 2, 1, True)
    again = draft_register([dump], tmp_path / "again.xlsx")
    assert again.path.read_bytes() == (tmp_path / "r.xlsx").read_bytes()
    assert (tmp_path / "r.xlsx").stat().st_mode & 0o777 == 0o600
    with pytest.raises(CaseError, match="never written to"):
        draft_register([dump], dump / "r.xlsx")


def test_of_too_many_files_only_the_folders_are_listed(
    dump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("piiscan.case.register.register.MOST_FILES", 3)
    assert draft_register([dump], tmp_path / "r.xlsx").files_listed is False
    register = read_register((tmp_path / "r.xlsx").read_bytes(), "r.xlsx")
    assert [Path(entry.path).name for entry in register.entries] == ["dump", "张三-手机1"]


def test_a_scan_keeps_the_register_checks_it_and_fills_it_in_for_every_source(
    book: Path, dump: Path, tmp_path: Path
) -> None:
    case = scan_dump([dump], tmp_path / "case", register=filled(book, dump))
    checked = check_register(case)
    assert checked is not None
    assert checked.problems == []
    results = {(c.algorithm, c.result) for c in checked.hashes if c.result != "NOT_GIVEN"}
    assert results == {("md5", "SAME"), ("sha256", "SAME"), ("sm3", "DIFFERENT")}
    assert (case.path / "handed" / "register-0001.xlsx").read_bytes() == book.read_bytes()
    assert case.verify() == []
    event = logs.read_events(case.path / "log.jsonl")[-1]
    assert (event["event"], event["problems"]) == ("register", {})
    assert event["hashes"] == {"DIFFERENT": 1, "NOT_GIVEN": 5, "SAME": 2}
    names = {s["source"]: Path(s["path"]).name for s in case.manifest.content["sources"]}
    rows = {(names[row["source"]], row["member_prefix"]): row for row in told(case, book)}
    assert {row["item"] for row in rows.values()} == {"JC-1"}
    bought = rows["=cmd 😀 a  b.csv", ""]
    found = [bought[name] for name in ("suspect", "device", "role", "party_from")]
    assert found == ["张三", "手机1", "acquired", "上家甲"]
    sold = rows["sale.csv", ""]
    assert (sold["role"], sold["party_to"], str(sold["price"])) == ("sold", "买家乙", "1200.50")
    assert rows["old.zip", ""]["layer"] is None
    assert rows["old.zip", "内层/13812345678.csv"]["layer"] == "deleted"


def test_a_register_may_come_later_change_and_come_again(
    book: Path, dump: Path, tmp_path: Path
) -> None:
    case = scan_dump([dump], tmp_path / "case")
    assert check_register(case) is None
    manifest = case.manifest.sha256
    for _ in range(2):
        case = scan_dump([dump], tmp_path / "case", register=book)
    assert len(all_attachments(case.path)) == 1
    case = scan_dump([dump], tmp_path / "case", register=filled(book, dump))
    names = [each.name for each in all_attachments(case.path)]
    assert names == ["handed/register-0001.xlsx", "handed/register-0002.xlsx"]
    assert case.manifest.sha256 == manifest  # nothing was read again
    assert case.verify() == []


def test_a_register_that_cannot_be_read_stops_before_anything_is_scanned(
    book: Path, dump: Path, tmp_path: Path
) -> None:
    fill(book, dump, {"sale.csv": {"角色": "谁"}})
    with pytest.raises(CaseError, match=r"工作表|sheet 检材登记表, row \d+, 角色"):
        scan_dump([dump], tmp_path / "case", register=book)
    assert not (tmp_path / "case" / "handed").exists()
    assert not (tmp_path / "case" / "manifest.json").exists()


def test_paths_with_personal_data_are_shown_masked(dump: Path, book: Path, tmp_path: Path) -> None:
    fill(book, dump, {"13800138000/名单.csv": {"嫌疑人": "x"}})
    checked = check_register(scan_dump([dump], tmp_path / "case", register=book))
    assert checked is not None
    (lost,) = (each.path for each in checked.problems if each.code == "UNMATCHED")
    assert "138****8000" in checked.display_names[lost]
    assert "13800138000" not in repr(checked)


@pytest.mark.program("LibreOffice Calc")
@pytest.mark.parametrize(
    "formats", often([("xlsx",), ("ods", "xlsx"), ("csv",), ("csv", "xlsx")], [("ods", "xlsx")])
)
def test_a_register_saved_by_libreoffice_means_the_same(
    book: Path, dump: Path, tmp_path: Path, formats: tuple[str, ...]
) -> None:
    filled(book, dump)
    case = scan_dump([dump], tmp_path / "case", register=book)
    before = check_register(case)
    assert before is not None
    saved = office.save_as(book, *formats)
    assert told(case, saved) == told(case, book)
    after = check_register(scan_dump([dump], tmp_path / "case", register=saved))
    assert after is not None
    assert after.register.entries == before.register.entries
    assert (after.problems, after.hashes) == (before.problems, before.hashes)

"""A deletion is checked by checksums and values, and no more is claimed than was compared."""

import csv
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from piiscan import Case, CaseError, check_deletion
from piiscan.case.store.audit_log import broken_link, read_events
from piiscan.cli import main
from tests.case.dump import scan_dump
from tests.case.leak import HEADERS, people, write_csv
from tests.filled_sheets import sheet_rows

PEOPLE = people(12)
Row = dict[str, Any]


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """A case of three sources, one of them an archive."""
    home = tmp_path_factory.mktemp("deleted")
    dump = home / "dump"
    write_csv(dump / "甲" / "a.csv", HEADERS, [person.cells for person in PEOPLE])
    write_csv(dump / "c.csv", HEADERS, [person.cells for person in people(20)[12:]])
    with zipfile.ZipFile(dump / "甲" / "b.zip", "w") as archive:
        archive.write(dump / "c.csv", "内/c.csv")
    (dump / "c.csv").unlink()
    (dump / "乙").mkdir()
    (dump / "乙" / "d.txt").write_text("联系人 13800138000\n微信 wxid_abc123def\n", "utf-8")
    return scan_dump([dump], home / "case", operator="李警官")


@pytest.fixture
def after(case: Case, tmp_path: Path) -> Path:
    """A copy of the dump, to be changed."""
    return Path(shutil.copytree(case.path.parent / "dump", tmp_path / "after"))


def resave(source: Path, target: Path, lines: Callable[[list[Any]], list[Any]] = list) -> None:
    """Save a list as a workbook, its columns turned round and phones written in groups."""
    heading, *rows = csv.reader(source.read_text("utf-8-sig").splitlines())
    book = openpyxl.Workbook()
    for row in [heading, *lines(rows)]:
        cells = [f"{c[:3]}-{c[3:7]}-{c[7:]}" if c.isdecimal() and len(c) == 11 else c for c in row]
        book.active.append(cells[::-1])
    book.save(target)
    source.unlink()


def results(rows: list[Row]) -> dict[str, tuple[Any, ...]]:
    """Return file name -> result, ground, records found and compared."""
    names = ("result", "ground", "found_records", "compared_records")
    return {Path(row["path"]).name: tuple(row[name] for name in names) for row in rows}


def test_what_was_renamed_is_found_by_its_checksum(case: Case, after: Path) -> None:
    (after / "甲" / "a.csv").rename(after / "乙" / "假期.jpg")
    with zipfile.ZipFile(after / "甲" / "b.zip") as archive:
        (after / "乙" / "x.dat").write_bytes(archive.read("内/c.csv"))
    (after / "甲" / "b.zip").unlink()
    done = check_deletion(case, after)
    assert {name: row[:2] for name, row in results(done.rows).items()} == {
        "a.csv": ("PRESENT", "CHECKSUM"),
        "b.zip": ("PRESENT", "CHECKSUM"),
        "d.txt": ("PRESENT", "SAME"),
    }
    assert [Path(row["found_at"][0]).name for row in done.rows] == ["d.txt", "假期.jpg", "x.dat"]
    with zipfile.ZipFile(after / "甲" / "y.zip", "w") as archive:
        archive.write(after / "乙" / "假期.jpg", "深/1.bin")
    (after / "乙" / "假期.jpg").unlink()
    (row,) = (r for r in check_deletion(case, after).rows if r["path"].endswith("a.csv"))
    assert row["found_at"] == [f"{after}/甲/y.zip!深/1.bin"]


def test_what_was_saved_anew_is_found_by_its_values(case: Case, after: Path) -> None:
    resave(after / "甲" / "a.csv", after / "甲" / "新.xlsx", lambda rows: rows[::-1])
    (after / "甲" / "b.zip").unlink()
    text = (after / "乙" / "d.txt").read_text("utf-8").splitlines()
    (after / "乙" / "d.txt").write_text(text[1] + "\n", "utf-8")
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in after.rglob("*.*")}
    done = check_deletion(case, after)
    assert results(done.rows) == {
        "a.csv": ("PRESENT", "VALUES", 12, 12),
        "b.zip": ("DELETED", "NOT_FOUND", 0, 8),
        "d.txt": ("PRESENT", "SOME_VALUES", 0, 1),  # the two lines were one record
    }
    assert done.counts() == {"PRESENT": 2, "DELETED": 1}
    found = [Path(place).name for row in done.rows for place in row["found_at"]]
    assert sorted(found) == ["d.txt", "新.xlsx#Sheet"] or sorted(found) == [
        "d.txt",
        "新.xlsx!#Sheet",
    ]
    assert before == {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in after.rglob("*.*")}


def test_without_the_key_nothing_is_called_deleted_while_other_values_remain(
    case: Case, after: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "none"))
    keyless = Case.open(case.path)
    resave(after / "甲" / "a.csv", after / "甲" / "新.xlsx")
    done = check_deletion(keyless, after)
    assert not done.by_values
    assert results(done.rows)["a.csv"] == ("UNCHECKED", "NO_KEY", None, None)
    (after / "甲" / "新.xlsx").unlink()
    assert results(check_deletion(keyless, after).rows)["a.csv"][:2] == ("DELETED", "NOT_FOUND")
    with pytest.raises(CaseError):
        check_deletion(keyless, after, key=tmp_path / "other.key")


def test_only_what_was_in_the_folder_is_called_deleted(case: Case, after: Path) -> None:
    shutil.rmtree(after / "乙")
    (after / "甲" / "a.csv").unlink()
    told = results(check_deletion(case, after).rows)
    assert {name: row[:2] for name, row in told.items()} == {
        "a.csv": ("DELETED", "NOT_FOUND"),
        "b.zip": ("PRESENT", "SAME"),
        "d.txt": ("UNCHECKED", "OUTSIDE"),
    }
    part = results(check_deletion(case, after / "甲").rows)
    assert part == told
    empty = after / "空"
    empty.mkdir()
    assert {r["result"] for r in check_deletion(case, empty / "..").rows} >= {"DELETED"}
    shutil.rmtree(after)
    after.mkdir()
    assert {row["ground"] for row in check_deletion(case, after).rows} == {"OUTSIDE"}


def test_in_its_place_a_folder_that_is_gone_is_deleted(tmp_path: Path) -> None:
    write_csv(tmp_path / "dump" / "x" / "a.csv", HEADERS, [PEOPLE[0].cells])
    write_csv(tmp_path / "dump" / "y" / "b.csv", HEADERS, [PEOPLE[1].cells])
    case = scan_dump([tmp_path / "dump"], tmp_path / "case")
    shutil.rmtree(tmp_path / "dump" / "x")
    (tmp_path / "link").symlink_to(tmp_path / "dump")
    done = check_deletion(case, tmp_path / "link")
    assert [row["result"] for row in done.rows] == ["DELETED", "PRESENT"]
    shutil.rmtree(tmp_path / "dump")
    (tmp_path / "dump").mkdir()
    # nothing is below the folder any more: its places still are
    assert [row["result"] for row in check_deletion(case, tmp_path / "dump").rows] == [
        "DELETED"
    ] * 2


def test_the_record_is_written_logged_and_says_who_and_when(
    case: Case, after: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (after / "甲" / "a.csv").write_bytes(b"PK\x03\x04 broken")
    (after / "甲" / "b.zip").unlink()
    out, key = tmp_path / "记录.xlsx", case.key
    asked = ("--lang", "zh", "delete-list", case.path, "--check", after, "-o", out, "--key", key)
    assert main(list(map(str, asked))) == 1
    told = capsys.readouterr()
    assert "a.csv" in told.out
    assert "未能读取" in told.err
    rows = sheet_rows(out)
    assert {row["核验结果"] for row in rows} == {"已删除", "仍存在", "未检查"}
    assert {row["核验人"] for row in rows} == {"李警官"}
    assert {row["所核验的文件夹"] for row in rows} == {str(after)}
    unread = rows[-1]
    assert (unread["依据"], unread["未能读取的原因"]) == (
        "所核验文件夹中未能读取的文件",
        "已损坏，无法读取",
    )
    event = read_events(case.path / "log.jsonl")[-1]
    assert (event["event"], event["unread"], event["operator"]) == ("deletion_check", 1, "李警官")
    assert event["results"] == {"DELETED": 1, "PRESENT": 1, "UNCHECKED": 1}
    assert event["sha256"] in told.err
    assert broken_link(case.path / "log.jsonl") is None
    assert list((case.path / "tmp").glob("deletion-*")) == []
    assert case.verify() == []


def test_evidence_is_never_written_to(case: Case, after: Path) -> None:
    for out in (after / "r.csv", case.path / "r.csv", after.parent / "r.pdf"):
        with pytest.raises(CaseError):
            check_deletion(case, after, out=out)
        assert not out.exists()
    with pytest.raises(CaseError):
        check_deletion(case, case.path.parent)


def test_people_in_several_lists_do_not_make_each_a_copy_of_the_other(tmp_path: Path) -> None:
    cells = [person.cells for person in PEOPLE]
    for name, rows in (("总表", cells), ("给乙", cells[:4]), ("另案", [*cells[:2], *cells[10:]])):
        write_csv(tmp_path / "dump" / f"{name}.csv", HEADERS, rows)
    more = people(14)[12:]
    write_csv(tmp_path / "dump" / "他表.csv", HEADERS, [p.cells for p in (*PEOPLE[:2], *more)])
    case = scan_dump([tmp_path / "dump"], tmp_path / "case")
    for path in (tmp_path / "dump").iterdir():
        if path.stem != "总表":
            path.unlink()
    resave(tmp_path / "dump" / "总表.csv", tmp_path / "dump" / "x.xlsx")
    told = results(check_deletion(case, tmp_path / "dump").rows)
    assert told.pop("总表.csv") == ("PRESENT", "VALUES", 12, 12)
    assert {row[0] for row in told.values()} == {"DELETED"}
    write_csv(tmp_path / "dump" / "y.csv", HEADERS, [PEOPLE[0].cells, more[0].cells])
    told = results(check_deletion(case, tmp_path / "dump").rows)
    assert told["他表.csv"] == ("PRESENT", "VALUES", 2, 4)
    assert {told[name][0] for name in ("给乙.csv", "另案.csv")} == {"PRESENT"}  # PEOPLE[0], of y

"""A folder for a disc has the lists of every suspect, and sha256sum checks all of it."""

import datetime
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from piiscan import Case, CaseError, count
from piiscan.case.count.reopen import require_count
from piiscan.case.export.disc import DiscRequest, write_disc
from piiscan.case.store import audit_log
from tests.case.dump import scan_dump
from tests.case.leak import people, write_csv
from tests.filled_sheets import sheet_rows

MOMENT = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
PEOPLE = people(12)
HEADERS = ("姓名", "身份证号", "手机号", "住址", "备注")
SUSPECTS = {"甲": "甲/某:1", "乙": "乙某"}


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    home = tmp_path_factory.mktemp("disc")
    cells = [(*person.cells, f"第{n}次") for n, person in enumerate(PEOPLE)]
    again = [(*person.cells, "改过") for person in PEOPLE[:3]]
    write_csv(home / "dump" / "甲" / "a.csv", HEADERS, [*cells, cells[0], *again])
    write_csv(home / "dump" / "乙" / "b.csv", HEADERS, cells[:5])
    write_csv(home / "dump" / "无" / "c.csv", HEADERS, cells[:2])
    case = scan_dump([home / "dump"], home / "case", case_number="9号")
    lines = [(f"dump/{folder}", name) for folder, name in SUSPECTS.items()]
    write_csv(home / "register.csv", ("路径", "嫌疑人"), lines)
    count(case, register=home / "register.csv")
    return case


@pytest.fixture(scope="module")
def disc(case: Case) -> Path:
    out = case.path.parent / "盘"
    write_disc(case, out, DiscRequest(document="police"), moment=MOMENT)
    return out


def test_each_suspect_has_a_folder_with_a_name_that_any_system_takes(disc: Path) -> None:
    folders = sorted(path.name for path in disc.iterdir() if path.is_dir())
    assert folders == ["01-乙某", "02-甲_某_1", "03-未登记涉案人", "全案"]
    for folder in folders[:3]:
        names = {path.name for path in (disc / folder).iterdir()}
        assert names == {"去重后明细.xlsx", "排除明细.xlsx", "重复对照.xlsx", "校验值表.csv"}


@pytest.mark.program("sha256sum")
def test_sha256sum_checks_every_file_but_label_and_list(disc: Path) -> None:
    command = ["sha256sum", "--strict", "-c", "校验值.sha256"]
    done = subprocess.run(command, cwd=disc, capture_output=True, text=True, check=True)
    checked = {line.removesuffix(": OK") for line in done.stdout.splitlines()}
    all_files = {p.relative_to(disc).as_posix() for p in disc.rglob("*") if p.is_file()}
    assert all_files - checked == {"校验值.sha256", "光盘标签.txt"}
    assert b"\r" not in (disc / "校验值.sha256").read_bytes()


def test_only_the_owner_reads_it_and_nothing_is_left_beside_it(case: Case, disc: Path) -> None:
    for path in (disc, *disc.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)
    assert not [path for path in disc.parent.iterdir() if path.name.startswith(".盘")]
    assert case.verify() == []


def test_the_lists_are_as_long_as_the_counts_of_the_suspect(case: Case, disc: Path) -> None:
    tables = require_count(case).tables()
    for folder, name in (("01-乙某", "乙某"), ("02-甲_某_1", "甲/某:1")):
        ladder = {r["step"]: r["count"] for r in tables["ladder"] if r["scope"] == name}
        assert len(sheet_rows(disc / folder / "去重后明细.xlsx")) == ladder["R5"]
        assert len(sheet_rows(disc / folder / "排除明细.xlsx")) == ladder["R1"] - ladder["R3"]
        assert len(sheet_rows(disc / folder / "重复对照.xlsx")) == ladder["R3"] - ladder["R5"]


def test_a_pair_shows_both_rows_and_the_columns_left_out(disc: Path) -> None:
    pairs = sheet_rows(disc / "02-甲_某_1" / "重复对照.xlsx")
    equal, *other = pairs
    assert "逐字重复" in equal["重复的种类"]
    assert equal["未比对的栏目"] is None
    assert len(other) == 3
    for pair in other:
        assert "信息重复" in pair["重复的种类"]
        assert pair["未比对的栏目"] == "备注"
        assert pair["保留行的信息"] == pair["减去行的信息"]
        assert pair["保留的一行"] != pair["减去的一行"]


def test_values_are_masked_and_clear_ones_are_asked_for(case: Case, disc: Path) -> None:
    (first, *_) = sheet_rows(disc / "02-甲_某_1" / "去重后明细.xlsx")
    assert "*" in first["手机号码"]
    out = case.path.parent / "clear"
    write_disc(case, out, DiscRequest(clear=True), moment=MOMENT)
    (first, *_) = sheet_rows(out / "02-甲_某_1" / "去重后明细.xlsx")
    assert first["手机号码"] == PEOPLE[0].phone
    assert "原值" in (out / "光盘标签.txt").read_text("utf-8")


def test_the_label_names_list_size_and_disc(case: Case, disc: Path) -> None:
    label = (disc / "光盘标签.txt").read_text("utf-8")
    events = audit_log.read_events(case.path / "log.jsonl")
    logged = next(each for each in events if each.get("event") == "disc")
    assert logged["sha256"] in label
    assert "适用光盘：CD" in label
    assert "制作时间：2026-01-02 11:04:05（UTC+8）" in label


def test_a_folder_that_is_there_and_evidence_are_not_touched(case: Case, disc: Path) -> None:
    with pytest.raises(CaseError, match="exists"):
        write_disc(case, disc, DiscRequest(), moment=MOMENT)
    dump = case.path.parent / "dump"
    for place in (dump / "盘", dump / "甲" / "深" / "盘", case.path / "盘"):
        with pytest.raises(CaseError):
            write_disc(case, place, DiscRequest(), moment=MOMENT)
        assert not place.exists()


def test_an_interrupted_disc_leaves_nothing(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("piiscan.case.export.disc.build_workbook", fail)
    before = sorted(case.path.parent.iterdir())
    with pytest.raises(CaseError, match="No space left"):
        write_disc(case, case.path.parent / "broken", DiscRequest(), moment=MOMENT)
    assert sorted(case.path.parent.iterdir()) == before

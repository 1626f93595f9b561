"""A count goes out in sheets and comes back verified, beside what was counted."""

import hashlib
import json
import shutil
import stat
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

import piiscan
from piiscan import Case, CaseError
from piiscan.case.register import import_register
from piiscan.case.register.entry import register_form
from piiscan.case.report.case_data import load_case_data
from piiscan.case.report.first_page import sample_sentences
from piiscan.case.sampling.basis import count_singly
from piiscan.case.sampling.issue import IssuedSample
from piiscan.case.sampling.results import ImportedResults
from piiscan.case.sampling.sampling_frame import FRAMES
from piiscan.case.store import audit_log
from piiscan.case.store.attachments import all_attachments
from piiscan.case.store.audit_log import AuditLog
from piiscan.forms.writer import SheetRow, write_sheet
from tests.case.integrity.made_case import rehash
from tests.case.scanned import scan_files
from tests.filled_sheets import fill_in, sheet_rows

PROFILE = """\
format = 1
title = "轨迹"
[[part]]
path = "*b.csv"
kinds = ["track"]
reason = "定位平台导出"
author = "甲"
"""


def phone(number: int) -> str:
    return f"1990000{number + 1200:04d}"


NAMES = ("张小明", "王建国", "李丽华", "赵志强", "刘秀英")


def table(header: str, rows: Iterable[str]) -> str:
    return "\n".join([header, *rows, ""])


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("sampled")
    rows = [f"{NAMES[n % 5]},{phone(n)}" for n in range(130)]
    files = {"a.csv": rows[:60] + rows[:5], "b.csv": rows[100:]}
    case = scan_files(home, {name: table("姓名,手机号", rows) for name, rows in files.items()})
    piiscan.count(case)
    (home / "profile.toml").write_text(PROFILE, "utf-8")
    return home


@pytest.fixture
def home(counted: Path, tmp_path: Path) -> Path:
    """A copy of the case, to be written to."""
    shutil.copytree(counted / "case", tmp_path / "case")
    shutil.copy(counted / "profile.toml", tmp_path / "profile.toml")
    return tmp_path


def drawn(home: Path, name: str = "s.xlsx", **asked: Any) -> IssuedSample:
    return piiscan.sample(home / "case", home / name, **{"size": 20, **asked})


def take(home: Path, *sheets: Path) -> ImportedResults:
    return piiscan.import_sample(home / "case", list(sheets))


def fill(path: Path, result: Callable[[Mapping[str, Any]], str | None]) -> Path:
    """A copy of the sheet with results."""
    by = dict.fromkeys(("核实方式", "核实人", "核实时间"), "某")
    out = path.with_name(f"filled-{path.name}")
    return fill_in(path, lambda row: {"核实结果": result(row), **by}, out=out)


def change_count(home: Path, **asked: str) -> None:
    """Change what the count was asked for."""
    path = home / "case" / "counts-0001" / "count.json"
    content = json.loads(path.read_bytes())
    content["asked"] |= asked
    path.write_text(json.dumps(content), "utf-8")
    rehash(home / "case")


def test_a_sheet_holds_masked_values_places_and_nothing_filled_in(home: Path) -> None:
    issued = drawn(home)
    rows = sheet_rows(home / "s.xlsx")
    assert len(rows) == 20
    assert [row["编号"] for row in rows] == [str(n) for n in range(1, 21)]
    clear = {phone(n) for n in range(130)}
    for row in rows:
        assert "199****" in row["信息内容"]
        assert not any(value in str(row) for value in clear)
        assert row["核实结果"] is row["核实方式"] is row["核实人"] is row["核实时间"] is None
    strata = [(each.size, each.drawn) for each in issued.sample.strata]
    assert strata == [(60, 13), (30, 7)]
    assert sum("a.csv" in row["文件"] for row in rows) == 13


def test_a_sheet_can_have_values_as_they_are_of_the_same_records(home: Path, counted: Path) -> None:
    drawn(home)
    drawn(home, "clear.xlsx", clear=True, key=counted / "test.key")
    masked, clear = sheet_rows(home / "s.xlsx"), sheet_rows(home / "clear.xlsx")
    values = {phone(n) for n in range(130)}
    for one, other in zip(masked, clear, strict=True):
        told = dict(part.split(" ") for part in other.pop("信息内容").split("；"))
        assert told["手机号码"] in values
        assert told["手机号码"][-4:] in one.pop("信息内容")
        assert one == other
    assert stat.S_IMODE((home / "clear.xlsx").stat().st_mode) == 0o600
    assert list((home / "case" / "tmp").iterdir()) == []
    kept = b"".join(each.read_bytes() for each in (home / "case").glob("samples-*/*"))
    assert not any(value.encode() in kept for value in values)
    entry = audit_log.read_events(home / "case" / "log.jsonl")[-1]
    assert (entry["event"], entry["clear"]) == ("sample", True)
    taken = take(home, fill(home / "clear.xlsx", lambda _: "实"))
    assert taken.results == 20


def test_values_are_never_told_of_a_source_that_changed_nor_with_another_key(
    tmp_path: Path,
) -> None:
    case = scan_files(tmp_path, {"a.csv": "微信号,密码\nwxid_abcdefghij0012,hunter2hunter\n"})
    piiscan.count(case)
    key = tmp_path / "test.key"
    drawn(tmp_path, "a.xlsx", size=None, clear=True, key=key)
    (row,) = sheet_rows(tmp_path / "a.xlsx")
    assert "wxid_abcdefghij0012" in row["信息内容"]
    assert "hunter2" not in row["信息内容"]
    other = tmp_path / "other.key"
    other.write_bytes(b"x" * 32)
    with pytest.raises(CaseError, match="key"):
        drawn(tmp_path, "b.xlsx", clear=True, key=other)
    with (tmp_path / "dump/a.csv").open("a") as file:
        file.write("\n")
    with pytest.raises(CaseError, match="is not what was scanned"):
        drawn(tmp_path, "b.xlsx", clear=True, key=key)
    assert not (tmp_path / "b.xlsx").exists()
    assert list((tmp_path / "case" / "tmp").iterdir()) == []


def test_those_drawn_can_be_drawn_again_by_anybody(home: Path) -> None:
    drawn(home, seed="2026")
    rows = [row for row in sheet_rows(home / "s.xlsx") if "a.csv" in row["文件"]]
    picked = [row["行"] for row in rows]
    (source,) = {row["检材序号"] for row in rows}
    places = {
        hashlib.sha256(f"2026|{source}||{row}|0".encode()).hexdigest(): row for row in range(2, 62)
    }
    assert picked == [places[key] for key in sorted(places)][:13]


def test_seed_and_algorithm_are_kept_and_the_count_gives_the_seed(home: Path) -> None:
    first, again = drawn(home), drawn(home, "t.xlsx")
    content = first.sample.content
    assert content["seed"] == content["count_sha256"]
    assert content["algorithm"] == "SHA-256(SEED|SOURCE|MEMBER|ROW|GROUP)"
    assert (home / "s.xlsx").read_bytes() == (home / "t.xlsx").read_bytes()
    assert content["token"] == again.sample.content["token"]
    assert content["sheets"] == [hashlib.sha256((home / "s.xlsx").read_bytes()).hexdigest()]


def test_results_stand_beside_the_count_and_nothing_is_deleted(home: Path) -> None:
    drawn(home)
    before = {path: path.read_bytes() for path in (home / "case").glob("counts-*/*")}
    sheet = fill(home / "s.xlsx", lambda row: "虚" if row["编号"] == "1" else "实")
    taken = take(home, sheet)
    total = taken.tables["sample_rates"][-1]
    assert (total["real"], total["untrue"], total["blank"]) == (19, 1, 0)
    assert (total["rate"], total["lower"]) == ("95.00", "78.39")
    counts = {"stratum": None, "before": 90, "struck": 1, "after": 89}
    assert taken.tables["sample_counts"][-1] == counts
    assert {path: path.read_bytes() for path in (home / "case").glob("counts-*/*")} == before
    (kept,) = all_attachments(home / "case")
    assert kept.sha256 == hashlib.sha256(sheet.read_bytes()).hexdigest()
    assert Case.open(home / "case").verify() == []


def test_results_may_come_in_parts_and_be_corrected(home: Path) -> None:
    drawn(home)
    first = take(home, fill(home / "s.xlsx", lambda row: "实" if int(row["编号"]) < 6 else None))
    assert (first.results, first.changed) == (5, 0)
    assert first.tables["sample_rates"][-1]["blank"] == 15
    second = take(home, fill(home / "s.xlsx", lambda row: "错" if row["编号"] in "56" else None))
    assert (second.results, second.changed) == (6, 1)
    assert second.folder.name == "results-0002"
    assert (first.folder / "found.parquet").is_file()
    again = take(home, home / "filled-s.xlsx")
    assert (again.folder, again.changed) == (second.folder, 0)


def test_what_must_be_looked_at_one_by_one_is_never_sampled(home: Path) -> None:
    issued = drawn(home, profile=home / "profile.toml")
    assert all("a.csv" in row["文件"] for row in sheet_rows(home / "s.xlsx"))
    assert issued.others == 30
    every = drawn(home, "e.xlsx", profile=home / "profile.toml", size=None, singly=True)
    assert every.others == 60
    rows = sheet_rows(home / "e.xlsx")
    assert len(rows) == 30
    assert all("b.csv" in row["文件"] for row in rows)
    taken = take(home, fill(home / "e.xlsx", lambda row: "实"))
    total = taken.tables["sample_rates"][-1]
    assert (total["rate"], total["lower"], total["two_sided_lower"]) == ("100.00", None, None)
    assert [row["before"] for row in taken.tables["sample_counts"]] == [30, 60, 90]
    piiscan.count(home / "case", profile=home / "profile.toml")
    case = Case.open(home / "case")
    found = piiscan.findings_page(case, size=1000).rows  # a batch of them may not be judged
    assert count_singly(case, found) == sum(row["path"].endswith("b.csv") for row in found) > 0


def test_where_nothing_may_be_sampled_the_other_way_is_told(home: Path) -> None:
    profile = home / "profile.toml"
    profile.write_text(PROFILE.replace("*b.csv", "*"), "utf-8")
    with pytest.raises(CaseError, match="all 90 records stand at lines of tier-cn-2017") as caught:
        drawn(home, profile=profile)
    assert "--each" in caught.value.text("zh")
    assert "逐一核实" in caught.value.text("zh")
    assert not (home / "s.xlsx").exists()


@pytest.mark.parametrize("page", [1, 9, 20_000])
def test_every_record_of_a_step_may_be_split_over_sheets(
    home: Path, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr("piiscan.case.sampling.sampling_frame._PAGE", page)
    monkeypatch.setattr("piiscan.case.sampling.record_texts._BATCH", max(1, page // 2))
    issued = drawn(home, size=None, step="R3", rows=40)
    assert [path.name for path in issued.sheets] == ["s.xlsx", "s-002.xlsx", "s-003.xlsx"]
    found = [sheet_rows(path) for path in issued.sheets]
    assert [len(rows) for rows in found] == [40, 40, 15]
    assert all("199****" in row["信息内容"] for rows in found for row in rows)
    numbers = [int(row["编号"]) for rows in found for row in rows]
    assert numbers == list(range(1, 96))
    sheets = [fill(path, lambda row: "实") for path in issued.sheets]
    assert take(home, *sheets).results == 95


def test_a_sheet_of_something_else_is_refused(home: Path) -> None:
    drawn(home)
    other = drawn(home, "o.xlsx", seed="7")
    taken = take(home, fill(home / "o.xlsx", lambda row: "实"))
    assert taken.sample.number == other.sample.number == 2
    with pytest.raises(CaseError, match="no sheet of piiscan sample of this case"):
        take(home, home / "s.xlsx", home / "o.xlsx")


def test_a_count_of_an_older_scan_is_not_sampled(tmp_path: Path) -> None:
    row = f"姓名,手机号\n张小明,{phone(1)}\n"
    piiscan.count(scan_files(tmp_path, {"a.csv": row}))
    scan_files(tmp_path, {"b.csv": row})
    with pytest.raises(CaseError) as refused:
        drawn(tmp_path)
    assert refused.value.code == "count.none"
    assert not (tmp_path / "s.xlsx").exists()


def test_nothing_is_overwritten_and_nothing_written_beside_evidence(home: Path) -> None:
    drawn(home)
    with pytest.raises(CaseError, match="is there already"):
        drawn(home)
    case = Case.open(home / "case")
    with pytest.raises(CaseError, match="lies inside a source"):
        piiscan.sample(case, Path(case.manifest.content["sources"][0]["path"]))


def test_without_a_count_there_is_nothing_to_draw_from(home: Path) -> None:
    case = scan_files(home / "uncounted", {"a.csv": f"姓名,手机号\n张小明,{phone(1)}\n"})
    with pytest.raises(CaseError, match="has no count yet"):
        piiscan.sample(case, home / "s.xlsx")


def test_the_log_knows_every_file_and_verify_sees_a_change(home: Path) -> None:
    drawn(home)
    events = audit_log.read_events(home / "case" / "log.jsonl")
    files = [event["file"] for event in events if event["event"] == "sample"]
    assert files == ["samples-0001/drawn.parquet", "samples-0001/sample.json"]
    path = home / "case" / "samples-0001" / "sample.json"
    path.write_bytes(path.read_bytes() + b" ")
    assert [(d.reason, d.name) for d in Case.open(home / "case").verify()] == [
        ("FILE_CHANGED", "samples-0001/sample.json")
    ]


def test_a_sample_stands_on_what_its_count_stood_on(home: Path) -> None:
    """A count that was told what the material is wants the same told again."""
    change_count(home, profile=hashlib.sha256(PROFILE.encode()).hexdigest())
    with pytest.raises(CaseError, match="the count was made with a profile"):
        drawn(home)
    assert drawn(home, profile=home / "profile.toml").others == 30
    change_count(home, register="0" * 64)
    with pytest.raises(CaseError, match="the register of the count is not in the case"):
        drawn(home, "t.xlsx", profile=home / "profile.toml")


def test_what_a_count_was_weighed_by_is_kept_and_need_not_be_given_again(
    tmp_path: Path, home: Path
) -> None:
    own = tmp_path / "own.toml"
    shipped = resources.files("piiscan") / "data" / "policies" / "tier-cn-2017.toml"
    own.write_text(shipped.read_text("utf-8").replace("tier-cn-2017", "tier-own"), "utf-8")
    piiscan.count(home / "case", profile=home / "profile.toml", policies=[str(own)])
    kept = {each.kind: home / "case" / each.name for each in all_attachments(home / "case")}
    assert kept["profile"].read_text("utf-8") == PROFILE
    assert kept["policy"].read_bytes() == own.read_bytes()
    assert drawn(home).others == 30
    kept["profile"].write_text("", "utf-8")
    told = [(d.reason, d.name) for d in Case.open(home / "case").verify()]
    assert told == [("FILE_CHANGED", kept["profile"].relative_to(home / "case").as_posix())]


def test_strata_are_those_of_the_register_that_the_count_had(home: Path) -> None:
    case = Case.open(home / "case")
    paths = [each["path"] for each in case.manifest.content["sources"]]
    lines = [
        SheetRow({"path": path, "suspect": suspect, "item": f"J{n}"})
        for n, (path, suspect) in enumerate(zip(paths, ("甲", "乙"), strict=True))
    ]
    sheet = home / "register.xlsx"
    write_sheet(sheet, register_form(), lines, language="zh")
    with closing(AuditLog(home / "case" / "log.jsonl")) as written:
        register = import_register(home / "case", sheet, log=written)
    change_count(home, register=register.sha256)
    issued = drawn(home, by="suspect")
    assert sorted((e.name, e.size) for e in issued.sample.strata) == [("乙", 30), ("甲", 60)]
    assert {row["嫌疑人"] for row in sheet_rows(home / "s.xlsx")} == {"甲", "乙"}


def test_every_frame_has_a_sheet_and_its_misses_stand_in_the_statement(tmp_path: Path) -> None:
    rows = [f"张小明,{phone(n)},备注{n}" for n in range(30)]
    rows += [rows[0], rows[1]] + ["张小明,199****1200,"] * 4 + ["一,二,三"] * 20
    case = scan_files(tmp_path, {"a.csv": table("姓名,手机号,备注", rows)})
    piiscan.count(case)
    sheets = {}
    for frame in FRAMES:
        issued = drawn(tmp_path, f"{frame}.xlsx", frame=frame, size=10, key=tmp_path / "test.key")
        assert issued.sample.frame == frame
        sheets[frame] = sheet_rows(tmp_path / f"{frame}.xlsx")
    assert {row["待核实的判定"] for row in sheets["counted"]} == {"计入"}
    first, second = sheets["duplicates"]
    assert {first["行"], second["行"]} == {32, 33}
    assert "a.csv 第 2 行重复：姓名 张**" in first["待核实的判定"] + second["待核实的判定"]
    assert {row["待核实的判定"] for row in sheets["excluded"]} == {"未计入：已脱敏"}
    assert {row["信息内容"] for row in sheets["unfound"]} == {"字 | 字 | 字"}
    assert {row["待核实的判定"] for row in sheets["unfound"]} == {"无命中"}
    assert all(38 <= int(row["行"]) <= 57 for row in sheets["unfound"])
    clear = drawn(
        tmp_path, "c.xlsx", frame="unfound", size=10, clear=True, key=tmp_path / "test.key"
    )
    assert {row["信息内容"] for row in sheet_rows(clear.sheets[0])} == {"一 | 二 | 三"}
    for frame in ("counted", "unfound"):
        path = tmp_path / f"{frame}.xlsx"
        take(tmp_path, fill(path, lambda row: "实" if row["编号"] != "1" else "有遗漏"))
    data = load_case_data(case)
    found = {row["frame"]: row for row in data.tables["sample_rates"] if row["stratum"] is None}
    # one of 10 of 20: with 6 wrong P(X <= 1) is 0.07, with 7 it is 0.03
    assert (found["unfound"]["miss_rate"], found["unfound"]["miss_most"]) == ("10.00", 6)
    assert [row["stratum"] for row in data.tables["sample_counts"]] == ["1", None]
    told = "".join(sample_sentences(data, data.words("zh")))
    assert "无命中的行（合计，共 20 条）核实 10 条，有误 1 条，有误比例 10.00%" in told
    assert "95% 置信上限 30.00%（有限总体），即至多 6 条" in told


def ladder(case: Path, step: str) -> int:
    made = Case.open(case).count()
    assert made is not None
    rows = made.tables()["ladder"]
    (found,) = (row["count"] for row in rows if (row["scope"], row["step"]) == ("total", step))
    return int(found)


@pytest.mark.parametrize("step", ["R2", "R3", "R4", "R5"])
def test_what_is_looked_at_is_what_the_ladder_counted(home: Path, step: str) -> None:
    """Also without what is excluded, and of a period only."""
    (home / "exclude.csv").write_text("类型,内容,理由,提出人\n路径,*b.csv,报案人提供,甲\n", "utf-8")
    whole = drawn(home, size=None, step=step)
    assert sum(each.size for each in whole.sample.strata) == ladder(home / "case", step)
    piiscan.count(home / "case", exclude=home / "exclude.csv")
    rest = drawn(home, "t.xlsx", size=None, step=step)
    assert sum(each.size for each in rest.sample.strata) == ladder(home / "case", step)
    assert rest.sample.strata[0].size == whole.sample.strata[0].size
    assert len(rest.sample.strata) == 1


def test_of_a_period_only_its_records_are_looked_at(tmp_path: Path) -> None:
    rows = [f"wxid_a{n:02d}b2c3d4e5f6,2024-0{1 + n // 10}-15" for n in range(20)]
    case = scan_files(tmp_path, {"a.csv": table("微信号,获取时间", rows)})
    piiscan.count(case, since=date(2024, 2, 1))
    issued = drawn(tmp_path)
    assert sum(each.size for each in issued.sample.strata) == 10 == ladder(tmp_path / "case", "R5")
    assert issued.disputed == 10  # accounts: another reading weighs them at a lower line
    assert sorted(row["行"] for row in sheet_rows(tmp_path / "s.xlsx")) == list(range(12, 22))

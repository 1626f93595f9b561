"""A scan reads what the options name, lists what they leave out, and keeps to them."""

import zipfile
from pathlib import Path

import pytest

from piiscan import Case, CaseError
from piiscan.case.columns.source_survey import estimate, survey_sources
from piiscan.case.validation.replay import draw_sources, rerun_rows
from tests.case.dump import scan_dump
from tests.case.scanned import query_rows, write_files

ROW = "姓名,手机号\n张三,{}\n"


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    files = {"a.csv": ROW.format("13800138000"), "a.log": "电话 13900139000\n", "p.pdf": "%PDF-1.4"}
    folder = write_files(tmp_path / "dump", files)
    with zipfile.ZipFile(folder / "b.zip", "w") as archive:
        archive.writestr("c.csv", ROW.format("13700137000"))
        archive.writestr("c.log", "电话 13600136000\n")
    return folder


def found(case: Case) -> list[str]:
    query = "select masked from findings where entity = 'CN_MOBILE' order by masked"
    return [masked for (masked,) in query_rows(case, query)]


def left_out(case: Case) -> set[tuple[str, str]]:
    return {
        (Path(row["path"]).name, row["member"] or "")
        for row in case.tables()["unread"]
        if row["reason"] == "SKIPPED" and not row["lost"]
    }


def test_only_and_skip(dump: Path, tmp_path: Path) -> None:
    case = scan_dump(dump, tmp_path / "one", only=["*.csv"])
    assert found(case) == ["137****7000", "138****8000"]
    assert left_out(case) == {("a.log", ""), ("b.zip", "c.log"), ("p.pdf", "")}
    assert case.manifest.content["counters"]["unread"] == 0
    other = scan_dump(dump, tmp_path / "two", skip=["zip", "*.pdf"])
    assert found(other) == ["138****8000", "139****9000"]
    assert left_out(other) == {("b.zip", ""), ("p.pdf", "")}
    with pytest.raises(CaseError) as told:
        scan_dump(dump, tmp_path / "two", skip=["zip"])
    assert told.value.code == "case.other_options"


def test_a_second_scan_leaves_the_same_out(dump: Path, tmp_path: Path) -> None:
    case = scan_dump(dump, tmp_path / "case", only=["*.csv"])
    drawn = draw_sources(case, 4, 1)
    rows = rerun_rows(case, drawn, tmp_path / "again", evidence=None)
    assert {row["outcome"] for row in rows} == {"same"}


def test_the_survey_lists_what_a_scan_would_read(dump: Path) -> None:
    parts = list(survey_sources([dump], skip=["*.log"]))
    told = {(Path(each.path).name, each.member): each.kind or each.reason for each in parts}
    assert told == {
        ("a.csv", ""): "delimited",
        ("a.log", ""): "SKIPPED",
        ("b.zip", "c.csv"): "delimited",
        ("b.zip", "c.log"): "SKIPPED",
        ("p.pdf", ""): "CORRUPT",
    }
    assert [each.lost for each in parts] == [False, False, False, False, True]
    assert estimate(parts, 1)[0] < estimate([*parts, *survey_sources([dump])], 1)[0]

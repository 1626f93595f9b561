"""Several cases of one key on the command line."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from tests.case.leak import HEADERS, people, write_csv


@pytest.fixture
def cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Any) -> None:
    monkeypatch.chdir(tmp_path)
    listed = people(8)
    for name, some in (("one", listed[:5]), ("two", listed[3:])):
        write_csv(tmp_path / name / "a.csv", HEADERS, [p.cells for p in some])
        told = ("--case", f"c-{name}", "--key", "key", "--case-number", f"={name}")
        assert call("scan", name, *told).code == 0
        assert call("count", f"c-{name}").code == 0


def test_what_two_cases_share_is_printed_and_written(cases: None, call: Any) -> None:
    called = call("overlap", "c-one", "c-two", "-o", "told")
    assert (called.code, called.lacks("甲案", "线索")) == (0, [])
    text = Path("told/cross_matrix.csv").read_text("utf-8-sig")
    pair, files = csv.DictReader(io.StringIO(text))
    assert (pair["统计范围"], pair["共有"], pair["合并去重"]) == ("案件", "2", "8")
    assert pair["甲案"] == "'=one"
    assert files["甲"].endswith("a.csv")
    told = json.loads(Path("told/cross_matrix.json").read_text("utf-8"))
    assert told["rows"][0]["common_of_one"] == "0.4000"
    book = CalamineWorkbook.from_path("told/cross_matrix.xlsx")
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[3][1] == "=one"
    assert call("overlap", "c-one", "c-two", "--format", "json").json[0]["common"] == 2
    assert "in either" in call("overlap", "c-one", "c-two", "--lang", "en").out


def test_tables_are_written_into_no_source_and_no_file_of_a_case(cases: None, call: Any) -> None:
    for place in ("one", "c-one/findings", "c-two/reports"):
        called = call("overlap", "c-one", "c-two", "-o", place)
        assert called.code == 2
        assert not Path(place, "cross_matrix.csv").exists()
    assert call("overlap", "c-one", "c-two", "-o", "c-one/reports").code == 0
    assert call("verify", "c-one").code == 0

"""What must be deleted where, by register and source."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from piiscan.case.store.audit_log import broken_link, read_events


@pytest.fixture
def case(tmp_path: Path, call: Any) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.csv").write_text("姓名,手机号\n张三,13800138000\n李四,13800138000\n", "utf-8")
    (folder / "13900139000.txt").write_text("电话13900139000，张*，138****8000\n", "utf-8")
    (folder / "c.txt").write_text("无\n", "utf-8")
    register = tmp_path / "register.csv"
    register.write_text(f"路径,检材编号,嫌疑人,状态\n{folder}/a.csv,J1,甲,已确认\n", "utf-8")
    where = tmp_path / "case"
    called = call(
        "scan", folder, "--case", where, "--key", tmp_path / "key", "--register", register
    )
    assert called.code in (0, 3), called.err
    return where


def test_every_place_is_listed_with_its_kinds_and_checksum(case: Path, call: Any) -> None:
    rows = json.loads(call("delete-list", case, "--format", "json").out)["rows"]
    told = {Path(row["path"]).name: row for row in rows}
    assert sorted(told) == ["139****9000.txt", "a.csv"]
    assert told["a.csv"]["kinds"] == {"CN_MOBILE": 2, "PERSON": 2}
    assert (told["a.csv"]["hits"], told["a.csv"]["distinct"]) == (4, 3)
    assert told["139****9000.txt"]["kinds"]["CN_MOBILE"] == 1
    assert all(len(row["sha256"]) == len(row["sm3"]) == 64 for row in rows)
    assert told["a.csv"]["suspect"] == "甲"
    assert told["a.csv"]["item"] == "J1"


def test_the_list_comes_in_words_and_is_logged(case: Path, call: Any) -> None:
    called = call("delete-list", case)
    assert "手机号码 2；姓名 2" in called.out
    rows = list(csv.reader(io.StringIO(call("delete-list", case, "--format", "csv").out)))
    assert rows[0][1:4] == ["嫌疑人", "设备", "检材编号"]
    path = case.parent / "list.xlsx"
    assert call("delete-list", case, "-o", path).code == 0
    assert openpyxl.load_workbook(path).active["B1"].value == "嫌疑人"
    events = [event for event in read_events(case / "log.jsonl") if event["event"] == "delete_list"]
    assert [event["places"] for event in events] == [2, 2, 2]
    assert broken_link(case / "log.jsonl") is None

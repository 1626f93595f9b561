"""Property lists are read like JSON, and the data in them by its own format."""

from __future__ import annotations

import plistlib
from pathlib import Path
from typing import Any

import pytest

from piiscan.sources.limits import Budget
from tests.sources.people import PEOPLE, RECORDS, count_whole
from tests.sources.tables import cells_of, read_all, reasons

FORMATS: Any = [plistlib.FMT_XML, plistlib.FMT_BINARY]


@pytest.mark.parametrize("form", FORMATS)
def test_each_person_is_a_record(tmp_path: Path, form: Any) -> None:
    path = tmp_path / "a.dat"
    path.write_bytes(plistlib.dumps(RECORDS, fmt=form))
    assert count_whole(path) == len(PEOPLE)


@pytest.mark.parametrize("form", FORMATS)
def test_data_inside_is_read_by_its_own_format(tmp_path: Path, form: Any) -> None:
    path = tmp_path / "a.plist"
    inner = plistlib.dumps({"a": "13800138000"}, fmt=plistlib.FMT_BINARY)
    path.write_bytes(plistlib.dumps({"x": inner, "y": 7}, fmt=form))
    found = {t.member: cells_of(blocks) for t, blocks in read_all(path)[0]}
    assert found["data 1!plist"] == [["13800138000"]]
    assert found["plist"][0][1] == "7"


def test_comments_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.plist"
    text = plistlib.dumps({"a": "b"}).replace(b"<dict>", b"<!-- 13800138000 --><dict>")
    path.write_bytes(text)
    assert "13800138000" in str([cells_of(blocks) for _, blocks in read_all(path)[0]])


def test_what_unpacks_to_more_than_the_budget_is_listed(tmp_path: Path) -> None:
    path = tmp_path / "a.plist"
    value: Any = ["x" * 1000]
    for _ in range(20):
        value = [value, value]
    path.write_bytes(plistlib.dumps(value, fmt=plistlib.FMT_BINARY))
    assert reasons(read_all(path, budget=Budget(json=100_000))[1]) == ["JSON_TOO_LARGE"]


def test_broken_ones_are_listed_or_read_as_xml(tmp_path: Path) -> None:
    path = tmp_path / "a.plist"
    path.write_bytes(b"bplist00" + b"\xff" * 50)
    assert reasons(read_all(path)[1]) == ["CORRUPT"]
    path.write_bytes(b"<plist><dict><string>13800138000</string>")
    assert "13800138000" in str([cells_of(blocks) for _, blocks in read_all(path)[0]])


def test_values_that_nothing_refers_to_are_listed(tmp_path: Path) -> None:
    path = tmp_path / "a.plist"
    data = bytearray(plistlib.dumps(RECORDS, fmt=plistlib.FMT_BINARY))
    assert data[8] == 0xA5  # the root has five records
    path.write_bytes(bytes(data))
    assert reasons(read_all(path)[1]) == []
    data[8] = 0xA4
    path.write_bytes(bytes(data))
    assert reasons(read_all(path)[1]) == ["CORRUPT"]

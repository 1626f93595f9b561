"""Property lists are read like JSON, and the data in them by its own format."""

import plistlib
from typing import Any

import pytest

from piiscan.sources.limits import Budget
from tests.sources.people import PEOPLE, RECORDS, count_whole
from tests.sources.tables import read_members, read_reasons, read_text

FORMATS: Any = [plistlib.FMT_XML, plistlib.FMT_BINARY]


@pytest.mark.parametrize("form", FORMATS)
def test_each_person_is_a_record(form: Any) -> None:
    assert count_whole(plistlib.dumps(RECORDS, fmt=form)) == len(PEOPLE)


@pytest.mark.parametrize("form", FORMATS)
def test_data_inside_is_read_by_its_own_format(form: Any) -> None:
    inner = plistlib.dumps({"a": "13800138000"}, fmt=plistlib.FMT_BINARY)
    found, _ = read_members(plistlib.dumps({"x": inner, "y": 7}, fmt=form))
    assert found["data 1!plist"] == [["13800138000"]]
    assert found["plist"][0][1] == "7"


def test_comments_are_read() -> None:
    text = plistlib.dumps({"a": "b"}).replace(b"<dict>", b"<!-- 13800138000 --><dict>")
    assert "13800138000" in read_text(text)


def test_what_unpacks_to_more_than_the_budget_is_listed() -> None:
    value: Any = ["x" * 1000]
    for _ in range(20):
        value = [value, value]
    data = plistlib.dumps(value, fmt=plistlib.FMT_BINARY)
    assert read_reasons(data, budget=Budget(json=100_000)) == ["JSON_TOO_LARGE"]


def test_broken_ones_are_listed_or_read_as_xml() -> None:
    assert read_reasons(b"bplist00" + b"\xff" * 50) == ["CORRUPT"]
    assert "13800138000" in read_text("<plist><dict><string>13800138000</string>")


def test_values_that_nothing_refers_to_are_listed() -> None:
    data = bytearray(plistlib.dumps(RECORDS, fmt=plistlib.FMT_BINARY))
    assert data[8] == 0xA5  # the root has five records
    assert read_reasons(bytes(data)) == []
    data[8] = 0xA4
    assert read_reasons(bytes(data)) == ["CORRUPT"]

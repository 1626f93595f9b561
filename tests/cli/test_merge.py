"""Parts and their merge on the command line."""

from pathlib import Path
from typing import Any

import pytest

from tests.case.leak import HEADERS, people, write_csv

SCAN = ("scan", "in", "--key", "key", "--as-of", "2026-01-01")


@pytest.fixture(autouse=True)
def evidence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for number in range(3):
        rows = [p.cells for p in people(9)[number * 3 : number * 3 + 3]]
        write_csv(tmp_path / "in" / f"{number}.csv", HEADERS, rows)


def test_two_parts_become_a_case_that_counts(call: Any) -> None:
    for part in ("1/2", "2/2"):
        called = call(*SCAN, "-o", part[0], "--part", part, "--listing", "list.json")
        assert (called.code, called.lacks("piiscan merge")) == (0, [])
    merged = call("merge", "2", "1", "-o", "case", "--key", "key", "--lang", "en")
    assert merged.code == 0
    assert "Scanned 3 sources" in merged.out
    assert call("count", "case", "--key", "key").code == 0
    assert call("verify", "case", "--key", "key").code == 0
    assert call("replay", "case", "in", "--key", "key").code == 0


def test_a_source_of_two_cases_is_told(call: Any) -> None:
    for case, source in (("a", "in/0.csv"), ("b", "in")):
        assert call("scan", source, *SCAN[2:], "--case", case).code == 0
    merged = call("merge", "a", "b", "-o", "case", "--key", "key", "--lang", "en")
    assert merged.code == 0
    assert "1 sources are there twice" in merged.err
    assert "Scanned 3 sources" in merged.out


def test_what_cannot_be_merged_is_one_sentence(call: Any) -> None:
    assert call(*SCAN, "-o", "1", "--part", "1/2").code == 0
    assert call("verify", "1", "--key", "key").code == 0
    for arguments in (
        ("merge", "1", "-o", "case", "--key", "key"),
        ("count", "1"),
        ("merge", "1", "nothing", "-o", "case"),
        (*SCAN, "-o", "2", "--part", "3/2"),
    ):
        called = call(*arguments)
        assert called.code == 2
        assert len(called.err.strip().splitlines()) <= 4
    assert not Path("case").exists()
    assert not Path("2").exists()

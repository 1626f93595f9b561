"""Lists and comparisons on the command line."""

import csv
import io
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.case.leak import HEADERS, people, write_csv

LISTED = people(6)


@pytest.fixture
def case(counted: Any) -> Path:
    """A counted case of six persons, one of them twice."""
    rows = (HEADERS, *(person.cells for person in (*LISTED, LISTED[0])))
    return counted("".join(",".join(cells) + "\n" for cells in rows))


def test_a_case_must_be_counted_first(tmp_path: Path, call: Any) -> None:
    write_csv(tmp_path / "a.csv", HEADERS, [LISTED[0].cells])
    call("scan", tmp_path / "a.csv", "--case", tmp_path / "case", "--key", tmp_path / "key")
    called = call("export", tmp_path / "case", "-o", tmp_path / "list.csv")
    assert (called.code, called.lacks("piiscan count")) == (2, [])
    assert not (tmp_path / "list.csv").exists()


def test_a_masked_list_and_a_clear_one(case: Path, call: Any) -> None:
    called = call("export", case, "-o", "list.csv")
    assert (called.code, called.lacks("已写入 6 行（R5）")) == (0, [])
    assert "未脱敏" not in called.err
    assert LISTED[0].phone not in Path("list.csv").read_text("utf-8")
    called = call("export", case, "-o", "clear.csv", "--clear", "--key", "key", "--lang", "en")
    assert "personal information in clear" in called.err
    (row, *_) = csv.DictReader(io.StringIO(Path("clear.csv").read_text("utf-8-sig")))
    assert LISTED[0].phone in row.values()
    assert stat.S_IMODE(Path("clear.csv").stat().st_mode) == 0o600


def test_rejects_are_told_with_what_they_repeat(case: Path, call: Any) -> None:
    assert "在 R4 减少的 1 行" in call("export", case, "-o", "r4.csv", "--rejects", "r4").out
    (row,) = csv.DictReader(io.StringIO(Path("r4.csv").read_text("utf-8-sig")))
    assert (row["原因"], row["重复范围"]) == ("逐字重复（各栏全同）", "同一文件内")
    assert row["与何处重复"].endswith("a.csv 第2行")


def test_a_case_against_a_list_and_against_figures(case: Path, call: Any) -> None:
    write_csv(Path("list.csv"), HEADERS, [p.cells for p in people(8)[4:]])
    called = call("compare", case, "list.csv", "--key", "key", "-o", "diff.csv")
    assert (called.code, called.lacks("只在早前")) == (0, [])
    assert len(Path("diff.here.csv").read_text("utf-8").splitlines()) == 1 + 4
    assert len(Path("diff.earlier.csv").read_text("utf-8").splitlines()) == 1 + 2
    (told,) = call("compare", case, "list.csv", "--key", "key", "--format", "json").json
    assert (told["totals"][0]["both"], told["totals"][0]["only_here"]) == (2, 4)
    write_csv(Path("figures.csv"), ("类型", "数量"), [("手机号", "7"), ("星座", "2")])
    called = call("compare", case, "figures.csv", "--lang", "en")
    assert called.lacks("yes", "a name of nothing counted here") == []

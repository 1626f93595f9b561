"""A replay of the same sources is identical, or names the first difference by file and record."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from piiscan import CaseError
from piiscan.case.validation.replay import ReplayDifference, replay
from tests.case.dump import scan_dump, write_dump
from tests.case.integrity.made_case import rehash
from tests.case.scanned import scan_files
from tests.keys import random_secret, write_key


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, small_rules: Path) -> Path:
    home = tmp_path_factory.mktemp("replayed")
    scan_dump([write_dump(home / "dump")], home / "case")
    scan_files(home, {"later.csv": "姓名,手机号\n张三,13600136000\n"})
    return home


@pytest.fixture
def home(whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    return Path(shutil.copytree(whole, tmp_path / "home"))


def content(case: Path) -> dict[str, tuple[bytes, int]]:
    return {
        path.as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in case.rglob("*")
        if path.is_file()
    }


def again(home: Path) -> ReplayDifference:
    found = replay(home / "case", [home / "dump"], key=home / "test.key").difference
    assert found is not None
    return found


def change_json(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    content = json.loads(path.read_text("utf-8"))
    change(content)
    path.write_text(json.dumps(content, ensure_ascii=False), "utf-8")


def test_the_same_sources_elsewhere_are_identical_and_nothing_is_written(home: Path) -> None:
    before = content(home / "case")
    done = replay(home / "case", [home / "dump"], key=home / "test.key")
    assert done.difference is None
    assert (done.sources, done.other_code) == (7, False)
    assert done.tables > 5
    assert content(home / "case") == before
    assert list((home.parent / "temporary").iterdir()) == []


def test_a_dropped_finding_is_named_by_file_and_row(home: Path) -> None:
    shard = max((home / "case" / "findings").iterdir(), key=lambda path: path.stat().st_size)
    table = pq.read_table(shard)
    rows = table.to_pylist()
    pq.write_table(pa.Table.from_pylist(rows[:3] + rows[4:], table.schema), shard)
    rehash(home / "case")
    found = again(home)
    assert (found.kind, found.name) == ("shard", f"findings/{shard.name}")
    assert found.row == rows[4]["row"] or found.row == rows[3]["row"]
    assert found.columns
    pq.write_table(pa.Table.from_pylist(rows[:-1], table.schema), shard)
    rehash(home / "case")
    found = again(home)
    assert (found.row, found.columns) == (None, ("rows",))
    pq.write_table(table, shard, compression="none")
    rehash(home / "case")
    assert again(home).kind == "bytes"


def test_a_swapped_number_of_a_table_is_named(home: Path) -> None:
    path = home / "case" / "tables-0002" / "kinds.json"
    change_json(path, lambda told: told["rows"][1].update(hits=told["rows"][1]["hits"] + 1))
    rehash(home / "case")
    assert again(home) == ReplayDifference("table", name="kinds", row=2, columns=("hits",))


def test_a_source_that_is_missing_or_changed_is_named(home: Path) -> None:
    later = home / "dump" / "later.csv"
    later.write_text("姓名,手机号\n张三,13600136001\n", "utf-8")
    found = again(home)
    assert (found.kind, found.source) == ("changed", 7)
    assert found.path.endswith("dump/later.csv")
    later.unlink()
    assert again(home).kind == "missing"


def test_another_key_or_catalogue_is_refused(home: Path) -> None:
    with pytest.raises(CaseError, match="is not the key"):
        replay(home / "case", [home / "dump"], key=write_key(home / "other", random_secret(5)))
    path = home / "case" / "manifest-0002.json"
    change_json(path, lambda told: told["settings"].update(catalogue="0" * 64))
    with pytest.raises(CaseError):
        again(home)

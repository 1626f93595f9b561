"""A format that is isolated is opened by another process, whose end costs its content alone."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from piiscan.sources.block import Block, Table
from piiscan.sources.formats import all_formats
from piiscan.sources.isolation import isolation
from piiscan.sources.read import open_tables
from tests.sources.formats.five import zipped
from tests.sources.tables import cells_of, count_names, read_all, reasons

ROWS = [["姓名", "手机号"], ["张三", "13800138001"]]
SERVE = "\nfrom piiscan.sources.isolation.isolation_worker import serve; serve()"
ACT = "from piiscan.sources.formats import sqlite\nimport os, time\nsqlite._read_database = "


@pytest.fixture(autouse=True)
def _own_workers() -> Iterator[None]:
    isolation.POOL.close()
    yield
    isolation.POOL.close()


def database(folder: Path) -> Path:
    with closing(sqlite3.connect(folder / "a.db")) as made:
        made.execute("CREATE TABLE t (姓名, 手机号)")
        made.execute("INSERT INTO t VALUES (?, ?)", ROWS[1])
        made.execute("CREATE TABLE u (x)")
        made.execute("INSERT INTO u VALUES (?)", [b"\0\0\0\x18ftypheic" + bytes(99)])
        made.commit()
    return folder / "a.db"


def test_native_libraries_are_isolated() -> None:
    isolated = {each.name for each in all_formats() if each.isolated}
    assert isolated == {"parquet", "arrow", "arrow stream", "pdf", "picture", "pst", "sqlite"}


def test_one_worker_reads_files_and_members(tmp_path: Path) -> None:
    path = database(tmp_path)
    pq.write_table(pa.table({"姓名": ["张三"], "手机号": ["13800138001"]}), tmp_path / "b")
    packed = zipped(tmp_path, a=path.read_bytes(), b=(tmp_path / "b").read_bytes())
    tables, troubles = read_all(packed)
    assert [(t.member, cells_of(blocks)) for t, blocks in tables] == [
        ("a#t", ROWS[1:]),
        ("b", ROWS[1:]),
    ]
    assert [(each.member, each.reason) for each in troubles][-1][1] == "NOT_SUPPORTED_YET"
    (worker,) = isolation.POOL.idle
    assert read_all(path)[0]
    assert isolation.POOL.idle == [worker]


def test_blocks_that_are_read_too_late_are_listed(tmp_path: Path) -> None:
    opened = open_tables(database(tmp_path), count_names=count_names)
    tables = [each for each in opened if isinstance(each, Table)]
    (late,) = tables[0].blocks()
    assert not isinstance(late, Block)
    assert late.reason == "READER_FAILED"


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")
@pytest.mark.parametrize(
    ("act", "reason", "detail"),
    [
        ("lambda *rest: os.abort()", "READER_FAILED", "signal 6"),
        ("lambda *rest: bytes(5 << 30)", "READER_FAILED", "MB of memory"),
        ("lambda *rest: time.sleep(99)", "READER_STOPPED", "2 seconds"),
        ("lambda *rest: 1 / 0", "READER_FAILED", "ZeroDivisionError"),
    ],
)
def test_the_end_of_a_worker_costs_its_content_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, act: str, reason: str, detail: str
) -> None:
    path = zipped(tmp_path, a=database(tmp_path).read_bytes(), b="电话：13800138002\n".encode())
    monkeypatch.setattr(isolation.POOL, "patience", 2.0 if "sleep" in act else 600.0)
    monkeypatch.setattr(isolation.POOL, "command", ACT + act + SERVE)
    tables, troubles = read_all(path)
    assert [table.member for table, _ in tables] == ["b"]
    assert [(t.member, t.reason, t.lost) for t in troubles] == [("a", reason, True)]
    assert detail in troubles[0].detail
    isolation.POOL.close()
    monkeypatch.undo()
    assert reasons(read_all(path)[1]) == ["NOT_SUPPORTED_YET"]

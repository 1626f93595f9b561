"""A format that is isolated is opened by another process, whose end costs its content alone."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from piiscan.sources.block import Block, Table
from piiscan.sources.formats import all_formats
from piiscan.sources.isolation import isolation
from piiscan.sources.read import open_tables
from tests.sources.formats.pdf.made import document, lined
from tests.sources.tables import (
    count_names,
    database,
    read_all,
    read_members,
    read_reasons,
    told,
    zipped,
)

ROWS = [["姓名", "手机号"], ["张三", "13800138001"]]
SERVE = "\nfrom piiscan.sources.isolation.isolation_worker import serve; serve()"
ACT = "from piiscan.sources.formats import sqlite\nimport os, time\nsqlite._read_database = "


@pytest.fixture(autouse=True)
def _own_workers() -> Iterator[None]:
    isolation.POOL.close()
    yield
    isolation.POOL.close()


PICTURE = (b"\0\0\0\x18ftypheic" + bytes(99)).hex()
TWO = database(
    "CREATE TABLE t (姓名, 手机号)",
    rows=ROWS[1:],
    after=["CREATE TABLE u (x)", f"INSERT INTO u VALUES (X'{PICTURE}')"],
)


def test_native_libraries_are_isolated() -> None:
    isolated = {each.name for each in all_formats() if each.isolated}
    others = {"avro", "disk image", "orc", "statistics file", "pdf", "picture", "pst", "sqlite"}
    others |= {"event log"}
    assert isolated == {"parquet", "arrow", "arrow stream", *others}


def test_one_worker_reads_files_and_members(tmp_path: Path) -> None:
    pq.write_table(pa.table({"姓名": ["张三"], "手机号": ["13800138001"]}), tmp_path / "b")
    rows, troubles = read_members(zipped({"a": TWO, "b": (tmp_path / "b").read_bytes()}))
    assert rows == {"a#t": ROWS[1:], "b": ROWS[1:]}
    assert troubles[-1].reason == "NOT_SUPPORTED_YET"
    (worker,) = isolation.POOL.idle
    assert read_all(TWO)[0]
    assert isolation.POOL.idle == [worker]


def test_blocks_that_are_read_too_late_are_listed(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(TWO)
    opened = open_tables(tmp_path / "a.db", count_names=count_names)
    tables = [each for each in opened if isinstance(each, Table)]
    (late,) = tables[0].blocks()
    assert not isinstance(late, Block)
    assert late.reason == "READER_FAILED"


def test_a_reading_that_ends_early_leaves_no_answer_to_the_next(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(document([lined("电话 13800138001")] * 9))
    opened = open_tables(tmp_path / "a.pdf", count_names=count_names)
    assert isinstance(first := next(opened), Table)
    assert first.member == "#page 1"
    opened.close()  # type: ignore[attr-defined]
    assert [table.member for table, _ in read_all(TWO)[0]] == ["#t"]


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
    monkeypatch: pytest.MonkeyPatch, act: str, reason: str, detail: str
) -> None:
    data = zipped({"a": TWO, "b": "电话：13800138002\n"})
    monkeypatch.setattr(isolation.POOL, "patience", 2.0 if "sleep" in act else 600.0)
    monkeypatch.setattr(isolation.POOL, "command", ACT + act + SERVE)
    tables, troubles = read_all(data)
    assert [table.member for table, _ in tables] == ["b"]
    assert told(troubles) == [("a", reason, True)]
    assert detail in troubles[0].detail
    isolation.POOL.close()
    monkeypatch.undo()
    assert read_reasons(data) == ["NOT_SUPPORTED_YET"]

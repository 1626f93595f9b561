"""A database is read whole, and whatever of it is not read is listed."""

from __future__ import annotations

import os
import random
import sqlite3
import tempfile
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from piiscan.sources.limits import Budget
from tests.sources.formats.five import (
    HEADERS,
    PEOPLE,
    VALUES,
    check_five,
    found_values,
    lost,
    zipped,
)
from tests.sources.tables import reasons

COLUMNS = ", ".join(HEADERS)


@pytest.fixture(autouse=True)
def _nothing_is_left(tmp_path_factory: pytest.TempPathFactory, monkeypatch: Any) -> Any:
    """No private copy stays behind."""
    folder = tmp_path_factory.mktemp("private")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield
    assert not list(folder.iterdir())


def made(path: Path, *statements: str, rows: Iterable[Any] = (), table: str = "t") -> Path:
    """A database after these statements, with rows in its table."""
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        for row in rows:
            marks = ", ".join("?" * len(row))
            connection.execute(f"INSERT INTO {table} VALUES ({marks})", row)
        connection.commit()
    return path


@pytest.mark.parametrize(
    "create",
    [
        f"CREATE TABLE t ({COLUMNS})",
        f"CREATE TABLE t ({COLUMNS}, PRIMARY KEY (手机号)) WITHOUT ROWID",
        f"CREATE TABLE t ({COLUMNS}, len INT GENERATED ALWAYS AS (length(姓名)))",
        "CREATE TABLE t (姓名 ANY, 手机号 TEXT, email TEXT, 地址 ANY) STRICT",
    ],
)
def test_five_rows_are_five_rows(tmp_path: Path, create: str) -> None:
    path = made(tmp_path / "a.db", create, "CREATE VIEW v AS SELECT * FROM t")
    with closing(sqlite3.connect(path)) as connection:
        connection.executemany(f"INSERT INTO t ({COLUMNS}) VALUES (?, ?, ?, ?)", PEOPLE)
        connection.commit()
    assert check_five(path, "#t") == []
    packed = zipped(tmp_path, **{"内/a.bin": path.read_bytes()})
    assert check_five(packed, "内/a.bin#t") == []


def test_columns_that_are_called_like_the_rowid(tmp_path: Path) -> None:
    names = ("rowid", "_rowid_", "oid", "地址")
    path = made(tmp_path / "a", f"CREATE TABLE t ({', '.join(names)})", rows=PEOPLE)
    assert check_five(path, "#t", names) == []


def test_numbers_and_bytes_of_texts_are_texts(tmp_path: Path) -> None:
    rows = [
        (13800138000, 13800138000.0, "张三".encode(), "张三丰是一个人".encode("gb18030")),
        (-1, 0.1, b"", "13800138000".encode("utf-16-le")),
    ]
    path = made(tmp_path / "a", "CREATE TABLE t (a, b, c, d)", rows=rows)
    places, troubles = found_values(path)
    assert set(places) == {"13800138000", "-1", "0.1", "张三", "张三丰是一个人"}
    assert places["13800138000"] == [("#t", 1, "a"), ("#t", 1, "b"), ("#t", 2, "d")]
    assert troubles == []


def test_a_text_in_gbk_is_decoded_and_another_is_listed(tmp_path: Path) -> None:
    path = made(tmp_path / "a", "CREATE TABLE t (a)")
    with closing(sqlite3.connect(path)) as connection:
        for data in ("诸葛亮".encode("gbk"), b"\xff\xff1\xff"):
            connection.execute("INSERT INTO t VALUES (CAST(? AS TEXT))", (data,))
        connection.commit()
    places, troubles = found_values(path)
    assert "诸葛亮" in places
    assert reasons(troubles) == ["UNDECODABLE"]


def test_rows_of_the_wal_are_read_and_the_evidence_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute(f"CREATE TABLE t ({COLUMNS})")
    connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", PEOPLE)
    connection.commit()
    before = {
        each.name: (each.read_bytes(), each.stat().st_mtime_ns) for each in tmp_path.iterdir()
    }
    assert set(before) == {"a.db", "a.db-wal", "a.db-shm"}
    assert check_five(path, "#t") == []
    for suffix in ("-wal", "-shm"):
        _, troubles = found_values(Path(f"{path}{suffix}"))
        assert reasons(troubles) == ["DATABASE_PART"]
        assert lost(troubles) == []
    after = {each.name: (each.read_bytes(), each.stat().st_mtime_ns) for each in tmp_path.iterdir()}
    assert after == before
    parts = {name: data for name, (data, _) in before.items()}
    _, troubles = found_values(zipped(tmp_path, **parts))
    assert lost(troubles) == ["DATABASE_PART"]
    wal = tmp_path / "a.db-wal"
    whole = wal.read_bytes()
    connection.close()
    path.write_bytes(parts["a.db"])
    wal.write_bytes(whole[:-100])  # the last transaction is torn
    places, troubles = found_values(path)
    assert lost(troubles) == ["DELETED_ROWS"]
    assert "张三" not in places


def test_a_journal_is_rolled_back_in_the_copy_only(tmp_path: Path) -> None:
    path = made(tmp_path / "a.db", f"CREATE TABLE t ({COLUMNS})", rows=PEOPLE)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA cache_size=1")
    connection.execute("DELETE FROM t")
    connection.executemany("INSERT INTO t VALUES (?, '', '', '')", [("x" * 900,)] * 99)
    files = {name: (tmp_path / name).read_bytes() for name in ("a.db", "a.db-journal")}
    connection.close()
    folder = tmp_path / "hot"
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    check_five(folder / "a.db", "#t")
    assert {each.name: each.read_bytes() for each in folder.iterdir()} == files
    other = tmp_path / "other"  # a journal that names a file, which SQLite would delete
    other.write_bytes(b"x")
    name = str(other).encode()
    tail = len(name).to_bytes(4, "big") + sum(name).to_bytes(4, "big") + files["a.db-journal"][:8]
    (folder / "a.db-journal").write_bytes(files["a.db-journal"] + bytes(4) + name + tail)
    found_values(folder / "a.db")
    assert other.read_bytes() == b"x"


@pytest.mark.parametrize(
    ("create", "headers"),
    [
        (f"CREATE VIRTUAL TABLE t USING fts5({COLUMNS}, tokenize='unicode61')", HEADERS),
        (f"CREATE VIRTUAL TABLE t USING fts4({COLUMNS})", HEADERS),
        (f"CREATE VIRTUAL TABLE t USING fts3({COLUMNS})", HEADERS),
    ],
)
def test_full_text_tables(tmp_path: Path, create: str, headers: tuple[str, ...]) -> None:
    path = made(tmp_path / "a", create, rows=PEOPLE)
    assert lost(check_five(path, "#t_content", headers)) == []


def test_virtual_tables_without_texts_are_listed(tmp_path: Path) -> None:
    fts = "CREATE VIRTUAL TABLE t USING fts5(a, content='')"
    tree = "CREATE VIRTUAL TABLE r USING rtree(id, x, y)"
    own = "CREATE VIRTUAL TABLE u USING fts5(a, content='s')"
    path = made(tmp_path / "a", fts, tree, own, "CREATE TABLE s (a)", rows=[("李四",)])
    _, troubles = found_values(path)
    assert [(each.member, each.reason) for each in troubles if each.lost] == [
        ("#t", "NOT_SUPPORTED_YET"),
        ("#r", "NOT_SUPPORTED_YET"),
    ]


def test_large_binary_values_are_members(tmp_path: Path) -> None:
    picture = b"\x89PNG\r\n\x1a\n" + bytes(99)
    rows = [
        (5, '[{"姓名": "张三"}, {"姓名": "李四"}]'.encode()),
        (7, picture),
        (8, bytes(40)),
        (9, b"\x01\x02"),
        (10, ("姓名,手机号\n" + "王五,13800138000\n" * 400).encode("gbk")),
    ]
    path = made(tmp_path / "a", "CREATE TABLE t (id INTEGER PRIMARY KEY, 附件)", rows=rows)
    places, troubles = found_values(path)
    assert places["张三"] == [("t/附件/5", 1, "姓名")]
    assert len(places["王五"]) == 400
    assert [(each.member, each.reason) for each in troubles] == [
        ("t/附件/7", "CORRUPT"),
        ("#t", "BINARY_VALUES"),
    ]
    assert "2 values" in troubles[1].detail
    _, troubles = found_values(path, budget=Budget(members=1))
    assert "ZIP_MEMBERS" in reasons(troubles)
    _, troubles = found_values(path, budget=Budget(total=50))
    assert "ZIP_TOTAL" in reasons(troubles)
    _, troubles = found_values(path, budget=Budget(depth=0))
    assert reasons(troubles).count("ZIP_DEPTH") == 3


def test_texts_of_the_schema_are_read(tmp_path: Path) -> None:
    path = made(tmp_path / "a", "CREATE TABLE t (a -- 张三丰 13800138000\n)", rows=[("x",)])
    places, troubles = found_values(path)
    assert any("13800138000" in text for text in places)
    assert troubles == []


def test_deleted_rows_are_listed(tmp_path: Path) -> None:
    rows = [(f"{n}", "x" * 500) for n in range(100)]
    path = made(tmp_path / "a", "PRAGMA secure_delete=OFF", "CREATE TABLE t (a, b)", rows=rows)
    assert found_values(path)[1] == []
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA secure_delete=OFF")
        connection.execute("DELETE FROM t WHERE a = '50'")
        connection.commit()
    (trouble,) = found_values(path)[1]
    assert (trouble.reason, trouble.lost) == ("DELETED_ROWS", True)
    assert trouble.detail.startswith("0 free pages and 1 ")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA secure_delete=OFF")
        connection.execute("DELETE FROM t")
        connection.commit()
    (trouble,) = found_values(path)[1]
    assert not trouble.detail.startswith("0 free pages")


def test_rows_behind_a_damaged_page_are_read(tmp_path: Path) -> None:
    rows = [(f"n{n:04}", "x" * 200) for n in range(2000)]
    path = made(tmp_path / "a", "CREATE TABLE t (a, b)", rows=rows)
    data = bytearray(path.read_bytes())
    pages = [at for at in range(4096, len(data), 4096) if data[at] == 13]
    for at in (pages[0], pages[20], pages[21], pages[-1]):
        data[at : at + 8] = b"\xff" * 8
    path.write_bytes(data)
    places, troubles = found_values(path)
    kept = [name for name, _ in rows if name in places]
    assert 1900 < len(kept) < 1950
    assert reasons(troubles).count("CORRUPT") >= 3
    assert all(each.lost for each in troubles)


def test_a_table_without_a_readable_row_is_listed(tmp_path: Path) -> None:
    path = made(tmp_path / "a", f"CREATE TABLE t ({COLUMNS})", "CREATE TABLE u (a)", rows=PEOPLE)
    data = bytearray(path.read_bytes())
    data[4096:4104] = b"\xff" * 8
    path.write_bytes(data)
    troubles = found_values(path)[1]
    assert [(each.member, each.reason) for each in troubles] == [("#t", "CORRUPT"), ("", "CORRUPT")]


@pytest.mark.parametrize("size", [16, 100, 4096, 5000])
def test_a_database_that_was_cut_off(tmp_path: Path, size: int) -> None:
    path = made(tmp_path / "a", f"CREATE TABLE t ({COLUMNS})", rows=PEOPLE)
    path.write_bytes(path.read_bytes()[:size])
    assert "CORRUPT" in lost(found_values(path)[1])


def test_a_broken_definition_costs_no_other_table(tmp_path: Path) -> None:
    path = made(tmp_path / "a", f"CREATE TABLE t ({COLUMNS})", "CREATE TABLE u (b)", rows=PEOPLE)
    data = path.read_bytes()
    path.write_bytes(data.replace(b"CREATE TABLE u (b)", b"CREATE TABLX u (b)"))
    check_five(path, "#t")


def test_a_schema_runs_nothing(tmp_path: Path) -> None:
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"
    path = made(
        tmp_path / "a",
        f"CREATE TABLE t ({COLUMNS})",
        f"CREATE VIEW v AS {endless}",
        "CREATE TABLE g (a, b AS (length(replace(hex(zeroblob(200000000)), '0', a))))",
        "CREATE TRIGGER x AFTER INSERT ON g BEGIN SELECT 1; END",
        "INSERT INTO g VALUES ('x')",
        rows=PEOPLE,
    )
    assert check_five(path, "#t") == []


def test_random_damage_raises_nothing(tmp_path: Path) -> None:
    path = made(
        tmp_path / "a",
        f"CREATE TABLE t ({COLUMNS})",
        "CREATE VIRTUAL TABLE f USING fts5(a)",
        rows=PEOPLE * 60,
    )
    data = path.read_bytes()
    rng = random.Random(1)
    for _ in range(60):
        damaged = bytearray(data)
        for _ in range(rng.choice((1, 3, 30))):
            damaged[rng.randrange(16, len(data))] = rng.randrange(256)
        path.write_bytes(damaged)
        _, troubles = found_values(path)
        assert not {"READER_FAILED", "SCAN_FAILED"} & set(reasons(troubles)), troubles


def test_an_encrypted_database_is_listed_as_what_it_may_be(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(os.urandom(8192))
    (trouble,) = found_values(path)[1]
    assert (trouble.reason, trouble.lost) == ("ENCRYPTED", True)
    path.write_bytes(bytes(4096) + os.urandom(4096))
    assert reasons(found_values(path)[1]) == ["BINARY"]


def test_five_values_are_twenty() -> None:
    assert len(set(VALUES)) == 20


def test_pages_of_no_table_and_bytes_behind_the_last_are_listed(tmp_path: Path) -> None:
    path = made(tmp_path / "a", f"CREATE TABLE t ({COLUMNS})", rows=PEOPLE)
    data = path.read_bytes()
    at = data.index(b"CREATE TABLE") - 30
    for damaged in (data + b"13800138000", data[:at] + bytes(4096 - at) + data[4096:]):
        path.write_bytes(damaged)
        assert lost(found_values(path)[1]) == ["CORRUPT"]

"""A database is read whole, and whatever of it is not read is listed."""

import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from piiscan.sources.limits import Budget
from tests.sources.formats.five import HEADERS, PEOPLE, check_five, found_values
from tests.sources.tables import (
    check_damage,
    database,
    lost,
    read_all,
    read_reasons,
    read_text,
    reasons,
    told,
    zipped,
)

COLUMNS = ", ".join(HEADERS)
CREATE = f"CREATE TABLE t ({COLUMNS})"
LISTED = database(CREATE, rows=PEOPLE)


@pytest.fixture(autouse=True)
def _nothing_is_left(tmp_path_factory: pytest.TempPathFactory, monkeypatch: Any) -> Any:
    """No private copy stays behind."""
    folder = tmp_path_factory.mktemp("private")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield
    assert not list(folder.iterdir())


@pytest.mark.parametrize(
    "create",
    [
        CREATE,
        f"CREATE TABLE t ({COLUMNS}, PRIMARY KEY (手机号)) WITHOUT ROWID",
        f"CREATE TABLE t ({COLUMNS}, len INT GENERATED ALWAYS AS (length(姓名)))",
        "CREATE TABLE t (姓名 ANY, 手机号 TEXT, email TEXT, 地址 ANY) STRICT",
    ],
)
def test_five_rows_are_five_rows(create: str) -> None:
    view = "CREATE VIEW v AS SELECT * FROM t"
    data = database(create, view, rows=PEOPLE, table=f"t ({COLUMNS})")
    assert check_five(data, "#t") == []
    assert check_five(zipped({"内/a.bin": data}), "内/a.bin#t") == []


def test_columns_that_are_called_like_the_rowid() -> None:
    names = ("rowid", "_rowid_", "oid", "地址")
    data = database(f"CREATE TABLE t ({', '.join(names)})", rows=PEOPLE)
    assert check_five(data, "#t", names) == []


def test_numbers_and_bytes_of_texts_are_texts() -> None:
    rows = [
        (13800138000, 13800138000.0, "张三".encode(), "张三丰是一个人".encode("gb18030")),
        (-1, 0.1, b"", "13800138000".encode("utf-16-le")),
    ]
    places, troubles = found_values(database("CREATE TABLE t (a, b, c, d)", rows=rows))
    assert set(places) == {"13800138000", "-1", "0.1", "张三", "张三丰是一个人"}
    assert places["13800138000"] == [("#t", 1, "a"), ("#t", 1, "b"), ("#t", 2, "d")]
    assert troubles == []


def test_a_text_in_gbk_is_decoded_and_another_is_listed() -> None:
    texts = (data.hex() for data in ("诸葛亮".encode("gbk"), b"\xff\xff1\xff"))
    after = [f"INSERT INTO t VALUES (CAST(X'{text}' AS TEXT))" for text in texts]
    places, troubles = found_values(database("CREATE TABLE t (a)", after=after))
    assert "诸葛亮" in places
    assert reasons(troubles) == ["UNDECODABLE"]


def test_rows_of_the_wal_are_read_and_the_evidence_stays(tmp_path: Path) -> None:
    def state() -> dict[str, tuple[bytes, int]]:
        files = tmp_path.iterdir()
        return {each.name: (each.read_bytes(), each.stat().st_mtime_ns) for each in files}

    path = tmp_path / "a.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute(CREATE)
    connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", PEOPLE)
    connection.commit()
    before = state()
    assert set(before) == {"a.db", "a.db-wal", "a.db-shm"}
    assert check_five(path, "#t") == []
    for suffix in ("-wal", "-shm"):
        assert told(read_all(Path(f"{path}{suffix}"))[1]) == [("", "DATABASE_PART", False)]
    assert state() == before
    parts = {name: data for name, (data, _) in before.items()}
    assert lost(read_all(zipped(parts))[1]) == ["DATABASE_PART"]
    connection.close()
    path.write_bytes(parts["a.db"])
    (tmp_path / "a.db-wal").write_bytes(parts["a.db-wal"][:-100])  # a torn last transaction
    places, troubles = found_values(path)
    assert set(reasons(troubles)) == {"DELETED_ROWS_READ", "DELETED_ROWS"}
    assert "张三" not in places  # its bytes are cut off, which DELETED_ROWS says
    assert places["钱七"] == [("#deleted rows of t", 3, "姓名")]


def test_a_journal_is_rolled_back_in_the_copy_only(tmp_path: Path) -> None:
    path, folder = tmp_path / "a.db", tmp_path / "hot"
    path.write_bytes(LISTED)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA cache_size=1")
        connection.execute("DELETE FROM t")
        connection.executemany("INSERT INTO t VALUES (?, '', '', '')", [("x" * 900,)] * 99)
        files = {name: (tmp_path / name).read_bytes() for name in ("a.db", "a.db-journal")}
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    check_five(folder / "a.db", "#t")
    assert {each.name: each.read_bytes() for each in folder.iterdir()} == files
    other = tmp_path / "other"  # a journal that names a file, which SQLite would delete
    other.write_bytes(b"x")
    named = str(other).encode()
    tail = len(named).to_bytes(4, "big") + sum(named).to_bytes(4, "big") + files["a.db-journal"][:8]
    (folder / "a.db-journal").write_bytes(files["a.db-journal"] + bytes(4) + named + tail)
    read_all(folder / "a.db")
    assert other.read_bytes() == b"x"


@pytest.mark.parametrize(
    "module", [f"fts5({COLUMNS}, tokenize='unicode61')", f"fts4({COLUMNS})", f"fts3({COLUMNS})"]
)
def test_full_text_tables(module: str) -> None:
    data = database(f"CREATE VIRTUAL TABLE t USING {module}", rows=PEOPLE)
    assert lost(check_five(data, "#t_content")) == []


def test_virtual_tables_without_texts_are_listed() -> None:
    fts = "CREATE VIRTUAL TABLE t USING fts5(a, content='')"
    tree = "CREATE VIRTUAL TABLE r USING rtree(id, x, y)"
    own = "CREATE VIRTUAL TABLE u USING fts5(a, content='s')"
    _, troubles = read_all(database(fts, tree, own, "CREATE TABLE s (a)", rows=[("李四",)]))
    assert [(each.member, each.reason) for each in troubles if each.lost] == [
        ("#t", "NOT_SUPPORTED_YET"),
        ("#r", "NOT_SUPPORTED_YET"),
    ]


def test_large_binary_values_are_members() -> None:
    rows = [
        (5, '[{"姓名": "张三"}, {"姓名": "李四"}]'.encode()),
        (7, b"\x89PNG\r\n\x1a\n" + bytes(99)),
        (8, bytes(40)),
        (9, b"\x01\x02"),
        (10, ("姓名,手机号\n" + "王五,13800138000\n" * 400).encode("gbk")),
    ]
    data = database("CREATE TABLE t (id INTEGER PRIMARY KEY, 附件)", rows=rows)
    places, troubles = found_values(data)
    assert places["张三"] == [("t/附件/5", 1, "姓名")]
    assert len(places["王五"]) == 400
    assert [(each.member, each.reason) for each in troubles] == [
        ("t/附件/7", "CORRUPT"),
        ("#t", "BINARY_VALUES"),
    ]
    assert "2 values" in troubles[1].detail
    assert "ZIP_MEMBERS" in read_reasons(data, budget=Budget(members=1))
    assert "ZIP_TOTAL" in read_reasons(data, budget=Budget(total=50))
    assert read_reasons(data, budget=Budget(depth=0)).count("ZIP_DEPTH") == 3


def test_texts_of_the_schema_are_read() -> None:
    assert "13800138000" in read_text(database('CREATE TABLE "张三丰_13800138000" (a)'))
    data = database("CREATE TABLE t (a -- 张三丰 13800138000\n)", rows=[("x",)])
    assert "13800138000" in read_text(data)
    assert read_reasons(data) == []


OTHERS = [(f"周{n}", f"1390013900{n}", f"q{n}@example.com", f"示例路{n}号") for n in range(5)]
DELETE = "DELETE FROM t WHERE email LIKE 'p%'"


@pytest.mark.parametrize(
    ("rows", "after", "member"),
    [
        ([*PEOPLE, *OTHERS], [DELETE], "#deleted rows of t"),  # free blocks
        ([*OTHERS, *PEOPLE], [DELETE], "#deleted rows of t"),  # the gap below the cells
        (PEOPLE, ["DELETE FROM t"], "#deleted rows of t"),
        (PEOPLE, ["DROP TABLE t", "CREATE TABLE other (a)"], "#deleted rows"),
    ],
)
def test_deleted_rows_are_a_table_of_their_own(rows: Any, after: list[str], member: str) -> None:
    create = ("PRAGMA secure_delete=OFF", f"CREATE TABLE t (id INTEGER PRIMARY KEY, {COLUMNS})")
    data = database(*create, rows=rows, table=f"t ({COLUMNS})", after=after)
    places, troubles = found_values(data)
    assert reasons(troubles) == ["DELETED_ROWS_READ"]
    assert troubles[0].lost is False
    for person in PEOPLE:
        found = {places[value][0][:2] for value in person}
        assert [name for name, _ in found] == [member]
        assert [len(places[value]) for value in person] == [1] * 4
    assert [places[name][0][0] for name, *_ in OTHERS if name in places] == ["#t"] * (len(rows) - 5)
    assert any(place.startswith("page 2, byte ") for place in places)


def test_no_deleted_row_repeats_a_row_of_its_table_or_is_made_up() -> None:
    def after(*statements: str) -> tuple[Any, list[Any]]:
        create = ("PRAGMA secure_delete=OFF", "CREATE TABLE t (a, b TEXT)")
        rows = [(f"{n}", "x" * (50 + n % 7) + f"{n}") for n in range(400)]
        return found_values(database(*create, rows=rows, after=statements))

    assert after()[1] == []
    stored = {f"{n}" for n in range(400)} | {"x" * (50 + n % 7) + f"{n}" for n in range(400)}
    places, troubles = after("DELETE FROM t WHERE a % 3", "UPDATE t SET b = b || 'y'")
    old = {
        value
        for value, found in places.items()
        if "#deleted rows of t" in dict.fromkeys(each[0] for each in found)
    }
    assert {value for value in old if not value.startswith("page ")} <= stored
    assert len(old) > 300
    assert set(reasons(troubles)) == {"DELETED_ROWS", "DELETED_ROWS_READ"}  # and what is cut off


def test_rows_behind_a_damaged_page_are_read() -> None:
    rows = [(f"n{n:04}", "x" * 200) for n in range(2000)]
    data = bytearray(database("CREATE TABLE t (a, b)", rows=rows))
    pages = [at for at in range(4096, len(data), 4096) if data[at] == 13]
    for at in (pages[0], pages[20], pages[21], pages[-1]):
        data[at : at + 8] = b"\xff" * 8
    places, troubles = found_values(bytes(data))
    assert 1900 < sum(name in places for name, _ in rows) < 1950
    assert reasons(troubles).count("CORRUPT") >= 3
    assert all(each.lost for each in troubles)


def test_a_table_without_a_readable_row_is_listed() -> None:
    data = bytearray(database(CREATE, "CREATE TABLE u (a)", rows=PEOPLE))
    data[4096:4104] = b"\xff" * 8
    assert told(read_all(bytes(data))[1]) == [("#t", "CORRUPT", True), ("", "CORRUPT", True)]


@pytest.mark.parametrize("size", [16, 100, 4096, 5000])
def test_a_database_that_was_cut_off(size: int) -> None:
    assert "CORRUPT" in lost(read_all(LISTED[:size])[1])


def test_a_broken_definition_costs_no_other_table() -> None:
    data = database(CREATE, "CREATE TABLE u (b)", rows=PEOPLE)
    check_five(data.replace(b"CREATE TABLE u (b)", b"CREATE TABLX u (b)"), "#t")


def test_a_schema_runs_nothing() -> None:
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"
    data = database(
        CREATE,
        f"CREATE VIEW v AS {endless}",
        "CREATE TABLE g (a, b AS (length(replace(hex(zeroblob(200000000)), '0', a))))",
        "CREATE TRIGGER x AFTER INSERT ON g BEGIN SELECT 1; END",
        "INSERT INTO g VALUES ('x')",
        rows=PEOPLE,
    )
    assert check_five(data, "#t") == []


def test_random_damage_raises_nothing() -> None:
    index = "CREATE VIRTUAL TABLE f USING fts5(a)"
    check_damage(database(CREATE, index, rows=PEOPLE * 60), 60, begin=16)


def test_an_encrypted_database_is_listed_as_what_it_may_be() -> None:
    assert told(read_all(os.urandom(8192), "a.db")[1]) == [("", "ENCRYPTED", True)]
    assert read_reasons(bytes(4096) + os.urandom(4096)) == ["BINARY"]


def test_pages_of_no_table_and_bytes_behind_the_last_are_listed() -> None:
    at = LISTED.index(b"CREATE TABLE") - 30
    for data in (LISTED + b"13800138000", LISTED[:at] + bytes(4096 - at) + LISTED[4096:]):
        assert lost(read_all(data)[1]) == ["CORRUPT"]

"""Evidence at s3:// is scanned, verified and shown as the same files on disk, or listed.

S3 is played by a folder, in the long run by moto on the loopback interface.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow.fs as fs
import pytest

from piiscan import Case, CaseError, lookup, merge
from piiscan.sources import stores
from tests.case.dump import content, scan_dump, write_dump
from tests.often import long


@pytest.fixture(params=["folder", long("moto")])
def store(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Any]:
    """The file system that piiscan reads, open for writing, with the bucket ``seized``."""
    if request.param == "folder":
        (tmp_path / "s3").mkdir()
        system: Any = fs.SubTreeFileSystem(str(tmp_path / "s3"), fs.LocalFileSystem())
        monkeypatch.setattr(stores, "_s3", lambda: system)
        system.create_dir("seized/dump")
        yield system
        return
    server = pytest.importorskip(
        "moto.server", reason="moto is not installed (extra stores)"
    ).ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    endpoint = "http://{}:{}".format(*server.get_host_and_port())
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    stores._s3.cache_clear()
    system = fs.S3FileSystem(endpoint_override=endpoint, allow_bucket_creation=True)
    system.create_dir("seized/dump")
    yield system
    server.stop()
    stores._s3.cache_clear()


def put(system: Any, key: str, data: bytes) -> None:
    with system.open_output_stream(key) as out:
        out.write(data)


@pytest.fixture
def dump(tmp_path: Path, store: Any) -> Path:
    """A folder, and the same files in the bucket; one is a database with an open journal."""
    folder = write_dump(tmp_path / "dump")
    with closing(sqlite3.connect(folder / "a.db")) as database:
        database.execute("pragma journal_mode=wal")
        database.execute("create table t (手机号 text)")
        database.execute("insert into t values ('13600136000')")
        database.commit()
        for path in sorted(folder.iterdir()):
            if path.suffix != ".db-shm":
                put(store, f"seized/dump/{path.name}", path.read_bytes())
    for path in folder.iterdir():  # SQLite has deleted them
        path.unlink()
    for info in store.get_file_info(fs.FileSelector("seized/dump")):
        with store.open_input_stream(info.path) as stream:
            (folder / info.base_name).write_bytes(stream.read())
    return folder


def troubles(case: Case) -> list[tuple[str, str]]:
    return [(each["member"], each["detail"]) for each in case.manifest.content["troubles"]]


def test_objects_are_scanned_as_files(
    dump: Path, store: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies: set[tuple[Path, int]] = set()

    def look(_: Path, copy: Path) -> Iterator[Any]:
        copies.update((copy.parents[1], each.stat().st_mode) for each in (copy, copy.parent))
        return beside(_, copy)

    beside = stores._companions
    monkeypatch.setattr(stores, "_companions", look)
    whole = scan_dump([dump], tmp_path / "files")
    case = scan_dump(["s3://seized/dump"], tmp_path / "case")
    assert copies == {(tmp_path / "case" / "tmp", mode) for mode in (0o100600, 0o040700)}
    assert not [*tmp_path.glob("case/tmp/stored-*")]
    shards, expected = (
        {n: b for n, b in content(each.path).items() if not n.startswith("tables")}
        for each in (case, whole)
    )
    assert shards == expected
    assert "136****6000" in str(case.sql("select masked from findings").to_pylist())
    for one, two in zip(
        case.manifest.content["sources"], whole.manifest.content["sources"], strict=True
    ):
        name = Path(two["path"]).name
        assert one["path"] == one["place"] == f"s3://seized/dump/{name}"
        assert [one[each] for each in ("sha256", "size")] == [two[e] for e in ("sha256", "size")]
        assert [e["reason"] for e in one["errors"]] == [e["reason"] for e in two["errors"]]
    again = scan_dump(["s3://seized/dump"], tmp_path / "case")
    assert again.manifest.generation == 1
    (shown,) = lookup(case, ["13900139000"], show=True).rows
    assert shown["path"] == "s3://seized/dump/客户.csv"
    assert [line.row for line in shown["spot"].lines] == [2]
    assert case.verify() == []
    put(store, "seized/dump/sale.csv", b"changed")
    store.delete_file("seized/dump/notes.txt")
    numbers = {each["path"]: each["source"] for each in case.manifest.content["sources"]}
    changed, gone = (f"#{numbers[f's3://seized/dump/{n}']}" for n in ("sale.csv", "notes.txt"))
    assert {(each.reason, each.name) for each in case.verify()} == {
        ("SOURCE_CHANGED", changed),
        ("SOURCE_MISSING", gone),
    }
    with pytest.raises(CaseError, match="cannot be read again: No such file"):
        lookup(case, ["13700137000"], show=True)


def test_parts_read_their_objects(dump: Path, tmp_path: Path) -> None:
    whole = scan_dump(["s3://seized/dump"], tmp_path / "whole")
    parts = [
        scan_dump(["s3://seized/dump"], tmp_path / n, part=f"{n}/2", listing=tmp_path / "l").path
        for n in ("1", "2")
    ]
    merged = merge(parts, case=tmp_path / "case", key=tmp_path / "test.key")
    assert content(merged.path) == content(whole.path)


def test_what_cannot_be_reached_is_listed(
    dump: Path, store: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = ["s3://seized/none", "s3://nowhere/a", dump / "notes.txt", "s3://seized/dump"]

    def lose(self: Any, size: int) -> bytes:
        raise OSError(None, "AWS Error NETWORK_CONNECTION during GetObject 13800138000")

    with monkeypatch.context() as lost:
        lost.setattr(stores._ObjectStream, "read", stores._short_errors()(lose))
        case = scan_dump(given, tmp_path / "case")
    assert {member for member, _ in troubles(case)} == {"s3://seized/none", "s3://nowhere/a"}
    first, *others = case.manifest.content["sources"]
    assert (first["place"], first["state"]) == (os.fspath(dump / "notes.txt"), "read")
    assert {each["state"] for each in others} == {"unread"}
    assert {e["detail"] for each in others for e in each["errors"]} == {"NETWORK_CONNECTION"}
    assert "13800138000" not in str(case.manifest.content)


def test_what_has_no_room_is_hashed_and_listed(
    dump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "_RESERVE", 1 << 62)
    case = scan_dump(["s3://seized/dump/sale.csv"], tmp_path / "case")
    (source,) = case.manifest.content["sources"]
    assert source["sha256"]
    assert [each["reason"] for each in source["errors"]] == ["MEMBER_TOO_LARGE"]

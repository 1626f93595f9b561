"""Shards: the same rows give the same bytes, whole or not at all, for their owner only."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from piiscan import CaseError
from piiscan.case.store import shards
from piiscan.case.store.shards import ShardWriter, check_disk, write_bytes, write_table
from piiscan.hashing.digest import file_sha256
from piiscan.schemas import FINDINGS


def rows(start: int, count: int) -> pa.Table:
    """FINDINGS of rows from ``start`` on; columns of no interest are equal or empty."""
    same = {
        "source": 1,
        "column": 1,
        "group": 0,
        "start": 0,
        "end": 11,
        "entity": "CN_MOBILE",
        "recognizer": "cn.mobile",
        "masked": "138****8000",
        "verdict": "plausible",
        "score": 0.85,
    }
    made = [
        {
            **same,
            "member": f"m{n % 3}",
            "row": n,
            "record": n,
            "header": None if n % 5 else "手机",
            "byte_offset": n * 12 if n % 4 else None,
            "digest": n.to_bytes(16, "big"),
            "coarse": f"湖南省/{1900 + n % 90}/" if n % 3 else None,
            "role": "recipient" if n % 3 else None,
        }
        for n in range(start, start + count)
    ]
    return pa.Table.from_pylist(made, FINDINGS)


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    (tmp_path / "tmp").mkdir()
    return tmp_path / "tmp"


@pytest.fixture
def open_shard(temporary: Path) -> Iterator[Callable[[Path], ShardWriter]]:
    with ThreadPoolExecutor(1) as pool:
        yield lambda path: ShardWriter(path, FINDINGS, temporary=temporary, pool=pool)


@pytest.fixture
def write(open_shard: Callable[[Path], ShardWriter]) -> Callable[..., str | None]:
    """write(path, table, …): the digest of a shard of these pieces."""

    def run(path: Path, *pieces: pa.Table) -> str | None:
        with open_shard(path) as writer:
            for piece in pieces:
                writer.add(piece)
            return writer.close()

    return run


def test_rows_come_back_as_they_were(tmp_path: Path, write: Any) -> None:
    path = tmp_path / "a.parquet"
    assert write(path, rows(0, 1000), rows(1000, 10)) == file_sha256(path)
    assert pq.read_table(path, schema=FINDINGS).to_pylist() == rows(0, 1010).to_pylist()


def test_bytes_do_not_depend_on_how_the_rows_of_a_group_came(
    tmp_path: Path, write: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "ROW_GROUP", 100)
    whole = write(tmp_path / "a", rows(0, 100), rows(100, 250))
    cut = [rows(0, 7), rows(7, 93), rows(100, 99), rows(199, 151)]
    assert write(tmp_path / "b", *cut) == whole
    groups = pq.ParquetFile(tmp_path / "b").metadata
    assert [groups.row_group(n).num_rows for n in range(groups.num_row_groups)] == [
        100,
        100,
        100,
        50,
    ]


def test_a_shard_is_private_and_appears_only_when_whole(
    tmp_path: Path, temporary: Path, open_shard: Any
) -> None:
    path = tmp_path / "a"
    with open_shard(path) as writer:
        writer.add(rows(0, shards.ROW_GROUP + 1))
        assert not path.exists()
        assert [p.stat().st_mode & 0o777 for p in temporary.iterdir()] == [0o600]
        writer.close()
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(temporary.iterdir()) == []


def test_a_failure_leaves_nothing(tmp_path: Path, temporary: Path, open_shard: Any) -> None:
    def fail() -> None:
        with open_shard(tmp_path / "a") as writer:
            writer.add(rows(0, shards.ROW_GROUP))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert not (tmp_path / "a").exists()
    assert list(temporary.iterdir()) == []


def test_no_rows_make_no_file(tmp_path: Path, write: Any) -> None:
    assert write(tmp_path / "a", rows(0, 0)) is None
    assert not (tmp_path / "a").exists()


def test_a_full_disk_stops_the_run_and_says_what_to_do(
    tmp_path: Path, write: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "RESERVE", 1 << 60)
    with pytest.raises(CaseError, match="run the same command again"):
        write(tmp_path / "a", rows(0, 5))
    with pytest.raises(CaseError, match="free some space"):
        check_disk(tmp_path)


def test_enough_room_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "RESERVE", 0)
    check_disk(tmp_path)
    with pytest.raises(CaseError):
        check_disk(tmp_path, needed=1 << 60)


def test_small_files_are_private_and_their_digest_true(tmp_path: Path, temporary: Path) -> None:
    table, text = tmp_path / "t.parquet", tmp_path / "t.json"
    assert write_table(table, rows(0, 0), temporary=temporary) == file_sha256(table)
    assert write_bytes(text, b"{}", temporary=temporary) == file_sha256(text)
    assert {p.stat().st_mode & 0o777 for p in (table, text)} == {0o600}


def test_a_write_that_fails_in_the_background_is_raised_and_leaves_nothing(
    tmp_path: Path, temporary: Path, write: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: object, group: object, **more: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq.ParquetWriter, "write_table", fail)
    with pytest.raises(CaseError, match=r"No space left.*run the same command again"):
        write(tmp_path / "a", rows(0, 5))
    assert not (tmp_path / "a").exists()
    assert list(temporary.iterdir()) == []

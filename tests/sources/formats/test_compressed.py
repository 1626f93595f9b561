"""A compressed file is its member, as far as it can be unpacked; nothing behind it is forgotten."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import lz4.frame
import pytest
from backports import zstd

from piiscan.sources import read
from piiscan.sources.block import Block, Table
from piiscan.sources.limits import Budget
from piiscan.sources.read import open_tables
from tests.sources.tables import cells_of, count_names, read_all, read_one, reasons

PEOPLE = [["张伟", "13800138000"], ["王芳", "13900139000"], ["李娜", "13700137000"]]
CSV = "".join(f"{a},{b}\n" for a, b in [["姓名", "电话"], *PEOPLE]).encode()


def alone(data: bytes) -> bytes:
    return lzma.compress(data, lzma.FORMAT_ALONE)


PACKERS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("gz", gzip.compress),
    ("bz2", bz2.compress),
    ("xz", lzma.compress),
    ("lzma", alone),
    ("zst", zstd.compress),
    ("lz4", lambda data: lz4.frame.compress(data, content_checksum=True)),
]
packers = pytest.mark.parametrize(("suffix", "pack"), PACKERS)


def write(folder: Path, data: bytes, name: str) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@packers
def test_the_member_is_named_without_the_suffix(
    suffix: str, pack: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    table, blocks, troubles = read_one(write(tmp_path, pack(CSV), f"名单.csv.{suffix}"))
    assert (table.member, table.size) == ("名单.csv", len(CSV))
    assert table.sha256 == hashlib.sha256(CSV).hexdigest()
    assert cells_of(blocks)[1:] == PEOPLE
    assert troubles == []


@packers
def test_streams_one_after_the_other_are_one_member(
    suffix: str, pack: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    half = CSV.index("王芳".encode())
    data = pack(CSV[:half]) + bytes(4) + pack(b"") + pack(CSV[half:]) + bytes(512)
    _, blocks, troubles = read_one(write(tmp_path, data, f"a.csv.{suffix}"))
    assert cells_of(blocks)[1:] == PEOPLE
    assert troubles == []


@packers
def test_bytes_behind_the_last_stream_are_a_member(
    suffix: str, pack: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    path = write(tmp_path, pack(CSV) + "李娜,13700137000\n".encode(), f"a.csv.{suffix}")
    tables, troubles = read_all(path)
    assert [table.member for table, _ in tables] == ["a.csv", "#trailing"]
    assert troubles == []
    junk = write(tmp_path, pack(CSV) + b"\xff\0\xfe\x01" * 9, f"b.csv.{suffix}")
    _, troubles = read_all(junk)
    assert [(t.member, t.reason, t.lost) for t in troubles] == [("#trailing", "BINARY", True)]


@packers
def test_what_was_unpacked_before_a_cut_stays(
    suffix: str, pack: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    rows = "".join(f"{zlib.crc32(b'%d' % n)},138{n:08}\n" for n in range(60_000))
    packed = pack(rows.encode())
    path = write(tmp_path, packed[: len(packed) * 2 // 3], f"a.csv.{suffix}")
    _, blocks, troubles = read_one(path)
    read = cells_of(blocks)
    assert 15_000 < len(read) < 60_000
    assert read[:15_000] == [line.split(",") for line in rows.splitlines()[:15_000]]
    assert [(t.member, t.reason, t.lost) for t in troubles] == [("a.csv", "CORRUPT", True)]


@packers
@pytest.mark.parametrize("seed", range(8))
def test_damage_raises_nothing_and_is_told(
    suffix: str, pack: Callable[[bytes], bytes], seed: int, tmp_path: Path
) -> None:
    data = bytearray(pack(CSV * 40))
    data[14 + (seed * 7919) % (len(data) - 14)] ^= 0x55
    _, troubles = read_all(write(tmp_path, bytes(data), f"a.csv.{suffix}"))
    assert any(each.lost for each in troubles) or suffix in ("lzma", "zst")  # without checksums
    assert "READER_FAILED" not in reasons(troubles)


@pytest.mark.parametrize("suffix", ["zst", "lz4"])
def test_skippable_frames_are_skipped(suffix: str, tmp_path: Path) -> None:
    skipped = b"\x53\x2a\x4d\x18\4\0\0\0xxxx"
    data = skipped + dict(PACKERS)[suffix](CSV) + skipped
    _, blocks, troubles = read_one(write(tmp_path, data, f"a.csv.{suffix}"))
    assert (cells_of(blocks)[1:], troubles) == (PEOPLE, [])


@pytest.mark.parametrize(
    ("suffix", "name", "package"), [("zst", "zstd", "backports.zstd"), ("lz4", "lz4", "lz4")]
)
def test_a_missing_package_is_told(
    suffix: str, name: str, package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "find_spec", lambda each: each != package or None)
    _, troubles = read_all(write(tmp_path, dict(PACKERS)[suffix](CSV), f"a.{suffix}"))
    assert [(t.reason, t.detail) for t in troubles] == [("PACKAGE_MISSING", f"{name}: archives")]


def test_a_wrong_checksum_of_gzip_costs_nothing_that_was_unpacked(tmp_path: Path) -> None:
    data = bytearray(gzip.compress(CSV))
    data[-8] ^= 1
    _, blocks, troubles = read_one(write(tmp_path, bytes(data), "a.csv.gz"))
    assert cells_of(blocks)[1:] == PEOPLE
    assert [(t.reason, t.lost) for t in troubles] == [("CRC", True)]


@packers
def test_bombs_are_stopped(suffix: str, pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    path = write(tmp_path, pack(bytes(30 << 20)), f"a.{suffix}")
    for budget, reason in (
        (Budget(ratio_from=1 << 20, ratio=200), "ZIP_RATIO"),
        (Budget(total=1 << 20), "ZIP_TOTAL"),
        (Budget(member=1 << 20), "MEMBER_TOO_LARGE"),
    ):
        troubles = read_all(path, budget=budget)[1]
        assert reason in reasons(troubles)
        (stopped,) = (int(t.detail.split()[2]) for t in troubles if t.reason == reason)
        assert stopped < 30 << 20


def test_a_file_that_holds_itself_ends(tmp_path: Path) -> None:
    data = CSV
    for _ in range(8):
        data = gzip.compress(data)
    tables, troubles = read_all(write(tmp_path, data, "a.gz"))
    assert (tables, reasons(troubles)) == ([], ["ZIP_DEPTH"])


def test_texts_of_a_gzip_header_are_read(tmp_path: Path) -> None:
    packed = gzip.compress(CSV)
    head = packed[:3] + bytes([8 | 16]) + packed[4:10]
    data = head + "客户.csv\0电话：13600136000\0".encode("gbk") + packed[10:]
    tables, _ = read_all(write(tmp_path, data, "a.csv.gz"))
    assert [table.member for table, _ in tables] == ["a.csv", "#comment"]
    assert [row[0] for row in cells_of(tables[1][1])] == ["客户.csv", "电话：13600136000"]
    with gzip.GzipFile(tmp_path / "a.csv", "wb", fileobj=(out := io.BytesIO())) as file:
        file.write(CSV)
    tables, _ = read_all(write(tmp_path, out.getvalue(), "a.csv.gz"))
    assert [table.member for table, _ in tables] == ["a.csv"]


@pytest.mark.parametrize("limit", [0, 8 << 20])
def test_a_member_in_a_temporary_file_is_read_like_one_in_memory(
    limit: int, tmp_path: Path
) -> None:
    rows = "姓名,电话\n" + "".join(f"张伟,138{n:08}\n" for n in range(40_000))
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("b.csv", rows)
    before = sorted(tmp_path.rglob("*"))
    plain = read_one(write(tmp_path, rows.encode(), "a.csv"))
    for data, name in ((rows.encode(), "a.csv.gz"), (inner.getvalue(), "z.zip.gz")):
        path = write(tmp_path, gzip.compress(data), name)
        opened = open_tables(path, count_names=count_names, budget=Budget(member_in_memory=limit))
        (table,) = [t for t in opened if isinstance(t, Table)]  # read after its archive was closed
        blocks = [block for block in table.blocks() if isinstance(block, Block)]
        assert cells_of(blocks) == cells_of(plain[1])
        assert table.sample.columns == plain[0].sample.columns
        path.unlink()
    (tmp_path / "a.csv").unlink()
    assert sorted(tmp_path.rglob("*")) == before

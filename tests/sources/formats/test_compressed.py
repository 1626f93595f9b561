"""A compressed file is its member, as far as it can be unpacked; nothing behind it is forgotten."""

import bz2
import gzip
import hashlib
import io
import lzma
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

import lz4.frame
import pytest
from backports import zstd

from piiscan.sources import read
from piiscan.sources.block import Block, Table
from piiscan.sources.limits import Budget
from piiscan.sources.read import open_tables
from tests.sources.tables import (
    CSV,
    ROWS,
    cells_of,
    count_names,
    read_all,
    read_members,
    read_one,
    read_reasons,
    reasons,
    told,
    zipped,
)

Pack = Callable[[bytes], bytes]
PACKERS: dict[str, Pack] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "lzma": partial(lzma.compress, format=lzma.FORMAT_ALONE),
    "zst": zstd.compress,
    "lz4": partial(lz4.frame.compress, content_checksum=True),
}
packers = pytest.mark.parametrize(("suffix", "pack"), PACKERS.items(), ids=PACKERS)


@packers
def test_the_member_is_named_without_the_suffix(suffix: str, pack: Pack) -> None:
    table, blocks, troubles = read_one(pack(CSV), f"名单.csv.{suffix}")
    assert (table.member, table.size) == ("名单.csv", len(CSV))
    assert table.sha256 == hashlib.sha256(CSV).hexdigest()
    assert (cells_of(blocks), troubles) == (ROWS, [])


@packers
def test_streams_one_after_the_other_are_one_member(suffix: str, pack: Pack) -> None:
    half = CSV.index("王芳".encode())
    data = pack(CSV[:half]) + bytes(4) + pack(b"") + pack(CSV[half:]) + bytes(512)
    assert read_members(data, f"a.csv.{suffix}") == ({"a.csv": ROWS}, [])


@packers
def test_bytes_behind_the_last_stream_are_a_member(suffix: str, pack: Pack) -> None:
    name, more = f"a.csv.{suffix}", [["赵敏", "13600136000"]] * 3
    data = pack(CSV) + "赵敏,13600136000\n".encode() * 3
    assert read_members(data, name) == ({"a.csv": ROWS, "#trailing": more}, [])
    _, troubles = read_all(pack(CSV) + b"\xff\0\xfe\x01" * 9, name)
    assert told(troubles) == [("#trailing", "BINARY", True)]


@packers
def test_what_was_unpacked_before_a_cut_stays(suffix: str, pack: Pack) -> None:
    rows = [[f"{zlib.crc32(b'%d' % n)}", f"138{n:08}"] for n in range(60_000)]
    packed = pack("".join(",".join(row) + "\n" for row in rows).encode())
    _, blocks, troubles = read_one(packed[: len(packed) * 2 // 3], f"a.csv.{suffix}")
    found = cells_of(blocks)
    assert 15_000 < len(found) < 60_000
    assert found[:15_000] == rows[:15_000]
    assert told(troubles) == [("a.csv", "CORRUPT", True)]


@packers
@pytest.mark.parametrize("seed", range(8))
def test_damage_raises_nothing_and_is_told(suffix: str, pack: Pack, seed: int) -> None:
    data = bytearray(pack(CSV * 40))
    data[14 + (seed * 7919) % (len(data) - 14)] ^= 0x55
    _, troubles = read_all(bytes(data), f"a.csv.{suffix}")
    assert any(each.lost for each in troubles) or suffix in ("lzma", "zst")  # without checksums
    assert "READER_FAILED" not in reasons(troubles)


@pytest.mark.parametrize("suffix", ["zst", "lz4"])
def test_skippable_frames_are_a_member_of_their_own(suffix: str) -> None:
    skipped = b"\x53\x2a\x4d\x18" + len(CSV).to_bytes(4, "little") + CSV
    data = skipped + PACKERS[suffix](CSV) + skipped
    members, troubles = read_members(data, f"a.csv.{suffix}")
    assert (members["a.csv"], troubles) == (ROWS, [])
    assert members["#skipped"] == ROWS * 2


@pytest.mark.parametrize(
    ("suffix", "name", "package"), [("zst", "zstd", "backports.zstd"), ("lz4", "lz4", "lz4")]
)
def test_a_missing_package_is_told(
    suffix: str, name: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "find_spec", lambda each: each != package or None)
    _, troubles = read_all(PACKERS[suffix](CSV))
    assert [(t.reason, t.detail) for t in troubles] == [("PACKAGE_MISSING", f"{name}: archives")]


def test_a_wrong_checksum_of_gzip_costs_nothing_that_was_unpacked() -> None:
    data = bytearray(gzip.compress(CSV))
    data[-8] ^= 1
    rows, troubles = read_members(bytes(data), "a.csv.gz")
    assert (rows, told(troubles)) == ({"a.csv": ROWS}, [("a.csv", "CRC", True)])


@packers
def test_bombs_are_stopped(suffix: str, pack: Pack) -> None:
    packed = pack(bytes(30 << 20))
    for budget, reason in (
        (Budget(ratio_from=1 << 20, ratio=200), "ZIP_RATIO"),
        (Budget(total=1 << 20), "ZIP_TOTAL"),
        (Budget(member=1 << 20), "MEMBER_TOO_LARGE"),
    ):
        troubles = read_all(packed, f"a.{suffix}", budget=budget)[1]
        (stopped,) = (int(t.detail.split()[2]) for t in troubles if t.reason == reason)
        assert stopped < 30 << 20


def test_a_file_that_holds_itself_ends() -> None:
    data = CSV
    for _ in range(8):
        data = gzip.compress(data)
    assert read_reasons(data) == ["ZIP_DEPTH"]


def test_texts_of_a_gzip_header_are_read() -> None:
    packed = gzip.compress(CSV)
    head = packed[:3] + bytes([8 | 16]) + packed[4:10]
    data = head + "客户.csv\0电话：13600136000\0".encode("gbk") + packed[10:]
    comment = [["客户.csv"], ["电话：13600136000"]]
    assert read_members(data, "a.csv.gz")[0] == {"a.csv": ROWS, "#comment": comment}
    with gzip.GzipFile("a.csv", "wb", fileobj=(out := io.BytesIO())) as file:
        file.write(CSV)
    assert read_members(out.getvalue(), "a.csv.gz")[0] == {"a.csv": ROWS}


@pytest.mark.parametrize("limit", [0, 8 << 20])
def test_a_member_in_a_temporary_file_is_read_like_one_in_memory(
    limit: int, tmp_path: Path
) -> None:
    rows = ("姓名,电话\n" + "".join(f"张伟,138{n:08}\n" for n in range(40_000))).encode()
    plain = read_one(rows)
    for data, name in ((rows, "a.csv.gz"), (zipped({"b.csv": rows}), "z.zip.gz")):
        path = tmp_path / name
        path.write_bytes(gzip.compress(data))
        opened = open_tables(path, count_names=count_names, budget=Budget(member_in_memory=limit))
        (table,) = [t for t in opened if isinstance(t, Table)]  # read after its archive was closed
        blocks = [block for block in table.blocks() if isinstance(block, Block)]
        assert cells_of(blocks) == cells_of(plain[1])
        assert table.sample.columns == plain[0].sample.columns
        path.unlink()
    assert list(tmp_path.iterdir()) == []

"""Zip members are read in place: names, chains, digests, budgets; one bad member stops no other."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import pytest

from piiscan.sources.archive import member_names
from piiscan.sources.block import Block, Table
from piiscan.sources.limits import Budget
from piiscan.sources.read import open_tables
from tests.sources.tables import cells_of, count_names, read_all, read_one, reasons

CSV = "姓名,电话\n张伟,13800138000\n王芳,13900139000\n".encode()


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def zipped_as(names: list[str], encoding: str) -> bytes:
    """An archive as old Chinese Windows programs write it: names in GBK, without the UTF-8 flag."""
    placeholders = [f"{n:0{len(name.encode(encoding))}}" for n, name in enumerate(names)]
    data = zipped(dict.fromkeys(placeholders, CSV), zipfile.ZIP_STORED)
    for placeholder, name in zip(placeholders, names, strict=True):
        data = data.replace(placeholder.encode(), name.encode(encoding))
    return data


def write(folder: Path, data: bytes, name: str = "a.zip") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("encoding", ["gbk", "utf-8", "big5"])
def test_names_are_read_as_they_were_written(tmp_path: Path, encoding: str) -> None:
    names = ["客户/名单.csv", "地址.csv"] if encoding != "big5" else ["客戶/名單.csv", "電話.csv"]
    tables, troubles = read_all(write(tmp_path, zipped_as(names, encoding)))
    assert [table.member for table, _ in tables] == names
    assert troubles == []


def test_gbk_names_that_are_flagged_as_utf_8_are_still_read(tmp_path: Path) -> None:
    data = bytearray(zipped_as(["客户名单.csv", "地址.csv"], "gbk"))
    for mark, place in ((b"PK\x03\x04", 7), (b"PK\x01\x02", 9)):
        at = data.find(mark)
        while at >= 0:
            data[at + place] |= 0x08
            at = data.find(mark, at + 4)
    tables, troubles = read_all(write(tmp_path, bytes(data)))
    assert [table.member for table, _ in tables] == ["客户名单.csv", "地址.csv"]
    assert troubles == []


def test_a_member_has_its_digest_size_and_rows(tmp_path: Path) -> None:
    table, blocks, _ = read_one(write(tmp_path, zipped({"a.csv": CSV})))
    assert (table.sha256, table.size) == (hashlib.sha256(CSV).hexdigest(), len(CSV))
    assert cells_of(blocks)[1] == ["张伟", "13800138000"]


def test_chains_show_the_way_through_nested_archives_and_sheets(tmp_path: Path) -> None:
    import openpyxl

    book, sheet = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["13800138000"])
    book.save(sheet)
    inner = zipped({"x.xlsx": sheet.getvalue(), "b.csv": CSV})
    path = write(tmp_path, zipped({"内层.zip": inner, "c.csv": CSV}))
    tables, _ = read_all(path)
    assert [table.member for table, _ in tables] == [
        "内层.zip!x.xlsx#Sheet",
        "内层.zip!b.csv",
        "c.csv",
    ]
    assert tables[0][0].sha256 == hashlib.sha256(sheet.getvalue()).hexdigest()


def test_names_that_point_outside_are_only_names(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    path = write(folder, zipped({"../../up.csv": CSV, "/etc/x.csv": CSV, "C:\\y.csv": CSV}))
    before = sorted(tmp_path.rglob("*"))
    tables, _ = read_all(path)
    assert len(tables) == 3
    assert sorted(tmp_path.rglob("*")) == before


def test_names_that_come_twice_are_two_places() -> None:
    infos = [zipfile.ZipInfo("a.csv"), zipfile.ZipInfo("a.csv"), zipfile.ZipInfo("b.csv")]
    assert member_names(infos) == ["a.csv", "a.csv;2", "b.csv"]


def test_an_encrypted_member_is_reported_and_the_others_read(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.csv": CSV, "b.csv": CSV}))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + place] |= 1
    tables, troubles = read_all(write(tmp_path, bytes(data)))
    assert [table.member for table, _ in tables] == ["b.csv"]
    assert [(t.member, t.reason, t.lost) for t in troubles] == [("a.csv", "ENCRYPTED", True)]


def test_a_wrong_crc_is_reported_after_all_that_could_be_read(tmp_path: Path) -> None:
    data = zipped({"a.csv": CSV, "b.csv": CSV}, zipfile.ZIP_STORED)
    at = data.index(CSV)
    broken = data[:at] + CSV.replace(b"13800138000", b"13800138001") + data[at + len(CSV) :]
    tables, troubles = read_all(write(tmp_path, broken))
    assert [table.member for table, _ in tables] == ["a.csv", "b.csv"]
    assert cells_of(tables[0][1])[1:] == [["张伟", "13800138001"], ["王芳", "13900139000"]]
    assert [(t.member, t.reason, t.lost) for t in troubles] == [("a.csv", "CRC", True)]


def test_a_corrupt_member_stops_no_other(tmp_path: Path) -> None:
    rows = "姓名,电话\n".encode() + b"".join(b"a,138%08d\n" % (n * 7919) for n in range(300_000))
    data = bytearray(zipped({"a.csv": rows, "b.csv": CSV}))
    at = data.index(b"PK\x01\x02") // 2
    data[at : at + 200] = b"\xff" * 200
    tables, troubles = read_all(write(tmp_path, bytes(data)))
    assert [table.member for table, _ in tables] == ["a.csv", "b.csv"]
    read = cells_of(tables[0][1])
    assert 10_000 < len(read) < 300_001
    assert read[1:5000] == [["a", f"138{n * 7919:08}"] for n in range(4999)]
    assert "CORRUPT" in reasons(troubles) or "CRC" in reasons(troubles)


def test_a_file_that_is_no_archive_any_more_is_reported(tmp_path: Path) -> None:
    tables, troubles = read_all(write(tmp_path, zipped({"a.csv": CSV})[:-30]))
    assert (tables, [(t.reason, t.lost) for t in troubles]) == ([], [("CORRUPT", True)])


def test_depth_is_bounded(tmp_path: Path) -> None:
    data = zipped({"a.csv": CSV})
    for _ in range(4):
        data = zipped({"z.zip": data, "c.csv": CSV})
    tables, troubles = read_all(write(tmp_path, data))
    assert (len(tables), troubles) == (5, [])
    tables, troubles = read_all(write(tmp_path, data), budget=Budget(depth=3))
    assert [table.member for table, _ in tables] == ["z.zip!z.zip!c.csv", "z.zip!c.csv", "c.csv"]
    assert [(t.member, t.reason, t.lost) for t in troubles] == [
        ("z.zip!z.zip!z.zip", "ZIP_DEPTH", True)
    ]


@pytest.mark.parametrize(
    ("budget", "reason"),
    [
        (Budget(member=10_000), "MEMBER_TOO_LARGE"),
        (Budget(total=10_000), "ZIP_TOTAL"),
        (Budget(ratio_from=10_000, ratio=20), "ZIP_RATIO"),
    ],
)
def test_bombs_are_stopped(tmp_path: Path, budget: Budget, reason: str) -> None:
    path = write(tmp_path, zipped({"a.csv": b"13800138000,x,y\n" * 100_000}))
    assert reason in reasons(read_all(path, budget=budget)[1])


def test_a_lying_size_does_not_pass_the_budget(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.txt": b"0" * 3_000_000}))
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.index(mark) + place
        data[at : at + 4] = (10).to_bytes(4, "little")
    _, troubles = read_all(write(tmp_path, bytes(data)))
    assert set(reasons(troubles)) <= {"CRC", "CORRUPT"}
    assert troubles


def test_members_beyond_their_number_are_reported(tmp_path: Path) -> None:
    path = write(tmp_path, zipped({f"{n}.csv": CSV for n in range(5)}))
    tables, troubles = read_all(path, budget=Budget(members=3))
    assert (len(tables), reasons(troubles)) == (3, ["ZIP_MEMBERS"])


def test_large_members_are_streamed_and_equal_the_plain_file(tmp_path: Path) -> None:
    rows = "姓名,电话\n" + "".join(f"张伟,138{n:08}\n" for n in range(500_000))
    plain = write(tmp_path, rows.encode(), "a.csv")
    one, blocks, _ = read_one(plain)
    other, members, troubles = read_one(write(tmp_path, zipped({"a.csv": rows.encode()})))
    assert troubles == []
    assert len(rows.encode()) > 8 << 20
    for a, b in zip(blocks, members, strict=True):
        assert a.columns == b.columns
        assert a.rows.tolist() == b.rows.tolist()
    assert one.sample.columns == other.sample.columns


def test_tables_can_be_read_after_the_archive_was_gone_through(tmp_path: Path) -> None:
    rows = b"".join(b"138%08d,x,y\n" % n for n in range(800_000))
    path = write(tmp_path, zipped({"a.csv": rows, "b.csv": CSV}))
    tables = [t for t in open_tables(path, count_names=count_names) if isinstance(t, Table)]
    for table, expected in zip(tables, (800_000, 3), strict=True):
        blocks = [block for block in table.blocks() if isinstance(block, Block)]
        assert sum(len(block.rows) for block in blocks) == expected


def test_folders_and_empty_members_are_no_loss(tmp_path: Path) -> None:
    tables, troubles = read_all(write(tmp_path, zipped({"d/": b"", "d/e.txt": b""})))
    assert (tables, [(t.member, t.reason, t.lost) for t in troubles]) == (
        [],
        [("d/e.txt", "EMPTY", False)],
    )

"""Zip members are read in place: names, chains, digests, budgets; one bad member stops no other."""

from __future__ import annotations

import hashlib
import io
import random
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest

from piiscan.sources.archives.archive import member_names, open_members
from piiscan.sources.archives.spool import MemberScan
from piiscan.sources.block import Block, Table, Trouble
from piiscan.sources.content import Content, file_content
from piiscan.sources.limits import Budget, BudgetUsage
from piiscan.sources.read import open_tables
from tests.sources.tables import cells_of, count_names, read_all, read_one, reasons

CSV = "姓名,电话\n张伟,13800138000\n王芳,13900139000\n".encode()


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        for name, data in members.items():
            made.writestr(name, data)
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


def test_a_backslash_in_a_name_separates_folders() -> None:
    info = zipfile.ZipInfo("x")
    info.filename = info.orig_filename = "a\\b.csv"
    assert member_names([info]) == ["a/b.csv"]


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


def test_members_that_are_too_dense_together_are_stopped_and_counted(tmp_path: Path) -> None:
    inner = zipped({f"{number}.txt": b"x\n" * 50_000 for number in range(20)})
    path = write(tmp_path, zipped({"a.zip": inner, "b.zip": inner}))
    tables, troubles = read_all(path, budget=Budget(total_ratio_from=1_000_000))
    assert 9 <= len(tables) <= 11
    assert [(t.member, t.reason, t.lost) for t in troubles if "over the budget" in t.detail] == [
        ("a.zip", "ZIP_RATIO", True),
        ("", "ZIP_RATIO", True),
    ]
    assert len(read_all(path)[0]) == 40


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


def test_limits_are_exact(tmp_path: Path) -> None:
    path = write(tmp_path, zipped({"a.txt": b"x" * 1000, "b.txt": b"y" * 500}))
    with zipfile.ZipFile(path) as made:
        packed = made.getinfo("a.txt").compress_size
    for fits, beyond, reason in (
        (Budget(member=1000), Budget(member=999), "MEMBER_TOO_LARGE"),
        (Budget(total=1500), Budget(total=1499), "ZIP_TOTAL"),
        (Budget(members=2), Budget(members=1), "ZIP_MEMBERS"),
        (Budget(ratio_from=1000, ratio=1), Budget(ratio_from=999, ratio=1), "ZIP_RATIO"),
        (
            Budget(ratio_from=1, ratio=-(-1000 // packed)),
            Budget(ratio_from=1, ratio=999 // packed),
            "ZIP_RATIO",
        ),
        (Budget(depth=1), Budget(depth=0), "ZIP_DEPTH"),
    ):
        assert reasons(read_all(path, budget=fits)[1]) == []
        troubles = read_all(path, budget=beyond)[1]
        assert (troubles[-1].reason, troubles[-1].lost) == (reason, True)


def test_a_total_counts_all_members_of_all_archives(tmp_path: Path) -> None:
    inner = zipped({"a.txt": b"x" * 1000})
    path = write(tmp_path, zipped({"i.zip": inner, "b.txt": b"y" * 500}))
    total = len(inner) + 1500
    assert read_all(path, budget=Budget(total=total))[1] == []
    _, troubles = read_all(path, budget=Budget(total=total - 1))
    assert [(each.member, each.reason) for each in troubles] == [("b.txt", "ZIP_TOTAL")]


def test_members_over_their_number_are_counted(tmp_path: Path) -> None:
    path = write(tmp_path, zipped({f"{n}.csv": CSV for n in range(7)}))
    (trouble,) = read_all(path, budget=Budget(members=3))[1]
    assert trouble.detail == "4 members over the budget"


def test_a_nested_archive_that_memory_does_not_hold_is_read(tmp_path: Path) -> None:
    rows = random.Random(1).randbytes(9 << 20)
    inner = zipped({"a.txt": CSV, "b.bin": rows}, zipfile.ZIP_STORED)
    path = write(tmp_path, zipped({"i.zip": inner, "c.csv": CSV}, zipfile.ZIP_STORED))
    tables, troubles = read_all(path, budget=Budget(in_memory=len(inner) - 1))
    assert [table.member for table, _ in tables] == ["i.zip!a.txt", "c.csv"]
    assert [(each.member, each.lost) for each in troubles] == [("i.zip!b.bin", True)]


def damage(data: bytes, place: int, value: bytes, local: int) -> bytes:
    """Change a field of the first member, in the directory and before its bytes."""
    changed = bytearray(data)
    for at in (data.index(b"PK\x01\x02") + place, data.index(b"PK\x03\x04") + local):
        changed[at : at + len(value)] = value
    return bytes(changed)


@pytest.mark.parametrize(
    ("place", "local", "value", "reason", "detail"),
    [
        (10, 8, b"\x63", "NOT_SUPPORTED_YET", "zip method 99"),
        (8, 6, b"\x01", "ENCRYPTED", "the member has a password"),
        (16, 14, b"\0\0\0\0", "CRC", "the bytes are not those that were packed"),
    ],
)
def test_a_member_that_cannot_be_read_is_named_with_its_reason(
    place: int, local: int, value: bytes, reason: str, detail: str, tmp_path: Path
) -> None:
    data = damage(zipped({"a.csv": CSV, "b.csv": CSV}), place, value, local)
    tables, troubles = read_all(write(tmp_path, data))
    assert tables[-1][0].member == "b.csv"
    assert [(each.member, each.reason, each.detail) for each in troubles] == [
        ("a.csv", reason, detail)
    ]


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_every_method_is_unpacked_and_its_damage_is_told(method: int, tmp_path: Path) -> None:
    good = zipped({"a.csv": CSV * 50, "b.csv": CSV}, method)
    tables, troubles = read_all(write(tmp_path, good))
    assert (len(tables), troubles) == (2, [])
    at = good.index(b"a.csv") + 5
    bad = good[: at + 20] + bytes(8) + good[at + 28 :]
    tables, troubles = read_all(write(tmp_path, bad))
    assert tables[-1][0].member == "b.csv"
    (lost,) = (each for each in troubles if each.lost)
    assert (lost.member, lost.reason) in (("a.csv", "CORRUPT"), ("a.csv", "CRC"))
    assert lost.reason == "CRC" or f"of {len(CSV) * 50} bytes" in lost.detail


@pytest.mark.parametrize("error", [RuntimeError, EOFError, ValueError, OSError, zlib.error])
def test_whatever_a_member_raises_is_told_with_what_was_read(
    error: type[Exception], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = MemberScan._add

    def fail(scan: MemberScan, piece: bytes) -> None:
        real(scan, piece)
        if scan.size == 4:
            raise error("13800138000")

    monkeypatch.setattr(MemberScan, "_add", fail)
    path = write(tmp_path, zipped({"a.csv": b"1\n2\n", "b.csv": CSV}))
    tables, troubles = read_all(path)
    assert [table.member for table, _ in tables] == ["a.csv", "b.csv"]
    assert [(each.member, each.reason, each.detail) for each in troubles] == [
        ("a.csv", "CORRUPT", f"{error.__name__} after 4 of 4 bytes")
    ]


def test_an_exception_at_a_member_is_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = MemberScan._content

    def fail(scan: MemberScan, *rest: Any, **more: Any) -> Content:
        if scan.member == "a.csv":
            raise KeyError("13800138000")
        return real(scan, *rest, **more)

    monkeypatch.setattr(MemberScan, "_content", fail)
    tables, (trouble,) = read_all(write(tmp_path, zipped({"a.csv": CSV, "b.csv": CSV})))
    assert [table.member for table, _ in tables] == ["b.csv"]
    assert (trouble.member, trouble.reason, trouble.lost) == ("a.csv", "READER_FAILED", True)
    assert trouble.detail.startswith("KeyError at spool:")


def test_a_full_disk_is_no_fault_of_a_member(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(MemberScan, "_content", fail)
    with pytest.raises(MemoryError):
        read_all(write(tmp_path, zipped({"a.csv": CSV})))


def test_names_with_and_without_the_flag_stand_side_by_side() -> None:
    flagged, bare = zipfile.ZipInfo("名单.csv"), zipfile.ZipInfo("x")
    flagged.flag_bits = 0x800
    bare.filename = bare.orig_filename = "名单.csv".encode("gbk").decode("cp437")
    assert member_names([flagged, bare, flagged]) == ["名单.csv", "名单.csv;2", "名单.csv;3"]


def test_a_damaged_large_member_can_be_read_again_as_far_as_it_goes(tmp_path: Path) -> None:
    data = damage(zipped({"a.csv": CSV * 9000}, zipfile.ZIP_STORED), 16, b"\0\0\0\0", 14)
    path = write(tmp_path, data)
    found = list(open_members(file_content(path), BudgetUsage(Budget(member_in_memory=0))))
    assert isinstance(found[0], Content)
    assert isinstance(found[1], Trouble)
    for _ in range(2):  # long after the archive was closed
        with found[0].open() as stream:
            assert stream.read() == CSV * 9000
        with found[0].open() as stream:
            assert stream.read(10) + stream.read() == CSV * 9000

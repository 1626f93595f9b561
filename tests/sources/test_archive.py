"""Zip members are read in place: names, chains, digests, budgets; one bad member stops no other."""

import hashlib
import io
import random
import zipfile
import zlib
from pathlib import Path
from typing import Any
from unittest import mock

import openpyxl
import pytest

from piiscan.sources.archives.archive import member_names, open_members
from piiscan.sources.archives.spool import MemberScan
from piiscan.sources.block import Block, Table, Trouble
from piiscan.sources.content import Content, file_content
from piiscan.sources.limits import Budget, BudgetUsage
from piiscan.sources.read import open_tables
from tests.sources import tables as room
from tests.sources.tables import (
    CSV,
    ROWS,
    count_names,
    read_all,
    read_members,
    read_one,
    read_reasons,
    reasons,
    told,
)

BOTH = {"a.csv": CSV, "b.csv": CSV}


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    return room.zipped(members, method)


def zipped_as(names: list[str], encoding: str) -> bytes:
    """An archive as old Chinese Windows programs write it: names in GBK, without the UTF-8 flag."""
    placeholders = [f"{n:0{len(name.encode(encoding))}}" for n, name in enumerate(names)]
    data = zipped(dict.fromkeys(placeholders, CSV), zipfile.ZIP_STORED)
    for placeholder, name in zip(placeholders, names, strict=True):
        data = data.replace(placeholder.encode(), name.encode(encoding))
    return data


def damage(data: bytes, place: int, value: bytes, local: int) -> bytes:
    """Change a field of the first member, in the directory and before its bytes."""
    changed = bytearray(data)
    for at in (data.index(b"PK\x01\x02") + place, data.index(b"PK\x03\x04") + local):
        changed[at : at + len(value)] = value
    return bytes(changed)


@pytest.mark.parametrize("encoding", ["gbk", "utf-8", "big5"])
def test_names_are_read_as_they_were_written(encoding: str) -> None:
    names = ["客户/名单.csv", "地址.csv"] if encoding != "big5" else ["客戶/名單.csv", "電話.csv"]
    assert read_members(zipped_as(names, encoding)) == (dict.fromkeys(names, ROWS), [])


def test_gbk_names_that_are_flagged_as_utf_8_are_still_read() -> None:
    data = bytearray(zipped_as(["客户名单.csv", "地址.csv"], "gbk"))
    for mark, place in ((b"PK\x03\x04", 7), (b"PK\x01\x02", 9)):
        at = data.find(mark)
        while at >= 0:
            data[at + place] |= 0x08
            at = data.find(mark, at + 4)
    assert read_members(bytes(data)) == ({"客户名单.csv": ROWS, "地址.csv": ROWS}, [])


def test_chains_show_the_way_through_nested_archives_and_sheets() -> None:
    book, sheet = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["13800138000"])
    book.save(sheet)
    inner = zipped({"x.xlsx": sheet.getvalue(), "b.csv": CSV})
    tables, _ = read_all(zipped({"内层.zip": inner, "c.csv": CSV}))
    assert [(table.member, table.sha256, table.size) for table, _ in tables] == [
        (member, hashlib.sha256(data).hexdigest(), len(data))
        for member, data in (
            ("内层.zip!x.xlsx#Sheet", sheet.getvalue()),
            ("内层.zip!b.csv", CSV),
            ("c.csv", CSV),
        )
    ]


def test_names_that_point_outside_are_only_names(tmp_path: Path) -> None:
    path = tmp_path / "in" / "a.zip"
    path.parent.mkdir()
    path.write_bytes(zipped({"../../up.csv": CSV, "/etc/x.csv": CSV, "C:\\y.csv": CSV}))
    before = sorted(tmp_path.rglob("*"))
    assert len(read_members(path)[0]) == 3
    assert sorted(tmp_path.rglob("*")) == before


def test_names_of_members_are_told_apart() -> None:
    flagged, slashed, bare = zipfile.ZipInfo("名单.csv"), zipfile.ZipInfo("x"), zipfile.ZipInfo("x")
    slashed.filename = slashed.orig_filename = "a\\b.csv"
    flagged.flag_bits = 0x800
    bare.filename = bare.orig_filename = "名单.csv".encode("gbk").decode("cp437")
    plain = zipfile.ZipInfo("a.csv")
    for infos, names in (
        ([slashed], ["a/b.csv"]),
        ([plain, plain, zipfile.ZipInfo("b.csv")], ["a.csv", "a.csv;2", "b.csv"]),
        ([flagged, bare, flagged], ["名单.csv", "名单.csv;2", "名单.csv;3"]),
    ):
        assert member_names(infos) == names


def test_a_wrong_crc_is_reported_after_all_that_could_be_read() -> None:
    data = zipped(BOTH, zipfile.ZIP_STORED)
    found, troubles = read_members(data.replace(b"13800138000", b"13800138001", 1))
    assert found == {"a.csv": [ROWS[0], ["张伟", "13800138001"], *ROWS[2:]], "b.csv": ROWS}
    assert told(troubles) == [("a.csv", "CRC", True)]


def test_a_corrupt_member_stops_no_other() -> None:
    rows = "姓名,电话\n".encode() + b"".join(b"a,138%08d\n" % (n * 7919) for n in range(300_000))
    data = bytearray(zipped({"a.csv": rows, "b.csv": CSV}))
    at = data.index(b"PK\x01\x02") // 3
    data[at : at + 200] = b"\xff" * 200
    found, troubles = read_members(bytes(data))
    assert list(found) == ["a.csv", "b.csv"]
    assert 10_000 < len(found["a.csv"]) < 300_001
    assert found["a.csv"][1:5000] == [["a", f"138{n * 7919:08}"] for n in range(4999)]
    assert "CORRUPT" in reasons(troubles) or "CRC" in reasons(troubles)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("is_stream", [False, True])
def test_an_archive_that_is_cut_off_is_read_member_by_member(method: int, is_stream: bool) -> None:
    out = io.BytesIO()
    stream: Any = mock.Mock(write=out.write, spec=["write", "flush"]) if is_stream else out
    with zipfile.ZipFile(stream, "w", method) as made:
        for name in ("张三.csv", "b.csv"):
            made.writestr(name, CSV * 9000)
    data = out.getvalue()
    rows, troubles = read_members(data[:-40])
    assert [len(rows[name]) for name in ("张三.csv", "b.csv")] == [36_000, 36_000]
    assert told(troubles) == [("", "CORRUPT", True)]
    rows, troubles = read_members(data[: len(data) * 3 // 4])
    assert len(rows["张三.csv"]) == 36_000
    assert len(rows["b.csv"]) > 9_000
    assert ("", "CORRUPT", True) in told(troubles)


def test_depth_is_bounded() -> None:
    data = zipped({"a.csv": CSV})
    for _ in range(4):
        data = zipped({"z.zip": data, "c.csv": CSV})
    tables, troubles = read_all(data)
    assert (len(tables), troubles) == (5, [])
    found, troubles = read_members(data, budget=Budget(depth=3))
    assert list(found) == ["z.zip!z.zip!c.csv", "z.zip!c.csv", "c.csv"]
    assert told(troubles) == [("z.zip!z.zip!z.zip", "ZIP_DEPTH", True)]


def test_members_that_are_too_dense_together_are_stopped_and_counted() -> None:
    inner = zipped({f"{number}.txt": b"x\n" * 50_000 for number in range(20)})
    data = zipped({"a.zip": inner, "b.zip": inner})
    tables, troubles = read_all(data, budget=Budget(total_ratio_from=1_000_000))
    assert 9 <= len(tables) <= 11
    over = [each for each in troubles if "over the budget" in each.detail]
    assert told(over) == [("a.zip", "ZIP_RATIO", True), ("", "ZIP_RATIO", True)]
    assert len(read_all(data)[0]) == 40


def test_a_lying_size_does_not_pass_the_budget() -> None:
    data = damage(zipped({"a.txt": b"0" * 3_000_000}), 24, (10).to_bytes(4, "little"), 22)
    assert set(read_reasons(data)) in ({"CRC"}, {"CORRUPT"}, {"CRC", "CORRUPT"})


def test_large_members_are_streamed_and_equal_the_plain_file() -> None:
    rows = ("姓名,电话\n" + "".join(f"张伟,138{n:08}\n" for n in range(500_000))).encode()
    assert len(rows) > 8 << 20
    one, blocks, _ = read_one(rows)
    other, members, troubles = read_one(zipped({"a.csv": rows}))
    assert troubles == []
    for a, b in zip(blocks, members, strict=True):
        assert (a.columns, a.rows.tolist()) == (b.columns, b.rows.tolist())
    assert one.sample.columns == other.sample.columns


def test_tables_can_be_read_after_the_archive_was_gone_through(tmp_path: Path) -> None:
    rows = b"".join(b"138%08d,x,y\n" % n for n in range(800_000))
    (tmp_path / "a").write_bytes(zipped({"a.csv": rows, "b.csv": CSV}))
    found = list(open_tables(tmp_path / "a", count_names=count_names))
    for table, expected in zip(found, (800_000, 4), strict=True):
        assert isinstance(table, Table)
        assert sum(len(each.rows) for each in table.blocks() if isinstance(each, Block)) == expected


def test_folders_and_empty_members_are_no_loss() -> None:
    tables, troubles = read_all(zipped({"d/": b"", "d/e.txt": b""}))
    assert (tables, told(troubles)) == ([], [("d/e.txt", "EMPTY", False)])


def test_limits_are_exact() -> None:
    data = zipped({"a.txt": b"x" * 1000, "b.txt": b"y" * 500})
    with zipfile.ZipFile(io.BytesIO(data)) as made:
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
        assert read_reasons(data, budget=fits) == []
        troubles = read_all(data, budget=beyond)[1]
        assert (troubles[-1].reason, troubles[-1].lost) == (reason, True)


def test_a_total_counts_all_members_of_all_archives() -> None:
    inner = zipped({"a.txt": b"x" * 1000})
    data, total = zipped({"i.zip": inner, "b.txt": b"y" * 500}), len(inner) + 1500
    assert read_reasons(data, budget=Budget(total=total)) == []
    _, troubles = read_all(data, budget=Budget(total=total - 1))
    assert told(troubles) == [("b.txt", "ZIP_TOTAL", True)]


def test_members_over_their_number_are_counted() -> None:
    data = zipped({f"{n}.csv": CSV for n in range(7)})
    tables, (trouble,) = read_all(data, budget=Budget(members=3))
    assert (len(tables), trouble.reason) == (3, "ZIP_MEMBERS")
    assert trouble.detail == "4 members over the budget"


def test_a_nested_archive_that_memory_does_not_hold_is_read() -> None:
    rows = random.Random(1).randbytes(9 << 20)
    inner = room.zipped({"a.txt": CSV, "b.bin": rows})
    data = room.zipped({"i.zip": inner, "c.csv": CSV})
    found, troubles = read_members(data, budget=Budget(in_memory=len(inner) - 1))
    assert found == {"i.zip!a.txt": ROWS, "c.csv": ROWS}
    assert [(each.member, each.lost) for each in troubles] == [("i.zip!b.bin", True)]


@pytest.mark.parametrize(
    ("place", "local", "value", "reason", "detail"),
    [
        (10, 8, b"\x63", "NOT_SUPPORTED_YET", "zip method 99"),
        (8, 6, b"\x01", "ENCRYPTED", "the member has a password"),
        (16, 14, b"\0\0\0\0", "CRC", "the bytes are not those that were packed"),
    ],
)
def test_a_member_that_cannot_be_read_is_named_with_its_reason(
    place: int, local: int, value: bytes, reason: str, detail: str
) -> None:
    found, (trouble,) = read_members(damage(zipped(BOTH), place, value, local))
    assert found["b.csv"] == ROWS
    assert (trouble.member, trouble.reason, trouble.detail) == ("a.csv", reason, detail)
    assert trouble.lost


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_every_method_is_unpacked_and_its_damage_is_told(method: int) -> None:
    good = zipped({"a.csv": CSV * 50, "b.csv": CSV}, method)
    tables, troubles = read_all(good)
    assert (len(tables), troubles) == (2, [])
    at = good.index(b"a.csv") + 5
    found, troubles = read_members(good[: at + 20] + bytes(8) + good[at + 28 :])
    assert found["b.csv"] == ROWS
    (lost,) = (each for each in troubles if each.lost)
    assert (lost.member, lost.reason) in (("a.csv", "CORRUPT"), ("a.csv", "CRC"))
    assert lost.reason == "CRC" or f"of {len(CSV) * 50} bytes" in lost.detail


@pytest.mark.parametrize("error", [RuntimeError, EOFError, ValueError, OSError, zlib.error])
def test_whatever_a_member_raises_is_told_with_what_was_read(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = MemberScan._add

    def fail(scan: MemberScan, piece: bytes) -> None:
        real(scan, piece)
        if scan.size == 4:
            raise error("13800138000")

    monkeypatch.setattr(MemberScan, "_add", fail)
    found, (trouble,) = read_members(zipped({"a.csv": b"1\n2\n", "b.csv": CSV}))
    assert list(found) == ["a.csv", "b.csv"]
    assert (trouble.member, trouble.reason) == ("a.csv", "CORRUPT")
    assert trouble.detail == f"{error.__name__} after 4 of 4 bytes"


def test_an_exception_at_a_member_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    real = MemberScan._content

    def fail(scan: MemberScan, *rest: Any, **more: Any) -> Content:
        if scan.member == "a.csv":
            raise KeyError("13800138000")
        return real(scan, *rest, **more)

    monkeypatch.setattr(MemberScan, "_content", fail)
    found, troubles = read_members(zipped(BOTH))
    assert (found, told(troubles)) == ({"b.csv": ROWS}, [("a.csv", "READER_FAILED", True)])
    assert troubles[0].detail.startswith("KeyError at spool:")


def test_a_full_disk_is_no_fault_of_a_member(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(MemberScan, "_content", fail)
    with pytest.raises(MemoryError):
        read_all(zipped({"a.csv": CSV}))


def test_a_damaged_large_member_can_be_read_again_as_far_as_it_goes(tmp_path: Path) -> None:
    data = damage(zipped({"a.csv": CSV * 9000}, zipfile.ZIP_STORED), 16, b"\0\0\0\0", 14)
    (tmp_path / "a").write_bytes(data)
    usage = BudgetUsage(Budget(member_in_memory=0))
    member, trouble = open_members(file_content(tmp_path / "a"), usage)
    assert isinstance(member, Content)
    assert isinstance(trouble, Trouble)
    for _ in range(2):  # long after the archive was closed
        with member.open() as stream:
            assert stream.read() == CSV * 9000
        with member.open() as stream:
            assert stream.read(10) + stream.read() == CSV * 9000

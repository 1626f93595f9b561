"""7z archives are unpacked once, in order, with passwords; damage costs the rest alone."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import py7zr
import pytest

from piiscan.sources.limits import Budget
from tests.sources.tables import cells_of, read_all, reasons

PEOPLE = [["张伟", "13800138000"], ["王芳", "13900139000"], ["李娜", "13700137000"]]
CSV = "".join(f"{a},{b}\n" for a, b in [["姓名", "电话"], *PEOPLE]).encode()


def packed(
    members: dict[str, bytes], password: str | None = None, *, header: bool = False
) -> bytes:
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w", password=password, header_encryption=header) as archive:
        for name, data in members.items():
            archive.writestr(data, name)
    return out.getvalue()


def write(folder: Path, data: bytes, name: str = "a.7z") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("limit", [0, 8 << 20])
def test_three_levels_are_read(limit: int, tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("a.csv", CSV)
    middle = io.BytesIO()
    with tarfile.open(fileobj=middle, mode="w") as tar:
        info = tarfile.TarInfo("内/z.zip")
        info.size = len(inner.getvalue())
        tar.addfile(info, io.BytesIO(inner.getvalue()))
    folder = tmp_path / "in"
    folder.mkdir()
    data = packed({"x.tar.gz": gzip.compress(middle.getvalue()), "b.csv": CSV, "e.txt": b""})
    path = write(folder, data)
    tables, troubles = read_all(path, budget=Budget(member_in_memory=limit))
    assert [table.member for table, _ in tables] == ["x.tar.gz!x.tar!内/z.zip!a.csv", "b.csv"]
    assert all(cells_of(blocks)[1:] == PEOPLE for _, blocks in tables)
    assert [(t.member, t.reason) for t in troubles] == [("e.txt", "EMPTY")]
    assert [each.name for each in tmp_path.rglob("*")] == ["in", "a.7z"]


@pytest.mark.parametrize("header", [False, True])
def test_passwords_are_tried(header: bool, tmp_path: Path) -> None:
    path = write(tmp_path, packed({"a.csv": CSV}, "密码1", header=header))
    tables, troubles = read_all(path, passwords=(b"x", "密码1".encode()))
    assert ([table.member for table, _ in tables], troubles) == (["a.csv"], [])
    for passwords in ((), (b"x",)):
        tables, troubles = read_all(path, passwords=passwords)
        assert (tables, [(t.reason, t.lost) for t in troubles]) == ([], [("ENCRYPTED", True)])


def test_limits_hold(tmp_path: Path) -> None:
    path = write(tmp_path, packed({f"{n}.txt": b"13800138000\n" * 100_000 for n in range(4)}))
    for budget, reason in (
        (Budget(total=2_000_000), "ZIP_TOTAL"),
        (Budget(ratio_from=1 << 20, ratio=20), "ZIP_RATIO"),
        (Budget(members=2), "ZIP_MEMBERS"),
        (Budget(member=1 << 20), "MEMBER_TOO_LARGE"),
    ):
        assert reason in reasons(read_all(path, budget=budget)[1])


def test_damage_is_listed_member_by_member(tmp_path: Path) -> None:
    good = packed({f"{n}.csv": CSV * 50 for n in range(3)})
    for at in range(40, len(good) - 40, 29):
        data = bytearray(good)
        data[at] ^= 0x55
        _, troubles = read_all(write(tmp_path, bytes(data)))
        assert any(each.lost for each in troubles)
        assert "READER_FAILED" not in reasons(troubles)
    assert reasons(read_all(write(tmp_path, good[:-9]))[1]) == ["CORRUPT"]
    assert reasons(read_all(write(tmp_path, good[:-9], "a.7z.001"))[1]) == ["SPLIT_SET"]

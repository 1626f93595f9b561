"""RAR archives are read through bsdtar, which sees no names; without it they are listed."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest

from piiscan.sources.limits import Budget
from tests.sources.tables import cells_of, read_all, reasons

PEOPLE = [["张伟", "13800138000"], ["王芳", "13900139000"], ["李娜", "13700137000"]]
CSV = "".join(f"{a},{b}\n" for a, b in [["姓名", "电话"], *PEOPLE]).encode()


def header(kind: int, flags: int, body: bytes) -> bytes:
    head = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
    return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head


def packed(members: dict[str, bytes], mode: int = 0o100644) -> bytes:
    """A RAR 4 archive whose members are stored."""
    out = b"Rar!\x1a\x07\0" + header(0x73, 0, bytes(6))
    for name, data in members.items():
        raw = name.encode()
        sizes = struct.pack("<LLBL", len(data), len(data), 3, zlib.crc32(data))
        rest = struct.pack("<LBBHL", 0x5A210000, 20, 0x30, len(raw), mode)
        out += header(0x74, 0x8000, sizes + rest + raw) + data
    return out + header(0x7B, 0x4000, b"")


def write(folder: Path, data: bytes, name: str = "a.rar") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.program("bsdtar")
def test_members_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    path = write(folder, packed({"-x;rm.csv": CSV, "../b.csv": CSV}))
    tables, troubles = read_all(path)
    assert [table.member for table, _ in tables] == ["a.tar!-x;rm.csv", "a.tar!../b.csv"]
    assert all(cells_of(blocks)[1:] == PEOPLE for _, blocks in tables)
    assert troubles == []
    assert [each.name for each in tmp_path.rglob("*")] == ["in", "a.rar"]


@pytest.mark.program("bsdtar")
def test_damage_and_limits_are_listed(tmp_path: Path) -> None:
    good = packed({"a.csv": CSV * 400, "b.csv": CSV})
    _, troubles = read_all(write(tmp_path, packed({"a.csv": CSV}, mode=0o644)))
    assert "CORRUPT" in reasons(troubles)  # skipped by the program, which exits with 0
    _, troubles = read_all(write(tmp_path, good[:9000]))
    assert any(each.lost for each in troubles)
    assert "READER_FAILED" not in reasons(troubles)
    assert "ZIP_TOTAL" in reasons(read_all(write(tmp_path, good), budget=Budget(total=900))[1])


@pytest.mark.program
def test_without_the_program_the_archive_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    _, troubles = read_all(write(tmp_path, packed({"a.csv": CSV})))
    assert [(t.reason, t.detail, t.lost) for t in troubles] == [
        ("PACKAGE_MISSING", "rar: bsdtar (libarchive-tools)", True)
    ]


def test_volumes_are_told(tmp_path: Path) -> None:
    path = write(tmp_path, packed({"a.csv": CSV}), "a.part1.rar")
    assert reasons(read_all(path)[1]) == ["SPLIT_SET"]

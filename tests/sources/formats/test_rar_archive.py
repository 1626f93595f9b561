"""RAR archives are read through bsdtar, which sees no names; without it they are listed."""

import struct
import zlib
from pathlib import Path

import pytest

from piiscan.sources.limits import Budget
from tests.sources.tables import CSV, ROWS, read_all, read_members, read_reasons, reasons


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


@pytest.mark.program("bsdtar")
def test_members_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.rar").write_bytes(packed({"-x;rm.csv": CSV, "../b.csv": CSV}))
    members = {"a.tar!-x;rm.csv": ROWS, "a.tar!../b.csv": ROWS}
    assert read_members(folder / "a.rar") == (members, [])
    assert [each.name for each in tmp_path.rglob("*")] == ["in", "a.rar"]


@pytest.mark.program("bsdtar")
def test_damage_and_limits_are_listed() -> None:
    good = packed({"a.csv": CSV * 400, "b.csv": CSV})
    # skipped by the program, which exits with 0
    assert "CORRUPT" in read_reasons(packed({"a.csv": CSV}, mode=0o644))
    _, troubles = read_all(good[:9000])
    assert any(each.lost for each in troubles)
    assert "READER_FAILED" not in reasons(troubles)
    assert "ZIP_TOTAL" in read_reasons(good, budget=Budget(total=900))


@pytest.mark.program
def test_without_the_program_the_archive_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (trouble,) = read_all(packed({"a.csv": CSV}))[1]
    assert (trouble.reason, trouble.lost) == ("PACKAGE_MISSING", True)
    assert trouble.detail == "rar: bsdtar (libarchive-tools)"


def test_volumes_are_told() -> None:
    assert read_reasons(packed({"a.csv": CSV}), "a.part1.rar") == ["SPLIT_SET"]

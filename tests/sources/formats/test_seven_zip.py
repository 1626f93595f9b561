"""7z archives are unpacked once, in order, with passwords; damage costs the rest alone."""

import gzip
import io
from pathlib import Path

import py7zr
import pytest

from piiscan.sources.limits import Budget
from tests.sources.formats.test_tar_archive import entry
from tests.sources.formats.test_tar_archive import packed as tarred
from tests.sources.tables import (
    CSV,
    ROWS,
    read_all,
    read_members,
    read_reasons,
    reasons,
    told,
    zipped,
)


def packed(
    members: dict[str, bytes], password: str | None = None, *, header: bool = False
) -> bytes:
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w", password=password, header_encryption=header) as archive:
        for name, data in members.items():
            archive.writestr(data, name)
    return out.getvalue()


@pytest.mark.parametrize("limit", [0, 8 << 20])
def test_three_levels_are_read(limit: int, tmp_path: Path) -> None:
    tar = tarred(entry("内/z.zip", zipped({"a.csv": CSV})))
    folder = tmp_path / "in"
    folder.mkdir()
    members = {"x.tar.gz": gzip.compress(tar), "b.csv": CSV, "e.txt": b""}
    (folder / "a.7z").write_bytes(packed(members))
    rows, troubles = read_members(folder / "a.7z", budget=Budget(member_in_memory=limit))
    assert rows == {"x.tar.gz!x.tar!内/z.zip!a.csv": ROWS, "b.csv": ROWS}
    assert told(troubles) == [("e.txt", "EMPTY", False)]
    assert [each.name for each in tmp_path.rglob("*")] == ["in", "a.7z"]


@pytest.mark.parametrize("header", [False, True])
def test_passwords_are_tried(header: bool) -> None:
    data = packed({"a.csv": CSV}, "密码1", header=header)
    assert read_members(data, passwords=(b"x", "密码1".encode())) == ({"a.csv": ROWS}, [])
    for passwords in ((), (b"x",)):
        tables, troubles = read_all(data, passwords=passwords)
        assert (tables, [(t.reason, t.lost) for t in troubles]) == ([], [("ENCRYPTED", True)])


def test_limits_hold() -> None:
    data = packed({f"{n}.txt": b"13800138000\n" * 100_000 for n in range(4)})
    for budget, reason in (
        (Budget(total=2_000_000), "ZIP_TOTAL"),
        (Budget(ratio_from=1 << 20, ratio=20), "ZIP_RATIO"),
        (Budget(members=2), "ZIP_MEMBERS"),
        (Budget(member=1 << 20), "MEMBER_TOO_LARGE"),
    ):
        assert reason in read_reasons(data, budget=budget)


def test_damage_is_listed_member_by_member() -> None:
    good = packed({f"{n}.csv": CSV * 50 for n in range(3)})
    for at in range(40, len(good) - 40, 29):
        data = bytearray(good)
        data[at] ^= 0x55
        _, troubles = read_all(bytes(data))
        assert any(each.lost for each in troubles)
        assert "READER_FAILED" not in reasons(troubles)
    assert read_reasons(good[:-9]) == ["CORRUPT"]
    assert read_reasons(good[:-9], "a.7z.001") == ["SPLIT_SET"]

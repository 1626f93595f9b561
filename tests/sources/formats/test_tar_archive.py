"""Every entry of a tar archive is a member or is listed, whatever the dialect and the damage."""

import gzip
import hashlib
import io
import random
import subprocess
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from piiscan.sources.limits import Budget
from tests.sources.tables import (
    CSV,
    ROWS,
    cells_of,
    read_all,
    read_members,
    read_reasons,
    reasons,
    told,
    zipped,
)


def entry(name: str, data: bytes = CSV, **fields: Any) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for key, value in fields.items():
        setattr(info, key, value)
    return info, data


def packed(*entries: tuple[tarfile.TarInfo, bytes], **options: Any) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", **options) as archive:
        for info, data in entries:
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


LONG = "很长的名字" * 60 + ".csv"


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_names_are_read_as_they_were_written(form: int, encoding: str) -> None:
    names = ["客户/名单.csv", "地址.csv", "../../etc/x.csv", "地址.csv"]
    if form != tarfile.USTAR_FORMAT:
        names.append(LONG)
    tables, troubles = read_all(packed(*map(entry, names), format=form, encoding=encoding))
    names[3] += ";2"
    assert [table.member for table, _ in tables] == names
    assert {table.sha256 for table, _ in tables} == {hashlib.sha256(CSV).hexdigest()}
    assert all(cells_of(blocks) == ROWS for _, blocks in tables)
    assert troubles == []


def test_an_archive_without_a_signature_is_known_by_its_checksum() -> None:
    data = bytearray(packed(entry("a.csv"), format=tarfile.USTAR_FORMAT))
    data[257:265] = bytes(8)
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(data[:512])
    assert read_members(bytes(data)) == ({"a.csv": ROWS}, [])


def test_links_and_devices_are_listed_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_bytes(CSV)
    data = packed(
        entry("a.csv"),
        entry("s", b"", type=tarfile.SYMTYPE, linkname=str(tmp_path / "secret.csv")),
        entry("h", b"", type=tarfile.LNKTYPE, linkname="a.csv"),
        entry("gone", b"", type=tarfile.LNKTYPE, linkname="b.csv"),
        entry("c", b"", type=tarfile.CHRTYPE),
        entry("b", b"", type=tarfile.BLKTYPE),
        entry("f", b"", type=tarfile.FIFOTYPE),
        entry("d/", b"", type=tarfile.DIRTYPE),
        entry("odd.csv", type=b"Z"),
    )
    rows, troubles = read_members(data)
    assert rows == {"a.csv": ROWS, "odd.csv": ROWS}
    assert told(troubles) == [
        ("s", "SYMLINK", False),
        ("h", "HARD_LINK", False),
        ("gone", "HARD_LINK", True),
        ("c", "DEVICE", False),
        ("b", "DEVICE", False),
        ("f", "FIFO", False),
    ]


@pytest.mark.program("tar")
@pytest.mark.parametrize("form", ["gnu", "pax"])
@pytest.mark.parametrize("limit", [0, 8 << 20])
def test_sparse_entries_have_their_holes(form: str, limit: int, tmp_path: Path) -> None:
    with (tmp_path / "a.csv").open("wb") as file:
        file.write(CSV)
        file.seek(1 << 20)
        file.write("赵敏,13600136000\n".encode())
    command = ["tar", "-cSf", "a.tar", f"--format={form}", "a.csv"]
    subprocess.run(command, cwd=tmp_path, check=True)
    assert (tmp_path / "a.tar").stat().st_size < 100_000
    (table, blocks), *_ = read_all(tmp_path / "a.tar", budget=Budget(member_in_memory=limit))[0]
    assert table.sha256 == hashlib.sha256((tmp_path / "a.csv").read_bytes()).hexdigest()
    assert any("13600136000" in str(row) for row in cells_of(blocks))


def test_a_cut_archive_is_read_up_to_the_cut() -> None:
    data = packed(entry("a.csv"), entry("b.csv", CSV * 100), entry("c.csv"))
    rows, troubles = read_members(data[: 512 * 3 + 700])
    assert list(rows) == ["a.csv", "b.csv"]
    assert told(troubles) == [("b.csv", "CORRUPT", True), ("", "CORRUPT", True)]
    assert troubles[0].detail == f"tar: 700 of {len(CSV) * 100} bytes"
    rows, troubles = read_members(data[:1024])  # between two entries
    assert (rows, reasons(troubles)) == ({"a.csv": ROWS}, ["CORRUPT"])


def test_damaged_headers_cost_their_entries_alone() -> None:
    data = bytearray(packed(entry("a.csv"), entry("b.csv"), entry("c.csv")))
    data[1024 + 150] ^= 1
    rows, (trouble,) = read_members(bytes(data))
    assert rows == {"a.csv": ROWS, "c.csv": ROWS}
    assert (trouble.reason, trouble.lost) == ("CORRUPT", True)
    assert trouble.detail == "tar: bytes 1024 to 2048 belong to no entry"


def test_archives_one_after_the_other_are_read() -> None:
    data = packed(entry("a.csv")) + packed(entry("b.csv"))
    assert read_members(data) == ({"a.csv": ROWS, "b.csv": ROWS}, [])


def test_comments_in_headers_are_read() -> None:
    one = entry("a.csv", pax_headers={"comment": "电话：13600136000"})
    rows, _ = read_members(packed(one, format=tarfile.PAX_FORMAT))
    assert rows == {"a.csv": ROWS, "#comment": [["电话：13600136000"]]}


def test_limits_hold() -> None:
    data = packed(*(entry(f"{n}.csv") for n in range(5)))
    for budget, reason, number in (
        (Budget(members=3), "ZIP_MEMBERS", 3),
        (Budget(member=len(CSV) - 1), "MEMBER_TOO_LARGE", 0),
        (Budget(total=len(CSV) * 2), "ZIP_TOTAL", 3),
        (Budget(depth=0), "ZIP_DEPTH", 0),
    ):
        tables, troubles = read_all(data, budget=budget)
        assert (len(tables), reason in reasons(troubles)) == (number, True)
        if reason == "ZIP_MEMBERS":
            assert "2 members over the budget" in [t.detail for t in troubles]


@pytest.mark.parametrize("limit", [0, 8 << 20])
def test_containers_in_one_another_are_read(limit: int) -> None:
    inner = zipped({"t.tar": packed(entry("a.csv")), "b.csv": CSV}, zipfile.ZIP_DEFLATED)
    data = gzip.compress(packed(entry("内/z.zip", inner), entry("c.csv")))
    found, troubles = read_members(data, "x.tgz", budget=Budget(member_in_memory=limit))
    members = ["x.tar!内/z.zip!t.tar!a.csv", "x.tar!内/z.zip!b.csv", "x.tar!c.csv"]
    assert list(found.items()) == [(member, ROWS) for member in members]
    assert troubles == []


@pytest.mark.parametrize("seed", range(40))
def test_any_damage_raises_nothing(seed: int) -> None:
    rng = random.Random(seed)
    data = bytearray(packed(entry("a.csv"), entry(LONG), entry("c.csv"), format=tarfile.PAX_FORMAT))
    for _ in range(rng.randrange(1, 30)):
        data[rng.randrange(len(data))] = rng.randrange(256)
    assert "READER_FAILED" not in read_reasons(bytes(data))

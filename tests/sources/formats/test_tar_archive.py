"""Every entry of a tar archive is a member or is listed, whatever the dialect and the damage."""

from __future__ import annotations

import gzip
import hashlib
import io
import subprocess
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from piiscan.sources.limits import Budget
from tests.sources.tables import cells_of, read_all, reasons

PEOPLE = [["张伟", "13800138000"], ["王芳", "13900139000"], ["李娜", "13700137000"]]
CSV = "".join(f"{a},{b}\n" for a, b in [["姓名", "电话"], *PEOPLE]).encode()


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


def write(folder: Path, data: bytes, name: str = "a.tar") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


LONG = "很长的名字" * 60 + ".csv"


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_names_are_read_as_they_were_written(form: int, encoding: str, tmp_path: Path) -> None:
    names = ["客户/名单.csv", "地址.csv", "../../etc/x.csv", "地址.csv"]
    if form != tarfile.USTAR_FORMAT:
        names.append(LONG)
    entries = [entry(name) for name in names]
    tables, troubles = read_all(write(tmp_path, packed(*entries, format=form, encoding=encoding)))
    names[3] += ";2"
    assert [table.member for table, _ in tables] == names
    assert {table.sha256 for table, _ in tables} == {hashlib.sha256(CSV).hexdigest()}
    assert all(cells_of(blocks)[1:] == PEOPLE for _, blocks in tables)
    assert troubles == []


def test_an_archive_without_a_signature_is_known_by_its_checksum(tmp_path: Path) -> None:
    data = bytearray(packed(entry("a.csv"), format=tarfile.USTAR_FORMAT))
    data[257:265] = bytes(8)
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(data[:512])
    tables, troubles = read_all(write(tmp_path, bytes(data)))
    assert ([table.member for table, _ in tables], troubles) == (["a.csv"], [])


def test_links_and_devices_are_listed_and_not_followed(tmp_path: Path) -> None:
    secret = write(tmp_path, CSV, "secret.csv")
    data = packed(
        entry("a.csv"),
        entry("s", b"", type=tarfile.SYMTYPE, linkname=str(secret)),
        entry("h", b"", type=tarfile.LNKTYPE, linkname="a.csv"),
        entry("gone", b"", type=tarfile.LNKTYPE, linkname="b.csv"),
        entry("c", b"", type=tarfile.CHRTYPE),
        entry("b", b"", type=tarfile.BLKTYPE),
        entry("f", b"", type=tarfile.FIFOTYPE),
        entry("d/", b"", type=tarfile.DIRTYPE),
        entry("odd.csv", type=b"Z"),
    )
    tables, troubles = read_all(write(tmp_path, data))
    assert [table.member for table, _ in tables] == ["a.csv", "odd.csv"]
    assert [(t.member, t.reason, t.lost) for t in troubles] == [
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


def test_a_cut_archive_is_read_up_to_the_cut(tmp_path: Path) -> None:
    data = packed(entry("a.csv"), entry("b.csv", CSV * 100), entry("c.csv"))
    tables, troubles = read_all(write(tmp_path, data[: 512 * 3 + 700]))
    assert [table.member for table, _ in tables] == ["a.csv", "b.csv"]
    assert [(t.member, t.reason, t.lost) for t in troubles] == [
        ("b.csv", "CORRUPT", True),
        ("", "CORRUPT", True),
    ]
    assert troubles[0].detail == f"tar: 700 of {len(CSV) * 100} bytes"
    tables, troubles = read_all(write(tmp_path, data[:1024]))  # between two entries
    assert ([t.member for t, _ in tables], reasons(troubles)) == (["a.csv"], ["CORRUPT"])


def test_damaged_headers_cost_their_entries_alone(tmp_path: Path) -> None:
    data = bytearray(packed(entry("a.csv"), entry("b.csv"), entry("c.csv")))
    data[1024 + 150] ^= 1
    tables, troubles = read_all(write(tmp_path, bytes(data)))
    assert [table.member for table, _ in tables] == ["a.csv", "c.csv"]
    assert [(t.reason, t.detail, t.lost) for t in troubles] == [
        ("CORRUPT", "tar: bytes 1024 to 2048 belong to no entry", True)
    ]


def test_archives_one_after_the_other_are_read(tmp_path: Path) -> None:
    data = packed(entry("a.csv")) + packed(entry("b.csv"))
    tables, troubles = read_all(write(tmp_path, data))
    assert ([table.member for table, _ in tables], troubles) == (["a.csv", "b.csv"], [])


def test_comments_in_headers_are_read(tmp_path: Path) -> None:
    info, data = entry("a.csv")
    info.pax_headers = {"comment": "电话：13600136000"}
    tables, _ = read_all(write(tmp_path, packed((info, data), format=tarfile.PAX_FORMAT)))
    assert [table.member for table, _ in tables] == ["a.csv", "#comment"]
    assert cells_of(tables[1][1]) == [["电话：13600136000"]]


def test_limits_hold(tmp_path: Path) -> None:
    path = write(tmp_path, packed(*(entry(f"{n}.csv") for n in range(5))))
    for budget, reason, number in (
        (Budget(members=3), "ZIP_MEMBERS", 3),
        (Budget(member=len(CSV) - 1), "MEMBER_TOO_LARGE", 0),
        (Budget(total=len(CSV) * 2), "ZIP_TOTAL", 3),
        (Budget(depth=0), "ZIP_DEPTH", 0),
    ):
        tables, troubles = read_all(path, budget=budget)
        assert (len(tables), reason in reasons(troubles)) == (number, True)
    assert "2 members over the budget" in [
        t.detail for t in read_all(path, budget=Budget(members=3))[1]
    ]


@pytest.mark.parametrize("limit", [0, 8 << 20])
def test_containers_in_one_another_are_read(limit: int, tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("t.tar", packed(entry("a.csv")))
        archive.writestr("b.csv", CSV)
    data = gzip.compress(packed(entry("内/z.zip", inner.getvalue()), entry("c.csv")))
    tables, troubles = read_all(
        write(tmp_path, data, "x.tgz"), budget=Budget(member_in_memory=limit)
    )
    assert [table.member for table, _ in tables] == [
        "x.tar!内/z.zip!t.tar!a.csv",
        "x.tar!内/z.zip!b.csv",
        "x.tar!c.csv",
    ]
    assert all(cells_of(blocks)[1:] == PEOPLE for _, blocks in tables)
    assert troubles == []


@pytest.mark.parametrize("seed", range(40))
def test_any_damage_raises_nothing(seed: int, tmp_path: Path) -> None:
    import random

    rng = random.Random(seed)
    data = bytearray(packed(entry("a.csv"), entry(LONG), entry("c.csv"), format=tarfile.PAX_FORMAT))
    for _ in range(rng.randrange(1, 30)):
        data[rng.randrange(len(data))] = rng.randrange(256)
    _, troubles = read_all(write(tmp_path, bytes(data)))
    assert "READER_FAILED" not in reasons(troubles)

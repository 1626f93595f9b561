"""Zip archives with passwords, in parts, and with comments; passwords are shown nowhere."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from pathlib import Path

import pytest
import pyzipper

from piiscan.case.lookup.reread import reread_rows
from piiscan.case.scan.scan import scan
from piiscan.detect.catalog.catalog import load
from piiscan.errors import PiiscanError
from piiscan.sources.archives.read_options import ReadOptions, read_passwords
from piiscan.sources.limits import Budget
from tests.sources.tables import cells_of, read_all, reasons

PEOPLE = [["张伟", "13800138000"], ["王芳", "13900139000"], ["李娜", "13700137000"]]
CSV = "".join(f"{a},{b}\n" for a, b in [["姓名", "电话"], *PEOPLE]).encode()
SECRET = "密码-Abc123"


def aes(members: dict[str, bytes], password: bytes) -> bytes:
    out = io.BytesIO()
    with pyzipper.AESZipFile(out, "w", pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES) as made:
        made.setpassword(password)
        for name, data in members.items():
            made.writestr(name, data)
    return out.getvalue()


def old(members: dict[str, bytes], password: bytes, method: int = zipfile.ZIP_STORED) -> bytes:
    """An archive in the old encryption, which zipfile reads and does not write."""
    keys = [0x12345678, 0x23456789, 0x34567890]
    table = [0] * 256
    for number in range(256):
        value = number
        for _ in range(8):
            value = value >> 1 ^ 0xEDB88320 if value & 1 else value >> 1
        table[number] = value

    def crc(value: int, byte: int) -> int:
        return value >> 8 ^ table[(value ^ byte) & 0xFF]

    def update(byte: int) -> None:
        keys[0] = crc(keys[0], byte)
        keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = crc(keys[2], keys[1] >> 24)

    def encrypt(data: bytes) -> bytes:
        done = bytearray()
        for byte in data:
            mixed = keys[2] | 2
            done.append(byte ^ (mixed * (mixed ^ 1) >> 8 & 0xFF))
            update(byte)
        return bytes(done)

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, data in members.items():
            made.writestr(name, bytes(12) + data)
    data = bytearray(out.getvalue())
    with zipfile.ZipFile(out) as made:
        infos = made.infolist()
    at = data.index(b"PK\x01\x02")
    for info in infos:
        plain = members[info.filename]
        checksum = zlib.crc32(plain).to_bytes(4, "little")
        keys[:] = [0x12345678, 0x23456789, 0x34567890]
        for byte in password:
            update(byte)
        start = info.header_offset + 30 + len(info.filename.encode())
        data[start : start + 12 + len(plain)] = encrypt(bytes(11) + checksum[3:] + plain)
        for entry, field in ((info.header_offset, 6), (at, 8)):
            data[entry + field] |= 1
            data[entry + field + 8 : entry + field + 12] = checksum
            size = entry + field + 16
            data[size : size + 4] = len(plain).to_bytes(4, "little")
        at = data.find(b"PK\x01\x02", at + 4)
    return bytes(data)


def write(folder: Path, data: bytes, name: str = "a.zip") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def listed(folder: Path, *lines: str) -> tuple[bytes, ...]:
    path = folder / "passwords.txt"
    path.write_text("\ufeff" + "\r\n".join(lines) + "\r\n", "utf-8")
    return read_passwords(path).values


@pytest.mark.parametrize("make", [aes, old])
@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_a_member_is_read_with_the_password_that_fits(
    make: object, encoding: str, tmp_path: Path
) -> None:
    assert callable(make)
    path = write(tmp_path, make({"a.csv": CSV, "b.csv": CSV}, SECRET.encode(encoding)))
    passwords = listed(tmp_path, "wrong", SECRET, *(f"no{n}" for n in range(300)))
    tables, troubles = read_all(path, passwords=passwords)
    assert [table.member for table, _ in tables] == ["a.csv", "b.csv"]
    assert all(cells_of(blocks)[1:] == PEOPLE for _, blocks in tables)
    assert troubles == []


@pytest.mark.parametrize("make", [aes, old])
def test_without_the_password_a_member_is_listed(make: object, tmp_path: Path) -> None:
    assert callable(make)
    path = write(tmp_path, make({"a.csv": CSV}, SECRET.encode()))
    for passwords, detail in (
        ((), "the member has a password"),
        (tuple(b"%d" % n for n in range(600)), "none of 600 passwords opens it"),
    ):
        tables, troubles = read_all(path, passwords=passwords)
        assert [(t.member, t.reason, t.lost) for t in troubles] == [("a.csv", "ENCRYPTED", True)]
        assert (tables, troubles[0].detail.endswith(detail)) == ([], True)


def test_a_large_encrypted_member_can_be_read_again(tmp_path: Path) -> None:
    budget = Budget(member_in_memory=0)
    data = aes({"内.zip": aes({"a.csv": CSV}, b"2"), "b.csv": CSV}, b"1")
    tables, troubles = read_all(write(tmp_path, data), passwords=(b"1", b"2"), budget=budget)
    assert [table.member for table, _ in tables] == ["内.zip!a.csv", "b.csv"]
    assert all(cells_of(blocks)[1:] == PEOPLE for _, blocks in tables)
    assert troubles == []


def test_without_the_package_the_member_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from piiscan.sources.archives import archive

    monkeypatch.setattr(archive, "find_spec", lambda _: None)
    _, troubles = read_all(write(tmp_path, aes({"a.csv": CSV}, b"1")), passwords=(b"1",))
    assert [(t.reason, t.detail) for t in troubles] == [("PACKAGE_MISSING", "zip AES: archives")]


def test_a_case_knows_the_list_by_its_checksum_alone(tmp_path: Path) -> None:
    source = write(tmp_path, aes({"a.csv": CSV}, SECRET.encode()))
    listed(tmp_path, SECRET, "x")
    done = scan(
        source,
        case=tmp_path / "case",
        key=tmp_path / "key",
        names=False,
        passwords=tmp_path / "passwords.txt",
    )
    found = done.sql("select member, row from findings where entity = 'CN_MOBILE'").to_pylist()
    assert sorted((each["member"], each["row"]) for each in found) == [
        ("a.csv", row) for row in (2, 3, 4)
    ]
    settings = done.manifest.content["settings"]["passwords"]
    assert (settings["number"], len(settings["sha256"])) == (2, 64)
    for path in (tmp_path / "case").rglob("*"):
        if path.is_file():
            assert SECRET.encode() not in path.read_bytes()
    (entry,) = done.manifest.content["sources"]
    options = ReadOptions(passwords=read_passwords(tmp_path / "passwords.txt"))
    rows = reread_rows(entry, {("a.csv", 2)}, load(None), options=options)
    assert rows["a.csv", 2].cells == ("张伟", "13800138000")
    assert SECRET not in json.dumps(repr(options))


def test_a_list_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PiiscanError, match="cannot be read"):
        read_passwords(tmp_path / "gone")
    (tmp_path / "gbk.txt").write_bytes("密码".encode("gbk"))
    with pytest.raises(PiiscanError, match="UTF-8"):
        read_passwords(tmp_path / "gbk.txt")


def test_parts_of_a_split_archive_are_told(tmp_path: Path) -> None:
    import random

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.bin", random.Random(1).randbytes(90_000))
    data = out.getvalue()
    for name, part in (("a.zip.001", data[:50_000]), ("a.zip.002", data[50_000:90_000])):
        _, troubles = read_all(write(tmp_path, part, name))
        assert [(t.reason, t.lost) for t in troubles] == [("SPLIT_SET", True)]
    end = data.rindex(b"PK\x05\x06")
    last = data[60_000 : end + 4] + b"\x01\0\x01\0" + data[end + 8 :]
    for name, part in (("a.z01", b"PK\x07\x08" + data[:60_000]), ("a.zip", last)):
        _, troubles = read_all(write(tmp_path, part, name))
        assert reasons(troubles) == ["SPLIT_SET"]


def test_an_archive_behind_a_program_is_read(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.csv", CSV)
    path = write(tmp_path, b"MZ\x90\0\xff\xfe\0\1" * 99 + out.getvalue(), "a.exe")
    tables, troubles = read_all(path)
    assert [table.member for table, _ in tables] == ["a.csv"]
    assert [(t.reason, t.lost) for t in troubles] == [("BINARY", True)]


def test_comments_are_read_once(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in ("a.csv", "b.csv"):
            info = zipfile.ZipInfo(name)
            info.comment = "电话：13600136000".encode("gbk")
            archive.writestr(info, CSV)
        archive.comment = "卖家微信：wxid_abc123".encode()
    outer = io.BytesIO()
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("i.zip", out.getvalue())
    tables, troubles = read_all(write(tmp_path, outer.getvalue()))
    assert [table.member for table, _ in tables] == ["i.zip!a.csv", "i.zip!b.csv", "i.zip!#comment"]
    assert cells_of(tables[2][1]) == [["卖家微信：wxid_abc123"], ["电话：13600136000"]]
    assert troubles == []


def test_bytes_that_no_entry_names_are_a_member(tmp_path: Path) -> None:
    def one(name: str) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, CSV)
        return out.getvalue()

    two = one("a.csv") + one("b.csv") + "电话：13600136000\n".encode()
    tables, troubles = read_all(write(tmp_path, two))
    assert [table.member for table, _ in tables] == ["b.csv", "#outside!a.csv", "#outside 2"]
    assert cells_of(tables[2][1]) == [["电话：13600136000"]]
    assert troubles == []
    torn = one("a.csv")
    torn = torn[: torn.index(b"PK\x01\x02")]  # an entry that no directory has
    tables, troubles = read_all(write(tmp_path, torn + one("b.csv")))
    assert [table.member for table, _ in tables] == ["b.csv"]
    assert [(t.member, t.reason, t.lost) for t in troubles] == [("#outside", "CORRUPT", True)]
    assert read_all(write(tmp_path, one("b.csv") + bytes(512)))[1] == []

"""Zip archives with passwords, in parts, and with comments; passwords are shown nowhere."""

import io
import json
import random
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import pyzipper

import piiscan
from piiscan.case.lookup.reread import reread_rows
from piiscan.detect.catalog.catalog import load
from piiscan.errors import PiiscanError
from piiscan.sources.archives import archive
from piiscan.sources.archives.read_options import ReadOptions, read_passwords
from piiscan.sources.limits import Budget
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

SECRET = "密码-Abc123"


def aes(members: dict[str, bytes], password: bytes) -> bytes:
    out = io.BytesIO()
    with pyzipper.AESZipFile(out, "w", pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES) as made:
        made.setpassword(password)
        for name, data in members.items():
            made.writestr(name, data)
    return out.getvalue()


def old(members: dict[str, bytes], password: bytes) -> bytes:
    """An archive in the old encryption, which zipfile reads and does not write."""
    keys: list[int] = []

    def crc(value: int, byte: int) -> int:
        return zlib.crc32(bytes([byte]), value ^ 0xFFFFFFFF) ^ 0xFFFFFFFF

    def encrypt(data: bytes) -> bytes:
        done = bytearray()
        for byte in data:
            mixed = keys[2] | 2
            done.append(byte ^ (mixed * (mixed ^ 1) >> 8 & 0xFF))
            keys[0] = crc(keys[0], byte)
            keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
            keys[2] = crc(keys[2], keys[1] >> 24)
        return bytes(done)

    data = bytearray(zipped({name: bytes(12) + plain for name, plain in members.items()}))
    with zipfile.ZipFile(io.BytesIO(data)) as made:
        infos = made.infolist()
    at = data.index(b"PK\x01\x02")
    for info in infos:
        plain = members[info.filename]
        checksum = zlib.crc32(plain).to_bytes(4, "little")
        keys[:] = [0x12345678, 0x23456789, 0x34567890]
        encrypt(password)  # leaves its keys
        start = info.header_offset + 30 + len(info.filename.encode())
        data[start : start + 12 + len(plain)] = encrypt(bytes(11) + checksum[3:] + plain)
        for entry, field in ((info.header_offset, 6), (at, 8)):
            data[entry + field] |= 1
            data[entry + field + 8 : entry + field + 12] = checksum
            size = entry + field + 16
            data[size : size + 4] = len(plain).to_bytes(4, "little")
        at = data.find(b"PK\x01\x02", at + 4)
    return bytes(data)


def listed(folder: Path, *lines: str) -> tuple[bytes, ...]:
    path = folder / "passwords.txt"
    path.write_text("\ufeff" + "\r\n".join(lines) + "\r\n", "utf-8")
    return read_passwords(path).values


@pytest.mark.parametrize("make", [aes, old])
@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_a_member_is_read_with_the_password_that_fits(
    make: Callable[..., bytes], encoding: str, tmp_path: Path
) -> None:
    data = make({"a.csv": CSV, "b.csv": CSV}, SECRET.encode(encoding))
    passwords = listed(tmp_path, "wrong", SECRET, *(f"no{n}" for n in range(300)))
    assert read_members(data, passwords=passwords) == ({"a.csv": ROWS, "b.csv": ROWS}, [])


@pytest.mark.parametrize("make", [aes, old])
def test_without_the_password_a_member_is_listed(make: Callable[..., bytes]) -> None:
    data = make({"a.csv": CSV}, SECRET.encode())
    for passwords, detail in (
        ((), "the member has a password"),
        (tuple(b"%d" % n for n in range(600)), "none of 600 passwords opens it"),
    ):
        tables, troubles = read_all(data, passwords=passwords)
        assert (tables, told(troubles)) == ([], [("a.csv", "ENCRYPTED", True)])
        assert troubles[0].detail.endswith(detail)


def test_a_large_encrypted_member_can_be_read_again() -> None:
    data = aes({"内.zip": aes({"a.csv": CSV}, b"2"), "b.csv": CSV}, b"1")
    found = read_members(data, passwords=(b"1", b"2"), budget=Budget(member_in_memory=0))
    assert found == ({"内.zip!a.csv": ROWS, "b.csv": ROWS}, [])


def test_without_the_package_the_member_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "find_spec", lambda _: None)
    _, troubles = read_all(aes({"a.csv": CSV}, b"1"), passwords=(b"1",))
    assert [(t.reason, t.detail) for t in troubles] == [("PACKAGE_MISSING", "zip AES: archives")]


def test_a_case_knows_the_list_by_its_checksum_alone(tmp_path: Path) -> None:
    source, passwords = tmp_path / "a.zip", tmp_path / "passwords.txt"
    source.write_bytes(aes({"a.csv": CSV}, SECRET.encode()))
    listed(tmp_path, SECRET, "x")
    done = piiscan.scan(
        source, case=tmp_path / "case", key=tmp_path / "key", names=False, passwords=passwords
    )
    found = done.sql("select member, row from findings where entity = 'CN_MOBILE' order by row")
    assert found.to_pylist() == [{"member": "a.csv", "row": row} for row in (2, 3, 4)]
    settings = done.manifest.content["settings"]["passwords"]
    assert (settings["number"], len(settings["sha256"])) == (2, 64)
    for path in (tmp_path / "case").rglob("*"):
        if path.is_file():
            assert SECRET.encode() not in path.read_bytes()
    (entry,) = done.manifest.content["sources"]
    options = ReadOptions(passwords=read_passwords(passwords))
    rows = reread_rows(entry, {("a.csv", 2)}, load(None), options=options)
    assert rows["a.csv", 2].cells == ("张伟", "13800138000")
    assert SECRET not in json.dumps(repr(options))


def test_a_list_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PiiscanError, match="cannot be read"):
        read_passwords(tmp_path / "gone")
    (tmp_path / "gbk.txt").write_bytes("密码".encode("gbk"))
    with pytest.raises(PiiscanError, match="UTF-8"):
        read_passwords(tmp_path / "gbk.txt")


def test_parts_of_a_split_archive_are_told() -> None:
    data = zipped({"a.bin": random.Random(1).randbytes(90_000)})
    end = data.rindex(b"PK\x05\x06")
    for name, part in (
        ("a.zip.001", data[:50_000]),
        ("a.zip.002", data[50_000:90_000]),
        ("a.z01", b"PK\x07\x08" + data[:60_000]),
        ("a.zip", data[60_000 : end + 4] + b"\x01\0\x01\0" + data[end + 8 :]),
    ):
        _, troubles = read_all(part, name)
        assert [(t.reason, t.lost) for t in troubles] == [("SPLIT_SET", True)]


def test_an_archive_behind_a_program_is_read() -> None:
    rows, troubles = read_members(b"MZ\x90\0\xff\xfe\0\1" * 99 + zipped({"a.csv": CSV}))
    assert rows == {"a.csv": ROWS}
    assert [(t.reason, t.lost) for t in troubles] == [("NOT_SUPPORTED_YET", True)]


def test_comments_are_read_once() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name in ("a.csv", "b.csv"):
            info = zipfile.ZipInfo(name)
            info.comment = "电话：13600136000".encode("gbk")
            made.writestr(info, CSV)
        made.comment = "卖家微信：wxid_abc123".encode()
    comments = [["卖家微信：wxid_abc123"], ["电话：13600136000"]]
    members = {"i.zip!a.csv": ROWS, "i.zip!b.csv": ROWS, "i.zip!#comment": comments}
    assert read_members(zipped({"i.zip": out.getvalue()})) == (members, [])


def test_bytes_that_no_entry_names_are_a_member() -> None:
    one, other = (zipped({name: CSV}, zipfile.ZIP_DEFLATED) for name in ("a.csv", "b.csv"))
    assert read_members(one + other + "电话：13600136000\n".encode()) == (
        {"b.csv": ROWS, "#outside!a.csv": ROWS, "#outside 2": [["电话：13600136000"]]},
        [],
    )
    torn = one[: one.index(b"PK\x01\x02")]  # an entry that no directory has
    rows, troubles = read_members(torn + other)
    assert rows == {"b.csv": ROWS, "#outside!a.csv": ROWS}
    assert told(troubles) == [("#outside", "CORRUPT", True)]
    assert read_reasons(other + bytes(512)) == []


def test_a_directory_that_points_before_the_file_costs_its_members() -> None:
    data = bytearray(zipped({"a.csv": CSV}))
    data[-6] += 1  # where the directory begins
    troubles = read_all(bytes(data))[1]
    assert "READER_FAILED" not in reasons(troubles)
    assert any(each.lost for each in troubles)

"""Digests are those of the standards, and cost one reading."""

import hashlib
import random
from pathlib import Path

import pytest

from piiscan.sources.checksums import (
    file_digests,
    member_digests,
    new_sm3,
    sha256_and_sm3,
    sha256_of,
)
from tests.sources.tables import zipped


@pytest.mark.parametrize("size", [0, 1, 100, (4 << 20) + 7])
def test_both_digests_are_hashlibs(tmp_path: Path, size: int) -> None:
    data = random.Random(size).randbytes(size)
    path = tmp_path / "a"
    path.write_bytes(data)
    expected = hashlib.sha256(data).hexdigest()
    assert sha256_and_sm3(path) == (expected, hashlib.new("sm3", data).hexdigest())
    assert sha256_of(path) == expected


def test_digests_are_those_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"abc")
    assert file_digests(path, ["md5"]) == {"md5": "900150983cd24fb0d6963f7d28e17f72"}
    assert file_digests(path, []) == {}


def test_members_of_archives_in_archives_have_their_digests(tmp_path: Path) -> None:
    inner = zipped({"c.txt": b"abc"})
    data = bytearray(zipped({"i.zip": inner, "a.txt": b"a", "secret.txt": b"x", "b.txt": b""}))
    at = data.index(b"secret.txt")
    data[data.index(b"secret.txt", at + 1) - 46 + 8] |= 1  # flagged as encrypted
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    expected = [("i.zip", inner), ("i.zip!c.txt", b"abc"), ("a.txt", b"a"), ("b.txt", b"")]
    assert list(member_digests(path, ["md5", "sha1"])) == [
        (name, {each: hashlib.new(each, data).hexdigest() for each in ("md5", "sha1")})
        for name, data in expected
    ]


def test_archives_nested_too_deep_are_not_opened(tmp_path: Path) -> None:
    data = b"abc"
    for _ in range(7):
        data = zipped({"z": data})
    (tmp_path / "a").write_bytes(data)
    names = [name for name, _ in member_digests(tmp_path / "a", ["md5"])]
    assert names == ["!".join(["z"] * depth) for depth in range(1, 6)]


def test_archives_side_by_side_are_not_deeper_than_one(tmp_path: Path) -> None:
    inner = zipped({"a": b""})
    (tmp_path / "a").write_bytes(zipped({f"{number}": inner for number in range(7)}))
    assert len(list(member_digests(tmp_path / "a", ["md5"]))) == 14


def test_a_file_that_is_no_archive_has_no_members(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK")
    assert list(member_digests(tmp_path / "a.zip", ["md5"])) == []


def test_sm3_of_the_standards_own_example() -> None:
    # GB/T 32905-2016, appendix A.1
    hasher = new_sm3()
    hasher.update(b"abc")
    assert hasher.hexdigest() == (
        "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    )


def no_sm3(name: str, *args: object) -> object:
    raise ValueError(f"unsupported hash type {name}")


@pytest.mark.parametrize("size", [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000, 100_003])
def test_an_openssl_without_sm3_is_replaced(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    data = random.Random(size).randbytes(size)
    expected = hashlib.new("sm3", data).hexdigest()
    monkeypatch.setattr(hashlib, "new", no_sm3)
    hasher = new_sm3()
    for begin in range(0, size, 61):
        hasher.update(data[begin : begin + 61])
        hasher.hexdigest()
    assert hasher.hexdigest() == expected
    whole = new_sm3()
    whole.update(data)
    assert whole.hexdigest() == expected

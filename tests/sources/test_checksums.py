"""Digests are those of the standards, and cost one reading."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import pytest

from piiscan.errors import SourceError
from piiscan.sources.checksums import file_digests, new_sm3, sha256_and_sm3, sha256_of


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


def test_sm3_of_the_standards_own_example() -> None:
    # GB/T 32905-2016, appendix A.1
    hasher = new_sm3()
    hasher.update(b"abc")
    assert hasher.hexdigest() == (
        "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    )


def no_sm3(name: str, *args: object) -> object:
    raise ValueError(f"unsupported hash type {name}")


def test_an_openssl_without_sm3_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("cryptography")
    monkeypatch.setattr(hashlib, "new", no_sm3)
    hasher = new_sm3()
    hasher.update(b"a")
    hasher.update(b"bc")
    assert hasher.hexdigest().startswith("66c7f0f462eeedd9")


def test_no_sm3_at_all_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setattr(hashlib, "new", no_sm3)
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    with pytest.raises(SourceError, match="SM3_MISSING: install"):
        new_sm3()

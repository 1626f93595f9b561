"""A key is made once, outside the case and the sources, for its owner only."""

from __future__ import annotations

from pathlib import Path

import pytest

from piiscan.errors import CaseError
from piiscan.hashing.key import default_key_path, load_key


def test_an_absent_key_is_made_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "a.key"
    key = load_key(path, case=tmp_path / "case")
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(key.secret) == 32
    assert load_key(path, case=tmp_path / "case") == key


def test_two_keys_differ_and_so_do_their_fingerprints(tmp_path: Path) -> None:
    one, two = (load_key(tmp_path / name, case=tmp_path / "case") for name in "ab")
    assert one.secret != two.secret
    assert one.fingerprint != two.fingerprint


def test_a_key_never_shows_in_a_repr(tmp_path: Path) -> None:
    key = load_key(tmp_path / "a", case=tmp_path / "case")
    assert key.secret.hex() not in repr(key)
    assert repr(key.secret) not in repr(key)
    assert key.secret.hex() not in key.fingerprint


def test_a_key_inside_the_case_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="inside the case"):
        load_key(tmp_path / "case" / "deep" / "a.key", case=tmp_path / "case")
    assert not (tmp_path / "case").exists()


def test_no_key_is_made_inside_a_source(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="inside a source"):
        load_key(tmp_path / "disk" / "a.key", case=tmp_path / "case", sources=[tmp_path / "disk"])


@pytest.mark.parametrize("content", ["", "abc", "zz" * 32, "00" * 31, "00" * 33, "\xff"])
def test_a_file_that_is_no_key_is_refused_unread(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a"
    path.write_text(content, encoding="latin-1")
    with pytest.raises(CaseError, match="64 hexadecimal digits"):
        load_key(path, case=tmp_path / "case")
    assert path.read_text(encoding="latin-1") == content


def test_the_default_key_is_per_user() -> None:
    assert default_key_path({}, Path("/home/u")).is_relative_to(Path("/home/u"))

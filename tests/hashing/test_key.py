"""A key is made once, for its owner only; a head that people copy by hand."""

import hashlib
import random
import sys
from pathlib import Path
from typing import Final

import pytest

from piiscan.errors import CaseError
from piiscan.hashing.head_groups import head_groups, parse_head
from piiscan.hashing.key import default_key_path, is_guessable, key_at_hand, load_key, open_key
from tests.keys import random_secret, write_key


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
    path.chmod(0o600)
    with pytest.raises(CaseError, match="64 hexadecimal digits"):
        load_key(path, case=tmp_path / "case")
    assert path.read_text(encoding="latin-1") == content


@pytest.mark.parametrize(
    "secret",
    [
        bytes(32),
        b"\x5a" * 32,
        bytes(range(32)),
        bytes(range(200, 168, -1)),
        bytes(7 * n % 256 for n in range(32)),
        b"password12345678" * 2,
        b"correct horse battery staple 123",
        "案卷密钥案卷密钥".encode() + b"12345678",
        bytes.fromhex("13800138000" * 5 + "138001380"),
        random_secret(3)[:8] * 4,
        random_secret(3)[:16] * 2,
    ],
)
def test_a_key_that_can_be_guessed_is_refused(tmp_path: Path, secret: bytes) -> None:
    with pytest.raises(CaseError, match="no random key"):
        load_key(write_key(tmp_path / "a", secret), case=tmp_path / "case")


def test_no_random_key_is_refused() -> None:
    assert not any(is_guessable(random_secret(number)) for number in range(20_000))


@pytest.mark.skipif(sys.platform == "win32", reason="no modes")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644, 0o666, 0o610])
def test_a_key_that_others_can_use_is_refused_with_the_command_that_helps(
    tmp_path: Path, mode: int
) -> None:
    path = write_key(tmp_path / "a key", random_secret(3))
    path.chmod(mode)
    with pytest.raises(CaseError, match=r"chmod 600 '.*a key'"):
        load_key(path, case=tmp_path / "case")
    path.chmod(0o400)
    assert load_key(path, case=tmp_path / "case").secret == random_secret(3)


@pytest.mark.skipif(sys.platform == "win32", reason="no owners")
def test_a_key_of_somebody_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_key(tmp_path / "a", random_secret(3))
    monkeypatch.setattr("os.geteuid", lambda: path.stat().st_uid + 1)
    with pytest.raises(CaseError, match="belongs to another user"):
        load_key(path, case=tmp_path / "case")


def test_a_lost_and_a_wrong_key_are_told_plainly(tmp_path: Path) -> None:
    case = tmp_path / "case"
    known = load_key(tmp_path / "own", case=case).fingerprint
    with pytest.raises(CaseError, match="cannot be computed from a case; scan the sources again"):
        open_key(tmp_path / "lost", case=case, known=known)
    assert not (tmp_path / "lost").exists()
    other = load_key(tmp_path / "other", case=case)
    with pytest.raises(CaseError, match=rf"{other.fingerprint}.*is not the key.*{known}"):
        open_key(tmp_path / "other", case=case, known=known)


def test_the_key_at_hand_is_the_named_one_or_the_users_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    case = tmp_path / "case"
    assert key_at_hand(None, case=case, known="00") is None
    own = load_key(tmp_path / "piiscan" / "case.key", case=case)
    assert key_at_hand(None, case=case, known=own.fingerprint) == own
    assert key_at_hand(None, case=case, known="00") is None
    with pytest.raises(CaseError, match="is not the key"):
        key_at_hand(own.path, case=case, known="00")


def test_keyed_checksums_have_a_key_of_their_own(tmp_path: Path) -> None:
    key = load_key(tmp_path / "own", case=tmp_path / "case")
    assert len(key.mac_key) == 32
    assert key.mac_key != key.secret
    assert key.mac_key != hashlib.sha256(key.secret).digest()


def test_the_default_key_is_per_user() -> None:
    assert default_key_path({}, Path("/home/u")).is_relative_to(Path("/home/u"))


HEADS: Final = [random_secret(number).hex() for number in range(200)]


def test_groups_have_160_bits_and_come_back_as_them() -> None:
    for sha256 in HEADS:
        groups = head_groups(sha256)
        assert [len(each) for each in groups.split(" ")] == [4] * 9
        assert not set(groups) & set("ILOU")
        assert parse_head(groups) == sha256[:40]


@pytest.mark.parametrize(
    "change",
    [
        str.lower,
        lambda text: text.replace(" ", ""),
        lambda text: text.replace(" ", "-"),
        lambda text: text.replace(" ", "\u3000，"),
        lambda text: "".join(chr(ord(c) + 0xFEE0) if c != " " else c for c in text),
        lambda text: text.replace("0", "O").replace("1", "l"),
        lambda text: f"\n {text} \n",
    ],
)
def test_width_case_blanks_and_dashes_are_ignored(change: object) -> None:
    for sha256 in HEADS[:20]:
        assert parse_head(change(head_groups(sha256))) == sha256[:40]  # type: ignore[operator]


def test_64_hexadecimal_digits_are_the_head_itself() -> None:
    assert parse_head(HEADS[0].upper()) == HEADS[0]
    assert parse_head(" ".join(HEADS[0][at : at + 8] for at in range(0, 64, 8))) == HEADS[0]


def test_an_error_of_typing_is_told_from_another_head() -> None:
    draw = random.Random(7)
    signs = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    for sha256 in HEADS:
        typed = list(head_groups(sha256).replace(" ", ""))
        at = draw.randrange(36)
        typed[at] = draw.choice([sign for sign in signs if sign != typed[at]])
        with pytest.raises(CaseError, match="mistyped"):
            parse_head("".join(typed))
        swapped = list(head_groups(sha256).replace(" ", ""))
        at = draw.randrange(35)
        if swapped[at] != swapped[at + 1]:
            swapped[at : at + 2] = swapped[at + 1], swapped[at]
            with pytest.raises(CaseError, match="mistyped"):
                parse_head("".join(swapped))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "not 0"),
        (head_groups(HEADS[0])[:-1], "not 35"),
        (HEADS[0][:-1], "not 63"),
        (head_groups(HEADS[0])[:5] + "U" + head_groups(HEADS[0])[6:], "group 2"),
    ],
)
def test_what_is_no_head_is_refused(typed: str, said: str) -> None:
    with pytest.raises(CaseError, match=said):
        parse_head(typed)

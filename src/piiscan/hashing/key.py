"""The digest key: 32 random bytes in a file outside every case.

One key file used for several cases makes their digests comparable; a key inside the case would
make every value in it guessable, so a case stores only the key's fingerprint.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from piiscan.errors import CaseError
from piiscan.hashing.blake2 import KEY_BYTES


@dataclass(frozen=True, slots=True)
class Key:
    """A digest key and the fingerprint that may be stored; ``secret`` never shows in a repr."""

    secret: bytes = field(repr=False)
    fingerprint: str
    path: Path


def fingerprint(secret: bytes) -> str:
    """16 hexadecimal digits that recognize a key without giving it away.

    >>> fingerprint(bytes(32))
    '056f014edc6d630b'
    """
    return hashlib.blake2b(secret, digest_size=8, person=b"piiscan-key").hexdigest()


def default_path(environment: Mapping[str, str], home: Path) -> Path:
    """Where a user's key is kept when none is named: below the per-user data folder.

    >>> default_path({"XDG_DATA_HOME": "/d"}, Path("/h")).as_posix()
    '/d/piiscan/case.key'
    """
    if sys.platform == "win32":
        base = Path(environment.get("LOCALAPPDATA") or home / "AppData" / "Local")
    else:
        base = Path(environment.get("XDG_DATA_HOME") or home / ".local" / "share")
    return base / "piiscan" / "case.key"


def load_key(path: Path, *, case: Path, sources: Iterable[Path] = ()) -> Key:
    """The key in ``path``, made there (mode 0600) if the file is absent.

    A key within the ``case`` folder is refused, and none is made within ``sources``.  CaseError
    if the file holds anything but 64 hexadecimal digits, or cannot be read or made.
    """
    own = path.resolve()
    if own.is_relative_to(case.resolve()):
        raise CaseError(f"the key {path} lies inside the case; keep it elsewhere (--key FILE)")
    try:
        if not path.exists():
            if any(own.is_relative_to(source.resolve()) for source in sources):
                raise CaseError(f"no key is made inside a source: {path}; choose another (--key)")
            _make(path)
        text = path.read_text(encoding="ascii").strip()
        secret = bytes.fromhex(text)
    except OSError as error:
        raise CaseError(f"the key {path} cannot be used: {error.strerror}") from error
    except ValueError as error:
        raise CaseError(f"{path} is no key file: 64 hexadecimal digits are expected") from error
    if len(secret) != KEY_BYTES:
        raise CaseError(f"{path} is no key file: 64 hexadecimal digits are expected")
    return Key(secret, fingerprint(secret), path)


def open_key(path: Path, *, case: Path, known: str) -> Key:
    """The key in ``path``, which the case ``case`` was made with; none is ever made.

    CaseError if there is none, or its fingerprint is not ``known``, that of the case.
    """
    if not path.is_file():
        raise CaseError(f"the key {path} is not there; give the case's key (--key FILE)")
    key = load_key(path, case=case)
    if key.fingerprint != known:
        raise CaseError(f"{path} is not the key of this case; give the one it was made with")
    return key


def _make(path: Path) -> None:
    """Write a new random key; O_EXCL, so that two runs never each believe in their own."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(number, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(KEY_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())

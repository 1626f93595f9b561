"""Digest key: 32 random bytes in a file outside every case.

Cases that share a key file have comparable digests.  A key inside the case would make every value
in it guessable, so a case stores only the fingerprint of the key.
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
    """A digest key with its fingerprint, which may be stored; ``secret`` never shows in a repr."""

    secret: bytes = field(repr=False)
    fingerprint: str
    path: Path


def fingerprint(secret: bytes) -> str:
    """Return 16 hexadecimal digits that identify a key without revealing it.

    >>> fingerprint(bytes(32))
    '056f014edc6d630b'
    """
    return hashlib.blake2b(secret, digest_size=8, person=b"piiscan-key").hexdigest()


def default_key_path(environment: Mapping[str, str], home: Path) -> Path:
    """Return the path of a user's key file if none is named: below the per-user data folder.

    >>> default_key_path({"XDG_DATA_HOME": "/d"}, Path("/h")).as_posix()
    '/d/piiscan/case.key'
    """
    if sys.platform == "win32":
        base = Path(environment.get("LOCALAPPDATA") or home / "AppData" / "Local")
    else:
        base = Path(environment.get("XDG_DATA_HOME") or home / ".local" / "share")
    return base / "piiscan" / "case.key"


def load_key(path: Path, *, case: Path, sources: Iterable[Path] = ()) -> Key:
    """Read the key file ``path``; create it (mode 0600) if absent.

    Raise CaseError if the file is inside ``case``, would be created inside one of ``sources``,
    cannot be read or created, or holds anything but 64 hexadecimal digits.
    """
    resolved = path.resolve()
    if resolved.is_relative_to(case.resolve()):
        raise CaseError("key.inside_case", path=path)
    try:
        if not path.exists():
            if any(resolved.is_relative_to(source.resolve()) for source in sources):
                raise CaseError("key.inside_source", path=path)
            _create(path)
        text = path.read_text(encoding="ascii").strip()
        secret = bytes.fromhex(text)
    except OSError as error:
        raise CaseError("key.unusable", path=path, reason=error.strerror) from error
    except ValueError as error:
        raise CaseError("key.no_key_file", path=path) from error
    if len(secret) != KEY_BYTES:
        raise CaseError("key.no_key_file", path=path)
    return Key(secret, fingerprint(secret), path)


def open_key(path: Path, *, case: Path, known: str) -> Key:
    """Read the key file that ``case`` was made with (fingerprint ``known``); never create one.

    Raise CaseError if the file is absent or its fingerprint differs from ``known``.
    """
    if not path.is_file():
        raise CaseError("key.missing", path=path)
    key = load_key(path, case=case)
    if key.fingerprint != known:
        raise CaseError("key.other", path=path)
    return key


def _create(path: Path) -> None:
    """Write a new random key file unless there is one already.

    O_EXCL: of two runs at the same time only one writes a key, and both read that one.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(number, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(KEY_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())

"""Digest key: 32 random bytes in a file outside every case.

Cases that share a key file have comparable digests.  A key inside the case would make every value
in it guessable, so a case stores only the fingerprint of the key.  A key that others can read or
guess protects nothing; such a file is refused.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import os
import secrets
import shlex
import stat
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from piiscan.errors import CaseError
from piiscan.hashing.blake2 import KEY_BYTES
from piiscan.output_files import make_private_folder

#: Message whose HMAC under the digest key is the key of a case's keyed checksums.
_MAC_PURPOSE: Final = b"piiscan/case-mac/1"
#: Least different bytes of a key, and least different steps from a byte to the next; of 32 random
#: bytes, fewer occur once in some 10^9 keys.
_LEAST_DISTINCT: Final = 20


@dataclass(frozen=True, slots=True)
class Key:
    """A digest key with its fingerprint, which may be stored; ``secret`` never shows in a repr."""

    secret: bytes = field(repr=False)
    fingerprint: str
    path: Path

    @property
    def mac_key(self) -> bytes:
        """Return the key of keyed checksums; it reveals nothing about the digest key."""
        return hmac.digest(self.secret, _MAC_PURPOSE, "sha256")


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


def load_key(
    path: Path, *, case: Path | None = None, sources: Iterable[Path] = (), create: bool = True
) -> Key:
    """Read the key file ``path``; create it (mode 0600) if absent and ``create``.

    Raise CaseError if the file is inside ``case``, would be created inside one of ``sources``,
    cannot be read or created, belongs to somebody else, can be read by others, or holds anything
    but 64 hexadecimal digits of a random key.
    """
    resolved = path.resolve()
    if case is not None and resolved.is_relative_to(case.resolve()):
        raise CaseError("key.inside_case", path=path)
    try:
        if not path.exists():
            if not create:
                raise CaseError("key.missing", path=path)
            if any(resolved.is_relative_to(source.resolve()) for source in sources):
                raise CaseError("key.inside_source", path=path)
            _create(path)
        check_private(path)
        text = path.read_text(encoding="ascii").strip()
        secret = bytes.fromhex(text)
    except OSError as error:
        raise CaseError("key.unusable", path=path, reason=error.strerror) from error
    except ValueError as error:
        raise CaseError("key.no_key_file", path=path) from error
    if len(secret) != KEY_BYTES:
        raise CaseError("key.no_key_file", path=path)
    if is_guessable(secret):
        raise CaseError("key.weak", path=path)
    return Key(secret, fingerprint(secret), path)


def open_key(path: Path, *, case: Path, known: str) -> Key:
    """Read the key file that ``case`` was made with (fingerprint ``known``); never create one.

    Raise CaseError as :func:`load_key` does (inside the folder ``case``, readable by others, no key
    file), if it is absent, or if its fingerprint differs from ``known``.
    """
    key = load_key(path, case=case, create=False)
    if key.fingerprint != known:
        raise CaseError("key.other", path=path, found=key.fingerprint, known=known or "?")
    return key


def key_at_hand(path: Path | None, *, case: Path, known: str) -> Key | None:
    """Return the key of ``case`` (fingerprint ``known``) from ``path``, else the user's own file.

    Return None if no file is named and the user's own one is absent or another key.  Raise
    CaseError if the named file is another key or cannot be used.
    """
    if path is not None:
        return open_key(path, case=case, known=known)
    try:
        return open_key(default_key_path(os.environ, Path.home()), case=case, known=known)
    except CaseError:
        return None


def check_private(path: Path) -> None:
    """Raise CaseError if somebody else owns the key file ``path`` or may read or write it.

    Windows has no such modes; nothing is checked there.
    """
    if sys.platform == "win32":
        return
    facts = path.stat()
    if facts.st_uid != os.geteuid():
        raise CaseError("key.other_owner", path=path)
    if stat.S_IMODE(facts.st_mode) & 0o077:
        mode = f"{stat.S_IMODE(facts.st_mode):04o}"
        raise CaseError("key.open", path=path, mode=mode, quoted=shlex.quote(str(path)))


def is_guessable(secret: bytes) -> bool:
    """Return True if a key is no random one: repeated bytes, a sequence, text or digits.

    A key that was computed from a password cannot be told from a random one.

    >>> is_guessable(bytes(32)), is_guessable(bytes(range(32)))
    (True, True)
    >>> is_guessable(b"password" * 4), is_guessable(bytes.fromhex("13800138" * 8))
    (True, True)
    >>> is_guessable(hashlib.sha256(b"").digest())
    False
    """
    steps = {(b - a) % 256 for a, b in itertools.pairwise(secret)}
    is_text = all(0x20 <= byte < 0x7F for byte in secret)
    return (
        len(set(secret)) < _LEAST_DISTINCT
        or len(steps) < _LEAST_DISTINCT
        or (is_text or secret.hex().isdecimal())
    )


def _create(path: Path) -> None:
    """Write a new random key file unless there is one already.

    O_EXCL: of two runs at the same time only one writes a key, and both read that one.
    """
    make_private_folder(path.parent)
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(number, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(KEY_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())

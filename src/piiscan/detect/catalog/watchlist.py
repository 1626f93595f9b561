"""A list of known values beside a recognizer's file: numbers of known persons, or their digests.

One entry a line, UTF-8; blank lines and lines that begin with ``#`` are left out.  An entry is a
canonical value as piiscan gives it, or ``sha256:`` and the SHA-256 of one, or ``blake2b:`` and a
digest as a case stores it (keyed BLAKE2b over entity, NUL and value), for which ``key`` names the
case's key file.  Nothing of a list is ever shown: errors name the line.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute

from piiscan.errors import CatalogError

_KEYS: Final = frozenset({"file", "of", "key"})
_KEY_BYTES: Final = 32
_KINDS: Final = {"sha256": 32, "blake2b": 16}


@dataclass(frozen=True, slots=True)
class Watch:
    """A list, the recognizers whose values it holds, and the SHA-256 of its file."""

    file: str
    of: tuple[str, ...]
    sha256: str
    values: tuple[tuple[int, str], ...] = field(repr=False)  # with the line each stands on
    plain: frozenset[bytes] = field(repr=False)
    keyed: frozenset[bytes] = field(repr=False)
    key: bytes = field(repr=False)

    def known(self, values: pa.Array, entity: str) -> pa.Array:
        """Which of ``values`` (canonical, of one entity) are on the list: a boolean array."""
        listed = pa.array([value for _, value in self.values], pa.string())
        hit = pa.compute.is_in(values, value_set=listed)
        if not (self.plain or self.keyed):
            return hit
        coded = values.dictionary_encode()
        digested = [self._is_digested(each.as_py(), entity) for each in coded.dictionary]
        return pa.compute.or_(hit, pa.array(digested, pa.bool_()).take(coded.indices))

    def _is_digested(self, value: str, entity: str) -> bool:
        data = value.encode("utf-8", "surrogatepass")
        if self.plain and hashlib.sha256(data).digest() in self.plain:
            return True
        text = entity.encode() + b"\0" + data
        return bool(self.keyed) and (
            hashlib.blake2b(text, digest_size=_KINDS["blake2b"], key=self.key).digest()
            in self.keyed
        )


def read_watch(entry: object, path: Path) -> Watch:
    """The list that the key ``watch`` of the file ``path`` names; CatalogError if it cannot be."""
    if not isinstance(entry, dict) or not {"file", "of"} <= entry.keys() <= _KEYS:
        raise CatalogError("file and of are expected, and key if digests are keyed")
    name, of = entry["file"], entry["of"]
    if not isinstance(name, str) or Path(name).name != name or name in ("", ".", ".."):
        raise CatalogError("file is the name of a list in the same folder")
    if not isinstance(of, list) or not of or not all(isinstance(each, str) for each in of):
        raise CatalogError("of is a list of recognizers, such as [cn.mobile]")
    content = _content(path.parent / name)
    key = _key(path.parent / str(entry["key"])) if "key" in entry else b""
    found = _Entries([], set(), set())
    for number, line in enumerate(_lines(content, name), 1):
        if line.strip() and not line.startswith("#"):
            found.add(number, line.strip(), f"{name}:{number}")
    if found.keyed and not key:
        raise CatalogError(f"{name}: blake2b digests need the key they were made with; give key")
    if not (found.values or found.plain or found.keyed):
        raise CatalogError(f"{name} lists nothing")
    return Watch(
        name,
        tuple(of),
        hashlib.sha256(content + hashlib.sha256(key).digest()[: bool(key) * 32]).hexdigest(),
        tuple(found.values),
        frozenset(found.plain),
        frozenset(found.keyed),
        key,
    )


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CatalogError(f"{path.name} cannot be read: {error.strerror}") from None


def _lines(content: bytes, name: str) -> list[str]:
    try:
        return content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise CatalogError(f"{name} is not UTF-8; save it as UTF-8") from None


def _key(path: Path) -> bytes:
    try:
        key = bytes.fromhex(_content(path).decode("ascii"))
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        raise CatalogError(f"{path.name} is no key file: 64 hexadecimal digits are expected")
    return key


@dataclass(slots=True)
class _Entries:
    values: list[tuple[int, str]]
    plain: set[bytes]
    keyed: set[bytes]

    def add(self, number: int, entry: str, where: str) -> None:
        """One line of the list, sorted in; CatalogError naming where it is wrong."""
        kind, _, digits = entry.partition(":")
        if "\t" in entry:
            raise CatalogError(f"{where}: one value a line, and no other columns")
        if kind not in _KINDS:
            self.values.append((number, entry))
            return
        digest: Any = None
        try:
            digest = bytes.fromhex(digits)
        except ValueError:
            digest = b""
        if len(digest) != _KINDS[kind]:
            raise CatalogError(
                f"{where}: {2 * _KINDS[kind]} hexadecimal digits are expected behind {kind}:"
            )
        (self.plain if kind == "sha256" else self.keyed).add(digest)

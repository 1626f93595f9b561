"""Watch list: known values, or digests of them, that a recognizer reports when they are found.

The list is a UTF-8 file in the folder of the rule file, one entry per line. Blank lines and lines
that start with ``#`` are ignored. An entry is a canonical value, or ``sha256:`` and its SHA-256, or
``blake2b:`` and the digest that a case stores (keyed BLAKE2b over entity, NUL and value). ``key``
names the key file of such a case. Error messages give the line, never a value of the list.

    13800138000    sha256:b0da6e94…    blake2b:92da7eef…
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
class Watchlist:
    """Watch list with the recognizers in ``of``, whose values are compared with it.

    ``sha256``: hex digest of the file. ``values``: (line, canonical value) of each plain entry.
    """

    file: str
    of: tuple[str, ...]
    sha256: str
    values: tuple[tuple[int, str], ...] = field(repr=False)  # (line, canonical value)
    sha256_digests: frozenset[bytes] = field(repr=False)
    blake2b_digests: frozenset[bytes] = field(repr=False)
    key: bytes = field(repr=False)

    def contains(self, values: pa.Array, entity: str) -> pa.Array:
        """Return a boolean array: True for the canonical ``values`` that are in the list.

        ``entity``: entity of all values, part of a keyed digest.
        """
        listed = pa.array([value for _, value in self.values], pa.string())
        listed_hits = pa.compute.is_in(values, value_set=listed)
        if not (self.sha256_digests or self.blake2b_digests):
            return listed_hits
        encoded = values.dictionary_encode()
        by_digest = [self._matches_digest(each.as_py(), entity) for each in encoded.dictionary]
        return pa.compute.or_(listed_hits, pa.array(by_digest, pa.bool_()).take(encoded.indices))

    def _matches_digest(self, value: str, entity: str) -> bool:
        """Return True if a digest of ``value`` is in the list."""
        data = value.encode("utf-8", "surrogatepass")
        if self.sha256_digests and hashlib.sha256(data).digest() in self.sha256_digests:
            return True
        text = entity.encode() + b"\0" + data
        return bool(self.blake2b_digests) and (
            hashlib.blake2b(text, digest_size=_KINDS["blake2b"], key=self.key).digest()
            in self.blake2b_digests
        )


def read_watchlist(entry: object, path: Path) -> Watchlist:
    """Read the list that the key ``watch`` of the rule file ``path`` names.

    Raise CatalogError if the key is malformed, a file cannot be read, or an entry is invalid.
    """
    if not isinstance(entry, dict) or not {"file", "of"} <= entry.keys() <= _KEYS:
        raise CatalogError("watch.keys")
    name, of = entry["file"], entry["of"]
    if not isinstance(name, str) or Path(name).name != name or name in ("", ".", ".."):
        raise CatalogError("watch.file")
    if not isinstance(of, list) or not of or not all(isinstance(id_, str) for id_ in of):
        raise CatalogError("watch.of")
    content = _read_file(path.parent / name)
    key = _read_key(path.parent / str(entry["key"])) if "key" in entry else b""
    entries = _WatchEntries([], set(), set())
    for number, line in enumerate(_decode_lines(content, name), 1):
        if line.strip() and not line.startswith("#"):
            entries.add(number, line.strip(), f"{name}:{number}")
    if entries.blake2b_digests and not key:
        raise CatalogError("watch.key_needed", file=name)
    if not (entries.values or entries.sha256_digests or entries.blake2b_digests):
        raise CatalogError("watch.empty", file=name)
    return Watchlist(
        name,
        tuple(of),
        hashlib.sha256(content + hashlib.sha256(key).digest()[: bool(key) * 32]).hexdigest(),
        tuple(entries.values),
        frozenset(entries.sha256_digests),
        frozenset(entries.blake2b_digests),
        key,
    )


def _read_file(path: Path) -> bytes:
    """Return the bytes of a list or key file; raise CatalogError if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise CatalogError("file.unreadable", path=path.name, reason=error.strerror) from None


def _decode_lines(content: bytes, name: str) -> list[str]:
    """Return the lines of a UTF-8 watch list; raise CatalogError if it is not UTF-8."""
    try:
        return content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise CatalogError("file.not_utf8", path=name) from None


def _read_key(path: Path) -> bytes:
    """Return the 32-byte key in the file ``path``; raise CatalogError if it is no key file."""
    try:
        key = bytes.fromhex(_read_file(path).decode("ascii"))
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        raise CatalogError("key.no_key_file", path=path.name)
    return key


@dataclass(slots=True)
class _WatchEntries:
    """Entries of a list while it is read: plain values, SHA-256 digests, keyed digests."""

    values: list[tuple[int, str]]
    sha256_digests: set[bytes]
    blake2b_digests: set[bytes]

    def add(self, number: int, entry: str, where: str) -> None:
        """Parse one line of a watch list and add its value or digest to the entries.

        ``where``: file and line for errors. Raise CatalogError if the entry is malformed.
        """
        kind, _, digits = entry.partition(":")
        if "\t" in entry:
            raise CatalogError("watch.one_value", place=where)
        if kind not in _KINDS:
            self.values.append((number, entry))
            return
        digest: Any = None
        try:
            digest = bytes.fromhex(digits)
        except ValueError:
            digest = b""
        if len(digest) != _KINDS[kind]:
            raise CatalogError("watch.digits", place=where, count=2 * _KINDS[kind], kind=kind)
        (self.sha256_digests if kind == "sha256" else self.blake2b_digests).add(digest)

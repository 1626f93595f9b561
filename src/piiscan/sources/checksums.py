"""Digests of a source: SHA-256 and SM3, read once, and SHA-256 alone to see whether it changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO

from piiscan.errors import SourceError
from piiscan.sources.archive import Spending, open_members
from piiscan.sources.block import Trouble
from piiscan.sources.content import Content, file_content, hold, open_file
from piiscan.sources.file_type import detect_kind
from piiscan.sources.limits import STANDARD

_PIECE = 4 << 20


def digests(path: Path) -> tuple[str, str]:
    """SHA-256 and SM3 of the file, in hex, from one reading.

    SM3 is GB/T 32905-2016, which courts' technicians expect beside SHA-256 (domain.md D.7 E2).
    The two run side by side, as hashing releases the GIL and SM3 is the slower by four.
    """
    sha256, sm3 = hashlib.sha256(), new_sm3()
    with open_file(path) as stream, ThreadPoolExecutor(1) as beside:
        piece = stream.read(_PIECE)
        while piece:
            other = beside.submit(sm3.update, piece)
            sha256.update(piece)
            following = stream.read(_PIECE)
            other.result()
            piece = following
    return sha256.hexdigest(), sm3.hexdigest()


def digests_of(path: Path, names: Sequence[str]) -> dict[str, str]:
    """The digests ``names`` (md5, sha1, sha256) of the file in hex, from one reading.

    MD5 and SHA-1 prove nothing any more; they are what older records were written with.
    """
    made = {name: hashlib.new(name, usedforsecurity=False) for name in names}
    with open_file(path) as stream, ThreadPoolExecutor(len(made)) as beside:
        while piece := stream.read(_PIECE):
            for done in [beside.submit(digest.update, piece) for digest in made.values()]:
                done.result()
    return {name: digest.hexdigest() for name, digest in made.items()}


def member_digests(path: Path, names: Sequence[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """The digests ``names`` of every file in a zip archive, archives in it too, by its chain.

    What cannot be read is left out; nothing for a file that is no archive.
    """
    yield from _members(file_content(path), names, Spending(STANDARD))


def _members(
    content: Content, names: Sequence[str], spending: Spending
) -> Iterator[tuple[str, dict[str, str]]]:
    archive = detect_kind(content).name == "zip" and spending.depth < spending.budget.depth
    held = hold(content, STANDARD.held) if archive and content.member else content
    if not archive or held is None:
        return
    for member in open_members(held, spending):
        if isinstance(member, Trouble):
            continue
        with member.open() as stream:
            yield member.member, _digests(stream, names)
        spending.depth += 1
        yield from _members(member, names, spending)
        spending.depth -= 1


def _digests(stream: BinaryIO, names: Sequence[str]) -> dict[str, str]:
    made = {name: hashlib.new(name, usedforsecurity=False) for name in names}
    while piece := stream.read(_PIECE):
        for digest in made.values():
            digest.update(piece)
    return {name: digest.hexdigest() for name, digest in made.items()}


def sha256_of(path: Path) -> str:
    """SHA-256 of the file in hex; cheap enough (1.7 GB/s) to repeat after the run."""
    digest = hashlib.sha256()
    with open_file(path) as stream:
        while piece := stream.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def new_sm3() -> Any:
    """A fresh SM3 hash object: OpenSSL's, else the cryptography package's.

    Some distributions build OpenSSL without SM3; raises SourceError SM3_MISSING if neither has it.

    >>> new_sm3().hexdigest()[:8]
    '1ab21d83'
    """
    try:
        return hashlib.new("sm3")
    except ValueError:
        return _Sm3(_other_sm3())


def _other_sm3() -> Any:
    try:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives import hashes
    except ImportError:
        raise SourceError("SM3_MISSING", "install the cryptography package") from None
    try:
        return hashes.Hash(hashes.SM3())
    except UnsupportedAlgorithm:
        raise SourceError("SM3_MISSING", "neither OpenSSL here has SM3") from None


class _Sm3:
    """The cryptography package's hash with hashlib's two methods."""

    def __init__(self, inner: Any) -> None:
        self.update: Callable[[bytes], None] = inner.update
        self._inner = inner

    def hexdigest(self) -> str:
        return str(self._inner.copy().finalize().hex())

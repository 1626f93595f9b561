"""Checksums of a source: SHA-256 and SM3 in one pass, and SHA-256 alone to detect a change."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import numpy as np

from piiscan.sources.archives.archive import open_members
from piiscan.sources.block import Trouble
from piiscan.sources.content import Content, file_content, load_content, open_file, read_pieces
from piiscan.sources.formats import file_type
from piiscan.sources.limits import STANDARD_BUDGET, BudgetUsage
from piiscan.sources.sm3_kernels import compress_blocks
from piiscan.sources.stores import local_file

_PIECE_BYTES = 4 << 20
#: Initial value of SM3 (GB/T 32905-2016, 4.1).
_SM3_START: Final = (
    0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E,
)  # fmt: skip


def sha256_and_sm3(path: Path) -> tuple[str, str]:
    """Return the SHA-256 and the SM3 digest of the file, in hex, from one pass over it.

    SM3 is the hash of GB/T 32905-2016.  Both digests are computed in parallel: hashing releases the
    GIL, and SM3 is the slower of the two.
    """
    sha256, sm3 = hashlib.sha256(), new_sm3()
    with open_file(path) as stream, ThreadPoolExecutor(1) as pool:
        piece, next_piece = stream.read(_PIECE_BYTES), stream.read(_PIECE_BYTES)
        while next_piece:
            sm3_update = pool.submit(sm3.update, piece)
            sha256.update(piece)
            following = stream.read(_PIECE_BYTES)
            sm3_update.result()
            piece, next_piece = next_piece, following
    for last in (sm3, sha256):  # a small file needs no thread
        last.update(piece)
    return sha256.hexdigest(), sm3.hexdigest()


def file_digests(path: Path, names: Sequence[str]) -> dict[str, str]:
    """Return the digests ``names`` (md5, sha1, sha256) of the file, in hex, from one pass over it.

    MD5 and SHA-1 are not secure.  They are computed to compare with older records.
    """
    hashes = {name: hashlib.new(name, usedforsecurity=False) for name in names}
    with open_file(path) as stream, ThreadPoolExecutor(len(hashes) or 1) as pool:
        while piece := stream.read(_PIECE_BYTES):
            for update in [pool.submit(digest.update, piece) for digest in hashes.values()]:
                update.result()
    return {name: digest.hexdigest() for name, digest in hashes.items()}


def member_digests(path: Path, names: Sequence[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield (path in the zip archive, hex digest by name) of every file in it.

    Nested archives are included.  Members that cannot be read are left out.  A file that is no zip
    archive yields nothing.
    """
    with local_file(path) as file:
        yield from _archive_digests(file_content(file), names, BudgetUsage(STANDARD_BUDGET))


def _archive_digests(
    content: Content, names: Sequence[str], usage: BudgetUsage
) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield (path, digest name -> hex) of every file in a zip ``content``; nothing for others."""
    is_archive = file_type(content) == "zip" and usage.depth < usage.budget.depth
    loaded = (
        load_content(content, STANDARD_BUDGET.in_memory)
        if is_archive and content.member
        else content
    )
    if not is_archive or loaded is None:
        return
    for member in open_members(loaded, usage):
        if isinstance(member, Trouble):
            continue
        hashes = {name: hashlib.new(name, usedforsecurity=False) for name in names}
        with member.open() as stream:
            for piece in read_pieces(stream):
                for digest in hashes.values():
                    digest.update(piece)
        yield member.member, {name: digest.hexdigest() for name, digest in hashes.items()}
        usage.depth += 1
        yield from _archive_digests(member, names, usage)
        usage.depth -= 1


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of the file, in hex."""
    digest = hashlib.sha256()
    with open_file(path) as stream:
        while piece := stream.read(_PIECE_BYTES):
            digest.update(piece)
    return digest.hexdigest()


def new_sm3() -> Any:
    """Return a new SM3 hash object: that of OpenSSL, or ``_Sm3`` if OpenSSL has none.

    Some distributions build OpenSSL without SM3.

    >>> new_sm3().hexdigest()[:8]
    '1ab21d83'
    """
    try:
        return hashlib.new("sm3")
    except ValueError:
        return _Sm3()


class _Sm3:
    """SM3 hash object with the two methods of hashlib in use here."""

    def __init__(self) -> None:
        self._state = np.array(_SM3_START, np.uint32)
        self._rest = b""  # of the last block
        self._size = 0

    def update(self, data: bytes) -> None:
        """Add ``data``."""
        self._size += len(data)
        data = self._rest + data if self._rest else data
        added = compress_blocks(self._state, np.frombuffer(data, np.uint8))
        self._rest = data[added:]

    def hexdigest(self) -> str:
        """Return the digest of all data so far, in hex; more may be added."""
        state = self._state.copy()
        padding = b"\x80" + bytes(-(self._size + 9) % 64) + (8 * self._size).to_bytes(8, "big")
        compress_blocks(state, np.frombuffer(self._rest + padding, np.uint8))
        return state.astype(">u4").tobytes().hex()

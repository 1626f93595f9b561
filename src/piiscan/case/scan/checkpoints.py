"""Checkpoints: a killed scan goes on inside a large source, from the newest of them.

A checkpoint has the state of the reader between two blocks, and that of the writer behind the
blocks before. Lines that wait for the next ones and numbers for the alarms are in it, so it is
encrypted under the key of the case; the job store has its SHA-256 under a keyed checksum.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from piiscan.arrays import Int64
from piiscan.case.store.job_store import JobStore, Source
from piiscan.case.store.shards import RESUMED, HashingFile, ShardState, remove_files
from piiscan.output_files import make_private_folder, open_private
from piiscan.packed_state import pack_state, unpack_state

#: Least bytes between two checkpoints, and most checkpoints of a source.
LEAST: Final = 128 << 20
_MOST: Final = 16
_NONCE_BYTES: Final = 32
_PIECE_BYTES: Final = 1 << 20
_PURPOSE: Final = b"piiscan checkpoint"
_ENTRY: Final = "checkpoint"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """State of reader and writer at a place of a source.

    Attributes:
        reading: state of the reader
        written: outcome of the source so far
        shards: kind -> state of its shard
        numbers: values and rows of the numbers for alarms, apart from the rest
        files: name -> SHA-256 of its files
    """

    reading: bytes
    written: tuple[Any, ...]
    shards: Mapping[str, ShardState]
    numbers: Int64
    files: Mapping[str, str] = field(default_factory=dict)


class Checkpoints:
    """Checkpoints of one run of a scan: files in ``folder``, named by the job store.

    Incomplete shards of large sources are in the folder too.
    """

    def __init__(self, case: Path, store: JobStore, secret: bytes, *facts: str) -> None:
        """Read the newest checkpoint of the case; ``facts`` must be those of the run it is from."""
        self.folder = make_private_folder(case / "tmp" / RESUMED)
        self._store, self._secret, self._facts = store, secret, facts
        self._files: Mapping[str, str] = {}  # of the newest checkpoint
        self._found = store.get(_ENTRY)
        if self._found is None:
            remove_files(self.folder.iterdir())

    def every(self, source: Source) -> int:
        """Return the bytes between two checkpoints of ``source``."""
        return max(LEAST, source.size // _MOST)

    def is_large(self, source: Source) -> bool:
        """Return True if ``source`` is long enough for a checkpoint."""
        return source.size > LEAST

    def find(
        self, source: Source, sha256: Callable[[], str]
    ) -> tuple[Checkpoint, dict[str, HashingFile]] | None:
        """Return the checkpoint of a source, and its incomplete shards, open behind their bytes.

        Return None without one, or if anything is not as it was. ``sha256``: of the source now.
        """
        entry = self._found
        if entry is None or entry["of"] != self._key(source) or entry["sha256"] != sha256():
            return None
        contents = [self._unseal(*each) for each in entry["files"].items()]
        if None in contents:
            return None
        *numbers, state = (content or b"" for content in contents)
        reading, written, shards = unpack_state(state)
        files: dict[str, HashingFile] = {}
        for kind, each in shards.items():
            if each.size:
                file = HashingFile.reopen(self.folder / each.name, each)
                if file is None:
                    return None
                files[kind] = file
        arrays = [np.frombuffer(each, np.int64).reshape(2, -1) for each in numbers]
        joined = np.concatenate(arrays, axis=1)
        return Checkpoint(reading, written, shards, joined, entry["files"]), files

    def follow(self, checkpoint: Checkpoint) -> None:
        """Let the next checkpoint take the place of ``checkpoint``, which was found."""
        self._files = checkpoint.files

    def add(self, source: Source, sha256: str, checkpoint: Checkpoint) -> None:
        """Store a checkpoint in place of the one before; its numbers are those since that one."""
        *older, last = self._files or [""]
        number = f"{source.source}-{len(self._files)}"
        files = {name: self._files[name] for name in older}
        state = pack_state((checkpoint.reading, checkpoint.written, dict(checkpoint.shards)))
        parts = {f"{number}.numbers": checkpoint.numbers.tobytes(), f"{number}.state": state}
        files |= {name: self._seal(name, part) for name, part in parts.items()}
        self._store.put(_ENTRY, {"of": self._key(source), "sha256": sha256, "files": files})
        self._files = files
        remove_files([self.folder / last] if last else [])

    def remove(self) -> None:
        """Remove the newest checkpoint, as its source is finished."""
        if self._files:
            self._store.put(_ENTRY, None)
            remove_files(self.folder / name for name in self._files)
            self._files = {}

    def clear(self) -> None:
        """Remove all checkpoints and incomplete shards, as all sources are finished."""
        if any(self.folder.iterdir()):
            self._store.put(_ENTRY, None)
            remove_files(self.folder.iterdir())
        self.folder.rmdir()

    def _key(self, source: Source) -> list[Any]:
        """Return the facts of ``source`` and of the run that a usable checkpoint has."""
        place = [source.absolute_path, source.size, source.mtime_ns, source.generation]
        return [source.source, *place, *self._facts]

    def _seal(self, name: str, content: bytes) -> str:
        """Write ``content`` encrypted as the file ``name``; return its SHA-256."""
        nonce = os.urandom(_NONCE_BYTES)
        with open_private(self.folder / name) as file:
            hashing = HashingFile(file)
            hashing.write(nonce)
            for piece in _combine(content, self._secret, nonce):
                hashing.write(piece)
        return hashing.hexdigest()

    def _unseal(self, name: str, sha256: str) -> bytes | None:
        """Return the content of a file of :meth:`_seal`; None if it is not that file."""
        try:
            sealed = (self.folder / name).read_bytes()
        except OSError:
            return None
        if hashlib.sha256(sealed).hexdigest() != sha256:
            return None
        nonce = sealed[:_NONCE_BYTES]
        return b"".join(_combine(sealed[_NONCE_BYTES:], self._secret, nonce))


def _combine(content: bytes, secret: bytes, nonce: bytes) -> Iterator[bytes]:
    """Yield ``content`` in pieces, combined (XOR) with the key stream of SHAKE128 for ``nonce``."""
    key = hashlib.sha256(_PURPOSE + secret).digest() + nonce
    for at in range(0, len(content), _PIECE_BYTES):
        piece = np.frombuffer(content[at : at + _PIECE_BYTES], np.uint8)
        stream = hashlib.shake_128(key + at.to_bytes(8)).digest(len(piece))
        yield (piece ^ np.frombuffer(stream, np.uint8)).tobytes()

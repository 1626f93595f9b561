"""Merged shards: the shards that one scan of all sources would have written.

A shard with the sources of one is copied. Any other is written from the rows of its sources, under
their new numbers: equal rows give equal bytes.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from piiscan.case.store.case import SHARDED
from piiscan.case.store.job_store import Source
from piiscan.case.store.plain_files import partial_file, verified_path
from piiscan.case.store.shard_runs import shard_file
from piiscan.case.store.shards import ShardWriter, SourceRows, check_disk, write_checksum_file
from piiscan.errors import CaseError
from piiscan.output_files import make_private_folder

#: Bytes of the copies between two looks at the free space.
_LOOK: Final = 64 << 20


@dataclass(frozen=True, slots=True)
class MergedSource:
    """A source of the merged case, its number in the case it comes from, and that case."""

    source: Source
    number: int
    case: Path

    def shard(self, kind: str) -> tuple[str, str] | None:
        """Return name and SHA-256 of its shard of ``kind`` in that case; None without one."""
        files = self.source.outcome.files.items()
        names = (file for file in files if file[0].startswith(f"{kind}/"))
        return next((file for file in names if file[0].endswith(".parquet")), None)


class ShardMerger:
    """Writer of the shards of a merged case; ``pool`` encodes shards that are written anew."""

    def __init__(self, case: Path, inputs: Mapping[Path, Sequence[Source]], pool: Executor) -> None:
        """Create the shard folders of the case; ``inputs``: folder -> all its sources."""
        self._case = case
        self._uses = Counter(
            (folder, name)
            for folder, sources in inputs.items()
            for source in sources
            for name in source.outcome.files
        )
        self._temporary = case / "tmp"
        self._pool = pool
        self._copied = _LOOK
        for kind in SHARDED:
            if kind != "clear":
                make_private_folder(case / kind)

    def merge(self, run: Sequence[MergedSource]) -> list[Source]:
        """Write the shards of a run; return its sources with their names."""
        name = shard_file(run[0].source.source, 1)
        files: list[dict[str, str]] = [{} for _ in run]
        for kind in SHARDED:
            with_rows = [at for at, each in enumerate(run) if each.shard(kind)]
            if with_rows:
                written = self._write(kind, name, [run[at] for at in with_rows])
                for at in with_rows:
                    files[at] |= written
        return [
            replace(each.source, outcome=replace(each.source.outcome, files=named))
            for each, named in zip(run, files, strict=True)
        ]

    def _write(self, kind: str, name: str, sources: list[MergedSource]) -> dict[str, str]:
        """Write the shard of ``kind``; return file name -> SHA-256 with its checksum file."""
        path = make_private_folder(self._case / kind) / name
        shards = {(each.case, *(each.shard(kind) or ())) for each in sources}
        is_same = len(shards) == 1 and all(each.number == each.source.source for each in sources)
        first = sources[0].shard(kind)
        if is_same and first and self._uses[sources[0].case, first[0]] == len(sources):
            sha256 = self._copy(sources[0], kind, path)
        else:
            with ShardWriter(
                path, SHARDED[kind], temporary=self._temporary, pool=self._pool
            ) as writer:
                for rows in _renumbered(kind, sources):
                    writer.add(rows)
                sha256 = writer.close() or ""
        files = {f"{kind}/{name}": sha256}
        if kind == "clear":
            beside, beside_sha256 = write_checksum_file(path, sha256, temporary=self._temporary)
            files[beside] = beside_sha256
        return files

    def _copy(self, source: MergedSource, kind: str, path: Path) -> str:
        """Copy the shard of a source to ``path``; return its SHA-256."""
        name, sha256 = source.shard(kind) or ("", "")
        partial, original = partial_file(self._temporary, path), source.case / name
        size = original.stat().st_size
        self._copied += size
        if self._copied >= _LOOK:
            check_disk(self._temporary, needed=size)
            self._copied = 0
        try:
            shutil.copyfile(original, partial)
        except OSError as error:
            raise CaseError("case.shard_unwritable", path=path, reason=error.strerror) from error
        partial.chmod(0o600)
        partial.replace(path)
        verified_path(self._case, path.relative_to(self._case).as_posix(), sha256)
        return sha256


def _renumbered(kind: str, sources: Sequence[MergedSource]) -> Iterator[pa.Table]:
    """Yield the rows of ``kind`` of each source under its new number."""
    readers: dict[Path, SourceRows] = {}
    for each in sources:
        if each.case not in readers:
            shards = {
                other.number: other.case / found[0]
                for other in sources
                if other.case == each.case and (found := other.shard(kind))
            }
            readers[each.case] = SourceRows(shards)
        for rows in readers[each.case].of(each.number):
            numbers = pa.array(np.full(len(rows), each.source.source, np.int32))
            yield rows.set_column(0, SHARDED[kind].field(0), numbers)

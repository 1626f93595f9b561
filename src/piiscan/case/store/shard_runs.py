"""Shard runs: sources that share their shards, and the names of these shards.

Sources have numbers from 1 to 10⁹. A block is 640 numbers that follow each other; its small sources
share one shard of each kind, and a large source has shards of its own. Number and size alone decide
that, so the shards of a block do not depend on other blocks. A later scan that reads a source of a
shard again writes the whole shard again, with the rows of the other sources copied.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

from piiscan.case.store.job_store import PENDING, Source
from piiscan.case.store.plain_files import verified_path
from piiscan.case.store.shards import read_by_source, remove_files, remove_temporary

#: Numbers of a block.
BLOCK: Final = 640
#: Least bytes of a large source.
LARGE: Final = 1 << 20

_SOURCE: Final = ("source",)
_NAME: Final = re.compile(r"(?:[0-9]{6}|_[0-9]{9})(?:-([0-9]{4,9}))?\.parquet(?:\.sha256)?")


@dataclass(frozen=True, slots=True)
class ShardRun:
    """Sources that share their shards, by number.

    Attributes:
        name: name of the shards without their kind
        read: sources that this scan reads
        carried: sources that were read before, whose rows are copied
    """

    name: str
    read: Sequence[Source]
    carried: Sequence[Source] = ()

    def shard(self, kind: str) -> str:
        """Return the name of the shard of ``kind`` in the case."""
        return f"{kind}/{self.name}"


def number_name(number: int) -> str:
    """Return the number of a source as part of a file name; names sort as numbers to 10⁹.

    >>> number_name(12), number_name(1_000_000)
    ('000012', '_001000000')
    """
    return f"{number:06d}" if number < 1_000_000 else f"_{number:09d}"


def shard_file(first: int, generation: int) -> str:
    """Return the file name of the shards that begin with source ``first``.

    >>> shard_file(641, 1), shard_file(1_000_000, 2)
    ('000641.parquet', '_001000000-0002.parquet')
    """
    again = f"-{generation:04d}" if generation > 1 else ""
    return f"{number_name(first)}{again}.parquet"


def shard_generation(name: str) -> int | None:
    """Return the generation in the name of a shard or its checksum file; None for other names.

    >>> shard_generation("findings/000012-0002.parquet"), shard_generation("findings/other.parquet")
    (2, None)
    """
    found = _NAME.fullmatch(_file_name(name))
    return None if found is None else int(found[1] or 1)


def plan_runs(case: Path, sources: Iterable[Source], *, generation: int) -> list[ShardRun]:
    """Return the shards to write for the pending ones among all ``sources`` of a case.

    Raise ChangedFileError if a shard of their blocks is not the one that was written.
    """
    runs = []
    for together in group_runs(sources):
        pending = {each.source for each in together if each.state == PENDING}
        stale = _stale_shards(case, together, pending) if pending else set()
        run: list[Source] = []
        for each in [*together, None]:
            if each is None or (each.outcome.files and not stale & _shards_of(each)):
                read = [other for other in run if other.source in pending]
                if read:
                    carried = [other for other in run if other.outcome.files]
                    runs.append(ShardRun(shard_file(run[0].source, generation), read, carried))
                run = []
            else:
                run.append(each)
    return runs


def group_runs(sources: Iterable[Source]) -> list[list[Source]]:
    """Return the sources by the shards that one scan of all writes for them."""
    ordered = sorted(sources, key=lambda each: each.source)
    return [list(members) for _, members in groupby(ordered, _ShardKey())]


def _stale_shards(case: Path, sources: Sequence[Source], pending: set[int]) -> set[str]:
    """Return the names of shards of ``sources`` to write again, without their kinds.

    They have rows of a ``pending`` source, or of sources before and behind one.
    """
    numbers: dict[str, set[int]] = {}
    for source in sources:
        for name in _shards_of(source):
            numbers.setdefault(name, set()).add(source.source)
    shards = {pair for source in sources for pair in source.outcome.files.items()}
    for name, sha256 in sorted(shards):
        if name.endswith(".parquet"):
            rows = read_by_source(verified_path(case, name, sha256), _SOURCE)
            numbers[_file_name(name)] |= {number for number, _ in rows}
    return {
        name
        for name, found in numbers.items()
        if any(min(found) <= number <= max(found) for number in pending)
    }


def _shards_of(source: Source) -> set[str]:
    """Return the names of the shards of a source, without their kinds."""
    return {_file_name(name) for name in source.outcome.files if name.endswith(".parquet")}


def _file_name(name: str) -> str:
    """Return the last part of the name of a file in the case."""
    return name.rpartition("/")[2]


class _ShardKey:
    """Key by which sources in order are grouped: block and number of large sources before.

    A number that is missing, of a source in another part, separates like a large source.
    """

    def __init__(self) -> None:
        self._large = self._last = 0

    def __call__(self, source: Source) -> tuple[int, int]:
        """Return the key of the next source; a large one has a key of its own."""
        self._large += 2 * (source.source != self._last + 1)
        self._last = source.source
        key = self._large
        if source.size >= LARGE:
            self._large += 2
            key += 1
        return (source.source - 1) // BLOCK, key


def remove_leftovers(
    case: Path, kinds: Iterable[str], sources: Iterable[Source], *, generation: int
) -> None:
    """Remove temporary files, and shards of ``generation`` that a killed run left.

    ``sources``: all of the case; the shards that they name remain.
    """
    remove_temporary(case / "tmp")
    named = {name for source in sources for name in source.outcome.files}
    remove_files(
        path
        for kind in kinds
        for path in sorted((case / kind).glob("*"))
        if shard_generation(path.name) == generation and f"{kind}/{path.name}" not in named
    )

"""The files of a case that messages may mean: FILES, with the checksums that messages need.

Nothing is read again unless a message tells an MD5 or SHA-1; then sources are, each once, and
archives only if a checksum was told that no source has.  A source that is gone, or no longer the
one that was scanned, has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from piiscan.case.store.job_store import Source
from piiscan.parsing.file_names import digest_names
from piiscan.schemas import FILES
from piiscan.sources.checksums import digests_of, member_digests

#: Checksums for which files are read again, by the hexadecimal digits they have.
_AGAIN: Final = {32: "md5", 40: "sha1"}
_PART: Final = re.compile(r"(?P<file>.*?\.[A-Za-z0-9]{1,5})#", re.DOTALL)


@dataclass(slots=True)
class _Wanted:
    """Checksums that messages tell and no file is known to have yet, by algorithm, with sizes."""

    sums: dict[str, set[str]]
    sizes: list[tuple[int, int]]
    any_size: bool

    def names(self) -> list[str]:
        """The algorithms of which any are left."""
        return [name for name, left in self.sums.items() if left]

    def fits(self, size: int | None) -> bool:
        """Whether a file of that size may be one of those that messages mean."""
        if self.any_size or size is None:
            return True
        return any(least <= size <= most for least, most in self.sizes)

    def strike(self, told: Mapping[str, str]) -> None:
        """Take the checksums of a file out of what is wanted."""
        for name, left in self.sums.items():
            left.discard(told.get(name, ""))


def tell_files(sources: Sequence[Source], sendings: Iterable[Path], *, key: bytes) -> pa.Table:
    """The FILES of a case; no rows if no shard of ``sendings`` is given."""
    shards = list(sendings)
    if not shards:
        return FILES.empty_table()
    rows = _rows(sources)
    wanted = _wanted(shards)
    if wanted.names():
        _hash_sources(rows, {each.source: each for each in sources}, wanted)
    if wanted.names():
        _hash_members(rows, sources, wanted)
    paths = {each.source: each.path for each in sources}
    names = [(row["member"] or paths[row["source"]]).rpartition("!")[2] for row in rows]
    for row, digest in zip(rows, digest_names(names, key).to_pylist(), strict=True):
        row["name_digest"] = digest
    return pa.Table.from_pylist(rows, FILES)


def _rows(sources: Sequence[Source]) -> list[dict[str, Any]]:
    """Every source, and every file in archives that was read."""
    rows: list[dict[str, Any]] = []
    for source in sources:
        found = {"": (source.size, source.outcome.sha256 or None)}
        for part in source.outcome.parts:
            if part["sha256"] is not None:
                member = _file_of(part["member"], part["kind"])
                found.setdefault(member, (part["size"], part["sha256"]))
        rows += [
            {"source": source.source, "member": member, "size": size, "sha256": sha256}
            for member, (size, sha256) in found.items()
        ]
    return rows


def _file_of(member: str, kind: str) -> str:
    """The file of a part: its sheets and tables stand behind ``#``.

    >>> _file_of("内层/a.xlsx#Sheet1", "sheet"), _file_of("b.csv#.csv", "delimited")
    ('内层/a.xlsx', 'b.csv#.csv')
    """
    found = _PART.match(member) if kind in ("sheet", "sql") else None
    return member if found is None else found["file"]


def _wanted(shards: Sequence[Path]) -> _Wanted:
    sums: dict[str, set[str]] = {name: set() for name in _AGAIN.values()}
    sizes: set[tuple[int, int]] = set()
    any_size = False
    for shard in shards:
        table = pq.read_table(shard, columns=["checksum", "least", "most"])
        table = table.filter(pc.is_valid(table["checksum"]))
        for sum_, least, most in zip(
            *(table[n].to_pylist() for n in table.column_names), strict=True
        ):
            name = _AGAIN.get(len(sum_))
            if name is not None:
                sums[name].add(sum_)
                any_size = any_size or least is None
                if least is not None:
                    sizes.add((least, most))
    return _Wanted(sums, sorted(sizes), any_size)


def _hash_sources(
    rows: Sequence[dict[str, Any]], sources: Mapping[int, Source], wanted: _Wanted
) -> None:
    """Checksums of the sources that may be meant."""
    names = wanted.names()
    mine = [row for row in rows if not row["member"] and row["sha256"] and wanted.fits(row["size"])]

    def read(row: Mapping[str, Any]) -> dict[str, str]:
        try:
            return digests_of(Path(sources[row["source"]].place), [*names, "sha256"])
        except OSError:
            return {}

    with ThreadPoolExecutor(2) as pool:
        for row, told in zip(mine, pool.map(read, mine), strict=True):
            if told.get("sha256") == row["sha256"]:
                row |= {name: told[name] for name in names}
                wanted.strike(told)


def _hash_members(
    rows: Sequence[dict[str, Any]], sources: Sequence[Source], wanted: _Wanted
) -> None:
    """Checksums of files in archives that may be meant."""
    names = wanted.names()
    by_source: dict[int, dict[str, dict[str, Any]]] = {}
    for row in rows:
        if row["member"] and wanted.fits(row["size"]):
            by_source.setdefault(row["source"], {})[row["member"]] = row
    for source in sources:
        mine = by_source.get(source.source, {})
        if not mine:
            continue
        try:
            for member, told in member_digests(Path(source.place), [*names, "sha256"]):
                if member in mine and told["sha256"] == mine[member]["sha256"]:
                    mine[member] |= {name: told[name] for name in names}
        except OSError:
            continue

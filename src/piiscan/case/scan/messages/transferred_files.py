"""Transferred files: files of a case that messages may mean, with their checksums (FILES).

A file is read again only if a message has an MD5 or SHA-1.  Sources are hashed first, each once;
archives only if a checksum is still unmatched.  A source that is gone or changed has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from piiscan.case.store.job_store import Source
from piiscan.parsing.file_names import digest_file_names
from piiscan.schemas import FILES
from piiscan.sources.checksums import file_digests, member_digests

#: Number of hexadecimal digits -> algorithm of the checksums for which files are read again.
_ALGORITHMS: Final = {32: "md5", 40: "sha1"}
_PART: Final = re.compile(r"(?P<file>.*?\.[A-Za-z0-9]{1,5})#", re.DOTALL)


#: (source, member) -> checksums of the file, by algorithm.
_Checksums = dict[tuple[int, str], dict[str, str]]


@dataclass(frozen=True, slots=True)
class _WantedChecksums:
    """Checksums in messages that match no file yet, by algorithm, with file sizes."""

    checksums: Mapping[str, set[str]]
    sizes: list[tuple[int, int]]
    any_size: bool

    def names(self) -> list[str]:
        """Return the algorithms with checksums that match no file yet."""
        return [name for name, unmatched in self.checksums.items() if unmatched]

    def may_match(self, size: int | None) -> bool:
        """Return True if a file of ``size`` bytes may have a wanted checksum."""
        if self.any_size or size is None:
            return True
        return any(least <= size <= most for least, most in self.sizes)

    def without(self, found: Iterable[Mapping[str, str]]) -> _WantedChecksums:
        """Return the wanted checksums that are not among ``found`` (algorithm -> digits)."""
        listed = list(found)
        unmatched = {
            name: wanted - {each[name] for each in listed if name in each}
            for name, wanted in self.checksums.items()
        }
        return replace(self, checksums=unmatched)


def build_files(
    sources: Sequence[Source], shards_of_transfers: Iterable[Path], *, key: bytes
) -> pa.Table:
    """Build the FILES rows of a case; none if no shard of file transfers is given."""
    shards = list(shards_of_transfers)
    if not shards:
        return FILES.empty_table()
    rows = _list_files(sources)
    wanted = _read_wanted(shards)
    checksums: _Checksums = {}
    if wanted.names():
        checksums = _hash_sources(rows, {each.source: each for each in sources}, wanted)
        wanted = wanted.without(checksums.values())
    if wanted.names():
        checksums |= _hash_members(rows, sources, wanted)
    paths = {each.source: each.path for each in sources}
    names = [(row["member"] or paths[row["source"]]).rpartition("!")[2] for row in rows]
    filled = [
        {**row, **checksums.get((row["source"], row["member"]), {}), "name_digest": digest}
        for row, digest in zip(rows, digest_file_names(names, key).to_pylist(), strict=True)
    ]
    return pa.Table.from_pylist(filled, FILES)


def wants_checksums(shards: Iterable[Path]) -> bool:
    """Return True if files must be read again for a checksum in shards of file transfers."""
    return bool(_read_wanted([*shards]).names())


def _list_files(sources: Sequence[Source]) -> list[dict[str, Any]]:
    """Return a FILES row per source and per file inside an archive, without checksums."""
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
    """Return the file of a part: ``a.zip!b.xlsx#Sheet1 -> a.zip!b.xlsx``.

    >>> _file_of("内层/a.xlsx#Sheet1", "sheet"), _file_of("b.csv#.csv", "delimited")
    ('内层/a.xlsx', 'b.csv#.csv')
    """
    found = _PART.match(member) if kind in ("sheet", "sql") else None
    return member if found is None else found["file"]


def _read_wanted(shards: Sequence[Path]) -> _WantedChecksums:
    """Return the checksums, with file sizes, that the shards of file transfers name."""
    checksums: dict[str, set[str]] = {name: set() for name in _ALGORITHMS.values()}
    sizes: set[tuple[int, int]] = set()
    any_size = False
    for shard in shards:
        table = pq.read_table(shard, columns=["checksum", "least", "most"])
        table = table.filter(pc.is_valid(table["checksum"]))
        for sum_, least, most in zip(
            *(table[n].to_pylist() for n in table.column_names), strict=True
        ):
            name = _ALGORITHMS.get(len(sum_))
            if name is not None:
                checksums[name].add(sum_)
                any_size = any_size or least is None
                if least is not None:
                    sizes.add((least, most))
    return _WantedChecksums(checksums, sorted(sizes), any_size)


def _hash_sources(
    rows: Sequence[Mapping[str, Any]], sources: Mapping[int, Source], wanted: _WantedChecksums
) -> _Checksums:
    """Return the checksums of the sources that a message may mean."""
    names = wanted.names()
    candidates = [
        row for row in rows if not row["member"] and row["sha256"] and wanted.may_match(row["size"])
    ]

    def read(row: Mapping[str, Any]) -> dict[str, str]:
        """Return algorithm -> checksum of the row's source, {} if it cannot be read."""
        try:
            return file_digests(Path(sources[row["source"]].absolute_path), [*names, "sha256"])
        except OSError:
            return {}

    with ThreadPoolExecutor(2) as pool:
        read_all = list(pool.map(read, candidates))
    return {
        (row["source"], row["member"]): {name: checksums[name] for name in names}
        for row, checksums in zip(candidates, read_all, strict=True)
        if checksums.get("sha256") == row["sha256"]
    }


def _hash_members(
    rows: Sequence[Mapping[str, Any]], sources: Sequence[Source], wanted: _WantedChecksums
) -> _Checksums:
    """Return the checksums of the files in archives that a message may mean."""
    names = wanted.names()
    found: _Checksums = {}
    by_source: dict[int, dict[str, str | None]] = {}
    for row in rows:
        if row["member"] and wanted.may_match(row["size"]):
            by_source.setdefault(row["source"], {})[row["member"]] = row["sha256"]
    for source in sources:
        candidates = by_source.get(source.source, {})
        if not candidates:
            continue
        try:
            for member, checksums in member_digests(Path(source.absolute_path), [*names, "sha256"]):
                if checksums["sha256"] == candidates.get(member):
                    found[source.source, member] = {name: checksums[name] for name in names}
        except OSError:
            continue
    return found

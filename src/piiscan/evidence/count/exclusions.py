"""Exclusion lists: what a person moves out of the count, each line with its reason and author.

Nothing is deleted: an excluded record keeps its place, is counted as EXCLUDED with the number of
the line that excludes it, and comes back when the line is taken out of the list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from piiscan.evidence.count.batches import Batch, Flags, Int32, Int64, Lexicon, UInt64

#: What a line can name.
KINDS = ("value", "path", "column", "sha256")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a list: what it excludes, why, and who says so; ``number`` counts from 1."""

    number: int
    kind: str  # one of KINDS
    pattern: str = field(repr=False)  # a value, a path (* for anything), PATH#COLUMN, a checksum
    reason: str
    author: str


@dataclass(frozen=True, slots=True)
class Struck:
    """What of a batch is excluded: ``line[f]`` by a finding's own value or place, -1 for none.

    ``dropped`` findings stand in an excluded column: they do not count, but their row does if it
    still tells of somebody.
    """

    line: Int32
    dropped: Flags
    column: Int32

    def records(self, starts: Int64) -> Int32:
        """The line that excludes each record, -1 for none."""
        if not len(starts):
            return np.zeros(0, np.int32)
        found = np.maximum.reduceat(self.line, starts)
        emptied = np.logical_and.reduceat(self.dropped, starts)
        by_column = np.maximum.reduceat(self.column, starts)
        chosen: Int32 = np.where((found < 0) & emptied, by_column, found).astype(np.int32)
        return chosen


@dataclass(frozen=True, slots=True)
class Excluded:
    """A list made ready: digests of values, sources, members and columns, each with its line."""

    digests: UInt64 = field(default_factory=lambda: np.zeros((0, 2), np.uint64))
    digest_lines: Int32 = field(default_factory=lambda: np.zeros(0, np.int32))
    sources: Mapping[int, int] = field(default_factory=dict)
    members: Mapping[tuple[int, str], int] = field(default_factory=dict)
    columns: Sequence[tuple[int, str, int]] = ()  # source, header, line

    def findings(self, source: int, batch: Batch, words: Lexicon) -> Struck:
        """What of the findings of ``source`` in ``batch`` is excluded."""
        line = np.full(len(batch), self.sources.get(source, -1), np.int32)
        for (where, member), number in self.members.items():
            if where == source and member in words.member.of:
                line[(line < 0) & (batch.member == words.member.of[member])] = number
        if len(self.digests):
            self._values(batch.digest, line)
        column = np.full(len(batch), -1, np.int32)
        for where, header, number in self.columns:
            if where == source and header in words.header.of:
                column[batch.header == words.header.of[header]] = number
        return Struck(line, column >= 0, column)

    def _values(self, digests: UInt64, line: Int32) -> None:
        order = np.argsort(self.digests[:, 0], kind="stable")
        low = self.digests[order, 0]
        at = np.searchsorted(low, digests[:, 0])
        near = order[np.minimum(at, len(low) - 1)]
        same = (self.digests[near] == digests).all(axis=1) & (line < 0)
        line[same] = self.digest_lines[near][same]

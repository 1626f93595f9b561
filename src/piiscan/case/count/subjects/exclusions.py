"""Exclusion lists: what a person moves out of the count, each line with its reason and author.

Nothing is deleted: an excluded record keeps its place, is counted as EXCLUDED with the number of
the line that excludes it, and comes back when the line is taken out of the list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from piiscan.arrays import Int32, Int64, UInt64
from piiscan.case.count.subjects.record_batches import Batch, Flags, Lexicon, Numbers

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

    def remaining(
        self, kinds: Int32, names: Numbers, batch: Batch, starts: Int64, whose: Mapping[str, str],
        entities: Sequence[str],
    ) -> Int32:  # fmt: skip
        """The kinds of each record (``A+B``, as a number of ``names``) without what is dropped.

        -1 where no kind of a person is left.  ``entities``: the names of the entities of
        ``batch``; ``whose``: whose each of them is.
        """
        if not len(starts) or not self.dropped.any():
            return kinds
        last = 63  # entities beyond share a bit: a kind too many is told, never one too few
        bits = np.uint64(1) << np.minimum(batch.entity, last).astype(np.uint64)
        bits[self.dropped | batch.refuted] = 0
        kept = np.bitwise_or.reduceat(bits, starts)
        touched = np.flatnonzero((kinds >= 0) & np.logical_or.reduceat(self.dropped, starts))
        pairs = np.column_stack([kinds[touched].astype(np.uint64), kept[touched]])
        distinct, which = np.unique(pairs, axis=0, return_inverse=True)
        words = names.words()
        place = {entity: min(number, last) for number, entity in enumerate(entities)}
        numbers = []
        for kind, mask in distinct.tolist():
            left = [k for k in words[kind].split("+") if k not in place or mask >> place[k] & 1]
            if any(whose.get(k, "person") == "person" for k in left):
                numbers.append(names.of.setdefault("+".join(left), len(names.of)))
            else:
                numbers.append(-1)
        found = kinds.copy()
        found[touched] = np.array(numbers, np.int32)[which.reshape(-1)]
        return found


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

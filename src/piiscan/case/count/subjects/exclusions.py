"""Exclusions: findings and records that a person takes out of the count, with reason and author.

Nothing is deleted. An excluded record stays in the tables as EXCLUDED, with the number of the line
that excludes it. If the line is removed from the list, the record counts again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from piiscan.arrays import Int32, Int64, UInt64
from piiscan.case.count.subjects.record_batches import (
    ColumnCodes,
    FindingBatch,
    Flags,
    Part,
    WordCodes,
)

#: Kinds of exclusion line.
LINE_KINDS = ("value", "path", "column", "sha256")


@dataclass(frozen=True, slots=True)
class ExclusionLine:
    """One line of an exclusion list. ``number`` counts from 1."""

    number: int
    kind: str  # one of LINE_KINDS
    pattern: str = field(repr=False)  # value, path (* for any text), PATH#HEADER, SHA-256
    reason: str
    author: str


@dataclass(frozen=True, slots=True)
class ExcludedFindings:
    """Excluded findings of one batch, as line numbers of the list; -1 for none.

    ``own_line[f]``: line that excludes the value, source or member of finding ``f``.
    ``column_line[f]``: line that excludes its column. A record is excluded by column only if all
    its findings are in excluded columns.
    """

    own_line: Int32
    in_excluded_column: Flags
    column_line: Int32

    def record_lines(self, record_starts: Int64) -> Int32:
        """Return the list line that excludes each record, -1 for none (``int32[records]``)."""
        if not len(record_starts):
            return np.zeros(0, np.int32)
        found = np.maximum.reduceat(self.own_line, record_starts)
        all_dropped = np.logical_and.reduceat(self.in_excluded_column, record_starts)
        by_column = np.maximum.reduceat(self.column_line, record_starts)
        chosen: Int32 = np.where((found < 0) & all_dropped, by_column, found).astype(np.int32)
        return chosen

    def remaining_combinations(
        self,
        kinds: Int32,
        combinations: WordCodes,
        batch: FindingBatch,
        record_starts: Int64,
        owner_classes: Mapping[str, str],
        entities: Sequence[str],
    ) -> Int32:
        """Return each record's combination code after dropping the entities of excluded columns.

        ``PERSON+CN_MOBILE`` with an excluded phone column ``-> PERSON``. -1 if no kind of a person
        is left.

        Args:
            kinds: code of the combination of each record, -1 for none.
            combinations: codes of combinations. New combinations are added.
            batch: the findings.
            record_starts: index of the first finding of each record.
            owner_classes: entity -> class (person, organisation …).
            entities: names of the entities of ``batch``, by code.
        """
        if not len(record_starts) or not self.in_excluded_column.any():
            return kinds
        last = 63  # later entities share a bit: a kind may stay in excess, none is lost
        bits = np.uint64(1) << np.minimum(batch.entity, last).astype(np.uint64)
        bits[self.in_excluded_column | batch.refuted] = 0
        remaining_bits = np.bitwise_or.reduceat(bits, record_starts)
        changed = np.flatnonzero(
            (kinds >= 0) & np.logical_or.reduceat(self.in_excluded_column, record_starts)
        )
        pairs = np.column_stack([kinds[changed].astype(np.uint64), remaining_bits[changed]])
        distinct, inverse = np.unique(pairs, axis=0, return_inverse=True)
        words = combinations.words()
        bit_numbers = {entity: min(number, last) for number, entity in enumerate(entities)}
        numbers = []
        for kind, mask in distinct.tolist():
            remaining = [
                k
                for k in words[kind].split("+")
                if k not in bit_numbers or mask >> bit_numbers[k] & 1
            ]
            if any(owner_classes.get(k, "person") == "person" for k in remaining):
                numbers.append(
                    combinations.codes.setdefault("+".join(remaining), len(combinations.codes))
                )
            else:
                numbers.append(-1)
        found = kinds.copy()
        found[changed] = np.array(numbers, np.int32)[inverse.reshape(-1)]
        return found


@dataclass(frozen=True, slots=True)
class ExclusionIndex:
    """Exclusion list matched with a case: digests and parts, each with its line number.

    ``digests[i]``: value excluded by line ``digest_lines[i]`` (``uint64[n, 2]``). ``source_lines``,
    ``member_lines``: line of each source or (source, member).
    """

    digests: UInt64 = field(default_factory=lambda: np.zeros((0, 2), np.uint64))
    digest_lines: Int32 = field(default_factory=lambda: np.zeros(0, np.int32))
    source_lines: Mapping[int, int] = field(default_factory=dict)
    member_lines: Mapping[Part, int] = field(default_factory=dict)
    column_lines: Sequence[tuple[int, str, int]] = ()  # source, header, line

    def match_findings(self, batch: FindingBatch, codes: ColumnCodes) -> ExcludedFindings:
        """Return the exclusion line of each finding in ``batch``."""
        of_part = codes.member.sources()
        lines = [self.source_lines.get(source, -1) for source in of_part.tolist()]
        line = np.array(lines, np.int32)[batch.member]
        for part, number in self.member_lines.items():
            if part in codes.member.codes:
                line[(line < 0) & (batch.member == codes.member.codes[part])] = number
        if len(self.digests):
            self._match_values(batch.digest, line)
        column = np.full(len(batch), -1, np.int32)
        present = set(of_part.tolist())
        for source, header, number in self.column_lines:
            if source in present and header in codes.header.codes:
                within = of_part[batch.member] == source
                column[within & (batch.header == codes.header.codes[header])] = number
        return ExcludedFindings(line, column >= 0, column)

    def _match_values(self, digests: UInt64, line: Int32) -> None:
        """Set ``line[i]`` to the line that lists ``digests[i]``, if ``line[i]`` is -1."""
        order = np.argsort(self.digests[:, 0], kind="stable")
        first_words = self.digests[order, 0]
        places = np.searchsorted(first_words, digests[:, 0])
        nearest = order[np.minimum(places, len(first_words) - 1)]
        equal = (self.digests[nearest] == digests).all(axis=1) & (line < 0)
        line[equal] = self.digest_lines[nearest][equal]

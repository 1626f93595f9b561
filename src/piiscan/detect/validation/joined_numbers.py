"""Joined numbers: two numbers in one run of digits, one of them with a check digit.

``43010419050615001613800138001`` -> 430104190506150016, 13800138001.  Both checks must pass, and no
other split of the run may.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from piiscan.arrays import Bool, Int64, UInt8
from piiscan.bundles import empty_rows
from piiscan.detect.catalog.recognizer import Recognizer
from piiscan.detect.checks import Strength, Verdict
from piiscan.detect.matching.batch import Chunk
from piiscan.detect.matching.matcher import Candidates
from piiscan.detect.validation.validation_kernels import MAX_RUN, find_runs
from piiscan.detect.validation.validation_tables import ValidationTables


class _Part(NamedTuple):
    """Number of a recognizer, and a length of its values."""

    recognizer: int
    length: int


class _Runs(NamedTuple):
    """Runs of digits with at most one X: first position and length of each."""

    start: Int64
    length: Int64


@dataclass(frozen=True, slots=True)
class JoinedNumbers:
    """Pairs of numbers of a catalogue that are found in one run of digits.

    ``wanted[n]``: True if a pair has n characters.  ``kind``: ``uint8[256]``, kind of each byte.
    """

    pairs: tuple[tuple[_Part, _Part], ...]
    wanted: Bool
    kind: UInt8

    @classmethod
    def of(cls, recognizers: Sequence[Recognizer], kind: UInt8) -> JoinedNumbers:
        """Pair the recognizers that have ``joined`` lengths, each with every other one."""
        parts = [_Part(which, n) for which, each in enumerate(recognizers) for n in each.joined]
        pairs = tuple((one, two) for one in parts for two in parts if one[0] != two[0])
        wanted = np.zeros(MAX_RUN + 1, np.bool_)
        wanted[[one.length + two.length for one, two in pairs]] = True
        return cls(pairs, wanted, kind)

    def find(self, chunk: Chunk, tables: ValidationTables, as_of: int) -> Candidates:
        """Return both numbers of each run that is two, ordered by start.

        ``as_of``: latest date of birth, yyyymmdd.
        """
        text = chunk.visible_text
        runs = empty_rows(_Runs, 0)
        while (count := find_runs(text, chunk.match_starts, self.wanted, self.kind, runs)) > len(
            runs.start
        ):
            runs = empty_rows(_Runs, count)
        if not count:
            return empty_rows(Candidates, 0)
        split, splits = np.zeros((2, count), np.int64)
        for number, pair in enumerate(self.pairs):
            rows = np.flatnonzero(runs.length == pair[0].length + pair[1].length)
            if len(rows):
                rows = rows[_are_two(text, runs.start[rows], pair, tables, as_of)]
                split[rows] = number
                splits[rows] += 1
        rows = np.flatnonzero(splits == 1)
        recognizer, length = np.array(self.pairs, np.int64)[split[rows]].transpose(2, 0, 1)
        start = np.stack([runs.start[rows], runs.start[rows] + length[:, 0]], 1)
        found = Candidates(
            recognizer.reshape(-1).astype(np.int16),
            start.reshape(-1),
            (start + length).reshape(-1),
            np.zeros(2 * len(rows), np.uint8),
        )
        return found if chunk.visible is None else found.map_positions(chunk.visible)


def _are_two(
    text: UInt8, start: Int64, pair: tuple[_Part, _Part], tables: ValidationTables, as_of: int
) -> Bool:
    """Return True for each run from ``start`` on that the checks of a ``pair`` accept.

    One number must be verified, and neither may be of a low level.
    """
    accepted, verified = np.ones(len(start), np.bool_), np.zeros(len(start), np.bool_)
    at = start
    for which, length in pair:
        chars = tables.value_chars[which][text[at[:, None] + np.arange(length)]]
        check = tables.checks[which].check
        if check is None:
            return np.zeros(len(start), np.bool_)
        judged = check(chars, np.full(len(at), length, np.int32), as_of=as_of)
        accepted &= (judged.verdict != Verdict.REFUTED) & chars.all(axis=1)
        accepted &= (judged.strength == 0) | (judged.strength == Strength.HIGH)
        verified |= judged.verdict == Verdict.VERIFIED
        at = at + length
    return accepted & verified

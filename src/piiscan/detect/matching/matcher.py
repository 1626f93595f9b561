"""Matcher: run the automaton from every position where a match may start, and return candidates.

A candidate is a match of one recognizer's shape before any validation. The kernel has no code for
single identifiers. Each recognizer's longest match from a position counts.

    手机13800138000 -> recognizer cn.mobile, folded span [3, 14)
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from piiscan.arrays import Int16, Int64, UInt8
from piiscan.bundles import empty_rows, join_rows, take_rows
from piiscan.detect.matching import match_kernels
from piiscan.detect.matching.alphabet import Alphabet
from piiscan.detect.matching.automaton import Automaton

#: Longest match, in code points; bounds the cost of hostile runs.
MAX_MATCH: Final = 512


class Candidates(NamedTuple):
    """Candidates of one chunk, ordered by start: recognizer number and span in folded text.

    ``leading_digits``: number of ASCII digits that the span starts with, at most 255. The value
    check reads those digits in place.
    """

    recognizer: Int16
    start: Int64
    end: Int64
    leading_digits: UInt8

    def map_positions(self, positions: Int64) -> Candidates:
        """Map candidate spans i of the scanned text to ``positions[i]`` of the full text.

        ``leading_digits`` is 0 for a span that includes skipped characters.
        """
        start, end = positions[self.start], positions[self.end - 1] + 1
        has_gap = end - start > self.end - self.start
        return Candidates(self.recognizer, start, end, self.leading_digits * ~has_gap)


def match(
    folded: UInt8, positions: Int64, automaton: Automaton, alphabet: Alphabet, boundary: UInt8
) -> Candidates:
    """Return each recognizer's longest match from each folded position in ``positions``.

    ``boundary``: ``uint8[recognizer]``, the boundary rule of each recognizer (see ``BOUNDARIES``).
    """
    scratch = np.zeros(len(boundary), np.int64), np.zeros(len(boundary), np.uint64)
    found = []
    done = 0
    while done < len(positions):
        capacity = 2 * (len(positions) - done) + len(boundary) + 1
        batch = empty_rows(Candidates, capacity)
        count, scanned = match_kernels.match(
            folded, positions[done:], automaton, alphabet.kind, boundary, scratch, batch
        )
        done += scanned
        found.append(take_rows(batch, slice(count)))
    return join_rows(found) if found else empty_rows(Candidates, 0)


def merge_candidates(parts: list[Candidates]) -> Candidates:
    """Merge candidate lists into one, ordered by start; earlier lists win ties."""
    parts = [part for part in parts if len(part.start)] or [empty_rows(Candidates, 0)]
    whole = parts[0]
    for part in parts[1:]:
        merged = empty_rows(Candidates, len(whole.start) + len(part.start))
        match_kernels.merge(whole, part, merged)
        whole = merged
    return whole

"""Candidates: every place where a shape matches, as arrays; no object per candidate.

The kernel knows nothing about identifiers: it runs the automaton from every position where a
match may start.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from piiscan.compiled import kernel
from piiscan.detect.automaton import Automaton
from piiscan.detect.fold import SKIP, Alphabet, UInt8

Int64 = npt.NDArray[np.int64]
Int32 = npt.NDArray[np.int32]
Int16 = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Candidates:
    """``k`` matches ordered by start: recognizer number and span in folded text."""

    recognizer: Int16
    start: Int64
    end: Int64

    def take(self, where: npt.NDArray[np.generic]) -> Candidates:
        """Those at ``where`` (a mask or indices)."""
        return Candidates(self.recognizer[where], self.start[where], self.end[where])


@kernel
def _wraps(byte: int) -> bool:  # pragma: no cover - compiled
    """Blanks and the quotes that spreadsheets put around a cell."""
    return byte == 32 or byte == 9 or byte == 34 or byte == 39 or byte == 61


@kernel
def _behind_word(
    folded: UInt8, at: int, hot: npt.NDArray[np.bool_], gap: npt.NDArray[np.bool_]
) -> int:  # pragma: no cover - compiled
    """1 where a character that can end a context word stands within reach of a label, else 0."""
    for _ in range(8):
        at -= 1
        if hot[folded[at]]:
            return 1
        if not gap[folded[at]] and folded[at] != 10:
            return 0
    return 0


@kernel
def _scan(  # noqa: C901 - the one hot loop; a call per byte would cost more than the work
    folded: UInt8,
    begin: int,
    whole_cells: bool,
    table: npt.NDArray[np.uint16],
    accepting: npt.NDArray[np.bool_],
    accept_from: Int32,
    accepts: Int16,
    kind: UInt8,
    hot: npt.NDArray[np.bool_],
    gap: npt.NDArray[np.bool_],
    boundary: UInt8,
    anchored: UInt8,
    recognizer: Int16,
    start: Int64,
    end: Int64,
) -> tuple[int, int]:  # pragma: no cover - compiled
    """Fill candidate arrays from position ``begin``; give (how many, where to go on)."""
    room = len(start) - len(boundary)
    count = 0
    best = np.zeros(len(boundary), np.int64)
    met = np.zeros(len(boundary), np.int64)
    last = len(folded) - 1
    fresh = True  # only blanks and quotes since the cell began
    at = begin
    while at < last:
        byte = folded[at]
        state = table[np.uint32(256) + byte]
        before = kind[folded[at - 1]]
        this = kind[byte]
        if whole_cells:
            fresh = before == 5 or (fresh and _wraps(folded[at - 1]))
        if state == 0 or not fresh:
            at += 1
            continue
        if (this == 1 or this == 3) and before == this:
            at += 1
            continue
        if this == 2 and (before == 2 or before == 1):
            at += 1
            continue
        if count > room:
            return count, at
        matched = 0
        place = at
        while state != 0 and place - at < 512:  # hostile runs must not cost their square
            place += 1
            if accepting[state]:
                final = kind[folded[place - 1]]
                after = kind[folded[place]]
                for index in range(accept_from[state], accept_from[state + 1]):
                    which = accepts[index]
                    rule = boundary[which]
                    if whole_cells:
                        if after != 5:
                            beyond = place
                            while _wraps(folded[beyond]):
                                beyond += 1
                            if folded[beyond] != 0:
                                continue
                    elif rule == 1:
                        if (final == 1 or final == 3) and after == final:
                            continue
                        if final == 2 and (after == 1 or after == 2):
                            continue
                    elif rule == 2:
                        if after == 1 or after == 2 or before == 1 or before == 2:
                            continue
                    elif rule == 3:
                        if after == 1 or after == 2 or before == 1 or before == 2:
                            continue
                        ahead = folded[at - 1]
                        if ahead == 46 or ahead == 95 or ahead == 37 or ahead == 43:
                            continue  # . _ % + belong to the same address
                    if best[which] == 0:
                        met[matched] = which
                        matched += 1
                    best[which] = place
            state = table[(np.uint32(state) << np.uint32(8)) | folded[place]]
        behind_word = -1  # not looked at yet
        for index in range(matched):
            which = met[index]
            finish = best[which]
            best[which] = 0
            if anchored[which]:
                if behind_word < 0:
                    behind_word = _behind_word(folded, at, hot, gap)
                if behind_word == 0:
                    continue
            recognizer[count] = which
            start[count] = at
            end[count] = finish
            count += 1
        at += 1
    return count, at


BOUNDARIES = {"none": 0, "digit": 1, "word": 2, "mail": 3}


@dataclass(frozen=True, slots=True)
class Rules:
    """Per recognizer: which neighbours end a span (BOUNDARIES), and whether it needs an anchor."""

    boundary: UInt8
    anchored: UInt8


def scan(
    folded: UInt8, automaton: Automaton, alphabet: Alphabet, rules: Rules, *, whole_cells: bool
) -> Candidates:
    """Every recognizer's longest match from every start in ``folded``.

    ``folded`` begins and ends with BREAK; SKIP bytes in it are crossed.  With ``whole_cells``
    a match must reach from one BREAK to the next.
    """
    boundary = rules.boundary
    crossed = np.flatnonzero(folded != SKIP) if (folded == SKIP).any() else None
    text = folded if crossed is None else folded[crossed]
    found: list[Candidates] = []
    at = 1
    room = max(1024, len(text) // 8) + len(boundary) + 1
    while at < len(text) - 1:
        arrays = np.empty(room, np.int16), np.empty(room, np.int64), np.empty(room, np.int64)
        count, at = _scan(
            text,
            at,
            whole_cells,
            automaton.table,
            automaton.accepting,
            automaton.accept_from,
            automaton.accepts,
            alphabet.kind,
            alphabet.hot,
            alphabet.gap,
            boundary,
            rules.anchored,
            *arrays,
        )
        which, start, end = arrays
        found.append(Candidates(which[:count], start[:count], end[:count]))
    if len(found) == 1:
        merged = found[0]
    else:
        merged = Candidates(
            np.concatenate([each.recognizer for each in found] or [np.empty(0, np.int16)]),
            np.concatenate([each.start for each in found] or [np.empty(0, np.int64)]),
            np.concatenate([each.end for each in found] or [np.empty(0, np.int64)]),
        )
    if crossed is None:
        return merged
    return Candidates(merged.recognizer, crossed[merged.start], crossed[merged.end - 1] + 1)

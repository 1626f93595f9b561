"""Candidates: every place where a shape matches, as arrays; no object per candidate.

The kernel knows nothing about identifiers: it runs the automaton from every position where a
match may start.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from piiscan.compiled import kernel
from piiscan.detect.automaton import Automaton
from piiscan.detect.fold import (
    KIND_DIGIT,
    KIND_HAN,
    KIND_LETTER,
    KIND_OTHER,
    SKIP,
    Alphabet,
    UInt8,
)

Int64 = npt.NDArray[np.int64]
Int32 = npt.NDArray[np.int32]
Int16 = npt.NDArray[np.int16]


#: A shape is followed this far from its start, so that hostile runs do not cost their square.
LONGEST: Final = 512
#: Which neighbours end a span, as numbers for the kernel.
BOUNDARIES: Final = {"none": 0, "digit": 1, "word": 2, "mail": 3}


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
def _behind_word(
    folded: UInt8, at: int, pairs: npt.NDArray[np.bool_], gap: npt.NDArray[np.bool_]
) -> int:  # pragma: no cover - compiled
    """1 where a character that can end a context word stands within reach of a label, else 0."""
    for _ in range(8):
        at -= 1
        byte = folded[at]
        if pairs[(np.uint32(folded[at - 1]) << np.uint32(8)) | byte]:
            return 1
        if not gap[byte] and byte != 10:
            return 0
    return 0


@kernel
def _scan(  # noqa: C901 - the one hot loop; a call per byte would cost more than the work
    folded: UInt8,
    begin: int,
    table: npt.NDArray[np.uint16],
    accepting: npt.NDArray[np.bool_],
    accept_from: Int32,
    accepts: Int16,
    opens: npt.NDArray[np.bool_],
    kind: UInt8,
    pairs: npt.NDArray[np.bool_],
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
    at = begin
    pair = np.uint32(folded[at])
    while at < last:
        pair = ((pair & np.uint32(255)) << np.uint32(8)) | folded[at + 1]
        if not opens[pair]:
            at += 1
            continue
        byte = folded[at]
        before = kind[folded[at - 1]]
        this = kind[byte]
        if before == this and this != KIND_HAN and this != KIND_OTHER:
            at += 1  # inside a run of digits or letters
            continue
        if this == KIND_LETTER and before == KIND_DIGIT:
            at += 1
            continue
        state = table[np.uint32(256) | byte]
        if count > room:
            return count, at
        matched = 0
        place = at
        limit = min(at + LONGEST, last)
        while state != 0 and place < limit:
            place += 1
            if accepting[state]:
                final = kind[folded[place - 1]]
                after = kind[folded[place]]
                stop = accept_from[state + 1]
                if (final == 1 or final == 3) and after == final:
                    stop = 0  # no span ends inside a run of digits
                for index in range(accept_from[state], stop):
                    which = accepts[index]
                    rule = boundary[which]
                    if rule == 1:
                        if final == 2 and (after == 1 or after == 2):
                            continue
                    elif rule >= 2:
                        if after == 1 or after == 2 or before == 1 or before == 2:
                            continue
                        ahead = folded[at - 1]
                        if rule == 3 and (ahead == 46 or ahead == 95 or ahead == 37 or ahead == 43):
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
                    behind_word = _behind_word(folded, at, pairs, gap)
                if behind_word == 0:
                    continue
            recognizer[count] = which
            start[count] = at
            end[count] = finish
            count += 1
        at += 1
    return count, at


@dataclass(frozen=True, slots=True)
class Rules:
    """Per recognizer: which neighbours end a span, and whether it needs a word in front."""

    boundary: UInt8
    anchored: UInt8
    pairs: npt.NDArray[np.bool_]  # [byte before * 256 + byte]: the two can end a context word


def scan(folded: UInt8, automaton: Automaton, alphabet: Alphabet, rules: Rules) -> Candidates:
    """Every recognizer's longest match from every start in ``folded``.

    ``folded`` begins and ends with BREAK; SKIP bytes in it are crossed.
    """
    crossed = np.flatnonzero(folded != SKIP) if (folded == SKIP).any() else None
    text = folded if crossed is None else folded[crossed]
    found: list[Candidates] = []
    at = 1
    room = max(1024, len(text) // 8) + len(rules.boundary) + 1
    while at < len(text) - 1:
        which = np.empty(room, np.int16)
        start, end = np.empty(room, np.int64), np.empty(room, np.int64)
        count, at = _scan(
            text,
            at,
            automaton.table,
            automaton.accepting,
            automaton.accept_from,
            automaton.accepts,
            automaton.opens,
            alphabet.kind,
            rules.pairs,
            alphabet.gap,
            rules.boundary,
            rules.anchored,
            which,
            start,
            end,
        )
        found.append(Candidates(which[:count], start[:count], end[:count]))
    merged = found[0] if len(found) == 1 else _joined(found)
    if crossed is None:
        return merged
    return Candidates(merged.recognizer, crossed[merged.start], crossed[merged.end - 1] + 1)


def _joined(parts: list[Candidates]) -> Candidates:
    return Candidates(
        np.concatenate([np.empty(0, np.int16), *(each.recognizer for each in parts)]),
        np.concatenate([np.empty(0, np.int64), *(each.start for each in parts)]),
        np.concatenate([np.empty(0, np.int64), *(each.end for each in parts)]),
    )


@kernel
def _scan_cells(
    folded: UInt8,
    starts: Int64,
    table: npt.NDArray[np.uint16],
    accept_from: Int32,
    accepts: Int16,
    wanted: npt.NDArray[np.bool_],
    recognizer: Int16,
    start: Int64,
    end: Int64,
) -> int:  # pragma: no cover - compiled
    count = 0
    for cell in range(len(starts) - 1):
        at = starts[cell]
        last = starts[cell + 1] - 1
        while at < last and _wraps(folded[at]):
            at += 1
        while at < last and _wraps(folded[last - 1]):
            last -= 1
        if at == last or last - at > LONGEST:
            continue
        state = np.uint16(1)
        for place in range(at, last):
            if folded[place] != SKIP:
                state = table[(np.uint32(state) << np.uint32(8)) | folded[place]]
        for index in range(accept_from[state], accept_from[state + 1]):
            if wanted[accepts[index]]:
                recognizer[count] = accepts[index]
                start[count] = at
                end[count] = last
                count += 1
    return count


@kernel
def _wraps(byte: int) -> bool:  # pragma: no cover - compiled
    """Blanks and the quotes that spreadsheets put around a cell."""
    return byte == 32 or byte == 9 or byte == 34 or byte == 39 or byte == 61


def scan_cells(
    folded: UInt8, starts: Int64, automaton: Automaton, wanted: npt.NDArray[np.bool_]
) -> Candidates:
    """The ``wanted`` recognizers that match a whole cell, blanks and quotes around it aside.

    ``starts``: where each cell begins in ``folded``, and its length at the end.
    """
    room = (len(starts) - 1) * max(1, int(wanted.sum()))
    which = np.empty(room, np.int16)
    start, end = np.empty(room, np.int64), np.empty(room, np.int64)
    count = _scan_cells(
        folded,
        starts,
        automaton.table,
        automaton.accept_from,
        automaton.accepts,
        wanted,
        which,
        start,
        end,
    )
    return Candidates(which[:count], start[:count], end[:count])

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
    KIND_HAN_DIGIT,
    KIND_LETTER,
    SKIP,
    Alphabet,
    UInt8,
)

Int64 = npt.NDArray[np.int64]
Int32 = npt.NDArray[np.int32]
Int16 = npt.NDArray[np.int16]


#: A shape is followed this far from its start, so that hostile runs do not cost their square.
LONGEST: Final = 512
#: How far in front of an anchored value its word can end: the widest gap of a label and a bit.
REACH: Final = 8
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
def _inside(before: int, this: int) -> bool:  # pragma: no cover - compiled
    """Whether a character of kind ``this`` goes on with a run of digits or a word."""
    if this == before:
        return this in (KIND_DIGIT, KIND_LETTER, KIND_HAN_DIGIT)
    return this == KIND_LETTER and before == KIND_DIGIT


@kernel
def _openings(
    folded: UInt8, opens: npt.NDArray[np.bool_], kind: UInt8, found: Int64
) -> int:  # pragma: no cover - compiled
    """Every place where a match may begin: never inside a run of digits or a word."""
    count = 0
    pair = np.uint32(folded[0])
    for place in range(len(folded) - 1):
        pair = ((pair & np.uint32(255)) << np.uint32(8)) | folded[place + 1]
        if not opens[pair]:
            continue
        if _inside(kind[folded[place - 1]], kind[folded[place]]):
            continue
        if count == len(found):
            return -1
        found[count] = place
        count += 1
    return count


@kernel
def _behind(
    folded: UInt8,
    ends: Int64,
    opens: npt.NDArray[np.bool_],
    kind: UInt8,
    gap: npt.NDArray[np.bool_],
    found: Int64,
) -> int:  # pragma: no cover - compiled
    """The place behind each word end, label punctuation skipped, where a match may begin."""
    count = 0
    for number in range(len(ends)):
        place = ends[number] + 1
        for _ in range(REACH):
            byte = folded[place]
            if byte != 10 and not gap[byte]:
                break
            place += 1
        if place + 1 < len(folded):
            pair = (np.uint32(folded[place]) << np.uint32(8)) | folded[place + 1]
            if (
                opens[pair]
                and not _inside(kind[folded[place - 1]], kind[folded[place]])
                and (count == 0 or found[count - 1] < place)
            ):
                found[count] = place
                count += 1
    return count


@kernel
def _match(
    folded: UInt8,
    places: Int64,
    table: npt.NDArray[np.uint16],
    accepting: npt.NDArray[np.bool_],
    accept_from: Int32,
    accepts: Int16,
    kind: UInt8,
    boundary: UInt8,
    best: Int64,
    met: Int64,
    recognizer: Int16,
    start: Int64,
    end: Int64,
) -> tuple[int, int]:  # pragma: no cover - compiled
    """Fill candidate arrays from ``places``; give (how many, how many places were done)."""
    room = len(start) - len(boundary)
    count = 0
    for number in range(len(places)):
        if count > room:
            return count, number
        at = places[number]
        ahead = folded[at - 1]
        before = kind[ahead]
        matched = 0
        place = at
        limit = min(at + LONGEST, len(folded) - 1)
        state = table[np.uint32(256) | folded[at]]
        final = kind[folded[at]]
        while state != 0 and place < limit:
            place += 1
            byte = folded[place]
            after = kind[byte]
            if accepting[state] and not (after == final and after in (KIND_DIGIT, KIND_HAN_DIGIT)):
                glued = after in (KIND_DIGIT, KIND_LETTER)
                for index in range(accept_from[state], accept_from[state + 1]):
                    which = accepts[index]
                    rule = boundary[which]
                    if glued and (rule >= 2 or (rule == 1 and final == KIND_LETTER)):
                        continue
                    if rule >= 2 and before in (KIND_DIGIT, KIND_LETTER):
                        continue
                    if rule == 3 and ahead in (46, 95, 37, 43):
                        continue  # . _ % + belong to the same address
                    if best[which] == 0:
                        met[matched] = which
                        matched += 1
                    best[which] = place
            final = after
            state = table[(np.uint32(state) << np.uint32(8)) | byte]
        for index in range(matched):
            which = met[index]
            recognizer[count] = which
            start[count] = at
            end[count] = best[which]
            best[which] = 0
            count += 1
    return count, len(places)


def openings(folded: UInt8, automaton: Automaton, alphabet: Alphabet) -> Int64:
    """Where a match may begin in ``folded`` (which begins and ends with BREAK)."""
    found = np.empty(max(64, len(folded) // 4), np.int64)
    while (count := _openings(folded, automaton.opens, alphabet.kind, found)) < 0:
        found = np.empty(4 * len(found), np.int64)
    return found[:count]


def openings_behind(folded: UInt8, ends: Int64, automaton: Automaton, alphabet: Alphabet) -> Int64:
    """Where a match may begin directly behind a context word; ``ends``: where words may end."""
    found = np.empty(len(ends), np.int64)
    return found[: _behind(folded, ends, automaton.opens, alphabet.kind, alphabet.gap, found)]


def match(
    folded: UInt8, places: Int64, automaton: Automaton, alphabet: Alphabet, boundary: UInt8
) -> Candidates:
    """Every recognizer's longest match from each of ``places``."""
    best, met = np.zeros(len(boundary), np.int64), np.zeros(len(boundary), np.int64)
    found = []
    done = 0
    while done < len(places):
        room = 2 * (len(places) - done) + len(boundary) + 1
        which = np.empty(room, np.int16)
        start, end = np.empty(room, np.int64), np.empty(room, np.int64)
        count, more = _match(
            folded,
            places[done:],
            automaton.table,
            automaton.accepting,
            automaton.accept_from,
            automaton.accepts,
            alphabet.kind,
            boundary,
            best,
            met,
            which,
            start,
            end,
        )
        done += more
        found.append(Candidates(which[:count], start[:count], end[:count]))
    return found[0] if len(found) == 1 else joined(found)


def joined(parts: list[Candidates]) -> Candidates:
    """Candidates of several passes, ordered by start."""
    parts = [part for part in parts if len(part.start)]
    if len(parts) == 1:
        return parts[0]
    start = np.concatenate([np.empty(0, np.int64), *(part.start for part in parts)])
    order = np.argsort(start, kind="stable")
    return Candidates(
        np.concatenate([np.empty(0, np.int16), *(part.recognizer for part in parts)])[order],
        start[order],
        np.concatenate([np.empty(0, np.int64), *(part.end for part in parts)])[order],
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

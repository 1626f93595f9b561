"""Candidates: every place where a shape matches, as arrays; no object per candidate.

Two kernels that know nothing about identifiers: one runs the automaton from every position where
a match may start, one finds the cell and the UTF-8 bytes of each match.
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
def _scan(
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
        found.append(Candidates(*(each[:count] for each in arrays)))
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


@dataclass(frozen=True, slots=True)
class Places:
    """Where candidates stand: text number, code points in it, and UTF-8 bytes in the buffer.

    ``base`` is where the text itself begins in the buffer.
    """

    text: Int64
    base: Int64
    start: Int32
    end: Int32
    byte_start: Int64
    byte_end: Int64


@kernel
def _locate(
    data: UInt8,
    offsets: Int64,
    starts: Int64,
    begin: Int64,
    finish: Int64,
    text_of: Int64,
    base: Int64,
    start: Int32,
    end: Int32,
    byte_start: Int64,
    byte_end: Int64,
) -> None:  # pragma: no cover - compiled
    """Walk the bytes once, in step with candidates that are ordered by start."""
    text = 0
    texts = len(offsets) - 1
    place = starts[0]
    at = offsets[0]
    for index in range(len(begin)):
        wanted = begin[index]
        if wanted >= starts[text + 1]:
            low = text + 1
            high = texts - 1
            while low < high:
                middle = (low + high + 1) // 2
                if starts[middle] <= wanted:
                    low = middle
                else:
                    high = middle - 1
            text = low
            place = starts[text]
            at = offsets[text]
        limit = offsets[text + 1]
        at = advance(data, at, limit, wanted - place)
        place = wanted
        text_of[index] = text
        base[index] = offsets[text]
        start[index] = wanted - starts[text]
        end[index] = finish[index] - starts[text]
        byte_start[index] = at
        byte_end[index] = advance(data, at, limit, finish[index] - wanted)


@kernel
def advance(data: UInt8, at: int, limit: int, points: int) -> int:  # pragma: no cover - compiled
    """The offset ``points`` code points on from ``at``, counted exactly as folding counts."""
    while points > 0 and at < limit:
        byte = data[at]
        if byte < 0x80:
            at += 1
        elif 0xE0 <= byte < 0xF0 and at + 2 < limit:
            at += 3
        elif 0xC0 <= byte < 0xE0 and at + 1 < limit:
            at += 2
        elif byte >= 0xF0 and at + 3 < limit:
            at += 4
        else:
            at += 1
        points -= 1
    return at


def locate(data: UInt8, offsets: Int64, starts: Int64, candidates: Candidates) -> Places:
    """The text, code-point span and byte span of each candidate (ordered by start)."""
    count = len(candidates.start)
    places = Places(
        np.empty(count, np.int64),
        np.empty(count, np.int64),
        np.empty(count, np.int32),
        np.empty(count, np.int32),
        np.empty(count, np.int64),
        np.empty(count, np.int64),
    )
    _locate(
        data,
        offsets,
        starts,
        candidates.start,
        candidates.end,
        places.text,
        places.base,
        places.start,
        places.end,
        places.byte_start,
        places.byte_end,
    )
    return places


@kernel
def _gather(
    folded: UInt8, start: Int64, end: Int64, kept: UInt8, chars: UInt8, length: Int32
) -> None:  # pragma: no cover - compiled
    width = chars.shape[1]
    for row in range(len(start)):
        count = 0
        for place in range(start[row], end[row]):
            char = kept[folded[place]]
            if char != 0 and count < width:
                chars[row, count] = char
                count += 1
        length[row] = count


def gather(
    folded: UInt8, start: Int64, end: Int64, kept: UInt8
) -> tuple[UInt8, Int32]:
    """The kept characters of each span: uint8[k, w] padded with 0, and int32[k] lengths.

    ``kept[byte]`` is the ASCII character a folded byte becomes in the value, 0 if it is dropped.
    """
    width = int((end - start).max(initial=1))
    chars = np.zeros((len(start), width), np.uint8)
    length = np.empty(len(start), np.int32)
    _gather(folded, start, end, kept, chars, length)
    return chars, length


@kernel
def _copy(
    data: UInt8, start: Int64, end: Int64, out: UInt8, offsets: Int32
) -> None:  # pragma: no cover - compiled
    at = 0
    for row in range(len(start)):
        for place in range(start[row], end[row]):
            out[at] = data[place]
            at += 1
        offsets[row + 1] = at


def slices(data: UInt8, start: Int64, end: Int64) -> tuple[UInt8, Int32]:
    """The bytes ``data[start[i]:end[i]]`` one after another, and int32[k + 1] offsets into them."""
    out = np.empty(int((end - start).sum()), np.uint8)
    offsets = np.zeros(len(start) + 1, np.int32)
    _copy(data, start, end, out, offsets)
    return out, offsets

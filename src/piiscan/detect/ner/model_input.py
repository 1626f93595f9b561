"""What the tagger is given to read: distinct texts, as code points, without what patterns took."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from piiscan.arrays import Bool, Int64, UInt8, UInt32
from piiscan.arrow_strings import texts_of
from piiscan.detect.matching.alphabet import KIND_HAN, KIND_HAN_DIGIT, SKIP
from piiscan.detect.matching.batch import Chunk
from piiscan.detect.results.resolved import Settled
from piiscan.detect.scoring.candidate_score import REFUTED_LABELLED
from piiscan.detect.scoring.isolated import Lone
from piiscan.jit import inner, kernel

#: Texts with fewer Hanzi that no pattern took hold no name.
_LEAST: Final = 2
#: Equal texts are looked for in batches of up to so many bytes.
_MOST_COMPARED: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class Reading:
    """Distinct texts as code points one behind another, without zero-width characters.

    ``place`` is where each code point stands in its text, ``taken`` whether a pattern found it;
    ``text`` are the numbers of all texts to be read and ``which`` the distinct one of each.
    """

    codes: UInt32
    offsets: Int64
    place: Int64
    taken: Bool
    text: Int64
    which: Int64

    @classmethod
    def of(cls, chunk: Chunk, claimed: Bool, kind: UInt8) -> Reading | None:
        """The texts of ``chunk`` with enough Hanzi that nobody ``claimed``; None if none has.

        ``kind`` is what each folded byte is.
        """
        starts = chunk.starts
        readable = np.empty(len(starts) - 1, np.int64)
        text = readable[: _readable(chunk.folded, starts, claimed, kind, readable)]
        if not len(text):
            return None  # the usual case in tables
        first, which = _distinct(chunk.data, chunk.offsets, text)
        room = int((starts[first + 1] - starts[first] - 1).sum())
        codes, place = np.empty(room, np.uint32), np.empty(room, np.int64)
        taken, ends = np.empty(room, np.bool_), np.zeros(len(first) + 1, np.int64)
        size = _decode(
            chunk.data, chunk.offsets, chunk.folded, starts, claimed, first,
            codes, ends, place, taken,
        )  # fmt: skip
        return cls(codes[:size], ends, place[:size], taken[:size], text, which)


@kernel
def _readable(
    folded: UInt8, starts: Int64, claimed: Bool, kind: UInt8, found: Int64
) -> int:  # pragma: no cover - compiled
    count = 0
    for text in range(len(starts) - 1):
        hanzi = 0
        for place in range(starts[text], starts[text + 1] - 1):
            this = kind[folded[place]]
            if this in (KIND_HAN, KIND_HAN_DIGIT) and not claimed[place]:
                hanzi += 1
                if hanzi == _LEAST:
                    found[count] = text
                    count += 1
                    break
    return count


def _distinct(data: UInt8, offsets: Int64, text: Int64) -> tuple[Int64, Int64]:
    """The first text of each spelling, and the number of its spelling for each of ``text``."""
    if len(text) < 2 or int((offsets[text + 1] - offsets[text]).sum()) > _MOST_COMPARED:
        return text, np.arange(len(text), dtype=np.int64)
    coded = texts_of(data, offsets[text], offsets[text + 1]).dictionary_encode()
    which = coded.indices.to_numpy().astype(np.int64)
    first = np.empty(len(coded.dictionary), np.int64)
    first[which[::-1]] = text[::-1]
    return first, which


@kernel
def _decode(
    data: UInt8,
    offsets: Int64,
    folded: UInt8,
    starts: Int64,
    claimed: Bool,
    texts: Int64,
    codes: UInt32,
    ends: Int64,
    places: Int64,
    taken: Bool,
) -> int:  # pragma: no cover - compiled
    """Code points as folding counts them; what is no UTF-8 becomes U+FFFD."""
    count = 0
    for number in range(len(texts)):
        text = texts[number]
        at = offsets[text]
        end = offsets[text + 1]
        here = starts[text]
        while at < end:
            byte = np.uint32(data[at])
            code = np.uint32(0xFFFD)
            width = 1
            if byte < 0x80:
                code = byte
            elif 0xE0 <= byte < 0xF0 and at + 2 < end:
                code = (byte & 0x0F) << 12 | _tail(data, at + 1, 6) | _tail(data, at + 2, 0)
                width = 3
            elif 0xC0 <= byte < 0xE0 and at + 1 < end:
                code = (byte & 0x1F) << 6 | _tail(data, at + 1, 0)
                width = 2
            elif byte >= 0xF0 and at + 3 < end:
                code = (byte & 0x07) << 18 | _tail(data, at + 1, 12)
                code |= _tail(data, at + 2, 6) | _tail(data, at + 3, 0)
                width = 4
            if folded[here] != SKIP:
                codes[count] = code
                places[count] = here - starts[text]
                taken[count] = claimed[here]
                count += 1
            at += width
            here += 1
        ends[number + 1] = count
    return count


@inner
def _tail(data: UInt8, at: int, shift: int) -> int:  # pragma: no cover - compiled
    return (np.uint32(data[at]) & 0x3F) << np.uint32(shift)  # type: ignore[return-value]


def text_of(codes: UInt32, begin: int, stop: int) -> str:
    """The characters that stand there."""
    return "".join(map(chr, codes[begin:stop].tolist()))


def claimed_by(settled: Settled, lone: Lone, size: int) -> Bool:
    """Which of ``size`` folded places belong to findings worth reporting."""
    claimed = np.zeros(size, np.bool_)
    won = settled.winner == np.arange(len(settled.winner))
    rows = np.flatnonzero(won & (settled.weights.score >= REFUTED_LABELLED))
    _claim(settled.candidates.start[rows], settled.candidates.end[rows], claimed)
    worth = lone.scores(settled.traits, other_label=settled.other_label) >= REFUTED_LABELLED
    rows, candidates = lone.row[worth], lone.candidates
    _claim(candidates.start[rows], candidates.end[rows], claimed)
    return claimed


@kernel
def _claim(start: Int64, end: Int64, claimed: Bool) -> None:  # pragma: no cover - compiled
    for row in range(len(start)):
        claimed[start[row] : end[row]] = True


@kernel
def trim(codes: UInt32, begin: Int64, stop: Int64) -> None:  # pragma: no cover - compiled
    """Take blanks from both ends of spans, in place."""
    for row in range(len(begin)):
        while stop[row] > begin[row] and _blank(codes[stop[row] - 1]):
            stop[row] -= 1
        while stop[row] > begin[row] and _blank(codes[begin[row]]):
            begin[row] += 1


@inner
def _blank(code: int) -> bool:  # pragma: no cover - compiled
    return code <= 32 or code == 0xA0 or code == 0x3000 or code == 0xFEFF

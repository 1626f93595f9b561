"""Model input: the distinct texts of a chunk as code points, with the spans of patterns marked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from piiscan.arrays import Bool, Float64, Int64, UInt8, UInt32
from piiscan.arrow_strings import strings_of_slices
from piiscan.bundles import take_rows
from piiscan.detect.matching.alphabet import KIND_HAN, KIND_HAN_DIGIT, SKIP
from piiscan.detect.matching.batch import Chunk
from piiscan.detect.matching.matcher import Candidates
from piiscan.detect.matching.offsets import FoldedTexts
from piiscan.detect.scoring.isolated import IsolatedSpans
from piiscan.detect.scoring.overlap_resolution import Resolved
from piiscan.detect.scoring.score_kernels import REFUTED_LABELLED
from piiscan.jit import inner, kernel

#: Fewest Hanzi outside pattern spans in a text that can have a name.
_MIN_HANZI: Final = 2
#: Most bytes of texts to compare for equality.
_MAX_COMPARED: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class ModelInput:
    """Distinct texts of a chunk, concatenated as code points without zero-width characters.

    Attributes:
        codes: code points of all distinct texts
        offsets: index in ``codes`` at which each distinct text starts
        position: index of each code point in its own text
        taken: True for code points inside the span of a pattern
        text: numbers of all texts to read
        distinct: number of the distinct text of each of ``text``
    """

    codes: UInt32
    offsets: Int64
    position: Int64
    taken: Bool
    text: Int64
    distinct: Int64

    @classmethod
    def of(cls, chunk: Chunk, claimed: Bool, kind: UInt8) -> ModelInput | None:
        """Collect the chunk's texts with two Hanzi outside ``claimed``; None if there are none.

        ``claimed``: mask of folded positions inside the span of a pattern.  ``kind``: kind of each
        folded byte.
        """
        texts, starts = chunk.texts, chunk.texts.starts
        readable = np.empty(len(starts) - 1, np.int64)
        count, size_limit = _texts_with_hanzi(chunk.folded, starts, claimed, kind, readable)
        if not count:
            return None  # the usual case in tables
        text = readable[:count]
        first, distinct = _distinct_texts(texts.data, texts.offsets, text)
        decoded = _Decoded(
            np.empty(size_limit, np.uint32),
            np.zeros(len(first) + 1, np.int64),
            np.empty(size_limit, np.int64),
            np.empty(size_limit, np.bool_),
        )
        size = _decode(texts, claimed, first, decoded)
        codes, ends, position, taken = decoded
        return cls(codes[:size], ends, position[:size], taken[:size], text, distinct)


class _Decoded(NamedTuple):
    """Columns of a model input: see :class:`ModelInput`."""

    codes: UInt32
    offsets: Int64
    position: Int64
    taken: Bool


@kernel
def _texts_with_hanzi(
    folded: UInt8, starts: Int64, claimed: Bool, kind: UInt8, found: Int64
) -> tuple[int, int]:  # pragma: no cover - compiled
    """Write the numbers of texts with two Hanzi outside ``claimed``.

    Return how many they are, and their length in code points.
    """
    count = size = 0
    for text in range(len(starts) - 1):
        hanzi = 0
        for place in range(starts[text], starts[text + 1] - 1):
            byte_kind = kind[folded[place]]
            if byte_kind in (KIND_HAN, KIND_HAN_DIGIT) and not claimed[place]:
                hanzi += 1
                if hanzi == _MIN_HANZI:
                    found[count] = text
                    count += 1
                    size += starts[text + 1] - 1 - starts[text]
                    break
    return count, size


def _distinct_texts(data: UInt8, offsets: Int64, text: Int64) -> tuple[Int64, Int64]:
    """Deduplicate texts: (first text of each spelling, spelling number of each of ``text``)."""
    if len(text) < 2 or int((offsets[text + 1] - offsets[text]).sum()) > _MAX_COMPARED:
        return text, np.arange(len(text), dtype=np.int64)
    encoded = strings_of_slices(data, offsets[text], offsets[text + 1]).dictionary_encode()
    spelling = encoded.indices.to_numpy().astype(np.int64)
    first = np.empty(len(encoded.dictionary), np.int64)
    first[spelling[::-1]] = text[::-1]
    return first, spelling


@kernel
def _decode(
    source: FoldedTexts, claimed: Bool, texts: Int64, out: _Decoded
) -> int:  # pragma: no cover - compiled
    """Write the code points of ``texts`` to ``codes``, invalid UTF-8 as U+FFFD.

    Zero-width characters are left out.  Return the number of code points.
    """
    data, offsets, folded, starts, _ = source
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
                code = (
                    (byte & 0x0F) << 12
                    | _continuation(data, at + 1, 6)
                    | _continuation(data, at + 2, 0)
                )
                width = 3
            elif 0xC0 <= byte < 0xE0 and at + 1 < end:
                code = (byte & 0x1F) << 6 | _continuation(data, at + 1, 0)
                width = 2
            elif byte >= 0xF0 and at + 3 < end:
                code = (byte & 0x07) << 18 | _continuation(data, at + 1, 12)
                code |= _continuation(data, at + 2, 6) | _continuation(data, at + 3, 0)
                width = 4
            if folded[here] != SKIP:
                out.codes[count] = code
                out.position[count] = here - starts[text]
                out.taken[count] = claimed[here]
                count += 1
            at += width
            here += 1
        out.offsets[number + 1] = count
    return count


@inner
def _continuation(data: UInt8, at: int, shift: int) -> int:  # pragma: no cover - compiled
    """Return the six bits of the continuation byte at ``at``, shifted left by ``shift``."""
    return (np.uint32(data[at]) & 0x3F) << np.uint32(shift)  # type: ignore[return-value]


def text_of(codes: UInt32, begin: int, stop: int) -> str:
    """Return ``codes[begin:stop]`` as a string."""
    return codes[begin:stop].tobytes().decode("utf-32-le", "surrogatepass")


def claimed_positions(resolved: Resolved, isolated: IsolatedSpans | None, size: int) -> Bool:
    """Return the mask of the ``size`` folded positions inside findings that score 0.5 or more.

    The label of an account directly before a finding belongs to it: 微信 in ``张三微信：demo_88``.
    """
    claimed = np.zeros(size, np.bool_)
    if len(resolved):
        scores, winner = resolved.scores.score, resolved.winner
        _mark_claimed(resolved.candidates, winner, scores, claimed)
        label = resolved.annotated.context.label
        for row in np.flatnonzero((label >= 0) & (winner == np.arange(len(winner)))).tolist():
            claimed[label[row] : resolved.candidates.start[row]] = True
    if isolated:
        spans = take_rows(isolated.validated.candidates, isolated.rows)
        _mark_claimed(spans, np.arange(len(isolated.rows)), isolated.scores(), claimed)
    return claimed


@kernel
def _mark_claimed(
    spans: Candidates, winner: Int64, score: Float64, claimed: Bool
) -> None:  # pragma: no cover - compiled
    """Set ``claimed`` to True inside each winning span that scores 0.5 or more."""
    for row in range(len(winner)):
        if winner[row] == row and score[row] >= REFUTED_LABELLED:
            claimed[spans.start[row] : spans.end[row]] = True


@kernel
def trim_ends(
    codes: UInt32, begin: Int64, stop: Int64, strict: Bool
) -> None:  # pragma: no cover - compiled
    """Drop blanks from both ends of the spans ``codes[begin:stop]``, in place.

    ``strict``: True for spans of which signs (②, <, emoji) are dropped too.
    """
    for row in range(len(begin)):
        while stop[row] > begin[row] and _is_outside(codes[stop[row] - 1], strict[row]):
            stop[row] -= 1
        while stop[row] > begin[row] and _is_outside(codes[begin[row]], strict[row]):
            begin[row] += 1


@inner
def _is_outside(code: int, strict: bool) -> bool:  # pragma: no cover - compiled
    """Return True for a blank, and if ``strict`` for signs that begin and end no name."""
    is_sign = 0x2190 <= code < 0x25A0 or 0x2600 <= code < 0x2E80 or 0x1F000 <= code < 0x20000
    is_sign |= code == ord("<") or code == ord(">") or code == ord("|") or code == ord("#")
    return _is_blank(code) or (strict and is_sign)


@inner
def _is_blank(code: int) -> bool:  # pragma: no cover - compiled
    """Return True if ``code`` is a control character, a blank or an ideographic space."""
    return code <= 32 or code == 0xA0 or code == 0x3000 or code == 0xFEFF

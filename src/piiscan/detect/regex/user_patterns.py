r"""A user's own regular expressions: a prefilter over bytes, then the exact expression of ``re``.

Matches become candidates like those of shapes and are settled with them.  An expression is run
on the text as it stands (nothing is folded), from every place of it, and sees
all of a text of up to 2,048 characters.  Longer ones are gone through in steps: look-behind and
anchors still see all that lies in front, look-ahead at least 512 characters; a match of more than
512 characters is none.  What a hostile text can cost is thereby in proportion to its length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from piiscan.arrays import Bool, Int64, UInt8
from piiscan.detect.matching.alphabet import KIND_DIGIT, KIND_HAN_DIGIT, KIND_LETTER
from piiscan.detect.matching.boundaries import BOUNDARIES, stand
from piiscan.detect.matching.matcher import LONGEST, Candidates, joined
from piiscan.detect.regex.pattern_parser import read_pattern
from piiscan.detect.regex.prefilter import Prefilter
from piiscan.detect.regex.utf8_sets import Factor

if TYPE_CHECKING:
    from piiscan.detect.catalog.recognizer import Recognizer

#: From this many places of a long text a match is looked for at a time.
_STEP: Final = 2 * LONGEST
#: What stands around a value in a cell of its own; see cells.py.
_WRAPS: Final = " \t\"'="


@dataclass(frozen=True, slots=True)
class Running:
    """One pattern of a recognizer; without factors it is asked of every text."""

    recognizer: int
    compiled: re.Pattern[str]
    factors: tuple[Factor, ...]


@dataclass(frozen=True, slots=True)
class Patterns:
    """The patterns of a catalogue; the arrays are by recognizer."""

    patterns: tuple[Running, ...]
    prefilter: Prefilter
    boundary: UInt8
    whole_cell: Bool
    kind: UInt8  # what each folded byte is

    @classmethod
    def of(cls, recognizers: Sequence[Recognizer], kind: UInt8) -> Patterns:
        """The patterns of ``recognizers``, whose files have been read already."""
        patterns = tuple(
            Running(number, *read_pattern(source, ignore_case=r.ignore_case, prefilter=r.prefilter))
            for number, r in enumerate(recognizers)
            for source in r.pattern
        )
        return cls(
            patterns,
            Prefilter.of_factors([each.factors for each in patterns]),
            np.array([BOUNDARIES[r.boundary] for r in recognizers], np.uint8),
            np.array([r.whole_cell for r in recognizers], np.bool_),
            kind,
        )

    def added(
        self,
        candidates: Candidates,
        texts: tuple[UInt8, Int64],
        folded: tuple[UInt8, Int64],
        own: Bool,
        *,
        names: bool,
    ) -> Candidates:
        """``candidates`` and those of the patterns, ordered by start.

        ``texts``: bytes and where each text begins in them; ``folded``: the same when folded.
        """
        if not self.patterns:
            return candidates
        data, offsets = texts
        starts = folded[1]
        spans: list[tuple[int, int, int]] = []
        for pattern, met in zip(self.patterns, self.prefilter.texts(data, offsets), strict=True):
            which = pattern.recognizer
            whole = bool(self.whole_cell[which])
            if whole and not (names and own[which]):
                continue
            asked = met if pattern.factors else range(len(offsets) - 1)
            for number in asked:
                text = _decoded(data[offsets[number] : offsets[number + 1]].tobytes())
                base = int(starts[number])
                found = _cell(pattern.compiled, text) if whole else matches(pattern.compiled, text)
                spans += [(base + start, which, base + end) for start, end in found]
        return joined([candidates, self._candidates(spans, folded[0])]) if spans else candidates

    def _candidates(self, spans: list[tuple[int, int, int]], folded: UInt8) -> Candidates:
        """Spans whose edges the boundary of their recognizer allows, the longest at each place."""
        start, which, end = np.array(spans, np.int64).T
        order = np.lexsort((-end, which, start))
        start, which, end = start[order], which[order], end[order]
        again = np.zeros(len(start), np.bool_)
        again[1:] = (start[1:] == start[:-1]) & (which[1:] == which[:-1])
        kept = ~again & self._set_off(folded, start, end, self.boundary[which])
        start, which, end = start[kept], which[kept], end[kept]
        strange = np.concatenate([[0], np.cumsum(self.kind[folded] != KIND_DIGIT)])
        digits = strange[end] == strange[start]
        lead = np.where(digits, np.minimum(end - start, 255), 0).astype(np.uint8)
        return Candidates(which.astype(np.int16), start, end, lead)

    def _set_off(self, folded: UInt8, start: Int64, end: Int64, boundary: UInt8) -> Bool:
        """Whether a span ends where shapes of the same boundary may end; see :mod:`boundaries`."""
        ahead, kind = folded[start - 1], self.kind
        before, first = kind[ahead], kind[folded[start]]
        last, after = kind[folded[end - 1]], kind[folded[end]]
        digits, letters = (KIND_DIGIT, KIND_HAN_DIGIT), (KIND_DIGIT, KIND_LETTER)
        cut = (before == first) & np.isin(first, (*digits, KIND_LETTER))
        cut |= (before == KIND_DIGIT) & (first == KIND_LETTER)
        cut |= (last == after) & np.isin(last, digits)
        cut |= (last == KIND_LETTER) & np.isin(after, letters)
        touched = np.isin(before, letters) | np.isin(after, letters)
        cut |= (boundary >= BOUNDARIES["word"]) & touched
        cut |= (boundary == BOUNDARIES["mail"]) & np.isin(ahead, list(b"._%+"))
        cut |= ~stand(folded, start, end, boundary, kind)
        free: Bool = ~cut | (boundary == BOUNDARIES["none"])
        return free


def matches(compiled: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    """Spans in ``text`` as ``finditer`` gives them, those of at most 512 characters.

    >>> list(matches(re.compile('a+'), 'aab' + 'a' * 513))
    [(0, 2)]
    """
    place = 0
    while place < len(text):
        seen = min(place + _STEP + 2 * LONGEST, len(text))
        stop = place + _STEP if seen < len(text) else seen
        onward = stop
        for match in compiled.finditer(text, place, seen):
            start, end = match.span()
            if start >= stop:
                break
            onward = max(stop, end)
            if end - start <= LONGEST:
                yield start, end
        place = onward


def _cell(compiled: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    """The whole cell, blanks and quotes around it aside, if all of it matches."""
    start = len(text) - len(text.lstrip(_WRAPS))
    end = len(text.rstrip(_WRAPS))
    if 0 < end - start <= LONGEST and compiled.fullmatch(text, start, end):
        yield start, end


def _decoded(data: bytes) -> str:
    """The text, with as many characters as folding makes of it, whatever the bytes are."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        pass
    whole, at = [], 0
    while at < len(data):
        width = 1 + (data[at] >= 0xC0) + (data[at] >= 0xE0) + (data[at] >= 0xF0)
        width = width if at + width <= len(data) else 1
        char = data[at : at + width].decode("utf-8", "replace")
        whole.append(char if len(char) == 1 else "\ufffd")
        at += width
    return "".join(whole)

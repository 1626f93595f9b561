r"""User patterns: match the ``pattern`` expressions of rule files and return candidates.

A prefilter over bytes selects texts, then ``re`` runs the exact expression on the original text,
without folding. A text of up to 2,048 characters is searched as a whole. A longer one is searched
in steps: look-behind and anchors see everything before the match, look-ahead at least 512
characters. A match of more than 512 characters is dropped. So the cost is linear in the text.

    pattern HY\d{8}, text 会员HY12345678 -> candidate HY12345678
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from piiscan.arrays import Bool, Int64, UInt8
from piiscan.detect.matching.alphabet import KIND_DIGIT, KIND_HAN_DIGIT, KIND_LETTER
from piiscan.detect.matching.boundaries import BOUNDARIES, fit_boundaries
from piiscan.detect.matching.matcher import MAX_MATCH, Candidates, merge_candidates
from piiscan.detect.matching.offsets import FoldedTexts
from piiscan.detect.regex.pattern_parser import read_pattern
from piiscan.detect.regex.prefilter import Prefilter
from piiscan.detect.regex.utf8_sets import RequiredLiteral

if TYPE_CHECKING:
    from piiscan.detect.catalog.recognizer import Recognizer

#: Start positions of a long text that one step covers.
_STEP: Final = 2 * MAX_MATCH
#: Characters around the value of a cell; see matching/whole_cells.py.
_CELL_PADDING: Final = " \t\"'="


@dataclass(frozen=True, slots=True)
class UserPattern:
    """One pattern of a recognizer. Without required literals it runs on every text."""

    recognizer: int
    compiled: re.Pattern[str]
    literals: tuple[RequiredLiteral, ...]


@dataclass(frozen=True, slots=True)
class UserPatterns:
    """All patterns of a catalogue; the arrays are indexed by recognizer number."""

    patterns: tuple[UserPattern, ...]
    prefilter: Prefilter
    boundary: UInt8
    whole_cell: Bool
    kind: UInt8  # [folded byte]: kind

    @classmethod
    def of(cls, recognizers: Sequence[Recognizer], kind: UInt8) -> UserPatterns:
        """Build the patterns of ``recognizers``.

        ``kind``: ``uint8[256]``, kind of each folded byte.
        """
        patterns = tuple(
            UserPattern(
                number, *read_pattern(source, ignore_case=r.ignore_case, prefilter=r.prefilter)
            )
            for number, r in enumerate(recognizers)
            for source in r.pattern
        )
        return cls(
            patterns,
            Prefilter.of_literals([pattern.literals for pattern in patterns]),
            np.array([BOUNDARIES[r.boundary] for r in recognizers], np.uint8),
            np.array([r.whole_cell for r in recognizers], np.bool_),
            kind,
        )

    def add_matches(
        self,
        candidates: Candidates,
        texts: FoldedTexts,
        labelled: Bool,
        *,
        names: bool,
    ) -> Candidates:
        """Return ``candidates`` and the matches of the patterns, ordered by start.

        Args:
            candidates: candidates of shapes.
            texts: texts to search.
            labelled: ``bool[recognizer]``, recognizers that the column label names.
            names: run patterns of whole cells too, if labelled.
        """
        if not self.patterns:
            return candidates
        data, offsets, folded, starts, _ = texts
        spans: list[tuple[int, int, int]] = []
        for pattern, passing in zip(
            self.patterns, self.prefilter.candidate_texts(data, offsets), strict=True
        ):
            which = pattern.recognizer
            whole = bool(self.whole_cell[which])
            if whole and not (names and labelled[which]):
                continue
            to_search = passing if pattern.literals else range(len(offsets) - 1)
            for number in to_search:
                text = _decode(data[offsets[number] : offsets[number + 1]].tobytes())
                base = int(starts[number])
                found = (
                    _match_cell(pattern.compiled, text)
                    if whole
                    else find_bounded(pattern.compiled, text)
                )
                spans += [(base + start, which, base + end) for start, end in found]
        return (
            merge_candidates([candidates, self._candidates(spans, folded)]) if spans else candidates
        )

    def _candidates(self, spans: list[tuple[int, int, int]], folded: UInt8) -> Candidates:
        """Build candidates of the (start, recognizer, end) spans that fit their boundary rule.

        Of several spans of one recognizer at one start, the longest wins.
        """
        start, which, end = np.array(spans, np.int64).T
        order = np.lexsort((-end, which, start))
        start, which, end = start[order], which[order], end[order]
        duplicate = np.zeros(len(start), np.bool_)
        duplicate[1:] = (start[1:] == start[:-1]) & (which[1:] == which[:-1])
        selected = ~duplicate & self._allowed_by_boundary(folded, start, end, self.boundary[which])
        start, which, end = start[selected], which[selected], end[selected]
        non_digits = np.concatenate([[0], np.cumsum(self.kind[folded] != KIND_DIGIT)])
        digits = non_digits[end] == non_digits[start]
        leading_digits = np.where(digits, np.minimum(end - start, 255), 0).astype(np.uint8)
        return Candidates(which.astype(np.int16), start, end, leading_digits)

    def _allowed_by_boundary(
        self, folded: UInt8, start: Int64, end: Int64, boundary: UInt8
    ) -> Bool:
        """Return ``bool[k]``: True if the boundary rule allows the neighbours of the span.

        The rules are those of shapes; see :mod:`piiscan.detect.matching.boundaries`.
        """
        byte_before, kind = folded[start - 1], self.kind
        before, first = kind[byte_before], kind[folded[start]]
        last, after = kind[folded[end - 1]], kind[folded[end]]
        digits, letters = (KIND_DIGIT, KIND_HAN_DIGIT), (KIND_DIGIT, KIND_LETTER)
        blocked = (before == first) & np.isin(first, (*digits, KIND_LETTER))
        blocked |= (before == KIND_DIGIT) & (first == KIND_LETTER)
        blocked |= (last == after) & np.isin(last, digits)
        blocked |= (last == KIND_LETTER) & np.isin(after, letters)
        touches_word = np.isin(before, letters) | np.isin(after, letters)
        blocked |= (boundary >= BOUNDARIES["word"]) & touches_word
        blocked |= (boundary == BOUNDARIES["mail"]) & np.isin(byte_before, list(b"._%+"))
        blocked |= ~fit_boundaries(folded, start, end, boundary, kind)
        allowed: Bool = ~blocked | (boundary == BOUNDARIES["none"])
        return allowed


def find_bounded(compiled: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of ``compiled`` in ``text`` like ``finditer``, at most 512 characters long.

    >>> list(find_bounded(re.compile('a+'), 'aab' + 'a' * 513))
    [(0, 2)]
    """
    position = 0
    while position < len(text):
        window_end = min(position + _STEP + 2 * MAX_MATCH, len(text))
        start_limit = position + _STEP if window_end < len(text) else window_end
        next_position = start_limit
        for match in compiled.finditer(text, position, window_end):
            start, end = match.span()
            if start >= start_limit:
                break
            next_position = max(start_limit, end)
            if end - start <= MAX_MATCH:
                yield start, end
        position = next_position


def _match_cell(compiled: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    """Yield the span of the cell without blanks and quotes around it, if all of it matches."""
    start = len(text) - len(text.lstrip(_CELL_PADDING))
    end = len(text.rstrip(_CELL_PADDING))
    if 0 < end - start <= MAX_MATCH and compiled.fullmatch(text, start, end):
        yield start, end


def _decode(data: bytes) -> str:
    """Decode a text to as many characters as folding gives, even if the UTF-8 is malformed.

    A malformed byte becomes one U+FFFD.
    """
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

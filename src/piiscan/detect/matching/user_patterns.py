r"""User patterns: match the ``pattern`` expressions of rule files and return candidates.

RE2 matches the UTF-8 bytes of the original text, without folding. It first searches all texts of a
chunk at once, joined by bytes that no expression reads over, for the texts that have a match. Those
are searched one by one, a text of more than 4,100 bytes in steps: anchors see all of it, a match at
least the next 512 characters. A longer match is dropped. So the cost is linear in the text.

    pattern HY\d{8}, text 会员HY12345678 -> candidate HY12345678
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from piiscan.arrays import Bool, Int16, Int64, UInt8
from piiscan.detect.matching.alphabet import KIND_DIGIT, KIND_HAN_DIGIT, KIND_LETTER
from piiscan.detect.matching.boundaries import BOUNDARIES, fit_boundaries
from piiscan.detect.matching.matcher import MAX_MATCH, Candidates, merge_candidates
from piiscan.detect.matching.offsets import FoldedTexts, fold_positions
from piiscan.detect.matching.pattern_parser import Regexp, UserPattern, read_pattern

if TYPE_CHECKING:
    from piiscan.detect.catalog.recognizer import Recognizer

#: Start positions of a long text that one step covers, and bytes after them that a match can
#: reach: more than the longest match has.
_STEP: Final = 4 * MAX_MATCH
_REACH: Final = 4 * (MAX_MATCH + 1)
#: Bytes around the value of a cell; see matching/whole_cells.py.
_CELL_PADDING: Final = b" \t\"'="
#: Bytes between joined texts: line ends for the anchors, and a byte that occurs in no character.
_BETWEEN: Final = b"\n\xff\n"


@dataclass(frozen=True, slots=True)
class UserPatterns:
    """All patterns of a catalogue, each with its recognizer; arrays are by recognizer number."""

    patterns: tuple[tuple[int, UserPattern], ...]
    boundary: UInt8
    whole_cell: Bool
    kind: UInt8  # [folded byte]: kind

    @classmethod
    def of(cls, recognizers: Sequence[Recognizer], kind: UInt8) -> UserPatterns:
        """Build the patterns of ``recognizers``.

        ``kind``: ``uint8[256]``, kind of each folded byte.
        """
        return cls(
            tuple(
                (number, read_pattern(source, ignore_case=r.ignore_case))
                for number, r in enumerate(recognizers)
                for source in r.pattern
            ),
            np.array([BOUNDARIES[r.boundary] for r in recognizers], np.uint8),
            np.array([r.whole_cell for r in recognizers], np.bool_),
            kind,
        )

    def add_matches(
        self, candidates: Candidates, texts: FoldedTexts, labelled: Bool, *, names: bool
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
        joined = JoinedTexts.of(texts.data, texts.offsets)
        found = []
        for which, pattern in self.patterns:
            whole = bool(self.whole_cell[which])
            if whole and not (names and labelled[which]):
                continue
            numbers = range(len(joined.texts)) if whole else joined.with_match(pattern.by_line)
            find = _match_cell if whole else find_bounded
            spans = [
                (number, *span)
                for number in numbers
                for span in find(pattern.compiled, joined.texts[number])
            ]
            if spans:
                text, *ends = np.array(spans, np.int64).T
                start, end = fold_positions(texts, text, *ends)
                found.append((start, np.full(len(spans), which, np.int16), end))
        return (
            merge_candidates([candidates, self._candidates(found, texts.folded)])
            if found
            else candidates
        )

    def _candidates(self, found: list[tuple[Int64, Int16, Int64]], folded: UInt8) -> Candidates:
        """Build candidates of the (start, recognizer, end) arrays that fit their boundary rule.

        Of several spans of one recognizer at one start, the longest wins. Spans that are too long,
        or begin or end within a character of malformed UTF-8 (-1), are left out.
        """
        start, which, end = map(np.concatenate, zip(*found, strict=True))
        fits = np.flatnonzero((start >= 0) & (end >= 0) & (end - start <= MAX_MATCH))
        order = fits[np.lexsort((-end[fits], which[fits], start[fits]))]
        start, which, end = start[order], which[order], end[order]
        duplicate = np.zeros(len(start), np.bool_)
        duplicate[1:] = (start[1:] == start[:-1]) & (which[1:] == which[:-1])
        selected = ~duplicate & self._allowed_by_boundary(folded, start, end, self.boundary[which])
        start, which, end = start[selected], which[selected], end[selected]
        non_digits = np.concatenate([[0], np.cumsum(self.kind[folded] != KIND_DIGIT)])
        digits = non_digits[end] == non_digits[start]
        leading_digits = np.where(digits, np.minimum(end - start, 255), 0).astype(np.uint8)
        return Candidates(which, start, end, leading_digits)

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


@dataclass(frozen=True, slots=True, repr=False)
class JoinedTexts:
    """Texts as bytes, and all in one piece: text i begins at ``starts[i]`` of ``joined``."""

    texts: list[bytes]
    joined: bytes
    starts: list[int]

    @classmethod
    def of(cls, data: UInt8, offsets: Int64) -> JoinedTexts:
        r"""Cut ``data`` into texts at ``offsets`` and join them.

        >>> JoinedTexts.of(np.frombuffer(b'abc', np.uint8), np.array([0, 2, 3])).joined
        b'\nab\n\xff\nc\n'
        """
        whole = data[offsets[0] : offsets[-1]].tobytes()
        bounds = offsets - offsets[0]
        texts = [whole[start:end] for start, end in pairwise(bounds.tolist())]
        starts = bounds[:-1] + len(_BETWEEN) * np.arange(len(texts)) + 1
        return cls(texts, b"\n" + _BETWEEN.join(texts) + b"\n", starts.tolist())

    def with_match(self, by_line: Regexp | None) -> Iterable[int]:
        """Yield the numbers of the texts that ``by_line`` matches, or all if it is None."""
        if by_line is None:
            yield from range(len(self.texts))
            return
        number = 0
        while number < len(self.texts):
            match = by_line.search(self.joined, self.starts[number])
            if match is None:
                return
            number = bisect_right(self.starts, match.span()[0])
            yield number - 1


def find_bounded(compiled: Regexp, text: bytes) -> Iterator[tuple[int, int]]:
    """Yield the byte spans of ``compiled`` in ``text``; spans of 512 characters and less are exact.

    >>> list(find_bounded(read_pattern('a+').compiled, '中aab'.encode()))
    [(3, 5)]
    """
    position = 0
    while position < len(text):
        window_end = min(position + _STEP + _REACH, len(text))
        start_limit = position + _STEP if window_end < len(text) else window_end
        next_position = start_limit
        for match in compiled.finditer(text, position, window_end):
            start, end = match.span()
            if start >= start_limit:
                break
            next_position = max(start_limit, end)
            if start < end:
                yield start, end
        position = next_position


def _match_cell(compiled: Regexp, text: bytes) -> Iterator[tuple[int, int]]:
    """Yield the span of the cell without blanks and quotes around it, if all of it matches."""
    start = len(text) - len(text.lstrip(_CELL_PADDING))
    value = text.strip(_CELL_PADDING)
    if 0 < len(value) <= 4 * MAX_MATCH and compiled.fullmatch(value):
        yield start, start + len(value)

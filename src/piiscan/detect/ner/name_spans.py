"""Name spans: the tagger's spans while span rules correct and extend them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, NamedTuple, Self

import numpy as np

from piiscan.arrays import Bool, Float64, Int8, Int64, UInt32
from piiscan.detect.ner.evidence_kernels import EvidenceSearch
from piiscan.detect.ner.model.network_numbers import PERSON
from piiscan.detect.ner.model.tagger import Spans
from piiscan.detect.ner.model_input import text_of
from piiscan.detect.ner.name_kernels import has_char, mark_chars, trim_ends, write_limits

#: Characters that replace hidden parts of names and addresses.
MASK_SIGNS: Final = "*＊×●○"
#: Length from which all spans are alike to the conditions of span rules.
LONG_SPAN: Final = 300


def code_table(chars: str) -> Bool:
    """Return ``bool[65536]``: True for the code points of ``chars``."""
    table = np.zeros(0x10000, np.bool_)
    table[[ord(char) for char in chars]] = True
    return table


def are_in(codes: UInt32, table: Bool) -> Bool:
    """Return True for each of ``codes`` that is in the :func:`code_table` ``table``.

    >>> are_in(np.array([0x41, 0x42, 0x20000], np.uint32), code_table("B")).tolist()
    [False, True, False]
    """
    found: Bool = table[np.minimum(codes, 0xFFFF)]
    return found


def are_among(values: Int64, known: Int64) -> Bool:
    """Return True for each of ``values`` that is in ``known``: sorted, at least one.

    >>> are_among(np.array([-1, 3, 4, 9]), np.array([0, 4, 7])).tolist()
    [False, False, True, False]
    """
    found: Bool = known[np.searchsorted(known[:-1], values)] == values
    return found


_IS_MASK: Final = code_table(MASK_SIGNS)


@dataclass(frozen=True)
class NameText:
    """Texts that the span rules read, as code points.

    Attributes:
        codes: code points of all texts
        offsets: index at which each text starts, and the end
        taken: True for code points inside the span of a pattern
        is_address_column: the texts are cells under the label of an address
        evidence: search for words that what stands beside them makes names; None for no search
    """

    codes: UInt32
    offsets: Int64
    taken: Bool
    is_address_column: bool = False
    evidence: EvidenceSearch | None = None

    def slice(self, begin: int, stop: int) -> str:
        """Return the code points ``[begin, stop)`` as a string."""
        return text_of(self.codes, begin, stop)

    @cached_property
    def has_masks(self) -> bool:
        """Return True if the texts have a mask character such as ``*``."""
        return has_char(self.codes, _IS_MASK)

    @cached_property
    def hidden(self) -> Bool:
        """Return True for each mask character (``*``), and a last False after the texts."""
        hidden = np.zeros(len(self.codes) + 1, np.bool_)
        mark_chars(self.codes, _IS_MASK, hidden)
        return hidden


class Proposal(NamedTuple):
    """Span that a rule proposes: code points ``[begin, stop)``, score, kind, bits of evidence."""

    begin: int
    stop: int
    score: float
    kind: int
    evidence: int = 0


@dataclass(frozen=True, slots=True)
class NameSpans:
    """Spans of names in text order, and proposals that are not yet added.

    Attributes:
        begin, stop: code points ``[begin, stop)`` of all texts; a dropped span is empty
        kind: index in TAGGED (person, address, organization, nickname)
        score: confidence of the tagger, or score of the rule
        proposed: spans that rules propose; ``add_proposals`` adds the free ones
    """

    begin: Int64
    stop: Int64
    kind: Int8
    score: Float64
    proposed: tuple[Proposal, ...] = ()

    def __len__(self) -> int:
        return len(self.begin)

    @classmethod
    def of(cls, text: NameText, spans: Spans) -> Self:
        """Return the tagger's spans, trimmed of blanks; persons also of signs, at both ends."""
        begin, stop = spans.start.copy(), spans.end.copy()
        trim_ends(text.codes, begin, stop, spans.kind == PERSON)
        return cls(begin, stop, spans.kind, spans.score.astype(np.float64))

    def drop(self, rows: Int64 | Bool) -> Self:
        """Return the spans with ``rows`` made empty."""
        stop = self.stop.copy()
        stop[rows] = self.begin[rows]
        return replace(self, stop=stop)

    def propose(self, proposals: Iterable[Proposal]) -> Self:
        """Return the spans with further proposals."""
        proposed = (*self.proposed, *proposals)
        return self if proposed == self.proposed else replace(self, proposed=proposed)


class SpanRule(NamedTuple):
    """Span rule, and the conditions that a text must fulfil for it to change anything.

    Attributes:
        apply: returns the corrected spans; it changes no array that it is given
        kinds: kinds of which a span must be there, as bits; 0 for a rule that needs no span
        signs: characters of which the texts must have one; empty for a rule that needs none
        lengths: shortest and longest length of such a span, in code points
        ends, follows: last characters of such a span, and characters after it; empty for any
        begins: first characters of such a span; empty for any
    """

    apply: Callable[[NameText, NameSpans], NameSpans]
    kinds: int = 0
    signs: str = ""
    lengths: tuple[int, int] = (0, LONG_SPAN)
    ends: str = ""
    follows: str = ""
    begins: str = ""

    @property
    def name(self) -> str:
        """Return the name of the rule's function."""
        return self.apply.__name__


class RuleConditions(NamedTuple):
    """Conditions of the span rules as bit tables: bit n belongs to rule n.

    ``signs``, ``ends``, ``follows``, ``begins``: by code point of the BMP.  ``kinds``: by kind.
    ``lengths``: by length, up to LONG_SPAN.  ``free``: bits of the rules that need no span.
    """

    signs: UInt32
    kinds: UInt32
    lengths: UInt32
    ends: UInt32
    follows: UInt32
    begins: UInt32
    free: UInt32

    @classmethod
    def of(cls, rules: Sequence[SpanRule]) -> RuleConditions:
        """Build the tables of ``rules``."""
        signs, ends, follows, begins = np.zeros((4, 0x10000), np.uint32)
        lengths, kinds, free = (np.zeros(size, np.uint32) for size in (LONG_SPAN + 1, 32, 1))
        for number, rule in enumerate(rules):
            bit = np.uint32(1 << number)
            for table, chars in (
                (signs, rule.signs),
                (ends, rule.ends),
                (follows, rule.follows),
                (begins, rule.begins),
            ):
                table[[ord(char) for char in chars] if chars else slice(None)] |= bit
            lengths[rule.lengths[0] : rule.lengths[1] + 1] |= bit
            kinds[[kind for kind in range(32) if rule.kinds >> kind & 1]] |= bit
            free[:] |= bit * np.uint32(rule.kinds == 0)
        return cls(signs, kinds, lengths, ends, follows, begins, free)


def span_limits(text: NameText, spans: NameSpans) -> Int64:
    """Return, per span, the code point where the next span or the text's end follows."""
    limits = np.empty(len(spans), np.int64)
    write_limits(text.offsets, spans.begin, spans.stop, limits)
    return limits

"""Name spans: the spans of the name tagger while the span rules correct and extend them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, NamedTuple, Self

import numpy as np

from piiscan.arrays import Bool, Float64, Int8, Int64, UInt32
from piiscan.detect.ner.model.tagger import Spans
from piiscan.detect.ner.model_input import text_of, trim_blanks

#: Characters that replace hidden parts of names and addresses.
_MASKS: Final = np.array([ord(char) for char in "*＊×●○"], np.uint32)


@dataclass(frozen=True)
class NameText:
    """Texts that the span rules read.

    Attributes:
        codes: code points of all texts
        offsets: index at which each text starts, and the end
        taken: True for code points inside the span of a pattern
        is_address_column: the texts are cells under the label of an address
    """

    codes: UInt32
    offsets: Int64
    taken: Bool
    is_address_column: bool = False

    def slice(self, begin: int, stop: int) -> str:
        """Return the code points ``[begin, stop)`` as a string."""
        return text_of(self.codes, begin, stop)

    @cached_property
    def hidden(self) -> Bool:
        """Return True for each mask character such as ``*``, and False behind the last text."""
        return np.append(np.isin(self.codes, _MASKS), False)


class Proposal(NamedTuple):
    """A span that a rule proposes: code points ``[begin, stop)``, score and kind."""

    begin: int
    stop: int
    score: float
    kind: int


@dataclass(frozen=True, slots=True)
class NameSpans:
    """Spans of names in order, one entry each, and the proposals that are not among them yet.

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
        """Return the tagger's spans without the blanks at both ends."""
        begin, stop = spans.start.copy(), spans.end.copy()
        trim_blanks(text.codes, begin, stop)
        return cls(begin, stop, spans.kind, spans.score.astype(np.float64))

    def drop(self, rows: Int64 | Bool) -> Self:
        """Return the spans with ``rows`` empty."""
        stop = self.stop.copy()
        stop[rows] = self.begin[rows]
        return replace(self, stop=stop)

    def propose(self, proposals: Iterable[Proposal]) -> Self:
        """Return the spans with further proposals."""
        proposed = (*self.proposed, *proposals)
        return self if proposed == self.proposed else replace(self, proposed=proposed)


#: A span rule returns the corrected spans; it changes no array that it is given.
SpanRule = Callable[[NameText, NameSpans], NameSpans]

"""Error page of an evaluation: missed and false findings with the text around them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from piiscan.labelled import Span
from piiscan.pages.html import render
from piiscan.pages.sanitize import clean
from piiscan.score import Mistake, Scores
from piiscan.wording.words import Language, Words

#: Characters shown on either side of a mistake.
_MARGIN: Final = 40
#: Most shown mistakes of a type and kind; the page states the total.
_MAX_SHOWN: Final = 500


@dataclass(frozen=True, slots=True, repr=False)
class ShownMistake:
    """One mistake as pieces of (text, class).

    The class is gold, said (predicted), both or empty.
    """

    id: str
    pieces: tuple[tuple[str, str], ...]
    other: str


@dataclass(frozen=True, slots=True, repr=False)
class MistakeGroup:
    """Mistakes of one type and kind; ``count`` can exceed the number of ``shown`` ones."""

    type: str
    kind: str
    count: int
    shown: tuple[ShownMistake, ...]


def render_mistakes(
    title: str, scores: Scores, mistakes: Sequence[Mistake], *, language: Language = "zh"
) -> str:
    """Return the error page as self-contained HTML with every text escaped."""
    return render(
        Path(__file__).with_suffix(".html"),
        words=Words(language),
        title=clean(title),
        scores=scores,
        groups=list(_groups(mistakes)),
    )


def _groups(mistakes: Sequence[Mistake]) -> Iterator[MistakeGroup]:
    """Yield a MistakeGroup for each pair of type and kind of ``mistakes``."""
    counts = Counter((each.span[2], each.kind) for each in mistakes)
    for type_, kind in sorted(counts):
        group_mistakes = [each for each in mistakes if (each.span[2], each.kind) == (type_, kind)]
        yield MistakeGroup(
            type_, kind, len(group_mistakes), tuple(map(_show_mistake, group_mistakes[:_MAX_SHOWN]))
        )


def _show_mistake(mistake: Mistake) -> ShownMistake:
    """Cut a mistake's text into pieces at the span ends, with 40 characters around."""
    span, other = mistake.span, mistake.other
    gold, predicted = (other, span) if mistake.kind == "false" else (span, other)
    places = [place for one in (span, other) if one for place in one[:2]]
    first, last = max(0, min(places) - _MARGIN), max(places) + _MARGIN
    cuts = sorted({first, min(last, len(mistake.text)), *places})
    pieces = tuple(
        (clean(mistake.text[start:end]), _piece_class(start, gold, predicted))
        for start, end in pairwise(cuts)
    )
    return ShownMistake(
        clean(str(mistake.id)), pieces, other[2] if other and other[2] != span[2] else ""
    )


def _piece_class(place: int, gold: Span | None, predicted: Span | None) -> str:
    """Return the CSS class of the text at ``place``: both, gold, said or empty."""
    in_gold = gold is not None and gold[0] <= place < gold[1]
    in_predicted = predicted is not None and predicted[0] <= place < predicted[1]
    if in_gold and in_predicted:
        return "both"
    return "gold" if in_gold else "said" if in_predicted else ""

"""The mistakes of a score as a page: what was missed or wrongly found, in its surroundings."""

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
from piiscan.pages.wording import Language, Words
from piiscan.score import Mistake, Scores

#: Characters shown before and behind a mistake.
_AROUND: Final = 40
#: So many mistakes of a type and kind are shown; the page says how many there are.
_MOST: Final = 500


@dataclass(frozen=True, slots=True, repr=False)
class Shown:
    """One mistake cut into pieces; each is text and what it is: gold, said, both or nothing."""

    id: str
    pieces: tuple[tuple[str, str], ...]
    other: str


@dataclass(frozen=True, slots=True, repr=False)
class Group:
    """The mistakes of one type and kind; ``count`` may be more than are shown."""

    type: str
    kind: str
    count: int
    shown: tuple[Shown, ...]


def render_mistakes(
    title: str, scores: Scores, mistakes: Sequence[Mistake], *, language: Language = "zh"
) -> str:
    """The page as HTML: everything inline, nothing loaded, every text escaped."""
    return render(
        Path(__file__).with_suffix(".html"),
        words=Words(language, {}),
        title=clean(title),
        scores=scores,
        groups=list(_groups(mistakes)),
    )


def _groups(mistakes: Sequence[Mistake]) -> Iterator[Group]:
    counts = Counter((each.span[2], each.kind) for each in mistakes)
    for type_, kind in sorted(counts):
        own = [each for each in mistakes if (each.span[2], each.kind) == (type_, kind)]
        yield Group(type_, kind, len(own), tuple(map(_shown, own[:_MOST])))


def _shown(mistake: Mistake) -> Shown:
    span, other = mistake.span, mistake.other
    gold, said = (other, span) if mistake.kind == "false" else (span, other)
    places = [place for one in (span, other) if one for place in one[:2]]
    first, last = max(0, min(places) - _AROUND), max(places) + _AROUND
    cuts = sorted({first, min(last, len(mistake.text)), *places})
    pieces = tuple(
        (clean(mistake.text[start:end]), _what(start, gold, said)) for start, end in pairwise(cuts)
    )
    return Shown(clean(str(mistake.id)), pieces, other[2] if other and other[2] != span[2] else "")


def _what(place: int, gold: Span | None, said: Span | None) -> str:
    there = gold is not None and gold[0] <= place < gold[1]
    found = said is not None and said[0] <= place < said[1]
    if there and found:
        return "both"
    return "gold" if there else "said" if found else ""

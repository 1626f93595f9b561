"""Silver texts with their names exchanged: what stands around a name is learned, not the name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .lines import ADDRESS, LOCATION, ORGANIZATION, PERSON, Line, Lines, Span
from .people import DOTS
from .silver import DOUBT, Silver


@dataclass(frozen=True, slots=True)
class Prose:
    """Draws variants of texts that the teacher labelled."""

    lines: Lines

    def variant(self, silver: Silver, share: float = 0.75) -> Line:
        """The text with most of its names, and some places and organisations, exchanged.

        The same name gets the same new one everywhere in the text, as in real texts.
        """
        new: dict[tuple[str, str], str] = {}
        text, at = "", 0
        spans: list[Span] = []
        for start, end, kind in silver.spans:
            text += silver.text[at:start]
            old = silver.text[start:end]
            if (kind, old) not in new:
                new[kind, old] = self.exchange(old, kind, share)
            spans.append(Span(len(text), len(text) + len(new[kind, old]), kind))
            text += new[kind, old]
            at = end
        return Line(text + silver.text[at:], tuple(spans))

    def exchange(self, old: str, kind: str, share: float) -> str:
        """A new value of this kind, or the old one."""
        lines, draw = self.lines, self.lines.random
        if draw.random() > share:
            return old
        if kind == PERSON:
            if len(old) == 1:
                return lines.people.surname()
            if any(dot in old for dot in DOTS) or len(old) > 4:
                return lines.people.foreign() if draw.random() < 0.6 else lines.people.part()
            if "某" in old:
                return lines.people.hidden()
            if lines.people.is_abroad(old):
                return lines.people.abroad()
            if lines.people.is_given(old) and draw.random() < 0.7:
                return lines.people.called()
            return lines.people.part()[:4] if draw.random() < 0.05 else lines.people.mainland()
        if kind == ORGANIZATION and draw.random() < 0.4:
            return lines.firms.organisation()
        if kind == ADDRESS and draw.random() < 0.5:
            return lines.addresses.full()
        if kind == LOCATION and len(old) >= 3 and lines.tables.sounds.issuperset(old):
            return lines.place_abroad()
        if kind == LOCATION and len(old) <= 4 and draw.random() < 0.35:
            place = lines.tables.place(draw)
            return lines.addresses.short(draw.choice((place.province, place.city, place.county)))
        return old


def sound(silver: Sequence[Silver], limit: float = 0.34) -> list[Silver]:
    """Texts that are not mostly in doubt."""
    kept = []
    for each in silver:
        doubts = sum(span.kind == DOUBT for span in each.spans)
        if doubts <= max(1, limit * len(each.spans)):
            kept.append(each)
    return kept

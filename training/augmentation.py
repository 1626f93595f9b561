"""Data augmentation: silver texts with their names replaced.

The network then learns the context of a name instead of the name.
Example: ``记者李明报道，李明说 -> 记者张三报道，张三说``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .lines import ADDRESS, LOCATION, ORGANIZATION, PERSON, Line, LineGenerator, Span
from .people import DOTS
from .silver import DOUBT, Silver


@dataclass(frozen=True, slots=True)
class Augmenter:
    """Generator of variants of the silver texts."""

    lines: LineGenerator

    def variant(self, silver: Silver, share: float = 0.75) -> Line:
        """Return a silver text with most of its names and some other spans replaced.

        Equal names get equal replacements in the text. ``share``: the probability that a value is
        offered for replacement.
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
        """Return a random replacement of the same form for ``old`` of this ``kind``, or ``old``."""
        lines, draw = self.lines, self.lines.random
        if draw.random() > share:
            return old
        if kind == PERSON:
            if len(old) == 1:
                return lines.people.surname()
            if any(dot in old for dot in DOTS) or len(old) > 4:
                return (
                    lines.people.dotted_name()
                    if draw.random() < 0.6
                    else lines.people.foreign_part()
                )
            if "某" in old:
                return lines.people.anonymised()
            if lines.people.looks_foreign(old):
                return lines.people.foreign_name()
            if lines.people.is_given_name(old) and draw.random() < 0.7:
                return lines.people.given_name_only()
            return (
                lines.people.foreign_part()[:4] if draw.random() < 0.05 else lines.people.mainland()
            )
        if kind == ORGANIZATION and draw.random() < 0.4:
            return lines.organisations.organisation()
        if kind == ADDRESS and draw.random() < 0.5:
            return lines.addresses.full_address()
        if kind == LOCATION and len(old) >= 3 and lines.tables.transliteration.issuperset(old):
            return lines.foreign_place()
        if kind == LOCATION and len(old) <= 4 and draw.random() < 0.35:
            place = lines.tables.place(draw)
            return lines.addresses.shorten(draw.choice((place.province, place.city, place.county)))
        return old


def mostly_certain(silver: Sequence[Silver], limit: float = 0.34) -> list[Silver]:
    """Return the silver texts with at most the share ``limit`` of DOUBT spans.

    One DOUBT span is always allowed.
    """
    kept = []
    for each in silver:
        doubts = sum(span.kind == DOUBT for span in each.spans)
        if doubts <= max(1, limit * len(each.spans)):
            kept.append(each)
    return kept

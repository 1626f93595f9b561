"""Two opinions on one text: the teacher's and a first network's, which has seen many more names."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from piiscan.detect.ner.model.tagger import PERSON as NUMBER
from piiscan.detect.ner.model.tagger import Tagger

from .encode import codes
from .lines import PERSON, Span
from .people import JAPANESE
from .silver import ABROAD, DOUBT, SINGLE, Silver
from .tables import COMPOUND

SURE = 0.85  # what the network alone must be, to be believed
FAIR = 0.6  # what it must be, to be believed about where a name begins and ends
WEAK = 0.35  # below this it has said nothing
DOTTED = re.compile(r"[·•‧・．﹒]")


def agreed(silver: Sequence[Silver], tagger: Tagger) -> list[Silver]:
    """Silver texts with the persons on which both agree, or one of them is convincing."""
    points, offsets = codes([each.text for each in silver])
    found = tagger.spans(points, offsets)
    row = np.searchsorted(offsets, found.start, side="right") - 1
    said: list[list[tuple[int, int, float]]] = [[] for _ in silver]
    for at, start, end, kind, score in zip(row, *found, strict=True):
        if kind == NUMBER and score >= WEAK:
            base = int(offsets[at])
            said[at].append((int(start) - base, int(end) - base, float(score)))
    return [judge(each, spans) for each, spans in zip(silver, said, strict=True)]


def judge(silver: Silver, said: Sequence[tuple[int, int, float]]) -> Silver:
    """One text by both opinions."""
    text = silver.text
    kept: list[Span] = []
    for span in silver.spans:
        beside = [each for each in said if each[0] < span.end and span.start < each[1]]
        if span.kind not in (PERSON, DOUBT):
            kept.append(span)
        elif not beside:
            whole = span.kind == PERSON and likely(text[span.start : span.end])
            kept.append(span if whole else Span(span.start, span.end, DOUBT))
        elif len(beside) == 1 and beside[0][:2] == span[:2]:
            kept.append(Span(span.start, span.end, PERSON))
        elif all(score >= FAIR and likely(text[a:b]) for a, b, score in beside):
            kept += [Span(a, b, PERSON) for a, b, _ in beside]
        else:
            low = min(span.start, *(each[0] for each in beside))
            high = max(span.end, *(each[1] for each in beside))
            kept.append(Span(low, high, DOUBT))
    for start, end, score in said:
        if not any(span.start < end and start < span.end for span in silver.spans):
            kept.append(Span(start, end, PERSON if score >= SURE else DOUBT))
    return Silver(text, tuple(apart(kept)))


def apart(spans: Sequence[Span]) -> list[Span]:
    """Spans in order; one that overlaps the one before it is left out."""
    kept: list[Span] = []
    for span in sorted(spans):
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept


def likely(name: str) -> bool:
    """Whether this has the shape of a whole name: surname and given name, dots, sounds."""
    if DOTTED.search(name) or "某" in name or name[:2] in JAPANESE:
        return True
    if len(name) >= 2 and ABROAD.issuperset(name):
        return True
    surname = 2 if name[:2] in COMPOUND else 1 if name[:1] in SINGLE else 0
    return bool(surname) and surname < len(name) <= surname + 2

"""Agreement of two taggers: merge the teacher's persons with the spans of a first-round network.

The network has seen more names than the teacher, because its training lines contain generated ones.
Where the two disagree and neither is convincing, the span becomes DOUBT and is not learned from.
Example: teacher ``刘永``, network ``刘永好`` with score 0.9 -> ``刘永好``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from piiscan.detect.ner.model.network_numbers import PERSON as PERSON_KIND
from piiscan.detect.ner.model.tagger import Tagger

from .encode import code_points
from .lines import PERSON, Span
from .people import JAPANESE
from .silver import DOUBT, SURNAMES, TRANSLITERATION_HANZI, Silver
from .tables import COMPOUND_SURNAMES

ACCEPT_SCORE = 0.85  # a span of the network alone is a PERSON from this score on
BOUNDARY_SCORE = 0.6  # the network decides the bounds of a name from this score on
MIN_SCORE = 0.35  # spans of the network below this score are ignored
DOTTED = re.compile(r"[·•‧・．﹒]")


def merge_predictions(silver: Sequence[Silver], tagger: Tagger) -> list[Silver]:
    """Merge the persons of teacher and ``tagger`` in the ``silver`` texts; return the texts.

    Spans of other kinds stay unchanged.
    """
    points, offsets = code_points([each.text for each in silver])
    tagged = tagger.spans(points, offsets)
    row = np.searchsorted(offsets, tagged.start, side="right") - 1
    predicted: list[list[tuple[int, int, float]]] = [[] for _ in silver]
    for at, start, end, kind, score in zip(row, *tagged, strict=True):
        if kind == PERSON_KIND and score >= MIN_SCORE:
            base = int(offsets[at])
            predicted[at].append((int(start) - base, int(end) - base, float(score)))
    return [merge_spans(each, spans) for each, spans in zip(silver, predicted, strict=True)]


def merge_spans(silver: Silver, predicted: Sequence[tuple[int, int, float]]) -> Silver:
    """Merge the teacher's persons in one text with the ``predicted`` (start, end, score) spans.

    A person becomes PERSON if both agree or the tagger's score is high, else DOUBT.
    """
    text = silver.text
    merged: list[Span] = []
    for span in silver.spans:
        overlapping = [each for each in predicted if each[0] < span.end and span.start < each[1]]
        if span.kind not in (PERSON, DOUBT):
            merged.append(span)
        elif not overlapping:
            accepted = span.kind == PERSON and looks_like_name(text[span.start : span.end])
            merged.append(span if accepted else Span(span.start, span.end, DOUBT))
        elif len(overlapping) == 1 and overlapping[0][:2] == span[:2]:
            merged.append(Span(span.start, span.end, PERSON))
        elif all(
            score >= BOUNDARY_SCORE and looks_like_name(text[a:b]) for a, b, score in overlapping
        ):
            merged += [Span(a, b, PERSON) for a, b, _ in overlapping]
        else:
            low = min(span.start, *(each[0] for each in overlapping))
            high = max(span.end, *(each[1] for each in overlapping))
            merged.append(Span(low, high, DOUBT))
    for start, end, score in predicted:
        if not any(span.start < end and start < span.end for span in silver.spans):
            merged.append(Span(start, end, PERSON if score >= ACCEPT_SCORE else DOUBT))
    return Silver(text, tuple(drop_overlaps(merged)))


def drop_overlaps(spans: Sequence[Span]) -> list[Span]:
    """Return ``spans`` in order of position, without each span that overlaps an earlier one."""
    merged: list[Span] = []
    for span in sorted(spans):
        if not merged or span.start >= merged[-1].end:
            merged.append(span)
    return merged


def looks_like_name(name: str) -> bool:
    """Return True if ``name`` has the form of a full name: ``张三``, ``欧阳娜娜``, ``罗某``.

    A surname and one or two characters, a dotted name, a court pseudonym, or transliteration Hanzi.
    """
    if DOTTED.search(name) or "某" in name or name[:2] in JAPANESE:
        return True
    if len(name) >= 2 and TRANSLITERATION_HANZI.issuperset(name):
        return True
    surname = 2 if name[:2] in COMPOUND_SURNAMES else 1 if name[:1] in SURNAMES else 0
    return bool(surname) and surname < len(name) <= surname + 2

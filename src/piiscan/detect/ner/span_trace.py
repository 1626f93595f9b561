"""Span trace: the change of each rule to the tagger's spans, for ``explain``.

``王先生``: the tagger's person 王 becomes the form of address 王先生.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from piiscan.arrays import Int64
from piiscan.detect.catalog.recognizer import TAGGED
from piiscan.detect.ner.model.tagger import Spans
from piiscan.detect.ner.name_evidence import evidence_names
from piiscan.detect.ner.name_spans import NameSpans, NameText
from piiscan.detect.ner.span_rules import SPAN_RULES


class NameSpan(NamedTuple):
    """Span of a name in its text: code points ``[start, end)`` and kind (person, address)."""

    start: int
    end: int
    kind: str


class NameChange(NamedTuple):
    """Change by one span rule: the span before and after it.

    ``before`` is None for a span that the rule adds, ``after`` is None for one that it drops.
    ``evidence``: names of what makes an added word a name.
    """

    rule: str
    before: NameSpan | None
    after: NameSpan | None
    evidence: tuple[str, ...] = ()


def trace_span_rules(text: NameText, spans: Spans, position: Int64) -> Iterator[NameChange]:
    """Yield each change by a span rule, in the order of the rules and of the text.

    Proposals that are not added are left out.

    Args:
        text: one text
        spans: its spans by the tagger
        position: index of each code point in the text
    """
    found = NameSpans.of(text, spans)
    proposed_by: dict[NameSpan, tuple[str, tuple[str, ...]]] = {}
    for rule in SPAN_RULES:
        name, changed = rule.name, rule.apply(text, found)
        before, after = _located(found, position), _located(changed, position)
        if len(before) == len(after):
            yield from (
                NameChange(name, old, new)
                for old, new in zip(before, after, strict=True)
                if old != new
            )
        else:
            added = sorted({each for each in after if each is not None} - set(before))
            yield from (
                NameChange(proposed_by[each][0], None, each, proposed_by[each][1]) for each in added
            )
        for begin, stop, _, kind, bits in changed.proposed[len(found.proposed) :]:
            proposed_by.setdefault(
                _locate(begin, stop, kind, position), (name, evidence_names(bits))
            )
        found = changed


def _located(spans: NameSpans, position: Int64) -> list[NameSpan | None]:
    """Return each span in its text, None for a dropped one."""
    rows = zip(spans.begin.tolist(), spans.stop.tolist(), spans.kind.tolist(), strict=True)
    return [_locate(*row, position) if row[1] > row[0] else None for row in rows]


def _locate(begin: int, stop: int, kind: int, position: Int64) -> NameSpan:
    """Return the NameSpan of code points ``[begin, stop)``, moved to their text's positions."""
    return NameSpan(int(position[begin]), int(position[stop - 1]) + 1, TAGGED[kind])

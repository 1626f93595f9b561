"""Explanation page: one explained text as self-contained HTML, or as one JSON object."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.explain import Candidate, Explanation, Rival, Word
from piiscan.detect.ner.span_trace import NameSpan
from piiscan.pages.explanation_text import explanation_text
from piiscan.pages.html import render
from piiscan.pages.sanitize import HIDDEN, DisplayText, clean
from piiscan.wording.words import Language, Words


def render_explanation(
    explanation: Explanation,
    catalog: Catalog,
    *,
    header: str | None,
    as_of: date,
    version: str,
    language: Language = "zh",
    masked: bool = True,
) -> str:
    """Return the explanation as self-contained HTML with every text escaped.

    Values are masked by default.
    """
    words = Words(language, catalog.vocabulary)
    return render(
        Path(__file__).with_suffix(".html"),
        words=words,
        account=explanation_text(explanation, words, header=header, masked=masked),
        masked=masked,
        as_of=as_of.isoformat(),
        version=version,
        digest=catalog.digest,
    )


def explanation_json(
    explanation: Explanation, catalog: Catalog, *, header: str | None, as_of: date
) -> dict[str, Any]:
    """Return the explanation as JSON data in codes; values are clear, passwords null."""
    shown = DisplayText(explanation, masked=False)
    return {
        "text": shown.hide(explanation.text),
        "folded": shown.hide(explanation.folded),
        "label": header,
        "label_names": list(explanation.label.recognizers) if explanation.label else [],
        "as_of": as_of.isoformat(),
        "catalogue": catalog.digest,
        "candidates": [_candidate_json(each, shown) for each in explanation.candidates],
        "name_changes": [
            {
                "rule": change.rule,
                "before": _name_span_json(change.before, shown),
                "after": _name_span_json(change.after, shown),
            }
            for change in explanation.name_changes
        ],
    }


def _name_span_json(span: NameSpan | None, shown: DisplayText) -> Mapping[str, Any] | None:
    """Return a span of the name tagger with its text, which is null inside a secret."""
    if span is None:
        return None
    text = shown.part(span.start, span.end)
    return {**span._asdict(), "text": None if text == HIDDEN else text}


def _candidate_json(candidate: Candidate, shown: DisplayText) -> dict[str, Any]:
    """Return one explained candidate as a JSON object.

    Text, value, steps and attributes are empty for a hidden value.
    """
    rule, value = candidate.recognizer, shown.value(candidate)
    hidden = value == HIDDEN
    steps = [
        {
            "name": step.name,
            "passed": step.passed,
            "values": dict(step.values),
            "rows": {name: list(cells) for name, cells in step.rows},
        }
        for step in candidate.steps
    ]
    return {
        "start": candidate.start,
        "end": candidate.end,
        "entity": rule.entity,
        "recognizer": rule.id,
        "text": None if hidden else clean(candidate.text),
        "value": None if hidden else value,
        "check": rule.check,
        "verdict": candidate.verdict,
        "steps": [] if hidden else steps,
        "context": _word_json(candidate.word, shown),
        "against": _word_json(candidate.against, shown),
        "labelled": candidate.labelled,
        "role": candidate.role,
        "path": [{"stage": stage.name, "score": stage.score} for stage in candidate.score_stages],
        "score": candidate.score,
        "reason": candidate.reason,
        "outcome": candidate.outcome,
        "lost_to": _rival_json(candidate.lost_to),
        "won_over": [_rival_json(each) for each in candidate.won_over],
        "implied": list(candidate.implied),
        "attributes": {} if hidden else dict(candidate.attributes),
    }


def _word_json(word: Word | None, shown: DisplayText) -> Mapping[str, Any] | None:
    """Return a context word with nearness and distance; None without one, or if it is hidden."""
    if word is None or shown.is_word_hidden(word):
        return None
    return {"word": word.word, "nearness": word.nearness, "distance": word.distance}


def _rival_json(rival: Rival | None) -> Mapping[str, Any] | None:
    """Return a rival candidate (recognizer, span, deciding rule) as JSON; None for None."""
    if rival is None:
        return None
    return {
        "recognizer": rival.recognizer.id,
        "start": rival.start,
        "end": rival.end,
        "decided_by": rival.decided_by,
    }

"""One explained text as a self-contained page, or as one JSON object."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.explain import Candidate, Explanation, Rival, Word
from piiscan.pages.explanation_text import account_of
from piiscan.pages.html import render
from piiscan.pages.sanitize import HIDDEN, Shown, clean
from piiscan.pages.wording import Language, Words


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
    """The page as HTML: everything inline, nothing loaded, text escaped; masked unless asked."""
    words = Words(language, catalog.vocabulary)
    return render(
        Path(__file__).with_suffix(".html"),
        words=words,
        account=account_of(explanation, words, header=header, masked=masked),
        masked=masked,
        as_of=as_of.isoformat(),
        version=version,
        digest=catalog.digest,
    )


def explanation_json(
    explanation: Explanation, catalog: Catalog, *, header: str | None, as_of: date
) -> dict[str, Any]:
    """The explanation in codes; values are clear, those of credentials and their like null."""
    shown = Shown(explanation, masked=False)
    return {
        "text": shown.cover(explanation.text),
        "folded": shown.cover(explanation.folded),
        "label": header,
        "label_names": list(explanation.label.recognizers) if explanation.label else [],
        "as_of": as_of.isoformat(),
        "catalogue": catalog.digest,
        "candidates": [_candidate(each, shown) for each in explanation.candidates],
    }


def _candidate(candidate: Candidate, shown: Shown) -> dict[str, Any]:
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
        "context": _word(candidate.word, shown),
        "against": _word(candidate.against, shown),
        "labelled": candidate.labelled,
        "role": candidate.role,
        "path": [{"stage": stage.name, "score": stage.score} for stage in candidate.path],
        "score": candidate.score,
        "reason": candidate.reason,
        "outcome": candidate.outcome,
        "lost_to": _rival(candidate.lost_to),
        "won_over": [_rival(each) for each in candidate.won_over],
        "implied": list(candidate.implied),
        "attributes": {} if hidden else dict(candidate.attributes),
    }


def _word(word: Word | None, shown: Shown) -> Mapping[str, Any] | None:
    if word is None or shown.is_word_hidden(word):
        return None
    return {"word": word.word, "nearness": word.nearness, "distance": word.distance}


def _rival(rival: Rival | None) -> Mapping[str, Any] | None:
    if rival is None:
        return None
    return {
        "recognizer": rival.recognizer.id,
        "start": rival.start,
        "end": rival.end,
        "decided_by": rival.decided_by,
    }

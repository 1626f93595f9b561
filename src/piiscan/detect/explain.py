"""Explanation of a text: each candidate with folding, check steps, context, score and outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from unicodedata import category

import numpy as np
import pyarrow as pa

from piiscan.detect.arithmetic.check_steps import Step
from piiscan.detect.attributes import attributes
from piiscan.detect.catalog.column import Column
from piiscan.detect.catalog.headers import Label
from piiscan.detect.catalog.recognizer import Recognizer
from piiscan.detect.checks import load_check
from piiscan.detect.context.context_numbers import (
    FAR_LABEL,
    KEYED,
    LABEL,
    NEAR,
    NEAREST,
    WINDOW,
    WINDOW_AFTER,
)
from piiscan.detect.context.separators import SEPARATORS
from piiscan.detect.engine import Engine
from piiscan.detect.matching.alphabet import SKIP, base_char
from piiscan.detect.matching.batch import TextBatch
from piiscan.detect.matching.fold import fold_texts
from piiscan.detect.ner.span_trace import NameChange
from piiscan.detect.results.found_table import build_found_table
from piiscan.detect.scoring.overlap_resolution import Resolved
from piiscan.detect.scoring.priority import deciding_part
from piiscan.detect.scoring.trace import ScoreStage, trace_name_score, trace_score

#: Characters of list separators.
_SEPARATOR_CHARS: Final = frozenset("".join(SEPARATORS) + " ")
#: Nearness of a context word, as explanations name it.
_NEARNESS: Final = {
    NEAR: "near",
    NEAREST: "nearest",
    LABEL: "direct",
    FAR_LABEL: "behind_another",
    KEYED: "direct",
}


@dataclass(frozen=True, slots=True)
class Word:
    """Context word of a candidate, its position and its nearness.

    Attributes:
        word: the word, or the separator of a list
        nearness: direct, nearest, near, behind_another, against, or list for a separator
        start: code point at which the word starts, None if it cannot be located
        distance: number of characters between word and candidate, below 0 if the word follows
        account: span of the account before a separator
    """

    word: str
    nearness: str
    start: int | None
    distance: int | None
    account: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Rival:
    """The other candidate of an overlap, and the part of the priorities that decided it."""

    recognizer: Recognizer
    start: int
    end: int
    decided_by: str


@dataclass(frozen=True, slots=True, repr=False)
class Candidate:
    """A candidate with its check, context, score and outcome; its repr shows no value.

    ``outcome``: found, low (below the lowest score reported), lost or refused.  ``lost_to`` is the
    candidate that won its place, ``won_over`` are those that lost to it.
    """

    recognizer: Recognizer
    start: int
    end: int
    text: str
    value: str
    verdict: str  # verified | plausible | refuted
    reason: str | None
    word: Word | None
    against: Word | None
    labelled: bool
    role: str | None
    score_stages: tuple[ScoreStage, ...]
    steps: tuple[Step, ...]
    attributes: Mapping[str, str | int]
    score: float
    outcome: str
    lost_to: Rival | None
    won_over: tuple[Rival, ...]
    implied: tuple[str, ...]  # recognizers whose value the leading digits are


@dataclass(frozen=True, slots=True, repr=False)
class Explanation:
    """Candidates of one text, in text order; ``folded`` is the text as the matcher reads it.

    ``name_changes``: what the span rules changed of the name tagger's spans.
    """

    text: str
    folded: str
    label: Label | None
    candidates: tuple[Candidate, ...]
    name_changes: tuple[NameChange, ...] = ()


def explain(
    engine: Engine, text: str, label: Label | None = None, *, min_score: float = 0.5
) -> Explanation:
    """Explain every candidate in ``text``, refused and superseded ones included.

    ``label``: label of the column, None for running text.  ``min_score``: lowest score reported.
    """
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    plain = "".join(map(_compared_char, text))
    found: list[Candidate] = []
    column = engine.column(label)
    for resolved in engine.resolve_one(text, column):
        rows = build_found_table(
            resolved, None, column, engine.compiled.results, 0, 0.0, rejected=True
        ).to_pylist()
        # The order of the table: by start, end and recognizer.
        keys = resolved.candidates
        order = np.lexsort((keys.recognizer, keys.end, keys.start)).tolist()
        view = _View(engine, resolved, plain, column, min_score)
        found += [_candidate(view, at, row) for at, row in zip(order, rows, strict=True)]
    found.sort(key=lambda each: (each.start, each.end))
    changes = engine.trace_names(text, column)
    return Explanation(text, _folded(engine, text), label, tuple(found), changes)


@dataclass(frozen=True, slots=True, repr=False)
class _View:
    """Resolved spans of a text, with the settings needed to explain them."""

    engine: Engine
    resolved: Resolved
    plain: str
    column: Column
    min_score: float

    def rule(self, at: int) -> Recognizer:
        """Return the recognizer that found candidate number ``at``."""
        return self.engine.catalog.recognizers[int(self.resolved.candidates.recognizer[at])]

    def rival(self, at: int, winner: int, loser: int) -> Rival:
        """Describe candidate ``at`` as rival in an overlap, with the priority part that decided."""
        priority, span_offsets = self.resolved.scores.priority, self.resolved.offsets
        why = deciding_part(int(priority[winner]), int(priority[loser]))
        return Rival(self.rule(at), int(span_offsets.start[at]), int(span_offsets.end[at]), why)


def _candidate(view: _View, at: int, row: Mapping[str, Any]) -> Candidate:
    """Build the explanation of candidate ``at`` from its row in the FOUND table."""
    resolved, rule = view.resolved, view.rule(at)
    winner, score = int(resolved.winner[at]), float(resolved.scores.score[at])
    reasons = view.engine.compiled.results.dictionaries.reasons
    reason = reasons[int(resolved.scores.reason[at])].as_py() or None
    own_label = bool(view.column.labelled[resolved.candidates.recognizer[at]])
    day, context = view.engine.as_of, resolved.annotated.context
    losers = np.flatnonzero((resolved.winner == at) & (np.arange(len(resolved.winner)) != at))
    outcome = "found" if score >= view.min_score else "low"
    if winner != at:
        outcome = "lost" if winner >= 0 else "refused"
    listed = {(each["recognizer"], each["start"]) for each in row["alternatives"]}
    lost = {(view.rule(i).id, int(resolved.offsets.start[i])) for i in losers.tolist()}
    steps = load_check(rule.check).steps if rule.check else None
    as_of = day.year * 10000 + day.month * 100 + day.day
    return Candidate(
        rule,
        row["start"],
        row["end"],
        row["text"],
        row["value"],
        row["verdict"],
        reason,
        None if own_label else _locate_word(view, at, context.word[at], context.nearness[at]),
        None if own_label else _locate_word(view, at, context.against[at], None),
        own_label,
        row["role"],
        _score_trace(view, at, own_label=own_label),
        steps(row["value"], as_of=as_of).steps if steps else (),
        attributes(rule.entity, rule.id, row["value"], as_of=day),
        score,
        outcome,
        view.rival(winner, winner, at) if outcome == "lost" else None,
        tuple(view.rival(loser, at, loser) for loser in losers.tolist()),
        tuple(sorted(name for name, start in listed - lost)),
    )


def _score_trace(view: _View, at: int, *, own_label: bool) -> tuple[ScoreStage, ...]:
    """Return the stages of candidate ``at``'s score, from base score to cap or refusal."""
    resolved = view.resolved
    if resolved.tagged:
        return trace_name_score(
            int(resolved.annotated.context.nearness[at]),
            float(resolved.scores.score[at]),
            own_label=own_label,
        )
    return trace_score(
        int(view.engine.compiled.scoring.base_level[resolved.candidates.recognizer[at]]),
        int(resolved.validated.judgement.strength[at]),
        int(resolved.annotated.context.nearness[at]),
        int(resolved.validated.judgement.verdict[at]),
        float(resolved.scores.score[at]),
        own_label=own_label,
    )


def _locate_word(view: _View, at: int, number: int, nearness: int | None) -> Word | None:
    """Locate context word ``number`` near candidate ``at``; None if ``number`` is -1."""
    if number < 0:
        return None
    start, end = int(view.resolved.offsets.start[at]), int(view.resolved.offsets.end[at])
    context = view.engine.compiled.context
    words = context.words.words
    if number >= context.first_value_name:
        name = context.value_names.names[number - context.first_value_name]
        return _locate_name(view, start, name, against=nearness is None)
    if number >= len(words):
        begin, separator_start = _account_span(view, start)
        return Word(
            SEPARATORS[number - len(words)], "list", separator_start, None, (begin, separator_start)
        )
    word = words[number]
    level = _NEARNESS.get(int(nearness), "near") if nearness is not None else "against"
    spelled = "".join(map(_compared_char, word))
    place = view.plain.rfind(spelled, max(0, start - WINDOW - len(word)), start)
    if place >= 0:
        return Word(word, level, place, start - place - len(word))
    place = view.plain.find(spelled, end, end + WINDOW_AFTER + len(word))
    return (
        Word(word, level, place, end - place - 1) if place >= 0 else Word(word, level, None, None)
    )


def _locate_name(view: _View, start: int, name: str, *, against: bool) -> Word:
    """Locate the column ``name`` before the value at ``start``."""
    spelled, level = "".join(map(_compared_char, name)), "against" if against else "direct"
    place = view.plain.rfind(spelled, 0, start)
    return (
        Word(name, level, place, start - place - len(name))
        if place >= 0
        else Word(name, level, None, None)
    )


def _account_span(view: _View, start: int) -> tuple[int, int]:
    """Return the span of the account before the list field at ``start``, in code points."""
    text, span_offsets = view.plain, view.resolved.offsets
    end = start
    while end and (text[end - 1] in _SEPARATOR_CHARS or category(text[end - 1]) == "Cf"):
        end -= 1
    begin = int(span_offsets.start[span_offsets.end == end].min(initial=end))
    while begin and (begin == end or text[begin - 1].isalnum()):
        begin -= 1
    return begin, end


def _compared_char(char: str) -> str:
    """Return a character, folded and in lower case, to compare with context words: ``Ａ -> a``."""
    low = base_char(char).lower()
    return low if len(low) == 1 else char


def _folded(engine: Engine, text: str) -> str:
    """Return the text as the matcher reads it, with ∅ for zero-width characters."""
    texts = TextBatch.of(pa.array([text], pa.string()))
    codes, *_ = fold_texts(texts.data, texts.offsets, engine.compiled.matching.alphabet.table)
    return "".join(
        "∅" if code == SKIP else base_char(char)
        for char, code in zip(text, codes[1:-1].tolist(), strict=True)
    )

"""Name finder: persons, addresses and organisations in the parts of a text that no pattern matched.

``张三住在示例路1号`` -> 张三 (person), 示例路1号 (address).  The spans of patterns are resolved
first and hidden from the name tagger, so the two never overlap.  The tagger reads equal texts (the
cells of a column) once, because its spans depend on the text alone.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from piiscan.arrays import Bool, Float64, Int8, Int16, Int64, UInt8
from piiscan.bundles import empty_rows
from piiscan.detect.catalog.column import Column
from piiscan.detect.catalog.headers import Label
from piiscan.detect.catalog.recognizer import TAGGED, Recognizer
from piiscan.detect.checks import REASON, Judgement, Verdict
from piiscan.detect.context.annotate import Annotated
from piiscan.detect.context.context_kernels import LABEL
from piiscan.detect.context.context_words import Context
from piiscan.detect.matching.matcher import Candidates
from piiscan.detect.ner.masked_names import are_masked
from piiscan.detect.ner.model.tagger import ADDRESS, Spans, Tagger
from piiscan.detect.ner.model_input import ModelInput, claimed_positions
from piiscan.detect.ner.name_spans import NameText
from piiscan.detect.ner.span_rules import apply_span_rules
from piiscan.detect.ner.span_trace import NameChange, trace_span_rules
from piiscan.detect.scoring.candidate_score import CandidateScores, Scored
from piiscan.detect.scoring.isolated import IsolatedSpans
from piiscan.detect.scoring.overlap_resolution import Resolved
from piiscan.detect.scoring.score_kernels import (
    HIGH_LEVEL,
    LABELLED,
    LOW,
    REFUSED,
    REFUTED_LABELLED,
    SCORE_WITH_WORD,
)
from piiscan.errors import CatalogError
from piiscan.jit import inner, kernel

#: Characters from which a number in a cell is a finding of its own.
_MIN_NUMBER: Final = 7
_REFUTED: Final = int(Verdict.REFUTED)
_AGAINST: Final = REASON["CONTEXT_AGAINST"]
_WITH_LABEL: Final = float(SCORE_WITH_WORD[HIGH_LEVEL])
#: Kinds of other columns whose cells may name a person; goods and amounts do not.
_NAME_BEARING: Final = frozenset({"account", "employer"})


@dataclass(frozen=True, slots=True)
class NameTables:
    """Recognizers that concern the name tagger, by number.

    Attributes:
        tagged: recognizer of each kind of span that the tagger finds, -1 for none
        taggable: ``bool[recognizer]``, True for the recognizers in ``tagged``
        alike: ``bool[recognizer]``, True for all recognizers of their entities
        whole_cell: those of them that match whole cells
        masked_person: ``bool[recognizer]``, True for masked personal names (``张*``)
        kind: ``uint8[256]``, kind of each folded byte
    """

    tagged: Int16
    taggable: Bool
    alike: Bool
    whole_cell: Bool
    masked_person: Bool
    kind: UInt8

    @classmethod
    def of(cls, recognizers: Sequence[Recognizer], kind: UInt8) -> NameTables:
        """Collect the recognizers.  Raise CatalogError if two claim one kind of span."""
        persons = {r.id for r in recognizers if r.tagged == "person"}
        taggable = np.array([r.tagged is not None for r in recognizers], np.bool_)
        entities = {r.entity for r in recognizers if r.tagged is not None}
        return cls(
            tagged=_recognizers_by_tag(recognizers),
            taggable=taggable,
            alike=np.array([r.entity in entities for r in recognizers], np.bool_),
            whole_cell=taggable & np.array([r.whole_cell for r in recognizers], np.bool_),
            masked_person=np.array(
                [r.entity == "MASKED" and bool({*r.like} & persons) for r in recognizers], np.bool_
            ),
            kind=kind,
        )


def _recognizers_by_tag(recognizers: Sequence[Recognizer]) -> Int16:
    """Return the recognizer number of each name-tagger kind: int16[kinds], -1 for none.

    Raise CatalogError if two recognizers claim one kind.
    """
    found = np.full(len(TAGGED), -1, np.int16)
    for number, recognizer in enumerate(recognizers):
        if recognizer.tagged is not None:
            kind = TAGGED.index(recognizer.tagged)
            if found[kind] >= 0:
                other = recognizers[found[kind]].id
                raise CatalogError("rule.tagged_twice", file=recognizer.file, other=other)
            found[kind] = number
    return found


class TaggedNames(NamedTuple):
    """Spans of the name tagger: candidates, confidence, and True for masked names (李*)."""

    candidates: Candidates
    confidence: Float64
    masked: Bool


def may_contain_names(label: Label | None) -> bool:
    """Return True if the name tagger should read the cells of a column with this label."""
    if label is None:
        return True
    return not label.parts and (label.other is None or label.other in _NAME_BEARING)


def refuse_mixed_cells(scored: Scored, column: Column, tables: NameTables) -> Scored:
    """Refuse name and address candidates that fill a cell with a number in it (MIXED_CELL).

    ``示例路1号 13800138000`` -> the address is refused as a whole, so that the tagger can read the
    cell without the number.  Return the candidates with their new scores.
    """
    if not column.is_labelled:
        return scored
    candidates, scores = scored.annotated.validated.candidates, scored.scores
    whole = np.flatnonzero((tables.whole_cell & column.labelled)[candidates.recognizer])
    if not len(whole):
        return scored
    number = ~tables.alike[candidates.recognizer] & (scores.score >= REFUTED_LABELLED)
    number &= candidates.end - candidates.start >= _MIN_NUMBER
    rows = np.flatnonzero(number)
    at = np.searchsorted(candidates.start[whole], candidates.start[rows], "right") - 1
    containing = whole[np.maximum(at, 0)]
    inside = (at >= 0) & (candidates.end[rows] <= candidates.end[containing])
    mixed = containing[inside]
    if not len(mixed):
        return scored
    score, reason, refused = scores.score.copy(), scores.reason.copy(), scores.refused.copy()
    score[mixed], reason[mixed], refused[mixed] = 0.0, REASON["MIXED_CELL"], True
    return dataclasses.replace(
        scored, scores=scores._replace(score=score, reason=reason, refused=refused)
    )


def find_names(
    resolved: Resolved, isolated: IsolatedSpans | None, column: Column, tables: NameTables
) -> TaggedNames | None:
    """Return the name tagger's spans outside the pattern spans of a chunk; None if there is none.

    ``resolved``, ``isolated``: pattern spans of the chunk, None for no isolated ones.
    """
    model_input = _model_input(resolved, isolated, column, tables)
    if model_input is None:
        return None
    starts = resolved.validated.chunk.texts.starts
    return _tag_texts(model_input, starts, column.labelled, tables)


def _model_input(
    resolved: Resolved, isolated: IsolatedSpans | None, column: Column, tables: NameTables
) -> ModelInput | None:
    """Return the texts that the tagger reads; None if the column or the texts have no names."""
    if not (may_contain_names(column.label) and tables.taggable.any()):
        return None
    chunk = resolved.validated.chunk
    claimed = claimed_positions(resolved, isolated, len(chunk.folded))
    return ModelInput.of(chunk, claimed, tables.kind)


def _tag_texts(
    model_input: ModelInput, starts: Int64, labelled: Bool, tables: NameTables
) -> TaggedNames | None:
    """Return the name tagger's spans in a chunk; None if there is none.

    Args:
        model_input: distinct texts of the chunk
        starts: code point at which each text starts in the folded text
        labelled: ``bool[recognizer]``, True if the column's label names it
    """
    text = _name_text(model_input, tables, labelled)
    spans = apply_span_rules(text, _read_spans(text))
    if not len(spans):
        return None
    names = _Names(spans.begin, spans.stop, spans.kind, spans.score, are_masked(text, spans))
    first = np.empty(len(model_input.offsets), np.int64)
    texts = _Texts(model_input.text, model_input.distinct, model_input.position, starts)
    count = _count_names(names, model_input.offsets, texts.distinct, tables.tagged, first)
    if not count:
        return None
    found = TaggedNames(
        empty_rows(Candidates, count), np.empty(count, np.float64), np.empty(count, np.bool_)
    )
    _repeat_names(names, first, texts, tables.tagged, found)
    return found


class _Names(NamedTuple):
    """Spans in the distinct texts: code points ``[begin, stop)``, kind, score, hidden or not."""

    begin: Int64
    stop: Int64
    kind: Int8
    score: Float64
    masked: Bool


class _Texts(NamedTuple):
    """Texts to read, the distinct text of each, and positions: see :class:`ModelInput`.

    ``starts``: code point at which each text of the chunk starts in the folded text.
    """

    text: Int64
    distinct: Int64
    position: Int64
    starts: Int64


@inner
def _is_name(names: _Names, row: int, tagged: Int16) -> bool:  # pragma: no cover - compiled
    """Return True if span ``row`` was not dropped, and a recognizer reports its kind."""
    return bool(names.stop[row] > names.begin[row] and tagged[names.kind[row]] >= 0)


@kernel
def _count_names(
    names: _Names, offsets: Int64, distinct: Int64, tagged: Int16, first: Int64
) -> int:  # pragma: no cover - compiled
    """Count the names of all texts, and write the first span of each distinct text to ``first``.

    ``offsets``: code point at which each distinct text starts.  ``distinct``: see :class:`_Texts`.
    """
    row = 0
    for number in range(len(offsets)):
        while row < len(names.begin) and names.begin[row] < offsets[number]:
            row += 1
        first[number] = row
    count = 0
    for number in range(len(distinct)):
        for row in range(first[distinct[number]], first[distinct[number] + 1]):
            count += _is_name(names, row, tagged)
    return count


@kernel
def _repeat_names(
    names: _Names, first: Int64, texts: _Texts, tagged: Int16, out: TaggedNames
) -> None:  # pragma: no cover - compiled
    """Write the names of each distinct text for every text that is equal to it.

    ``first``: index of the first span of each distinct text.
    """
    found, at = out.candidates, 0
    for number in range(len(texts.text)):
        base = texts.starts[texts.text[number]]
        distinct = texts.distinct[number]
        for row in range(first[distinct], first[distinct + 1]):
            if not _is_name(names, row, tagged):
                continue
            found.recognizer[at] = tagged[names.kind[row]]
            found.start[at] = base + texts.position[names.begin[row]]
            found.end[at] = base + texts.position[names.stop[row] - 1] + 1
            found.leading_digits[at] = 0
            out.confidence[at] = np.rint(names.score[row] * 1000) / 1000
            out.masked[at] = names.masked[row]
            at += 1


def _name_text(model_input: ModelInput, tables: NameTables, labelled: Bool) -> NameText:
    """Return the texts that the span rules read; ``labelled``: ``bool[recognizer]``."""
    address = tables.tagged[ADDRESS]
    is_address_column = address >= 0 and bool(labelled[address])
    return NameText(model_input.codes, model_input.offsets, model_input.taken, is_address_column)


def _read_spans(text: NameText) -> Spans:
    """Return the spans of the name tagger."""
    return Tagger.load().spans(text.codes, text.offsets, taken=text.taken)


def raise_masked_names(resolved: Resolved, names: TaggedNames, tables: NameTables) -> Resolved:
    """Raise the score of masked names (李*) where the tagger reads a person too.

    ``names``: the tagger's masked names.  Return the candidates with their new scores; only
    low-scoring winners change.
    """
    if not len(names.masked) or not len(resolved):
        return resolved
    winners = resolved.winner == np.arange(len(resolved))
    winners &= tables.masked_person[resolved.candidates.recognizer]
    rows = np.flatnonzero(winners & (resolved.scores.score < REFUTED_LABELLED))
    spans = names.candidates
    at = np.searchsorted(spans.start, resolved.candidates.end[rows], "left") - 1
    overlapping = (at >= 0) & (spans.end[np.maximum(at, 0)] > resolved.candidates.start[rows])
    rows, at = rows[overlapping], at[overlapping]
    if not len(rows):
        return resolved
    score = resolved.scores.score.copy()
    score[rows] = np.maximum(score[rows], names.confidence[at])
    scored = dataclasses.replace(resolved.scored, scores=resolved.scores._replace(score=score))
    return dataclasses.replace(resolved, scored=scored)


def trace_names(
    resolved: Resolved, isolated: IsolatedSpans | None, column: Column, tables: NameTables
) -> tuple[NameChange, ...]:
    """Return what the span rules change of the tagger's spans in a chunk of one text.

    ``resolved``, ``isolated``: pattern spans of the chunk, before names raise their scores.
    """
    model_input = _model_input(resolved, isolated, column, tables)
    if model_input is None:
        return ()
    text = _name_text(model_input, tables, column.labelled)
    return tuple(trace_span_rules(text, _read_spans(text), model_input.position))


class _AnnotatedNames(NamedTuple):
    """Annotated spans of the tagger as arrays."""

    recognizer: Int16
    judgement: Judgement
    context: Context


@kernel
def _score_names(
    annotated: _AnnotatedNames,
    confidence: Float64,
    labelled: Bool,
    out: CandidateScores,
    winner: Int64,
) -> None:  # pragma: no cover - compiled
    """Write the scores of names, and to ``winner`` each name itself unless it is refused."""
    verdict, check_reason, _ = annotated.judgement
    for row in range(len(confidence)):
        score, reason = confidence[row], 0
        own_label = labelled[annotated.recognizer[row]]
        direct = annotated.context.nearness[row] == LABEL
        if score >= LOW:
            if own_label:
                score = LABELLED
            elif direct:
                score = max(score, _WITH_LABEL)
        if annotated.context.against[row] >= 0 and not direct and not own_label:
            score, reason = min(score, LOW), _AGAINST
        refused = verdict[row] == _REFUTED
        if refused:
            score, reason = 0.0, check_reason[row]
        out.score[row] = score
        out.reason[row] = reason
        out.refused[row] = refused
        out.priority[row] = 0
        winner[row] = REFUSED if refused else row


def score_names(annotated: Annotated, confidence: Float64, column: Column) -> Resolved:
    """Score the tagger's spans by confidence, label, context words and checks.

    They overlap neither each other nor the spans of patterns, so each one that is not refused wins.
    """
    names = _AnnotatedNames(
        annotated.validated.candidates.recognizer, annotated.validated.judgement, annotated.context
    )
    scores = empty_rows(CandidateScores, len(confidence))
    winner = np.empty(len(confidence), np.int64)
    _score_names(names, confidence, column.labelled, scores, winner)
    return Resolved(Scored(annotated, scores), winner, tagged=True)

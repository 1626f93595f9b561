"""Name finder: persons, addresses and organisations in the parts of a text that no pattern matched.

``张三住在示例路1号`` -> 张三 (person), 示例路1号 (address).  The spans of patterns are resolved
first and hidden from the name tagger, so the two never overlap.  The tagger reads equal texts (the
cells of a column) once, because its spans depend on the text alone.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Bool, Float64, Int16, Int64
from piiscan.detect.catalog.headers import Label
from piiscan.detect.checks import REASON, Judgement, Verdict
from piiscan.detect.compiled_catalog import CompiledCatalog
from piiscan.detect.context import context_words
from piiscan.detect.context.roles import find_roles
from piiscan.detect.matching.batch import Chunk
from piiscan.detect.matching.matcher import Candidates
from piiscan.detect.matching.offsets import locate
from piiscan.detect.ner.masked_names import are_masked
from piiscan.detect.ner.model.tagger import ADDRESS, Spans, Tagger
from piiscan.detect.ner.model_input import ModelInput, claimed_positions
from piiscan.detect.ner.name_spans import NameText
from piiscan.detect.ner.span_rules import apply_span_rules
from piiscan.detect.ner.span_trace import NameChange, trace_span_rules
from piiscan.detect.results.resolved import ResolvedSpans
from piiscan.detect.scoring.candidate_score import (
    LABELLED,
    LOW,
    REFUTED_LABELLED,
    SCORE_WITH_WORD,
    CandidateScores,
)
from piiscan.detect.scoring.isolated import IsolatedSpans
from piiscan.detect.scoring.overlap_resolution import REFUSED
from piiscan.detect.validation.allow_list import apply_allow_lists
from piiscan.detect.validation.canonical_values import validate_candidates

#: Characters from which a number in a cell is a finding of its own.
_MIN_NUMBER: Final = 7
#: Kinds of other columns whose cells may name a person; goods and amounts do not.
_NAME_BEARING: Final = frozenset({"account", "employer"})


def may_contain_names(label: Label | None) -> bool:
    """Return True if the name tagger should read the cells of a column with this label."""
    if label is None:
        return True
    return not label.parts and (label.other is None or label.other in _NAME_BEARING)


def drop_mixed_cells(
    candidates: Candidates, scores: CandidateScores, compiled: CompiledCatalog, own_rules: Bool
) -> None:
    """Refuse name and address candidates that fill a cell with a number in it (MIXED_CELL).

    ``示例路1号 13800138000`` -> the address is refused as a whole, so that the tagger can read the
    cell without the number.  Changes ``scores`` in place.

    Args:
        candidates: all candidates of a chunk, ordered by start
        scores: their scores
        own_rules: ``bool[recognizer]``, True if the column's label names it
    """
    taggable = np.zeros(len(own_rules), np.bool_)
    taggable[compiled.tagged[compiled.tagged >= 0]] = True
    whole = np.flatnonzero((taggable & own_rules & compiled.whole_cell)[candidates.recognizer])
    if not len(whole):
        return
    number = ~taggable[candidates.recognizer] & (scores.score >= REFUTED_LABELLED)
    number &= candidates.end - candidates.start >= _MIN_NUMBER
    rows = np.flatnonzero(number)
    at = np.searchsorted(candidates.start[whole], candidates.start[rows], "right") - 1
    containing = whole[np.maximum(at, 0)]
    inside = (at >= 0) & (candidates.end[rows] <= candidates.end[containing])
    scores.refused[containing[inside]] = True
    scores.score[containing[inside]] = 0.0
    scores.reason[containing[inside]] = REASON["MIXED_CELL"]


def _tag_chunk(
    model_input: ModelInput, starts: Int64, tagged: Int16, own_rules: Bool
) -> tuple[Candidates, Float64, Bool]:
    """Return the name tagger's spans in a chunk, their scores, and the mask of masked names.

    Args:
        model_input: distinct texts of the chunk
        starts: code point at which each text starts in the folded text
        tagged: recognizer number of each kind of span, -1 for none
        own_rules: ``bool[recognizer]``, True if the column's label names it
    """
    text = _name_text(model_input, tagged, own_rules)
    spans = apply_span_rules(text, _read_spans(text))
    kept = np.flatnonzero((spans.stop > spans.begin) & (tagged[spans.kind] >= 0))
    begin, stop, kind, score = (
        each[kept] for each in (spans.begin, spans.stop, spans.kind, spans.score)
    )
    start, end = model_input.position[begin], model_input.position[stop - 1] + 1
    # Repeat the spans of each distinct text for every equal text.
    first_span = np.searchsorted(begin, model_input.offsets)
    counts = np.diff(first_span)[model_input.distinct]
    row = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    row += np.repeat(first_span[:-1][model_input.distinct], counts)
    base = np.repeat(starts[model_input.text], counts)
    leading_digits = np.zeros(len(row), np.uint8)
    found = Candidates(tagged[kind[row]], base + start[row], base + end[row], leading_digits)
    masked = are_masked(text, spans)[kept]
    return found, np.round(score[row].astype(np.float64), 3), masked[row]


def _name_text(model_input: ModelInput, tagged: Int16, own_rules: Bool) -> NameText:
    """Return the texts that the span rules read."""
    is_address_column = tagged[ADDRESS] >= 0 and bool(own_rules[tagged[ADDRESS]])
    return NameText(model_input.codes, model_input.offsets, model_input.taken, is_address_column)


def _read_spans(text: NameText) -> Spans:
    """Return the spans of the name tagger."""
    return Tagger.load().spans(text.codes, text.offsets, taken=text.taken)


def _raise_masked_names(
    resolved: ResolvedSpans, spans: Candidates, confidence: Float64, compiled: CompiledCatalog
) -> None:
    """Raise the score of masked names (李*) where the tagger reads a person too.

    Changes only low-scoring winners, in place.  ``spans`` and ``confidence`` are the tagger's
    masked names and their scores.
    """
    if not len(spans.start):
        return
    winners = resolved.winner == np.arange(len(resolved.winner))
    winners &= compiled.masked_person[resolved.candidates.recognizer]
    rows = np.flatnonzero(winners & (resolved.scores.score < REFUTED_LABELLED))
    at = np.searchsorted(spans.start, resolved.candidates.end[rows], "left") - 1
    overlapping = (at >= 0) & (spans.end[np.maximum(at, 0)] > resolved.candidates.start[rows])
    rows, at = rows[overlapping], at[overlapping]
    resolved.scores.score[rows] = np.maximum(resolved.scores.score[rows], confidence[at])


def find_names(
    chunk: Chunk,
    resolved: ResolvedSpans,
    isolated: IsolatedSpans,
    compiled: CompiledCatalog,
    day: int,
) -> ResolvedSpans | None:
    """Return the name tagger's spans outside the pattern spans of a chunk; None if there are none.

    Raise the scores in ``resolved`` of masked names (李*) that the tagger confirms.

    Args:
        chunk: texts, folded and raw
        resolved, isolated: pattern spans of the chunk
        compiled: compiled catalogue
        day: last possible birth date, as the number YYYYMMDD
    """
    own_rules = resolved.rules.own_label
    claimed = claimed_positions(resolved, isolated, len(chunk.folded))
    model_input = ModelInput.of(chunk, claimed, compiled.alphabet.kind)
    if model_input is None:
        return None
    candidates, confidence, masked = _tag_chunk(
        model_input, chunk.starts, compiled.tagged, own_rules
    )
    _raise_masked_names(resolved, candidates.take(masked), confidence[masked], compiled)
    candidates, confidence = candidates.take(~masked), confidence[~masked]
    if not len(candidates.start):
        return None
    spans = candidates.start, candidates.end
    span_offsets = locate(chunk.layout, *spans)
    values, judgement = validate_candidates(chunk.folded, candidates, compiled, day)
    apply_allow_lists(chunk.data, candidates, span_offsets, judgement, compiled)
    context = context_words.find_context(
        chunk.folded, chunk.data, chunk.offsets, candidates, span_offsets, chunk.word_ends,
        own_rules, compiled.context_words, compiled.alphabet,
    )  # fmt: skip
    scores = _score_names(confidence, judgement, context, own_rules[candidates.recognizer])
    winner = np.where(scores.refused, REFUSED, np.arange(len(confidence)))
    role = find_roles(
        chunk.folded, chunk.data, chunk.offsets, chunk.starts, chunk.word_ends, candidates,
        span_offsets, compiled.role_words, compiled.role_end_pairs, compiled.alphabet,
    )  # fmt: skip
    return ResolvedSpans(
        chunk.data, candidates, span_offsets, values, judgement, context, scores, winner, role,
        resolved.rules, resolved.other_label, tagged=True,
    )  # fmt: skip


def trace_names(
    chunk: Chunk, resolved: ResolvedSpans, isolated: IsolatedSpans, compiled: CompiledCatalog
) -> tuple[NameChange, ...]:
    """Return what the span rules change of the tagger's spans in a chunk of one text.

    Args:
        chunk: the text, folded and raw
        resolved, isolated: pattern spans of the chunk, before names raise their scores
        compiled: compiled catalogue
    """
    claimed = claimed_positions(resolved, isolated, len(chunk.folded))
    model_input = ModelInput.of(chunk, claimed, compiled.alphabet.kind)
    if model_input is None:
        return ()
    text = _name_text(model_input, compiled.tagged, resolved.rules.own_label)
    return tuple(trace_span_rules(text, _read_spans(text), model_input.position))


def _score_names(
    confidence: Float64, judgement: Judgement, context: context_words.Context, own_label: Bool
) -> CandidateScores:
    """Score the tagger's spans by confidence, label, context words and checks.

    Args:
        confidence: confidence of the tagger
        judgement: verdicts of the checks
        context: context words of each span
        own_label: True for spans whose recognizer the column's label names
    """
    direct = context.nearness == context_words.LABEL
    labelled = np.where(
        own_label,
        LABELLED,
        np.where(direct, np.maximum(confidence, SCORE_WITH_WORD[3]), confidence),
    )
    score = np.where(confidence >= LOW, labelled, confidence)
    against = (context.against >= 0) & ~direct & ~own_label
    score[against] = np.minimum(score[against], LOW)
    reason = np.where(against, REASON["CONTEXT_AGAINST"], 0).astype(np.int16)
    refused = judgement.verdict == Verdict.REFUTED
    score[refused], reason[refused] = 0.0, judgement.reason[refused]
    return CandidateScores(score, reason, refused, np.zeros(len(confidence), np.int64))

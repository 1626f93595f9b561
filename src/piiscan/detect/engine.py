"""Detection engine: read a batch of texts and return a FOUND table of the findings.

The scan of a case and the Presidio recognizer call the same engine. It processes a few megabytes of
text at a time, which bounds its memory, and every stage works on arrays:

    fold -> match -> validate -> locate -> context -> score -> resolve overlaps -> names

    手机13800138000 -> entity CN_MOBILE, start 2, end 13, value 13800138000
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
import pyarrow as pa

from piiscan.arrays import Bool, Int64, UInt8
from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.catalog.headers import OTHER_NUMBERS, Label
from piiscan.detect.checks import Verdict
from piiscan.detect.compiled_catalog import CompiledCatalog, compile_catalog
from piiscan.detect.context import context_words
from piiscan.detect.context.credential_lists import ListFields, find_list_fields
from piiscan.detect.context.roles import find_roles
from piiscan.detect.context.surroundings import check_surroundings
from piiscan.detect.matching.alphabet import KIND_BREAK, KIND_OTHER
from piiscan.detect.matching.automaton import Automaton
from piiscan.detect.matching.batch import CHUNK_BYTES, Chunk, TextBatch
from piiscan.detect.matching.matcher import Candidates, match, merge_candidates
from piiscan.detect.matching.offsets import locate
from piiscan.detect.matching.scan_positions import match_starts, match_starts_after_words
from piiscan.detect.matching.whole_cells import scan_cells
from piiscan.detect.ner.find_names import (
    drop_mixed_cells,
    find_names,
    may_contain_names,
    trace_names,
)
from piiscan.detect.ner.span_trace import NameChange
from piiscan.detect.results.found_table import build_found_table, merge_sorted
from piiscan.detect.results.resolved import ResolvedSpans
from piiscan.detect.scoring.candidate_score import ScoringRules, score_candidates
from piiscan.detect.scoring.isolated import IsolatedSpans, split_isolated
from piiscan.detect.scoring.overlap_resolution import resolve_overlaps
from piiscan.detect.validation.allow_list import apply_allow_lists
from piiscan.detect.validation.canonical_values import validate_candidates
from piiscan.schemas import FOUND


class Engine:
    """Finder of every value that the recognizers of one catalogue describe.

    ``as_of`` is the latest day that counts as a possible date of birth. An engine stores no text,
    and several threads may use it at once.
    """

    def __init__(self, catalog: Catalog, *, as_of: datetime.date) -> None:
        self.catalog = catalog
        self.as_of = as_of
        self.compiled: CompiledCatalog = compile_catalog(catalog)
        self._day = as_of.year * 10000 + as_of.month * 100 + as_of.day
        tagged = self.compiled.tagged[self.compiled.tagged >= 0]
        self._finds_names: Bool = np.isin(self.compiled.entity, self.compiled.entity[tagged])
        _retain_freed_memory()

    def find_table(
        self,
        texts: pa.Array,
        *,
        label: Label | None = None,
        min_score: float = 0.5,
        names: bool = True,
        rejected: bool = False,
        chunk: int = CHUNK_BYTES,
    ) -> pa.Table:
        """Find personal information in ``texts`` and return a FOUND table, one row per finding.

        Args:
            texts: string array; a null counts as an empty text.
            label: meaning of the column that the texts come from; None for running text.
            min_score: lowest score of a reported finding.
            names: also find names and addresses with the name tagger.
            rejected: add refused candidates (score 0) and superseded ones (reason LOST).
            chunk: bytes of text to process at a time; the result does not depend on it.

        The result is an empty FOUND table if nothing is found.
        """
        batch = TextBatch.of(texts)
        labelled = self._labelled_recognizers(label)
        tables = []
        for first_text, offsets in batch.chunks(chunk):
            folded_chunk = Chunk.of(batch.data, offsets, self.compiled)
            lowest_score = self.compiled.watchlists.lowest_score(min_score)
            found = merge_sorted(
                [
                    build_found_table(
                        *spans, self.compiled, label, first_text, lowest_score, rejected=rejected
                    )
                    for spans in self._resolve_chunk(
                        folded_chunk, label, labelled, names=names, rejected=rejected
                    )
                ]
            )
            tables.append(self.compiled.watchlists.add_hits(found, min_score))
        return pa.concat_tables(tables) if tables else FOUND.empty_table()

    def resolve_one(
        self, text: str, label: Label | None = None
    ) -> list[tuple[ResolvedSpans, IsolatedSpans]]:
        """Return all candidates in one text with scores, refused ones too: one pair per stage.

        The first pair has the candidates of shapes and patterns, the second those of the name
        tagger. A pair is absent if it has no candidate.
        """
        batch = TextBatch.of(pa.array([text], pa.string()))
        chunk = Chunk.of(batch.data, batch.offsets, self.compiled)
        return list(
            self._resolve_chunk(
                chunk, label, self._labelled_recognizers(label), names=True, rejected=True
            )
        )

    def trace_names(self, text: str, label: Label | None = None) -> tuple[NameChange, ...]:
        """Return what the span rules change of the name tagger's spans in one text."""
        if not self._reads_names(label):
            return ()
        batch = TextBatch.of(pa.array([text], pa.string()))
        chunk = Chunk.of(batch.data, batch.offsets, self.compiled)
        labelled = self._labelled_recognizers(label)
        patterns = self._resolve_patterns(chunk, label, labelled, names=True, rejected=True)
        return trace_names(chunk, *patterns, self.compiled)

    def _resolve_chunk(
        self, chunk: Chunk, label: Label | None, labelled: Bool, *, names: bool, rejected: bool
    ) -> Iterator[tuple[ResolvedSpans, IsolatedSpans]]:
        """Yield the scored spans of a chunk: first those of patterns, then those of the tagger.

        Yield nothing for a stage that found no candidate. ``names=False`` skips the tagger.
        """
        resolved, isolated = self._resolve_patterns(
            chunk, label, labelled, names=names, rejected=rejected
        )
        by_tagger = None
        if names and self._reads_names(label):
            by_tagger = find_names(chunk, resolved, isolated, self.compiled, self._day)
        if len(resolved.winner) or len(isolated):
            yield resolved, isolated
        if by_tagger is not None:
            yield by_tagger, IsolatedSpans.empty(chunk.folded, chunk.layout)

    def _resolve_patterns(
        self, chunk: Chunk, label: Label | None, labelled: Bool, *, names: bool, rejected: bool
    ) -> tuple[ResolvedSpans, IsolatedSpans]:
        """Find, score and resolve the candidates of shapes and patterns in one chunk.

        Return the resolved spans and the isolated ones, which need no overlap resolution. With
        ``rejected`` no span counts as isolated. ``labelled``: ``bool[recognizer]``, the recognizers
        that the column label names.
        """
        data, offsets = chunk.data, chunk.offsets
        folded, starts, word_ends = chunk.folded, chunk.starts, chunk.word_ends
        candidates, fields = self._scan(chunk, labelled, names=names)
        values, judgement = validate_candidates(folded, candidates, self.compiled, self._day)
        isolated = IsolatedSpans.empty(folded, chunk.layout)
        if not rejected:
            isolated, rows = split_isolated(
                chunk.layout,
                folded,
                candidates,
                judgement,
                values.unchanged,
                labelled,
                word_ends,
                self.compiled.neutral_neighbours,
            )
            candidates, values, judgement = (
                candidates.take(rows),
                values.take(rows),
                judgement.take(rows),
            )
        located = locate(chunk.layout, candidates.start, candidates.end)
        apply_allow_lists(data, candidates, located, judgement, self.compiled)
        context = context_words.find_context(
            folded, data, offsets, candidates, located, word_ends, labelled,
            self.compiled.context_words, self.compiled.alphabet,
        )  # fmt: skip
        if len(fields):
            fields = fields.drop_refuted(candidates, judgement.verdict == Verdict.REFUTED)
            fields.label_candidates(
                candidates,
                context,
                self.compiled.may_follow,
                len(self.compiled.context_words.words),
            )
        rules = self._scoring_rules(label, labelled)
        other_label = label is not None and label.other in OTHER_NUMBERS
        scores = score_candidates(
            candidates,
            judgement,
            check_surroundings(
                *_without_zero_width(folded, candidates, chunk.visible), self.compiled.alphabet
            ),
            context,
            rules,
            set_off=self._delimited(folded, candidates, labelled),
            other_label=other_label,
        )
        if names:
            drop_mixed_cells(candidates, scores, self.compiled, labelled)
        winner = resolve_overlaps(candidates.start, candidates.end, scores.priority, scores.refused)
        role = find_roles(
            folded, data, offsets, starts, word_ends, candidates, located,
            self.compiled.role_words, self.compiled.role_end_pairs, self.compiled.alphabet,
        )  # fmt: skip
        columns = (candidates, located, values, judgement, context, scores, winner, role)
        return ResolvedSpans(data, *columns, rules, other_label), isolated

    def _reads_names(self, label: Label | None) -> bool:
        """Return True if the name tagger reads the texts of a column with this label."""
        return may_contain_names(label) and bool((self.compiled.tagged >= 0).any())

    def _labelled_recognizers(self, label: Label | None) -> Bool:
        """Return ``bool[recognizer]``: True if the column label names the recognizer."""
        named = label.recognizers if label and not label.parts else ()
        return np.array([r.id in named for r in self.catalog.recognizers], np.bool_)

    def _scoring_rules(self, label: Label | None, labelled: Bool) -> ScoringRules:
        """Return the scoring rules of every recognizer for a column with this label."""
        compiled, chance_ids = self.compiled, label.chance if label else ()
        by_chance = np.array([r.id in chance_ids for r in self.catalog.recognizers], np.bool_)
        return ScoringRules(
            compiled.base_level, compiled.anchored, compiled.outranks, labelled, by_chance
        )

    def _scan(self, chunk: Chunk, labelled: Bool, *, names: bool) -> tuple[Candidates, ListFields]:
        """Find the candidates of all recognizers in a chunk, and the fields of credential lists.

        Matching skips zero-width characters: ``138<U+200B>00138000 -> 13800138000``.
        ``names=False`` drops anchored recognizers of name entities and all whole-cell recognizers.
        """
        compiled, folded, starts, visible = self.compiled, chunk.folded, chunk.starts, chunk.visible
        text = folded if visible is None else folded[visible]
        unanchored = self._match(text, chunk.match_starts, compiled.text_automaton)
        anchored, fields = self._match_anchored(text, chunk.visible_word_ends, labelled, unanchored)
        if not names:
            anchored = anchored.take(~self._finds_names[anchored.recognizer])
        candidates = merge_candidates([unanchored, anchored])
        if visible is not None:
            candidates, fields = candidates.map_positions(visible), fields.map_positions(visible)
        cell_recognizers = labelled & compiled.whole_cell
        if names and cell_recognizers.any():
            candidates = merge_candidates(
                [candidates, scan_cells(folded, starts, compiled.cell_automaton, cell_recognizers)]
            )
        texts = chunk.data, chunk.offsets
        candidates = compiled.user_patterns.add_matches(
            candidates, texts, (folded, starts), labelled, names=names
        )
        return candidates, fields

    def _match(self, text: UInt8, starts: Int64, automaton: Automaton) -> Candidates:
        """Return each recognizer's longest match at each position in ``starts``, unscored."""
        return match(text, starts, automaton, self.compiled.alphabet, self.compiled.boundary)

    def _match_anchored(
        self, text: UInt8, word_ends: Int64, labelled: Bool, unanchored: Candidates
    ) -> tuple[Candidates, ListFields]:
        """Match the anchored recognizers; return their candidates and the list fields.

        An anchored value counts directly after its context word (``QQ：12345678``) or after an
        account of a list (``13800138000----abc12345``). Recognizers in ``labelled`` may match
        anywhere in the text.
        """
        compiled = self.compiled
        starts = match_starts_after_words(
            text, word_ends, compiled.anchored_automaton, compiled.alphabet
        )
        found = self._match(text, starts, compiled.anchored_automaton)
        fields = find_list_fields(
            text, word_ends, unanchored, found, compiled, partial(self._match, text)
        )
        if len(fields):
            field_starts = np.setdiff1d(fields.place, starts)
            found = merge_candidates(
                [found, self._match(text, field_starts, compiled.anchored_automaton)]
            )
        if not (labelled & (compiled.anchored > 0)).any():
            return found, fields
        under_label = self._match(
            text,
            match_starts(text, compiled.anchored_automaton, compiled.alphabet),
            compiled.anchored_automaton,
        )
        others = found.take(~labelled[found.recognizer])
        return merge_candidates(
            [others, under_label.take(labelled[under_label.recognizer])]
        ), fields

    def _delimited(self, folded: UInt8, candidates: Candidates, labelled: Bool) -> Bool:
        """Return ``bool[k]``: True if no letter, digit or Hanzi touches the candidate.

        All False if the label names no recognizer, because the score then ignores it.
        """
        if not labelled.any():
            return np.zeros(len(candidates.start), np.bool_)
        kind = self.compiled.alphabet.kind
        outside = (kind == KIND_OTHER) | (kind == KIND_BREAK)
        delimited: Bool = outside[folded[candidates.start - 1]] & outside[folded[candidates.end]]
        return delimited


def find_batched(find: Callable[[pa.Array], pa.Table], parts: Sequence[pa.Array]) -> list[pa.Table]:
    """Call ``find`` once on all ``parts`` joined, and return one FOUND table per part.

    One call is cheaper than many. ``index`` counts the texts of each part from 0.
    """
    found = find(parts[0] if len(parts) == 1 else pa.concat_arrays(parts))
    index = found["index"].to_numpy()
    bounds_of_parts = np.cumsum([0, *map(len, parts)])
    bounds = np.searchsorted(index, bounds_of_parts)
    return [
        found.slice(low, high - low).set_column(0, "index", pa.array(index[low:high] - first_index))
        for low, high, first_index in zip(
            bounds[:-1], bounds[1:], bounds_of_parts[:-1], strict=True
        )
    ]


def _retain_freed_memory() -> None:
    """Make glibc reuse the memory of one chunk for the next.

    glibc raises its threshold for returning memory to the size of the largest block freed so far.
    Without that it returns the memory of every chunk and requests it again, page by page.
    """
    np.empty(30 << 20, np.uint8)  # freed at once, never written


def _without_zero_width(
    folded: UInt8, candidates: Candidates, visible: Int64 | None
) -> tuple[UInt8, Candidates]:
    """Return the folded text without zero-width characters, and the candidates located in it.

    ``visible``: positions of the other characters in ``folded``; None if there are no zero-width
    ones.
    """
    if visible is None:
        return folded, candidates
    start = np.searchsorted(visible, candidates.start)
    end = np.searchsorted(visible, candidates.end)
    return folded[visible], dataclasses.replace(candidates, start=start, end=end)

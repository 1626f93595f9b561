"""Candidates of a chunk, by the automata, the rules of whole cells and the users' patterns.

手机13800138000 -> cn.mobile [2, 13)
"""

from __future__ import annotations

from functools import partial

import numpy as np

from piiscan.arrays import Bool, Int32, Int64, UInt8
from piiscan.arrow_strings import strings_of_slices
from piiscan.bundles import empty_rows, take_rows
from piiscan.detect.candidates.match_tables import MatchTables
from piiscan.detect.catalog.column import Column
from piiscan.detect.context.context_kernels import LABEL, NO_NAME, mark_labelled, write_context
from piiscan.detect.context.context_words import Context
from piiscan.detect.context.credential_lists import find_list_fields
from piiscan.detect.context.keyed_values import KeyedValues, form_of_name
from piiscan.detect.context.list_fields import ListFields
from piiscan.detect.matching.automaton import Automaton
from piiscan.detect.matching.batch import Chunk
from piiscan.detect.matching.match_kernels import locate_spans, mark_fresh
from piiscan.detect.matching.matcher import Candidates, match, merge_candidates
from piiscan.detect.matching.offsets import Offsets
from piiscan.detect.matching.scan_positions import match_starts, match_starts_after_words
from piiscan.detect.matching.whole_cells import scan_cells


def fold_chunk(data: UInt8, offsets: Int64, tables: MatchTables) -> Chunk:
    """Fold the texts ``data[offsets[i]:offsets[i + 1]]``; find match starts and word ends."""
    return Chunk.of(data, offsets, tables.alphabet, tables.text_automaton, tables.word_sieve)


def find_candidates(
    chunk: Chunk,
    column: Column,
    tables: MatchTables,
    *,
    names: bool,
    refused: bool,
    keyed: KeyedValues | None = None,
) -> tuple[Candidates, ListFields | None]:
    """Return the candidates of all recognizers, and the fields after accounts in a list.

    Matching skips zero-width characters: ``138<U+200B>00138000 -> 13800138000``.

    Args:
        names: False drops the recognizers of name entities and all whole-cell recognizers
        refused: True keeps candidates that need a context word and have none
        keyed: values behind the name of a column
    """
    folded, starts, visible = chunk.folded, chunk.texts.starts, chunk.visible
    unanchored = _match(chunk.visible_text, tables, tables.text_automaton, chunk.match_starts)
    anchored, fields = _match_anchored(chunk, column, tables, unanchored)
    if not names:
        unanchored, anchored = (
            take_rows(each, ~tables.name_entities[each.recognizer])
            for each in (unanchored, anchored)
        )
    if visible is not None:
        unanchored = unanchored.map_positions(visible)
        anchored = anchored.map_positions(visible)
        fields = fields.map_positions(visible) if fields is not None else None
    if not refused and fields is None:
        anchored = _drop_unsupported(chunk, anchored, column, tables)
    candidates = merge_candidates([unanchored, anchored])
    if names and column.is_labelled:
        enabled = column.labelled & tables.whole_cell
        if enabled.any():
            cells = scan_cells(folded, starts[:-1], starts[1:] - 1, tables.cell_automaton, enabled)
            candidates = merge_candidates([candidates, cells])
    if keyed is not None:
        named = _match_keyed(chunk, keyed, tables, names=names)
        fresh = np.empty(len(named.start), np.bool_)
        mark_fresh(named, candidates, fresh)
        candidates = merge_candidates([candidates, take_rows(named, fresh)])
    candidates = tables.user_patterns.add_matches(
        candidates, chunk.texts, column.labelled, names=names
    )
    return candidates, fields


def _match_keyed(
    chunk: Chunk, keyed: KeyedValues, tables: MatchTables, *, names: bool
) -> Candidates:
    """Return the candidates of anchored and whole-cell recognizers at values that name them.

    ``keyed``: the values.  ``names``: False leaves out the whole-cell recognizers.
    """
    folded, visible, place = chunk.folded, chunk.visible, keyed.place
    starts = place if visible is None else np.searchsorted(visible, place)
    found = _match(chunk.visible_text, tables, tables.anchored_automaton, starts)
    if visible is not None:
        found = found.map_positions(visible)
    if names:
        cells = scan_cells(folded, place, keyed.stop, tables.cell_automaton, tables.keyed_cells)
        found = merge_candidates([found, cells])
    name = tables.value_names.names_of(keyed, found.start, found.recognizer)
    named = name != NO_NAME
    if not named.any():
        return take_rows(found, named)
    named &= ~tables.value_names.other[name]
    found = take_rows(found, named)
    return take_rows(found, ~_are_ordinary(chunk, found, name[named], tables))


def _are_ordinary(chunk: Chunk, found: Candidates, name: Int32, tables: MatchTables) -> Bool:
    """Return True for each candidate of a person that has no form of a name.

    ``name``: number of the column name before each candidate.
    """
    ordinary = np.zeros(len(found.start), np.bool_)
    rows = np.flatnonzero(tables.persons[found.recognizer])
    if len(rows):
        spans = take_rows(found, rows)
        offsets = empty_rows(Offsets, len(rows))
        locate_spans(chunk.texts, spans.start, spans.end, offsets)
        encoded = strings_of_slices(
            chunk.texts.data, offsets.byte_start, offsets.byte_end
        ).dictionary_encode()
        form = np.array([form_of_name(each) for each in encoded.dictionary.to_pylist()], np.int8)
        form = form[encoded.indices.to_numpy()]
        ordinary[rows] = form < tables.value_names.form[name[rows]]
    return ordinary


def _drop_unsupported(
    chunk: Chunk, anchored: Candidates, column: Column, tables: MatchTables
) -> Candidates:
    """Drop anchored candidates without a word of their own directly before them.

    The matcher starts after the words of all recognizers: after 电话, an order number too.
    """
    labelled = np.empty(len(anchored.start), np.bool_)
    mark_labelled(chunk.folded, anchored, tables.context_search, labelled)
    anchored = take_rows(anchored, labelled | column.labelled[anchored.recognizer])
    count = len(anchored.start)
    if not count:
        return anchored
    offsets, context = empty_rows(Offsets, count), empty_rows(Context, count)
    locate_spans(chunk.texts, anchored.start, anchored.end, offsets)
    write_context(
        chunk.texts, anchored, offsets, chunk.word_ends, column.labelled, tables.context_search,
        context,
    )  # fmt: skip
    return take_rows(anchored, (context.nearness == LABEL) | column.labelled[anchored.recognizer])


def _match(text: UInt8, tables: MatchTables, automaton: Automaton, positions: Int64) -> Candidates:
    """Return the longest match of every recognizer of ``automaton`` from each of ``positions``."""
    return match(text, positions, automaton, tables.alphabet, tables.boundary)


def _match_anchored(
    chunk: Chunk, column: Column, tables: MatchTables, unanchored: Candidates
) -> tuple[Candidates, ListFields | None]:
    """Match the anchored recognizers; return their candidates and the list fields.

    An anchored value counts directly after its context word (``QQ：12345678``) or after an
    account of a list (``13800138000----abc12345``). Recognizers that the column's label names may
    match anywhere in the text.
    """
    text, word_ends, automaton = (
        chunk.visible_text,
        chunk.visible_word_ends,
        tables.anchored_automaton,
    )
    match_from = partial(_match, text, tables, automaton)
    starts = match_starts_after_words(text, word_ends, automaton, tables.alphabet)
    found = match_from(starts)
    fields = find_list_fields(
        text, word_ends, (unanchored, found), tables.credential_lists, match_from
    )
    if fields is not None:
        field_starts = np.setdiff1d(fields.place, starts)
        found = merge_candidates([found, match_from(field_starts)])
    if not (column.is_labelled and (column.labelled & tables.anchored).any()):
        return found, fields
    under_label = match_from(match_starts(text, automaton, tables.alphabet))
    others = take_rows(found, ~column.labelled[found.recognizer])
    labelled = take_rows(under_label, column.labelled[under_label.recognizer])
    return merge_candidates([others, labelled]), fields

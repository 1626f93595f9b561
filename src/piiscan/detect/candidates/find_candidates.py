"""Candidates of a chunk, by the automata, the rules of whole cells and the users' patterns.

手机13800138000 -> cn.mobile [2, 13)
"""

from __future__ import annotations

from functools import partial

import numpy as np

from piiscan.arrays import Int64, UInt8
from piiscan.bundles import empty_rows, take_rows
from piiscan.detect.candidates.match_tables import MatchTables
from piiscan.detect.catalog.column import Column
from piiscan.detect.context.context_words import (
    LABEL,
    Context,
    FoundWords,
    write_context,
)
from piiscan.detect.context.credential_lists import find_list_fields
from piiscan.detect.context.list_fields import ListFields
from piiscan.detect.matching.automaton import Automaton
from piiscan.detect.matching.batch import Chunk
from piiscan.detect.matching.matcher import Candidates, match, merge_candidates
from piiscan.detect.matching.offsets import Offsets, write_offsets
from piiscan.detect.matching.scan_positions import match_starts, match_starts_after_words
from piiscan.detect.matching.whole_cells import scan_cells


def fold_chunk(data: UInt8, offsets: Int64, tables: MatchTables) -> Chunk:
    """Fold the texts ``data[offsets[i]:offsets[i + 1]]``; find match starts and word ends."""
    return Chunk.of(data, offsets, tables.alphabet, tables.text_automaton, tables.word_sieve)


def find_candidates(
    chunk: Chunk, column: Column, tables: MatchTables, *, names: bool, refused: bool
) -> tuple[Candidates, ListFields | None]:
    """Return the candidates of all recognizers, and the fields after accounts in a list.

    Matching skips zero-width characters: ``138<U+200B>00138000 -> 13800138000``.

    Args:
        names: False drops anchored recognizers of name entities and all whole-cell recognizers
        refused: True keeps candidates that need a context word and have none
    """
    folded, starts, visible = chunk.folded, chunk.texts.starts, chunk.visible
    unanchored = _match(chunk.visible_text, tables, tables.text_automaton, chunk.match_starts)
    anchored, fields = _match_anchored(chunk, column, tables, unanchored)
    if not names:
        anchored = take_rows(anchored, ~tables.name_entities[anchored.recognizer])
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
            cells = scan_cells(folded, starts, tables.cell_automaton, enabled)
            candidates = merge_candidates([candidates, cells])
    candidates = tables.user_patterns.add_matches(
        candidates, chunk.texts, column.labelled, names=names
    )
    return candidates, fields


def _drop_unsupported(
    chunk: Chunk, anchored: Candidates, column: Column, tables: MatchTables
) -> Candidates:
    """Drop anchored candidates without a word of their own directly before them.

    The matcher starts after the words of all recognizers: after 电话, an order number too.
    """
    count = len(anchored.start)
    if not count:
        return anchored
    offsets, context = empty_rows(Offsets, count), empty_rows(Context, count)
    write_offsets(chunk.texts, anchored.start, anchored.end, offsets)
    write_context(
        chunk.texts, anchored, offsets, chunk.word_ends, column.labelled, tables.context_search,
        FoundWords.empty(), context,
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

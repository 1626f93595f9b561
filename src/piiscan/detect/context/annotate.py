"""Annotation: offsets, context words, surroundings and roles of candidates; allow lists applied.

One function for the candidates of patterns and for the spans of the name tagger.
``收件人手机13800138000`` -> word 手机, nearness LABEL, surroundings CLEAR, role recipient.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from piiscan.arrays import Bool, Int16, Int64, UInt8
from piiscan.bundles import empty_rows
from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.catalog.column import Column
from piiscan.detect.checks import Verdict
from piiscan.detect.context.context_kernels import (
    write_bracketed_roles,
    write_labels,
    write_notes,
)
from piiscan.detect.context.context_words import Context, ContextSearch
from piiscan.detect.context.keyed_values import KeyedValues, ValueNames
from piiscan.detect.context.list_fields import ListFields
from piiscan.detect.context.role_words import RoleWords
from piiscan.detect.context.roles import RoleSearch
from piiscan.detect.context.separators import SEPARATORS
from piiscan.detect.context.surroundings import SurroundingBytes
from piiscan.detect.context.word_trie import ContextWords
from piiscan.detect.matching.alphabet import Alphabet
from piiscan.detect.matching.batch import Chunk
from piiscan.detect.matching.matcher import Candidates
from piiscan.detect.matching.offsets import Offsets
from piiscan.detect.validation.allow_list import AllowLists, apply_allow_lists
from piiscan.detect.validation.canonical_values import Validated
from piiscan.detect.validation.validation_kernels import find_listed


class _Searches(NamedTuple):
    """Tables of the searches around a candidate, for the kernel."""

    words: ContextSearch
    roles: RoleSearch
    surroundings: SurroundingBytes


@dataclass(frozen=True, slots=True)
class ContextTables:
    """Tables of a catalogue by which candidates are annotated.

    Attributes:
        words: context words
        searches: arrays of the searches around a candidate
        allow_lists: texts that recognizers must not report
        may_follow: ``bool[value, account]``, True if the value may be the list field after it
        value_names: names of columns that may stand before a value
        first_value_name: number of the first of them among the words
        keyed_cells: ``bool[recognizer]``, True if its whole cells are found behind those names
        numeric: ``bool[recognizer]``, True if its values are digits
    """

    words: ContextWords
    searches: _Searches
    allow_lists: AllowLists
    may_follow: Bool
    value_names: ValueNames
    first_value_name: int
    keyed_cells: Bool
    numeric: Bool

    @classmethod
    def of(
        cls,
        catalog: Catalog,
        words: ContextWords,
        role_words: RoleWords,
        search: ContextSearch,
        alphabet: Alphabet,
        may_follow: Bool,
        value_names: ValueNames,
        keyed_cells: Bool,
    ) -> ContextTables:
        """Build the tables for texts folded by ``alphabet``; ``search``: that for ``words``."""
        allow_lists = AllowLists.of(catalog.recognizers)
        roles, surroundings = RoleSearch.of(role_words, alphabet), SurroundingBytes.of(alphabet)
        return cls(
            words=words,
            searches=_Searches(search, roles, surroundings),
            allow_lists=allow_lists,
            may_follow=may_follow,
            value_names=value_names,
            first_value_name=len(words.words) + len(SEPARATORS),
            keyed_cells=keyed_cells,
            numeric=np.array([r.is_number for r in catalog.recognizers], np.bool_),
        )


@dataclass(frozen=True, slots=True)
class Annotated:
    """Candidates with their offsets and what is around them; arrays have one entry a candidate.

    ``surroundings``: codes of :mod:`~piiscan.detect.context.surroundings`.  ``role``: role from the
    text, -1 for none; None if no candidate has one.
    """

    validated: Validated
    offsets: Offsets
    context: Context
    surroundings: UInt8
    role: Int16 | None

    def __len__(self) -> int:
        return len(self.validated)


class _Notes(NamedTuple):
    """Output of the searches, one entry a candidate."""

    offsets: Offsets
    context: Context
    surroundings: UInt8
    role: Int16


def annotate(
    validated: Validated,
    column: Column,
    tables: ContextTables,
    fields: ListFields | None = None,
    keyed: KeyedValues | None = None,
) -> Annotated:
    """Locate candidates, apply the allow lists, and find context words, surroundings and roles.

    ``fields``: fields of credential lists, whose account labels the candidate there.  ``keyed``:
    values behind the name of a column, which labels them.
    """
    chunk, candidates, count = validated.chunk, validated.candidates, len(validated)
    offsets, context = empty_rows(Offsets, count), empty_rows(Context, count)
    surroundings, role, rows = (
        np.empty(count, np.uint8), np.empty(count, np.int16), np.empty(count, np.int64),
    )  # fmt: skip
    if not count:
        return Annotated(validated, offsets, context, surroundings, None)
    with_role, in_brackets = write_notes(
        (chunk.texts, chunk.visible_text, chunk.word_ends), candidates,
        _visible_spans(chunk, candidates), column.labelled,
        tables.searches, _Notes(offsets, context, surroundings, role),
    )  # fmt: skip
    listed = find_listed(
        chunk.texts.data, candidates.recognizer, offsets, tables.allow_lists.checksums, rows
    )
    if in_brackets:
        with_role += write_bracketed_roles(
            chunk.texts, candidates, offsets, tables.searches.roles, role
        )
    judgement = apply_allow_lists(
        chunk.texts.data, candidates, offsets, validated.judgement, tables.allow_lists,
        rows[:listed],
    )  # fmt: skip
    if judgement is not validated.judgement:
        validated = dataclasses.replace(validated, judgement=judgement)
    if fields is not None:
        fields = fields.drop_refuted(candidates, judgement.verdict == Verdict.REFUTED)
        fields.label_candidates(candidates, context, tables.may_follow, len(tables.words.words))
    if keyed is not None:
        validated = _label_keyed(validated, context, keyed, tables)
    return Annotated(validated, offsets, context, surroundings, role if with_role else None)


def _label_keyed(
    validated: Validated, context: Context, keyed: KeyedValues, tables: ContextTables
) -> Validated:
    """Make the name before a value its label, or contradict the value by it, in ``context``.

    Whole values become as sure as cells: return the candidates with their new levels.
    """
    candidates, judgement = validated.candidates, validated.judgement
    name = tables.value_names.names_of(keyed, candidates.start, candidates.recognizer)
    strength = judgement.strength.copy()
    write_labels(
        (name, tables.value_names.other, tables.first_value_name), candidates.recognizer,
        judgement.verdict, (tables.keyed_cells, tables.numeric), context, strength,
    )  # fmt: skip
    return dataclasses.replace(validated, judgement=judgement._replace(strength=strength))


def _visible_spans(chunk: Chunk, candidates: Candidates) -> tuple[Int64, Int64]:
    """Return start and end of each candidate in the text without zero-width characters."""
    if chunk.visible is None:
        return candidates.start, candidates.end
    start = np.searchsorted(chunk.visible, candidates.start)
    return start, np.searchsorted(chunk.visible, candidates.end)

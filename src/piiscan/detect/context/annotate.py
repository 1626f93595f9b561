"""Annotation: offsets, context words, surroundings and roles of candidates; allow lists applied.

One function for the candidates of patterns and for the spans of the name tagger.
``收件人手机13800138000`` -> word 手机, nearness LABEL, surroundings CLEAR, role recipient.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from piiscan.arrays import Bool, Int16, Int64, UInt8
from piiscan.bundles import empty_rows
from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.catalog.column import Column
from piiscan.detect.checks import Verdict
from piiscan.detect.context.context_words import Context, ContextSearch, find_context
from piiscan.detect.context.list_fields import ListFields
from piiscan.detect.context.role_words import RoleWords
from piiscan.detect.context.roles import RoleSearch, find_roles
from piiscan.detect.context.surroundings import SurroundingBytes, check_surroundings
from piiscan.detect.context.word_trie import ContextWords
from piiscan.detect.matching.alphabet import Alphabet
from piiscan.detect.matching.batch import Chunk
from piiscan.detect.matching.matcher import Candidates
from piiscan.detect.matching.offsets import Offsets, locate
from piiscan.detect.validation.allow_list import AllowLists, apply_allow_lists
from piiscan.detect.validation.canonical_values import Validated


@dataclass(frozen=True, slots=True)
class ContextTables:
    """Tables of a catalogue by which candidates are annotated.

    Attributes:
        words: context words
        search, roles: arrays of the searches for context words and role words
        surroundings: meaning of the bytes next to a candidate
        allow_lists: texts that recognizers must not report
        may_follow: ``bool[value, account]``, True if the value may be the list field after it
    """

    words: ContextWords
    search: ContextSearch
    roles: RoleSearch
    surroundings: SurroundingBytes
    allow_lists: AllowLists
    may_follow: Bool

    @classmethod
    def of(
        cls,
        catalog: Catalog,
        words: ContextWords,
        role_words: RoleWords,
        search: ContextSearch,
        alphabet: Alphabet,
        may_follow: Bool,
    ) -> ContextTables:
        """Build the tables for texts folded by ``alphabet``; ``search``: that for ``words``."""
        return cls(
            words=words,
            search=search,
            roles=RoleSearch.of(role_words, alphabet),
            surroundings=SurroundingBytes.of(alphabet),
            allow_lists=AllowLists.of(catalog.recognizers),
            may_follow=may_follow,
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


def annotate(
    validated: Validated, column: Column, tables: ContextTables, fields: ListFields | None = None
) -> Annotated:
    """Locate candidates, apply the allow lists, and find context words, surroundings and roles.

    ``fields``: fields of credential lists, whose account labels the candidate there.
    """
    chunk, candidates = validated.chunk, validated.candidates
    if not len(validated):
        no_codes = np.empty(0, np.uint8)
        return Annotated(validated, empty_rows(Offsets, 0), Context.none(0), no_codes, None)
    texts, word_ends = chunk.texts, chunk.word_ends
    offsets = locate(texts, candidates.start, candidates.end)
    judgement = apply_allow_lists(
        texts.data, candidates, offsets, validated.judgement, tables.allow_lists
    )
    if judgement is not validated.judgement:
        validated = dataclasses.replace(validated, judgement=judgement)
    context = find_context(texts, candidates, offsets, word_ends, column.labelled, tables.search)
    if fields is not None:
        fields = fields.drop_refuted(candidates, judgement.verdict == Verdict.REFUTED)
        fields.label_candidates(candidates, context, tables.may_follow, len(tables.words.words))
    start, end = _visible_spans(chunk, candidates)
    return Annotated(
        validated,
        offsets,
        context,
        check_surroundings(chunk.visible_text, start, end, tables.surroundings),
        find_roles(texts, candidates, offsets, word_ends, tables.roles),
    )


def _visible_spans(chunk: Chunk, candidates: Candidates) -> tuple[Int64, Int64]:
    """Return start and end of each candidate in the text without zero-width characters."""
    if chunk.visible is None:
        return candidates.start, candidates.end
    start = np.searchsorted(chunk.visible, candidates.start)
    return start, np.searchsorted(chunk.visible, candidates.end)

"""Annotation: offsets, context words, surroundings and roles of candidates; allow lists applied.

One function for the candidates of patterns and for the spans of the name tagger.
``收件人手机13800138000`` -> word 手机, nearness LABEL, surroundings CLEAR, role recipient.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from piiscan.arrays import Bool, Int16, UInt8
from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.context.context_words import Context, ContextSearch
from piiscan.detect.context.keyed_values import ValueNames
from piiscan.detect.context.role_words import RoleWords
from piiscan.detect.context.roles import RoleSearch
from piiscan.detect.context.separators import SEPARATORS
from piiscan.detect.context.surroundings import SurroundingBytes
from piiscan.detect.context.word_trie import ContextWords
from piiscan.detect.matching.alphabet import Alphabet
from piiscan.detect.matching.offsets import Offsets
from piiscan.detect.validation.allow_list import AllowLists
from piiscan.detect.validation.canonical_values import Validated


class _Searches(NamedTuple):
    """Tables of the searches around a candidate, as kernels take them."""

    words: ContextSearch
    roles: RoleSearch
    surroundings: SurroundingBytes


@dataclass(frozen=True, slots=True)
class ContextTables:
    """Tables of a catalogue that annotate candidates.

    Attributes:
        words: context words
        searches: arrays of the searches around a candidate
        allow_lists: texts that recognizers must not report
        may_follow: ``bool[value, account]``, True if the value may be the list field after it
        value_names: names of columns that may stand before a value
        first_value_name: number of the first of them among the words
        keyed_cells: ``bool[recognizer]``, True if its whole cells are found behind those names
        numeric: ``bool[recognizer]``, True if its values are digits
        beside: ``bool[recognizer, neighbour]``, True if the neighbour supports its values
        supported: ``bool[recognizer]``, True if any neighbour does
    """

    words: ContextWords
    searches: _Searches
    allow_lists: AllowLists
    may_follow: Bool
    value_names: ValueNames
    first_value_name: int
    keyed_cells: Bool
    numeric: Bool
    beside: Bool
    supported: Bool

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
            beside=np.array(
                [[o.id in r.beside for o in catalog.recognizers] for r in catalog.recognizers],
                np.bool_,
            ),
            supported=np.array([bool(r.beside) for r in catalog.recognizers], np.bool_),
        )


@dataclass(frozen=True, slots=True)
class Annotated:
    """Candidates with their offsets and surroundings; arrays have one entry a candidate.

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

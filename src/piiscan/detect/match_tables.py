"""Match tables: alphabet, automata, boundaries and patterns of a catalogue, for the matcher."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np

from piiscan.arrays import Bool, UInt8
from piiscan.bundles import arrays_of, bundle_of
from piiscan.cache import stored_tables
from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.catalog.recognizer import Recognizer
from piiscan.detect.context.context_words import ContextSearch
from piiscan.detect.context.credential_lists import CredentialLists
from piiscan.detect.context.keyed_values import ValueNames
from piiscan.detect.context.role_words import RoleWords
from piiscan.detect.context.separators import ACCOUNT_ENDINGS
from piiscan.detect.context.word_trie import ContextWords
from piiscan.detect.matching.alphabet import Alphabet
from piiscan.detect.matching.automaton import Automaton, ShapeSet, determinise, fits_bounds
from piiscan.detect.matching.boundaries import BOUNDARIES
from piiscan.detect.matching.marks import pair_marks
from piiscan.detect.matching.user_patterns import UserPatterns
from piiscan.detect.matching.word_sieve import WordSieve
from piiscan.errors import CatalogError
from piiscan.table_file import Arrays


class SlowTables(NamedTuple):
    """Tables of a catalogue that take long to make, and are stored; see :class:`MatchTables`."""

    alphabet: Alphabet
    text_automaton: Automaton
    anchored_automaton: Automaton
    cell_automaton: Automaton
    words: ContextWords
    word_sieve: WordSieve
    value_names: ValueNames

    @classmethod
    def of(cls, catalog: Catalog) -> SlowTables:
        """Build the tables of ``catalog``. Raise CatalogError if a shape is invalid."""
        recognizers = catalog.recognizers
        words, role_words = ContextWords.of(catalog), RoleWords.of(catalog)
        anywhere = _parse_shapes([None if r.whole_cell or r.anchored else r for r in recognizers])
        anchored = _parse_shapes(
            [r if r.anchored and not r.whole_cell else None for r in recognizers]
        )
        cells = _parse_shapes([r if r.whole_cell else None for r in recognizers])
        separators = ACCOUNT_ENDINGS if any(r.behind for r in recognizers) else ()
        alphabet = Alphabet.of(
            [*anywhere.chars(), *anchored.chars(), *cells.chars()],
            words.endings() | role_words.endings() | {each[-2:] for each in separators},
        )
        return cls(
            alphabet=alphabet,
            text_automaton=determinise(anywhere, alphabet),
            anchored_automaton=determinise(anchored, alphabet),
            cell_automaton=determinise(cells, alphabet),
            words=words,
            word_sieve=role_words.sieve(
                alphabet,
                [
                    *zip(words.supports(), words.words, strict=True),
                    *((0, each) for each in separators),
                ],
                [(words.supports()[number], each) for number, each in words.spellings],
                words.recognizer_bits.shape[2],
            ),
            value_names=ValueNames.of(catalog, alphabet.kind),
        )


def load_slow_tables(catalog: Catalog) -> SlowTables:
    """Return the slow tables of ``catalog`` as they are stored; see :mod:`piiscan.cache`.

    Catalogues that differ in their watch lists alone share them.
    """
    arrays = stored_tables(
        "catalogue",
        catalog.rules_digest or catalog.digest,
        lambda: arrays_of(SlowTables.of(catalog)),
        fits=partial(_fit, recognizers=len(catalog.recognizers)),
    )
    return bundle_of(SlowTables, arrays)


def _fit(arrays: Arrays, recognizers: int) -> bool:
    """Return True if no number of the tables leads outside them."""
    automata = ("text_automaton.", "anchored_automaton.", "cell_automaton.")
    tries = ("words.trie.", "word_sieve.", "value_names.trie.")
    sieve = bundle_of(WordSieve, arrays, "word_sieve.")
    return (
        int(sieve.complete.max()) < len(sieve.supports)
        and all(
            fits_bounds(bundle_of(Automaton, arrays, prefix), recognizers) for prefix in automata
        )
        and all(
            int(steps.min()) >= -1 and int(steps.max()) + 256 <= len(steps)
            for steps in (arrays[f"{prefix}steps"] for prefix in tries)
        )
    )


@dataclass(frozen=True, slots=True)
class MatchTables:
    """Tables of a catalogue from which its candidates are found; masks are by recognizer number.

    Attributes:
        alphabet: folding of code points to bytes
        text_automaton: recognizers that match anywhere in a text
        anchored_automaton: recognizers that match only after their context words
        cell_automaton: recognizers that match whole cells
        word_sieve: ends of context words, role words and list separators
        marks: see :func:`~piiscan.detect.matching.marks.pair_marks`
        context_search: arrays of the search for context words
        boundary: boundary rule of each recognizer
        anchored, whole_cell: recognizers that need a context word; that match whole cells
        keyed_cells: whole-cell recognizers that match behind the name of a column too
        table_cells: those that match in the cells of inline tables
        narrowed: recognizers whose findings are the digits of their matches
        persons: recognizers of the name tagger's persons
        name_entities: recognizers of an entity that the name tagger finds too
        value_names: names of columns that may stand before a value in running text
        credential_lists: recognizers whose values follow an account in a list
        user_patterns: regular expressions of rule files
    """

    alphabet: Alphabet
    text_automaton: Automaton
    anchored_automaton: Automaton
    cell_automaton: Automaton
    word_sieve: WordSieve
    marks: UInt8
    context_search: ContextSearch
    boundary: UInt8
    anchored: Bool
    whole_cell: Bool
    keyed_cells: Bool
    table_cells: Bool
    narrowed: Bool
    persons: Bool
    name_entities: Bool
    value_names: ValueNames
    credential_lists: CredentialLists
    user_patterns: UserPatterns

    @classmethod
    def of(cls, catalog: Catalog, slow: SlowTables) -> MatchTables:
        """Build the tables of ``catalog`` from its ``slow`` ones."""
        recognizers = catalog.recognizers
        alphabet = slow.alphabet
        tagged = {r.entity for r in recognizers if r.tagged is not None}
        return cls(
            alphabet=alphabet,
            text_automaton=slow.text_automaton,
            anchored_automaton=slow.anchored_automaton,
            cell_automaton=slow.cell_automaton,
            word_sieve=slow.word_sieve,
            marks=pair_marks(slow.text_automaton.start_pairs, slow.word_sieve.end_pairs, alphabet),
            context_search=ContextSearch.of(slow.words, alphabet),
            boundary=np.array([BOUNDARIES[r.boundary] for r in recognizers], np.uint8),
            anchored=np.array([bool(r.anchored) for r in recognizers], np.bool_),
            whole_cell=np.array([r.whole_cell for r in recognizers], np.bool_),
            # passwords and addresses in running text have no simple end
            keyed_cells=np.array(
                [
                    r.whole_cell and r.tagged != "address" and r.entity != "CREDENTIAL"
                    for r in recognizers
                ],
                np.bool_,
            ),
            table_cells=np.array(
                [r.whole_cell and r.tagged != "address" for r in recognizers], np.bool_
            ),
            narrowed=np.array([r.span == "digits" for r in recognizers], np.bool_),
            persons=np.array([r.tagged == "person" for r in recognizers], np.bool_),
            name_entities=np.array([r.entity in tagged for r in recognizers], np.bool_),
            value_names=slow.value_names,
            credential_lists=CredentialLists.of(
                recognizers, slow.anchored_automaton, alphabet.kind
            ),
            user_patterns=UserPatterns.of(recognizers, alphabet.kind),
        )


def _parse_shapes(recognizers: Sequence[Recognizer | None]) -> ShapeSet:
    """Parse the shapes of ``recognizers``, in order; None counts as a recognizer without shapes.

    Raise CatalogError with the recognizer's file if a shape is invalid.
    """
    shapes = ShapeSet.empty()
    for recognizer in recognizers:
        try:
            if recognizer is None:
                shapes.add((), False)
                continue
            dressed = recognizer.boundary == "run"
            shapes.add(recognizer.shape, recognizer.ignore_case, dressed=dressed)
        except CatalogError as error:
            file = recognizer.file if recognizer else ""
            raise CatalogError("rule.invalid", file=file, why=error) from None
    return shapes

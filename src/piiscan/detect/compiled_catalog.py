"""Compiled catalogue: one part for each stage of detection, made once per catalogue.

The engine reads only these arrays, so compiling happens once per catalogue, not once per text.
"""

from __future__ import annotations

from dataclasses import dataclass

from piiscan.detect.catalog.catalog import Catalog, cached_by_digest
from piiscan.detect.context.annotate import ContextTables
from piiscan.detect.context.context_numbers import GAP_JOIN
from piiscan.detect.context.inline_tables import InlineNames
from piiscan.detect.context.role_words import RoleWords
from piiscan.detect.context.separators import SEPARATORS
from piiscan.detect.match_tables import MatchTables, load_slow_tables
from piiscan.detect.ner.find_names import NameTables
from piiscan.detect.ner.name_evidence import EvidenceTables
from piiscan.detect.results.result_tables import ResultTables
from piiscan.detect.results.watchlist_hits import Watchlists
from piiscan.detect.scoring.candidate_score import ScoringTables
from piiscan.detect.scoring.isolated import NeutralNeighbours
from piiscan.detect.validation.joined_numbers import JoinedNumbers
from piiscan.detect.validation.validation_tables import ValidationTables


@dataclass(frozen=True, slots=True)
class CompiledCatalog:
    """All data about a catalogue that depend on no text, one part a stage.

    Attributes:
        matching: automata, boundaries and patterns
        validation: value characters and checks
        joined: numbers that are found in one run of digits
        context: context words, roles, surroundings and allow lists
        scoring: levels and ranks
        neighbours: recognizers and bytes that allow a candidate to be isolated
        names: recognizers of the name tagger
        results: words of the result columns
        inline_names: names of the columns of tables in running text
        watchlists: known values to report
    """

    matching: MatchTables
    validation: ValidationTables
    joined: JoinedNumbers
    context: ContextTables
    scoring: ScoringTables
    neighbours: NeutralNeighbours
    names: NameTables
    results: ResultTables
    inline_names: InlineNames
    watchlists: Watchlists


@cached_by_digest
def compile_catalog(catalog: Catalog) -> CompiledCatalog:
    """Return the compiled form of ``catalog``, cached in the process by its digest."""
    recognizers = catalog.recognizers
    watchlists = Watchlists.of(catalog)  # an unknown recognizer is reported before seconds pass
    slow, role_words = load_slow_tables(catalog), RoleWords.of(catalog)
    words, matching = slow.words, MatchTables.of(catalog, slow)
    alphabet = matching.alphabet
    follows = matching.credential_lists.may_follow
    context = ContextTables.of(
        catalog, words, role_words, matching.context_search, alphabet, follows,
        matching.value_names, matching.keyed_cells,
    )  # fmt: skip
    labels = EvidenceTables.of(catalog)
    names = NameTables.of(recognizers, alphabet.kind, labels)
    results = ResultTables.of(catalog, (*words.words, *SEPARATORS, *matching.value_names.names))
    validation = ValidationTables.of(recognizers, alphabet)
    return CompiledCatalog(
        matching=matching,
        validation=validation,
        joined=JoinedNumbers.of(recognizers, alphabet.kind, validation.value_chars),
        context=context,
        scoring=ScoringTables.of(recognizers, alphabet.kind),
        neighbours=NeutralNeighbours.of(
            recognizers,
            context.searches.surroundings.neutral,
            names.masked_person,
            context.searches.roles.marks & GAP_JOIN > 0,
        ),
        names=names,
        results=results,
        inline_names=InlineNames(catalog, matching.value_names, results.names.roles),
        watchlists=watchlists,
    )

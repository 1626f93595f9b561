"""Compiled catalogue: alphabet, automata, context words and per-recognizer arrays of one catalogue.

The engine reads only these arrays, so compiling happens once per catalogue, not once per text.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from piiscan.arrays import Bool, Int8, Int16, Int64, UInt8
from piiscan.detect.catalog.catalog import Catalog, cached_by_digest
from piiscan.detect.catalog.recognizer import TAGGED, Recognizer
from piiscan.detect.checks import REASONS, Judgement, Verdict
from piiscan.detect.context.role_words import RoleWords
from piiscan.detect.context.separators import ACCOUNT_ENDINGS, SEPARATORS
from piiscan.detect.context.word_trie import ContextWords
from piiscan.detect.matching.alphabet import HAN, HAN_DIGIT, OTHER, Alphabet
from piiscan.detect.matching.automaton import Automaton, ShapeSet, cached_automaton, determinise
from piiscan.detect.matching.boundaries import BOUNDARIES
from piiscan.detect.matching.word_sieve import WordSieve
from piiscan.detect.regex.user_patterns import UserPatterns
from piiscan.detect.results.watchlist_hits import Watchlists
from piiscan.detect.scoring.isolated import NeutralNeighbours
from piiscan.detect.validation.single_value import CHECK_NUMBERS
from piiscan.errors import CatalogError

_CHECK_DIGIT_X = "×✕хХ"  # characters that people type for the check digit X
_BASE_LEVELS = {"L": 1, "M": 2, "H": 3}


@dataclass(frozen=True, slots=True)
class CheckFunctions:
    """Functions of a check module; None for one that the module does not define."""

    check: Callable[..., Judgement] | None
    canonical: Callable[..., Any] | None


@dataclass(frozen=True, slots=True)
class ColumnDictionaries:
    """Arrow dictionaries of the coded columns of a FOUND table."""

    recognizers: pa.Array
    entities: pa.Array
    verdicts: pa.Array
    reasons: pa.Array
    words: pa.Array  # context words, then separators of list fields
    roles: pa.Array


@dataclass(frozen=True, slots=True)
class SingleChecks:
    """Per recognizer, the check that can judge a value in place; see validation/single_value.py.

    ``check_number``: 0 if there is none. ``max_length``: characters of the longest value that is
    not truncated. ``keeps_byte[recognizer * 256 + byte]``: True if a folded byte is unchanged in
    the value.
    """

    check_number: UInt8
    max_length: Int64
    keeps_byte: Bool

    @classmethod
    def of(cls, recognizers: Sequence[Recognizer], value_chars: UInt8) -> SingleChecks:
        """Build the arrays of in-place checks for ``recognizers``.

        ``value_chars[recognizer, byte]``: character of the value that a folded byte becomes, 0 to
        drop it.
        """
        check_number = np.array(
            [CHECK_NUMBERS.get(r.check or "", 0) for r in recognizers], np.uint8
        )
        check_number[~value_chars.any(axis=1)] = 0
        max_length = [min(r.value.first or 256, r.value.last or 256) for r in recognizers]
        unchanged = (value_chars == np.arange(256)) & (value_chars != 0)
        return cls(check_number, np.array(max_length, np.int64), unchanged.reshape(-1))


@dataclass(frozen=True, slots=True)
class CompiledCatalog:
    """All data about a catalogue that depend on no text; arrays are by recognizer number."""

    catalog: Catalog
    alphabet: Alphabet
    text_automaton: Automaton  # recognizers that match anywhere in a text
    anchored_automaton: Automaton  # recognizers that match only after their context words
    cell_automaton: Automaton  # recognizers that match whole cells
    context_words: ContextWords
    word_sieve: WordSieve  # ends of context words, role words and list separators
    role_words: RoleWords
    role_end_pairs: Bool  # [byte * 256 + byte before]: last two bytes of a role word
    value_chars: UInt8  # [recognizer, folded byte]: character of the value, 0: dropped
    checks: list[CheckFunctions]
    boundary: UInt8
    anchored: UInt8
    base_level: Int8
    outranks: Int64
    whole_cell: Bool
    entity: Int16  # index in ``dictionaries.entities``
    with_allow_list: tuple[int, ...]  # recognizers with a ``never`` list
    implies: Int16  # the recognizer of the implied value, -1: none
    may_follow: Bool  # [value, account]: True if the value may be the list field after it
    dictionaries: ColumnDictionaries
    user_patterns: UserPatterns  # regular expressions of rule files
    watchlists: Watchlists  # known values to report
    neutral_neighbours: NeutralNeighbours  # bytes that cannot change a score
    single_checks: SingleChecks
    tagged: Int16  # [kind of the name tagger]: recognizer, -1: none
    masked_person: Bool  # masked personal names (张*)


@cached_by_digest
def compile_catalog(catalog: Catalog) -> CompiledCatalog:
    """Return the compiled form of ``catalog``, cached in the process by its digest."""
    return _compile(catalog)


def _compile(catalog: Catalog) -> CompiledCatalog:
    """Build the alphabet, automata, words and per-recognizer arrays of ``catalog``."""
    recognizers = catalog.recognizers
    ids = [recognizer.id for recognizer in recognizers]
    text_shapes = _parse_shapes([None if r.whole_cell or r.anchored else r for r in recognizers])
    anchored_shapes = _parse_shapes(
        [r if r.anchored and not r.whole_cell else None for r in recognizers]
    )
    cell_shapes = _parse_shapes([r if r.whole_cell else None for r in recognizers])
    context_words, role_words = ContextWords.of(catalog), RoleWords.of(catalog)
    may_follow = np.array([[account in r.behind for account in ids] for r in recognizers], np.bool_)
    list_separators = ACCOUNT_ENDINGS if may_follow.any() else ()
    masked_person = _masked_person_mask(recognizers)
    endings = (
        context_words.endings()
        | role_words.endings()
        | {separator[-2:] for separator in list_separators}
    )
    alphabet = Alphabet.of(
        [*text_shapes.chars(), *anchored_shapes.chars(), *cell_shapes.chars()], endings
    )
    return CompiledCatalog(
        catalog,
        alphabet,
        cached_automaton(f"{catalog.digest}-anywhere", lambda: determinise(text_shapes, alphabet)),
        cached_automaton(
            f"{catalog.digest}-behind", lambda: determinise(anchored_shapes, alphabet)
        ),
        cached_automaton(f"{catalog.digest}-cells", lambda: determinise(cell_shapes, alphabet)),
        context_words,
        role_words.sieve(alphabet, [*context_words.words, *list_separators]),
        role_words,
        role_words.sieve(alphabet).end_pairs,
        values := np.array([_value_chars(r, alphabet) for r in recognizers]),
        [_check_functions(r) for r in recognizers],
        np.array([BOUNDARIES[r.boundary] for r in recognizers], np.uint8),
        np.array([r.anchored for r in recognizers], np.uint8),
        np.array([_BASE_LEVELS[r.bare] for r in recognizers], np.int8),
        np.array([r.outranks for r in recognizers], np.int64),
        np.array([r.whole_cell for r in recognizers], np.bool_),
        np.array([catalog.entities.index(r.entity) for r in recognizers], np.int16),
        tuple(number for number, r in enumerate(recognizers) if r.never),
        np.array([ids.index(r.implies) if r.implies else -1 for r in recognizers], np.int16),
        may_follow,
        _column_dictionaries(catalog, context_words),
        UserPatterns.of(recognizers, alphabet.kind),
        Watchlists.of(catalog),
        NeutralNeighbours.of(recognizers, alphabet, masked_person),
        SingleChecks.of(recognizers, values),
        _recognizers_by_tag(recognizers),
        masked_person,
    )


def _masked_person_mask(recognizers: Sequence[Recognizer]) -> Bool:
    """Return ``bool[recognizer]``: True for recognizers of masked personal names (``张*``)."""
    persons = {r.id for r in recognizers if r.tagged == "person"}
    return np.array([r.entity == "MASKED" and bool({*r.like} & persons) for r in recognizers])


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
                raise CatalogError(f"{recognizer.file}: tagged: {other} has that already")
            found[kind] = number
    return found


def _column_dictionaries(catalog: Catalog, context_words: ContextWords) -> ColumnDictionaries:
    """Build the Arrow dictionaries of FOUND's coded columns: recognizer, entity, verdict …."""
    return ColumnDictionaries(
        pa.array([recognizer.id for recognizer in catalog.recognizers], pa.string()),
        pa.array(catalog.entities, pa.string()),
        pa.array([verdict.name.lower() for verdict in Verdict], pa.string()),
        pa.array(REASONS, pa.string()),
        pa.array((*context_words.words, *SEPARATORS), pa.string()),
        pa.array(catalog.vocabulary.get("roles", {}), pa.string()),
    )


def _parse_shapes(recognizers: Sequence[Recognizer | None]) -> ShapeSet:
    """Parse the shapes of ``recognizers``, in order; None counts as a recognizer without shapes.

    Raise CatalogError with the recognizer's file if a shape is invalid.
    """
    shapes = ShapeSet.empty()
    for recognizer in recognizers:
        try:
            shapes.add(*(recognizer.shape, recognizer.ignore_case) if recognizer else ((), False))
        except CatalogError as error:
            raise CatalogError(f"{recognizer.file if recognizer else ''}: {error}") from None
    return shapes


def _value_chars(recognizer: Recognizer, alphabet: Alphabet) -> UInt8:
    """Return the value character of each folded byte (``uint8[256]``), 0 to drop the byte.

    All 0 for ``keep: text``, where the value is the text itself. ``keep: digits_x`` maps ``×`` to
    X: ``43010419050615001× -> 43010419050615001X``.
    """
    keep = recognizer.value.keep
    chars_of_byte = np.zeros(256, np.uint8)
    if keep == "text":
        return chars_of_byte
    chars_of_byte[48:58] = np.arange(48, 58)
    chars_of_byte[HAN_DIGIT : HAN_DIGIT + 10] = np.arange(48, 58)
    if keep == "digits_x":
        chars_of_byte[[ord("x"), ord("X")]] = ord("X")
        for byte, chars in alphabet.members.items():
            if any(char in _CHECK_DIGIT_X for char in chars):
                chars_of_byte[byte] = ord("X")
    elif keep in ("alnum", "visible"):
        chars_of_byte[65:91] = np.arange(65, 91)
        chars_of_byte[97:123] = np.arange(97, 123)
    if keep == "visible":
        chars_of_byte[33:127] = np.arange(33, 127)
        chars_of_byte[OTHER + 1 :] = chars_of_byte[[HAN, OTHER]] = ord("?")
        for byte, chars in alphabet.members.items():
            new = {recognizer.value.replace.get(char, "") for char in chars} - {""}
            if new and max(new) < "\x80":
                chars_of_byte[byte] = ord(min(new))
    if recognizer.value.case == "upper":
        chars_of_byte[97:123] -= chars_of_byte[97:123] // np.uint8(97) * np.uint8(32)
    if recognizer.value.case == "lower":
        chars_of_byte[65:91] += np.uint8(32)
    return chars_of_byte


def _check_functions(recognizer: Recognizer) -> CheckFunctions:
    """Import the recognizer's check module and return its functions, None for a missing one.

    Both are None if the recognizer names no check. Raise CatalogError if there is no such module.
    """
    if recognizer.check is None:
        return CheckFunctions(None, None)
    name = recognizer.check
    try:
        if not name.isidentifier():
            raise ImportError
        module = importlib.import_module(f"piiscan.detect.checks.{name}")
    except ImportError:
        raise CatalogError(f"{recognizer.file}: there is no check named {name!r}") from None
    return CheckFunctions(getattr(module, "check", None), getattr(module, "canonical", None))

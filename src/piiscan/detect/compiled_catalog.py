"""A catalogue made ready to run: alphabet, automata, words and per-recognizer arrays."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from piiscan.arrays import Bool, Int8, Int16, Int64, UInt8
from piiscan.detect.catalog.catalog import Catalog, by_digest
from piiscan.detect.catalog.recognizer import TAGGED, Recognizer
from piiscan.detect.checks import REASONS, Judgement, Verdict
from piiscan.detect.context.role_words import RoleWords
from piiscan.detect.context.separators import LEADS, SEPARATORS
from piiscan.detect.context.word_trie import Words
from piiscan.detect.matching.alphabet import HAN, HAN_DIGIT, OTHER, Alphabet
from piiscan.detect.matching.automaton import Automaton, ShapeSet, cached_automaton, determinise
from piiscan.detect.matching.boundaries import BOUNDARIES
from piiscan.detect.matching.word_sieve import Sieve
from piiscan.detect.regex.user_patterns import Patterns
from piiscan.detect.results.watchlist_hits import Watching
from piiscan.detect.scoring.isolated import Quiet
from piiscan.detect.validation.single_value import SINGLE
from piiscan.errors import CatalogError

_CROSSES = "×✕хХ"  # written for the X of a check digit
_STRENGTHS = {"L": 1, "M": 2, "H": 3}


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """The functions of a check module; either may be absent."""

    check: Callable[..., Judgement] | None
    canonical: Callable[..., Any] | None


@dataclass(frozen=True, slots=True)
class Names:
    """The words that columns of findings are coded in, as Arrow arrays."""

    recognizers: pa.Array
    entities: pa.Array
    verdicts: pa.Array
    reasons: pa.Array
    words: pa.Array  # context words, then the separators of lists
    roles: pa.Array


@dataclass(frozen=True, slots=True)
class Single:
    """By recognizer: which check can be asked about a value as it stands; see checks/single.py.

    ``most``: longer values are cut; ``unchanged[recognizer * 256 + byte]``: whether a folded byte
    stands in the value as it is.
    """

    number: UInt8
    most: Int64
    unchanged: Bool

    @classmethod
    def of(cls, recognizers: Sequence[Recognizer], kept: UInt8) -> Single:
        """For ``recognizers``, whose values keep what ``kept[recognizer, byte]`` says."""
        number = np.array([SINGLE.get(r.check or "", 0) for r in recognizers], np.uint8)
        number[~kept.any(axis=1)] = 0
        most = [min(r.value.first or 256, r.value.last or 256) for r in recognizers]
        unchanged = (kept == np.arange(256)) & (kept != 0)
        return cls(number, np.array(most, np.int64), unchanged.reshape(-1))


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything about a catalogue that does not depend on the text; arrays are by recognizer."""

    catalog: Catalog
    alphabet: Alphabet
    anywhere: Automaton  # recognizers that look at running text
    behind: Automaton  # anchored recognizers, which look only behind their words
    cells: Automaton  # recognizers that look at whole cells
    words: Words
    sieve: Sieve  # of context and role words
    roles: RoleWords
    role_pairs: Bool
    kept: UInt8  # [recognizer, folded byte]: character of the value; all 0: the text as it stands
    arithmetic: list[Arithmetic]
    boundary: UInt8
    anchored: UInt8
    strength: Int8
    outranks: Int64
    whole_cell: Bool
    entity: Int16  # number in ``names.entities``
    with_never: tuple[int, ...]  # numbers of the recognizers that have ``never``
    implies: Int16  # number of the implied recognizer, -1: none
    follows: Bool  # [value, account]: it may stand behind that in a list
    names: Names
    patterns: Patterns  # users' own regular expressions
    watching: Watching  # lists of known values
    quiet: Quiet  # what lets a candidate stand alone
    single: Single
    tagged: Int16  # number of the recognizer of each kind of the tagger, -1: none
    masked_name: Bool  # masked forms of what the tagger reads as a person


@by_digest
def plan(catalog: Catalog) -> Plan:
    """The plan of ``catalog``, made once per digest in a process."""
    return _make(catalog)


def _make(catalog: Catalog) -> Plan:
    recognizers = catalog.recognizers
    ids = [recognizer.id for recognizer in recognizers]
    running = _shapes([None if r.whole_cell or r.anchored else r for r in recognizers])
    behind = _shapes([r if r.anchored and not r.whole_cell else None for r in recognizers])
    whole = _shapes([r if r.whole_cell else None for r in recognizers])
    words, roles = Words.of(catalog), RoleWords.of(catalog)
    follows = np.array([[each in r.behind for each in ids] for r in recognizers], np.bool_)
    leads = LEADS if follows.any() else ()
    masked = _masked_names(recognizers)
    endings = words.endings() | roles.endings() | {lead[-2:] for lead in leads}
    alphabet = Alphabet.of([*running.chars(), *behind.chars(), *whole.chars()], endings)
    return Plan(
        catalog,
        alphabet,
        cached_automaton(f"{catalog.digest}-anywhere", lambda: determinise(running, alphabet)),
        cached_automaton(f"{catalog.digest}-behind", lambda: determinise(behind, alphabet)),
        cached_automaton(f"{catalog.digest}-cells", lambda: determinise(whole, alphabet)),
        words,
        roles.sieve(alphabet, [*words.words, *leads]),
        roles,
        roles.sieve(alphabet).pairs,
        values := np.array([_kept(r, alphabet) for r in recognizers]),
        [_arithmetic(r) for r in recognizers],
        np.array([BOUNDARIES[r.boundary] for r in recognizers], np.uint8),
        np.array([r.anchored for r in recognizers], np.uint8),
        np.array([_STRENGTHS[r.bare] for r in recognizers], np.int8),
        np.array([r.outranks for r in recognizers], np.int64),
        np.array([r.whole_cell for r in recognizers], np.bool_),
        np.array([catalog.entities.index(r.entity) for r in recognizers], np.int16),
        tuple(number for number, r in enumerate(recognizers) if r.never),
        np.array([ids.index(r.implies) if r.implies else -1 for r in recognizers], np.int16),
        follows,
        _names(catalog, words),
        Patterns.of(recognizers, alphabet.kind),
        Watching.of(catalog),
        Quiet.of(recognizers, alphabet, masked),
        Single.of(recognizers, values),
        _tagged(recognizers),
        masked,
    )


def _masked_names(recognizers: Sequence[Recognizer]) -> Bool:
    """Which recognizers find masked forms of what the tagger reads as a person."""
    persons = {r.id for r in recognizers if r.tagged == "person"}
    return np.array([r.entity == "MASKED" and bool({*r.like} & persons) for r in recognizers])


def _tagged(recognizers: Sequence[Recognizer]) -> Int16:
    """The recognizer of each kind of the tagger; CatalogError where two want the same."""
    found = np.full(len(TAGGED), -1, np.int16)
    for number, recognizer in enumerate(recognizers):
        if recognizer.tagged is not None:
            kind = TAGGED.index(recognizer.tagged)
            if found[kind] >= 0:
                other = recognizers[found[kind]].id
                raise CatalogError(f"{recognizer.file}: tagged: {other} has that already")
            found[kind] = number
    return found


def _names(catalog: Catalog, words: Words) -> Names:
    return Names(
        pa.array([each.id for each in catalog.recognizers], pa.string()),
        pa.array(catalog.entities, pa.string()),
        pa.array([verdict.name.lower() for verdict in Verdict], pa.string()),
        pa.array(REASONS, pa.string()),
        pa.array((*words.words, *SEPARATORS), pa.string()),
        pa.array(catalog.vocabulary.get("roles", {}), pa.string()),
    )


def _shapes(recognizers: Sequence[Recognizer | None]) -> ShapeSet:
    """The shapes of those given, by recognizer number; CatalogError names the file."""
    shapes = ShapeSet.empty()
    for recognizer in recognizers:
        try:
            shapes.add(*(recognizer.shape, recognizer.ignore_case) if recognizer else ((), False))
        except CatalogError as error:
            raise CatalogError(f"{recognizer.file if recognizer else ''}: {error}") from None
    return shapes


def _kept(recognizer: Recognizer, alphabet: Alphabet) -> UInt8:
    keep = recognizer.value.keep
    kept = np.zeros(256, np.uint8)
    if keep == "text":
        return kept
    kept[48:58] = np.arange(48, 58)
    kept[HAN_DIGIT : HAN_DIGIT + 10] = np.arange(48, 58)
    if keep == "digits_x":
        kept[[ord("x"), ord("X")]] = ord("X")
        for byte, chars in alphabet.members.items():
            if any(char in _CROSSES for char in chars):
                kept[byte] = ord("X")
    elif keep in ("alnum", "visible"):
        kept[65:91] = np.arange(65, 91)
        kept[97:123] = np.arange(97, 123)
    if keep == "visible":
        kept[33:127] = np.arange(33, 127)
        kept[OTHER + 1 :] = kept[[HAN, OTHER]] = ord("?")
        for byte, chars in alphabet.members.items():
            new = {recognizer.value.replace.get(char, "") for char in chars} - {""}
            if new and max(new) < "\x80":
                kept[byte] = ord(min(new))
    if recognizer.value.case == "upper":
        kept[97:123] -= kept[97:123] // np.uint8(97) * np.uint8(32)
    if recognizer.value.case == "lower":
        kept[65:91] += np.uint8(32)
    return kept


def _arithmetic(recognizer: Recognizer) -> Arithmetic:
    if recognizer.check is None:
        return Arithmetic(None, None)
    name = recognizer.check
    try:
        if not name.isidentifier():
            raise ImportError
        module = importlib.import_module(f"piiscan.detect.checks.{name}")
    except ImportError:
        raise CatalogError(f"{recognizer.file}: there is no check named {name!r}") from None
    return Arithmetic(getattr(module, "check", None), getattr(module, "canonical", None))

"""The tables of an automaton match what its shapes match, in as few states as that needs."""

from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from piiscan.arrays import Int64
from piiscan.detect.catalog.catalog import load
from piiscan.detect.match_tables import MatchTables, SlowTables, load_slow_tables
from piiscan.detect.matching import automaton as automata
from piiscan.detect.matching.alphabet import Alphabet
from piiscan.detect.matching.automaton import Automaton, ShapeSet, determinise, fits_bounds

NAMES = ("text_automaton", "anchored_automaton", "cell_automaton")


def made() -> Automaton:
    shapes = ShapeSet.empty()
    shapes.add(["1[3-9][0-9]{9}", "6[0-9]{3,12}5", "张三+"], False)
    return determinise(shapes, Alphabet.of(shapes.chars(), []))


@cache
def tables() -> MatchTables:
    """Return the match tables of the shipped catalogue, as they are stored."""
    catalog = load(None)
    return MatchTables.of(catalog, load_slow_tables(catalog))


@cache
def few_rules(*, merged: bool) -> MatchTables:
    """Return the match tables of each fourth rule; without merging, equal states stay apart."""
    whole = load(None)
    some = tuple(replace(each, also=()) for each in whole.recognizers[::4])
    catalog = replace(whole, recognizers=some, digest="test:automaton")
    with pytest.MonkeyPatch.context() as patch:
        if not merged:
            apart = lambda rows, _: (np.arange(len(rows)), np.arange(len(rows)))  # noqa: E731
            patch.setattr(automata, "_merge_alike", apart)
        return MatchTables.of(catalog, SlowTables.of(catalog))


def accepted(automaton: Automaton) -> list[bytes]:
    """Return the recognizers of each state."""
    bounds = automaton.accept_from.tolist()
    return [automaton.accepts[start:end].tobytes() for start, end in pairwise(bounds)]


def merged_states(many: Automaton, few: Automaton) -> Int64:
    """Return the state of ``few`` that each state of ``many`` meets on a way from the start."""
    state = np.full(len(many.accepting), -1, np.int64)
    state[[0, 1]] = 0, 1
    new = np.array([1])
    while len(new):
        after = many.table.reshape(-1, 256)[new].reshape(-1)
        unmet = state[after] < 0
        state[after[unmet]] = few.table.reshape(-1, 256)[state[new]].reshape(-1)[unmet]
        new = np.unique(after[unmet])
    return state


@pytest.mark.parametrize("name", NAMES)
def test_merged_states_match_what_they_match_apart(name: str) -> None:
    many, few = (getattr(few_rules(merged=each), name) for each in (False, True))
    assert len(many.accepting) > len(few.accepting)
    state = merged_states(many, few)
    assert (state >= 0).all()
    # equal accepts, and equal states after any byte: by induction, after any text
    np.testing.assert_array_equal(
        state[many.table.reshape(-1, 256)], few.table.reshape(-1, 256)[state]
    )
    lists = accepted(few)
    assert accepted(many) == [lists[each] for each in state]
    np.testing.assert_array_equal(many.start_pairs, few.start_pairs)


@pytest.mark.parametrize("name", NAMES)
def test_no_two_states_match_alike(name: str) -> None:
    automaton = getattr(tables(), name)
    table = automaton.table.reshape(-1, 256)
    table = table[:, np.unique(table, axis=1, return_index=True)[1]]
    numbers: dict[bytes, int] = {}
    group = np.array([numbers.setdefault(each, len(numbers)) for each in accepted(automaton)])
    group[1] = len(numbers)  # no transition leads to the start: it may have a double
    groups = 0
    while groups < len(numbers):
        groups, numbers = len(numbers), {}
        rows = np.column_stack([group, group[table]]).astype(np.uint16)
        group = np.array([numbers.setdefault(row.tobytes(), len(numbers)) for row in rows])
    assert groups == len(table)


@pytest.mark.parametrize(
    ("name", "number"),
    [
        *(("table", 60), ("after_two_digits", 60), ("after_digits", 60), ("accepts", 1)),
        *(("accepts", -1), ("accept_from", 60)),
    ],
)
def test_numbers_that_lead_outside_are_seen(name: str, number: int) -> None:
    automaton = made()
    assert fits_bounds(automaton, 1)
    changed = getattr(automaton, name).copy()
    changed[len(changed) // 2] = number
    assert not fits_bounds(automaton._replace(**{name: changed}), 1)
    assert not fits_bounds(automaton._replace(**{name: changed[:-1]}), 1)


def test_no_match_begins_with_a_number_that_is_said_to_begin_none() -> None:
    automaton = made()
    table = automaton.table.reshape(-1, 256)
    may_match = automaton.number_may_match.reshape(-1, 256)
    states = {1}
    for digits in range(1, len(may_match)):
        states = {int(each) for state in states for each in table[state, 48:58]} - {0}
        for byte in range(256):
            expected = any(automaton.accepting[each] or table[each, byte] for each in states)
            assert may_match[digits, byte] == expected, (digits, byte)
    assert may_match.any()
    assert not may_match.all()


def test_what_follows_alike_is_what_following_one_by_one_gives() -> None:
    automaton = made()
    table = automaton.table.reshape(-1, 256)
    alike = automaton.after_digits.reshape(-1, 8)
    for state in range(2, len(alike)):
        ends = [{state}]
        for _ in range(8):
            ends.append({int(after) for each in ends[-1] for after in table[each, 48:58]})
        for more, after in enumerate(ends[1:]):
            assert alike[state, more] in ({1} if len(after) > 1 else after | {1}), (state, more)
    behind = table[table[1, ord("1")], ord("3")]
    assert alike[behind, 7] > 1  # any eight digits of a phone number lead on

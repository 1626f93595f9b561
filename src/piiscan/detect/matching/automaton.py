"""Automaton: all shapes of a catalogue as one deterministic finite automaton over folded bytes.

The Glushkov positions of all shapes are determinised together. A state records the recognizers that
match when it is reached. One step costs one table look-up, for any number of recognizers.

    shapes 1[3-9][0-9]{9} and [0-9]{6}, input 138000 -> state that accepts the second
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from piiscan.arrays import AnyArray, Bool, Int16, Int32, Int64, UInt8, UInt16
from piiscan.detect.matching.alphabet import Alphabet
from piiscan.detect.matching.shapes import Fragment, Positions, Ranges, add_shape, without_plain
from piiscan.errors import CatalogError

_MAX_STATES = 60_000
#: No transition leads to the start state, so its number can mean "none".
_START: Final = 1

#: Longest run of digits that is looked up whole.
MAX_RUN: Final = 23


class Automaton(NamedTuple):
    """Transition tables: ``table[state * 256 + byte]`` is the next state; 0 is dead, 1 the start.

    No two states match alike. States that the start reaches over digits alone come first, and only
    they have rows in two tables: ``after_two_digits[state * 256 + one * 16 + two]`` is the state
    after two digits, ``after_digits[state * 8 + n - 1]`` that after ``n`` digits if it is the same
    for all digits, else 1.
    ``accepts[accept_from[s]:accept_from[s + 1]]``: numbers of the recognizers that match in
    state ``s``.
    ``number_may_match[n * 256 + byte]``: False if no match begins with ``n`` digits, at most
    MAX_RUN, and ``byte`` behind them.
    """

    table: UInt16
    after_two_digits: UInt16
    after_digits: UInt16
    start_pairs: Bool  # [byte * 256 + next byte]: first two bytes of a match
    accepting: Bool
    accept_from: Int32
    accepts: Int16
    number_may_match: Bool


@dataclass(frozen=True, slots=True)
class ShapeSet:
    """Parsed shapes: the positions of all recognizers, and the fragments of each recognizer."""

    positions: Positions
    fragments: list[list[Fragment]]

    @classmethod
    def empty(cls) -> ShapeSet:
        """Return a set without recognizers."""
        return cls(Positions([], []), [])

    def add(self, shapes: Sequence[str], ignore_case: bool, *, dressed: bool = False) -> None:
        """Parse the shapes of the next recognizer (possibly none) and append their fragments.

        Raise CatalogError if a shape is invalid. ``dressed``: plain numbers do not match.
        """
        fragments = []
        for shape in shapes:
            positions = Positions([], []) if dressed else self.positions
            whole = add_shape(shape, positions, ignore_case=ignore_case)
            fragments.append(without_plain(positions, whole, self.positions) if dressed else whole)
        self.fragments.append(fragments)

    def chars(self) -> list[Ranges]:
        """Return the character class of every position."""
        return self.positions.chars


def determinise(shapes: ShapeSet, alphabet: Alphabet) -> Automaton:
    """Build the least deterministic finite automaton that matches all ``shapes``.

    Raise CatalogError if it has more than 60,000 states before those that match alike are merged.
    """
    bytes_of = {chars: alphabet.bytes_of(chars) for chars in set(shapes.chars())}
    position_bytes = [bytes_of[chars] for chars in shapes.chars()]
    classes, masks = _byte_classes(position_bytes)
    rows, state_positions = _subsets(shapes, masks)
    last_masks = [
        _position_mask(position for part in fragments for position in part.last)
        for fragments in shapes.fragments
    ]
    accepts = [
        tuple(r for r, ends in enumerate(last_masks) if state & ends) for state in state_positions
    ]
    first, number = _merge_alike(rows, accepts)
    table = number[rows[first]][:, classes]
    over_digits = _digit_states(table[:, 48:58])
    order = np.argsort(~over_digits, kind="stable")
    ordered: UInt16 = np.argsort(order)[table[order]].astype(np.uint16)
    return _tables(ordered, int(over_digits.sum()), [accepts[state] for state in first[order]])


def _subsets(shapes: ShapeSet, masks: Sequence[int]) -> tuple[UInt16, list[int]]:
    """Determinise ``shapes`` by subset construction: (next states, positions of each state).

    ``masks``: positions that read a byte of each class. Next states are ``uint16[state, class]``;
    the positions of a state are a bit mask.
    """
    follow = [_position_mask(successors) for successors in shapes.positions.follow]
    first_mask = _position_mask(
        position for fragments in shapes.fragments for part in fragments for position in part.first
    )
    state_numbers: dict[int, int] = {0: 0, -1: _START}
    queue = [-1]
    rows = [[0] * len(masks)]
    state_positions = [0]
    for state in queue:
        reachable = first_mask if state == -1 else _successor_mask(follow, state)
        row = []
        for mask in masks:
            next_state = reachable & mask
            number = state_numbers.get(next_state)
            if number is None:
                number = state_numbers[next_state] = len(state_numbers)
                queue.append(next_state)
                if number > _MAX_STATES:
                    raise CatalogError("shape.too_many_states")
            row.append(number)
        rows.append(row)
        state_positions.append(0 if state == -1 else state)
    return np.array(rows, np.uint16), state_positions


def _merge_alike(rows: UInt16, accepts: Sequence[tuple[int, ...]]) -> tuple[Int64, Int64]:
    """Merge states from which the same texts match: (a state of each group, group of each state).

    Groups are numbered by their first states; 0 is dead and 1 the start, which stays alone. The
    groups of equal ``accepts`` are split, by the groups of their next states, until none differ.
    States are compared by 64-bit sums of numbers drawn for the groups: equal states always have
    equal sums. Unequal ones that had so too would stay together, which is checked at the end.

    ``rows``: ``[state, class]``, the next state; ``accepts``: recognizers of each state.
    """
    lists: dict[tuple[int, ...], int] = {}
    group = np.array([lists.setdefault(each, len(lists)) for each in accepts], np.int64)
    group[_START] = len(lists)
    drawn = np.random.default_rng(0)
    factors = drawn.integers(1, 1 << 63, rows.shape[1], np.uint64) | np.uint64(1)
    columns = np.ascontiguousarray(rows.T)
    count = 0
    while True:
        first, number = _numbered(group)
        if len(first) == count:
            break
        count = len(first)
        values = drawn.integers(1, 1 << 63, count, np.uint64)[number]
        group = values.copy()
        for factor, column in zip(factors, columns, strict=True):
            group += values[column] * factor
    if (number[rows[first]][number] != number[rows]).any():
        raise AssertionError("states that match different texts were merged")
    return first, number


def _numbered(group: AnyArray) -> tuple[Int64, Int64]:
    """Number the values of ``group`` as they appear: (index of the first, number of each)."""
    _, first, number = np.unique(group, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return first[order], rank[number]


def _digit_states(digits: Int64) -> Bool:
    """Mark the states that the start reaches over digits alone: ``bool[state]``; 0 and 1 too.

    ``digits``: ``[state, 10]``, the state after each digit.
    """
    marked = np.zeros(len(digits), np.bool_)
    new = np.array([0, _START])
    while len(new):
        marked[new] = True
        new = np.unique(digits[new])
        new = new[~marked[new]]
    return marked


def _tables(table: UInt16, digit_states: int, accepts: Sequence[tuple[int, ...]]) -> Automaton:
    """Build the automaton of transitions ``table`` (``[state, byte]``); derive the other tables.

    ``digit_states``: number of the first states, which the start reaches over digits alone.
    ``accepts``: recognizers of each state.
    """
    counts = np.array([0, *map(len, accepts)], np.int32)
    accepting = counts[1:] > 0
    digits = table[:digit_states, 48:58]
    after_two_digits = np.zeros((digit_states, 16, 16), np.uint16)
    after_two_digits[:, :10, :10] = digits[digits]
    start_pairs = (table[table[_START]] != 0) | accepting[table[_START]][:, None]
    return Automaton(
        table.reshape(-1),
        after_two_digits.reshape(-1),
        _states_after_digits(digits).reshape(-1),
        (start_pairs & (table[_START] != 0)[:, None]).reshape(-1),
        accepting,
        np.cumsum(counts, dtype=np.int32),
        np.array([which for each in accepts for which in each], np.int16),
        _numbers_that_may_match(table, accepting).reshape(-1),
    )


def _numbers_that_may_match(table: UInt16, accepting: Bool) -> Bool:
    """Return ``bool[digits, byte]``: True if a match may begin with so many digits and a byte.

    ``table``: ``uint16[state, byte]``, the next states.
    """
    may_match = np.ones((MAX_RUN + 1, 256), np.bool_)
    states = np.array([_START])
    for digits in range(1, MAX_RUN + 1):
        states = np.unique(table[states, 48:58])
        states = states[states != 0]
        may_match[digits] = accepting[states].any() | (table[states] != 0).any(axis=0)
    return may_match


def _states_after_digits(digits: UInt16) -> UInt16:
    """Return the state after 1 to 8 digits from each state: ``uint16[state, 8]``.

    The entry is 1 if the state depends on the digits.

    ``digits``: ``uint16[state, 10]``, the state after each digit.
    """
    after_one = np.where((digits == digits[:, :1]).all(axis=1), digits[:, 0], _START)
    after_one[_START] = _START
    runs = [after_one]
    for _ in range(7):
        runs.append(after_one[runs[-1]])
    return np.stack(runs, axis=1).astype(np.uint16)


def _position_mask(positions: Iterable[int]) -> int:
    """Return ``positions`` as a bit mask: bit ``n`` is set for position ``n``."""
    mask = 0
    for position in positions:
        mask |= 1 << position
    return mask


def _successor_mask(follow: list[int], state: int) -> int:
    """Return the bit mask of positions that follow any position in the mask ``state``."""
    successors = 0
    while state:
        lowest = state & -state
        successors |= follow[lowest.bit_length() - 1]
        state ^= lowest
    return successors


def _byte_classes(position_bytes: list[frozenset[int]]) -> tuple[UInt8, list[int]]:
    """Group bytes that occur in the same positions: (class of each byte, mask of each class).

    Bytes that occur in the same positions share a class, which makes the subset construction
    faster.
    """
    masks = [0] * 256
    for position, bytes_ in enumerate(position_bytes):
        for byte in bytes_:
            masks[byte] |= 1 << position
    masks[0] = 0  # no shape matches BREAK
    numbers: dict[int, int] = {0: 0}
    classes = np.zeros(256, np.uint8)
    for byte, mask in enumerate(masks):
        classes[byte] = numbers.setdefault(mask, len(numbers))
    return classes, list(numbers)


def fits_bounds(automaton: Automaton, recognizers: int) -> bool:
    """Return True if no number of the automaton's tables leads outside them."""
    states = len(automaton.accepting)
    over_digits = len(automaton.after_digits) // 8
    last = len(automaton.accepts)
    sizes = (
        *(256 * states, 256 * over_digits, 8 * over_digits, 65536, states, states + 1, last),
        256 * (MAX_RUN + 1),
    )
    bounds = automaton.accept_from
    return (
        sizes == tuple(map(len, automaton))
        and 2 <= over_digits <= states
        and int(automaton.table.max()) < states
        and int(automaton.after_two_digits.max()) < over_digits
        and int(automaton.after_digits.max()) < over_digits
        and (int(bounds[0]), int(bounds[-1])) == (0, last)
        and bool((bounds[1:] >= bounds[:-1]).all())
        and (not last or int(automaton.accepts.min()) >= 0)
        and (not last or int(automaton.accepts.max()) < recognizers)
    )

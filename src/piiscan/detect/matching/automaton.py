"""Automaton: all shapes of a catalogue as one deterministic finite automaton over folded bytes.

The Glushkov positions of all shapes are determinised together. A state records the recognizers that
match when it is reached. One step costs one table look-up, for any number of recognizers.

    shapes 1[3-9][0-9]{9} and [0-9]{6}, input 138000 -> state that accepts the second
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from piiscan.arrays import AnyArray, Bool, Int16, Int32, UInt8, UInt16
from piiscan.cache import cached_arrays
from piiscan.detect.matching.alphabet import Alphabet
from piiscan.detect.matching.shapes import (
    Fragment,
    Positions,
    Ranges,
    ShapeParser,
    without_plain,
)
from piiscan.errors import CatalogError

_MAX_STATES = 60_000
#: No transition leads to the start state, so its number can mean "none".
_START: Final = 1


class Automaton(NamedTuple):
    """Transition tables: ``table[state * 256 + byte]`` is the next state; 0 is dead, 1 the start.

    ``after_two_digits[state * 256 + one * 16 + two]``: state after two digits. ``after_digits[state
    * 8 + n - 1]``: state after ``n`` digits if it is the same for all digits, else 1.
    ``accepts[accept_from[s]:accept_from[s + 1]]``: numbers of the recognizers that match in
    state ``s``.
    """

    table: UInt16
    after_two_digits: UInt16
    after_digits: UInt16
    start_pairs: Bool  # [byte * 256 + next byte]: first two bytes of a match
    accepting: Bool
    accept_from: Int32
    accepts: Int16


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
            whole = ShapeParser(shape, positions, ignore_case=ignore_case).fragment()
            fragments.append(without_plain(positions, whole, self.positions) if dressed else whole)
        self.fragments.append(fragments)

    def chars(self) -> list[Ranges]:
        """Return the character class of every position."""
        return self.positions.chars


def determinise(shapes: ShapeSet, alphabet: Alphabet) -> Automaton:
    """Build one deterministic finite automaton of all ``shapes`` by subset construction.

    Raise CatalogError if it needs more than 60,000 states.
    """
    bytes_of = {chars: alphabet.bytes_of(chars) for chars in set(shapes.chars())}
    position_bytes = [bytes_of[chars] for chars in shapes.chars()]
    classes, masks = _byte_classes(position_bytes)
    follow = [_position_mask(successors) for successors in shapes.positions.follow]
    first_mask = _position_mask(
        position for fragments in shapes.fragments for part in fragments for position in part.first
    )
    last_masks = [
        _position_mask(position for part in fragments for position in part.last)
        for fragments in shapes.fragments
    ]
    state_numbers: dict[int, int] = {0: 0, -1: 1}
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
    accepts = [
        [r for r, ends in enumerate(last_masks) if state & ends] for state in state_positions
    ]
    counts = np.array([0, *(len(numbers) for numbers in accepts)], np.int32)
    table = np.array(rows, np.uint16)[:, classes]
    after_two_digits = np.zeros((len(table), 16, 16), np.uint16)
    after_two_digits[:, :10, :10] = table[:, 48:58][table[:, 48:58]]
    start_pairs = (table[table[1]] != 0) | (counts[1:] > 0)[table[1]][:, None]
    return Automaton(
        table.reshape(-1),
        after_two_digits.reshape(-1),
        _states_after_digits(table[:, 48:58]).reshape(-1),
        (start_pairs & (table[1] != 0)[:, None]).reshape(-1),
        counts[1:] > 0,
        np.cumsum(counts, dtype=np.int32),
        np.array([r for numbers in accepts for r in numbers], np.int16),
    )


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


def cached_automaton(name: str, make: Callable[[], Automaton]) -> Automaton:
    """Return the automaton cached under ``name``; build it with ``make`` if absent.

    Building one can take longer than a scan.
    """
    return _restore(cached_arrays(name, lambda: make()._asdict(), fits=_fits))


def _restore(arrays: Mapping[str, AnyArray]) -> Automaton:
    """Build an automaton from its cached ``arrays``; raise KeyError if one is missing."""
    return Automaton(**{name: arrays[name] for name in Automaton._fields})


def _fits(arrays: Mapping[str, AnyArray]) -> bool:
    """Return True if the cached arrays are a complete automaton with consistent lengths."""
    try:
        automaton = _restore(arrays)
    except KeyError:
        return False
    states = len(automaton.accepting)
    last = int(automaton.accept_from[-1])
    sizes = (256 * states, 256 * states, 8 * states, 65536, states, states + 1, last)
    return sizes == tuple(map(len, automaton))

"""All shapes of a catalogue as one deterministic automaton over folded bytes.

Glushkov positions of every shape are determinised together; a state knows which recognizers have
matched when it is reached.  Running it from each possible start costs one table look-up a byte,
however many recognizers there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from piiscan.arrays import AnyArray, Bool, Int16, Int32, UInt8, UInt16
from piiscan.cache import cached_arrays
from piiscan.detect.matching.alphabet import Alphabet
from piiscan.detect.matching.shapes import Fragment, Parser, Positions, Ranges
from piiscan.errors import CatalogError

_MOST_STATES = 60_000
#: No state leads back to the start, so that its number can stand for none.
_START: Final = 1


@dataclass(frozen=True, slots=True)
class Automaton:
    """``table[state * 256 + byte]`` is the next state; 0 is dead, 1 the start.

    ``by_two[state * 256 + one * 16 + two]`` is the state after two digits, and
    ``alike[state * 8 + n - 1]`` that after ``n`` where it does not depend on which (1: it does);
    ``accepts[accept_from[s]:accept_from[s + 1]]`` are the recognizers (by number) that match when
    state ``s`` is reached.
    """

    table: UInt16
    by_two: UInt16
    alike: UInt16
    opens: Bool  # [byte * 256 + next byte]: a match may begin with these two
    accepting: Bool
    accept_from: Int32
    accepts: Int16


@dataclass(frozen=True, slots=True)
class ShapeSet:
    """The parsed shapes of some recognizers: positions, and each recognizer's first and last."""

    positions: Positions
    fragments: list[list[Fragment]]

    @classmethod
    def empty(cls) -> ShapeSet:
        """No recognizer yet."""
        return cls(Positions([], []), [])

    def add(self, shapes: Sequence[str], ignore_case: bool) -> None:
        """The next recognizer's shapes (perhaps none); CatalogError if one cannot be read."""
        self.fragments.append(
            [Parser(each, self.positions, ignore_case=ignore_case).fragment() for each in shapes]
        )

    def chars(self) -> list[Ranges]:
        """The character classes used by any position."""
        return self.positions.chars


def determinise(shapes: ShapeSet, alphabet: Alphabet) -> Automaton:
    """The automaton of ``shapes``; CatalogError when it would grow beyond 60,000 states."""
    bytes_of = {chars: alphabet.bytes_of(chars) for chars in set(shapes.chars())}
    consumed = [bytes_of[chars] for chars in shapes.chars()]
    classes, masks = _byte_classes(consumed)
    follow = [_mask(places) for places in shapes.positions.follow]
    first = _mask(place for own in shapes.fragments for part in own for place in part.first)
    last = [_mask(place for part in own for place in part.last) for own in shapes.fragments]
    numbers: dict[int, int] = {0: 0, -1: 1}
    waiting = [-1]
    rows = [[0] * len(masks)]
    reached = [0]
    for state in waiting:
        after = first if state == -1 else _union(follow, state)
        row = []
        for mask in masks:
            following = after & mask
            number = numbers.get(following)
            if number is None:
                number = numbers[following] = len(numbers)
                waiting.append(following)
                if number > _MOST_STATES:
                    raise CatalogError("the shapes together need too many states; bound repeats")
            row.append(number)
        rows.append(row)
        reached.append(0 if state == -1 else state)
    accepts = [[r for r, ends in enumerate(last) if state & ends] for state in reached]
    counts = np.array([0, *(len(each) for each in accepts)], np.int32)
    table = np.array(rows, np.uint16)[:, classes]
    by_two = np.zeros((len(table), 16, 16), np.uint16)
    by_two[:, :10, :10] = table[:, 48:58][table[:, 48:58]]
    opens = (table[table[1]] != 0) | (counts[1:] > 0)[table[1]][:, None]
    return Automaton(
        table.reshape(-1),
        by_two.reshape(-1),
        _alike(table[:, 48:58]).reshape(-1),
        (opens & (table[1] != 0)[:, None]).reshape(-1),
        counts[1:] > 0,
        np.cumsum(counts, dtype=np.int32),
        np.array([r for each in accepts for r in each], np.int16),
    )


def _alike(digits: UInt16) -> UInt16:
    """Where each state leads after 1 to 8 digits if all lead to one; ``digits``: after each."""
    one = np.where((digits == digits[:, :1]).all(axis=1), digits[:, 0], _START)
    one[_START] = _START
    runs = [one]
    for _ in range(7):
        runs.append(one[runs[-1]])
    return np.stack(runs, axis=1).astype(np.uint16)


def _mask(places: Iterable[int]) -> int:
    mask = 0
    for place in places:
        mask |= 1 << place
    return mask


def _union(follow: list[int], state: int) -> int:
    after = 0
    while state:
        low = state & -state
        after |= follow[low.bit_length() - 1]
        state ^= low
    return after


def _byte_classes(consumed: list[frozenset[int]]) -> tuple[UInt8, list[int]]:
    """(class of each byte, mask of each class): bytes that no position tells apart share one."""
    masks = [0] * 256
    for place, bytes_ in enumerate(consumed):
        for byte in bytes_:
            masks[byte] |= 1 << place
    masks[0] = 0  # BREAK ends everything
    numbers: dict[int, int] = {0: 0}
    classes = np.zeros(256, np.uint8)
    for byte, mask in enumerate(masks):
        classes[byte] = numbers.setdefault(mask, len(numbers))
    return classes, list(numbers)


def cached_automaton(name: str, make: Callable[[], Automaton]) -> Automaton:
    """Return the automaton cached under ``name``, else the one that ``make`` makes.

    Making one takes longer than many a scan.
    """
    arrays = cached_arrays(name, lambda: _arrays(make()), fits=_fits)
    return Automaton(**{each.name: arrays[each.name] for each in fields(Automaton)})


def _arrays(automaton: Automaton) -> dict[str, AnyArray]:
    return {each.name: getattr(automaton, each.name) for each in fields(Automaton)}


def _fits(arrays: Mapping[str, AnyArray]) -> bool:
    """Return True if the lengths of cached arrays agree with each other."""
    if not {each.name for each in fields(Automaton)} <= arrays.keys():
        return False
    states = len(arrays["accepting"])
    last = int(arrays["accept_from"][-1])
    sizes = (256 * states, 256 * states, 8 * states, 65536, states, states + 1, last)
    return sizes == tuple(len(arrays[each.name]) for each in fields(Automaton))

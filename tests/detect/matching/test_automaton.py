"""What the tables of an automaton say in one step is what following them one by one gives."""

from __future__ import annotations

from piiscan.detect.matching.alphabet import Alphabet
from piiscan.detect.matching.automaton import Automaton, ShapeSet, determinise


def made() -> Automaton:
    shapes = ShapeSet.empty()
    shapes.add(["1[3-9][0-9]{9}", "6[0-9]{3,12}5", "张三+"], False)
    return determinise(shapes, Alphabet.of(shapes.chars(), []))


def test_what_follows_alike_is_what_following_one_by_one_gives() -> None:
    automaton = made()
    table = automaton.table.reshape(-1, 256)
    alike = automaton.after_digits.reshape(-1, 8)
    for state in range(2, len(table)):
        ends = [{state}]
        for _ in range(8):
            ends.append({int(after) for each in ends[-1] for after in table[each, 48:58]})
        for more, after in enumerate(ends[1:]):
            assert alike[state, more] in ({1} if len(after) > 1 else after | {1}), (state, more)
    behind = table[table[1, ord("1")], ord("3")]
    assert alike[behind, 7] > 1  # any eight digits of a phone number lead on

"""Tests of tries packed by row displacement."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from piiscan.detect.matching.spellings import child_node, trie_steps


@given(st.sets(st.binary(max_size=6), max_size=60), st.data())
def test_a_packed_trie_has_the_children_of_the_plain_one(
    words: set[bytes], data: st.DataObject
) -> None:
    rows: list[dict[int, int]] = [{}]
    for word in sorted(words):
        node = 0
        for byte in word:
            node = child_node(rows, node, byte)
    shared = data.draw(st.integers(0, len(rows) - 1))
    if shared:  # a node may have several parents
        rows[0].setdefault(255, shared)
    steps, numbers = trie_steps(rows)
    assert len(set(numbers.tolist())) == len(rows)
    assert numbers[0] == 0
    for row, node in zip(rows, numbers.tolist(), strict=True):
        for byte in range(256):
            owner, child = steps[node + byte].tolist()
            expected = numbers[row[byte]] if byte in row else None
            assert (child if owner == node else None) == expected

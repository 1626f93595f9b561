"""Spellings: one label in the many ways that people write it, as nodes of a trie that share ends.

A spelling is a row of units; each unit is a choice of texts, "" for nothing.

    ((微, 薇, v), ("", " "), (信, ❤, xin)) -> 微信, 薇❤, v xin …, 18 texts in 9 nodes
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product
from typing import TypeAlias

import numpy as np

from piiscan.arrays import Int32

Spelling: TypeAlias = tuple[tuple[str, ...], ...]


def texts_of(spelling: Spelling) -> Iterator[str]:
    """Yield every text that ``spelling`` stands for.

    >>> list(texts_of((("微", "v"), ("", " "), ("信",))))
    ['微信', '微 信', 'v信', 'v 信']
    """
    return map("".join, product(*spelling))


def endings_of(spelling: Spelling) -> set[str]:
    """Return the last two characters of every text of ``spelling``.

    >>> sorted(endings_of((("微", "v"), ("", " "), ("信",))))
    [' 信', 'v信', '微信']
    """
    found = {""}
    for unit in reversed(spelling):
        short = {end for end in found if len(end) < 2}
        if not short:
            break
        found = found - short | {(text + end)[-2:] for text in unit for end in short}
    return found


def child_node(rows: list[dict[int, int]], node: int, byte: int) -> int:
    """Return the child of ``node`` for ``byte``; append a new node to ``rows`` if absent."""
    if byte not in rows[node]:
        rows[node][byte] = len(rows)
        rows.append({})
    return rows[node][byte]


def trie_steps(rows: list[dict[int, int]]) -> tuple[Int32, Int32]:
    """Return the trie ``rows`` packed by row displacement, and the packed number of each node.

    The children of all nodes share one array, ``int32[slot, 2]``: the slot ``node + byte`` has
    (node, child), any other pair means that there is no such child. Numbers of nodes are chosen so
    that no two children want the same slot; that of the root is 0.

    Source: Tarjan, Yao, Storing a Sparse Table, CACM 22 (1979).
    """
    numbers = [0] * len(rows)
    owner: dict[int, int] = dict.fromkeys(rows[0], 0)
    used = {0}
    lowest = dict.fromkeys(range(257), 0)  # first number to try for a node of so many children
    for node in sorted(range(1, len(rows)), key=lambda node: -len(rows[node])):
        row = rows[node]
        number = lowest[len(row)]
        while number in used or any(number + byte in owner for byte in row):
            number += 1
        lowest[len(row)] = number
        used.add(number)
        numbers[node] = number
        owner |= dict.fromkeys((number + byte for byte in row), number)
    steps = np.full((max(used) + 256, 2), -1, np.int32)
    for node, row in zip(numbers, rows, strict=True):
        for byte, child in row.items():
            steps[node + byte] = node, numbers[child]
    return steps, np.array(numbers, np.int32)


def add_spellings(
    rows: list[dict[int, int]],
    spellings: Sequence[tuple[int, Spelling]],
    encode: Callable[[str], Iterable[int]],
) -> dict[int, set[int]]:
    """Add spellings to a trie over reversed texts, in place; return the words complete at a node.

    The nodes of the trie are those of one text each; the added ones are shared by all texts that go
    on alike.

    Args:
        rows: children of each node by byte
        spellings: each with the number of its word
        encode: bytes of a text, as the trie reads them
    """
    ends: dict[int, set[int]] = {}
    steps, words = _read_backwards(spellings, encode)
    shared: dict[frozenset[int], int] = {}
    open_nodes = [(0, frozenset({0}))]
    while open_nodes:
        node, states = open_nodes.pop()
        targets: dict[int, set[int]] = {}
        for state in states:
            for byte, following in steps[state].items():
                targets.setdefault(byte, set()).update(following)
        for byte, target in targets.items():
            goal = frozenset(target)
            child = rows[node].get(byte)
            if child is None:
                child = shared.get(goal)
                if child is not None:
                    rows[node][byte] = child
                    continue
                child = shared[goal] = rows[node][byte] = len(rows)
                rows.append({})
            complete = {words[state] for state in goal if state in words}
            if complete:
                ends.setdefault(child, set()).update(complete)
            open_nodes.append((child, goal))
    return ends


def _read_backwards(
    spellings: Sequence[tuple[int, Spelling]], encode: Callable[[str], Iterable[int]]
) -> tuple[list[dict[int, set[int]]], dict[int, int]]:
    """Return (states reached by each byte from each state, word complete at a state).

    The automaton reads texts from their end, first in state 0, and may be in several states at
    once.  Spellings that end with the same units share their states.
    """
    steps: list[dict[int, set[int]]] = [{}]
    words: dict[int, int] = {}
    reached: dict[Spelling, frozenset[int]] = {(): frozenset({0})}

    def new_state() -> int:
        steps.append({})
        return len(steps) - 1

    for word, spelling in spellings:
        for first in range(len(spelling) - 1, -1, -1):
            if spelling[first:] in reached:
                continue
            here, unit, beyond = reached[spelling[first + 1 :]], spelling[first], new_state()
            for text in filter(None, unit):
                *path, last = reversed(list(encode(text)))
                for first_state in here:
                    state = first_state
                    for byte in path:
                        following = new_state()
                        steps[state].setdefault(byte, set()).add(following)
                        state = following
                    steps[state].setdefault(last, set()).add(beyond)
            reached[spelling[first:]] = here | {beyond} if "" in unit else frozenset({beyond})
        words |= dict.fromkeys(reached[spelling], word)
    return steps, words

"""The decoded path is the best of all paths in which no span is left open."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from piiscan.detect.ner.model.network_kernels import CLOSED, best_path
from piiscan.detect.ner.model.network_numbers import FIRST, LINE, STATES, TAKEN
from piiscan.detect.ner.model.weights import KINDS


def is_allowed(path: tuple[int, ...]) -> bool:
    opened = 0  # kind of the open span, from 1 on
    for state in path:
        kind, role = (state - 1) // 4 + 1, (state - 1) % 4
        if (opened or (state and role in (1, 2))) and (kind != opened or role not in (1, 2)):
            return False
        opened = kind if state and role < 2 else 0
    return not opened


ALLOWED = {
    length: np.array([path for path in product(range(STATES), repeat=length) if is_allowed(path)])
    for length in (1, 2, 3)
}


def decode(scores: np.ndarray, number: np.ndarray, text: list[int]) -> list[int]:
    path = np.full(len(scores), 255, np.uint8)
    best_path(scores.astype(np.float32), number.astype(np.uint16), np.array(text), path)
    return path.tolist()


@pytest.mark.parametrize("seed", range(30))
def test_the_path_is_the_best_of_all(seed: int) -> None:
    draw = np.random.default_rng(seed)
    length = int(draw.integers(1, 4))
    scores = draw.normal(size=(length, STATES)).astype(np.float32)
    paths = ALLOWED[length]
    best = paths[scores[np.arange(length), paths].sum(1).argmax()]
    assert decode(scores, np.full(length, FIRST), [0, length]) == best.tolist()


def test_no_span_reaches_over_what_is_closed() -> None:
    begin, inside, end = 1, 2, 3
    assert len(KINDS) * 4 + 1 == STATES
    scores = np.zeros((12, STATES), np.float32)
    for at, state in enumerate((begin, inside, inside, end) * 3):
        scores[at, state] = 5
    number = np.full(12, FIRST)
    assert decode(scores, number, [0, 12]) == [1, 2, 2, 3] * 3
    number[1], number[6] = TAKEN, LINE
    scores[9, 1:] = CLOSED
    path = decode(scores, number, [0, 12])
    assert [path[at] for at in (1, 6, 9)] == [0, 0, 0]
    assert decode(scores[:4], np.full(4, FIRST), [0, 2, 4])[1:3] != [2, 2]
    assert decode(scores[:0], number[:0], [0, 0]) == []

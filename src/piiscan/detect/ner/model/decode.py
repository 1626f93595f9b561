"""Viterbi decoding: the best path of states through the scores of a text, and the spans on it.

States: outside, and begin, inside, end, single of each kind of span.  ``张三在`` -> begin, end,
outside -> one span of two symbols.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from piiscan.arrays import Float32, Int8, Int64, UInt8, UInt16
from piiscan.detect.ner.model.symbols import LINE, TAKEN
from piiscan.detect.ner.model.weights import KINDS, STATES
from piiscan.jit import allocating, inlined, inner, kernel

#: Score of a state that is not allowed, and of every state but outside where no span can be.
CLOSED: Final = np.float32(-1e9)


@allocating
def best_path(scores: Float32, number: UInt16, text: Int64, path: UInt8) -> None:
    """Write the most likely state of each symbol to ``path``, text by text (Viterbi).

    Inside and end follow begin and inside of the same kind; other states follow a closed one:
    outside, end or single.

    Args:
        scores: ``float32[n, STATES]``
        number: number of each symbol; TAKEN and LINE are always outside
        text: index of the first symbol of each text
    """
    longest = 0
    for which in range(len(text) - 1):
        longest = max(longest, text[which + 1] - text[which])
    back = np.zeros((longest, STATES), np.uint8)
    old, new = np.empty(STATES, np.float32), np.empty(STATES, np.float32)
    for which in range(len(text) - 1):
        start = text[which]
        for at in range(text[which], text[which + 1] + 1):
            is_last = at == text[which + 1]
            if is_last or number[at] == TAKEN or number[at] == LINE or scores[at, 1] < CLOSED / 8:
                if at > start:
                    _decode_run(scores[start:at], back, old, new, path[start:at])
                if not is_last:
                    path[at] = 0
                start = at + 1


@inner
def _decode_run(scores: Float32, back: UInt8, old: Float32, new: Float32, path: UInt8) -> None:
    """Write the most likely states of consecutive symbols to ``path``; no span reaches out of them.

    ``back``, ``old``, ``new``: scratch.
    """
    for state in range(STATES):
        old[state] = CLOSED if _continues(state) else scores[0, state]
    for at in range(1, len(scores)):
        closed = _best_closed(old)
        for state in range(STATES):
            best = closed
            if _continues(state):
                best = state - (state - 1) % 4
                best += old[best + 1] > old[best]
            back[at, state] = best
            new[state] = old[best] + scores[at, state]
        top = _largest(new)  # subtracted, because the common score would grow with the run
        for state in range(STATES):
            old[state] = new[state] - top if new[state] > CLOSED / 2 else CLOSED
    state = _best_closed(old)
    for at in range(len(scores) - 1, -1, -1):
        path[at] = state
        state = back[at, state]


@inlined
def _continues(state: Any) -> Any:
    """Return True for inside and end of a span."""
    return state > 0 and 1 <= (state - 1) % 4 <= 2


@inlined
def _best_closed(row: Any) -> Any:
    """Return the closed state with the largest score."""
    best = 0
    for kind in range(len(KINDS)):
        for state in range(4 * kind + 3, 4 * kind + 5):
            if row[state] > row[best]:
                best = state
    return best


@inlined
def _largest(row: Any) -> Any:
    """Return the largest score of a row."""
    top = row[0]
    for each in range(1, STATES):
        top = max(top, row[each])
    return top


@kernel
def read_spans(
    path: UInt8, scores: Float32, begin: Int64, stop: Int64, kind: Int8, confidence: Float32
) -> int:
    """Write spans [begin, stop), kinds and confidences of a state path; return their number.

    The confidence is the geometric mean of the softmax probabilities of the states.
    """
    count = 0
    opened = 0
    total = 0.0
    for at in range(len(path)):
        state = path[at]
        if state == 0:
            continue
        role = (state - 1) % 4
        if role == 0 or role == 3:
            opened = at
            total = 0.0
        top = _largest(scores[at])
        mass = 0.0
        for each in range(STATES):
            mass += np.exp(np.float64(scores[at, each] - top))
        total += np.float64(scores[at, state] - top) - np.log(mass)
        if role >= 2:
            begin[count] = opened
            stop[count] = at + 1
            kind[count] = (state - 1) // 4
            confidence[count] = np.exp(total / (at + 1 - opened))
            count += 1
    return count

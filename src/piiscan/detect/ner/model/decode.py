"""Viterbi decoding: the best path of states through the scores of a text, and the spans on it.

States: outside, and begin, inside, end, single of each kind of span.  ``张三在`` -> begin, end,
outside -> one span of two symbols.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Float32, Int8, Int64, UInt8, UInt16
from piiscan.detect.ner.model.symbols import LINE, TAKEN
from piiscan.detect.ner.model.weights import KINDS, STATES
from piiscan.jit import allocating, kernel

#: Score of a state that is not allowed.
IMPOSSIBLE: Final = np.float32(-1e9)


def allowed_previous() -> UInt8:
    """Return for each state the states allowed before it, preceded by their number.

    ``uint8[STATES, STATES + 1]``.
    """
    table = np.zeros((STATES, STATES + 1), np.uint8)
    closed = [0] + [4 * kind + each for kind in range(len(KINDS)) for each in (3, 4)]
    for state in range(STATES):
        role = (state - 1) % 4 if state else -1
        # Inside and end follow begin and inside of the same kind.
        before = [state - role, state - role + 1] if role in (1, 2) else closed
        table[state, 0] = len(before)
        table[state, 1 : 1 + len(before)] = before
    return table


#: States allowed before each state.
PREVIOUS: Final = allowed_previous()


@allocating
def best_path(  # noqa: C901
    scores: Float32, number: UInt16, text: Int64, before: UInt8, path: UInt8
) -> None:
    """Write the most likely state of each symbol to ``path``, text by text (Viterbi).

    Args:
        scores: ``float32[n, STATES]``
        number: number of each symbol; TAKEN and LINE are always outside
        text: index of the first symbol of each text
        before: table of :func:`allowed_previous`
    """
    longest = 0
    for which in range(len(text) - 1):
        longest = max(longest, text[which + 1] - text[which])
    back = np.zeros((longest, STATES), np.uint8)
    old = np.empty(STATES, np.float32)
    new = np.empty(STATES, np.float32)
    for which in range(len(text) - 1):
        start, stop = text[which], text[which + 1]
        if start == stop:
            continue
        for state in range(STATES):
            opening = state == 0 or state % 4 == 1 or state % 4 == 0
            old[state] = scores[start, state] if opening else IMPOSSIBLE
            if number[start] == TAKEN or number[start] == LINE:
                old[state] = np.float32(0) if state == 0 else IMPOSSIBLE
        for at in range(start + 1, stop):
            closed = number[at] == TAKEN or number[at] == LINE
            for state in range(STATES):
                best = before[state, 1]
                for each in range(2, before[state, 0] + 1):
                    if old[before[state, each]] > old[best]:
                        best = before[state, each]
                back[at - start, state] = best
                new[state] = old[best] + scores[at, state]
                if closed:
                    new[state] = old[best] if state == 0 else IMPOSSIBLE
            top = new.max()  # subtracted, because the common score would grow with the text
            for state in range(STATES):
                old[state] = new[state] - top if new[state] > IMPOSSIBLE / 2 else IMPOSSIBLE
        state = 0
        for each in range(STATES):
            if (each == 0 or each % 4 == 3 or each % 4 == 0) and old[each] > old[state]:
                state = each
        for at in range(stop - 1, start - 1, -1):
            path[at] = state
            state = back[at - start, state]


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
        top = scores[at].max()
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

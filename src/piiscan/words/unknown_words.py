"""Hidden Markov model of jieba: cuts a run of Hanzi that the dictionary leaves single."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np

from piiscan.arrays import Float64, Int32, UInt8, UInt16, UInt64
from piiscan.jit import frozen, inlined, inner
from piiscan.words.jieba_settings import load_jieba
from piiscan.words.word_tree import FIRST_HAN, HAN_END, HAN_START, find_node

#: States of a character in its word: begin, end, middle, single, in jieba's order of ties.
STATES: Final = "BEMS"
#: The two states that can come before each state, the one that wins a tie last.
BEFORE: Final = ("ES", "BM", "BM", "ES")
_BEFORE: Final = np.array([[STATES.index(c) for c in each] for each in BEFORE])
_FIRST_ROW: Final = 3
_END: Final = STATES.index("E")
_SINGLE: Final = STATES.index("S")


@cache
def word_model() -> Float64:
    """Return the model that jieba ships: logarithms by row and state (``float64[3 + Hanzi, 4]``).

    Row 0 is of the first character, rows 1 and 2 are of the change from each state of BEFORE, the
    others are of each Hanzi.
    """
    finalseg = load_jieba().finalseg
    model = np.full((_FIRST_ROW + HAN_END - HAN_START, len(STATES)), finalseg.MIN_FLOAT)
    for state, name in enumerate(STATES):
        model[0, state] = finalseg.start_P[name]
        for row, before in enumerate(BEFORE[state], 1):
            model[row, state] = finalseg.trans_P[before].get(name, finalseg.MIN_FLOAT)
        for char, value in finalseg.emit_P[name].items():
            if HAN_START <= ord(char) < HAN_END:
                model[_FIRST_ROW + ord(char) - HAN_START, state] = value
    return frozen(model)


@inlined
def _best_before(state: int, row: int, one: float, two: float, model: Float64) -> tuple[float, int]:
    """Return (score, 0 or 1) of the better of two states before ``state``; a tie is the second's.

    ``one`` and ``two``: scores of the two states at the character before; ``row``: this one's.
    """
    first = one + model[1, state] + model[row, state]
    second = two + model[2, state] + model[row, state]
    return (second, 1) if second >= first else (first, 0)


@inner
def cut_unknown(
    letters: UInt16, start: int, stop: int, slots: UInt64, forced: UInt8, model: Float64,
    came: Int32, ends: Int32, count: int,
) -> int:  # fmt: skip
    """Append the ends of the words in Hanzi [start, stop) to ``ends``; return the new count.

    ``came``: scratch, as long as ``letters``.
    """
    row = letters[start] + (_FIRST_ROW - FIRST_HAN)
    begin, end = model[0, 0] + model[row, 0], model[0, 1] + model[row, 1]
    middle, single = model[0, 2] + model[row, 2], model[0, 3] + model[row, 3]
    for at in range(start + 1, stop):
        row = letters[at] + (_FIRST_ROW - FIRST_HAN)
        to_begin, from_0 = _best_before(0, row, end, single, model)
        to_end, from_1 = _best_before(1, row, begin, middle, model)
        to_middle, from_2 = _best_before(2, row, begin, middle, model)
        to_single, from_3 = _best_before(3, row, end, single, model)
        begin, end, middle, single = to_begin, to_end, to_middle, to_single
        came[at] = from_0 | from_1 << 1 | from_2 << 2 | from_3 << 3
    state = _SINGLE if single >= end else _END
    for at in range(stop - 1, start - 1, -1):
        before = _BEFORE[state, came[at] >> state & 1]
        came[at] = state in (_END, _SINGLE)
        state = before
    for at in range(start, stop):
        if came[at]:
            if len(forced) and forced[find_node(slots, letters, start, at + 1)]:
                for split in range(start, at):
                    ends[count] = split + 1
                    count += 1
            ends[count] = at + 1
            count += 1
            start = at + 1
    return count

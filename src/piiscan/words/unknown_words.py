"""Unknown words: jieba's hidden Markov model, which cuts Hanzi outside of the dictionary."""

from __future__ import annotations

from functools import cache

import numpy as np

from piiscan.arrays import Float64
from piiscan.words.jieba_settings import load_jieba
from piiscan.words.word_kernels import BEFORE, FIRST_ROW, STATES
from piiscan.words.word_tree import HAN_END, HAN_START


@cache
def word_model() -> Float64:
    """Return the model that jieba ships: logarithms by row and state (``float64[3 + Hanzi, 4]``).

    Row 0 is of the first character, rows 1 and 2 are of the change from each state of BEFORE, the
    others are of each Hanzi.
    """
    finalseg = load_jieba().finalseg
    model = np.full((FIRST_ROW + HAN_END - HAN_START, len(STATES)), finalseg.MIN_FLOAT)
    for state, name in enumerate(STATES):
        model[0, state] = finalseg.start_P[name]
        for row, before in enumerate(BEFORE[state], 1):
            model[row, state] = finalseg.trans_P[before].get(name, finalseg.MIN_FLOAT)
        for char, value in finalseg.emit_P[name].items():
            if HAN_START <= ord(char) < HAN_END:
                model[FIRST_ROW + ord(char) - HAN_START, state] = value
    return model

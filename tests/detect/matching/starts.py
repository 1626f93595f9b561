"""Places where a match may start, in plain NumPy beside the kernel."""

import numpy as np

from piiscan.arrays import Int64, UInt8
from piiscan.detect.matching.alphabet import KIND_DIGIT, KIND_HAN_DIGIT, KIND_LETTER, Alphabet
from piiscan.detect.matching.automaton import Automaton


def match_starts(folded: UInt8, automaton: Automaton, alphabet: Alphabet) -> Int64:
    """Return the positions in ``folded`` where a match may start: inside no number and no word."""
    kind = alphabet.kind[folded]
    before, here = kind[:-2], kind[1:-1]
    inside = (before == here) & np.isin(here, (KIND_DIGIT, KIND_LETTER, KIND_HAN_DIGIT))
    inside |= (before == KIND_DIGIT) & (here == KIND_LETTER)
    pairs = folded[1:-1].astype(int) * 256 + folded[2:]
    return np.flatnonzero(automaton.start_pairs[pairs] & ~inside) + 1

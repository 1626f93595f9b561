"""Places where a match may start, by the kernel that the search uses too."""

from __future__ import annotations

import numpy as np

from piiscan.arrays import Int64, UInt8
from piiscan.detect.matching.alphabet import Alphabet
from piiscan.detect.matching.automaton import Automaton
from piiscan.detect.matching.match_kernels import find_starts


def match_starts(folded: UInt8, automaton: Automaton, alphabet: Alphabet) -> Int64:
    """Return the positions in ``folded`` where a match may start."""
    found = np.empty(len(folded) + 1, np.int64)
    return found[: find_starts(folded, automaton.start_pairs, alphabet.kind, found)]

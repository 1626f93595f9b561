"""Boundary rules: the neighbours that a recognizer's ``boundary`` key allows next to a span.

The matcher checks the simple rules itself (digits, letters). The rules here read further: hex
fingerprints next to a MAC address, line ends next to a number that is broken over lines, and
numbers after an extension.

    boundary group: AA:BB:CC:DD:EE:FF alone -> True, AA:BB:CC:DD:EE:FF:01 -> False
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Bool, Int64, UInt8
from piiscan.detect.matching import match_kernels

#: Numbers of the boundary rules, for the kernels; see recognizers/README.md.
BOUNDARIES: Final = {
    "none": 0,
    "digit": 1,
    "word": 2,
    "mail": 3,
    "group": 4,
    "label": 5,
    "lines": 6,
    "quoted": 7,
    "tail": 8,
    "sole": 9,
    "run": 10,
    "head": 11,
    "named": 12,
}


def fit_boundaries(folded: UInt8, start: Int64, end: Int64, rules: UInt8, kind: UInt8) -> Bool:
    """Return ``bool[k]``: True if span i fits boundary rule ``rules[i]``.

    The simple rules always fit: the matcher has checked them.
    """
    fits = np.ones(len(start), np.bool_)
    match_kernels.fit_boundaries(folded, start, end, rules, kind, fits)
    return fits

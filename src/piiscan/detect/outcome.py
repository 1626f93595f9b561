"""What settling leaves of a chunk, and how its arrays become Arrow columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from piiscan.detect.alphabet import UInt8
from piiscan.detect.candidates import Candidates
from piiscan.detect.checks import Judgement
from piiscan.detect.context import Context
from piiscan.detect.places import Places
from piiscan.detect.values import Values
from piiscan.detect.weigh import Traits, Weights

Int64 = npt.NDArray[np.int64]
Int32 = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Settled:
    """One chunk's candidates with all that was found out about them.

    ``winner[i]`` is the candidate that took i's place: i itself if it won, REFUSED if refused.
    """

    data: UInt8
    candidates: Candidates
    places: Places
    values: Values
    judged: Judgement
    words: Context
    weights: Weights
    winner: Int64
    role: npt.NDArray[np.int16] | None  # whose the text says it is; None: it says nothing
    traits: Traits  # of the recognizers in that column
    other_label: bool  # its name is that of something no recognizer finds
    tagged: bool = False  # read by the tagger: scores are how sure it is


def coded(numbers: npt.NDArray[Any], words: pa.Array, absent: int | None = None) -> pa.Array:
    """A dictionary column; the number ``absent`` is null."""
    numbers = numbers.astype(np.int16, copy=False)
    valid = None
    if absent is not None:
        there = numbers != absent
        if not there.any():
            return pa.DictionaryArray.from_arrays(pa.nulls(len(numbers), pa.int16()), words)
        if not there.all():
            valid = pa.py_buffer(np.packbits(there, bitorder="little"))
    plain = pa.Array.from_buffers(
        pa.int16(), len(numbers), [valid, pa.py_buffer(np.ascontiguousarray(numbers))]
    )
    return pa.DictionaryArray.from_arrays(plain, words, safe=False)  # numbers are of these words

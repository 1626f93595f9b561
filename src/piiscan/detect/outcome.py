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
from piiscan.detect.places import Places, slices
from piiscan.detect.values import Values
from piiscan.detect.weigh import Weights

Int64 = npt.NDArray[np.int64]


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
    own: npt.NDArray[np.bool_]  # by recognizer: named by the label of the column


def coded(numbers: npt.NDArray[Any], words: pa.Array, absent: int | None = None) -> pa.Array:
    """A dictionary column; the number ``absent`` is null."""
    numbers = numbers.astype(np.int16, copy=False)
    gone = None if absent is None else numbers == absent
    return pa.DictionaryArray.from_arrays(
        pa.array(numbers, mask=gone if gone is not None and gone.any() else None), words
    )


def texts_of(data: UInt8, start: Int64, end: Int64) -> pa.Array:
    """The texts ``data[start[i]:end[i]]``."""
    out, offsets = slices(data, start, end)
    return pa.StringArray.from_buffers(len(start), pa.py_buffer(offsets), pa.py_buffer(out))

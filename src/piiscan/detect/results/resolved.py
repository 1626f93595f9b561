"""What settling leaves of a chunk, and how its arrays become Arrow columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from piiscan.arrays import AnyArray, Bool, Int16, Int64, UInt8
from piiscan.detect.checks import Judgement
from piiscan.detect.context.context_words import Context
from piiscan.detect.matching.matcher import Candidates
from piiscan.detect.matching.offsets import Places
from piiscan.detect.scoring.candidate_score import Traits, Weights
from piiscan.detect.validation.canonical_values import Values


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
    role: Int16 | None  # whose the text says it is; None: it says nothing
    traits: Traits  # of the recognizers in that column
    other_label: bool  # its name is that of something no recognizer finds
    tagged: bool = False  # read by the tagger: scores are how sure it is


def nullable(values: AnyArray, missing: Bool) -> pa.Array:
    """The values (one piece of memory) as an Arrow array, null where ``missing``; no copy."""
    valid = pa.py_buffer(np.packbits(~missing, bitorder="little")) if missing.any() else None
    type_ = pa.from_numpy_dtype(values.dtype)
    return pa.Array.from_buffers(type_, len(values), [valid, pa.py_buffer(values)])


def coded(numbers: AnyArray, words: pa.Array, absent: int | None = None) -> pa.Array:
    """A dictionary column; the number ``absent`` is null."""
    numbers = np.ascontiguousarray(numbers, np.int16)
    missing = np.zeros(0, np.bool_) if absent is None else numbers == absent
    if len(missing) and missing.all():
        return pa.DictionaryArray.from_arrays(pa.nulls(len(numbers), pa.int16()), words)
    plain = nullable(numbers, missing)
    return pa.DictionaryArray.from_arrays(plain, words, safe=False)  # numbers are of these words

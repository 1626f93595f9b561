"""Resolved spans of a chunk: candidates with values, checks, context, scores and winners.

Also builds Arrow arrays from their NumPy columns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from piiscan.arrays import AnyArray, Bool, Int16, Int64, UInt8
from piiscan.detect.checks import Judgement
from piiscan.detect.context.context_words import Context
from piiscan.detect.matching.matcher import Candidates
from piiscan.detect.matching.offsets import Offsets
from piiscan.detect.scoring.candidate_score import CandidateScores, ScoringRules
from piiscan.detect.validation.canonical_values import CanonicalValues


@dataclass(frozen=True, slots=True)
class ResolvedSpans:
    """Candidates of one chunk after overlap resolution; every array has one entry a candidate.

    ``winner[i]`` is the index of the candidate that wins the place of candidate i: i itself if it
    wins, REFUSED if it is refused.
    """

    data: UInt8
    candidates: Candidates
    span_offsets: Offsets
    values: CanonicalValues
    judgement: Judgement
    context: Context
    scores: CandidateScores
    winner: Int64
    role: Int16 | None  # role from the text, -1 for none; None if no candidate has one
    rules: ScoringRules  # scoring rules of the column
    other_label: bool  # the header names a thing that no recognizer finds
    tagged: bool = False  # True for spans of the name tagger: scores are its confidence


def nullable_array(values: AnyArray, missing: Bool) -> pa.Array:
    """Return contiguous ``values`` as an Arrow array, null where ``missing``, without a copy."""
    valid = pa.py_buffer(np.packbits(~missing, bitorder="little")) if missing.any() else None
    type_ = pa.from_numpy_dtype(values.dtype)
    return pa.Array.from_buffers(type_, len(values), [valid, pa.py_buffer(values)])


def dictionary_array(numbers: AnyArray, words: pa.Array, absent: int | None = None) -> pa.Array:
    """Return a dictionary array: entry i is ``words[numbers[i]]``, null for ``absent``."""
    numbers = np.ascontiguousarray(numbers, np.int16)
    missing = np.zeros(0, np.bool_) if absent is None else numbers == absent
    if len(missing) and missing.all():
        return pa.DictionaryArray.from_arrays(pa.nulls(len(numbers), pa.int16()), words)
    indices = nullable_array(numbers, missing)
    return pa.DictionaryArray.from_arrays(indices, words, safe=False)  # all indices are valid

"""Arrow columns from NumPy columns: nullable arrays and dictionary arrays, without copies."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from piiscan.arrays import AnyArray, Bool


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

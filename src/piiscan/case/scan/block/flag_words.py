"""Flag words: bit masks as names joined by ``+``: ``3 -> SEX_CONFLICT+AGE_CONFLICT``.

``0b101`` with ``identity, birth, age -> identity+age``
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from piiscan.arrays import Int64


def name_flags(flags: Int64, names: Sequence[str], type_: pa.DictionaryType) -> pa.Array:
    """Return the names of the bits set in each of ``flags``, joined by ``+``, null for none.

    ``names``: name of each bit, from the lowest.  ``type_``: type of the column returned.

    >>> name_flags(np.array([5, 0]), ("a", "b", "c"), pa.dictionary(pa.int8(), pa.string()))[0]
    <pyarrow.DictionaryScalar: 'a+c'>
    """
    if not flags.any():
        return pa.nulls(len(flags), type_)
    sets, set_of_record = np.unique(flags, return_inverse=True)
    words = [
        "+".join(name for bit, name in enumerate(names) if mask >> bit & 1)
        for mask in sets.tolist()
    ]
    filled = [word for word in words if word]
    word_index = np.array([filled.index(word) if word else -1 for word in words], np.int64)
    numbers = word_index[set_of_record]
    indices = pa.array(numbers, mask=numbers < 0).cast(type_.index_type)
    return pa.DictionaryArray.from_arrays(indices, pa.array(filled, pa.string()))

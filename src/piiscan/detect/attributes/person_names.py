"""Attributes of person names: anonymised by a court or an office (罗某, 张某某)."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from piiscan.arrays import Bool
from piiscan.arrow_strings import string_buffers
from piiscan.detect.arithmetic.char_matrix import AttributeColumns
from piiscan.detect.attributes.attribute_kernels import mark_anonymised


def describe_name(values: pa.Array, recognizer: str, *, as_of: int) -> AttributeColumns:
    """Return attribute ``anonymised`` for person names such as 罗某; null for full names.

    >>> describe_name(pa.array(["罗某", "欧阳某某", "张三"]), "", as_of=1)["name_kind"].to_pylist()
    ['anonymised', 'anonymised', None]
    """
    import pyarrow.compute as pc

    del recognizer, as_of
    return {"name_kind": pc.if_else(pa.array(is_anonymised(values)), "anonymised", None)}


def is_anonymised(values: pa.Array) -> Bool:
    """Return a mask of the person names that are anonymised: 罗某, 张某某, 欧阳某.

    They identify nobody and never make a record by themselves.
    """
    offsets, data = string_buffers(values.fill_null("") if values.null_count else values)
    found = np.empty(len(values), np.bool_)
    mark_anonymised(offsets.astype(np.int64), data, found)
    return found

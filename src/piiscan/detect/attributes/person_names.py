"""Attributes of person names: anonymised by a court or an office (罗某, 张某某)."""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from piiscan.detect.arithmetic.char_matrix import AttributeColumns

_ANONYMISED: Final = "^[\u3400-\u9fff]{1,2}某"


def describe_name(values: pa.Array, recognizer: str, *, as_of: int) -> AttributeColumns:
    """Return attribute ``anonymised`` for person names such as 罗某; null for full names.

    >>> describe_name(pa.array(["罗某", "欧阳某某", "张三"]), "", as_of=1)["name_kind"].to_pylist()
    ['anonymised', 'anonymised', None]
    """
    import pyarrow.compute as pc

    del recognizer, as_of
    return {"name_kind": pc.if_else(is_anonymised(values), "anonymised", None)}


def is_anonymised(values: pa.Array) -> pa.Array:
    """Return a mask of the person names that are anonymised: 罗某, 张某某.

    They identify nobody and never make a record by themselves.
    """
    import pyarrow.compute as pc

    return pc.match_substring_regex(values, _ANONYMISED)

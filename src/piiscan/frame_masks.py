"""Masks of columns: the findings in cells of an Arrow column, replaced in bulk.

``13800138000 -> 138****8000``
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from piiscan.masking.mask import mask_values
from piiscan.masking.pseudonym import Item
from piiscan.masking.splice import splice

MASK: Final = "cn_mask"
#: Values that are masks already: they stay as they are.
_MASKED: Final = "MASKED"
#: Function: FOUND table -> new text of each finding.
Replacer = Callable[[pa.Table], pa.Array]


def replacer(operator: str = MASK, params: Mapping[str, Any] = MappingProxyType({})) -> Replacer:
    """Return the function that computes replacement texts by a Presidio operator.

    cn_mask without ``params`` imports no Presidio. Raise InvalidParamError for invalid ``params``.
    """
    if operator == MASK and not params:
        return partial(mask_column, name="text")
    from piiscan.presidio import Anonymizing

    anonymize = Anonymizing(operator, dict(params))

    def replacements(found: pa.Table) -> pa.Array:
        """Return the operator's text for each finding."""
        columns = (found[name].to_pylist() for name in ("text", "entity", "recognizer", "value"))
        return pa.array(
            anonymize([Item(*each) for each in zip(*columns, strict=True)]), pa.string()
        )

    return replacements


def replace_findings(texts: pa.Array, found: pa.Table, replacements: Replacer) -> pa.Array:
    """Return ``texts`` with the findings replaced; values that are masks already stay."""
    found = found.filter(pc.not_equal(found["entity"].cast(pa.string()), _MASKED))
    if not len(found):
        return texts
    start = found["byte_start"].to_numpy().astype(np.int64)
    end = start + pc.binary_length(found["text"]).to_numpy()
    return splice(texts, found["index"].to_numpy(), start, end, replacements(found))


def mask_column(found: pa.Table, name: str) -> pa.Array:
    """Return the masks of column ``name`` (text or value) of a FOUND table."""
    words = [found[each].combine_chunks() for each in ("entity", "recognizer")]
    entity, recognizer = (each.indices.to_numpy().astype(np.int64) for each in words)
    size = len(words[1].dictionary)
    pairs, kinds = np.unique(entity * size + recognizer, return_inverse=True)
    entities, recognizers = (each.dictionary.to_pylist() for each in words)
    names = [(entities[pair // size], recognizers[pair % size]) for pair in pairs.tolist()]
    return mask_values(found[name].combine_chunks(), kinds, names=names)

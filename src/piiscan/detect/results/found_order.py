"""FOUND tables of one batch put together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from piiscan.schemas import FOUND


def in_order(tables: Sequence[pa.Table]) -> pa.Table:
    """The rows of FOUND tables as one, by text, start, end and recognizer."""
    filled = [table for table in tables if table.num_rows]
    whole = pa.concat_tables(filled) if filled else FOUND.empty_table()
    if len(filled) < 2:
        return whole
    columns = [whole[name].to_numpy() for name in ("index", "start", "end")]
    which = np.concatenate([each.indices.to_numpy() for each in whole["recognizer"].chunks])
    order = np.lexsort((which, *reversed(columns)))
    return whole.take(pa.array(order)).combine_chunks()

"""String columns from Python strings, whatever they hold."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa


def string_column(cells: Sequence[str | None]) -> pa.Array:
    r"""A ``pa.string()`` array; lone surrogates, which UTF-8 cannot hold, become U+FFFD.

    >>> string_column(["a\ud800", None]).to_pylist()
    ['a\ufffd', None]
    """
    try:
        return pa.array(cells, pa.string())
    except UnicodeEncodeError:
        return pa.array([None if cell is None else _whole(cell) for cell in cells], pa.string())


def _whole(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

"""Arrow string arrays: built by kernels from slices of a byte buffer, or from Python strings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa

from piiscan.arrays import Int, Int32, Int64, UInt8
from piiscan.string_kernels import copy_slices


def string_buffers(strings: pa.Array) -> tuple[Int, UInt8]:
    """Return (offsets ``[n + 1]``, bytes) of a ``pa.string()`` or ``large_string()`` array.

    Both are views, also of a slice.  Nulls look like empty strings only if Arrow made them so.
    """
    wide = pa.types.is_large_string(strings.type)
    if len(strings) == 0:
        return np.zeros(1, np.int64 if wide else np.int32), np.zeros(0, np.uint8)
    _, offset_buffer, data = strings.buffers()
    offsets: Int = np.frombuffer(offset_buffer, np.int64 if wide else np.int32)
    offsets = offsets[strings.offset : strings.offset + len(strings) + 1]
    return offsets, np.frombuffer(data or b"", np.uint8)


def string_bytes(texts: pa.Array) -> tuple[UInt8, Int32]:
    """Return bytes and offsets of a ``pa.string()`` array, as kernels take them."""
    offsets, data = string_buffers(texts)
    return data, offsets.astype(np.int32, copy=False)


def as_strings(data: UInt8, offsets: Int32, count: int) -> pa.Array:
    """Return the first ``count`` strings of a buffer, with unused bytes released."""
    size = int(offsets[count])
    used = data[:size] if 2 * size >= len(data) else data[:size].copy()
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(used))


def constant_strings(texts: Iterable[str]) -> pa.Array:
    """Return a ``pa.string()`` array of ``texts``; unlike ``pa.array``, it never imports pandas.

    >>> constant_strings(["甲", ""]).to_pylist()
    ['甲', '']
    """
    encoded = [text.encode() for text in texts]
    offsets = np.zeros(len(encoded) + 1, np.int32)
    np.cumsum([*map(len, encoded)], out=offsets[1:])
    content = pa.py_buffer(b"".join(encoded))
    return pa.StringArray.from_buffers(len(encoded), pa.py_buffer(offsets), content)


def strings_of_slices(
    data: UInt8, start: Int64, end: Int64, extra: UInt8 | None = None
) -> pa.Array:
    """Build the string array ``data[start[i]:end[i]]``; later positions are in ``extra``."""
    content = np.empty(int((end - start).sum()), np.uint8)
    offsets = np.zeros(len(start) + 1, np.int32)
    copy_slices(data, data[:0] if extra is None else extra, start, end, content, offsets)
    return pa.StringArray.from_buffers(len(start), pa.py_buffer(offsets), pa.py_buffer(content))


def string_column(cells: Sequence[str | None]) -> pa.Array:
    r"""Return a ``pa.string()`` array of Python strings; a lone surrogate becomes U+FFFD.

    >>> string_column(["a\ud800", None]).to_pylist()
    ['a\ufffd', None]
    """
    try:
        return pa.array(cells, pa.string())
    except UnicodeEncodeError:
        return pa.array(
            [None if cell is None else replace_surrogates(cell) for cell in cells], pa.string()
        )


def replace_surrogates(text: str) -> str:
    """Return ``text`` with every lone surrogate replaced by U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def valid_utf8(texts: pa.Array) -> pa.Array:
    """Return the strings with each invalid byte sequence replaced by U+FFFD, as valid UTF-8.

    Invalid bytes come from broken UTF-16: halves of surrogate pairs.
    """
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid:
        repaired = [each.decode("utf-8", "replace") for each in texts.cast(pa.binary()).to_pylist()]
        return pa.array(repaired, pa.string())
    return texts


def as_array(texts: Iterable[str | None] | pa.Array) -> pa.Array:
    """Convert texts to a pyarrow string array; None becomes "", lone surrogates are kept.

    Raises TypeError for anything else than a text: bytes have no encoding that is known here.

    >>> len(as_array(['a', None]))
    2
    """
    if isinstance(texts, pa.Array | pa.ChunkedArray):
        return texts
    listed = list_texts(texts)
    try:
        return pa.array(listed, pa.large_string())
    except UnicodeEncodeError:
        encoded = [(text or "").encode("utf-8", "surrogatepass") for text in listed]
        offsets = np.cumsum([0, *(len(each) for each in encoded)], dtype=np.int64)
        buffers = [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded))]
        return pa.Array.from_buffers(pa.large_string(), len(encoded), buffers)


def list_texts(texts: Iterable[str | None]) -> list[str | None]:
    """Return texts as a list; a missing one (None, NaN, NA, NaT) becomes None.

    Raise TypeError for anything else than a text.

    >>> list_texts(['a', float('nan')])
    ['a', None]
    """
    listed = list(texts)
    if set(map(type, listed)) <= {str, type(None)}:
        return listed
    listed = [None if _is_missing(text) else text for text in listed]
    for text in listed:
        if not isinstance(text, str | None):
            raise TypeError(f"a text is expected, not {type(text).__name__}")
    return listed


def _is_missing(cell: object) -> bool:
    """Return True for NaN and the missing values of pandas."""
    is_nan = isinstance(cell, float) and cell != cell
    return is_nan or type(cell).__name__ in ("NAType", "NaTType")

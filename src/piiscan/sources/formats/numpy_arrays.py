"""NumPy arrays (npy, npz): rows of values; pickled objects are never loaded."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from tokenize import TokenError
from typing import Any, Final

import numpy as np

from piiscan.errors import SourceError
from piiscan.sources.archives.archive import open_members
from piiscan.sources.archives.spool import seekable_content
from piiscan.sources.block import Trouble
from piiscan.sources.content import Content, read_whole
from piiscan.sources.format import Format, Opened, Sample, container_format
from piiscan.sources.object_lines import PARSE_ERRORS
from piiscan.sources.read_context import ReadContext
from piiscan.sources.rows.row_table import Cells, open_rows
from piiscan.sources.stored_values import cell_text

_MOST_HEADER: Final = 1 << 20
_MOST_COLUMNS: Final = 4096
_LAST_CHARACTER: Final = 0x10FFFF


def _valid_texts(values: Any) -> tuple[Any, int]:
    """Return an array whose texts are of characters that exist, and the number of others."""
    if values.dtype.names:
        values, replaced = values.copy(), 0
        for name in values.dtype.names:
            values[name], count = _valid_texts(values[name])
            replaced += count
        return values, replaced
    if values.dtype.kind != "U":
        return values, 0
    codes = (
        np.ascontiguousarray(values).view(values.dtype.byteorder.replace("|", "=") + "u4").copy()
    )
    wrong = (codes > _LAST_CHARACTER) | ((codes >= 0xD800) & (codes < 0xE000))
    codes[wrong] = 0xFFFD
    return codes.view(values.dtype), int(wrong.sum())


def _load(data: bytes) -> tuple[Any, str]:
    """Return (array of rows, its damage or ""). Raises SourceError."""
    from io import BytesIO

    from numpy.lib import format as npy

    stream = BytesIO(data)
    try:
        read = {1: npy.read_array_header_1_0, 2: npy.read_array_header_2_0}
        major = npy.read_magic(stream)[0]
        shape, fortran, kind = read.get(major, npy.read_array_header_2_0)(stream, _MOST_HEADER)
        if kind.hasobject:
            raise SourceError("NOT_SUPPORTED_YET", "npy: pickled objects, which are never loaded")
        rest = memoryview(data)[stream.tell() :]
        count = int(np.prod(shape, dtype=object))
        present = len(rest) // max(kind.itemsize, 1)
        if not kind.itemsize or min(shape, default=1) < 1:
            return np.zeros((0, 1)), ""
        values, wrong = _valid_texts(np.frombuffer(rest, kind, min(count, present)))
        damage = f"{wrong} characters that do not exist" if wrong else ""
        damage = f"cut off after {present} values" if count > present else damage
        if fortran and count <= present:
            values = values.reshape(shape, order="F").ravel()
        width = shape[-1] if len(shape) > 1 and shape[-1] <= _MOST_COLUMNS else 1
        if fortran and count > present:
            width = 1
        return values[: len(values) // width * width].reshape(-1, width), damage
    except (*PARSE_ERRORS, SyntaxError, TokenError) as error:
        raise SourceError("CORRUPT", f"npy: {type(error).__name__}") from None


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the table of an array: of its fields, of its last axis, or of one column."""
    content = sample.content
    array, damage = _load(read_whole(content, context.budget.in_memory))
    names = list(array.dtype.names or ()) or None

    def rows() -> Iterator[Cells | Trouble]:
        """Yield each row as texts."""
        for row in array:
            for values in row.tolist() if names else (row.tolist(),):
                yield [_text(each) for each in values]
        if damage:
            yield Trouble(content.member, "CORRUPT", f"npy: {damage}")

    tables = list(open_rows(content, context, rows, kind="database", headers=names))
    yield from tables or (Trouble(content.member, "EMPTY", "an array without values", lost=False),)


def _open_npz(sample: Sample, context: ReadContext) -> Opened:
    """Yield the arrays of an archive; those of one axis and length are columns of one table."""
    columns: dict[str, Any] = {}
    content = seekable_content(sample.content)
    for item in open_members(content, context.usage, seed=context.seed):
        array = _load_column(item, context.budget.member_in_memory)
        if array is None or any(len(each) != len(array) for each in columns.values()):
            yield item
        else:
            assert isinstance(item, Content)
            columns[item.name.removesuffix(".npy")] = array
    rows = partial(zip, *columns.values(), strict=True)
    yield from open_rows(
        content,
        context,
        lambda: ([_text(each.tolist()) for each in row] for row in rows()),
        kind="database",
        headers=list(columns),
    )


def _load_column(item: Content | Trouble, most_bytes: int) -> Any | None:
    """Return the array of a member if it is whole and has one axis, else None."""
    if isinstance(item, Trouble) or item.size > most_bytes:
        return None
    try:
        array, damage = _load(read_whole(item, most_bytes))
    except SourceError:
        return None
    is_column = array.shape[1] == 1 and len(array) and not array.dtype.names
    return array if is_column and not damage else None


def _text(value: Any) -> str | None:
    """Return a value as text; other bytes in hex digits; None for no number."""
    if isinstance(value, tuple | list):
        return " ".join(filter(None, map(_text, value))) or None
    if value != value:
        return None
    return cell_text(value) if not isinstance(value, bytes) else cell_text(value) or value.hex()


FORMATS: Final = (
    container_format("npz", 20, _open_npz, extensions=("npz",), container=True),
    Format("npy", 25, _open, signatures=((0, b"\x93NUMPY"),), extensions=("npy",)),
)

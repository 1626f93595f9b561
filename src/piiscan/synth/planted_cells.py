"""Columns of made text that know where each planted value stands.

A cell is one string of a column; a mark is one planted value in a cell. Everything is an array:
a chunk of a hundred thousand rows costs a few numpy calls, not a hundred thousand objects.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from piiscan.arrays import Bool, Int64, UInt8


@dataclass(frozen=True, slots=True)
class Marks:
    """Planted values of one kind and form: at most one in each cell.

    ``start``/``end`` count code points in the cell, end exclusive. ``entity`` is what a scan
    should report; ``of`` is the kind of value behind it (a masked mobile has entity MASKED and
    is ``of`` CN_MOBILE). ``value`` holds canonical values.
    """

    cell: Int64
    start: Int64
    end: Int64
    value: Any
    entity: str
    of: str
    form: str
    refuted: bool = False


@dataclass(frozen=True, slots=True)
class Cells:
    """A string column and the values planted in it."""

    text: Any
    marks: tuple[Marks, ...] = ()

    def __len__(self) -> int:
        return len(self.text)


def lengths(text: Any) -> Int64:
    """Code points of each string.

    >>> lengths(pa.array(["张三", ""])).tolist()
    [2, 0]
    """
    counted = pc.utf8_length(text).to_numpy(zero_copy_only=False)
    return np.asarray(counted, dtype=np.int64)


def fixed(chars: UInt8) -> Any:
    """Strings of equal width from a matrix of ASCII bytes, one row a string.

    >>> fixed(np.array([[49, 50], [51, 52]], np.uint8)).to_pylist()
    ['12', '34']
    """
    rows, width = chars.shape
    offsets = np.arange(0, (rows + 1) * width, max(width, 1), dtype=np.int32)[: rows + 1]
    data = np.ascontiguousarray(chars)
    return pa.Array.from_buffers(
        pa.string(), rows, [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    )


def join(pieces: Sequence[Any]) -> Any:
    """Strings joined row by row; a plain ``str`` stands in every row.

    >>> join(["(", pa.array(["a", "b"]), ")"]).to_pylist()
    ['(a)', '(b)']
    """
    parts = [pa.scalar(piece) if isinstance(piece, str) else piece for piece in pieces]
    return pc.binary_join_element_wise(*parts, pa.scalar(""))


def mark(
    text: Any,
    entity: str,
    *,
    form: str = "plain",
    value: Any = None,
    of: str | None = None,
    refuted: bool = False,
) -> Cells:
    """Cells each of which is one planted value, from end to end."""
    rows = len(text)
    marks = Marks(
        np.arange(rows, dtype=np.int64),
        np.zeros(rows, dtype=np.int64),
        lengths(text),
        text if value is None else value,
        entity,
        of or entity,
        form,
        refuted,
    )
    return Cells(text, (marks,))


def glue(pieces: Sequence[Cells | str], rows: int) -> Cells:
    """Cells joined row by row, the marks of each moved to where it now stands.

    >>> glue(["收:", mark(pa.array(["张三"]), "PERSON")], 1).marks[0].start.tolist()
    [2]
    """
    place = np.zeros(rows, dtype=np.int64)
    marks: list[Marks] = []
    for piece in pieces:
        if isinstance(piece, str):
            place += len(piece)
            continue
        for old in piece.marks:
            shift = place[old.cell]
            marks.append(replace(old, start=old.start + shift, end=old.end + shift))
        place += lengths(piece.text)
    texts = [piece if isinstance(piece, str) else piece.text for piece in pieces]
    if all(isinstance(text, str) for text in texts):
        return Cells(pa.array(["".join(texts)] * rows, pa.string()), ())
    return Cells(join(texts), tuple(marks))


def take(cells: Cells, picked: Int64) -> Cells:
    """The cells at the places ``picked``, which may repeat."""
    marks = []
    for old in cells.marks:
        where = np.full(len(cells), -1, dtype=np.int64)
        where[old.cell] = np.arange(len(old.cell))
        found = where[picked]
        kept = np.flatnonzero(found >= 0)
        source = found[kept]
        marks.append(
            replace(
                old,
                cell=kept,
                start=old.start[source],
                end=old.end[source],
                value=old.value.take(pa.array(source)),
            )
        )
    return Cells(cells.text.take(pa.array(picked)), tuple(marks))


def mix(parts: Sequence[tuple[Int64, Cells]], rows: int) -> Cells:
    """One column from parts: each part's cells stand at the places given with it.

    >>> parts = [(np.array([1]), Cells(pa.array(["b"]))), (np.array([0]), Cells(pa.array(["a"])))]
    >>> mix(parts, 2).text.to_pylist()
    ['a', 'b']
    """
    order = np.concatenate([where for where, _ in parts])
    back = np.empty(rows, dtype=np.int64)
    back[order] = np.arange(rows)
    text = pa.concat_arrays([cells.text for _, cells in parts]).take(pa.array(back))
    marks = tuple(
        replace(old, cell=where[old.cell]) for where, cells in parts for old in cells.marks
    )
    return Cells(text, marks)


def blank(cells: Cells, where: Bool) -> Cells:
    """The same cells, emptied at the places where ``where`` is true."""
    marks = []
    for old in cells.marks:
        kept = np.flatnonzero(~where[old.cell])
        marks.append(
            replace(
                old,
                cell=old.cell[kept],
                start=old.start[kept],
                end=old.end[kept],
                value=old.value.take(pa.array(kept)),
            )
        )
    return Cells(pc.if_else(pa.array(where), "", cells.text), tuple(marks))

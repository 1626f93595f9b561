"""Planted cells: columns of synthetic text with the position of each planted value.

A cell is one string of a column. All data are arrays, so a chunk of a hundred thousand rows costs
a few numpy calls instead of a hundred thousand objects.

A seller can mask the values of a list before it is passed on (``masks`` of a recipe).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from piiscan.arrays import Bool, Int64, UInt8
from piiscan.detect.arithmetic.weighted_sums import WeightedSum


@dataclass(frozen=True, slots=True)
class PlantedValues:
    """Planted values of one entity and form: at most one per cell.

    ``cell``: index of the cell. ``start``, ``end``: code points in the cell, end exclusive.
    ``value``: canonical values. ``entity``: the entity that a scan should report. ``of``: the
    original entity (a masked mobile number has entity MASKED and ``of`` CN_MOBILE). ``refuted``:
    the check fails. ``role``: side of the record that the text says they belong to.
    """

    cell: Int64
    start: Int64
    end: Int64
    value: Any
    entity: str
    of: str
    form: str
    refuted: bool = False
    role: str = ""


@dataclass(frozen=True, slots=True)
class Cells:
    """String column and the values planted in it."""

    text: Any
    planted: tuple[PlantedValues, ...] = ()

    def __len__(self) -> int:
        """Return the number of cells."""
        return len(self.text)


def lengths(text: Any) -> Int64:
    """Return the number of code points of each string.

    >>> lengths(pa.array(["张三", ""])).tolist()
    [2, 0]
    """
    counted = pc.utf8_length(text).to_numpy(zero_copy_only=False)
    return np.asarray(counted, dtype=np.int64)


def matrix_strings(chars: UInt8) -> Any:
    """Return the rows of ``uint8[k, w]`` ASCII bytes as an Arrow array of strings of length w.

    >>> matrix_strings(np.array([[49, 50], [51, 52]], np.uint8)).to_pylist()
    ['12', '34']
    """
    rows, width = chars.shape
    offsets = np.arange(0, (rows + 1) * width, max(width, 1), dtype=np.int32)[: rows + 1]
    data = np.ascontiguousarray(chars)
    return pa.Array.from_buffers(
        pa.string(), rows, [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    )


def check_characters(row: WeightedSum, bodies: UInt8) -> UInt8:
    """Return the check character of each row of ASCII characters ``uint8[rows, width]``.

    >>> from piiscan.detect.arithmetic.weighted_sums import GB_11643
    >>> check_characters(GB_11643, np.frombuffer(b"11010519491231002", np.uint8)[None]).tobytes()
    b'X'
    """
    value_of = np.zeros(256, np.int64)
    for char, value in row.values.items():
        value_of[ord(char)] = value
    totals = value_of[bodies] @ np.array(row.weights[: bodies.shape[1]])
    checks = np.frombuffer(row.checks.encode(), np.uint8)
    return np.asarray(checks[totals % len(row.checks)])


def group_strings(chars: UInt8, widths: tuple[int, ...], sign: str) -> Any:
    """Return the rows of ``chars`` in groups of ``widths`` characters with ``sign`` between them.

    >>> group_strings(np.array([[49, 50, 51]], np.uint8), (1, 2), "-").to_pylist()
    ['1-23']
    """
    ends = np.cumsum(widths)
    groups = [
        matrix_strings(chars[:, end - width : end]) for width, end in zip(widths, ends, strict=True)
    ]
    return pc.binary_join_element_wise(*groups, pa.scalar(sign))


def join_strings(pieces: Sequence[Any]) -> Any:
    """Return strings joined row by row; a plain ``str`` is repeated in every row.

    >>> join_strings(["(", pa.array(["a", "b"]), ")"]).to_pylist()
    ['(a)', '(b)']
    """
    parts = [pa.scalar(piece) if isinstance(piece, str) else piece for piece in pieces]
    return pc.binary_join_element_wise(*parts, pa.scalar(""))


def plant(
    text: Any,
    entity: str,
    *,
    form: str = "plain",
    value: Any = None,
    original_entity: str | None = None,
    refuted: bool = False,
) -> Cells:
    """Build cells whose whole text is one planted value of ``entity``.

    ``value``: canonical values, by default the text. ``original_entity``: entity before masking or
    damage, by default ``entity``.
    """
    rows = len(text)
    planted = PlantedValues(
        np.arange(rows, dtype=np.int64),
        np.zeros(rows, dtype=np.int64),
        lengths(text),
        text if value is None else value,
        entity,
        original_entity or entity,
        form,
        refuted,
    )
    return Cells(text, (planted,))


def assign_role(cells: Cells, role: str) -> Cells:
    """Return ``cells`` with all their values of ``role``."""
    return Cells(cells.text, tuple(replace(values, role=role) for values in cells.planted))


def join_cells(pieces: Sequence[Cells | str], rows: int) -> Cells:
    """Concatenate cells row by row, with the positions of their planted values updated.

    ``pieces``: cells of ``rows`` rows, or text repeated in every row.

    >>> join_cells(["收:", plant(pa.array(["张三"]), "PERSON")], 1).planted[0].start.tolist()
    [2]
    """
    offset = np.zeros(rows, dtype=np.int64)
    planted: list[PlantedValues] = []
    for piece in pieces:
        if isinstance(piece, str):
            offset += len(piece)
            continue
        for old in piece.planted:
            shift = offset[old.cell]
            planted.append(replace(old, start=old.start + shift, end=old.end + shift))
        offset += lengths(piece.text)
    texts = [piece if isinstance(piece, str) else piece.text for piece in pieces]
    if all(isinstance(text, str) for text in texts):
        return Cells(pa.array(["".join(texts)] * rows, pa.string()), ())
    return Cells(join_strings(texts), tuple(planted))


def take_cells(cells: Cells, chosen: Int64) -> Cells:
    """Return the cells at the indices ``chosen``, which may repeat, with their values."""
    planted = []
    for old in cells.planted:
        where = np.full(len(cells), -1, dtype=np.int64)
        where[old.cell] = np.arange(len(old.cell))
        found = where[chosen]
        rows = np.flatnonzero(found >= 0)
        source = found[rows]
        planted.append(
            replace(
                old,
                cell=rows,
                start=old.start[source],
                end=old.end[source],
                value=old.value.take(pa.array(source)),
            )
        )
    return Cells(cells.text.take(pa.array(chosen)), tuple(planted))


def merge_cells(parts: Sequence[tuple[Int64, Cells]], rows: int) -> Cells:
    """Merge (row indices, cells) pairs into one column of ``rows`` cells.

    >>> parts = [(np.array([1]), Cells(pa.array(["b"]))), (np.array([0]), Cells(pa.array(["a"])))]
    >>> merge_cells(parts, 2).text.to_pylist()
    ['a', 'b']
    """
    order = np.concatenate([where for where, _ in parts])
    row_of = np.empty(rows, dtype=np.int64)
    row_of[order] = np.arange(rows)
    text = pa.concat_arrays([cells.text for _, cells in parts]).take(pa.array(row_of))
    planted = tuple(
        replace(old, cell=where[old.cell]) for where, cells in parts for old in cells.planted
    )
    return Cells(text, planted)


def blank_cells(cells: Cells, where: Bool) -> Cells:
    """Empty the cells where the mask ``where`` is True; drop their planted values."""
    planted = []
    for old in cells.planted:
        kept = np.flatnonzero(~where[old.cell])
        planted.append(
            replace(
                old,
                cell=old.cell[kept],
                start=old.start[kept],
                end=old.end[kept],
                value=old.value.take(pa.array(kept)),
            )
        )
    return Cells(pc.if_else(pa.array(where), "", cells.text), tuple(planted))


#: Unmasked characters at the start and at the end; of a name the first, followed by one star.
MASKS: Final = {"masked_3_4": (3, 4), "masked_6_4": (6, 4), "masked_star": (1, 0)}


def mask_cells(cells: Cells, form: str) -> Cells:
    """Mask every complete value in ``cells``; masked and damaged values are unchanged.

    >>> from piiscan.synth.planted_cells import plant
    >>> mask_cells(plant(pa.array(["13800000000"]), "CN_MOBILE"), "masked_3_4").text.to_pylist()
    ['138****0000']
    """
    head, tail = MASKS[form]
    texts, planted = cells.text.to_pylist(), []
    for old in cells.planted:
        if old.entity != old.of:
            planted.append(old)
            continue
        for cell, text in zip(old.cell.tolist(), old.value.to_pylist(), strict=True):
            stars = 1 if form == "masked_star" else len(text) - head - tail
            texts[cell] = text[:head] + "*" * stars + text[len(text) - tail :]
        planted.append(_masked_values(old, [len(texts[cell]) for cell in old.cell.tolist()], form))
    return Cells(pa.array(texts, pa.string()), tuple(planted))


def _masked_values(old: PlantedValues, ends: list[int], form: str) -> PlantedValues:
    """Convert planted values to entity MASKED, from cell start to ``ends`` (code points)."""
    start, end = np.zeros(len(ends), np.int64), np.array(ends, np.int64)
    return replace(old, start=start, end=end, entity="MASKED", form=form, refuted=False)

"""One address or name split over columns (省, 市, 区, 详细地址; 姓, 名), read as one.

The cells ahead are put before the last one, what is found is told of the last cell, and its value
is that of all of them: 人民路1号 in two towns are two addresses.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute

from piiscan.arrays import Int32
from piiscan.arrow_strings import texts_of
from piiscan.detect.catalog.headers import Label, plain
from piiscan.detect.columns.column_types import ColumnType

#: The columns of one address stand beside each other, with at most one other between two.
_FARTHEST: Final = 2
#: A last part of an address that says where in a town it is.
_REACHING: Final = re.compile("路|街|号|室|栋|幢|楼|单元|层|小区|村|社区|房|门牌")
_PERSON: Final = "name.person"
_ADDRESS: Final = "name.address"


@dataclass(frozen=True, slots=True)
class Join:
    """The columns ``ahead`` of the column ``last``, and what all of them together are called."""

    last: int
    ahead: tuple[int, ...]
    label: Label


def joins_of(types: Sequence[ColumnType], groups: Sequence[int] = ()) -> dict[int, Join]:
    """The joins of a table, by their last column; ``groups`` are its side-by-side blocks."""
    joins: list[Join] = []
    runs: dict[tuple[str, int, str | None], list[int]] = {}
    for number, column in enumerate(types):
        label = column.label
        kind = next((k for k in (_PERSON, _ADDRESS) if k in column.recognizers), None)
        if label is None or kind is None:
            continue
        key = kind, groups[number] if number < len(groups) else 0, label.role
        run = runs.setdefault(key, [])
        names = {plain(types[at].header or "") for at in run}
        if run and (number - run[-1] > _FARTHEST or plain(column.header or "") in names):
            joins += _alone(types, run)
            run.clear()
        if label.parts:
            run.append(number)
        elif run:
            joins.append(_join(types, [*run, number]))
            run.clear()
    for run in runs.values():
        joins += _alone(types, run)
    return {join.last: join for join in joins}


def _alone(types: Sequence[ColumnType], run: Sequence[int]) -> list[Join]:
    """The join of parts without a column for the rest: 姓 and 名; 省 to 房号, but not 省 to 区."""
    header = types[run[-1]].header if run else None
    person = bool(run) and _PERSON in types[run[-1]].recognizers
    reaches = person or _REACHING.search(header or "") is not None
    return [_join(types, run)] if len(run) > 1 and reaches else []


def _join(types: Sequence[ColumnType], columns: Sequence[int]) -> Join:
    last = types[columns[-1]].label
    assert last is not None
    header = "+".join(types[at].header or "" for at in columns)
    label = dataclasses.replace(last, header=header, parts=False)
    return Join(columns[-1], tuple(columns[:-1]), label)


@dataclass(frozen=True, slots=True)
class Joined:
    """Cells with those ahead of them put in front: how many code points and bytes those are."""

    cells: pa.Array
    points: Int32
    bytes: Int32

    @classmethod
    def of(cls, ahead: Sequence[pa.Array], last: pa.Array) -> Joined:
        """Rows whose last cell is empty stay empty; what the last cell repeats is not doubled."""
        rows = zip(*(column.to_pylist() for column in [*ahead, last]), strict=True)
        fronts = [_front(row[:-1], row[-1]) for row in rows]
        front = pa.array(fronts, last.type)
        return cls(
            pa.compute.binary_join_element_wise(
                front, last.fill_null(""), pa.scalar("", last.type)
            ),
            np.array([len(each) for each in fronts], np.int32),
            pa.compute.binary_length(front).to_numpy().astype(np.int32),
        )


def _front(parts: Sequence[str | None], last: str | None) -> str:
    """What stands in front of ``last``; a blank between names in Latin letters."""
    if not last or not last.strip():
        return ""
    front: list[str] = []
    for part in parts:
        text = (part or "").strip()
        if text and text not in last and (not front or text != front[-1]):
            front.append(text)
    between = " " if front and (front[-1] + last).isascii() else ""
    return "".join(front) + between


def told_of_last(found: pa.Table, joined: Joined) -> pa.Table:
    """``found`` in the joined cells (FOUND), with the places and texts of the last cell.

    What lies ahead of it is left to its own column; what reaches into it has the whole value.
    """
    index = found["index"].to_numpy()
    points, size = joined.points[index], joined.bytes[index]
    keep = np.flatnonzero(found["end"].to_numpy() > points)
    if not points.any():
        return found
    found, points, size = found.take(pa.array(keep)), points[keep], size[keep]
    start, byte_start = found["start"].to_numpy(), found["byte_start"].to_numpy()
    columns: dict[str, Any] = {
        "start": pa.array(np.maximum(start - points, 0).astype(np.int32)),
        "end": pa.array((found["end"].to_numpy() - points).astype(np.int32)),
        "byte_start": pa.array(np.maximum(byte_start - size, 0).astype(np.int32)),
        "text": _cut(found["text"], np.maximum(size - byte_start, 0)),
        "alternatives": _moved(found["alternatives"], points),
    }
    whole = [columns.get(name, found[name]) for name in found.schema.names]
    return pa.Table.from_arrays(whole, schema=found.schema)


def _cut(texts: pa.ChunkedArray, dropped: npt.NDArray[np.integer[Any]]) -> pa.Array:
    """The texts without so many bytes at their beginning."""
    array = texts.combine_chunks()
    _, offsets, data = array.buffers()
    ends = np.frombuffer(offsets, np.int32)[array.offset : array.offset + len(array) + 1]
    chars = np.frombuffer(data or b"", np.uint8)
    return texts_of(chars, ends[:-1].astype(np.int64) + dropped, ends[1:].astype(np.int64))


def _moved(alternatives: pa.ChunkedArray, points: Int32) -> pa.Array:
    """Alternatives that reach into the last cell, at their places in it."""
    array = alternatives.combine_chunks()
    if not len(array.values):
        return array
    moved = [
        [
            {**each, "start": max(each["start"] - ahead, 0), "end": each["end"] - ahead}
            for each in listed or ()
            if each["end"] > ahead
        ]
        for listed, ahead in zip(array.to_pylist(), points.tolist(), strict=True)
    ]
    return pa.array(moved, array.type)

"""Split fields: an address or name spread over several columns (省, 市, 区, 详细地址; 姓, 名).

The cells are concatenated and scanned as one text.  The finding is located in the last cell, and
its value is the whole text: 人民路1号 in two towns are two addresses.
``湖南省 | 长沙市 | 人民路1号`` -> 人民路1号 in the last cell, value 湖南省长沙市人民路1号.
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
from piiscan.arrow_strings import string_buffers, strings_of_slices
from piiscan.detect.catalog.headers import Label, normalize_header
from piiscan.detect.columns.column_types import ColumnType

#: Largest distance between two columns of one address: at most one other column between them.
_MAX_DISTANCE: Final = 2
#: Headers of address parts below the level of a town.
_STREET_LEVEL: Final = re.compile("路|街|号|室|栋|幢|楼|单元|层|小区|村|社区|房|门牌")
#: Headers of surnames, which come first in a name, wherever their column is.
_SURNAMES: Final = frozenset({"姓", "姓氏", "last", "lastname", "surname", "familyname"})
_WORD_SIGNS: Final = re.compile("[ _.-]")
_PERSON: Final = "name.person"
_ADDRESS: Final = "name.address"


@dataclass(frozen=True, slots=True)
class SplitField:
    """Columns of a split field: the last, the leading ones, and their common label."""

    last: int
    leading: tuple[int, ...]
    label: Label


def find_split_fields(
    types: Sequence[ColumnType], groups: Sequence[int] = ()
) -> dict[int, SplitField]:
    """Return the split fields of a table, keyed by their last column.

    ``groups``: number of the side-by-side block of each column.  Columns of two blocks never
    combine.
    """
    fields: list[SplitField] = []
    runs: dict[tuple[str, int, str | None], list[int]] = {}
    for number, column in enumerate(types):
        label = column.label
        kind = next((k for k in (_PERSON, _ADDRESS) if k in column.recognizers), None)
        if label is None or kind is None:
            continue
        key = kind, groups[number] if number < len(groups) else 0, label.role
        run = runs.setdefault(key, [])
        names = {normalize_header(types[at].header or "") for at in run}
        if run and (
            number - run[-1] > _MAX_DISTANCE or normalize_header(column.header or "") in names
        ):
            fields += _join_without_last(types, run)
            run.clear()
        if label.parts:
            run.append(number)
        elif run:
            fields.append(_join(types, [*run, number]))
            run.clear()
    for run in runs.values():
        fields += _join_without_last(types, run)
    return {field.last: field for field in fields}


def _join_without_last(types: Sequence[ColumnType], run: Sequence[int]) -> list[SplitField]:
    """Return the split field of ``run`` if it has no final column but is complete; else [].

    姓 and 名 are complete, and so are 省 to 房号.  省 to 区 are not.
    """
    header = types[run[-1]].header if run else None
    person = bool(run) and _PERSON in types[run[-1]].recognizers
    complete = person or _STREET_LEVEL.search(header or "") is not None
    return [_join(types, run)] if len(run) > 1 and complete else []


def _join(types: Sequence[ColumnType], columns: Sequence[int]) -> SplitField:
    """Build the SplitField of ``columns``: label of the last one, headers joined by ``+``.

    A surname behind the given name is put before it.
    """
    names = [_WORD_SIGNS.sub("", normalize_header(types[at].header or "")) for at in columns]
    columns = sorted(columns, key=lambda at: names[columns.index(at)] not in _SURNAMES)
    last = types[columns[-1]].label
    assert last is not None
    header = "+".join(types[at].header or "" for at in columns)
    label = dataclasses.replace(last, header=header, parts=False)
    return SplitField(columns[-1], tuple(columns[:-1]), label)


@dataclass(frozen=True, slots=True)
class JoinedCells:
    """Joined cells of a split field, and the length of the prefix before each last cell.

    ``prefix_chars`` counts code points, ``prefix_bytes`` UTF-8 bytes.
    """

    cells: pa.Array
    prefix_chars: Int32
    prefix_bytes: Int32

    @classmethod
    def of(cls, leading: Sequence[pa.Array], last: pa.Array) -> JoinedCells:
        """Concatenate the columns ``leading`` and ``last`` row by row into JoinedCells.

        A row with an empty last cell stays empty.  Text that the last cell repeats is not doubled.
        """
        rows = zip(*(column.to_pylist() for column in [*leading, last]), strict=True)
        prefixes = [_prefix(row[:-1], row[-1]) for row in rows]
        prefix = pa.array(prefixes, last.type)
        return cls(
            pa.compute.binary_join_element_wise(
                prefix, last.fill_null(""), pa.scalar("", last.type)
            ),
            np.array([len(each) for each in prefixes], np.int32),
            pa.compute.binary_length(prefix).to_numpy().astype(np.int32),
        )


def _prefix(parts: Sequence[str | None], last: str | None) -> str:
    """Join the leading cells of a row before ``last``; Latin names get a blank."""
    if not last or not last.strip():
        return ""
    prefix: list[str] = []
    for part in parts:
        text = (part or "").strip()
        if text and text not in last and (not prefix or text != prefix[-1]):
            prefix.append(text)
    between = " " if prefix and (prefix[-1] + last).isascii() else ""
    return "".join(prefix) + between


def relocate_to_last(found: pa.Table, joined: JoinedCells) -> pa.Table:
    """Move findings of joined cells (FOUND) to positions in the last cell; values stay whole.

    A finding that ends before the last cell is dropped: its own column reports it.
    """
    index = found["index"].to_numpy()
    chars, size = joined.prefix_chars[index], joined.prefix_bytes[index]
    keep = np.flatnonzero(found["end"].to_numpy() > chars)
    if not chars.any():
        return found
    found, chars, size = found.take(pa.array(keep)), chars[keep], size[keep]
    start, byte_start = found["start"].to_numpy(), found["byte_start"].to_numpy()
    columns: dict[str, Any] = {
        "start": pa.array(np.maximum(start - chars, 0).astype(np.int32)),
        "end": pa.array((found["end"].to_numpy() - chars).astype(np.int32)),
        "byte_start": pa.array(np.maximum(byte_start - size, 0).astype(np.int32)),
        "text": _without_prefix(found["text"], np.maximum(size - byte_start, 0)),
        "alternatives": _shift_alternatives(found["alternatives"], chars),
    }
    whole = [columns.get(name, found[name]) for name in found.schema.names]
    return pa.Table.from_arrays(whole, schema=found.schema)


def _without_prefix(texts: pa.ChunkedArray, dropped: npt.NDArray[np.integer[Any]]) -> pa.Array:
    """Return each string without its first ``dropped[i]`` bytes."""
    array = texts.combine_chunks()
    ends, chars = string_buffers(array)
    return strings_of_slices(chars, ends[:-1].astype(np.int64) + dropped, ends[1:].astype(np.int64))


def _shift_alternatives(alternatives: pa.ChunkedArray, chars: Int32) -> pa.Array:
    """Shift alternatives by the prefix of ``chars[i]`` code points; drop those inside it."""
    array = alternatives.combine_chunks()
    if not len(array.values):
        return array
    shifted = [
        [
            {**each, "start": max(each["start"] - prefix, 0), "end": each["end"] - prefix}
            for each in alternatives_of_row or ()
            if each["end"] > prefix
        ]
        for alternatives_of_row, prefix in zip(array.to_pylist(), chars.tolist(), strict=True)
    ]
    return pa.array(shifted, array.type)

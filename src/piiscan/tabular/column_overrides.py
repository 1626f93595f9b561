"""Column types as an investigator corrected them: what ``--columns FILE.xlsx`` overrides.

A correction belongs to a group of tables with identical headers.  A row of the file that still
says what was inferred is none, so only the files whose columns were really corrected are read
again.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.catalog.headers import Label, label_of
from piiscan.detect.columns.column_types import ColumnType
from piiscan.detect.columns.transaction_columns import PREFIX, trade_of_id
from piiscan.errors import CellError
from piiscan.forms.reader import Faults, read_sheet
from piiscan.hashing.digest import file_sha256
from piiscan.tabular.column_form import columns_form

#: What a column can be said to hold instead of an identifier.
NOTHING: Final = ("-", "无", "none")

#: Recognizer ids and role of one column.
Kind = tuple[tuple[str, ...], str | None]

#: Columns of the workbook that a correction is read from.
KEY, NUMBER, KINDS, ROLE = "group", "column", "recognizers", "role"
INFERRED, INFERRED_ROLE = "inferred", "inferred_role"


@dataclass(frozen=True, slots=True)
class Corrections:
    """Group key -> column (1-based) -> what it holds; ``sha256`` of the file they came from."""

    kinds: Mapping[str, Mapping[int, Kind]] = field(default_factory=dict)
    sha256: str | None = None


def group_key(types: Sequence[ColumnType]) -> str:
    """16 hexadecimal digits, equal for tables with identical headers.

    Tables without any header are grouped by what their columns were inferred to hold.
    """
    names: list[Any] = [column.header for column in types]
    if not any(names):
        names = [list(kind_of(column)[0]) for column in types]
    return hashlib.sha256(json.dumps(names).encode()).hexdigest()[:16]


def kind_of(column: ColumnType) -> Kind:
    """What a column was inferred to hold, and what it tells of trades (``ledger.price``)."""
    trade = [f"{PREFIX}{column.trade}"] if column.trade else []
    return tuple(sorted([*column.recognizers, *trade])), column.role


def differing(corrections: Corrections, key: str, inferred: Sequence[Kind]) -> dict[int, Kind]:
    """The corrections that change what was inferred, by column (1-based)."""
    wanted = corrections.kinds.get(key, {})
    return {
        number: wanted[number]
        for number, kind in enumerate(inferred, 1)
        if number in wanted and wanted[number] != kind
    }


def correct(
    types: Sequence[ColumnType], corrections: Corrections, key: str
) -> tuple[list[ColumnType], list[list[Any]]]:
    """The column types with corrections applied, and those that were: [column, ids, role]."""
    changes = differing(corrections, key, [kind_of(column) for column in types])
    applied = [[number, list(ids), role] for number, (ids, role) in sorted(changes.items())]
    made = [
        _correct_one(column, *changes[number]) if number in changes else column
        for number, column in enumerate(types, 1)
    ]
    return made, applied


def _correct_one(column: ColumnType, ids: tuple[str, ...], role: str | None) -> ColumnType:
    """The column as it was corrected.

    One that is said to tell of trades alone is scanned as before: a buyer can have a phone number.
    """
    trades = [id_ for id_ in ids if trade_of_id(id_) is not None]
    others = [id_ for id_ in ids if id_ not in trades]
    trade = trade_of_id(trades[0]) if trades else None
    if trades and not others and role == column.role:
        return dataclasses.replace(column, trade=trade)
    if trades and not others:
        others = list(column.recognizers)
    nothing = None if others else "-"
    label = Label(column.header or "", tuple(others), role, other=nothing)
    return dataclasses.replace(column, label=label, trade=trade)


def read_corrections(path: Path, catalog: Catalog) -> Corrections:
    """What a corrected column file says; CaseError naming row and heading if it cannot be used."""
    sheet = read_sheet(path, columns_form(catalog))
    faults = Faults(sheet)
    kinds, role = partial(_ids, catalog=catalog), partial(_role, catalog=catalog)
    found: dict[str, dict[int, Kind]] = {}
    for row in sheet.rows:
        key = row.cells[KEY]
        number = faults.take(row, NUMBER, _number) if key else None
        said = faults.take(row, KINDS, kinds), faults.take(row, ROLE, role)
        inferred = faults.take(row, INFERRED, kinds), faults.take(row, INFERRED_ROLE, role)
        if number is not None and said != inferred:
            found.setdefault(key, {})[number] = said[0] or (), said[1]
    faults.refuse()
    return Corrections(found, file_sha256(path))


def _number(cell: str) -> int:
    try:
        return int(float(cell))
    except ValueError:
        raise CellError("must be a number") from None


def _ids(cell: str, catalog: Catalog) -> tuple[str, ...]:
    """Recognizer ids meant by a cell: ids, entity names or column names, separated by commas."""
    ids: set[str] = set()
    for word in cell.replace("，", ",").replace("、", ",").replace(";", ",").split(","):
        name = word.strip()
        if not name or name in NOTHING:
            continue
        label = label_of(catalog, name)
        if name in catalog.by_id or trade_of_id(name) is not None:
            ids.add(name)
        elif name in catalog.entities:
            ids.update(r.id for r in catalog.recognizers if r.entity == name)
        elif label is not None and label.recognizers:
            ids.update(label.recognizers)
        else:
            raise CellError(
                "has an unknown kind; give recognizer ids (piiscan recognizers list), entity names,"
                " column names, or - for nothing"
            )
    return tuple(sorted(ids))


def _role(cell: str, catalog: Catalog) -> str | None:
    """The role meant by a cell: its code or one of its words; None if empty."""
    name = cell.strip()
    if not name or name in NOTHING:
        return None
    for role, entry in catalog.vocabulary.get("roles", {}).items():
        if name == role or name in entry.values() or name in entry.get("words", ()):
            return str(role)
    raise CellError("the role is not known; leave it empty for none")

"""Column overrides: column types that an investigator corrected in the file of ``--columns``.

An override belongs to a group of tables with identical headers.  A row of the file that repeats
the inferred type is no override, so only files with changed columns are read again.  The same form
writes the workbook of ``piiscan columns``, which people correct.
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
from piiscan.detect.catalog.role_classes import NUMBER_MARK, base_role, numbered_role
from piiscan.detect.columns.column_types import ColumnType
from piiscan.detect.columns.transaction_columns import PREFIX, transaction_of_id
from piiscan.errors import CellError
from piiscan.forms.reader import ReturnedSheet, SheetErrors, read_content, read_file_bytes
from piiscan.forms.schema import Choice, Form, load_form
from piiscan.forms.writer import ReferenceTable, SheetRow, write_sheet
from piiscan.wording.words import Words, find_code

#: Cell texts that mean: no recognizer, or no role.
NO_KIND: Final = ("-", "无", "none")

#: Id of columns that rows are compared without, among recognizer ids.
BOOKKEEPING: Final = "bookkeeping"

#: Kind of the sheets among the attachments of a case.
ATTACHED: Final = "columns"

#: Recognizer ids and role of one column.
ColumnKind = tuple[tuple[str, ...], str | None]

#: Columns of the workbook that an override is read from.
KEY, NUMBER, KINDS, ROLE = "group", "column", "recognizers", "role"
INFERRED, INFERRED_ROLE = "inferred", "inferred_role"


@dataclass(frozen=True, slots=True)
class ColumnOverrides:
    """Column types to apply: ``kinds`` maps group key -> column number (from 1) -> type.

    ``sha256`` is that of the file they were read from, None if there was no file.
    """

    kinds: Mapping[str, Mapping[int, ColumnKind]] = field(default_factory=dict)
    sha256: str | None = None


def group_key(types: Sequence[ColumnType]) -> str:
    """Return the key of a table's group: 16 hexadecimal digits, equal for identical headers.

    Tables without any header are grouped by the inferred types of their columns.
    """
    names: list[Any] = [column.header for column in types]
    if not any(names):
        names = [list(inferred_kind(column)[0]) for column in types]
    return hashlib.sha256(json.dumps(names).encode()).hexdigest()[:16]


def inferred_kind(column: ColumnType) -> ColumnKind:
    """Return the recognizer ids and the role of an inferred column type, as a ColumnKind.

    Its transaction field is among the ids, as ``ledger.price``; so is ``bookkeeping``.
    """
    other = [f"{PREFIX}{column.transaction}"] if column.transaction else []
    other += [BOOKKEEPING] if column.bookkeeping else []
    return tuple(sorted([*column.recognizers, *other])), column.role


def changed_kinds(
    overrides: ColumnOverrides, key: str, inferred: Sequence[ColumnKind]
) -> dict[int, ColumnKind]:
    """Return the overrides of group ``key`` that differ from ``inferred``: column -> new type.

    Columns are counted from 1. ``inferred``: inferred type of each column.
    """
    overridden = overrides.kinds.get(key, {})
    return {
        number: overridden[number]
        for number, kind in enumerate(inferred, 1)
        if number in overridden and overridden[number] != kind
    }


def apply_overrides(
    types: Sequence[ColumnType], overrides: ColumnOverrides, key: str
) -> tuple[list[ColumnType], list[list[Any]]]:
    """Apply a table's overrides. Return (corrected column types, applied overrides).

    ``key``: key of the group (:func:`group_key`). Each applied override is ``[column number from 1,
    recognizer ids, role]``.
    """
    changes = changed_kinds(overrides, key, [inferred_kind(column) for column in types])
    applied = [[number, list(ids), role] for number, (ids, role) in sorted(changes.items())]
    corrected = [
        _override_column(column, *changes[number]) if number in changes else column
        for number, column in enumerate(types, 1)
    ]
    return corrected, applied


def _override_column(column: ColumnType, ids: tuple[str, ...], role: str | None) -> ColumnType:
    """Return ``column`` with the recognizers and role of an override.

    If the override names transaction fields only, the column keeps its recognizers: the cells of a
    buyer can be phone numbers.
    """
    transactions = [id_ for id_ in ids if transaction_of_id(id_) is not None]
    recognizers = [id_ for id_ in ids if id_ not in transactions and id_ != BOOKKEEPING]
    column = dataclasses.replace(column, bookkeeping=BOOKKEEPING in ids)
    transaction = transaction_of_id(transactions[0]) if transactions else None
    if transactions and not recognizers and role == column.role:
        return dataclasses.replace(column, transaction=transaction)
    if transactions and not recognizers:
        recognizers = list(column.recognizers)
    other_label = None if recognizers else "-"
    label_role = None if role is None else base_role(role)
    label = Label(column.header or "", tuple(recognizers), label_role, other=other_label)
    subject = None if role == label_role else role
    return dataclasses.replace(column, label=label, transaction=transaction, subject=subject)


def read_overrides(path: Path, catalog: Catalog) -> ColumnOverrides:
    """Read the overrides of a corrected column workbook.

    Raise CaseError with the row and heading of each invalid cell.
    """
    content = read_file_bytes(path)
    return parse_overrides(
        read_content(content, path.name, columns_form(catalog)), content, catalog
    )


def parse_overrides(sheet: ReturnedSheet, content: bytes, catalog: Catalog) -> ColumnOverrides:
    """Return the overrides of a sheet, with the SHA-256 of the file ``content`` that has it.

    Raise CaseError as :func:`read_overrides`.
    """
    faults = SheetErrors(sheet)
    kinds, role = partial(parse_ids, catalog=catalog), partial(_parse_role, catalog=catalog)
    found: dict[str, dict[int, ColumnKind]] = {}
    for row in sheet.rows:
        key = row.cells[KEY]
        number = faults.read_cell(row, NUMBER, _parse_number) if key else None
        stated = faults.read_cell(row, KINDS, kinds), faults.read_cell(row, ROLE, role)
        inferred = (
            faults.read_cell(row, INFERRED, kinds),
            faults.read_cell(row, INFERRED_ROLE, role),
        )
        if number is not None and stated != inferred:
            found.setdefault(key, {})[number] = stated[0] or (), stated[1]
    faults.raise_if_any()
    return ColumnOverrides(found, hashlib.sha256(content).hexdigest())


def _parse_number(cell: str) -> int:
    """Return the column number in a cell.  Raise CellError if it is no number."""
    try:
        return int(float(cell))
    except ValueError:
        raise CellError("cell.no_number") from None


def parse_ids(cell: str, catalog: Catalog) -> tuple[str, ...]:
    """Return the recognizer ids that a cell names, separated by commas.

    A name is an id, an entity, its name or a header: ``cn.mobile，PERSON，手机号码``.  Raise
    CellError for an unknown name.
    """
    ids: set[str] = set()
    for word in cell.replace("，", ",").replace("、", ",").replace(";", ",").split(","):
        name = word.strip()
        if not name or name in NO_KIND:
            continue
        label = label_of(catalog, name)
        if name in catalog.by_id or name == BOOKKEEPING or transaction_of_id(name) is not None:
            ids.add(name)
        elif name not in catalog.entities and label is not None and label.recognizers:
            ids.update(label.recognizers)
        elif (entity := find_code(catalog.vocabulary["entities"], name)) in catalog.entities:
            ids.update(r.id for r in catalog.recognizers if r.entity == entity)
        else:
            raise CellError("cell.unknown_kind")
    return tuple(sorted(ids))


def _parse_role(cell: str, catalog: Catalog) -> str | None:
    """Return the role that a cell names by its code or one of its words; None if empty.

    A number at the end says which person with that role: 紧急联系人2 -> ``contact#2``.  Raise
    CellError for an unknown role.
    """
    name = cell.strip()
    if not name or name in NO_KIND:
        return None
    unnumbered = name.rstrip("0123456789")
    number = int(name[len(unnumbered) :] or 1)
    unnumbered = unnumbered.rstrip(f"{NUMBER_MARK} ")
    for role, entry in catalog.vocabulary.get("roles", {}).items():
        names = (role, entry["zh"], entry["en"], *entry.get("words", ()))
        if unnumbered in names and number > 0:
            return numbered_role(role, number)
    raise CellError("cell.unknown_role")


_FORM: Final = Path(__file__).with_name("column_form.toml")


def columns_form(catalog: Catalog) -> Form:
    """Return the form of the column workbook, with the roles of ``catalog`` as choices."""
    form = load_form(_FORM)
    roles = tuple(
        Choice(role, {"zh": entry["zh"], "en": entry["en"]}, tuple(entry.get("words", ())))
        for role, entry in sorted(catalog.vocabulary.get("roles", {}).items())
    )
    columns = tuple(
        dataclasses.replace(column, choices=roles) if column.name == "role" else column
        for column in form.columns
    )
    return dataclasses.replace(form, columns=columns)


def write_column_form(
    out: Path, rows: Sequence[Mapping[str, Any]], catalog: Catalog, words: Words
) -> None:
    """Write ``rows`` to the workbook ``out``, with a second sheet that lists the allowed words."""
    listing = ReferenceTable(
        [words(f"columns.{name}") for name in ("id", "kinds", "title")],
        [
            (
                recognizer.id,
                words.name("entities", recognizer.entity),
                recognizer.title.get(words.language, recognizer.id),
            )
            for recognizer in catalog.recognizers
        ],
    )
    lines = [SheetRow(column_cells(row, words)) for row in rows]
    write_sheet(
        out, columns_form(catalog), lines, language=words.language, reference_tables=[listing]
    )


def column_cells(row: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """Return a row of the column workbook as cells; roles and entities as words."""
    named = {name: words.name("roles", row[name]) for name in ("role", "inferred_role")}
    kinds = ", ".join(words.name("entities", entity) for entity in row["kinds"])
    return {**row, **named, "kinds": kinds}

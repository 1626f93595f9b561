"""Intake of a completed register: read strictly, and stored in the case."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from piiscan.case.register.entry import (
    ALGORITHMS,
    VALUE_COLUMNS,
    Entry,
    read_choice,
    read_number,
    read_price,
    read_text,
    read_time,
    register_form,
)
from piiscan.case.register.party_sheets import (
    Alias,
    Dealing,
    GroupMember,
    read_aliases,
    read_dealings,
    read_members,
    resolve_aliases,
)
from piiscan.case.register.path_tree import (
    Problem,
    RegisterMapping,
    SourcePart,
    clean_path,
    find_problems,
)
from piiscan.case.store.attachments import store_attachment
from piiscan.case.store.audit_log import AuditLog
from piiscan.errors import CellError
from piiscan.forms.reader import ReturnedSheet, Row, SheetErrors, read_content, read_file_bytes
from piiscan.forms.schema import heading_keys, normalize_word

#: Kind of this sheet among the attachments of a case.
KIND: Final = "register"

_PARSERS: Final[Mapping[str, Callable[[str], Any]]] = {
    **{
        name: partial(read_choice, column=name)
        for name in ("role", "layer", "unlawful", "duty", "account", "purpose", "lost")
    },
    "seized": read_time,
    "time": read_time,
    "price": read_price,
    "lost_records": read_number,
}
#: Columns without dates. A date cell there is text that a spreadsheet program converted: 1-2.
_TEXT_COLUMNS: Final = ("item", "suspect", "device", "price", "lost_records", "path")


@dataclass(frozen=True, slots=True)
class Register:
    """Completed register: its rows, aliases, group members and confirmed dealings in chats.

    ``sha256``: of the file.
    """

    sha256: str
    entries: tuple[Entry, ...] = field(repr=False)
    aliases: tuple[Alias, ...] = field(default=(), repr=False)
    members: tuple[GroupMember, ...] = field(default=(), repr=False)
    dealings: tuple[Dealing, ...] = field(default=(), repr=False)

    def provenance(self, sources: Sequence[tuple[int, str]]) -> pa.Table:
        """Return the table PROVENANCE of ``sources`` (number, path): item, suspect, role and more.

        A suspect under another name of the sheet of aliases has his own name.

        The longest ``member_prefix`` that covers a part applies
        (:func:`piiscan.case.register.path_tree.longest_prefix`). "" covers the whole source.
        """
        return RegisterMapping(self.entries, sources).table(resolve_aliases(self.aliases))

    def problems(
        self, sources: Sequence[tuple[int, str]], parts: Sequence[SourcePart] | None = None
    ) -> list[Problem]:
        """Return rows that match no source, unconfirmed proposals, and sources without a row.

        ``parts``: readable parts. With None, rows about parts are not checked.
        """
        return find_problems(self.entries, sources, parts)


def import_register(case: Path, file: Path, *, log: AuditLog) -> Register:
    """Read a completed register, store it as attachment in the case, and return it.

    Raise CaseError if it cannot be read; then nothing is stored.
    """
    content = read_file_bytes(file)
    register = read_register(content, file.name)
    store_attachment(case, KIND, content, suffix=file.suffix, log=log)
    return register


def read_register(content: bytes, name: str) -> Register:
    """Return the register in ``content``. Raise CaseError with every invalid cell.

    ``name``: file name of the sheet.
    """
    sheet = read_content(content, name, register_form())
    errors = SheetErrors(sheet)
    rows: dict[str, int] = {}
    entries = []
    for row in sheet.rows:
        path = row.cells["path"]
        if not path:
            if any(row.cells.get(each) for each in (*VALUE_COLUMNS, *ALGORITHMS)):
                errors.add(row, "path", CellError("cell.no_path"))
            continue
        first = rows.setdefault(clean_path(path), row.number)
        if first != row.number:
            errors.add(row, "path", CellError("cell.same_path", row=first))
        entries.append(_entry(row, sheet, errors))
    errors.raise_if_any()
    return Register(
        hashlib.sha256(content).hexdigest(),
        tuple(entries),
        read_aliases(content, name),
        read_members(content, name),
        read_dealings(content, name),
    )


def _entry(row: Row, sheet: ReturnedSheet, errors: SheetErrors) -> Entry:
    """Return one sheet row as a register entry; add each invalid cell to ``errors``."""
    values: dict[str, Any] = {}
    unconfirmed = _unconfirmed_columns(row, sheet, errors)
    for name in VALUE_COLUMNS:
        if name in row.dates and name in _TEXT_COLUMNS:
            errors.add(row, name, CellError("cell.made_date"))
        elif row.cells.get(name) and name not in unconfirmed:
            values[name] = errors.read_cell(row, name, _PARSERS.get(name, read_text))
    hashes = {name: row.cells[name] for name in ALGORITHMS if row.cells.get(name)}
    hashes = {name: text for name, text in hashes.items() if read_text(text) is not None}
    return Entry(row.number, row.cells["path"], values, hashes, unconfirmed)


def _unconfirmed_columns(row: Row, sheet: ReturnedSheet, errors: SheetErrors) -> tuple[str, ...]:
    """Return the columns of a row that still have the proposed value, unconfirmed."""
    if not row.cells.get("state"):
        return ()
    if errors.read_cell(row, "state", partial(read_choice, column="state")) != "proposed":
        return ()
    filled = [name for name in VALUE_COLUMNS if row.cells.get(name)]
    if "proposed" not in sheet.headings:
        return tuple(filled)
    proposed = parse_proposals(row.cells["proposed"])
    return tuple(
        n for n in filled if normalize_word(row.cells[n]) == normalize_word(proposed.get(n, "\0"))
    )


def parse_proposals(cell: str) -> dict[str, str]:
    """Parse the cell of a row's proposals; return column -> proposed value.

    ``嫌疑人=张三；设备=手机1 -> {"suspect": "张三", "device": "手机1"}``
    """
    known = {
        key: name
        for name in VALUE_COLUMNS
        for text in register_form()[name].heading.values()
        for key in heading_keys(text)
    }
    found = {}
    for part in cell.replace("；", ";").split(";"):
        heading, _, value = part.partition("=")
        name = next((known[key] for key in heading_keys(heading) if key in known), None)
        if name is not None:
            found[name] = value.strip()
    return found

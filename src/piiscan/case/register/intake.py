"""A register as it was given back: read strictly, and kept in the case."""

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
    SAID,
    Entry,
    read_choice,
    read_price,
    read_text,
    read_time,
    register_form,
)
from piiscan.case.register.path_tree import Part, Placed, Problem, clean, problems_of
from piiscan.case.store.attachments import keep
from piiscan.case.store.audit_log import Log
from piiscan.forms.reader import Faults, Returned, Row, content_of, read_content
from piiscan.forms.schema import heading_keys, plain

#: What a register is called among the sheets handed in.
KIND: Final = "register"

_READ: Final[Mapping[str, Callable[[str], Any]]] = {
    "role": partial(read_choice, column="role"),
    "layer": partial(read_choice, column="layer"),
    "time": read_time,
    "price": read_price,
}
#: Columns in which a date is something else that a spreadsheet program took for one: 1-2.
_NO_DATES: Final = ("item", "suspect", "device", "price", "path")


@dataclass(frozen=True, slots=True)
class Register:
    """What people said about the sources: ``sha256`` of the sheet, and its rows."""

    sha256: str
    entries: tuple[Entry, ...] = field(repr=False)

    def places(self, sources: Sequence[tuple[int, str]]) -> pa.Table:
        """A PLACES table: what holds for each of ``sources`` (number, path), and for parts of them.

        A part (member) is told by the longest ``member_prefix`` that covers it
        (:func:`piiscan.case.register.path_tree.longest`); "" covers the whole source.
        """
        return Placed(self.entries, sources).table()

    def problems(
        self, sources: Sequence[tuple[int, str]], parts: Sequence[Part] | None = None
    ) -> list[Problem]:
        """Rows that fit no source, proposals not confirmed, sources without a row."""
        return problems_of(self.entries, sources, parts)


def take_in(case: Path, file: Path, *, log: Log) -> Register:
    """The register in ``file``, which the case ``case`` keeps from now on.

    CaseError if it cannot be read; then nothing is kept.
    """
    content = content_of(file)
    register = read_register(content, file.name)
    keep(case, KIND, content, suffix=file.suffix, log=log)
    return register


def read_register(content: bytes, name: str) -> Register:
    """The register that ``content`` is; CaseError naming every cell that cannot be used."""
    sheet = read_content(content, name, register_form())
    faults = Faults(sheet)
    rows: dict[str, int] = {}
    entries = []
    for row in sheet.rows:
        path = row.cells["path"]
        if not path:
            if any(row.cells.get(each) for each in (*SAID, *ALGORITHMS)):
                faults.add(row, "path", "the row has no path")
            continue
        first = rows.setdefault(clean(path), row.number)
        if first != row.number:
            faults.add(row, "path", f"the same path stands in row {first} already")
        entries.append(_entry(row, sheet, faults))
    faults.refuse()
    return Register(hashlib.sha256(content).hexdigest(), tuple(entries))


def _entry(row: Row, sheet: Returned, faults: Faults) -> Entry:
    said: dict[str, Any] = {}
    waiting = _waiting(row, sheet, faults)
    for name in SAID:
        if name in row.dates and name in _NO_DATES:
            faults.add(row, name, "a spreadsheet program made a date of it; write it as text")
        elif row.cells.get(name) and name not in waiting:
            said[name] = faults.take(row, name, _READ.get(name, read_text))
    hashes = {name: row.cells[name] for name in ALGORITHMS if row.cells.get(name)}
    hashes = {name: text for name, text in hashes.items() if read_text(text) is not None}
    return Entry(row.number, row.cells["path"], said, hashes, waiting)


def _waiting(row: Row, sheet: Returned, faults: Faults) -> tuple[str, ...]:
    """The columns of a row that still say what was proposed, and that nobody confirmed."""
    if not row.cells.get("state"):
        return ()
    if faults.take(row, "state", partial(read_choice, column="state")) != "proposed":
        return ()
    filled = [name for name in SAID if row.cells.get(name)]
    if "proposed" not in sheet.headings:
        return tuple(filled)
    proposed = read_proposals(row.cells["proposed"])
    return tuple(n for n in filled if plain(row.cells[n]) == plain(proposed.get(n, "\0")))


def read_proposals(cell: str) -> dict[str, str]:
    """By column what was proposed: ``嫌疑人=张三；设备=手机1``."""
    known = {
        key: name
        for name in SAID
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

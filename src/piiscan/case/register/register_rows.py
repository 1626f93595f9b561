"""Rows of the register as texts by column, sheet by sheet: read, checked, and stored in the case.

``{"register": [{"path": "a.csv", "suspect": "张三", "role": "出售"}], "alias": [...], ...}``
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any, Final

from piiscan.arguments import checked
from piiscan.case.register.draft import build_nodes, draft_lines
from piiscan.case.register.entry import register_form
from piiscan.case.register.intake import KIND, Register, read_register
from piiscan.case.register.party_sheets import dealing_lines, party_form, party_forms
from piiscan.case.store.attachments import latest_attachment, store_attachment
from piiscan.case.store.case import Case
from piiscan.forms.reader import find_sheet
from piiscan.forms.schema import Form, Language
from piiscan.forms.writer import FormRows, SheetRow, sheet_bytes, written_cells
from piiscan.sources.walk import Input

#: Sheet -> its rows, each with the text of its cells by column.
RegisterRows = Mapping[str, Sequence[Mapping[str, str]]]
#: Sheets of a register, in the order of the workbook.
SHEETS: Final = ("register", "alias", "group", "dealing")
_NAME: Final = "register.xlsx"


def sheet_form(sheet: str) -> Form:
    """Return the form of a sheet of SHEETS."""
    return register_form() if sheet == "register" else party_form(sheet)


@checked
def register_rows(
    case: str | Path | Case, *, language: Language = "zh"
) -> dict[str, list[dict[str, str]]]:
    r"""Return the rows of the newest register of a case; sheets without rows are drafted.

    The draft names the sources of the case and what the newest count found in chats; nothing of it
    counts before a person confirms it. ``language``: of the draft.

    >>> import piiscan
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     dump = Path(place, "dump.csv")
    ...     _ = dump.write_text("姓名,手机号\n张三,13912345678\n", "utf-8")
    ...     case = piiscan.scan(dump, case=Path(place, "case"), key=Path(place, "my.key"))
    ...     rows = piiscan.register_rows(case)
    ...     Path(rows["register"][-1]["path"]).name
    'dump.csv'
    """
    opened = Case.of(case)
    stored = latest_attachment(opened.path, KIND)
    rows: dict[str, list[dict[str, str]]] = {sheet: [] for sheet in SHEETS}
    if stored is not None:
        content = stored.content()
        for sheet in SHEETS:
            found = find_sheet(content, stored.name, sheet_form(sheet))
            rows[sheet] = [dict(row.cells) for row in found.rows] if found else []
    if not rows["register"]:
        sizes = {each["path"]: each["size"] for each in opened.manifest.content["sources"]}
        inputs = [Input(Path(path), path, size, 0) for path, size in sizes.items()]
        levels = zip(*(path.split("/")[:-1] for path in sizes), strict=False)
        shared = [level[0] for level in takewhile(lambda level: len(set(level)) == 1, levels)]
        nodes = build_nodes(inputs, ["/".join(shared)] if any(shared) else [])
        rows["register"] = [_texts(line) for line in draft_lines(nodes, language)]
    count = opened.count()
    if not rows["dealing"] and count is not None:
        lines = drafted_dealings(opened, count.stored_tables(), language)
        rows["dealing"] = [_texts(line) for line in lines]
    return rows


def drafted_dealings(
    case: Case, tables: Mapping[str, Sequence[Mapping[str, Any]]], language: Language
) -> list[SheetRow]:
    """Return the lines of the sheet of dealings that the ``tables`` of a count propose."""
    paths = {each["source"]: each["path"] for each in case.manifest.content["sources"]}
    members = {shown: name for name, shown in case.shown().items()}
    return list(dealing_lines(tables, paths, members, language))


def read_rows(rows: RegisterRows, *, language: Language = "zh") -> tuple[Register, bytes]:
    """Return the register of ``rows``, and its workbook. Raise CaseError with invalid cells.

    Row 2 of a sheet is its first row.
    """
    first, *further = [
        FormRows(form, [SheetRow(written_cells(row, form)) for row in rows.get(sheet, ())])
        for sheet, form in zip(SHEETS, (register_form(), *party_forms()), strict=True)
    ]
    content = sheet_bytes(first.form, first.lines, language=language, further=further)
    return read_register(content, _NAME), content


@checked
def store_register(
    case: str | Path | Case, rows: RegisterRows, *, operator: str = "", language: Language = "zh"
) -> Register:
    r"""Store ``rows`` in the case as the sheet that ``count --register`` reads, and return it.

    Raise CaseError with every invalid cell; then nothing is stored. ``operator``: who did it, for
    the log. ``language``: of the headings.

    >>> import piiscan
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     dump = Path(place, "dump.csv")
    ...     _ = dump.write_text("姓名,手机号\n张三,13912345678\n", "utf-8")
    ...     case = piiscan.scan(dump, case=Path(place, "case"), key=Path(place, "my.key"))
    ...     rows = piiscan.register_rows(case)
    ...     rows["register"][0] |= {"suspect": "李某"}
    ...     piiscan.store_register(case, rows, operator="赵检").entries[0].values
    {'suspect': '李某'}
    """
    opened = Case.of(case, operator=operator)
    register, content = read_rows(rows, language=language)
    with opened.open_log() as log:
        store_attachment(opened.path, KIND, content, suffix=".xlsx", log=log)
    return register


def _texts(line: SheetRow) -> dict[str, str]:
    """Return the cells of a drafted row as texts."""
    return {name: str(cell) for name, cell in line.cells.items() if cell is not None}

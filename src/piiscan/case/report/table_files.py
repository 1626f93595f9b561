"""Table files: CSV for people (headings and words, BOM for Excel), JSON for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from piiscan.case.store.shards import write_bytes
from piiscan.pages.report_table import ReportTable, Row, Rows
from piiscan.wording.words import Words

#: A cell that starts with one of these could run as a formula when the CSV is opened.
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def write_tables(
    declared: Iterable[ReportTable], tables: Rows, folder: Path, words: Words, *, temporary: Path
) -> dict[str, str]:
    """Write every table with rows to ``folder`` as CSV and JSON; return file name -> SHA-256.

    ``declared``: the declarations of ``tables``, in any order.
    """
    declarations = {table.name: table for table in declared}
    written = {}
    for name, rows in tables.items():
        if not rows:
            continue
        for suffix, content in (
            ("csv", table_csv(declarations[name], rows, words)),
            ("json", table_json(declarations[name], rows)),
        ):
            path = folder / f"{name}.{suffix}"
            written[path.name] = write_bytes(path, content, temporary=temporary)
    return written


def table_json(table: ReportTable, rows: Sequence[Row]) -> bytes:
    """Return the table as JSON in UTF-8: ``{"table": name, "rows": [...]}``, with codes."""
    name = json.dumps(table.name)
    nested: dict[int, str] = {}
    listed = ",\n".join(_json_row(row, nested) for row in rows)
    return f'{{\n "table": {name},\n "rows": [{_block(listed, 1)}]\n}}\n'.encode()


#: Encoder of a row of plain cells, as ``json.dumps`` indents it at this depth, without brackets.
_encode_row: Final = json.JSONEncoder(ensure_ascii=False, separators=(",\n   ", ": ")).encode


def _json_row(row: Row, nested: dict[int, str]) -> str:
    """Return a row as ``json.dumps`` indents it at this depth, in a tenth of the time.

    ``nested``: identity of a list or dict -> its text, for those that several rows have.
    """
    plain = _encode_row(row)
    if '": [' not in plain and '": {' not in plain:  # no list; a text may look like one
        return "  {" + _block(f"   {plain[1:-1]}" if row else "", 2) + "}"
    cells = []
    for name, value in row.items():
        if not value or not isinstance(value, (list, tuple, dict)):
            text = _encode_row(value)
        elif (text := nested.get(id(value), "")) == "":
            text = json.dumps(value, ensure_ascii=False, indent=1).replace("\n", "\n   ")
            nested[id(value)] = text
        cells.append(f'   "{name}": {text}')
    return "  {" + _block(",\n".join(cells), 2) + "}"


def _block(lines: str, depth: int) -> str:
    """Return lines between brackets: on lines of their own, nothing if they are empty."""
    return f"\n{lines}\n{' ' * depth}" if lines else ""


def table_csv(table: ReportTable, rows: Sequence[Row], words: Words) -> bytes:
    """Return the table as CSV in UTF-8 with BOM and CRLF, in the language of ``words``."""
    columns = table.columns_in("files")
    cells = (column.texts(rows, words) for column in columns)
    return csv_bytes([column.heading(words) for column in columns], zip(*cells, strict=True))


def csv_bytes(headings: Sequence[str], rows: Iterable[Sequence[str | int]]) -> bytes:
    """Return headings and rows as CSV in UTF-8 with BOM and CRLF; formulas are escaped."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(headings)
    writer.writerows(
        [
            escape_formula(cell) if cell.__class__ is str and cell[:1] in _FORMULA_STARTS else cell
            for cell in row
        ]
        for row in rows
    )
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "replace")


def escape_formula(value: str | int) -> str | int:
    """Return a text that a spreadsheet shows unchanged and never runs as a formula.

    >>> escape_formula("=1+1"), escape_formula("张*"), escape_formula(3)
    ("'=1+1", '张*', 3)
    """
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return "'" + value
    return value

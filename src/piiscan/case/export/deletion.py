"""Deletion list (责令删除): every file, sheet or archive member with personal information.

Suspect, device and item come from the register. The checksums identify the deleted file.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from piiscan.case.count.reopen import attribution_by_register
from piiscan.case.register import KIND as REGISTER
from piiscan.case.report.table_files import csv_bytes
from piiscan.case.store.attachments import latest_attachment
from piiscan.case.store.audit_log import now, open_log
from piiscan.case.store.case import Case
from piiscan.wording.words import Words

Row = dict[str, Any]

#: Columns of the list, in order.
COLUMNS: Final = (
    *("number", "suspect", "device", "item", "path", "member", "kinds", "hits", "distinct"),
    *("records", "size", "sha256", "sm3", "member_sha256"),
)
#: Columns with long texts.
_WIDE: Final = ("path", "member", "kinds", "sha256", "sm3", "member_sha256", "found_at", "folder")
#: Values that are already masked need no deletion.
_FINDINGS_QUERY: Final = """
select source, member, entity, count(*) as hits, count(distinct digest) as distinct_values
from findings where entity <> 'MASKED' group by all order by all
"""
_RECORDS_QUERY: Final = "select source, member, count(*) as n from records group by all"


def deletion_list(case: Case) -> list[Row]:
    """Return one row per file, sheet or archive member with findings; log ``delete_list``.

    Names are masked.

    ``kinds``: entity -> number of findings. ``distinct``: distinct values, counted per entity.
    """
    rows = [{**row, "number": at} for at, (_, row) in enumerate(deletion_rows(case), 1)]
    with open_log(case.path, case.key) as log:
        log.append(
            "delete_list",
            moment=now(),
            generation=case.manifest.generation,
            places=len(rows),
            hits=sum(row["hits"] for row in rows),
        )
    return rows


def deletion_rows(case: Case) -> list[tuple[tuple[int, str], Row]]:
    """Return (source, member) and row of each part with findings, in order, without ``number``."""
    return sorted(_build_rows(case), key=lambda r: [str(r[1][name] or "") for name in COLUMNS[1:6]])


def _build_rows(case: Case) -> Iterator[tuple[tuple[int, str], Row]]:
    """Yield (source, member) and row of each part with findings."""
    register = latest_attachment(case.path, REGISTER)
    placed = {
        (p["source"], p["member"]): p for p in attribution_by_register(case, register).to_pylist()
    }
    of_part = {(p["source"], p["member"]): p for p in case.stored("parts").to_pylist()}
    sources = {each["source"]: each for each in case.stored("sources").to_pylist()}
    records = {(r["source"], r["member"]): r["n"] for r in case.sql(_RECORDS_QUERY).to_pylist()}
    shown = case.shown()
    found: dict[tuple[int, str], list[Mapping[str, Any]]] = {}
    for each in case.sql(_FINDINGS_QUERY).to_pylist():
        found.setdefault((each["source"], each["member"]), []).append(each)
    for place, kinds in found.items():
        source, ownership = sources[place[0]], placed.get(place, {})
        yield (
            place,
            {
                **{name: ownership.get(name) for name in ("suspect", "device", "item")},
                "path": shown.get(source["path"], source["path"]),
                "member": shown.get(place[1], place[1]),
                "kinds": {each["entity"]: each["hits"] for each in kinds},
                "hits": sum(each["hits"] for each in kinds),
                "distinct": sum(each["distinct_values"] for each in kinds),
                "records": records.get(place, 0),
                "size": source["size"],
                "sha256": source["sha256"],
                "sm3": source["sm3"],
                "member_sha256": of_part[place]["sha256"] if place in of_part else None,
            },
        )


def deletion_headings(columns: Sequence[str], words: Words) -> list[str]:
    """Return the column headings of the deletion list in the language of ``words``."""
    return [words(f"deletion.{column}") for column in columns]


def deletion_cells(row: Row, columns: Sequence[str], words: Words) -> list[str | int]:
    """Return the cells of one row of the deletion list, in the order of ``columns``."""
    return [_cell_text(row[column], column, words) for column in columns]


def _cell_text(value: Any, column: str, words: Words) -> str | int:
    """Return a cell as text or a number: ``{"PERSON": 3}`` -> ``姓名 3``; empty for None."""
    if isinstance(value, dict):
        return "；".join(f"{words.name('entities', kind)} {count}" for kind, count in value.items())
    if isinstance(value, list):
        return words("asked.comma").join(value)
    if column == "reason" and value is not None:
        return words.name("reasons", value)
    if column in ("result", "ground"):
        return words(f"deletion_{column}.{value}")
    return "" if value is None else value if isinstance(value, int) else str(value)


def deletion_file(
    rows: Sequence[Row], columns: Sequence[str], form: str, words: Words, table: str = "delete_list"
) -> bytes:
    """Return a list as a file: ``xlsx``, ``csv`` (UTF-8 with BOM) or ``json`` with all columns.

    ``table``: its name. Formulas are escaped; text is never a formula or a link.
    """
    if form == "json":
        content = {"table": table, "rows": rows}
        return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()
    cells = (deletion_cells(row, columns, words) for row in rows)
    if form == "csv":
        return csv_bytes(deletion_headings(columns, words), cells)
    return _workbook(cells, columns, words, table)


def _workbook(
    cells: Iterable[list[str | int]], columns: Sequence[str], words: Words, table: str
) -> bytes:
    """Return the list as an XLSX workbook."""
    import xlsxwriter

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, {**options, "strings_to_numbers": False}) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet(words(f"deletion.{table}"))
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        sheet.write_row(0, 0, deletion_headings(columns, words), bold)
        for number, column in enumerate(columns):
            sheet.set_column(number, number, 36 if column in _WIDE else 12)
        for at, row in enumerate(cells, 1):
            for number, cell in enumerate(row):
                write = sheet.write_number if isinstance(cell, int) else sheet.write_string
                write(at, number, cell, wrapped)
    return out.getvalue()

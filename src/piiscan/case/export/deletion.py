"""Deletion list (责令删除): every file, sheet or archive member with personal information.

Suspect, device and item come from the register. The checksums identify the deleted file.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
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
    rows = sorted(_build_rows(case), key=lambda r: [str(r[name] or "") for name in COLUMNS[1:6]])
    for number, row in enumerate(rows, 1):
        row["number"] = number
    with open_log(case.path, case.key) as log:
        log.append(
            "delete_list",
            moment=now(),
            generation=case.manifest.generation,
            places=len(rows),
            hits=sum(row["hits"] for row in rows),
        )
    return rows


def _build_rows(case: Case) -> Iterator[Row]:
    """Yield a row of the deletion list for each part with findings, without ``number``."""
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
        yield {
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
        }


def deletion_json(rows: list[Row]) -> bytes:
    """Return the deletion list as JSON for programs."""
    content = {"table": "delete_list", "rows": rows}
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def deletion_headings(columns: Sequence[str], words: Words) -> list[str]:
    """Return the column headings of the deletion list in the language of ``words``."""
    return [words(f"deletion.{column}") for column in columns]


def deletion_cells(row: Row, columns: Sequence[str], words: Words) -> list[str | int]:
    """Return the cells of one row of the deletion list, in the order of ``columns``."""
    return [_cell_text(row[column], words) for column in columns]


def _cell_text(value: Any, words: Words) -> str | int:
    """Return a cell as text or a number: ``{"PERSON": 3}`` -> ``姓名 3``; empty for None."""
    if isinstance(value, dict):
        return "；".join(f"{words.name('entities', kind)} {count}" for kind, count in value.items())
    return "" if value is None else value if isinstance(value, int) else str(value)


def deletion_csv(rows: Sequence[Row], columns: Sequence[str], words: Words) -> bytes:
    """Return the deletion list as CSV in UTF-8 with BOM; formulas are escaped."""
    cells = (deletion_cells(row, columns, words) for row in rows)
    return csv_bytes(deletion_headings(columns, words), cells)


def deletion_xlsx(rows: Sequence[Row], columns: Sequence[str], words: Words) -> bytes:
    """Return the deletion list as an XLSX workbook; text is never a formula or a link."""
    import xlsxwriter

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, {**options, "strings_to_numbers": False}) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet(words("deletion.sheet"))
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        sheet.write_row(0, 0, deletion_headings(columns, words), bold)
        wide = {"path", "member", "kinds", "sha256", "sm3", "member_sha256"}
        for number, column in enumerate(columns):
            sheet.set_column(number, number, 36 if column in wide else 12)
        for at, row in enumerate(rows, 1):
            for number, cell in enumerate(deletion_cells(row, columns, words)):
                write = sheet.write_number if isinstance(cell, int) else sheet.write_string
                write(at, number, cell, wrapped)
    return out.getvalue()
